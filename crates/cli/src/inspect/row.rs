use std::time::Duration;

use bedrock_stream_core::frame::{Message, MessageKind, Value};
use bedrock_stream_core::json::Blob;

use super::outcome::Outcome;
use super::payload::Payload;
use crate::output::uuid_to_text;

/// One message, as it is shown. Its headers are not copied, since there may be millions of them.
#[derive(Clone, Debug)]
pub(crate) struct Row<'m> {
    message: Message<'m>,
    /// Counted from 0.
    pub(crate) number: u64,
    /// Its offset in the stream and its lengths, in bytes.
    pub(crate) offset: u64,
    pub(crate) total: usize,
    pub(crate) headers_len: usize,
    pub(crate) payload_len: usize,
    /// The checksums, which were both verified.
    pub(crate) prelude_checksum: u32,
    pub(crate) message_checksum: u32,
    /// Its type.
    pub(crate) name: String,
    pub(crate) is_error: bool,
    pub(crate) header_count: usize,
    pub(crate) payload: Payload,
    /// What it did to the answer.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) arrival: Option<Arrival>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderRow {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

/// When a message was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Since the request was sent.
    pub(crate) at: Duration,
    /// Since the message before it, or since the request.
    pub(crate) gap: Duration,
}

impl<'m> Row<'m> {
    /// A message that starts at `offset`, without what depends on earlier messages.
    pub(crate) fn new(message: Message<'m>, number: u64, offset: u64) -> Self {
        let bytes = message.as_bytes();
        let (name, is_error) = name(&message);
        Self {
            message,
            number,
            offset,
            total: bytes.len(),
            headers_len: bytes.len() - FRAMING_LEN - message.payload().len(),
            payload_len: message.payload().len(),
            prelude_checksum: bytes
                .get(8..)
                .and_then(<[u8]>::first_chunk)
                .map_or(0, |crc| u32::from_be_bytes(*crc)),
            message_checksum: bytes.last_chunk().map_or(0, |crc| u32::from_be_bytes(*crc)),
            name,
            is_error,
            header_count: message.headers().count(),
            payload: Payload::of(message.payload()),
            outcomes: Vec::new(),
            arrival: None,
        }
    }

    /// The names of its headers, in order.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &'m str> + use<'m> {
        self.message.headers().map(|header| header.name)
    }

    /// Its headers, in order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = HeaderRow> + use<'m> {
        self.message.headers().map(|header| HeaderRow::new(header.name, header.value))
    }
}

impl HeaderRow {
    fn new(name: &str, value: Value<'_>) -> Self {
        let text = match value {
            Value::Bool(bool) => bool.to_string(),
            Value::Byte(number) => number.to_string(),
            Value::Short(number) => number.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Long(number) => number.to_string(),
            Value::ByteArray(bytes) => base64(bytes),
            Value::String(text) => text.to_owned(),
            Value::Timestamp(millis) => format!("{millis} ms"),
            Value::Uuid(bytes) => uuid_to_text(bytes),
        };
        Self { name: name.to_owned(), kind: value.type_name(), value: text }
    }
}

fn base64(bytes: &[u8]) -> String {
    let json = serde_json::to_string(&Blob::from(bytes.to_vec())).unwrap_or_default();
    json.trim_matches('"').to_owned()
}

/// The type of a message, and whether it is an error.
fn name(message: &Message<'_>) -> (String, bool) {
    let Ok(envelope) = message.envelope() else {
        return ("a message without a type".to_owned(), false);
    };
    match envelope.kind {
        MessageKind::Event { event_type, .. } => (event_type.to_owned(), false),
        MessageKind::InitialRequest => ("initial-request".to_owned(), false),
        MessageKind::InitialResponse => ("initial-response".to_owned(), false),
        MessageKind::Exception { exception_type, .. } => {
            (exception_type.unwrap_or("an exception without a name").to_owned(), true)
        }
        MessageKind::Error { code, .. } => (format!("error {}", code.unwrap_or("without a code")), true),
        MessageKind::Unknown { message_type, event_type, .. } => {
            (format!("{} (of type {message_type})", event_type.unwrap_or("a message")), false)
        }
        _ => ("a message of an unknown kind".to_owned(), false),
    }
}

/// The length of the prelude and the checksum, in bytes.
const FRAMING_LEN: usize = 16;
