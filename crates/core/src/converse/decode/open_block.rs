use alloc::string::String;
use alloc::sync::Arc;

use super::chunk_queue::ChunkQueue;
use crate::answer::{BlockKind, Chunk};
use crate::content::{CUSTOM_TOOL_CALL, ToolInput};
use crate::converse::event::{BlockStart, Delta, ReasoningDelta, TextDeltaKind, ToolUseDelta};
use crate::json::{Fields, Member};

/// A content block that has started but not ended. It turns its pieces into chunks; the chunker decides which block a
/// piece belongs to.
#[derive(Clone, Debug)]
pub(crate) struct OpenBlock {
    pub(super) index: u32,
    kind: Kind,
    /// Whether a piece of it may have been lost in a skipped event.
    has_loss: bool,
    /// Whether a skipped event of this block was reported: later ones are only counted.
    is_reported: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Text, reasoning, citations: a block that starts with its first piece. `is_begun`: whether that has arrived.
    Content {
        is_begun: bool,
    },
    Image,
    ToolCall {
        id: Arc<str>,
        name: Arc<str>,
        input: String,
        /// Whether the input is free text instead of JSON: a custom tool's.
        is_text: bool,
    },
    ToolResult {
        id: Arc<str>,
    },
    /// The event that started the block was skipped, and so are all its later events.
    Skipped,
}

impl OpenBlock {
    /// A block that has no start event: text, reasoning, citations.
    pub(crate) const fn content(index: u32) -> Self {
        Self::new(index, Kind::Content { is_begun: false })
    }

    /// A block whose start was skipped or never came.
    pub(crate) const fn skipped(index: u32) -> Self {
        Self { index, kind: Kind::Skipped, has_loss: false, is_reported: true }
    }

    /// A block with a start event; queues its chunks. `None` if the start does not say what kind of block it is.
    pub(crate) fn begin(index: u32, start: BlockStart, chunks: &mut ChunkQueue) -> Option<Self> {
        let (kind, chunk, other) = match start {
            BlockStart::ToolUse(start) => {
                let id: Arc<str> = start.tool_use_id.unwrap_or_default().into();
                let name: Arc<str> = start.name.unwrap_or_default().into();
                let is_text = start.kind.as_deref() == Some(CUSTOM_TOOL_CALL);
                let chunk = Chunk::ToolCallStart {
                    block: index,
                    id: Arc::clone(&id),
                    name: Arc::clone(&name),
                    kind: start.kind,
                };
                (Kind::ToolCall { id, name, input: String::new(), is_text }, chunk, start.other)
            }
            BlockStart::ToolResult(start) => {
                let id: Arc<str> = start.tool_use_id.unwrap_or_default().into();
                let (kind, status) = (start.kind, start.status);
                let chunk = Chunk::ToolResultStart { block: index, id: Arc::clone(&id), kind, status };
                (Kind::ToolResult { id }, chunk, start.other)
            }
            BlockStart::Image(start) => {
                (Kind::Image, Chunk::ImageStart { block: index, format: start.format }, start.other)
            }
            BlockStart::Unknown(_) | BlockStart::Members(_) => return None,
        };
        chunks.push(chunk);
        chunks.extend(unknown_members(Some(index), other));
        Some(Self::new(index, kind))
    }

    const fn new(index: u32, kind: Kind) -> Self {
        Self { index, kind, has_loss: false, is_reported: false }
    }

    pub(crate) const fn is_skipped(&self) -> bool {
        matches!(self.kind, Kind::Skipped)
    }

    /// Whether the block accepts the piece: a tool delta needs a block that started as a tool call or a tool result.
    pub(crate) const fn takes(&self, delta: &Delta) -> bool {
        match delta {
            Delta::ToolUse(_) => self.takes_text(TextDeltaKind::ToolInput),
            Delta::ToolResult(_) => matches!(self.kind, Kind::ToolResult { .. }),
            _ => !self.is_skipped(),
        }
    }

    /// [`takes`](Self::takes) for a piece of text.
    #[inline]
    pub(crate) const fn takes_text(&self, kind: TextDeltaKind) -> bool {
        match kind {
            TextDeltaKind::ToolInput => matches!(self.kind, Kind::ToolCall { .. }),
            TextDeltaKind::Text | TextDeltaKind::Reasoning => !self.is_skipped(),
        }
    }

    /// Whether a delta of text or of reasoning can be lent: returned as a [`ChunkRef`](crate::answer::ChunkRef) that borrows its text
    /// from the message. It can if its chunk is all that follows from it: the block takes the delta, and it is not the first, which
    /// comes after a chunk for the start of the block.
    #[inline]
    pub(crate) const fn lends_text(&self) -> bool {
        !matches!(self.kind, Kind::Skipped | Kind::Content { is_begun: false })
    }

    /// Queues the chunks of a piece that the block [`takes`](Self::takes).
    pub(crate) fn delta(&mut self, delta: Delta, chunks: &mut ChunkQueue) {
        let block = self.index;
        match delta {
            Delta::Text(text) => self.queue_text(TextDeltaKind::Text, text, chunks),
            Delta::ToolUse(ToolUseDelta { input, other }) => {
                self.queue_text(TextDeltaKind::ToolInput, input.unwrap_or_default(), chunks);
                chunks.extend(unknown_members(Some(block), other));
            }
            Delta::ToolResult(content) => {
                if let Kind::ToolResult { id } = &self.kind {
                    chunks.push(Chunk::ToolResult { block, id: Arc::clone(id), content });
                }
            }
            Delta::Reasoning(delta) => self.reasoning(delta, chunks),
            Delta::Citation(citation) => {
                self.push(BlockKind::Text, Chunk::Citation { block, citation }, chunks);
            }
            Delta::Image(image) => {
                if matches!(self.kind, Kind::Content { is_begun: false }) {
                    self.kind = Kind::Image;
                    chunks.push(Chunk::ImageStart { block, format: None });
                }
                chunks.push(Chunk::Image { block, image });
            }
            Delta::Unknown(member) => self.unknown(member, chunks),
            Delta::Members(members) => members.into_iter().for_each(|member| self.delta(member, chunks)),
        }
    }

    /// The chunk for a piece of text, reasoning or arguments that the block [takes](Self::takes_text). `None` if the
    /// piece is empty, or if it is the block's first, whose chunks are queued.
    #[inline]
    pub(crate) fn text_delta(
        &mut self,
        kind: TextDeltaKind,
        text: String,
        chunks: &mut ChunkQueue,
    ) -> Option<Chunk> {
        if text.is_empty() {
            return None;
        }
        let block = self.index;
        let (kind, chunk) = match kind {
            TextDeltaKind::Text => (BlockKind::Text, Chunk::Text { block, text }),
            TextDeltaKind::Reasoning => (BlockKind::Reasoning, Chunk::Reasoning { block, text }),
            TextDeltaKind::ToolInput => {
                let Kind::ToolCall { id, input, .. } = &mut self.kind else { return None };
                input.push_str(&text);
                return Some(Chunk::ToolCallDelta { block, id: Arc::clone(id), arguments_delta: text });
            }
        };
        if matches!(self.kind, Kind::Content { is_begun: false }) {
            self.push(kind, chunk, chunks);
            return None;
        }
        Some(chunk)
    }

    /// Adds a piece to the arguments of a tool call, and returns the call's id; `None` for other kinds.
    #[inline]
    pub(crate) fn add_arguments(&mut self, piece: &str) -> Option<&Arc<str>> {
        let Kind::ToolCall { id, input, .. } = &mut self.kind else { return None };
        input.push_str(piece);
        Some(id)
    }

    fn queue_text(&mut self, kind: TextDeltaKind, text: String, chunks: &mut ChunkQueue) {
        let chunk = self.text_delta(kind, text, chunks);
        chunks.extend(chunk);
    }

    /// The chunk of a member that this version does not know.
    pub(crate) fn unknown(&mut self, member: Member, chunks: &mut ChunkQueue) {
        self.push(BlockKind::Unknown, unknown(Some(self.index), member), chunks);
    }

    /// How many bytes it uses.
    pub(crate) fn len(&self) -> usize {
        let held = match &self.kind {
            Kind::ToolCall { id, name, input, .. } => id.len() + name.len() + input.len(),
            Kind::ToolResult { id } => id.len(),
            Kind::Content { .. } | Kind::Image | Kind::Skipped => 0,
        };
        OPEN_BLOCK_LEN + held
    }

    /// Records that a piece of the block may have been lost, so the arguments of a tool call must not be used.
    pub(crate) const fn note_loss(&mut self) {
        self.has_loss = true;
    }

    /// Records that an event of the block is skipped. Returns whether it is the first one, which must be reported.
    pub(crate) const fn mark_reported(&mut self) -> bool {
        !core::mem::replace(&mut self.is_reported, true)
    }

    /// The last chunk of a block whose `contentBlockStop` arrived; `None` if the block had no chunk.
    pub(crate) fn end(self) -> Option<Chunk> {
        self.end_as(true)
    }

    /// The last chunk of a block whose `contentBlockStop` did not arrive. `is_whole`: the message stopped with
    /// `tool_use`, so a call that has received no arguments has none.
    pub(crate) fn end_without_stop(self, is_whole: bool) -> Option<Chunk> {
        let has_no_arguments = matches!(&self.kind, Kind::ToolCall { input, .. } if input.is_empty());
        self.end_as(is_whole && has_no_arguments)
    }

    /// The last chunk of a block that was cut off: the arguments of a tool call are not usable, even if they look
    /// complete.
    pub(crate) fn end_cut_off(self) -> Option<Chunk> {
        let block = self.index;
        match self.kind {
            Kind::ToolCall { id, name, input: text, .. } if !self.has_loss => {
                Some(Chunk::ToolCallEnd { block, id, name, input: ToolInput::Truncated { text } })
            }
            _ => self.end_as(false),
        }
    }

    /// `has_block_stop`: whether the block ended by itself, so that the arguments of a call are all there.
    fn end_as(self, has_block_stop: bool) -> Option<Chunk> {
        let block = self.index;
        match self.kind {
            Kind::ToolCall { id, name, input: text, is_text } => {
                let input = if self.has_loss {
                    ToolInput::Malformed { text }
                } else if is_text {
                    if has_block_stop { ToolInput::text(text) } else { ToolInput::Truncated { text } }
                } else {
                    ToolInput::from_arguments(text, has_block_stop)
                };
                Some(Chunk::ToolCallEnd { block, id, name, input })
            }
            Kind::Content { is_begun: true } | Kind::Image | Kind::ToolResult { .. } => {
                Some(Chunk::BlockEnd { block })
            }
            Kind::Content { is_begun: false } | Kind::Skipped => None,
        }
    }

    fn reasoning(&mut self, delta: ReasoningDelta, chunks: &mut ChunkQueue) {
        let block = self.index;
        match delta {
            ReasoningDelta::Text(text) => self.queue_text(TextDeltaKind::Reasoning, text, chunks),
            ReasoningDelta::Signature(signature) => {
                self.push(BlockKind::Reasoning, Chunk::ReasoningSignature { block, signature }, chunks);
            }
            ReasoningDelta::RedactedContent(data) => {
                self.push(BlockKind::ReasoningRedacted, Chunk::ReasoningRedacted { block, data }, chunks);
            }
            ReasoningDelta::Unknown(member) => self.unknown(member, chunks),
            ReasoningDelta::Members(members) => {
                members.into_iter().for_each(|member| self.reasoning(member, chunks));
            }
        }
    }

    /// Queues a chunk of the block, preceded by `BlockStart` if it is the first of a block without a start.
    fn push(&mut self, kind: BlockKind, chunk: Chunk, chunks: &mut ChunkQueue) {
        if let Kind::Content { is_begun: is_begun @ false } = &mut self.kind {
            *is_begun = true;
            chunks.push(Chunk::BlockStart { block: self.index, kind });
        }
        chunks.push(chunk);
    }
}

/// The chunk of a member that this version does not know.
pub(crate) fn unknown(block: Option<u32>, member: Member) -> Chunk {
    Chunk::Unknown { event: None, member: Some(member.name), block, value: member.value }
}

/// The chunks of members that this version does not know.
pub(crate) fn unknown_members(block: Option<u32>, fields: Fields) -> impl Iterator<Item = Chunk> {
    fields.into_iter().map(move |member| unknown(block, member))
}

/// The memory of an open block besides its texts, in bytes: the block itself and the allocations of its id, name and
/// arguments.
pub(crate) const OPEN_BLOCK_LEN: usize = size_of::<OpenBlock>() + 64;
