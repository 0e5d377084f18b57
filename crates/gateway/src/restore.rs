use bedrock_stream_core::answer::Chunk;
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
        match &mut self.0 {
            None => Some(chunk),
            Some(restorer) => restorer.restore(&chunk).map(std::borrow::Cow::into_owned),
        }
    }
}
