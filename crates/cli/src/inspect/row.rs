use std::collections::BTreeMap;
use std::time::Duration;

use bedrock_stream_core::frame::{Message, MessageKind, Value};
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::sse;

use super::outcome::Outcome;
use super::payload::Payload;
use crate::output::{format_count, uuid_to_text};

/// One message or server-sent event, as it is shown. Its headers are not copied, since there may be millions of them.
#[derive(Clone, Debug)]
pub(crate) struct Row<'m> {
    source: Source<'m>,
    /// Counted from 0.
    pub(crate) number: u64,
    /// Its offset in the stream and its lengths, in bytes.
    pub(crate) offset: u64,
    pub(crate) total: usize,
    pub(crate) headers_len: usize,
    pub(crate) payload_len: usize,
    /// The checksums of the prelude and of the message, which were both verified; a server-sent event has none.
    pub(crate) checksums: Option<(u32, u32)>,
    /// Its type.
    pub(crate) name: String,
    /// The name of the payload in its `bytes`: its type, or its only member.
    pub(crate) payload_name: Option<String>,
    pub(crate) is_error: bool,
    pub(crate) header_count: usize,
    pub(crate) payload: Payload,
    /// What it did to the answer.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) arrival: Option<Arrival>,
}

/// Where the headers are.
#[derive(Clone, Debug)]
enum Source<'m> {
    Message(Message<'m>),
    /// A server-sent event, and its `event` field, if it has one.
    Event {
        field: Option<HeaderRow>,
    },
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
        let prelude = bytes.get(8..).and_then(<[u8]>::first_chunk);
        let checksums = prelude.zip(bytes.last_chunk());
        let payload = Payload::of(message.payload());
        let payload_name = match &payload {
            Payload::Json { inner: Some(inner), .. } => name_of_payload(inner),
            _ => None,
        };
        Self {
            source: Source::Message(message),
            number,
            offset,
            total: bytes.len(),
            headers_len: bytes.len() - FRAMING_LEN - message.payload().len(),
            payload_len: message.payload().len(),
            checksums: checksums
                .map(|(prelude, message)| (u32::from_be_bytes(*prelude), u32::from_be_bytes(*message))),
            name,
            payload_name,
            is_error,
            header_count: message.headers().count(),
            payload,
            outcomes: Vec::new(),
            arrival: None,
        }
    }

    /// A server-sent event, whose length is not known yet.
    pub(crate) fn of_event(event: &sse::Event<'_>, number: u64) -> Self {
        let (name, is_error) = name_of_event(event);
        let field = event.name.map(|name| HeaderRow {
            name: "event".to_owned(),
            kind: "field",
            value: name.to_owned(),
        });
        Self {
            number,
            offset: event.offset,
            total: 0,
            headers_len: 0,
            payload_len: event.data.len(),
            checksums: None,
            name,
            payload_name: None,
            is_error,
            header_count: usize::from(field.is_some()),
            source: Source::Event { field },
            payload: Payload::of(event.data.as_bytes()),
            outcomes: Vec::new(),
            arrival: None,
        }
    }

    /// The lengths of its parts, in words.
    pub(crate) fn lengths(&self) -> String {
        let total = format_count(self.total as u64);
        let payload = format_count(self.payload_len as u64);
        match self.source {
            Source::Message(_) => {
                let headers = format_count(self.headers_len as u64);
                format!("{total} bytes: headers {headers}, payload {payload}")
            }
            Source::Event { .. } => format!("{total} bytes: data {payload}"),
        }
    }

    /// The names of its headers, in order.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        let (message, field) = self.parts();
        let headers = message.into_iter().flat_map(Message::headers);
        headers.map(|header| header.name).chain(field.map(|field| &*field.name))
    }

    /// Its headers, in order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = HeaderRow> {
        let (message, field) = self.parts();
        let headers = message.into_iter().flat_map(Message::headers);
        headers.map(|header| HeaderRow::new(header.name, header.value)).chain(field.cloned())
    }

    const fn parts(&self) -> (Option<&Message<'m>>, Option<&HeaderRow>) {
        match &self.source {
            Source::Message(message) => (Some(message), None),
            Source::Event { field } => (None, field.as_ref()),
        }
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

/// What a server-sent event calls itself, and whether it is an error.
fn name_of_event(event: &sse::Event<'_>) -> (String, bool) {
    #[derive(Default, serde::Deserialize)]
    struct Members {
        r#type: Option<Json>,
        object: Option<Json>,
        error: Option<Json>,
    }
    if event.data.trim_ascii().starts_with("[DONE]") {
        return ("[DONE]".to_owned(), false);
    }
    let members: Members = serde_json::from_str(event.data).unwrap_or_default();
    let text = |json: &Option<Json>| json.as_ref().and_then(|json| json.parse::<String>().ok());
    let kind = text(&members.r#type);
    // An error may be named by the event, by the data, or by its member.
    let has_error = members.error.is_some_and(|error| error.as_str() != "null") && kind.is_none();
    let is_error = has_error || event.name == Some("error") || kind.as_deref() == Some("error");
    let own = kind.or_else(|| text(&members.object));
    let name = event.name.map(str::to_owned).or(own);
    let unnamed = if has_error { "error" } else { "an event without a name" };
    (name.unwrap_or_else(|| unnamed.to_owned()), is_error)
}

/// What an invoked model's payload calls itself: by its type, or as its only member.
fn name_of_payload(payload: &str) -> Option<String> {
    let members: BTreeMap<String, Json> = serde_json::from_str(payload).ok()?;
    let text = |name: &str| members.get(name).and_then(|json| json.parse::<String>().ok());
    let mut own = members.keys().filter(|name| !name.starts_with("amazon-bedrock-"));
    text("type").or_else(|| text("object")).or_else(|| own.next().filter(|_| own.next().is_none()).cloned())
}

/// The length of the prelude and the checksum, in bytes.
const FRAMING_LEN: usize = 16;
