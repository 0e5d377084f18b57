use bedrock_stream_core::answer::Chunk;

use crate::error::error::Error;
use crate::stream::received::Received;

/// The data that a [`ChunkStream`](crate::ChunkStream) read before its first chunk was requested.
#[derive(Default)]
pub(crate) struct Peeked {
    bytes: Vec<u8>,
    /// The messages in `bytes` that were decoded: usually one.
    messages: Vec<Box<[u8]>>,
    /// The first item, if they contained one.
    pub(crate) item: Option<Result<Chunk, Error>>,
}

impl Peeked {
    pub(crate) fn record(&mut self, received: Received<'_>) {
        match received {
            Received::Bytes(bytes) => self.bytes.extend_from_slice(bytes),
            Received::Message(message) => self.messages.push(message.into()),
        }
    }

    pub(crate) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Passes on what was recorded.
    pub(crate) fn show(&self, see: &mut impl FnMut(Received<'_>)) {
        if !self.bytes.is_empty() {
            see(Received::Bytes(&self.bytes));
        }
        for message in &self.messages {
            see(Received::Message(message));
        }
    }
}
