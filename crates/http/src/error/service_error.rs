use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{DATE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::error::error_body::ErrorBody;
use crate::error::mask::mask;
use crate::error::printable::Printable;
use crate::error::request_id::request_id;

/// A refusal: the service, or a proxy before it, answered with a status other than 200.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use bedrock_stream_http::ServiceError;
/// use http::{HeaderMap, StatusCode};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/".parse()?);
/// headers.insert("retry-after", "3".parse()?);
/// let body = r#"{"message":"Too many tokens, please wait."}"#.into();
/// let refusal = ServiceError::parse(StatusCode::TOO_MANY_REQUESTS, &headers, body, SystemTime::now());
/// assert_eq!(refusal.code.as_deref(), Some("ThrottlingException"));
/// assert_eq!(refusal.message, "Too many tokens, please wait.");
/// assert_eq!(refusal.retry_after, Some(Duration::from_secs(3)));
/// assert!(refusal.is_retryable());
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The error code, such as `ValidationException`, `model_not_found` or `overloaded_error`. Absent if a proxy answered, for example.
    pub code: Option<String>,
    /// The service's message, else the start of a text body, else empty.
    pub message: String,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// How long to wait before another attempt, from `Retry-After`: its seconds, or its date minus the response's `Date`, or
    /// minus the local time if there is none.
    pub retry_after: Option<Duration>,
    /// The target of a redirect. Redirects are not followed, since a signature is valid for one host.
    pub location: Option<String>,
    /// The first 64 KiB of the body.
    pub body: Bytes,
}

impl ServiceError {
    /// Parses a refusal from a response's head and the start of its body.
    ///
    /// The code is `x-amzn-ErrorType`, else the body's `code` or `__type`, up to the first `:` and after the last `#`; the
    /// message is the body's `message`, `Message` or `errorMessage`. OpenAI's and Anthropic's bodies have both in `error`: its
    /// `code`, else its `type`. `now` is when the response arrived.
    ///
    /// Source: the Smithy specification, "AWS restJson1 protocol", operation error serialization; OpenAI's and Anthropic's API
    /// references.
    #[must_use]
    pub fn parse(status: StatusCode, headers: &HeaderMap, body: Bytes, now: SystemTime) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let told = ErrorBody::parse(&body);
        let code = header(ERROR_TYPE).or(told.code.as_deref()).map(bare_code);
        let message = told.message.unwrap_or_else(|| excerpt(&body));
        Self {
            status,
            code: code.filter(|code| !code.is_empty()).map(str::to_owned),
            message,
            request_id: request_id(headers).map(str::to_owned).or(told.request_id),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|after| retry_after(after.trim(), header(DATE.as_str()), now)),
            location: header(LOCATION.as_str()).filter(|_| status.is_redirection()).map(str::to_owned),
            body,
        }
    }

    /// Whether the same request may succeed later: throttling, and server errors, Anthropic's `overloaded_error` (529) included.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 500 | 502 | 503 | 504 | 529)
            // Some Bedrock services send these with status 424.
            || matches!(self.code.as_deref(), Some("ModelNotReadyException" | "ThrottlingException"))
    }

    /// Replaces `secret` by `***` wherever the refusal echoes it. AWS answers a wrong signature with the string to sign, session
    /// token included.
    #[must_use]
    pub fn redacted(mut self, secret: &str) -> Self {
        let texts = [&mut self.code, &mut self.location, &mut self.request_id].into_iter().flatten();
        for text in texts.chain([&mut self.message]) {
            *text = mask(text, &[secret]).into_owned();
        }
        if let Cow::Owned(masked) = mask(&String::from_utf8_lossy(&self.body), &[secret]) {
            self.body = masked.into();
        }
        self
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({})", code.escape_debug(), self.status.as_u16())?,
            None => write!(f, "HTTP {}", self.status)?,
        }
        if let Some(location) = &self.location {
            write!(f, ": redirects are not followed; this one points to {}", location.escape_debug())?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", Printable(self.message.trim_end()))?;
        }
        // It may be why the client did not wait.
        if let Some(after) = self.retry_after.filter(|after| !after.is_zero()) {
            write!(f, " (the service asks to wait {after:?})")?;
        }
        match &self.request_id {
            Some(id) => write!(f, " [request id {}]", id.escape_debug()),
            None => Ok(()),
        }
    }
}

impl core::error::Error for ServiceError {}

/// Uses the server's clock if the response has a `Date`, so that clock skew does not matter.
fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(value).ok()?;
    let now = match date {
        Some(date) => httpdate::parse_http_date(date.trim()).ok()?,
        None => now,
    };
    Some(then.duration_since(now).unwrap_or_default())
}

/// `a.b#Code:http://..` is `Code`.
fn bare_code(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code).trim()
}

/// The start of a body, if it is text, on one line.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let start = &body[..body.len().min(MAX_EXCERPT_LEN)];
    let text = match core::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) => match core::str::from_utf8(&start[..error.valid_up_to()]) {
            // The excerpt may end inside a character.
            Ok(text) if error.error_len().is_none() => text,
            _ => return String::new(),
        },
    };
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let words: Vec<String> =
        text.split_whitespace().map(|word| word.chars().map(printable).collect()).collect();
    words.join(" ")
}

const ERROR_TYPE: &str = "x-amzn-errortype";
/// How much of a body without an error message goes into the error's text, in bytes.
const MAX_EXCERPT_LEN: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 22 Nov 2026 23:59:00 GMT.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_391_940)
    }

    fn refusal(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> ServiceError {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        ServiceError::parse(StatusCode::from_u16(status).unwrap(), &headers, Bytes::from(body), now())
    }

    #[test]
    fn the_code_is_in_a_header_or_the_body() {
        let with_uri = refusal(
            400,
            &[("x-amzn-ErrorType", "ValidationException:http://internal.amazon.com/coral/x#y/")],
            r#"{"message":"No.","__type":"other"}"#,
        );
        assert_eq!(with_uri.code.as_deref(), Some("ValidationException"));
        assert_eq!(with_uri.message, "No.");
        let namespaced =
            refusal(400, &[], r#"{"__type":"aws.protocoltests#FooError:http://x/","Message":"M"}"#);
        assert_eq!((namespaced.code.as_deref(), &*namespaced.message), (Some("FooError"), "M"));
        let code = refusal(400, &[("x-amzn-ErrorType", "")], r#"{"code":"X","errorMessage":"E"}"#);
        assert_eq!((code.code, &*code.message), (None, "E"));
    }

    #[test]
    fn the_start_of_any_other_body_is_quoted() {
        let html = refusal(502, &[("content-type", "text/html")], "<html>\r\n <h1>Bad\u{7} gateway</h1>");
        assert_eq!(html.message, "<html> <h1>Bad  gateway</h1>");
        assert_eq!(html.to_string(), "HTTP 502 Bad Gateway: <html> <h1>Bad  gateway</h1>");
        assert!(html.is_retryable());
        let empty = refusal(403, &[("x-amzn-requestid", "r-1")], "");
        assert_eq!(empty.to_string(), "HTTP 403 Forbidden [request id r-1]");
        assert!(!empty.is_retryable());
        let binary =
            ServiceError::parse(StatusCode::BAD_REQUEST, &HeaderMap::new(), vec![0xff; 9].into(), now());
        assert_eq!(binary.message, "");
        let cut = "é".repeat(MAX_EXCERPT_LEN);
        let odd =
            ServiceError::parse(StatusCode::BAD_REQUEST, &HeaderMap::new(), format!("x{cut}").into(), now());
        assert_eq!(odd.message.len(), MAX_EXCERPT_LEN - 1);
    }

    #[test]
    fn retry_after_and_location_are_kept() {
        let later = refusal(429, &[("retry-after", " 7 ")], "{}");
        assert_eq!(later.retry_after, Some(Duration::from_secs(7)));
        assert!(later.to_string().ends_with("(the service asks to wait 7s)"), "{later}");
        assert!(later.is_retryable());
        let date = |after, date| refusal(503, &[("retry-after", after), ("date", date)], "").retry_after;
        let now = "Sun, 22 Nov 2026 23:59:30 GMT";
        assert_eq!(date("Mon, 23 Nov 2026 00:01:00 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(date("Monday, 23-Nov-26 00:01:00 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(date("Sun, 22 Nov 2026 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(date("Mon, 23 Nov 2026 00:01:00 GMT", "yesterday"), None);
        assert_eq!(date("-1", now), None);
        let no_date = refusal(503, &[("retry-after", "Mon, 23 Nov 2026 00:01:00 GMT")], "");
        assert_eq!(no_date.retry_after, Some(Duration::from_secs(120)), "by the local clock");
        let past = refusal(503, &[("retry-after", "Sun, 22 Nov 2026 00:01:00 GMT")], "");
        assert_eq!(past.retry_after, Some(Duration::ZERO));
        assert!(refusal(424, &[("x-amzn-errortype", "ModelNotReadyException")], "{}").is_retryable());
        let redirect = refusal(307, &[("location", "https://elsewhere/")], "");
        assert_eq!(
            redirect.to_string(),
            "HTTP 307 Temporary Redirect: redirects are not followed; this one points to https://elsewhere/"
        );
    }

    #[test]
    fn an_echoed_secret_is_masked() {
        let body = r#"{"message":"should have been 'x-amz-security-token:AB/C='","raw":"AB\/C="}"#;
        let error =
            refusal(403, &[("x-amzn-errortype", "InvalidSignatureException")], body).redacted("AB/C=");
        assert_eq!(error.message, "should have been 'x-amz-security-token:***'");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("AB/C=") && !shown.contains("AB\\\\/C="), "{shown}");
    }

    #[test]
    fn a_long_secret_is_masked_where_it_is_cut_or_escaped() {
        let secret: String = (0..200).map(|number| format!("k{number:03}/")).collect::<String>() + "==";
        let shown = |body: String| {
            let error = ServiceError::parse(StatusCode::FORBIDDEN, &HeaderMap::new(), body.into(), now())
                .redacted(&secret);
            format!("{error} {error:?} {}", String::from_utf8_lossy(&error.body))
        };
        for body in [
            format!("<html>you sent Bearer {secret}</html>"),
            format!("{} {secret}", "x".repeat(350)),
            format!("{{\"message\":\"you sent {}\"}}", secret.replace('=', "\\u003d").replace('/', "\\/")),
            format!("{{\"a\":[{{\"{}\":1}}]}}", secret.replace('k', "\\u006b")),
            format!("{}{{\"m\":\"{}", "x".repeat(390), secret.replace('=', "\\u003d")),
        ] {
            let text = shown(body);
            assert!(!text.contains("k004") && !text.contains("k150") && text.contains("***"), "{text}");
        }
    }
}
