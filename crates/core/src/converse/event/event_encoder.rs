use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::delta_scan::PADDING;
use super::event::Event;
use crate::answer::UnmodeledError;
use crate::frame::{
    CONTENT_TYPE, ERROR_CODE, ERROR_MESSAGE, EVENT_TYPE, EXCEPTION_TYPE, EncodeError, Header, MESSAGE_TYPE,
    encode,
};

/// Writes events as messages, with the headers that Bedrock gives them: for fakes, proxies and tests.
///
/// ```
/// use bedrock_stream_core::converse::{Event, EventEncoder};
/// use bedrock_stream_core::frame::Message;
///
/// let event: Event = serde_json::from_str(r#"{"messageStop":{"stopReason":"end_turn"}}"#)?;
/// let mut bytes = Vec::new();
/// EventEncoder::new().encode(&event, &mut bytes)?;
/// let (message, _) = Message::parse(&bytes)?.expect("it is whole");
/// assert_eq!(Event::decode(&message)?, event);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventEncoder {
    /// The state of the generator of padding lengths; `None`: no padding.
    padding: Option<u64>,
}

impl EventEncoder {
    /// An encoder that does not pad.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An encoder that pads as Bedrock does: each known event has a member `p` of 2 to 61 characters, so that its
    /// length does not reveal the length of the text. The same seed always produces the same lengths.
    #[must_use]
    pub const fn padded(seed: u64) -> Self {
        Self { padding: Some(seed) }
    }

    /// Appends the event's message to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeEventError`]; `out` is then unchanged.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), EncodeEventError> {
        let name = event.name();
        let json = Header::string(CONTENT_TYPE, "application/json");
        let event_headers = [Header::string(EVENT_TYPE, name), json, Header::string(MESSAGE_TYPE, "event")];
        match event {
            Event::MessageStart(event) => self.encode_payload(event_headers, event, out),
            Event::ContentBlockStart(event) => self.encode_payload(event_headers, event, out),
            Event::ContentBlockDelta(event) => self.encode_payload(event_headers, event, out),
            Event::ContentBlockStop(event) => self.encode_payload(event_headers, event, out),
            Event::MessageStop(event) => self.encode_payload(event_headers, event, out),
            Event::Metadata(event) => self.encode_payload(event_headers, &**event, out),
            Event::Exception(exception) => {
                let headers =
                    [Header::string(EXCEPTION_TYPE, name), json, Header::string(MESSAGE_TYPE, "exception")];
                Ok(encode(&headers, &exception.payload, out)?)
            }
            Event::Error(error) => {
                let details = [(ERROR_CODE, &error.code), (ERROR_MESSAGE, &error.message)];
                let details = details
                    .into_iter()
                    .filter_map(|(name, value)| value.as_deref().map(|value| Header::string(name, value)));
                let message_type = Header::string(MESSAGE_TYPE, "error");
                if error.other.is_empty() {
                    return Ok(encode([message_type].into_iter().chain(details), &[], out)?);
                }
                let payload =
                    to_json(&UnmodeledError { other: error.other.clone(), ..UnmodeledError::default() })?;
                Ok(encode([json, message_type].into_iter().chain(details), &payload, out)?)
            }
            Event::Unknown(event) => {
                let event_type = event.event_type.as_deref().map(|name| Header::string(EVENT_TYPE, name));
                let message_type = event.message_type.as_deref().unwrap_or("event");
                let headers =
                    event_type.into_iter().chain([json, Header::string(MESSAGE_TYPE, message_type)]);
                let payload = event.payload.as_ref().map_or("", |json| json.as_str());
                Ok(encode(headers, payload.as_bytes(), out)?)
            }
        }
    }

    fn encode_payload<T: serde::Serialize>(
        &mut self,
        headers: [Header<'_>; 3],
        event: &T,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeEventError> {
        let mut payload = to_json(event)?;
        if let Some(state) = &mut self.padding {
            payload.pop();
            if payload.len() > 1 {
                payload.push(b',');
            }
            payload.extend_from_slice(b"\"p\":\"");
            payload.extend_from_slice(&PADDING.as_bytes()[..padding_len(state)]);
            payload.extend_from_slice(b"\"}");
        }
        Ok(encode(&headers, &payload, out)?)
    }
}

/// Why an event cannot be written.
///
/// ```
/// use bedrock_stream_core::answer::Exception;
/// use bedrock_stream_core::converse::{EncodeEventError, Event, EventEncoder};
///
/// // The name is a header, which has at most 32,767 bytes.
/// let event = Event::Exception(Exception::new("x".repeat(40_000), "{}"));
/// let mut bytes = Vec::new();
/// let error = EventEncoder::new().encode(&event, &mut bytes).unwrap_err();
/// assert!(matches!(error, EncodeEventError::Frame(_)) && bytes.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeEventError {
    /// A value of the event cannot be written as JSON.
    #[error("the event cannot be written as JSON: {reason}")]
    #[non_exhaustive]
    Json {
        /// The serializer's error.
        reason: String,
    },
    /// The message or an exception's name is too long.
    #[error(transparent)]
    Frame(#[from] EncodeError),
}

constructors! {
    impl EncodeEventError {
        json => Json { reason: String },
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, EncodeEventError> {
    serde_json::to_vec(value).map_err(|error| EncodeEventError::Json { reason: error.to_string() })
}

/// The next length, 2 to 61, from the high bits of a linear congruential generator. The generator is fixed, so that a
/// seed always produces the same lengths. Source of the constants: Knuth's MMIX.
fn padding_len(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    2 + ((*state >> 33) % 60) as usize
}
