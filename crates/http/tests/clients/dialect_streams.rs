//! Answers in dialects other than Converse: through both clients, every recording yields what its decoder alone yields,
//! and the rules for Converse streams apply to these too.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Decode, Error as StreamError};
use bedrock_stream_http::dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_http::{Config, Error, ErrorDetail, ErrorKind, Received, Retry, Timeouts};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::events::{self, last_error, text_of};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::{Client, Subject};

matrix! {
    every_recording_yields_what_the_decoder_alone_yields
    a_cut_answer_is_incomplete
    an_error_inside_the_stream_is_typed
    dropping_a_stream_is_noticed_by_the_server
    a_body_that_stays_open_delays_nobody
    the_rest_after_the_proof_is_awaited_briefly
    transient_failures_are_retried
    received_data_can_be_inspected
    the_caller_can_set_the_dialect_and_the_choice
}

const SSE: &str = "content-type: text/event-stream;charset=utf-8\nx-amzn-requestid: r-1";
const INVOKE: &str = "content-type: application/vnd.amazon.eventstream\nx-amzn-requestid: r-1";

/// A recorded body, and its carrier.
struct Recording {
    name: String,
    dialect: Option<Dialect>,
    bytes: Vec<u8>,
}

impl Recording {
    /// All recordings that are available.
    fn all() -> Vec<Self> {
        let mut all = Self::of("sse", "", ".sse");
        all.extend(Self::of("recordings", "invoke-", ".bin"));
        all
    }

    fn of(folder: &str, prefix: &str, suffix: &str) -> Vec<Self> {
        let Some(folder) = bedrock_stream_tests::shared(folder) else { return Vec::new() };
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let meant = files.filter(|path| name(path).starts_with(prefix) && name(path).ends_with(suffix));
        let recording = |path: std::path::PathBuf| {
            let name = name(&path);
            let word = name.split('-').next().unwrap_or_default();
            Self { dialect: word.parse().ok(), bytes: std::fs::read(path).unwrap(), name }
        };
        let all: Vec<Self> = meant.map(recording).collect();
        assert!(all.len() >= 20, "only {} recordings", all.len());
        all
    }

    /// What the decoder alone yields for the first bytes.
    fn decoded(&self, bytes: &[u8]) -> Vec<Result<Chunk, StreamError>> {
        match self.dialect {
            Some(dialect) => decode(SseDecoder::new(Some(dialect)), bytes),
            None => decode(InvokeDecoder::new(None), bytes),
        }
    }

    /// The server's reply, in pieces that are unrelated to the events.
    fn reply(&self, bytes: &[u8]) -> Reply {
        let parts = bytes.chunks(997).map(|piece| Part::data(piece.to_vec()));
        Reply::broken(200, if self.dialect.is_some() { SSE } else { INVOKE }, parts)
    }

    /// What a client yields.
    async fn ask(&self, client: &Client) -> Vec<Result<Chunk, Error>> {
        match self.dialect {
            Some(Dialect::Chat) => items(client.chat_stream("{}").await).await,
            Some(Dialect::Responses) => items(client.responses_stream("{}").await).await,
            Some(_) => items(client.messages_stream("{}").await).await,
            None => items(client.invoke_stream("m", "{}").await).await,
        }
    }
}

fn decode(mut decoder: impl Decode, mut bytes: &[u8]) -> Vec<Result<Chunk, StreamError>> {
    let mut items = Vec::new();
    let mut ended = false;
    loop {
        let next = if ended { decoder.finish() } else { decoder.next_from(&mut bytes) };
        match next {
            Ok(Some(chunk)) => items.push(Ok(chunk)),
            Ok(None) if ended => return items,
            Ok(None) => ended = true,
            Err(error) => {
                let is_final = error.is_final();
                items.push(Err(error));
                if is_final {
                    return items;
                }
            }
        }
    }
}

async fn items<B, D>(
    stream: Result<bedrock_stream_http::ChunkStream<B, D>, Error>,
) -> Vec<Result<Chunk, Error>>
where
    B: http_body::Body + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    D: Decode,
{
    let mut items = Vec::new();
    match stream {
        Ok(mut stream) => {
            while let Some(item) = stream.next().await {
                items.push(item);
            }
        }
        Err(error) => items.push(Err(error)),
    }
    items
}

/// The items, with the decoder's own errors.
fn shown<E: Debug>(items: &[Result<Chunk, E>], error: impl Fn(&E) -> Option<&StreamError>) -> Vec<String> {
    items
        .iter()
        .map(|item| match item {
            Ok(chunk) => serde_json::to_string(chunk).unwrap(),
            Err(other) => error(other).map_or_else(|| format!("{other:?}"), |error| format!("{error:?}")),
        })
        .collect()
}

/// A name and a payload, as server-sent events.
fn named(events: &[(&str, &str)]) -> String {
    events.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect()
}

fn chat(payloads: &[&str]) -> String {
    payloads.iter().map(|data| format!("data: {data}\n\n")).collect()
}

const HELLO: &str = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}]}"#;
const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;

fn quick() -> Retry {
    Retry::default().base(Duration::from_millis(1))
}

async fn every_recording_yields_what_the_decoder_alone_yields(subject: Subject) {
    let (mut complete, recordings) = (0, Recording::all());
    for recording in &recordings {
        let expected = recording.decoded(&recording.bytes);
        let server = Server::start(subject, recording.reply(&recording.bytes)).await;
        let items = recording.ask(&server.client(server.bearer().retry(Retry::none()))).await;
        let found = shown(&items, Error::as_stream_error);
        assert_eq!(found, shown(&expected, |error| Some(error)), "{}", recording.name);
        for error in items.iter().filter_map(|item| item.as_ref().err()) {
            assert_eq!(error.request_id(), Some("r-1"), "{}: {error}", recording.name);
        }
        complete += usize::from(matches!(items.last(), Some(Ok(Chunk::Done(_)))));
    }
    assert!(recordings.is_empty() || complete > 40, "only {complete} are complete");
}

async fn a_cut_answer_is_incomplete(subject: Subject) {
    for recording in Recording::all().iter().step_by(5) {
        let cut = &recording.bytes[..recording.bytes.len() / 3];
        let expected = recording.decoded(cut);
        let server = Server::start(subject, recording.reply(cut)).await;
        let items = recording.ask(&server.client(server.bearer().retry(Retry::none()))).await;
        assert_eq!(
            shown(&items, Error::as_stream_error),
            shown(&expected, |error| Some(error)),
            "{}",
            recording.name
        );
        assert!(!items.iter().any(|item| matches!(item, Ok(Chunk::Done(_)))), "{}", recording.name);

        let mut reply = recording.reply(cut);
        reply.parts.push(Part::Abort);
        let server = Server::start(subject, reply).await;
        let items = recording.ask(&server.client(server.bearer().retry(Retry::none()))).await;
        let error = items.last().unwrap().as_ref().unwrap_err();
        assert!(error.is_final(), "{}: {error}", recording.name);
    }
}

async fn an_error_inside_the_stream_is_typed(subject: Subject) {
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let start = r#"{"type":"message_start","message":{"role":"assistant","usage":{"input_tokens":1}}}"#;
    let body = named(&[("message_start", start), ("error", overloaded)]);
    let server = Server::start(subject, Reply::broken(200, SSE, [Part::data(body)])).await;
    let items = items(server.client(server.bearer()).messages_stream("{}").await).await;
    let error = last_error(&items);
    let Some(StreamError::Exception(exception)) = error.as_stream_error() else { panic!("{error:?}") };
    assert_eq!(exception.message.as_deref(), Some("Overloaded"));
    assert_eq!((error.code(), error.kind()), (Some("overloaded_error"), ErrorKind::Exception));
    assert_eq!(error.request_id(), Some("r-1"));

    let parts = [Part::data(events::exception("modelStreamErrorException"))];
    let server = Server::start(subject, Reply::event_stream(parts)).await;
    let client = server.client(server.bearer().retry(Retry::none()));
    let error = client.invoke_stream("m", "{}").await.unwrap_err();
    assert_eq!(error.code(), Some("modelStreamErrorException"));

    // A key that the service echoes is not shown.
    let echo = r#"{"error":{"message":"Bad key my-api-key","type":"t","code":"my-api-key"}}"#;
    let server = Server::start(subject, Reply::broken(200, SSE, [Part::data(chat(&[echo]))])).await;
    let error = server.client(server.bearer()).chat_stream("{}").await.unwrap_err();
    let shown = format!("{} {error:?}", error.with_causes());
    assert!(shown.contains("Bad key ***") && !shown.contains("my-api-key"), "{shown}");
}

async fn dropping_a_stream_is_noticed_by_the_server(subject: Subject) {
    let parts = [Part::data(chat(&[HELLO])), Part::Hang];
    let server = Server::start(subject, Reply::broken(200, SSE, parts)).await;
    let client = server.client(server.bearer());
    let mut chunks = client.chat_stream("{}").await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    assert!(timeout(Duration::from_millis(50), server.closed.notified()).await.is_err(), "closed too early");
    drop(chunks);
    server.closed().await;
}

async fn a_body_that_stays_open_delays_nobody(subject: Subject) {
    let parts = [Part::data(chat(&[HELLO, FINISH, USAGE])), Part::Hang];
    let server = Server::start(subject, Reply::broken(200, SSE, parts)).await;
    let client = server.client(server.bearer());
    let begun = Instant::now();
    let answer = client.chat_stream("{}").await.unwrap().collect().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!((answer.text(), &answer.tail), ("Hello".to_owned(), &None));
    assert_eq!(answer.usage.as_ref().unwrap().output_tokens, Some(2));
    server.closed().await;
}

async fn the_rest_after_the_proof_is_awaited_briefly(subject: Subject) {
    let comments = (0..100).flat_map(|_| [Part::data(": ping\n\n"), Part::Sleep(Duration::from_millis(50))]);
    let parts = [Part::data(chat(&[HELLO, FINISH]))].into_iter().chain(comments);
    let server = Server::start(subject, Reply::broken(200, SSE, parts)).await;
    let timeouts = Timeouts::default().tail(Duration::from_millis(300));
    let client = server.client(server.bearer().timeouts(timeouts));
    let answer = client.chat_stream("{}").await.unwrap().collect().await.unwrap();
    assert_eq!(answer.tail.as_ref().map(|tail| tail.kind), Some(ErrorKind::Timeout));
    assert_eq!(answer.text(), "Hello");
}

async fn transient_failures_are_retried(subject: Subject) {
    let whole = Reply::broken(200, SSE, [Part::data(chat(&[HELLO, FINISH, USAGE, "[DONE]"]))]);
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
    let json = "content-type: application/json\nrequest-id: req_1";
    let busy = Reply::whole(529, json, overloaded.as_bytes());
    let late = Reply::broken(200, SSE, [Part::data(chat(&[HELLO])), Part::Abort]);
    for (replies, expected_requests, complete) in [
        (vec![busy.clone(), whole.clone()], 2, true),
        (vec![Reply::gone(), whole.clone()], 2, true),
        (vec![busy.clone(), busy.clone(), busy, whole.clone()], 3, false),
        (vec![late, whole], 1, false),
    ] {
        let mut server = Server::script(subject, replies).await;
        let client = server.client(server.bearer().retry(quick()));
        let result = match client.chat_stream("{}").await {
            Ok(chunks) => chunks.collect().await.map_err(|error| error.error),
            Err(error) => Err(error),
        };
        assert_eq!(result.is_ok(), complete, "{result:?}");
        assert_eq!(server.count(), expected_requests, "{result:?}");
    }
}

async fn received_data_can_be_inspected(subject: Subject) {
    let body = chat(&[HELLO, FINISH, USAGE]);
    let go_on = Arc::new(Notify::new());
    let parts = [Part::data(body.clone()), Part::Wait(Arc::clone(&go_on)), Part::data("data: [DONE]\n\n")];
    let server = Server::start(subject, Reply::broken(200, SSE, parts)).await;
    let mut chunks = server.client(server.bearer()).chat_stream("{}").await.unwrap();
    let (mut bytes, mut messages) = (Vec::new(), Vec::new());
    let mut see = |seen: Received<'_>| match seen {
        Received::Bytes(more) => bytes.extend_from_slice(more),
        Received::Message(message) => messages.push(String::from_utf8(message.to_vec()).unwrap()),
        _ => {}
    };
    while chunks.next_inspect(&mut see).await.is_some() {
        go_on.notify_one();
    }
    assert!(String::from_utf8(bytes).unwrap().starts_with(&body));
    assert_eq!(messages, [HELLO, FINISH, USAGE]);
    assert_eq!(chunks.stats().messages, 3);
}

async fn the_caller_can_set_the_dialect_and_the_choice(subject: Subject) {
    let second = HELLO.replace(r#""index":0"#, r#""index":1"#).replace("Hello", "Second");
    let finish = FINISH.replace(r#""index":0"#, r#""index":1"#);
    let body = chat(&[HELLO, &second, &finish, FINISH, "[DONE]"]);
    let server = Server::start(subject, Reply::broken(200, SSE, [Part::data(body)])).await;
    let client = server.client(server.bearer());
    for (choice, text) in [(0, "Hello"), (1, "Second")] {
        let answer = client.chat_stream("{}").choice(choice).await.unwrap().collect().await.unwrap();
        assert_eq!(answer.text(), text);
    }

    // The dialect of this stream cannot be detected.
    let payload = bedrock_stream_http::json::Blob::from(br#"{"amazon-bedrock-trace":{}}"#.to_vec());
    let chunk = events::event("chunk", &format!(r#"{{"bytes":"{}"}}"#, payload.to_base64()));
    let server = Server::start(subject, Reply::event_stream([Part::data(chunk)])).await;
    let client = server.client(server.bearer().retry(Retry::none()));
    let untold = items(client.invoke_stream("m", "{}").await).await;
    assert_eq!(untold.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Dialect);
    let told = items(client.invoke_stream("m", "{}").dialect(Dialect::Titan).await).await;
    assert_eq!(told.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Incomplete);
    assert_eq!(text_of(&told), "");
    assert!(Config::builder().build().is_err());
    assert!(matches!(client.invoke_stream("", "{}").await.unwrap_err().detail(), ErrorDetail::ModelId(_)));
}
