use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use bedrock_stream_testkit::{Credentials, FakeBedrock};
use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::net::TcpStream;

use crate::support::{MODEL_PATH, QUESTION, Reply, Signer, call, collect, request, text};

const ARN_PATH: &str = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.\
                        claude-sonnet-4-5-20250929-v1%3A0/converse-stream";

async fn locked() -> FakeBedrock {
    let signer = Signer::default();
    FakeBedrock::builder()
        .credentials(Credentials::new("AKIDOTHER", "other"))
        .credentials(Credentials::new(signer.id, signer.secret))
        .region("us-east-1")
        .start()
        .await
        .expect("a port is free")
}

async fn signed(bedrock: &FakeBedrock, signer: Signer<'_>, path: &str) -> Reply {
    let request = signer.sign(request(bedrock, path, QUESTION), QUESTION.as_bytes());
    call(bedrock, request).await
}

#[tokio::test]
async fn a_right_signature_passes() {
    let bedrock = locked().await;
    for path in
        [MODEL_PATH, ARN_PATH, "/model/raw.colon-v1:0/converse-stream", "/model/m/converse-stream?b=2&a=%2F"]
    {
        let reply = signed(&bedrock, Signer::default(), path).await;
        assert!(text(&reply.events()).contains("Why is the sky blue?"), "{path}");
    }
    let ids: Vec<_> =
        bedrock.requests().into_iter().map(|request| request.model_id.expect("there is one")).collect();
    assert_eq!(ids[0], "anthropic.claude-3-5-sonnet-20240620-v1:0");
    assert!(ids[1].ends_with("inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"), "{}", ids[1]);
}

#[tokio::test]
async fn a_right_signature_passes_over_http2() {
    let bedrock = locked().await;
    let uri = format!("{}{ARN_PATH}", bedrock.url());
    let request = Request::post(&uri).body(Full::from(QUESTION)).expect("the request is valid");
    let request = Signer::default().sign(request, QUESTION.as_bytes());
    let reply = call_over_http2(&bedrock, request).await;
    assert!(text(&reply.events()).contains("Why is the sky blue?"));
    assert!(bedrock.requests()[0].headers.get("host").is_none(), "the host came as the authority");
}

async fn call_over_http2(bedrock: &FakeBedrock, request: Request<Full<Bytes>>) -> Reply {
    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("it is fresh");
    tokio::spawn(connection);
    collect(sender.send_request(request).await.expect("the fake answers")).await
}

/// A request as the AWS SDK for JavaScript signs it over HTTP/2: with `:authority` where others have `host`.
fn signed_by_authority(bedrock: &FakeBedrock, signed_authority: &str) -> Request<Full<Bytes>> {
    let hex = |bytes: &[u8]| {
        Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes it");
            text
        })
    };
    let (signer, now) = (Signer::default(), SystemTime::now());
    let time = OffsetDateTime::from(now);
    let day = format!("{:04}{:02}{:02}", time.year(), u8::from(time.month()), time.day());
    let date = format!("{day}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second());
    let canonical = format!(
        "POST\n/model/a.b%253A0/converse-stream\n\n:authority:{signed_authority}\ncontent-type:application/json\n\
         x-amz-date:{date}\n\n:authority;content-type;x-amz-date\n{}",
        hex(QUESTION.as_bytes())
    );
    let scope = format!("{day}/us-east-1/bedrock/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(canonical.as_bytes()));
    let key = generate_signing_key(signer.secret, now, "us-east-1", "bedrock");
    let signature = calculate_signature(key, text.as_bytes());
    Request::post(format!("http://{}/model/a.b%3A0/converse-stream", bedrock.addr()))
        .header("content-type", "application/json")
        .header("x-amz-date", date)
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=:authority;content-type;x-amz-date, \
                 Signature={signature}",
                signer.id
            ),
        )
        .body(Full::from(QUESTION))
        .expect("the request is valid")
}

#[tokio::test]
async fn a_signature_over_the_authority_passes_over_http2() {
    let bedrock = locked().await;
    let authority = bedrock.addr().to_string();
    let reply = call_over_http2(&bedrock, signed_by_authority(&bedrock, &authority)).await;
    assert!(text(&reply.events()).contains("Why is the sky blue?"));
    let reply = call_over_http2(&bedrock, signed_by_authority(&bedrock, "elsewhere:443")).await;
    assert_eq!(reply.code(), (403, "InvalidSignatureException".to_owned()));

    // HTTP/1.1 has no authority beside the host.
    let mut request = signed_by_authority(&bedrock, &authority);
    request.headers_mut().insert("host", HeaderValue::from_str(&authority).expect("it is text"));
    assert_eq!(call(&bedrock, request).await.code(), (403, "InvalidSignatureException".to_owned()));
}

#[tokio::test]
async fn headers_of_the_callers_choice_may_be_signed() {
    let bedrock = locked().await;
    let mut request = request(&bedrock, MODEL_PATH, QUESTION);
    for value in ["  one  two ", "three"] {
        request.headers_mut().append("x-amzn-bedrock-test", HeaderValue::from_static(value));
    }
    request.headers_mut().append("amz-sdk-request", HeaderValue::from_static("attempt=1"));
    let request = Signer::default().sign(request, QUESTION.as_bytes());
    assert_eq!(call(&bedrock, request).await.status, 200);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let bedrock = locked().await;
    let reply = signed(&bedrock, Signer { secret: "wrong", ..Signer::default() }, MODEL_PATH).await;
    let (status, code, message) = reply.refusal();
    assert_eq!((status, code.as_str()), (403, "InvalidSignatureException"));
    assert!(message.starts_with("The request signature we calculated does not match"), "{message}");

    let reply = signed(&bedrock, Signer { id: "AKIDUNKNOWN", ..Signer::default() }, MODEL_PATH).await;
    let (status, code, message) = reply.refusal();
    assert_eq!((status, code.as_str()), (403, "UnrecognizedClientException"));
    assert_eq!(message, "The security token included in the request is invalid.");

    // The secret of another key is wrong, too.
    let reply = signed(&bedrock, Signer { id: "AKIDOTHER", ..Signer::default() }, MODEL_PATH).await;
    assert_eq!(reply.code(), (403, "InvalidSignatureException".to_owned()));
}

#[tokio::test]
async fn whatever_was_changed_after_signing_is_refused() {
    let bedrock = locked().await;
    let sign = || Signer::default().sign(request(&bedrock, MODEL_PATH, QUESTION), QUESTION.as_bytes());
    assert_eq!(call(&bedrock, sign()).await.status, 200, "unchanged, it passes");

    let mut body = sign();
    *body.body_mut() = Full::from(QUESTION.replace("blue", "grey"));
    let mut path = sign();
    *path.uri_mut() = "/model/another/converse-stream".parse().expect("the path is valid");
    let mut query = sign();
    *query.uri_mut() = format!("{MODEL_PATH}?a=b").parse().expect("the path is valid");
    let mut header = sign();
    header.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    let mut repeated = sign();
    repeated.headers_mut().append("content-type", HeaderValue::from_static("application/json"));
    let mut removed = sign();
    removed.headers_mut().remove("content-type");
    for request in [body, path, query, header, repeated, removed] {
        let what = format!("{request:?}");
        assert_eq!(
            call(&bedrock, request).await.code(),
            (403, "InvalidSignatureException".to_owned()),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_wrong_clock_is_refused() {
    let bedrock = locked().await;
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let now = SystemTime::now();
    for (time, opening) in
        [(now - minutes(6), "Signature expired: 2"), (now + minutes(6), "Signature not yet current: 2")]
    {
        let (status, code, message) =
            signed(&bedrock, Signer { time, ..Signer::default() }, MODEL_PATH).await.refusal();
        assert_eq!((status, code.as_str()), (403, "InvalidSignatureException"));
        assert!(message.starts_with(opening) && message.ends_with("5 min.)"), "{message}");
    }
    for time in [now - minutes(4), now + minutes(4)] {
        let reply = signed(&bedrock, Signer { time, ..Signer::default() }, MODEL_PATH).await;
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn a_wrong_scope_is_refused() {
    let bedrock = locked().await;
    for signer in [
        Signer { region: "eu-west-1", ..Signer::default() },
        Signer { service: "bedrock-runtime", ..Signer::default() },
    ] {
        let (status, code, message) = signed(&bedrock, signer, MODEL_PATH).await.refusal();
        assert_eq!((status, code.as_str()), (403, "InvalidSignatureException"));
        assert!(message.starts_with("Credential should be scoped to "), "{message}");
    }
}

#[tokio::test]
async fn temporary_credentials_need_their_token() {
    let signer = Signer::default();
    let credentials = Credentials::new(signer.id, signer.secret).session_token("FwoGZXIvYXdz==");
    let bedrock = FakeBedrock::builder().credentials(credentials).start().await.expect("a port is free");
    let reply =
        signed(&bedrock, Signer { token: Some("FwoGZXIvYXdz=="), ..Signer::default() }, MODEL_PATH).await;
    assert_eq!(reply.status, 200);
    for token in [None, Some("FwoGZXIvYXdz=!")] {
        let reply = signed(&bedrock, Signer { token, ..Signer::default() }, MODEL_PATH).await;
        assert_eq!(reply.code(), (403, "UnrecognizedClientException".to_owned()), "{token:?}");
    }
    let log = format!("{:?}", bedrock.requests());
    assert!(!log.contains("FwoGZXIvYXdz"), "the token is not printed");
}

#[tokio::test]
async fn bearer_tokens() {
    let bedrock = FakeBedrock::builder()
        .bearer_token("ABSKone")
        .bearer_token("ABSKtwo")
        .start()
        .await
        .expect("a port is free");
    let bearer = |value: &'static str| {
        let mut request = request(&bedrock, MODEL_PATH, QUESTION);
        request.headers_mut().insert("authorization", HeaderValue::from_static(value));
        request
    };
    assert_eq!(call(&bedrock, bearer("Bearer ABSKone")).await.status, 200);
    assert_eq!(call(&bedrock, bearer("bearer ABSKtwo")).await.status, 200);
    for value in ["Bearer ABSKthree", "Bearer ABSKon", "Bearer ABSKone2", "Bearer ABSKone ABSKtwo"] {
        let (status, code, message) = call(&bedrock, bearer(value)).await.refusal();
        assert_eq!((status, code.as_str()), (403, "AccessDeniedException"), "{value}");
        assert_eq!(message, "Authentication failed: Please make sure your API Key is valid.");
    }
    // No credentials were set, so a signed request is refused.
    let reply = signed(&bedrock, Signer::default(), MODEL_PATH).await;
    assert_eq!(reply.code(), (403, "UnrecognizedClientException".to_owned()));
}

#[tokio::test]
async fn an_authorization_that_is_none_is_refused() {
    let bedrock = locked().await;
    let reply = call(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await;
    assert_eq!(
        reply.refusal(),
        (403, "MissingAuthenticationTokenException".into(), "Missing Authentication Token".into())
    );

    let scope = "Credential=AKIDEXAMPLE/20250101/us-east-1/bedrock/aws4_request";
    for (value, code) in [
        ("", "IncompleteSignatureException"),
        ("Basic YTpi", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 ", "IncompleteSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0",
            "IncompleteSignatureException",
        ),
        (&format!("AWS4-HMAC-SHA256 {scope}"), "IncompleteSignatureException"),
        (&format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=, Signature=0"), "IncompleteSignatureException"),
        (
            &format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
            "IncompleteSignatureException",
        ),
        (
            &format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=not-there, Signature=0"),
            "InvalidSignatureException",
        ),
        (&format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=a b;;, Signature=0"), "InvalidSignatureException"),
    ] {
        let mut request = request(&bedrock, MODEL_PATH, QUESTION);
        let header = HeaderValue::from_str(value).expect("it can be sent");
        request.headers_mut().insert("authorization", header);
        assert_eq!(call(&bedrock, request).await.code(), (403, code.to_owned()), "{value}");
    }
}

#[tokio::test]
async fn without_credentials_everyone_is_let_in() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    assert_eq!(call(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.status, 200);
    assert_eq!(signed(&bedrock, Signer { secret: "any", ..Signer::default() }, MODEL_PATH).await.status, 200);
}
