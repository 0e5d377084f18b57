use bedrock_stream_core::frame::{Message, MessageKind};
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::Dialect;
use serde::Deserialize;

/// The content of a `chunk` event: of InvokeModelWithResponseStream, or of an agent.
#[derive(Debug)]
pub(crate) struct ChunkEvent {
    /// The decoded `bytes`; none if it has none, or if they are not base64.
    pub(crate) bytes: Option<Vec<u8>>,
    /// The sources that an agent names for its text.
    pub(crate) attribution: Option<Json>,
}

impl ChunkEvent {
    /// `None`: the message is another event.
    pub(crate) fn of(message: &Message<'_>) -> Option<Self> {
        match message.envelope().map(|envelope| envelope.kind) {
            Ok(MessageKind::Event { event_type: NAME, .. }) => Some(Self::of_payload(message.payload())),
            _ => None,
        }
    }

    /// Reads the payload of a `chunk` event.
    pub(crate) fn of_payload(payload: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Payload {
            bytes: Option<String>,
            attribution: Option<Json>,
        }
        match serde_json::from_slice::<Payload>(payload) {
            Ok(Payload { bytes, attribution }) => {
                let bytes = bytes.and_then(|bytes| Blob::from_base64(&bytes)).map(|bytes| bytes.0);
                Self { bytes, attribution }
            }
            Err(_) => Self { bytes: None, attribution: None },
        }
    }

    /// The payload that it carries, if that is JSON.
    pub(crate) fn json(&self) -> Option<Json> {
        let text = std::str::from_utf8(self.bytes.as_deref()?).ok()?;
        Json::from_text(text).ok()
    }

    /// The dialect of the payload that it carries, if that tells.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        Dialect::detect(self.json()?.as_str())
    }

    /// Whether its content is not JSON: it is an agent's, or damaged.
    pub(crate) fn is_agents(&self) -> bool {
        self.bytes.is_some() && self.json().is_none()
    }
}

/// The name of the event.
pub(crate) const NAME: &str = "chunk";
