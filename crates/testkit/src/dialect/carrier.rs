use bedrock_stream_core::converse::{EncodeEventError, Event, EventEncoder};
use bedrock_stream_dialects::Dialect;
use serde_json::Value;

use super::error_shape::ErrorShape;
use super::sse_events::{first_data, looks_like_events};
use crate::encoded_message::EncodedMessage;

/// What carries an answer's payloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// An event stream: ConverseStream and Invoke.
    #[default]
    EventStream,
    /// Server-sent events of this dialect.
    Sse(Dialect),
}

impl Carrier {
    /// The carrier of a recorded body.
    pub(crate) fn of_body(body: &[u8]) -> Self {
        if !looks_like_events(body) {
            return Self::EventStream;
        }
        let dialect = first_data(body).and_then(|data| Dialect::detect(&data));
        Self::Sse(dialect.unwrap_or(Dialect::Chat))
    }

    /// An exception or an `error` message, as this carrier writes it. `number`: how many messages came before it.
    pub(crate) fn encode_failure(
        self,
        failure: &Event,
        number: usize,
    ) -> Result<EncodedMessage, EncodeEventError> {
        let Self::Sse(dialect) = self else {
            return EncodedMessage::encode(failure, &mut EventEncoder::new());
        };
        let (status, message) = match failure {
            Event::Exception(exception) => (exception.http_status(), exception.message.clone()),
            Event::Error(error) => (None, error.message.clone()),
            _ => (None, None),
        };
        let (status, message) = (status.unwrap_or(500), message.unwrap_or_default());
        let mut data = ErrorShape::of(dialect).body(status, &message, None);
        let name = match dialect {
            Dialect::Chat => "",
            _ => "event: error\n",
        };
        if dialect == Dialect::Responses {
            // OpenAI sends these members twice, and both SDKs read the inner ones.
            data["type"] = "error".into();
            data["sequence_number"] = number.into();
            for member in ["code", "message", "param"] {
                data[member] = data["error"].get(member).cloned().unwrap_or(Value::Null);
            }
        }
        Ok(EncodedMessage::raw(format!("{name}data: {data}\n\n")))
    }
}
