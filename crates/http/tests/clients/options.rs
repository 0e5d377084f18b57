//! The request builder: each option, and each way to read the answer.

use std::time::{Duration, Instant};

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::json::Json;
use bedrock_stream_http::{
    Error, ErrorDetail, HeaderError, IntoBody, MediaType, Operation, Retry, Timeout, Timeouts,
};
use bytes::Bytes;
use tokio::time::timeout;

use crate::events::{self, exception};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    a_request_can_have_its_own_timeouts
    a_request_can_have_its_own_retry_policy
    a_header_arrives
    #[cfg(feature = "sigv4")]
    a_header_is_signed
    a_header_that_the_client_sets_is_refused
    ready_made_json_is_sent_byte_for_byte
    a_body_that_cannot_be_serialized_is_an_error_on_await
    a_dropped_request_is_not_sent_or_is_cancelled
    text_stream_yields_only_the_text
    a_boxed_client_behaves_the_same
    the_event_stream_of_any_service_can_be_read
    first_event_limits_the_wait
}

const SOON: Duration = Duration::from_millis(100);
const JSON: &str = "content-type: application/json";

fn stalled() -> Reply {
    Reply::event_stream([Part::data(events::answer()[0].clone()), Part::Hang])
}

fn timed_out(error: &Error) -> (Timeout, Duration) {
    match error.detail() {
        ErrorDetail::Timeout { timeout, after, .. } => (*timeout, *after),
        _ => panic!("{error:?}"),
    }
}

/// The final error, which must come quickly.
async fn failed(answer: impl Future<Output = Error>) -> Error {
    timeout(Duration::from_secs(10), answer).await.expect("it still waits")
}

async fn a_request_can_have_its_own_timeouts(subject: Subject) {
    let server = Server::start(subject, stalled()).await;
    // The configuration's own are longer, ..
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    let chunks = client.converse_stream("m", &request).timeout(2 * SOON).await.unwrap();
    let error = failed(async { chunks.collect().await.unwrap_err().error }).await;
    assert_eq!(timed_out(&error), (Timeout::Total, 2 * SOON));
    let chunks = client.converse_stream("m", &request).timeouts(Timeouts::default().idle(SOON));
    let chunks = chunks.await.unwrap();
    let error = failed(async { chunks.collect().await.unwrap_err().error }).await;
    assert_eq!(timed_out(&error), (Timeout::Idle, SOON));
    let messages = client.converse_stream("m", &request).timeouts(Timeouts::default().idle(SOON));
    let mut messages = messages.message_stream().await.unwrap();
    messages.next().await.unwrap().unwrap();
    let error = failed(async { messages.next().await.unwrap().unwrap_err() }).await;
    assert_eq!(timed_out(&error), (Timeout::Idle, SOON));

    // .. or shorter.
    let slow = [Part::Sleep(2 * SOON), Part::data(events::answer().concat())];
    let server = Server::start(subject, Reply::event_stream(slow)).await;
    let client = server.client(server.bearer().timeouts(Timeouts::default().idle(SOON / 2)));
    let error = client.converse_stream("m", &request).retry(Retry::none()).await.unwrap_err();
    assert_eq!(timed_out(&error), (Timeout::Idle, SOON / 2));
    let chunks = client.converse_stream("m", &request).timeouts(Timeouts::none()).await.unwrap();
    assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world");

    let server = Server::start(subject, Reply::broken(200, JSON, [Part::data("{"), Part::Hang])).await;
    let client = server.client(server.bearer());
    let error = failed(async { client.converse("m", &request).timeout(SOON).await.unwrap_err() }).await;
    assert_eq!(timed_out(&error), (Timeout::Total, SOON));
}

async fn a_request_can_have_its_own_retry_policy(subject: Subject) {
    let quick = Retry::default().base(Duration::from_millis(1));
    let busy = Reply::whole(503, JSON, b"{}");
    let mut server = Server::script(subject, vec![busy.clone(); 8]).await;
    let request = Request::new().user("Hi");
    let client = server.client(server.bearer().retry(Retry::none()));
    let error = client.converse_stream("m", &request).retry(quick.max_attempts(4)).await.unwrap_err();
    assert_eq!((error.earlier_attempts().len(), server.count()), (3, 4));
    client.converse_stream("m", &request).await.unwrap_err();
    assert_eq!(server.count(), 1, "the next request uses the configuration's policy again");

    let client = server.client(server.bearer().retry(quick));
    client.converse("m", &request).retry(Retry::none()).await.unwrap_err();
    client.converse_stream("m", &request).retry(Retry::none()).open().await.unwrap_err();
    client.converse_stream("m", &request).open().retry(Retry::none()).await.unwrap_err();
    assert_eq!(server.count(), 3);
}

async fn a_header_arrives(subject: Subject) {
    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    let request = client.converse_stream("m", &Request::new().user("Hi"));
    let request = request.header("X-Amzn-Bedrock-Trace", "DISABLED").header("x-tenant", "a b");
    request.header("x-amzn-bedrock-trace", "ENABLED").await.unwrap();
    let received = server.request().await;
    let values: Vec<_> = received.head.headers.get_all("x-amzn-bedrock-trace").iter().collect();
    assert_eq!(values, ["ENABLED"], "the last one takes precedence");
    assert_eq!(received.header("x-tenant"), Some("a b"));
    assert_eq!(received.header("authorization"), Some("Bearer my-api-key"));
}

#[cfg(feature = "sigv4")]
async fn a_header_is_signed(subject: Subject) {
    use bedrock_stream_http::{Config, Credentials};
    use bedrock_stream_testkit as testkit;

    let keys =
        || Config::builder().region("us-east-1").credentials(Credentials::new("AKIDEXAMPLE", "secret"));
    let known = testkit::Credentials::new("AKIDEXAMPLE", "secret");
    let bedrock = testkit::FakeBedrock::builder().credentials(known);
    let (_bedrock, client) = subject.bedrock(bedrock, keys()).await;
    let request = Request::new().user("Hi");
    let chunks = client.converse_stream("m", &request).header("x-tenant", "a  b").await.unwrap();
    chunks.collect().await.unwrap();
    client.converse("m", &request).header("x-tenant", "a  b").await.unwrap();

    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(keys().endpoint_url(&server.url));
    client.converse_stream("m", &request).header("x-tenant", "a").await.unwrap();
    let received = server.request().await;
    let authorization = received.header("authorization").unwrap();
    let signed = authorization.split_once("SignedHeaders=").unwrap().1.split(',').next().unwrap();
    assert_eq!(signed, "content-type;host;x-amz-date;x-tenant");
}

async fn a_header_that_the_client_sets_is_refused(subject: Subject) {
    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    for name in ["authorization", "Host", "content-length", "Content-Type", "x-amz-date", "transfer-encoding"]
    {
        let error = client.converse_stream("m", &request).header(name, "x").await.unwrap_err();
        let ErrorDetail::Header(HeaderError::Reserved { name: refused, .. }) = error.detail() else {
            panic!("{name}: {error:?}")
        };
        assert_eq!(refused.as_str(), name.to_ascii_lowercase());
    }
    let error = client.converse("m", &request).header("x-key", "a\r\nhost: evil").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Header(HeaderError::Value { .. })), "{error:?}");
    let error = client.converse("m", &request).header("x key", "a").open().await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Header(HeaderError::Name)), "{error:?}");
    assert!(!error.is_retryable());
    assert_eq!(server.count(), 0, "nothing was sent");
}

async fn ready_made_json_is_sent_byte_for_byte(subject: Subject) {
    // A serializer would write this differently.
    const READY: &str = "{ \"messages\" : [], \"x\": 1.0e2, \"x\": \"\\u0041\" }\n";
    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    client.converse_stream("m", READY).await.unwrap();
    client.converse_stream("m", READY.as_bytes()).await.unwrap();
    client.converse_stream("m", READY.to_owned()).await.unwrap();
    client.converse_stream("m", READY.as_bytes().to_vec()).message_stream().await.unwrap();
    client.converse_stream("m", Bytes::from_static(READY.as_bytes())).open().await.unwrap();
    for _ in 0..5 {
        assert_eq!(server.request().await.body, READY);
    }
    let json: Json = serde_json::from_str(READY).unwrap();
    client.converse_stream("m", &json).await.unwrap();
    assert_eq!(server.request().await.body, READY.trim());
    let value = serde_json::json!({"messages": []});
    client.converse_stream("m", &value).await.unwrap();
    assert_eq!(server.request().await.body, r#"{"messages":[]}"#);
}

/// Keys in JSON must be strings.
struct NoJson;

impl IntoBody for NoJson {
    fn into_body(self) -> serde_json::Result<Bytes> {
        let map = std::collections::BTreeMap::from([(vec![1], 1)]);
        serde_json::to_vec(&map).map(Bytes::from)
    }
}

async fn a_body_that_cannot_be_serialized_is_an_error_on_await(subject: Subject) {
    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    let errors = [
        client.converse_stream("m", NoJson).timeout(SOON).await.unwrap_err(),
        client.converse("m", NoJson).await.unwrap_err(),
        client.open(Operation::converse("m").unwrap(), NoJson).await.unwrap_err(),
        client.converse_stream("m", NoJson).message_stream().await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.detail(), ErrorDetail::Request(_)), "{error:?}");
        assert!(error.to_string().contains("key must be a string"), "{error}");
    }
    // The first error is reported.
    let error = client.converse_stream("..", NoJson).header("host", "x").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::ModelId(_)), "{error:?}");
    assert_eq!(server.count(), 0, "nothing was sent");
}

async fn a_dropped_request_is_not_sent_or_is_cancelled(subject: Subject) {
    let mut server = Server::start(subject, stalled()).await;
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    drop(client.converse_stream("m", &request).timeout(SOON));
    drop(IntoFuture::into_future(client.converse_stream("m", &request)));
    tokio::time::sleep(SOON).await;
    assert_eq!(server.count(), 0, "nothing was sent");

    let reply = Reply::broken(200, JSON, [Part::data("{"), Part::Hang]);
    let mut server = Server::start(subject, reply).await;
    let client = server.client(server.bearer());
    let task = tokio::spawn(async move {
        client.converse("m", &Request::new().user("Hi")).timeout(Duration::from_secs(60)).await
    });
    server.request().await;
    assert!(timeout(SOON / 2, server.closed.notified()).await.is_err(), "closed too early");
    task.abort();
    server.closed().await;
}

async fn text_stream_yields_only_the_text(subject: Subject) {
    let tool = r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}"#;
    let mut parts = events::answer();
    parts.insert(4, events::event("contentBlockStart", tool));
    let server = Server::start(subject, Reply::event_stream([Part::data(parts.concat())])).await;
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    let mut text = client.converse_stream("m", &request).await.unwrap().text_stream();
    let mut pieces = Vec::new();
    while let Some(piece) = text.next().await {
        pieces.push(piece.unwrap());
    }
    assert_eq!(pieces, ["Hello, ", "world"]);
    assert_eq!(text.get_ref().stats().output_tokens, Some(2));
    assert!(text.into_inner().next().await.is_none());

    // Without the proof, the end of the stream is not the end of the text.
    for end in [Vec::new(), exception("modelStreamErrorException")] {
        let parts = [events::answer()[..2].concat(), end].concat();
        let server = Server::start(subject, Reply::event_stream([Part::data(parts)])).await;
        let client = server.client(server.bearer());
        let mut text = client.converse_stream("m", &request).await.unwrap().text_stream();
        assert_eq!(text.next().await.unwrap().unwrap(), "Hello, ");
        let error = text.next().await.unwrap().unwrap_err();
        assert!(error.is_final() && error.request_id() == Some("r-1"), "{error:?}");
        assert!(text.next().await.is_none());
    }
}

async fn a_boxed_client_behaves_the_same(subject: Subject) {
    let mut server =
        Server::script(subject, vec![Reply::whole(503, JSON, b"{}"), Reply::answer(), stalled()]).await;
    let retry = Retry::default().base(Duration::from_millis(1));
    let client = server.client(server.bearer().retry(retry)).boxed();
    let request = Request::new().user("Hi");
    let chunks = client.clone().converse_stream("m", &request).await.unwrap();
    assert_eq!(chunks.request_id(), Some("r-1"));
    assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world");
    assert_eq!(server.count(), 2, "it has the transport's timer, so it retries");

    let begin = Instant::now();
    let mut chunks = client.converse_stream("m", &request).timeout(2 * SOON).await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    let error = failed(async { chunks.next().await.unwrap().unwrap_err() }).await;
    assert_eq!(timed_out(&error).0, Timeout::Total);
    assert!(begin.elapsed() >= 2 * SOON);
    drop(chunks);
    server.closed().await;
}

async fn the_event_stream_of_any_service_can_be_read(subject: Subject) {
    let mut server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    let labels = ["agents", "A1", "sessions", "my/session", "text"];
    let operation = Operation::new("bedrock-agent-runtime", MediaType::EventStream, labels).unwrap();
    let operation = operation.method(http::Method::PUT).query("trace id", "a&b");
    let operation = operation.content_type(http::HeaderValue::from_static("text/plain"));
    let mut messages = client.open(operation.clone(), "body").message_stream().await.unwrap();
    for sent in events::answer() {
        assert_eq!(messages.next().await.unwrap().unwrap(), sent);
    }
    assert!(messages.next().await.is_none());
    let received = server.request().await;
    let path = "/agents/A1/sessions/my%2Fsession/text?trace%20id=a%26b";
    assert_eq!(received.head.uri.path_and_query().unwrap(), path);
    assert_eq!((received.head.method.as_str(), &*received.body), ("PUT", &b"body"[..]));
    assert_eq!(received.header("content-type"), Some("text/plain"));

    // A request for a form that the operation does not answer in is an error.
    let server = Server::start(subject, Reply::whole(200, JSON, b"{}")).await;
    let client = server.client(server.bearer());
    let error = client.open(operation, "body").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::UnexpectedBody(_)), "{error:?}");
    let events = Operation::new("s", MediaType::ServerSentEvents, ["v1"]).unwrap();
    let error = client.open(events.clone(), "body").await.unwrap_err();
    assert!(error.to_string().contains("not server-sent events"), "{error}");
    let server =
        Server::start(subject, Reply::whole(200, "content-type: text/event-stream; charset=utf-8", b""))
            .await;
    let client = server.client(server.bearer());
    client.open(events.clone(), "body").await.unwrap();
    let error = client.open(events, "body").message_stream().await.unwrap_err();
    assert!(error.to_string().contains("answers with server-sent events"), "{error}");
}

async fn first_event_limits_the_wait(subject: Subject) {
    // The head arrives, followed by half of an event.
    let piece = events::answer()[0][..20].to_vec();
    let server = Server::start(subject, Reply::event_stream([Part::data(piece), Part::Hang])).await;
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    let opened =
        timeout(Duration::from_secs(10), client.converse_stream("m", &request).first_event(SOON)).await;
    let mut chunks = opened.expect("it still waits").unwrap();
    assert!(timeout(SOON, chunks.next()).await.is_err());
    assert_eq!(chunks.stats().bytes, 20);

    // An event within the limit is read as usual.
    let server =
        Server::start(subject, Reply::event_stream([Part::data(exception("throttlingException"))])).await;
    let client = server.client(server.bearer().retry(Retry::none()));
    let error = client.converse_stream("m", &request).first_event(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.http_status(), Some(429));
}
