//! Refusals, redirects and unexpected bodies. None of their errors shows a secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, ErrorDetail, Retry};
use bedrock_stream_testkit::{FakeBedrock, Refusal, RefusalKind};

use crate::events::ask;
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    every_refusal_is_reported
    #[cfg(feature = "sigv4")]
    a_wrong_secret_is_a_refusal_that_shows_no_secret
    a_bearer_token_is_sent_and_hidden
    a_redirect_is_not_followed
    a_huge_refusal_is_read_no_further_than_needed
    an_unexpected_body_is_named
    a_body_without_a_content_type_is_recognized_by_its_bytes
}

async fn every_refusal_is_reported(subject: Subject) {
    for kind in RefusalKind::ALL.iter().copied() {
        let refusal = Refusal::of(kind).message("Not you.");
        let bedrock = FakeBedrock::builder().reply("m", refusal);
        let config = Config::builder().auth(Auth::None).retry(Retry::none());
        let (bedrock, client) = subject.bedrock(bedrock, config).await;
        let error = ask(&client).await.unwrap_err();
        let told = error.as_service_error().expect("a refusal");
        assert_eq!((told.status, told.code.as_deref()), (kind.status(), Some(kind.name())));
        assert_eq!(told.message, "Not you.");
        assert!(error.request_id().is_some());
        assert_eq!(
            error.is_retryable(),
            matches!(told.status.as_u16(), 429 | 500 | 502 | 503 | 504),
            "{error}"
        );
        let error = client.converse("m", &Request::new().user("Hi")).await.unwrap_err();
        assert_eq!(error.as_service_error().unwrap().status, kind.status());
        assert_eq!(bedrock.requests().len(), 2);
    }
}

#[cfg(feature = "sigv4")]
async fn a_wrong_secret_is_a_refusal_that_shows_no_secret(subject: Subject) {
    // AWS answers with the string that should have been signed, which contains the session token.
    let body =
        br#"{"message":"The Canonical String should have been 'x-amz-security-token:SESSION/TOKEN='"}"#;
    let headers = "content-type: application/json\nx-amzn-requestid: r-9\n\
                   x-amzn-errortype: InvalidSignatureException:http://internal.amazon.com/";
    let mut server = Server::start(subject, Reply::whole(403, headers, body)).await;
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET/KEY"),
        ("AWS_SESSION_TOKEN", "SESSION/TOKEN="),
    ];
    let env =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let error = ask(&server.client(server.builder().env_from(env))).await.unwrap_err();
    let refusal = error.as_service_error().expect("a refusal");
    assert_eq!(refusal.status, 403);
    assert_eq!(refusal.code.as_deref(), Some("InvalidSignatureException"));
    assert_eq!(error.request_id(), Some("r-9"));
    assert_eq!(
        error.to_string(),
        "refused: InvalidSignatureException (403): The Canonical String should have been 'x-amz-security-token:***' \
         [request id r-9]"
    );
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("SECRET/KEY") && !shown.contains("SESSION/TOKEN"), "{shown}");

    let request = server.request().await;
    assert_eq!(request.header("x-amz-security-token"), Some("SESSION/TOKEN="));
    assert_eq!(request.host(), server.url.split("//").nth(1));
    let authorization = request.header("authorization").unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    let signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=";
    assert!(authorization.contains(signed), "{authorization}");
}

async fn a_bearer_token_is_sent_and_hidden(subject: Subject) {
    let reply = Reply::whole(403, "content-type: application/json", br#"{"Message":"Bad key: my-api-key"}"#);
    let mut server = Server::start(subject, reply).await;
    let error = ask(&server.client(server.bearer())).await.unwrap_err();
    assert_eq!(error.to_string(), "refused: HTTP 403 Forbidden: Bad key: ***");
    assert!(!format!("{error:?}").contains("my-api-key"), "{error:?}");
    let request = server.request().await;
    assert_eq!(request.header("authorization"), Some("Bearer my-api-key"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-amz-date"), None);
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, serde_json::to_value(Request::new().user("Hi")).unwrap());
}

async fn a_redirect_is_not_followed(subject: Subject) {
    let mut other = Server::start(subject, Reply::answer()).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("location: {}/elsewhere", other.url);
        let server = Server::start(subject, Reply::whole(status, &head, b"")).await;
        let client = server.client(server.bearer());
        for error in [
            ask(&client).await.unwrap_err(),
            client.converse("m", &Request::new().user("Hi")).await.unwrap_err(),
        ] {
            assert_eq!(error.as_service_error().unwrap().status, status);
            assert!(error.to_string().contains(&format!("points to {}/elsewhere", other.url)), "{error}");
            assert!(!error.is_retryable());
        }
    }
    assert_eq!(other.count(), 0, "the token was sent to another host");
}

async fn a_huge_refusal_is_read_no_further_than_needed(subject: Subject) {
    for (status, headers) in [(400, "content-type: application/json"), (200, "content-type: text/html")] {
        let sent = Arc::new(AtomicUsize::new(0));
        let reply = Reply::broken(status, headers, [Part::Endless(Arc::clone(&sent))]);
        let server = Server::start(subject, reply).await;
        let error = ask(&server.client(server.bearer())).await.unwrap_err();
        match error.detail() {
            ErrorDetail::Refusal(refusal) => assert_eq!(refusal.body.len(), 64 * 1024),
            ErrorDetail::UnexpectedBody(_) => {}
            other => panic!("{other:?}"),
        }
        assert!(error.to_string().len() < 1000, "{error}");
        server.closed().await;
        let sent = sent.load(Relaxed);
        assert!(sent < 8 * 1024 * 1024, "{sent} bytes");
    }
}

async fn an_unexpected_body_is_named(subject: Subject) {
    let gzip = "content-type: application/vnd.amazon.eventstream\ncontent-encoding: gzip";
    for (headers, body, named) in [
        (
            "content-type: text/html; charset=utf-8",
            "<html>Please log in</html>",
            &["text/html", "<html>Please log in</html>"][..],
        ),
        ("content-type: application/json", r#"{"output":{}}"#, &["application/json", r#"{"output":{}}"#]),
        ("content-type: text/event-stream", "data: {}\n\n", &["text/event-stream", "data: {}"]),
        (gzip, "\u{1f}", &["encoded as gzip"]),
    ] {
        let mut server = Server::start(subject, Reply::whole(200, headers, body.as_bytes())).await;
        let error = ask(&server.client(server.bearer())).await.unwrap_err();
        assert!(matches!(error.detail(), ErrorDetail::UnexpectedBody(_)), "{error:?}");
        let sentence = error.to_string();
        assert!(named.iter().all(|name| sentence.contains(name)), "{sentence}");
        server.request().await;
        assert_eq!(server.count(), 0, "it was retried");
    }
}

async fn a_body_without_a_content_type_is_recognized_by_its_bytes(subject: Subject) {
    let server = Server::start(subject, Reply::whole(200, "x-a: b", b"<html>Please log in</html>")).await;
    let error = ask(&server.client(server.bearer())).await.unwrap_err();
    assert!(error.to_string().contains("look like HTML"), "{error}");

    let answer = crate::events::answer().concat();
    let server = Server::start(subject, Reply::whole(200, "x-a: b", &answer)).await;
    let response = ask(&server.client(server.bearer())).await.unwrap().collect().await.unwrap();
    assert_eq!(response.text(), "Hello, world");
}
