//! Bedrock's own streaming operations, which are passed on byte for byte.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use base64::Engine as _;
use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_core::frame::{Header, encode};
use bedrock_stream_gateway::{Gateway, GatewayBuilder, Verdict};
use bedrock_stream_http::{Client, Config, ErrorKind, Timeouts, Timer, Transport, TransportError};
use bedrock_stream_testkit::{FakeBedrock, Reply};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::support::{Running, start, start_with};

const CONVERSE: &str = "/model/claude/converse-stream";
const INVOKE: &str = "/model/claude/invoke-with-response-stream";

/// A valid request for each of the two.
fn asked() -> [(&'static str, Value); 2] {
    let invoke = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    });
    [(CONVERSE, json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]})), (INVOKE, invoke)]
}

/// Whether the response's body ends as it should.
async fn ends(running: &Running, request: Request<Full<Bytes>>) -> bool {
    let response = running.open(request).await;
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.is_ok()
}

/// AWS's SDKs report no error of an answer that only stops, so the connection must break.
#[tokio::test]
async fn an_answer_that_is_not_proven_complete_breaks_off() {
    for (fault, verdict, is_told) in [
        ("no-stop", "incomplete", false),
        ("cut-at:300", "incomplete", false),
        // The client sees it.
        ("exception", "exception", true),
    ] {
        let running = start(FakeBedrock::builder().fault(fault.parse().unwrap())).await;
        for (path, body) in asked() {
            let request = running.request(Method::POST, path, body.to_string());
            assert_eq!(ends(&running, request).await, is_told, "{fault} {path}");
        }
        let log = running.logged(2).await;
        assert!(log.iter().all(|access| access.verdict.as_str() == verdict), "{fault} {log:?}");
    }
    let running = start(FakeBedrock::builder()).await;
    for (path, body) in asked() {
        assert!(ends(&running, running.request(Method::POST, path, body.to_string())).await, "{path}");
    }
}

/// A model may answer in JSON of its own, of which nothing can be proven.
#[tokio::test]
async fn what_is_in_no_known_dialect_ends_as_it_came() {
    let data = base64::engine::general_purpose::STANDARD.encode(r#"{"frames":[1,2]}"#);
    let headers = [
        Header::string(":message-type", "event"),
        Header::string(":event-type", "chunk"),
        Header::string(":content-type", "application/json"),
    ];
    let mut message = Vec::new();
    encode(&headers, json!({ "bytes": data }).to_string().as_bytes(), &mut message).unwrap();
    let running = start(FakeBedrock::builder().reply("own.model", Reply::recording(message.clone()))).await;
    let got = running.post("/model/own.model/invoke-with-response-stream", &json!({"prompt": "x"})).await;
    assert_eq!((got.status.as_u16(), &*got.body), (200, &*message));
}

/// The configured guardrail applies to each request that names no other.
#[tokio::test]
async fn the_configured_guardrail_applies_to_what_is_passed_on() {
    let set = |builder: GatewayBuilder| builder.guardrail(GuardrailConfig::new("gr-1", "7"));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let [(_, converse), (_, invoke)] = asked();
    let rest = converse.to_string()[1..].to_owned();
    let ours = r#""guardrailConfig":{"guardrailIdentifier":"gr-1","guardrailVersion":"7"}"#;
    let theirs = r#""guardrailConfig":{"guardrailIdentifier":"gr-2","guardrailVersion":"1"}"#;
    for (before, after) in [
        // What the client wrote stays as it wrote it.
        (
            format!(" {{ \"inferenceConfig\": {{\"topP\":1.0}}, {rest}"),
            format!(" {{{ours}, \"inferenceConfig\": {{\"topP\":1.0}}, {rest}"),
        ),
        (format!("{{{theirs},{rest}"), format!("{{{theirs},{rest}")),
        // These name none.
        (
            format!("{{\"guardrailConfig\" : null,{rest}"),
            format!("{{\"guardrailConfig\" : {},{rest}", &ours[18..]),
        ),
        (
            format!("{{\"guardrail\\u0043onfig\":{{}},{rest}"),
            format!("{{\"guardrail\\u0043onfig\":{},{rest}", &ours[18..]),
        ),
    ] {
        let mut request = running.request(Method::POST, CONVERSE, before);
        // It does not name the guardrail of this operation.
        request.headers_mut().insert("x-amzn-bedrock-guardrailidentifier", "gr-2".parse().unwrap());
        assert_eq!(running.send(request).await.status, 200);
        let sent = running.bedrock.requests().pop().unwrap();
        assert_eq!(std::str::from_utf8(&sent.body).unwrap(), after);
    }
    let asked_before = running.bedrock.requests().len();
    for body in ["", "[]", "null", "{\"messages\":", "{\"guardrailConfig\":{},\"guardrailConfig\":null}"] {
        let got = running.send(running.request(Method::POST, CONVERSE, body)).await;
        assert_eq!((got.status.as_u16(), got.header("x-amzn-errortype")), (400, Some("ValidationException")));
        assert!(got.json()["message"].as_str().unwrap().contains("guardrail"), "{got:?}");
    }
    assert_eq!(running.bedrock.requests().len(), asked_before);

    for (named, identifier, version) in
        [(None, "gr-1", "7"), (Some(""), "gr-1", "7"), (Some("gr-2"), "gr-2", "DRAFT")]
    {
        let mut request = running.request(Method::POST, INVOKE, invoke.to_string());
        if let Some(named) = named {
            request.headers_mut().insert("x-amzn-bedrock-guardrailidentifier", named.parse().unwrap());
        }
        request.headers_mut().insert("x-amzn-bedrock-trace", "ENABLED".parse().unwrap());
        assert_eq!(running.send(request).await.status, 200);
        let sent = running.bedrock.requests().pop().unwrap();
        let header = |name: &str| {
            sent.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(header("x-amzn-bedrock-guardrailidentifier"), [identifier], "{named:?}");
        assert_eq!(header("x-amzn-bedrock-guardrailversion"), [version], "{named:?}");
        assert_eq!(header("x-amzn-bedrock-trace"), ["ENABLED"]);
        assert_eq!(sent.body, invoke.to_string());
    }
}

/// AWS's SDKs read an error's name in a header and its message in the body.
#[tokio::test]
async fn errors_have_awss_shape_and_words() {
    let refused = "refuse:ThrottlingException@3".parse().unwrap();
    let running = start(FakeBedrock::builder().fault(refused)).await;
    for (path, body) in asked() {
        let got = running.post(path, &body).await;
        assert_eq!((got.status.as_u16(), got.header("x-amzn-errortype")), (429, Some("ThrottlingException")));
        let message = got.json()["message"].as_str().unwrap().to_owned();
        assert!(!message.is_empty() && !message.contains("refused") && !message.contains("429"), "{message}");
    }
    for (method, path, status, code) in [
        (Method::POST, "/model/claude/converse", 404, "UnknownOperationException"),
        (Method::POST, "/model/claude/invoke", 404, "UnknownOperationException"),
        (Method::GET, CONVERSE, 405, "ValidationException"),
    ] {
        let got = running.send(running.request(method, path, "{}")).await;
        assert_eq!((got.status.as_u16(), got.header("x-amzn-errortype")), (status, Some(code)), "{path}");
        let body = got.json();
        assert!(body["message"].is_string() && body.as_object().unwrap().len() == 1, "{path} {body}");
    }
}

/// A body that is always ready, and has nothing.
struct Nothing {
    left: u32,
}

impl Body for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.left -= 1;
        Poll::Ready((self.left > 0).then(|| Ok(Frame::data(Bytes::new()))))
    }
}

/// A Bedrock that answers with it.
struct Silent;

impl Transport for Silent {
    type Body = Nothing;

    async fn send(&self, _: Request<Bytes>) -> Result<Response<Nothing>, TransportError> {
        Ok(Response::new(Nothing { left: u32::MAX }))
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

#[tokio::test]
async fn empty_frames_keep_nobody_waiting() {
    let timeouts = Timeouts::default().idle(Duration::from_millis(50));
    let config = Config::builder().region("us-east-1").bearer("token").timeouts(timeouts).build().unwrap();
    let verdict = Arc::new(Mutex::new(None));
    let ended = Arc::clone(&verdict);
    let mut gateway = Gateway::builder(Client::with_transport(config, Silent))
        .on_access(move |access| *ended.lock().unwrap() = Some(access.verdict))
        .build();
    let [(_, body), _] = asked();
    let request = Request::post(CONVERSE).body(Full::<Bytes>::from(body.to_string())).unwrap();
    let mut body = gateway.call(request).await.unwrap().into_body();
    let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "{polled:?}");
    // It is no better than silence.
    assert!(body.collect().await.is_err());
    assert_eq!(*verdict.lock().unwrap(), Some(Verdict::Failed(ErrorKind::Timeout)));
}

/// A Bedrock that repeats the key in its headers.
struct Echoing;

impl Transport for Echoing {
    type Body = Full<Bytes>;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Full<Bytes>>, TransportError> {
        let answer = bedrock_stream_testkit::answer().text("Hello").to_bytes().unwrap();
        let key = request.headers()[http::header::AUTHORIZATION].clone();
        Ok(Response::builder()
            .header("content-type", "application/vnd.amazon.eventstream")
            .header("x-amzn-bedrock-echo", key)
            .header("x-amzn-bedrock-latency", "12")
            .header("set-cookie", "a=b")
            .body(Full::from(answer))
            .unwrap())
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

#[tokio::test]
async fn headers_that_are_passed_on_show_no_key() {
    let config = Config::builder().region("us-east-1").bearer("bedrock-api-key-YmVkcm9jay4").build().unwrap();
    let mut gateway = Gateway::builder(Client::with_transport(config, Echoing)).build();
    let [(_, body), _] = asked();
    let request = Request::post(CONVERSE).body(Full::<Bytes>::from(body.to_string())).unwrap();
    let response = gateway.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-amzn-bedrock-echo"], "Bearer ***");
    assert_eq!(response.headers()["x-amzn-bedrock-latency"], "12");
    assert!(!response.headers().contains_key("set-cookie"));
    assert!(response.into_body().collect().await.is_ok());
}
