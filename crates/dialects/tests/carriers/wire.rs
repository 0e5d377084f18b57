//! Streams made by hand.

use bedrock_stream_core::frame::{Header, encode};
use bedrock_stream_core::json::Blob;

/// A message of an event stream.
pub(crate) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| Header::string(name, value)).collect();
    let mut bytes = Vec::new();
    encode(&headers, payload, &mut bytes).unwrap();
    bytes
}

/// An event of that type.
pub(crate) fn event(event_type: &str, payload: &[u8]) -> Vec<u8> {
    let headers =
        [(":event-type", event_type), (":content-type", "application/json"), (":message-type", "event")];
    message(&headers, payload)
}

/// A `chunk` message of that payload.
pub(crate) fn chunk(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = Blob::from(payload.as_ref().to_vec()).to_base64();
    event("chunk", format!(r#"{{"bytes":"{payload}","p":"abcd"}}"#).as_bytes())
}

/// A server-sent event of that data.
pub(crate) fn data(data: impl AsRef<[u8]>) -> Vec<u8> {
    [b"data: ", data.as_ref(), b"\n\n"].concat()
}

/// Payloads of Titan: before the proof, with it, and the last.
pub(crate) const TEXT: &str = r#"{"outputText":"Hel"}"#;
pub(crate) const PROOF: &str = r#"{"outputText":"lo","completionReason":"FINISH"}"#;
pub(crate) const METRICS: &str = r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#;
