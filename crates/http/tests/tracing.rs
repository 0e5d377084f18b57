//! The span of a request, as a subscriber sees it.
#![cfg(feature = "tracing")]

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{Client, Config, Retry, Timer, Transport, TransportError};
use bytes::Bytes;
use http_body_util::Full;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[tokio::test(start_paused = true)]
async fn a_request_is_one_span_without_secrets() {
    let seen = Collector::default();
    let _guard = tracing::subscriber::set_default(seen.clone());

    // A complete answer, at the second attempt.
    let client = client([refusal(429, "ThrottlingException"), answer(true)]);
    let request = Request::new().user("prompt-text").max_tokens(100).temperature(0.5);
    let chunks = client.converse_stream("a.model-v1:0", &request).await.unwrap();
    assert!(seen.closed().is_empty(), "the span lasts as long as the stream");
    chunks.collect().await.unwrap();
    let [span] = &seen.closed()[..] else { panic!("{:?}", seen.closed()) };
    for (name, value) in [
        ("otel.name", "chat a.model-v1:0"),
        ("otel.kind", "client"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "aws.bedrock"),
        ("gen_ai.request.model", "a.model-v1:0"),
        ("gen_ai.request.stream", "true"),
        ("cloud.region", "us-east-1"),
        ("gen_ai.request.max_tokens", "100"),
        ("gen_ai.request.temperature", "0.5"),
        ("server.address", "bedrock-runtime.us-east-1.amazonaws.com"),
        ("server.port", "443"),
        ("http.response.status_code", "200"),
        ("aws.request_id", "r-1"),
        // An array, as its JSON.
        ("gen_ai.response.finish_reasons", r#"["end_turn"]"#),
        // By the convention, this includes tokens read from the cache and written to it.
        ("gen_ai.usage.input_tokens", "111"),
        ("gen_ai.usage.output_tokens", "2"),
        ("gen_ai.usage.cache_read.input_tokens", "100"),
        ("gen_ai.usage.cache_creation.input_tokens", "10"),
        ("bedrock.dialect", "converse"),
        ("bedrock.attempts", "2"),
        ("bedrock.messages", "5"),
        ("bedrock.chunks", "6"),
    ] {
        assert_eq!(span.get(name).map(|value| &**value), Some(value), "{name} of {span:?}");
    }
    let first_byte: f64 = span["bedrock.time_to_first_byte"].parse().unwrap();
    assert!((0.0..=1.0).contains(&first_byte), "after one wait: {first_byte}");
    assert!(!span.contains_key("error.type") && !span.contains_key("otel.status_code"), "{span:?}");
    let events = seen.events();
    let failed = events.iter().find(|event| event["message"] == "attempt failed").unwrap();
    assert_eq!((&*failed["attempt"], &*failed["error.type"]), ("1", "ThrottlingException"));
    assert_eq!(failed["http.response.status_code"], "429");
    assert!(events.iter().any(|event| event["message"] == "answered" && event["attempt"] == "2"));

    // A stream that ends too early, one that is dropped, and a request that is refused.
    client_of(answer(false))
        .converse_stream("m", &Request::new())
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err();
    assert_eq!(seen.closed()[1]["error.type"], "incomplete");
    assert_eq!(seen.closed()[1]["otel.status_code"], "ERROR");
    drop(client_of(answer(true)).converse_stream("m", &Request::new()).await.unwrap());
    let dropped = &seen.closed()[2];
    assert_eq!((&*dropped["bedrock.chunks"], &*dropped["error.type"]), ("0", "cancelled"));
    assert!(!dropped.contains_key("otel.status_code"), "the caller's wish is no error");
    client_of(refusal(403, "AccessDeniedException")).converse("m", &Request::new()).await.unwrap_err();
    let refused = &seen.closed()[3];
    assert_eq!((&*refused["error.type"], &*refused["aws.request_id"]), ("AccessDeniedException", "r-1"));
    assert_eq!((&*refused["http.response.status_code"], &*refused["otel.status_code"]), ("403", "ERROR"));
    assert!(!refused.contains_key("gen_ai.request.stream"), "it is there if and only if the request streams");

    let all = format!("{:?} {:?}", seen.closed(), seen.events());
    for secret in ["my-api-key", "prompt-text", "answer-text", "message-text"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

/// The names of operations, and what only other dialects than Converse tell.
#[cfg(feature = "dialects")]
#[tokio::test(start_paused = true)]
async fn each_operation_and_dialect_is_named() {
    let seen = Collector::default();
    let _guard = tracing::subscriber::set_default(seen.clone());
    let json = |body: &'static str| {
        let response = http::Response::builder().header("content-type", "application/json");
        response.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()
    };
    let events = concat!(
        r#"data: {"id":"c-1","model":"gpt-x","choices":[{"index":0,"delta":{"content":"answer-text"}}]}"#,
        "\n\n",
        r#"data: {"id":"c-1","model":"gpt-x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "\n\n",
        r#"data: {"id":"c-1","model":"gpt-x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"completion_tokens_details":{"reasoning_tokens":4}}}"#,
        "\n\ndata: [DONE]\n\n",
    );
    let chat = http::Response::builder().header("content-type", "text/event-stream");
    let chat = chat.body(Full::new(Bytes::from_static(events.as_bytes()))).unwrap();
    let body = r#"{"model":"gpt","stream":true,"max_completion_tokens":7,"n":1,"messages":[{"content":"prompt-text"}]}"#;
    client_of(chat).chat_stream(body).await.unwrap().collect().await.unwrap();

    let whole =
        r#"{"id":"c-2","model":"gpt-x","choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#;
    client_of(json(whole)).chat(r#"{"model":"gpt"}"#).await.unwrap();
    client_of(json(r#"{"inputTokens":5}"#)).count_tokens("m", "{}").await.unwrap();
    client_of(json("{}")).apply_guardrail("g", "1", "{}").await.unwrap();
    let llama = payload(r#"{"generation":"answer-text","stop_reason":"stop"}"#);
    client_of(llama)
        .invoke_stream("m", r#"{"prompt":"prompt-text"}"#)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();

    let spans = seen.closed();
    for (span, told) in spans.iter().zip([
        &[
            ("otel.name", "chat gpt"),
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt"),
            ("gen_ai.request.max_tokens", "7"),
            ("gen_ai.response.id", "c-1"),
            ("gen_ai.response.model", "gpt-x"),
            ("gen_ai.usage.input_tokens", "9"),
            ("gen_ai.usage.reasoning.output_tokens", "4"),
            ("bedrock.dialect", "chat"),
        ][..],
        &[("otel.name", "chat gpt"), ("gen_ai.response.id", "c-2"), ("gen_ai.usage.input_tokens", "1")],
        &[("otel.name", "count_tokens m"), ("gen_ai.operation.name", "count_tokens")],
        &[("otel.name", "apply_guardrail"), ("aws.bedrock.guardrail.id", "g")],
        &[
            ("otel.name", "text_completion m"),
            ("bedrock.dialect", "llama"),
            ("gen_ai.response.finish_reasons", r#"["end_turn"]"#),
        ],
    ]) {
        for (name, value) in told {
            assert_eq!(span.get(*name).map(|value| &**value), Some(*value), "{name} of {span:?}");
        }
        assert!(!span.contains_key("error.type"), "{span:?}");
    }
    assert_eq!(spans.len(), 5);
    let all = format!("{spans:?} {:?}", seen.events());
    for secret in ["my-api-key", "prompt-text", "answer-text"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

/// Returns the next response to each request.
struct Scripted(Mutex<VecDeque<http::Response<Full<Bytes>>>>);

impl Transport for Scripted {
    type Body = Full<Bytes>;

    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Self::Body>, TransportError> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| TransportError::other("no more"))
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std()))
    }
}

fn client(responses: impl IntoIterator<Item = http::Response<Full<Bytes>>>) -> Client<Scripted> {
    let retry = Retry::default().base(Duration::from_secs(1));
    let config = Config::builder().region("us-east-1").bearer("my-api-key").retry(retry).build().unwrap();
    Client::with_transport(config, Scripted(Mutex::new(responses.into_iter().collect())))
}

fn client_of(response: http::Response<Full<Bytes>>) -> Client<Scripted> {
    client([response])
}

fn refusal(status: u16, code: &str) -> http::Response<Full<Bytes>> {
    let response = http::Response::builder().status(status).header("x-amzn-errortype", code);
    let response = response.header("x-amzn-requestid", "r-1");
    response.body(Full::new(Bytes::from_static(br#"{"message":"message-text"}"#))).unwrap()
}

fn answer(whole: bool) -> http::Response<Full<Bytes>> {
    let mut bytes = Vec::new();
    for (kind, payload) in [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"answer-text"}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":113,"cacheReadInputTokens":100,"cacheWriteInputTokens":10}}"#),
    ]
    .into_iter()
    .take(if whole { 5 } else { 3 })
    {
        let headers = [Header::string(":event-type", kind), Header::string(":message-type", "event")];
        encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    }
    http::Response::builder().header("x-amzn-requestid", "r-1").body(Full::new(bytes.into())).unwrap()
}

/// The payload of an invoked model.
#[cfg(feature = "dialects")]
fn payload(json: &str) -> http::Response<Full<Bytes>> {
    let headers = [Header::string(":event-type", "chunk"), Header::string(":message-type", "event")];
    let mut bytes = Vec::new();
    let payload = format!(r#"{{"bytes":"{}"}}"#, base64(json));
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    http::Response::new(Full::new(bytes.into()))
}

#[cfg(feature = "dialects")]
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.as_bytes().chunks(3).flat_map(|bytes| {
        let bits =
            bytes.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - bytes.len()));
        (0..4).map(move |at| {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            if at <= bytes.len() { char::from(digit) } else { '=' }
        })
    });
    digits.collect()
}

type Fields = BTreeMap<String, String>;

/// Keeps the fields of every closed span and of every event.
#[derive(Clone, Default)]
struct Collector(Arc<State>);

#[derive(Default)]
struct State {
    ids: AtomicU64,
    open: Mutex<BTreeMap<u64, (usize, Fields)>>,
    closed: Mutex<Vec<Fields>>,
    events: Mutex<Vec<Fields>>,
}

impl Collector {
    fn closed(&self) -> Vec<Fields> {
        self.0.closed.lock().unwrap().clone()
    }

    fn events(&self) -> Vec<Fields> {
        self.0.events.lock().unwrap().clone()
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "bedrock_stream"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.0.ids.fetch_add(1, Relaxed) + 1;
        let mut fields = Visitor::default();
        span.record(&mut fields);
        self.0.open.lock().unwrap().insert(id, (1, fields.0));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Visitor::default();
        values.record(&mut fields);
        self.0.open.lock().unwrap().get_mut(&span.into_u64()).unwrap().1.extend(fields.0);
    }

    fn event(&self, event: &Event<'_>) {
        assert!(event.parent().is_some());
        let mut fields = Visitor::default();
        event.record(&mut fields);
        self.0.events.lock().unwrap().push(fields.0);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.0.open.lock().unwrap().get_mut(&span.into_u64()).unwrap().0 += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let mut open = self.0.open.lock().unwrap();
        let (count, _) = open.get_mut(&span.into_u64()).unwrap();
        *count -= 1;
        let last = *count == 0;
        if last {
            let (_, fields) = open.remove(&span.into_u64()).unwrap();
            self.0.closed.lock().unwrap().push(fields);
        }
        last
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Visitor(Fields);

impl Visit for Visitor {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}
