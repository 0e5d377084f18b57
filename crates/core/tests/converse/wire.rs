//! Hand-written streams: messages from a name and a payload, or from a script.

use bedrock_stream_core::answer::SkippedEvent;
use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame::{Header, Message, encode};

/// The message of an event, with Bedrock's headers.
pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    message(&headers, payload.as_bytes())
}

/// The message of an exception, with Bedrock's headers.
pub(crate) fn exception(name: &str, payload: &[u8]) -> Vec<u8> {
    let headers =
        [(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")];
    message(&headers, payload)
}

/// An `error` message.
pub(crate) fn error(code: &str, text: &str) -> Vec<u8> {
    message(&[(":message-type", "error"), (":error-code", code), (":error-message", text)], b"")
}

/// A message with headers that are strings.
pub(crate) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers: Vec<Header<'_>> = headers.iter().map(|&(name, value)| Header::string(name, value)).collect();
    let mut bytes = Vec::new();
    encode(&headers, payload, &mut bytes).unwrap();
    bytes
}

/// The messages of a script, one per line: the name of an event or an exception, a space, and the payload; or `error`,
/// a code and a text.
pub(crate) fn messages(script: &str) -> Vec<Vec<u8>> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            match name {
                "error" => {
                    let (code, text) = rest.split_once(' ').unwrap();
                    error(code, text)
                }
                name if name.ends_with("Exception") => exception(name, rest.as_bytes()),
                name => event(name, rest),
            }
        })
        .collect()
}

/// The bytes of a script.
pub(crate) fn stream(script: &str) -> Vec<u8> {
    messages(script).concat()
}

/// Decodes one event's payload.
pub(crate) fn decode(name: &str, payload: &str) -> Result<Event, SkippedEvent> {
    decode_bytes(&event(name, payload))
}

/// Decodes the one message in `bytes`.
pub(crate) fn decode_bytes(bytes: &[u8]) -> Result<Event, SkippedEvent> {
    let (message, rest) = Message::parse(bytes).unwrap().unwrap();
    assert!(rest.is_empty());
    Event::decode(&message)
}

/// `messageStop` with `end_turn`, as a line of a script.
pub(crate) const STOP: &str = "messageStop {\"stopReason\":\"end_turn\"}\n";
/// `metadata` with usage, as a line of a script.
pub(crate) const USAGE: &str =
    "metadata {\"usage\":{\"inputTokens\":1,\"outputTokens\":2,\"totalTokens\":3}}\n";
/// The chunk that [`STOP`] and [`USAGE`] produce if nothing was skipped.
pub(crate) const DONE: &str = concat!(
    r#"{"type":"done","stop_reason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"#,
    r#""skipped_events":0}"#
);
