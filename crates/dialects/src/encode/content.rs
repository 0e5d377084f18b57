use alloc::format;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::content::{Citation, ToolInput};

use super::chunk_view::ChunkView;
use super::failure::Failure;
use super::left_out::LeftOutContent;

/// A chunk that every dialect can represent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    Start,
    Text {
        block: u32,
        text: &'a str,
    },
    Reasoning {
        block: u32,
        text: &'a str,
    },
    Signature {
        block: u32,
        signature: &'a str,
    },
    Redacted {
        block: u32,
        data: &'a [u8],
    },
    Citation {
        block: u32,
        citation: &'a Citation,
    },
    CallStart {
        block: u32,
        call: Call,
        id: &'a str,
        name: &'a str,
    },
    CallDelta {
        block: u32,
        call: Call,
        text: &'a str,
    },
    /// `rest`: the part of the arguments that has not been written yet.
    CallEnd {
        block: u32,
        call: Call,
        input: &'a ToolInput,
        rest: &'a str,
    },
    BlockEnd {
        block: u32,
    },
    Done(&'a Done),
}

/// A call to one of the client's tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The call's number in the answer, from 0.
    pub(super) number: u32,
    /// Whether its tool accepts free text.
    pub(super) is_custom: bool,
}

/// The state of an answer while it is encoded: which chunks can be represented in the dialect, and whether the answer
/// is complete.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The open calls.
    open: Vec<OpenCall>,
    /// How many calls have started.
    calls: u32,
    /// The first call whose input is not usable.
    unusable: Option<Failure>,
    /// The first event that was skipped.
    skipped: Option<Failure>,
    pub(super) left_out: LeftOutContent,
    /// Whether the last event has been written.
    pub(super) is_ended: bool,
    /// The error that ended it.
    pub(super) failure: Option<Failure>,
}

#[derive(Debug)]
struct OpenCall {
    block: u32,
    /// `None`: the service runs the tool.
    call: Option<Call>,
    has_arguments: bool,
}

impl Content {
    /// The content of a chunk; `None` if the dialect cannot represent it.
    #[inline]
    pub(super) fn read<'a>(&mut self, chunk: ChunkView<'a>) -> Option<Piece<'a>> {
        match chunk {
            ChunkView::Text { block, text } => Some(Piece::Text { block: self.other(block), text }),
            ChunkView::Reasoning { block, text } => Some(Piece::Reasoning { block: self.other(block), text }),
            ChunkView::CallDelta { block, text, .. } => {
                let open = self.open.iter_mut().find(|open| open.block == block)?;
                open.has_arguments = true;
                Some(Piece::CallDelta { block, call: open.call?, text })
            }
            ChunkView::Other(chunk) => self.read_other(chunk),
        }
    }

    fn read_other<'a>(&mut self, chunk: &'a Chunk) -> Option<Piece<'a>> {
        Some(match chunk {
            Chunk::Start { .. } => Piece::Start,
            Chunk::ReasoningSignature { block, signature, .. } => {
                Piece::Signature { block: self.other(*block), signature }
            }
            Chunk::ReasoningRedacted { block, data, .. } => {
                Piece::Redacted { block: self.other(*block), data: data.as_ref() }
            }
            Chunk::Citation { block, citation, .. } => {
                Piece::Citation { block: self.other(*block), citation }
            }
            Chunk::ToolCallStart { block, id, name, kind, .. } => {
                self.other(*block);
                let call = match kind.as_deref() {
                    // Nova says it of the client's tools.
                    None | Some("tool_use") => Some(false),
                    Some("custom_tool_call") => Some(true),
                    Some(_) => None,
                };
                let call = call.map(|is_custom| Call { number: self.calls, is_custom });
                self.open.push(OpenCall { block: *block, call, has_arguments: false });
                let Some(call) = call else {
                    self.left_out.server_tool_calls += 1;
                    return None;
                };
                self.calls = self.calls.saturating_add(1);
                Piece::CallStart { block: *block, call, id, name }
            }
            Chunk::ToolCallEnd { block, id, name, input, .. } => {
                let Some(position) = self.open.iter().position(|open| open.block == *block) else {
                    // Other content has taken the call's place, and ends here.
                    return Some(Piece::BlockEnd { block: *block });
                };
                let open = self.open.swap_remove(position);
                let call = open.call?;
                if !input.is_usable() && self.unusable.is_none() {
                    let message = format!("the input of the tool call {id} to {name} is damaged or cut off");
                    let summary = "the input of a tool call is damaged or cut off";
                    self.unusable = Some(Failure::new(ErrorKind::Payload, message).with_summary(summary));
                }
                let rest = match input {
                    _ if open.has_arguments => "",
                    ToolInput::Empty if call.is_custom => "",
                    input => input.as_str(),
                };
                Piece::CallEnd { block: *block, call, input, rest }
            }
            Chunk::BlockEnd { block, .. } => Piece::BlockEnd { block: self.other(*block) },
            Chunk::Done(done) => Piece::Done(done),
            Chunk::BlockStart { .. } | Chunk::Stop { .. } => return None,
            Chunk::ImageStart { .. } => {
                self.left_out.images += 1;
                return None;
            }
            Chunk::ToolResultStart { .. } => {
                self.left_out.tool_results += 1;
                return None;
            }
            Chunk::Unknown { .. } => {
                self.left_out.unknown += 1;
                return None;
            }
            _ => return None,
        })
    }

    /// Whether the chunk continues or ends an open call that the dialect cannot represent, so that nothing is written for it.
    pub(super) fn is_of_left_out_call(&self, block: u32, chunk: ChunkView<'_>) -> bool {
        matches!(chunk, ChunkView::CallDelta { .. } | ChunkView::Other(Chunk::ToolCallEnd { .. }))
            && self.open.iter().any(|open| open.block == block && open.call.is_none())
    }

    /// Whether a call is open.
    #[cfg(test)]
    pub(super) const fn has_open_calls(&self) -> bool {
        !self.open.is_empty()
    }

    /// The block, which is not that of an open call. If it is, the call's end never came: no decoder returns such chunks, so the
    /// caller must have lost some, and the answer is not complete.
    fn other(&mut self, block: u32) -> u32 {
        if let Some(position) = self.open.iter().position(|open| open.block == block) {
            if self.open.swap_remove(position).call.is_some() {
                self.skipped.get_or_insert_with(Failure::incomplete);
            }
        }
        block
    }

    /// Records an error. Returns whether it ends the answer and must be written: not after the last event, and one after which
    /// the answer continues is written in place of its end.
    pub(super) fn fail(&mut self, failure: &Failure) -> bool {
        if self.is_ended {
            return false;
        }
        if !failure.is_final() {
            self.skipped.get_or_insert_with(|| failure.clone().into_final());
            return false;
        }
        self.is_ended = true;
        self.failure = Some(failure.clone());
        true
    }

    /// Whether any of the client's tools is called.
    pub(super) const fn has_calls(&self) -> bool {
        self.calls > 0
    }

    /// Whether the finished answer is complete; otherwise, why it must not look complete.
    pub(super) fn verdict(&self, done: &Done) -> Result<(), Failure> {
        if done.stop_reason.is_malformed() {
            let message = format!("the model stopped with {}: its answer cannot be used", done.stop_reason);
            return Err(Failure::new(ErrorKind::Exception, message));
        }
        self.loss(done)
    }

    /// Whether all of the finished answer is there, whatever its stop reason says of the model's output; otherwise, why
    /// it must not look complete.
    pub(super) fn loss(&self, done: &Done) -> Result<(), Failure> {
        if let Some(failure) = &self.skipped {
            return Err(failure.clone());
        }
        if done.skipped_events > 0 {
            let message = format!("{} events of the answer were skipped", done.skipped_events);
            return Err(Failure::new(ErrorKind::Payload, message));
        }
        match &self.unusable {
            Some(failure) if !done.stop_reason.is_cut_or_blocked() => return Err(failure.clone()),
            _ => {}
        }
        // No decoder returns such chunks; the caller must have lost some.
        if self.open.iter().any(|open| open.call.is_some()) {
            return Err(Failure::incomplete());
        }
        Ok(())
    }
}

/// The methods of `Encode` that every encoder answers from its `content`.
macro_rules! told_by_content {
    () => {
        fn is_ended(&self) -> bool {
            self.content.is_ended
        }

        fn failure(&self) -> Option<&$crate::encode::Failure> {
            self.content.failure.as_ref()
        }

        fn left_out(&self) -> &$crate::encode::LeftOutContent {
            &self.content.left_out
        }
    };
}
pub(super) use told_by_content;
