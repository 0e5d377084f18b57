use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::frame::Limits;

use crate::sse::Decoder;

/// An event of an encoded stream.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_dialects::encode::{Encode, MessagesEncoder};
///
/// let events = MessagesEncoder::new("msg_1", "claude").events(&Chunk::text(0, "Hello"));
/// assert_eq!(events[0].name.as_deref(), Some("message_start"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Its name. Events of Chat Completions have none.
    pub name: Option<String>,
    /// Its data: a JSON object, or `[DONE]`.
    pub data: String,
}

impl Event {
    /// The events in an encoder's output, without comments.
    pub(super) fn read(mut bytes: &[u8]) -> Vec<Self> {
        let mut decoder = Decoder::with_limits(Limits::none());
        let mut events = Vec::new();
        while let Ok(Some(event)) = decoder.next_from(&mut bytes) {
            events.push(Self { name: event.name.map(str::to_owned), data: event.data.to_owned() });
        }
        events
    }
}
