use bedrock_stream_core::frame::{Message, MessageKind};

/// The header block of the last `chunk` message. Nearly every message of a stream has the same one, and comparing it costs a
/// fraction of reading it.
#[derive(Clone, Debug)]
pub(crate) struct ChunkHeaders {
    block: [u8; CAPACITY],
    /// 0: none was read.
    len: usize,
}

impl ChunkHeaders {
    pub(crate) const fn new() -> Self {
        Self { block: [0; CAPACITY], len: 0 }
    }

    /// Whether it is a `chunk` message: whether its headers say so.
    pub(crate) fn are_of(&mut self, message: &Message<'_>) -> bool {
        let block = message.header_block();
        if self.len > 0 && block == &self.block[..self.len] {
            return true;
        }
        let is_chunk = say_chunk(message);
        if is_chunk {
            if let Some(known) = self.block.get_mut(..block.len()) {
                known.copy_from_slice(block);
                self.len = block.len();
            }
        }
        is_chunk
    }
}

/// Whether a message's headers say that it is a `chunk`.
fn say_chunk(message: &Message<'_>) -> bool {
    let kind = message.envelope().map(|envelope| envelope.kind);
    matches!(kind, Ok(MessageKind::Event { event_type: CHUNK, .. }))
}

/// The event that contains a payload.
pub(crate) const CHUNK: &str = "chunk";

/// In bytes; the headers of Bedrock's `chunk` messages have 75.
const CAPACITY: usize = 128;

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bedrock_stream_core::frame::{Header, Message, encode};
    use proptest::prelude::*;

    use super::{ChunkHeaders, say_chunk};

    fn header() -> impl Strategy<Value = Header<'static>> {
        let name = prop::sample::select(&[":event-type", ":message-type", ":exception-type", "x"][..]);
        let value = prop::sample::select(&["chunk", "event", "exception", "chunks"][..]);
        (name, value).prop_map(|(name, value)| Header::string(name, value))
    }

    fn headers() -> impl Strategy<Value = Vec<Header<'static>>> {
        let usual = [Header::string(":event-type", "chunk"), Header::string(":message-type", "event")];
        prop_oneof![Just(usual.to_vec()), prop::collection::vec(header(), 0..9)]
    }

    proptest! {
        /// Earlier messages do not affect how headers are read.
        #[test]
        fn the_known_headers_change_nothing(messages in prop::collection::vec(headers(), 0..8)) {
            let mut known = ChunkHeaders::new();
            for headers in messages {
                let mut bytes = Vec::new();
                encode(&headers, b"", &mut bytes).unwrap();
                let (message, _) = Message::parse(&bytes).unwrap().unwrap();
                prop_assert_eq!(known.are_of(&message), say_chunk(&message));
            }
        }
    }
}
