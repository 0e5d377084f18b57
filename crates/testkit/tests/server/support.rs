//! A plain client: hyper, one connection a request, and signatures by `aws-sigv4`.

use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bedrock_stream_core::frame::{Decoder, MessageKind};
use bedrock_stream_testkit::FakeBedrock;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

pub(crate) const MODEL_PATH: &str = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse-stream";
pub(crate) const QUESTION: &str =
    r#"{"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}]}"#;

/// A response read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("the header is text"))
    }

    /// `x-amzn-ErrorType` without its namespace, and the message.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let error_type = self.header("x-amzn-errortype");
        let (code, namespace) = error_type.split_once(':').expect("the error type has a namespace");
        assert!(namespace.starts_with("http://internal.amazon.com/coral/com.amazon."), "{namespace}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("x-amzn-requestid").len(), 36);
        let body: Value = serde_json::from_slice(&self.body).expect("a refusal is JSON");
        let message = body["message"].as_str().expect("a refusal has a message").to_owned();
        (self.status.as_u16(), code.to_owned(), message)
    }

    pub(crate) fn code(&self) -> (u16, String) {
        let (status, code, _) = self.refusal();
        (status, code)
    }

    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        assert_eq!(self.status, 200, "{:?}", self.body);
        assert_eq!(self.header("content-type"), "application/vnd.amazon.eventstream");
        assert_eq!(self.header("x-amzn-requestid").len(), 36);
        events(&self.body)
    }
}

/// Every event of a whole stream, by type.
pub(crate) fn events(body: &[u8]) -> Vec<(String, Value)> {
    let mut decoder = Decoder::new();
    decoder.push(body);
    let mut events = Vec::new();
    while let Some(message) = decoder.next_message().expect("the stream is undamaged") {
        let envelope = message.envelope().expect("the message has its headers");
        assert_eq!(envelope.content_type, Some("application/json"));
        let MessageKind::Event { event_type, .. } = envelope.kind else { panic!("{message:?} is no event") };
        let names: Vec<&str> = message.headers().map(|header| header.name).collect();
        assert_eq!(names, [":event-type", ":content-type", ":message-type"]);
        let payload = serde_json::from_slice(message.payload()).expect("the payload is JSON");
        events.push((event_type.to_owned(), payload));
    }
    decoder.finish().expect("the stream ends between messages");
    events
}

/// The joined text deltas.
pub(crate) fn text(events: &[(String, Value)]) -> String {
    events.iter().filter_map(|(_, payload)| payload["delta"]["text"].as_str()).collect()
}

pub(crate) fn request(bedrock: &FakeBedrock, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(path)
        .header("host", bedrock.addr().to_string())
        .header("content-type", "application/json")
        .body(Full::new(body.into()))
        .expect("the request is valid")
}

/// The credentials with which a request is signed.
pub(crate) struct Signer<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) time: SystemTime,
}

impl Default for Signer<'_> {
    fn default() -> Self {
        Self {
            id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            token: None,
            region: "us-east-1",
            service: "bedrock",
            time: SystemTime::now(),
        }
    }
}

impl Signer<'_> {
    pub(crate) fn sign(&self, mut request: Request<Full<Bytes>>, body: &[u8]) -> Request<Full<Bytes>> {
        let token = self.token.map(str::to_owned);
        let identity = AwsCredentials::new(self.id, self.secret, token, None, "test").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(self.time)
            .settings(SigningSettings::default())
            .build()
            .expect("nothing is missing")
            .into();
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("the header is text")))
            .collect();
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri,
            headers.into_iter(),
            SignableBody::Bytes(body),
        )
        .expect("the request can be signed");
        let (instructions, _) = sign(signable, &params).expect("the request can be signed").into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }
}

/// Sends a request over HTTP/1.1; gives the response as soon as its head is there.
pub(crate) async fn open(bedrock: &FakeBedrock, request: Request<Full<Bytes>>) -> http::Response<Incoming> {
    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("the connection is fresh");
    tokio::spawn(connection);
    sender.send_request(request).await.expect("the fake answers")
}

pub(crate) async fn call(bedrock: &FakeBedrock, request: Request<Full<Bytes>>) -> Reply {
    collect(open(bedrock, request).await).await
}

pub(crate) async fn collect(response: http::Response<Incoming>) -> Reply {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("the body ends cleanly").to_bytes();
    Reply { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn ask(bedrock: &FakeBedrock, body: &str) -> Reply {
    call(bedrock, request(bedrock, MODEL_PATH, body.to_owned())).await
}
