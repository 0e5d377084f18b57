use alloc::string::String;
use alloc::sync::Arc;

use bedrock_stream_core::answer::ChunkRef;
use bedrock_stream_core::converse::TextDeltaKind;

/// A piece of text, reasoning or arguments that waits to be taken, owned or lent. Its memory is used again for the next
/// piece, so a piece that is lent costs no allocation.
#[derive(Debug)]
pub(super) struct HeldDelta {
    is_held: bool,
    kind: TextDeltaKind,
    block: u32,
    /// The id of the last call that had a piece.
    id: Arc<str>,
    text: String,
}

impl HeldDelta {
    pub(super) fn new() -> Self {
        let text = String::new();
        Self { is_held: false, kind: TextDeltaKind::Text, block: 0, id: Arc::default(), text }
    }

    /// Holds this chunk, which must be a piece of at most [`MAX_LEN`](Self::MAX_LEN) bytes; none may be held.
    #[inline]
    pub(super) fn hold(&mut self, chunk: &ChunkRef<'_>) {
        let (kind, block, text) = match chunk {
            ChunkRef::Text { block, text, .. } => (TextDeltaKind::Text, *block, *text),
            ChunkRef::Reasoning { block, text, .. } => (TextDeltaKind::Reasoning, *block, *text),
            ChunkRef::ToolCallDelta { block, id, arguments_delta, .. } => {
                if !Arc::ptr_eq(&self.id, id) {
                    self.id = Arc::clone(id);
                }
                (TextDeltaKind::ToolInput, *block, *arguments_delta)
            }
            _ => return,
        };
        self.is_held = true;
        self.kind = kind;
        self.block = block;
        self.text.clear();
        self.text.push_str(text);
    }

    /// Whether a piece is held.
    pub(super) const fn is_held(&self) -> bool {
        self.is_held
    }

    /// Takes the piece that is held. `None`: none is.
    #[inline]
    pub(super) fn take(&mut self) -> Option<ChunkRef<'_>> {
        if !core::mem::take(&mut self.is_held) {
            return None;
        }
        Some(match self.kind {
            TextDeltaKind::Text => ChunkRef::text(self.block, &self.text),
            TextDeltaKind::Reasoning => ChunkRef::reasoning(self.block, &self.text),
            TextDeltaKind::ToolInput => ChunkRef::tool_call_delta(self.block, &self.id, &self.text),
        })
    }

    /// The longest piece that may be held, in bytes, so that its memory stays small.
    pub(super) const MAX_LEN: usize = 16 << 10;
}
