use std::borrow::Cow;

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
        let Some(restorer) = &mut self.0 else { return Some(chunk) };
        match restorer.restore(&chunk)? {
            Cow::Owned(restored) => Some(restored),
            // Nearly every chunk: it need not be copied.
            Cow::Borrowed(_) => Some(chunk),
        }
    }
}
