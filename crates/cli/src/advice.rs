//! Hints for errors of a request.

use bedrock_stream_core::answer;
use bedrock_stream_reqwest::{Error, ErrorDetail, ServiceError};

/// A hint for an error; none if the error is clear enough or nothing can be done. `by_proxy`: whether the request goes
/// through a proxy set in the environment.
pub(crate) fn advice(error: &Error, by_proxy: bool) -> Option<&'static str> {
    match error.detail() {
        ErrorDetail::Connection { .. } => Some(of_connection(&error.with_causes().to_lowercase(), by_proxy)),
        ErrorDetail::Body { .. } => Some(
            "try again: the connection broke; if it always breaks at the same place, look for a proxy on the way",
        ),
        ErrorDetail::Timeout { .. } => Some(
            "try again, wait longer with --timeout or --idle-timeout, or request a shorter answer with --max-tokens",
        ),
        ErrorDetail::Stream(error) => of_stream(error),
        ErrorDetail::UnexpectedBody(_) => Some(NOT_BEDROCK),
        ErrorDetail::Refusal(refusal) => of_refusal(refusal),
        ErrorDetail::Client(_) => {
            Some("check SSL_CERT_FILE, SSL_CERT_DIR and the proxy variables, if they are set")
        }
        _ => None,
    }
}

/// A hint for a failed connection, from its message in lower case: clients and systems share no error codes.
fn of_connection(text: &str, by_proxy: bool) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["certificate", "unknownissuer"]) {
        "the server's certificate is not trusted: behind a proxy with its own authority, set SSL_CERT_FILE to the authority's certificate"
    } else if by_proxy || says(&["tunnel", "proxy"]) {
        "the request goes through a proxy: check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, and that the proxy runs and allows \
         this host; or add the host to NO_PROXY"
    } else if says(&["connection refused"]) {
        "nothing listens there: check --endpoint-url and AWS_ENDPOINT_URL, or start the server, such as `bedrock-stream serve`"
    } else if says(&["dns", "lookup", "resolve", "name or service"]) {
        "the host name cannot be resolved: check the spelling of --region or --endpoint-url, and the network; --demo needs neither"
    } else {
        "check the network, and the proxy variables (HTTPS_PROXY, NO_PROXY); --demo needs no network"
    }
}

/// A hint for an error inside the stream, when a part of the answer may have arrived.
fn of_stream(error: &answer::Error) -> Option<&'static str> {
    match error {
        answer::Error::Exception(exception) => match exception.name.as_str() {
            "throttlingException" => Some(THROTTLED),
            "validationException" => Some(INVALID),
            "modelTimeoutException" => {
                Some("the model took too long: try again, or request a shorter answer with --max-tokens")
            }
            _ => exception.is_retryable().then_some(IN_TROUBLE),
        },
        answer::Error::UnmodeledError(message) => message.is_retryable().then_some(IN_TROUBLE),
        answer::Error::Frame(error) if error.looks_like().is_some() => Some(NOT_BEDROCK),
        answer::Error::Frame(_) => Some(
            "try again; if it happens again, record the bytes with --record FILE, see `bedrock-stream inspect FILE`, and look for \
             a proxy on the way",
        ),
        answer::Error::Incomplete(_) => Some(
            "try again: the stream ended too early, and the missing part cannot be requested; if it happens again, look for a \
             proxy on the way that ends long answers",
        ),
        answer::Error::Skipped(_) => None,
        _ => None,
    }
}

fn of_refusal(refusal: &ServiceError) -> Option<&'static str> {
    let message = refusal.message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let code = refusal.code.as_deref().unwrap_or_default();
    Some(match code {
        "ExpiredTokenException" | "ExpiredToken" => EXPIRED,
        _ if says(&["api key"]) || (code == "AccessDeniedException" && says(&["authentication failed"])) => {
            API_KEY
        }
        _ if says(&["expired"]) => EXPIRED,
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "InvalidClientTokenId"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException" => {
            "check the keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together, temporary ones need AWS_SESSION_TOKEN \
             too, and the machine's clock must be right; a Bedrock API key belongs in AWS_BEARER_TOKEN_BEDROCK"
        }
        "AccessDeniedException" => {
            "request access to the model in the Bedrock console of this region (Model access), and check that the caller's \
             policies allow bedrock:InvokeModelWithResponseStream on it"
        }
        "ResourceNotFoundException" => UNKNOWN_MODEL,
        "ValidationException" if says(&["on-demand throughput"]) => {
            "this model can only be used through an inference profile: put its geography before the id, as in --model us.ID, \
             or give the ARN of the profile"
        }
        "ValidationException" if says(&["model identifier", "model id", "modelid"]) => UNKNOWN_MODEL,
        "ValidationException" => INVALID,
        "ThrottlingException" | "ServiceQuotaExceededException" => THROTTLED,
        "ModelNotReadyException" => "the model is being loaded: try again in a minute",
        _ if code.is_empty() && !refusal.is_retryable() => NOT_BEDROCK,
        _ if refusal.is_retryable() => IN_TROUBLE,
        _ => return None,
    })
}

const EXPIRED: &str = "get new temporary credentials, for example with `aws sso login` or `aws sts assume-role`, and set all three variables again";
const API_KEY: &str = "check AWS_BEARER_TOKEN_BEDROCK: the Bedrock API key in it is wrong, has expired, or is for another region";
const INVALID: &str = "the request is invalid, see the message; models differ in the fields that they accept";
const THROTTLED: &str = "wait and try again, or request a higher quota for this model (Service Quotas); an inference profile spreads the load";
const IN_TROUBLE: &str = "wait and try again: the service is having problems";
const UNKNOWN_MODEL: &str = "check --model and --region: `aws bedrock list-foundation-models --region REGION` lists the ids, and \
     `list-inference-profiles` the profiles, such as us.ID, which newer models require";
const NOT_BEDROCK: &str = "the server does not seem to be Bedrock: check --endpoint-url and AWS_ENDPOINT_URL, and look for a proxy or a login page on the way";

#[cfg(test)]
mod tests {
    use bedrock_stream_testkit::{RefusalKind, answer};
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn refusal(status: u16, code: &str, message: &str) -> ServiceError {
        let mut headers = HeaderMap::new();
        if !code.is_empty() {
            headers.insert("x-amzn-errortype", code.parse().expect("it is a value"));
        }
        let body = format!(r#"{{"message":"{message}"}}"#);
        let status = StatusCode::from_u16(status).expect("it is a status");
        ServiceError::parse(status, &headers, body.into(), std::time::SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn each_refusal_has_a_hint() {
        for (status, code, message, step) in [
            (403, "AccessDeniedException", "You don't have access to the model.", "Model access"),
            (403, "AccessDeniedException", "The security token has expired", "new temporary"),
            (
                403,
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
                "AWS_BEARER_TOKEN_BEDROCK",
            ),
            (403, "AccessDeniedException", "The API key has expired.", "AWS_BEARER_TOKEN_BEDROCK"),
            (403, "UnrecognizedClientException", "x", "AWS_BEARER_TOKEN_BEDROCK"),
            (403, "UnrecognizedClientException", "The security token is invalid.", "check the keys"),
            (403, "InvalidSignatureException", "The request signature we calculated ..", "check the keys"),
            (403, "ExpiredTokenException", "x", "new temporary"),
            (400, "ValidationException", "The provided model identifier is invalid.", "check --model"),
            (400, "ValidationException", "Invocation with on-demand throughput isn't supported.", "us.ID"),
            (400, "ValidationException", "maxTokens must be ..", "the request is invalid"),
            (404, "ResourceNotFoundException", "x", "check --model"),
            (429, "ThrottlingException", "Too many requests", "wait"),
            (404, "", "nginx", "not seem to be Bedrock"),
            (502, "", "Bad gateway", "wait"),
        ] {
            let advice = of_refusal(&refusal(status, code, message)).unwrap_or_default();
            assert!(advice.contains(step), "{code} {message}: {advice}");
        }
        // Every refusal that the fake can return, except those that cannot be foreseen.
        for kind in RefusalKind::ALL {
            let known = of_refusal(&refusal(kind.status().as_u16(), kind.name(), "")).is_some();
            assert!(
                known || !matches!(kind.status().as_u16(), 403 | 404 | 429 | 500 | 503),
                "{}",
                kind.name()
            );
        }
    }

    #[test]
    fn each_failed_connection_has_a_hint() {
        for (text, step) in [
            ("tcp connect error: connection refused (os error 111)", "nothing listens"),
            (
                "tunnel error: failed to create underlying connection: connection refused (os error 111)",
                "proxy runs",
            ),
            ("proxy authentication required", "proxy runs"),
            ("dns error: failed to lookup address information", "--region"),
            ("invalid peer certificate: unknownissuer", "SSL_CERT_FILE"),
            ("connection reset by peer", "network"),
        ] {
            assert!(of_connection(text, false).contains(step), "{text}");
        }
        assert!(of_connection("connection refused", true).contains("proxy runs"));
    }

    #[test]
    fn each_broken_stream_has_a_hint() {
        for (bytes, step) in [
            (answer().text("x").exception("throttlingException", "Slow.").to_bytes(), "quota"),
            (answer().text("x").exception("internalServerException", "Oh.").to_bytes(), "having problems"),
            (answer().text("x").exception("validationException", "No.").to_bytes(), "is invalid"),
            (Ok(b"<html><body>".to_vec()), "--endpoint-url"),
            (Ok(vec![7; 12]), "--record"),
            (Ok(Vec::new()), "ended too early"),
        ] {
            let mut decoder = bedrock_stream_core::converse::ChunkDecoder::new();
            decoder.push(&bytes.expect("an answer can be encoded"));
            let error = loop {
                match decoder.next_chunk() {
                    Ok(Some(_)) => {}
                    Ok(None) => break decoder.finish().expect_err("the answer is not complete"),
                    Err(error) => break error,
                }
            };
            assert!(of_stream(&error).is_some_and(|advice| advice.contains(step)), "{error}");
        }
    }
}
