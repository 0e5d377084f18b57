use std::collections::HashMap;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

/// What an application gets from such a decoder.
#[derive(Debug)]
#[allow(dead_code, reason = "it is constructed, but never read")]
enum NaiveEvent {
    Text(u64, String),
    ToolInput(u64, String),
    Reasoning(u64, String),
    Other(String, Value),
}

/// The decoder that most projects write: a `Vec` drained from its front, a `HashMap` of headers, one checksum, and
/// `serde_json::Value`. Returns the number of events.
#[must_use]
pub fn naive_chunks(pieces: &[Bytes]) -> usize {
    let mut buffer: Vec<u8> = Vec::new();
    let mut count = 0;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(message) = take_message(&mut buffer) {
            black_box(event(&message));
            count += 1;
        }
    }
    count
}

/// The same for `InvokeModelWithResponseStream` in Anthropic's Messages: the payload of each message as base64 and
/// `serde_json::Value`. Returns the number of events.
#[must_use]
pub fn naive_invoke(pieces: &[Bytes]) -> usize {
    let mut buffer: Vec<u8> = Vec::new();
    let mut count = 0;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(message) = take_message(&mut buffer) {
            black_box(invoke_event(&message));
            count += 1;
        }
    }
    count
}

fn invoke_event(message: &[u8]) -> NaiveEvent {
    let (_, chunk) = headers_and_payload(message);
    let bytes = STANDARD.decode(chunk["bytes"].as_str().expect("a good stream")).expect("a good stream");
    let payload: Value = serde_json::from_slice(&bytes).expect("a good stream");
    let index = payload["index"].as_u64().unwrap_or(0);
    match payload["delta"]["type"].as_str() {
        Some("text_delta") => NaiveEvent::Text(index, text(&payload["delta"]["text"])),
        Some("input_json_delta") => NaiveEvent::ToolInput(index, text(&payload["delta"]["partial_json"])),
        Some("thinking_delta") => NaiveEvent::Reasoning(index, text(&payload["delta"]["thinking"])),
        _ => NaiveEvent::Other(text(&payload["type"]), payload),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn take_message(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let total = number(buffer.get(..4)?) as usize;
    (buffer.len() >= total).then(|| buffer.drain(..total).collect())
}

fn headers_and_payload(message: &[u8]) -> (HashMap<String, String>, Value) {
    let (body, checksum) = message.split_at(message.len() - 4);
    assert_eq!(crc32fast::hash(body), number(checksum), "a good stream");
    let headers_end = 12 + number(&message[4..8]) as usize;
    let headers = headers(&message[12..headers_end]);
    (headers, serde_json::from_slice(&body[headers_end..]).expect("a good stream"))
}

fn event(message: &[u8]) -> NaiveEvent {
    let (headers, payload) = headers_and_payload(message);
    let name = headers.get(":event-type").cloned().unwrap_or_default();
    let index = payload["contentBlockIndex"].as_u64().unwrap_or(0);
    if let Some(text) = payload["delta"]["text"].as_str() {
        return NaiveEvent::Text(index, text.to_owned());
    }
    if let Some(input) = payload["delta"]["toolUse"]["input"].as_str() {
        return NaiveEvent::ToolInput(index, input.to_owned());
    }
    NaiveEvent::Other(name, payload)
}

fn headers(mut block: &[u8]) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    while let Some((&len, rest)) = block.split_first() {
        let (name, rest) = rest.split_at(usize::from(len));
        // The type, which is always string, and the length of the value.
        let (value, rest) = rest[3..].split_at(usize::from(rest[1]) << 8 | usize::from(rest[2]));
        headers
            .insert(String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(value).into_owned());
        block = rest;
    }
    headers
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}
