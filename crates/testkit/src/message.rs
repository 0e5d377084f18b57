use std::collections::BTreeMap;

use bedrock_stream_core::frame::{self, EncodeError, Header, MessageKind};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::rng::Rng;

/// One event of an answer: its type and its members, without the padding that goes on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `:event-type`: `messageStart`, `contentBlockDelta`, ..
    pub event_type: &'static str,
    /// The members of the payload, by their JSON names.
    pub members: Map<String, Value>,
}

/// One message, encoded: exact wire bytes, and what the server has to know of them.
#[derive(Clone, Debug)]
pub(crate) struct WireMessage {
    pub(crate) bytes: Bytes,
    pub(crate) kind: Kind,
}

/// What a message is to the pacing and to the faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A `contentBlockDelta`, or a `chunk` of an invoke stream: what pacing holds back.
    Delta,
    /// The `messageStop`, before which nothing is complete.
    Stop,
    Other,
}

impl Event {
    pub(crate) fn new(event_type: &'static str, members: Value) -> Self {
        let members = match members {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self { event_type, members }
    }

    /// The message that carries the event, padded as Bedrock pads: a member `p` of 2 to 61 characters hides the length
    /// of the token.
    pub(crate) fn encode(&self, rng: &mut Rng) -> Result<WireMessage, EncodeError> {
        let padding = Value::from(&PADDING[..MIN_PADDING + rng.below(PADDING.len() - MIN_PADDING)]);
        // Bedrock's keys stand in alphabetical order, whatever order `serde_json` was built to keep.
        let mut members: BTreeMap<&str, &Value> =
            self.members.iter().map(|(name, value)| (name.as_str(), value)).collect();
        members.insert("p", &padding);
        encode(":event-type", self.event_type, "event", &members)
    }
}

impl WireMessage {
    /// An exception, the last message of its stream; it has no padding.
    pub(crate) fn exception(exception_type: &str, message: &str) -> Result<Self, EncodeError> {
        let message = Value::from(message);
        encode(":exception-type", exception_type, "exception", &BTreeMap::from([("message", &message)]))
    }

    /// A stream's bytes as its messages. From the first byte that is not a message on, the rest is one piece.
    pub(crate) fn split(body: &Bytes) -> Vec<Self> {
        let mut messages = Vec::new();
        let mut rest = &body[..];
        while let Ok(Some((message, after))) = frame::Message::parse(rest) {
            let kind = match message.envelope().map(|envelope| envelope.kind) {
                Ok(MessageKind::Event { event_type }) => Kind::of(event_type),
                _ => Kind::Other,
            };
            messages.push(Self { bytes: body.slice_ref(message.as_bytes()), kind });
            rest = after;
        }
        if !rest.is_empty() {
            messages.push(Self { bytes: body.slice_ref(rest), kind: Kind::Other });
        }
        messages
    }
}

impl Kind {
    fn of(event_type: &str) -> Self {
        match event_type {
            "contentBlockDelta" | "chunk" => Self::Delta,
            "messageStop" => Self::Stop,
            _ => Self::Other,
        }
    }
}

/// Headers as Bedrock writes them: these three, strings, in this order.
fn encode(
    type_header: &str,
    type_value: &str,
    message_type: &str,
    members: &BTreeMap<&str, &Value>,
) -> Result<WireMessage, EncodeError> {
    let headers = [
        Header::string(type_header, type_value),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", message_type),
    ];
    let members: Map<String, Value> =
        members.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect();
    let mut bytes = Vec::new();
    frame::encode(&headers, Value::Object(members).to_string().as_bytes(), &mut bytes)?;
    Ok(WireMessage { bytes: bytes.into(), kind: Kind::of(type_value) })
}

const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MIN_PADDING: usize = 2;
