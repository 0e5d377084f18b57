use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;

use super::block_events::{BlockStart, Delta, ReasoningDelta};
use super::chunk::Chunk;
use super::delta_scan::{Piece, Sort};
use super::fields::{Fields, Member};
use super::tool_input::ToolInput;

/// A content block that has begun and not ended, and what its pieces become. Where pieces belong is not decided here.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) index: u32,
    kind: Kind,
    /// Whether a piece of it may have been lost in a spoiled event.
    is_damaged: bool,
}

#[derive(Debug)]
enum Kind {
    Content,
    ToolCall { id: Arc<str>, name: Arc<str>, input: String },
    ToolResult { id: Arc<str> },
}

impl OpenBlock {
    /// A block that begins without a word: text, reasoning, citations.
    pub(super) const fn content(index: u32) -> Self {
        Self { index, kind: Kind::Content, is_damaged: false }
    }

    /// A block that begins with a start, and the chunks of that. `None` if the start does not say what begins.
    pub(super) fn begin(index: u32, start: BlockStart, chunks: &mut VecDeque<Chunk>) -> Option<Self> {
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
                (Kind::Content, Chunk::ImageStart { block: index, format: start.format }, start.other)
            }
            BlockStart::Unknown(_) | BlockStart::Several(_) => return None,
        };
        chunks.push_back(chunk);
        chunks.extend(unknown_members(Some(index), other));
        Some(Self { index, kind, is_damaged: false })
    }

    /// Whether the block can take the piece: a tool's pieces need a block that began as that tool's.
    pub(super) const fn takes(&self, delta: &Delta) -> bool {
        match delta {
            Delta::ToolUse(_) => matches!(self.kind, Kind::ToolCall { .. }),
            Delta::ToolResult(_) => matches!(self.kind, Kind::ToolResult { .. }),
            _ => true,
        }
    }

    /// The chunk of a piece that the block [`takes`](Self::takes); if there are several, they go to `chunks` instead.
    pub(super) fn delta(&mut self, delta: Delta, chunks: &mut VecDeque<Chunk>) -> Option<Chunk> {
        let block = self.index;
        match delta {
            Delta::Text(text) => (!text.is_empty()).then_some(Chunk::Text { block, text }),
            Delta::ToolUse(delta) => {
                let Kind::ToolCall { id, input, .. } = &mut self.kind else { return None };
                let arguments_delta = delta.input.unwrap_or_default();
                input.push_str(&arguments_delta);
                let id = Arc::clone(id);
                let chunk = (!arguments_delta.is_empty()).then_some(Chunk::ToolCallDelta {
                    block,
                    id,
                    arguments_delta,
                });
                if delta.other.is_empty() {
                    return chunk;
                }
                chunks.extend(chunk);
                chunks.extend(unknown_members(Some(block), delta.other));
                None
            }
            Delta::ToolResult(content) => {
                let Kind::ToolResult { id } = &self.kind else { return None };
                Some(Chunk::ToolResult { block, id: Arc::clone(id), content })
            }
            Delta::Reasoning(delta) => reasoning(block, delta, chunks),
            Delta::Citation(citation) => Some(Chunk::Citation { block, citation }),
            Delta::Image(image) => Some(Chunk::Image { block, image }),
            Delta::Unknown(member) => Some(unknown(Some(block), member)),
            Delta::Several(members) => {
                for member in members {
                    let chunk = self.delta(member, chunks);
                    chunks.extend(chunk);
                }
                None
            }
        }
    }

    /// [`delta`](Self::delta) for the commonest ones. Gives the piece back if the block does not take it.
    #[inline]
    pub(super) fn piece(&mut self, piece: Piece) -> Result<Option<Chunk>, Piece> {
        let block = self.index;
        let Piece { sort, text, .. } = piece;
        match (sort, &mut self.kind) {
            (Sort::ToolInput, Kind::ToolCall { id, input, .. }) => {
                input.push_str(&text);
                if text.is_empty() {
                    return Ok(None);
                }
                Ok(Some(Chunk::ToolCallDelta { block, id: Arc::clone(id), arguments_delta: text }))
            }
            (Sort::ToolInput, _) => Err(Piece { block, sort, text }),
            _ if text.is_empty() => Ok(None),
            (Sort::Text, _) => Ok(Some(Chunk::Text { block, text })),
            (Sort::Reasoning, _) => Ok(Some(Chunk::Reasoning { block, text })),
        }
    }

    /// How long the arguments are that it holds, in bytes.
    pub(super) fn arguments_len(&self) -> usize {
        match &self.kind {
            Kind::ToolCall { input, .. } => input.len(),
            Kind::Content | Kind::ToolResult { .. } => 0,
        }
    }

    /// A piece of the block may have been lost: what came of a tool call's arguments must not be used.
    pub(super) const fn damage(&mut self) {
        self.is_damaged = true;
    }

    /// The last chunk of a block whose `contentBlockStop` came.
    pub(super) fn end(self) -> Chunk {
        self.end_as(true)
    }

    /// The last chunk of a block whose `contentBlockStop` did not come. `is_whole`: the message stopped for the sake of
    /// its tool calls, so one without arguments takes none.
    pub(super) fn end_without_stop(self, is_whole: bool) -> Chunk {
        let takes_nothing = matches!(&self.kind, Kind::ToolCall { input, .. } if input.is_empty());
        self.end_as(is_whole && takes_nothing)
    }

    fn end_as(self, stopped: bool) -> Chunk {
        let block = self.index;
        match self.kind {
            Kind::ToolCall { id, name, input: text } => {
                let input = if self.is_damaged {
                    ToolInput::Malformed { text }
                } else {
                    ToolInput::finished(text, stopped)
                };
                Chunk::ToolCallEnd { block, id, name, input }
            }
            Kind::Content | Kind::ToolResult { .. } => Chunk::BlockEnd { block },
        }
    }
}

/// The chunk of a member that this version does not know.
pub(super) fn unknown(block: Option<u32>, member: Member) -> Chunk {
    Chunk::Unknown { event: None, member: Some(member.name), block, value: member.value }
}

/// The chunks of members that this version does not know.
pub(super) fn unknown_members(block: Option<u32>, fields: Fields) -> impl Iterator<Item = Chunk> {
    fields.into_iter().map(move |member| unknown(block, member))
}

fn reasoning(block: u32, delta: ReasoningDelta, chunks: &mut VecDeque<Chunk>) -> Option<Chunk> {
    match delta {
        ReasoningDelta::Text(text) => (!text.is_empty()).then_some(Chunk::Reasoning { block, text }),
        ReasoningDelta::Signature(signature) => Some(Chunk::ReasoningSignature { block, signature }),
        ReasoningDelta::RedactedContent(data) => Some(Chunk::ReasoningRedacted { block, data }),
        ReasoningDelta::Unknown(member) => Some(unknown(Some(block), member)),
        ReasoningDelta::Several(members) => {
            for member in members {
                let chunk = reasoning(block, member, chunks);
                chunks.extend(chunk);
            }
            None
        }
    }
}
