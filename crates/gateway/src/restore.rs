use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_dialects::request::{ToolCallRestorer, ToolNames};

/// Restores the names by which the client knows the tools that an answer calls.
#[derive(Debug)]
pub(crate) struct Restore(Option<ToolCallRestorer>);

impl Restore {
    pub(crate) fn new(names: &ToolNames) -> Self {
        Self((!names.is_trivial()).then(|| ToolCallRestorer::new(names.clone())))
    }

    /// The chunk as the client must see it; `None` if it is hidden from the client.
    pub(crate) fn chunk(&mut self, chunk: Chunk) -> Option<Chunk> {
        self.chunk_ref(ChunkRef::Owned(chunk)).map(ChunkRef::into_chunk)
    }

    /// The same for a chunk whose text is borrowed.
    pub(crate) fn chunk_ref<'a>(&mut self, chunk: ChunkRef<'a>) -> Option<ChunkRef<'a>> {
        match &mut self.0 {
            Some(restorer) => restorer.restore_ref(chunk),
            None => Some(chunk),
        }
    }
}
