use alloc::string::String;
use alloc::sync::Arc;

use super::chunk_queue::ChunkQueue;
use crate::answer::{BlockKind, Chunk};
use crate::content::ToolInput;
use crate::converse::event::{BlockStart, Delta, ReasoningDelta, ToolUseDelta};
use crate::converse::event::{PlainDelta, PlainDeltaKind};
use crate::json::{Fields, Member};

/// A content block that has started and not ended, and the chunks of its pieces. Which block a piece belongs to is
/// decided by the chunker.
#[derive(Clone, Debug)]
pub(crate) struct OpenBlock {
    pub(super) index: u32,
    kind: Kind,
    /// Whether a piece of it may have been lost in a skipped event.
    is_damaged: bool,
    /// Whether a skipped event of this block was reported: later ones are only counted.
    is_told: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Text, reasoning, citations: a block that starts with its first piece. `is_begun`: whether that has come.
    Content {
        is_begun: bool,
    },
    Image,
    ToolCall {
        id: Arc<str>,
        name: Arc<str>,
        input: String,
    },
    ToolResult {
        id: Arc<str>,
    },
    /// The event that started the block was skipped, and so is everything that follows for it.
    Skipped,
}

impl OpenBlock {
    /// A block that has no start event: text, reasoning, citations.
    pub(crate) const fn content(index: u32) -> Self {
        Self::new(index, Kind::Content { is_begun: false })
    }

    /// A block whose start was skipped or never came.
    pub(crate) const fn skipped(index: u32) -> Self {
        Self { index, kind: Kind::Skipped, is_damaged: false, is_told: true }
    }

    /// A block with a start event; queues its chunks. `None` if the start does not say what kind of block it is.
    pub(crate) fn begin(index: u32, start: BlockStart, chunks: &mut ChunkQueue) -> Option<Self> {
        let (kind, chunk, other) = match start {
            BlockStart::ToolUse(start) => {
                let id: Arc<str> = start.tool_use_id.unwrap_or_default().into();
                let name: Arc<str> = start.name.unwrap_or_default().into();
                let chunk = Chunk::ToolCallStart {
                    block: index,
                    id: Arc::clone(&id),
                    name: Arc::clone(&name),
                    kind: start.kind,
                };
                (Kind::ToolCall { id, name, input: String::new() }, chunk, start.other)
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
            BlockStart::Unknown(_) | BlockStart::Several(_) => return None,
        };
        chunks.push(chunk);
        chunks.extend(unknown_members(Some(index), other));
        Some(Self::new(index, kind))
    }

    const fn new(index: u32, kind: Kind) -> Self {
        Self { index, kind, is_damaged: false, is_told: false }
    }

    pub(crate) const fn is_skipped(&self) -> bool {
        matches!(self.kind, Kind::Skipped)
    }

    /// Whether the block can take the piece: a tool delta needs a block that started as a tool call or a tool result.
    pub(crate) const fn takes(&self, delta: &Delta) -> bool {
        match delta {
            Delta::ToolUse(_) => matches!(self.kind, Kind::ToolCall { .. }),
            Delta::ToolResult(_) => matches!(self.kind, Kind::ToolResult { .. }),
            _ => !self.is_skipped(),
        }
    }

    /// Queues the chunks of a piece that the block [`takes`](Self::takes).
    pub(crate) fn delta(&mut self, delta: Delta, chunks: &mut ChunkQueue) {
        let block = self.index;
        match delta {
            Delta::Text(text) if text.is_empty() => {}
            Delta::Text(text) => self.push(BlockKind::Text, Chunk::Text { block, text }, chunks),
            Delta::ToolUse(ToolUseDelta { input, other }) => {
                chunks.extend(self.arguments(input.unwrap_or_default()).ok().flatten());
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
            Delta::Several(members) => members.into_iter().for_each(|member| self.delta(member, chunks)),
        }
    }

    /// The chunk of a piece of the most common kinds, for a block that has already begun. Returns the piece if the
    /// block does not take it, or if it is the first of the block.
    #[inline]
    pub(crate) fn piece(&mut self, piece: PlainDelta) -> Result<Option<Chunk>, PlainDelta> {
        let block = self.index;
        let PlainDelta { sort, text, .. } = piece;
        match (sort, &self.kind) {
            (PlainDeltaKind::ToolInput, _) => {
                self.arguments(text).map_err(|text| PlainDelta { block, sort, text })
            }
            (_, Kind::Content { is_begun: false } | Kind::Skipped) => Err(PlainDelta { block, sort, text }),
            _ if text.is_empty() => Ok(None),
            (PlainDeltaKind::Text, _) => Ok(Some(Chunk::Text { block, text })),
            (PlainDeltaKind::Reasoning, _) => Ok(Some(Chunk::Reasoning { block, text })),
        }
    }

    /// The chunk of a member that this version does not know.
    pub(crate) fn unknown(&mut self, member: Member, chunks: &mut ChunkQueue) {
        self.push(BlockKind::Unknown, unknown(Some(self.index), member), chunks);
    }

    /// How many bytes it uses.
    pub(crate) fn len(&self) -> usize {
        let held = match &self.kind {
            Kind::ToolCall { id, name, input } => id.len() + name.len() + input.len(),
            Kind::ToolResult { id } => id.len(),
            Kind::Content { .. } | Kind::Image | Kind::Skipped => 0,
        };
        OPEN_BLOCK_LEN + held
    }

    /// Notes that a piece of the block may have been lost: the arguments of a tool call must then not be used.
    pub(crate) const fn damage(&mut self) {
        self.is_damaged = true;
    }

    /// Notes that an event of the block is skipped; whether it is the first, which must be reported.
    pub(crate) const fn tell(&mut self) -> bool {
        !core::mem::replace(&mut self.is_told, true)
    }

    /// The last chunk of a block whose `contentBlockStop` came; `None` if the block had no chunk.
    pub(crate) fn end(self) -> Option<Chunk> {
        self.end_as(true)
    }

    /// The last chunk of a block whose `contentBlockStop` did not come. `is_whole`: the message stopped with
    /// `tool_use`, so a call without arguments so far takes none.
    pub(crate) fn end_without_stop(self, is_whole: bool) -> Option<Chunk> {
        let takes_nothing = matches!(&self.kind, Kind::ToolCall { input, .. } if input.is_empty());
        self.end_as(is_whole && takes_nothing)
    }

    fn end_as(self, stopped: bool) -> Option<Chunk> {
        let block = self.index;
        match self.kind {
            Kind::ToolCall { id, name, input: text } => {
                let input = if self.is_damaged {
                    ToolInput::Malformed { text }
                } else {
                    ToolInput::from_arguments(text, stopped)
                };
                Some(Chunk::ToolCallEnd { block, id, name, input })
            }
            Kind::Content { is_begun: true } | Kind::Image | Kind::ToolResult { .. } => {
                Some(Chunk::BlockEnd { block })
            }
            Kind::Content { is_begun: false } | Kind::Skipped => None,
        }
    }

    /// The chunk of a piece of a tool call's arguments. Returns the piece if the block is not a tool call.
    #[inline]
    fn arguments(&mut self, piece: String) -> Result<Option<Chunk>, String> {
        let Kind::ToolCall { id, input, .. } = &mut self.kind else { return Err(piece) };
        if piece.is_empty() {
            return Ok(None);
        }
        input.push_str(&piece);
        Ok(Some(Chunk::ToolCallDelta { block: self.index, id: Arc::clone(id), arguments_delta: piece }))
    }

    fn reasoning(&mut self, delta: ReasoningDelta, chunks: &mut ChunkQueue) {
        let block = self.index;
        match delta {
            ReasoningDelta::Text(text) if text.is_empty() => {}
            ReasoningDelta::Text(text) => {
                self.push(BlockKind::Reasoning, Chunk::Reasoning { block, text }, chunks);
            }
            ReasoningDelta::Signature(signature) => {
                self.push(BlockKind::Reasoning, Chunk::ReasoningSignature { block, signature }, chunks);
            }
            ReasoningDelta::RedactedContent(data) => {
                self.push(BlockKind::ReasoningRedacted, Chunk::ReasoningRedacted { block, data }, chunks);
            }
            ReasoningDelta::Unknown(member) => self.unknown(member, chunks),
            ReasoningDelta::Several(members) => {
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

/// What an open block uses besides its texts, in bytes: itself and the allocations of its id, name and arguments.
pub(crate) const OPEN_BLOCK_LEN: usize = size_of::<OpenBlock>() + 64;
