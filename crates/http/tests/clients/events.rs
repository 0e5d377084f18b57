use bedrock_stream_http::Error;
use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::{Header, encode};

use crate::subject::{ChunkStream, Client};

/// The events of a complete answer, "Hello, world".
pub(crate) fn answer() -> Vec<Vec<u8>> {
    vec![
        event("messageStart", r#"{"role":"assistant"}"#),
        text("Hello, "),
        text("world"),
        event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        event("messageStop", r#"{"stopReason":"end_turn"}"#),
        event(
            "metadata",
            r#"{"metrics":{"latencyMs":9},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#,
        ),
    ]
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}}}"#))
}

pub(crate) fn event(kind: &str, payload: &str) -> Vec<u8> {
    message(":event-type", kind, "event", payload)
}

pub(crate) fn exception(kind: &str) -> Vec<u8> {
    message(":exception-type", kind, "exception", r#"{"message":"Not now."}"#)
}

/// Asks a question, and returns the chunks of the answer.
pub(crate) async fn ask(client: &Client) -> Result<ChunkStream, Error> {
    client.converse_stream("m", &Request::new().user("Hi")).await
}

/// Reads the stream to its end.
pub(crate) async fn read(chunks: &mut ChunkStream) -> Vec<Result<Chunk, Error>> {
    let mut items = Vec::new();
    while let Some(item) = chunks.next().await {
        items.push(item);
    }
    items
}

/// Asks a question and reads the stream to its end. If no stream starts, returns only the error.
pub(crate) async fn ask_and_read(client: &Client) -> Vec<Result<Chunk, Error>> {
    match ask(client).await {
        Ok(mut chunks) => read(&mut chunks).await,
        Err(error) => vec![Err(error)],
    }
}

/// The text of all chunks.
pub(crate) fn text_of(items: &[Result<Chunk, Error>]) -> String {
    let text = |item: &Result<Chunk, Error>| match item {
        Ok(Chunk::Text { text, .. }) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

/// The error that ends the items, after checking that nothing follows it.
pub(crate) fn last_error(items: &[Result<Chunk, Error>]) -> &Error {
    assert!(!items.iter().any(|item| matches!(item, Ok(Chunk::Done(_)))), "it is done: {items:?}");
    assert_eq!(items.iter().filter(|item| item.is_err()).count(), 1, "{items:?}");
    items.last().unwrap().as_ref().unwrap_err()
}

fn message(type_header: &str, kind: &str, message_type: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [
        Header::string(type_header, kind),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", message_type),
    ];
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}
