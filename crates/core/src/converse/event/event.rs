use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use core::fmt;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::block_events::{ContentBlockDelta, ContentBlockStart, ContentBlockStop};
use super::block_scan::{scan_start, scan_stop, usual_event_type};
use super::delta_scan::scan_delta;
use super::message_events::{MessageStart, MessageStop};
use super::metadata::Metadata;
use super::unknown_event::UnknownEvent;
use crate::answer::{Exception, SkippedEvent, UnmodeledError};
use crate::frame::{Message, MessageKind};
use crate::json::{Json, Key};

/// One event of a ConverseStream answer: every member of `ConverseStreamOutput`, and events that this version does
/// not know.
///
/// Its JSON is an object with one member, named after the event, as `bedrock-stream decode --as events` prints it.
///
/// ```
/// use bedrock_stream_core::converse::Event;
///
/// let event: Event = serde_json::from_str(r#"{"messageStop":{"stopReason":"end_turn"}}"#)?;
/// assert_eq!(event.name(), "messageStop");
/// // An event that this version does not know is data.
/// let event: Event = serde_json::from_str(r#"{"somethingNew":{"a":1}}"#)?;
/// assert!(matches!(event, Event::Unknown(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// `messageStart`.
    MessageStart(MessageStart),
    /// `contentBlockStart`.
    ContentBlockStart(ContentBlockStart),
    /// `contentBlockDelta`.
    ContentBlockDelta(ContentBlockDelta),
    /// `contentBlockStop`.
    ContentBlockStop(ContentBlockStop),
    /// `messageStop`.
    MessageStop(MessageStop),
    /// `metadata`.
    Metadata(Box<Metadata>),
    /// A modeled error, which ends the stream.
    Exception(Exception),
    /// An error outside the model (`:message-type` is `error`), which ends the stream.
    Error(UnmodeledError),
    /// An event that this version does not know.
    Unknown(UnknownEvent),
}

impl Event {
    /// Reads the event in a message.
    ///
    /// # Errors
    ///
    /// [`SkippedEvent`]: the message has no usable type, or its payload is not valid JSON for the event. The stream
    /// may go on without it.
    pub fn decode(message: &Message<'_>) -> Result<Self, SkippedEvent> {
        let delta = if Self::has_delta_headers(message) { scan_delta(message.payload()) } else { None };
        delta.map_or_else(|| Self::decode_other(message), |delta| Ok(Self::ContentBlockDelta(delta.into())))
    }

    /// [`decode`](Self::decode) for a message that [`scan_delta`] has not read.
    pub(crate) fn decode_other(message: &Message<'_>) -> Result<Self, SkippedEvent> {
        Self::scan_block(message).map_or_else(|| Self::parse(message), Ok)
    }

    /// Reads the start of a tool call or the end of a block. `None` for anything else, and for what serde must read.
    pub(crate) fn scan_block(message: &Message<'_>) -> Option<Self> {
        let event_type = usual_event_type(message.header_block())?;
        if event_type == CONTENT_BLOCK_STOP.as_bytes() {
            scan_stop(message.payload()).map(Self::ContentBlockStop)
        } else if event_type == CONTENT_BLOCK_START.as_bytes() {
            scan_start(message.payload()).map(Self::ContentBlockStart)
        } else {
            None
        }
    }

    /// [`decode`](Self::decode) for a message that neither [`scan_delta`] nor [`scan_block`](Self::scan_block) has read.
    pub(crate) fn parse(message: &Message<'_>) -> Result<Self, SkippedEvent> {
        let envelope = message.envelope().map_err(|error| SkippedEvent::Message { error })?;
        let unknown = |message_type: Option<&str>, event_type: Option<&str>| {
            let name = event_type.or(message_type).unwrap_or_default();
            Ok(Self::Unknown(UnknownEvent {
                message_type: message_type.map(ToOwned::to_owned),
                event_type: event_type.map(ToOwned::to_owned),
                payload: unpadded(name, message.payload())?,
            }))
        };
        match envelope.kind {
            MessageKind::Event { event_type } => match event_type {
                MESSAGE_START => payload(event_type, message).map(Self::MessageStart),
                CONTENT_BLOCK_START => payload(event_type, message).map(Self::ContentBlockStart),
                CONTENT_BLOCK_DELTA => payload(event_type, message).map(Self::ContentBlockDelta),
                CONTENT_BLOCK_STOP => payload(event_type, message).map(Self::ContentBlockStop),
                MESSAGE_STOP => payload(event_type, message).map(Self::MessageStop),
                METADATA => payload(event_type, message).map(|event| Self::Metadata(Box::new(event))),
                _ => unknown(None, Some(event_type)),
            },
            MessageKind::InitialRequest => unknown(None, Some("initial-request")),
            MessageKind::InitialResponse => unknown(None, Some("initial-response")),
            MessageKind::Exception { exception_type } => {
                Ok(Self::Exception(Exception::new(exception_type.unwrap_or_default(), message.payload())))
            }
            MessageKind::Error { code, message: said } => {
                // There is usually no payload. The error is reported even if the payload cannot be read.
                let details: UnmodeledError = payload(ERROR, message).unwrap_or_default();
                Ok(Self::Error(UnmodeledError {
                    code: code.map(ToOwned::to_owned).or(details.code),
                    message: said.map(ToOwned::to_owned).or(details.message),
                    other: details.other,
                    after_stop: false,
                }))
            }
            MessageKind::Unknown { message_type, event_type } => unknown(Some(message_type), event_type),
        }
    }

    /// Whether the headers are those of a delta as Bedrock usually writes them, which [`scan_delta`] may read.
    #[inline]
    pub(crate) fn has_delta_headers(message: &Message<'_>) -> bool {
        // An array has a known length, so the comparison needs no function call.
        let headers = message.header_block().first_chunk();
        headers == Some(DELTA_HEADERS) && message.header_block().len() == DELTA_HEADERS.len()
    }

    /// The name of the event or the exception; `error` for an error message.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::MessageStart(_) => MESSAGE_START,
            Self::ContentBlockStart(_) => CONTENT_BLOCK_START,
            Self::ContentBlockDelta(_) => CONTENT_BLOCK_DELTA,
            Self::ContentBlockStop(_) => CONTENT_BLOCK_STOP,
            Self::MessageStop(_) => MESSAGE_STOP,
            Self::Metadata(_) => METADATA,
            Self::Exception(exception) => &exception.name,
            Self::Error(_) => ERROR,
            Self::Unknown(event) => event.name(),
        }
    }
}

macro_rules! from_events {
    ($($Type:ty => $Event:ident,)*) => {$(
        impl From<$Type> for Event {
            fn from(event: $Type) -> Self {
                Self::$Event(event.into())
            }
        }
    )*};
}
from_events! {
    MessageStart => MessageStart,
    ContentBlockStart => ContentBlockStart,
    ContentBlockDelta => ContentBlockDelta,
    ContentBlockStop => ContentBlockStop,
    MessageStop => MessageStop,
    Metadata => Metadata,
    Exception => Exception,
    UnmodeledError => Error,
    UnknownEvent => Unknown,
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        let name = self.name();
        match self {
            Self::MessageStart(event) => map.serialize_entry(name, event),
            Self::ContentBlockStart(event) => map.serialize_entry(name, event),
            Self::ContentBlockDelta(event) => map.serialize_entry(name, event),
            Self::ContentBlockStop(event) => map.serialize_entry(name, event),
            Self::MessageStop(event) => map.serialize_entry(name, event),
            Self::Metadata(event) => map.serialize_entry(name, event),
            Self::Exception(exception) => map.serialize_entry(name, exception),
            Self::Error(error) => map.serialize_entry(name, error),
            Self::Unknown(event) => map.serialize_entry(name, &event.payload),
        }?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Event {
    /// Reads the JSON that [`Serialize`] writes: a name that ends in `Exception` is an exception, `error` an error
    /// message.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneMember;
        impl<'de> Visitor<'de> for OneMember {
            type Value = Event;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one member, named after an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
                let Some(Key(name)) = map.next_key()? else {
                    return Err(A::Error::invalid_length(0, &self));
                };
                let event = match &*name {
                    MESSAGE_START => Event::MessageStart(map.next_value()?),
                    CONTENT_BLOCK_START => Event::ContentBlockStart(map.next_value()?),
                    CONTENT_BLOCK_DELTA => Event::ContentBlockDelta(map.next_value()?),
                    CONTENT_BLOCK_STOP => Event::ContentBlockStop(map.next_value()?),
                    MESSAGE_STOP => Event::MessageStop(map.next_value()?),
                    METADATA => Event::Metadata(Box::new(map.next_value()?)),
                    ERROR => Event::Error(map.next_value()?),
                    name if name.ends_with("Exception") => {
                        let payload: Json = map.next_value()?;
                        Event::Exception(Exception::new(name, payload.as_str()))
                    }
                    name => Event::Unknown(UnknownEvent {
                        message_type: None,
                        event_type: Some(name.to_owned()),
                        payload: map.next_value()?,
                    }),
                };
                match map.next_key::<Key<'_>>()? {
                    None => Ok(event),
                    Some(_) => Err(A::Error::invalid_length(2, &self)),
                }
            }
        }
        deserializer.deserialize_map(OneMember)
    }
}

/// Reads a payload of a known shape.
fn payload<'m, T: Deserialize<'m>>(event_type: &str, message: &Message<'m>) -> Result<T, SkippedEvent> {
    parse(event_type, text(event_type, message.payload())?)
}

fn text<'m>(event_type: &str, payload: &'m [u8]) -> Result<&'m str, SkippedEvent> {
    core::str::from_utf8(payload).map_err(|error| skipped(event_type, payload, &error))
}

fn parse<'m, T: Deserialize<'m>>(event_type: &str, text: &'m str) -> Result<T, SkippedEvent> {
    serde_json::from_str(text).map_err(|error| skipped(event_type, text.as_bytes(), &error))
}

fn skipped(event_type: &str, payload: &[u8], reason: &dyn fmt::Display) -> SkippedEvent {
    SkippedEvent::Payload {
        event: event_type.to_owned(),
        reason: reason.to_string(),
        payload: payload.to_owned(),
    }
}

/// The payload of an unknown event. Only an object can be padded, and only a padded one must be rewritten.
fn unpadded(event_type: &str, payload: &[u8]) -> Result<Option<Json>, SkippedEvent> {
    if payload.is_empty() {
        return Ok(None);
    }
    let text = text(event_type, payload)?;
    let json: Json = parse(event_type, text)?;
    // `p` may also be a value or a nested member: such JSON is kept as it is.
    let has_padding =
        || json.parse::<BTreeMap<String, IgnoredAny>>().is_ok_and(|members| members.contains_key("p"));
    if !text.contains("\"p\"") || !has_padding() {
        return Ok(Some(json));
    }
    let unpadded: Unpadded = parse(event_type, text)?;
    Json::from_value(&unpadded).map(Some).map_err(|error| skipped(event_type, payload, &error))
}

object! {
    /// Every member of a payload except its padding.
    struct Unpadded: padded {}
}

pub(crate) const MESSAGE_START: &str = "messageStart";
pub(crate) const CONTENT_BLOCK_START: &str = "contentBlockStart";
pub(crate) const CONTENT_BLOCK_DELTA: &str = "contentBlockDelta";
pub(crate) const CONTENT_BLOCK_STOP: &str = "contentBlockStop";
pub(crate) const MESSAGE_STOP: &str = "messageStop";
pub(crate) const METADATA: &str = "metadata";
const ERROR: &str = "error";
/// The header block of most messages: three strings, as Bedrock writes and orders them.
const DELTA_HEADERS: &[u8; 87] = b"\x0b:event-type\x07\x00\x11contentBlockDelta\
    \x0d:content-type\x07\x00\x10application/json\
    \x0d:message-type\x07\x00\x05event";
