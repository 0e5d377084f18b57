use std::time::Duration;

use bedrock_stream_core::converse::{EncodeEventError, Event, EventEncoder};
use bedrock_stream_core::frame::{self, MessageKind};
use bedrock_stream_core::json::Blob;
use bytes::Bytes;
use serde_json::Value;

use crate::arrival_times::ArrivalTimes;
use crate::dialect;
use crate::fault::EventType;

/// One encoded message, and what the server needs to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodedMessage {
    pub(crate) bytes: Bytes,
    /// The type of its event; none if faults cannot name it.
    pub(crate) event_type: Option<EventType>,
    /// When it was complete in the recording, since the request was sent. `None`: it is sent at the server's pace.
    pub(crate) due: Option<Duration>,
}

impl EncodedMessage {
    pub(crate) fn encode(event: &Event, encoder: &mut EventEncoder) -> Result<Self, EncodeEventError> {
        let mut bytes = Vec::new();
        encoder.encode(event, &mut bytes)?;
        Ok(Self { bytes: bytes.into(), event_type: EventType::of(event.name()), due: None })
    }

    /// Bytes that are not a message.
    pub(crate) fn raw(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), event_type: None, due: None }
    }

    /// Splits a stream into its messages, or server-sent events into events. From the first byte that belongs to no message, the
    /// rest is one piece.
    pub(crate) fn split(body: &Bytes) -> Vec<Self> {
        if dialect::looks_like_events(body) {
            let events = dialect::split_events(body).into_iter();
            return events.map(|bytes| Self { event_type: event_type(&bytes), bytes, due: None }).collect();
        }
        let mut messages = Vec::new();
        let mut rest = &body[..];
        while let Ok(Some((message, after))) = frame::Message::parse(rest) {
            let event_type = match message.envelope().map(|envelope| envelope.kind) {
                Ok(MessageKind::Event { event_type: "chunk", .. }) => chunk_type(message.payload()),
                Ok(MessageKind::Event { event_type, .. }) => EventType::of(event_type),
                _ => None,
            };
            messages.push(Self { bytes: body.slice_ref(message.as_bytes()), event_type, due: None });
            rest = after;
        }
        if !rest.is_empty() {
            messages.push(Self::raw(body.slice_ref(rest)));
        }
        messages
    }

    /// The same, with each message due at the time when its last byte arrived.
    pub(crate) fn split_by(body: &Bytes, times: &ArrivalTimes) -> Vec<Self> {
        let mut messages = Self::split(body);
        let mut end = 0;
        for message in &mut messages {
            end += message.bytes.len() as u64;
            message.due = times.of(end - 1);
        }
        messages
    }
}

/// The type of a server-sent event.
fn event_type(event: &[u8]) -> Option<EventType> {
    dialect::payload_type(&serde_json::from_str(&dialect::event_data(event)?).ok()?)
}

/// The type of the payload in a `chunk` of Invoke; a delta, if it is unknown.
fn chunk_type(payload: &[u8]) -> Option<EventType> {
    let payload = || {
        let chunk: Value = serde_json::from_slice(payload).ok()?;
        let bytes = Blob::from_base64(chunk["bytes"].as_str()?)?;
        serde_json::from_slice(bytes.as_ref()).ok()
    };
    match payload() {
        Some(payload) => dialect::payload_type(&payload),
        None => Some(EventType::Delta),
    }
}
