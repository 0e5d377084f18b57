//! A gateway on a loopback port before a fake Bedrock, and a client of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedrock_stream_core::answer::{Chunk, Error, Response, ResponseBuilder};
use bedrock_stream_dialects::{Dialect, SseDecoder};
use bedrock_stream_gateway::{Access, Gateway, GatewayBuilder, Server};
use bedrock_stream_hyper::{Client, Config, Retry, Timeouts};
use bedrock_stream_testkit::{Builder, FakeBedrock, Fault};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The three paths, and what their answers are written in.
pub(crate) const APIS: [(&str, Dialect); 3] = [
    ("/v1/chat/completions", Dialect::Chat),
    ("/v1/responses", Dialect::Responses),
    ("/v1/messages", Dialect::Messages),
];

/// A gateway, the fake behind it, and what it logged.
pub(crate) struct Running {
    pub(crate) bedrock: FakeBedrock,
    pub(crate) address: SocketAddr,
    pub(crate) gateway: Gateway,
    pub(crate) log: Arc<Mutex<Vec<Access>>>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) served: JoinHandle<()>,
}

/// A response that was read whole.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) async fn start(bedrock: Builder) -> Running {
    start_with(bedrock, |builder| builder, |server| server).await
}

pub(crate) async fn start_with(
    bedrock: Builder,
    set: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
    set_server: impl FnOnce(Server) -> Server,
) -> Running {
    start_timed(bedrock, Timeouts::default(), set, set_server).await
}

/// The same, with timeouts of the requests to Bedrock.
pub(crate) async fn start_timed(
    bedrock: Builder,
    timeouts: Timeouts,
    set: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
    set_server: impl FnOnce(Server) -> Server,
) -> Running {
    start_retrying(bedrock, timeouts, Retry::none(), set, set_server).await
}

/// The same, with retries.
pub(crate) async fn start_retrying(
    bedrock: Builder,
    timeouts: Timeouts,
    retry: Retry,
    set: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
    set_server: impl FnOnce(Server) -> Server,
) -> Running {
    let bedrock = bedrock.start().await.unwrap();
    let config = Config::builder()
        .region("us-east-1")
        .endpoint_url(bedrock.url())
        .bearer("token")
        .retry(retry)
        .timeouts(timeouts)
        .build()
        .unwrap();
    let log = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&log);
    let builder = Gateway::builder(Client::new(config).unwrap())
        .alias("claude", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
        .on_access(move |access| written.lock().unwrap().push(access.clone()));
    let gateway = set(builder).build();
    let server = set_server(Server::bind(([127, 0, 0, 1], 0).into(), gateway.clone()).await.unwrap());
    let address = server.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(server.serve(async move { drop(stopped.await) }));
    Running { bedrock, address, gateway, log, stop: Some(stop), served }
}

impl Running {
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Got {
        let response = self.open(request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Got { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn open(&self, request: Request<Full<Bytes>>) -> http::Response<hyper::body::Incoming> {
        self.try_open(request).await.unwrap()
    }

    /// An error is a connection that broke before the response's head.
    pub(crate) async fn try_open(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<http::Response<hyper::body::Incoming>, hyper_util::client::legacy::Error> {
        let client: HttpClient<HttpConnector, Full<Bytes>> =
            HttpClient::builder(TokioExecutor::new()).build_http();
        client.request(request).await
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
        Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send(self.request(Method::POST, path, body.to_string())).await
    }

    /// Waits until so many requests were logged.
    pub(crate) async fn logged(&self, count: usize) -> Vec<Access> {
        eventually(|| self.log.lock().unwrap().len() >= count).await;
        self.log.lock().unwrap().clone()
    }
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Whether it has what any client takes for an end.
    pub(crate) fn looks_complete(&self) -> bool {
        let ends = [
            "\"finish_reason\":\"",
            "[DONE]",
            "message_stop",
            "message_delta",
            "response.completed",
            "response.incomplete",
        ];
        ends.iter().any(|end| self.text().contains(end))
    }

    /// The answer of a stream of server-sent events, by our own decoder, or its first final error.
    pub(crate) fn answer(&self, dialect: Dialect) -> Result<Response, Error> {
        let mut decoder = SseDecoder::new(Some(dialect));
        decoder.push(&self.body);
        let mut response = ResponseBuilder::new();
        loop {
            let chunk = match decoder.next_chunk()? {
                Some(chunk) => chunk,
                None => match decoder.finish()? {
                    Some(chunk) => chunk,
                    None => return Ok(response.into_partial()),
                },
            };
            response.push(&chunk);
            if matches!(chunk, Chunk::Done(_)) {
                return Ok(response.into_partial());
            }
        }
    }
}

/// Every fault of the fake after which an answer ends by itself.
pub(crate) fn ending_faults() -> impl Iterator<Item = Fault> {
    let all = Fault::ALL.iter().chain(Fault::SSE).copied();
    all.filter(|fault| !fault.to_string().starts_with("stall") && !matches!(fault, Fault::NoHead))
}

/// A request of this dialect for a model.
pub(crate) fn ask(dialect: Dialect, model: &str, is_streaming: bool) -> Value {
    ask_for(dialect, model, is_streaming, "Hello")
}

pub(crate) fn ask_for(dialect: Dialect, model: &str, is_streaming: bool, prompt: &str) -> Value {
    let messages = json!([{"role": "user", "content": prompt}]);
    match dialect {
        Dialect::Responses => json!({"model": model, "input": prompt, "stream": is_streaming}),
        Dialect::Messages => {
            json!({"model": model, "max_tokens": 1000, "messages": messages, "stream": is_streaming})
        }
        _ if is_streaming => json!({
            "model": model, "messages": messages, "stream": true, "stream_options": {"include_usage": true}
        }),
        _ => json!({"model": model, "messages": messages}),
    }
}

/// Waits until it holds, but not for ever.
pub(crate) async fn eventually(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never held");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
