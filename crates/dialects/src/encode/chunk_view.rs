use alloc::sync::Arc;

use bedrock_stream_core::answer::Chunk;
pub(super) use bedrock_stream_core::answer::ChunkRef;

/// A chunk as the encoders read it, whether its text is its own or borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) enum ChunkView<'a> {
    Text {
        block: u32,
        text: &'a str,
    },
    Reasoning {
        block: u32,
        text: &'a str,
    },
    CallDelta {
        block: u32,
        id: &'a Arc<str>,
        text: &'a str,
    },
    /// Any other chunk.
    Other(&'a Chunk),
}

impl<'a> ChunkView<'a> {
    /// `None`: the chunk borrows something that is not known here.
    pub(super) fn of(chunk: &'a ChunkRef<'_>) -> Option<Self> {
        Some(match chunk {
            ChunkRef::Text { block, text, .. } => Self::Text { block: *block, text },
            ChunkRef::Reasoning { block, text, .. } => Self::Reasoning { block: *block, text },
            ChunkRef::ToolCallDelta { block, id, arguments_delta, .. } => {
                Self::CallDelta { block: *block, id, text: arguments_delta }
            }
            ChunkRef::Owned(chunk) => chunk.into(),
            _ => return None,
        })
    }

    /// The chunk with its own text.
    pub(super) fn to_chunk(self) -> Chunk {
        match self {
            Self::Text { block, text } => Chunk::text(block, text),
            Self::Reasoning { block, text } => Chunk::reasoning(block, text),
            Self::CallDelta { block, id, text } => Chunk::tool_call_delta(block, Arc::clone(id), text),
            Self::Other(chunk) => chunk.clone(),
        }
    }
}

impl<'a> From<&'a Chunk> for ChunkView<'a> {
    fn from(chunk: &'a Chunk) -> Self {
        match chunk {
            Chunk::Text { block, text, .. } => Self::Text { block: *block, text },
            Chunk::Reasoning { block, text, .. } => Self::Reasoning { block: *block, text },
            Chunk::ToolCallDelta { block, id, arguments_delta, .. } => {
                Self::CallDelta { block: *block, id, text: arguments_delta }
            }
            chunk => Self::Other(chunk),
        }
    }
}

/// The two methods of `Encode` that take a chunk, by the encoder's own `write`, which takes a [`ChunkView`].
macro_rules! encoded_by_views {
    () => {
        fn encode(&mut self, chunk: &Chunk, out: &mut Vec<u8>) {
            self.write(chunk.into(), out);
        }

        fn encode_ref(&mut self, chunk: &$crate::encode::chunk_view::ChunkRef<'_>, out: &mut Vec<u8>) {
            match $crate::encode::chunk_view::ChunkView::of(chunk) {
                Some(view) => self.write(view, out),
                None => self.write((&chunk.clone().into_chunk()).into(), out),
            }
        }
    };
}
pub(super) use encoded_by_views;
