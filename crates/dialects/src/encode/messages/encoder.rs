use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, Usage};
use bedrock_stream_core::content::{Citation, ToolInput};
use bedrock_stream_core::frame::Limits;

use super::block_writer::{BlockWriter, DeltaKind, Kind, begin};
use super::pending_blocks::PendingBlocks;
use crate::encode::chunk_view::{ChunkView, encoded_by_views};
use crate::encode::content::{Content, Piece, told_by_content};
use crate::encode::encode::Encode;
use crate::encode::ending::{message_stop_reason, stop_sequence, write_guardrail};
use crate::encode::failure::Failure;
use crate::encode::head::{Head, head_setters};
use crate::encode::json_writer::{escaped, optional_string, raw, string};
use crate::encode::source::write_citation;
use crate::encode::token_counts::TokenCounts;

/// Encodes an answer as Anthropic's Messages.
///
/// Blocks are numbered from 0 without gaps, and only one is open at a time: the chunks of others are held back until it
/// ends. The signature of reasoning, of which clients keep only the last piece, and redacted reasoning are also held
/// back until the end of their block.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_dialects::encode::{Encode, MessagesEncoder};
///
/// let mut encoder = MessagesEncoder::new("msg_1", "claude");
/// let mut out = Vec::new();
/// encoder.encode(&Chunk::text(0, "Hello"), &mut out);
/// assert!(!String::from_utf8_lossy(&out).contains("message_stop"), "nothing looks like an end yet");
/// encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
/// assert!(String::from_utf8_lossy(&out).contains("message_stop"));
/// ```
#[derive(Debug)]
pub struct MessagesEncoder {
    pub(super) head: Head,
    has_pings: bool,
    /// The usage of `message_start`.
    start_usage: Option<Usage>,
    limits: Limits,
    pub(super) content: Content,
    is_started: bool,
    blocks: BlockWriter,
    pending: PendingBlocks,
}

head_setters!(MessagesEncoder);

impl MessagesEncoder {
    /// An encoder for one answer. `id` is the answer's id (`msg_..`), and `model` the model's name as the client sent
    /// it.
    #[must_use]
    pub fn new(id: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            head: Head::new(id.into(), model.into()),
            has_pings: false,
            start_usage: None,
            limits: Limits::default(),
            content: Content::default(),
            is_started: false,
            blocks: BlockWriter::default(),
            pending: PendingBlocks::default(),
        }
    }

    /// Sets whether a keep-alive is a `ping` event, as in Anthropic's API, instead of a comment.
    #[must_use]
    pub const fn pings(mut self, are_written: bool) -> Self {
        self.has_pings = are_written;
        self
    }

    /// Sets the token counts in `message_start`, where Anthropic's API has those of the request, for a server that knows them
    /// before the answer. Without this they are 0 there, and `message_delta` has the counts.
    #[must_use]
    pub fn start_usage(mut self, usage: Usage) -> Self {
        self.start_usage = Some(usage);
        self
    }

    /// Sets how many bytes may be held back ([`Limits::state_len`]). An answer that needs more ends in an error.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if core::mem::replace(&mut self.is_started, true) {
            return;
        }
        begin(out, "message_start");
        out.extend_from_slice(b",\"message\":{\"id\":");
        string(out, &self.head.id);
        out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
        string(out, &self.head.model);
        out.extend_from_slice(b",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":");
        let mut told = Done::default();
        told.usage = self.start_usage.take();
        match TokenCounts::of(&told, self.head.is_cache_in_input) {
            Some(counts) => counts.write_messages(out),
            // Bedrock sends the usage last.
            None => out.extend_from_slice(b"{\"input_tokens\":0,\"output_tokens\":0}"),
        }
        out.extend_from_slice(b"}}\n\n");
    }

    fn apply(&mut self, chunk: ChunkView<'_>, out: &mut Vec<u8>) {
        if let Some(piece) = self.content.read(chunk) {
            self.start(out);
            self.piece(piece, out);
        }
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) {
        match piece {
            Piece::Text { block, text } => {
                self.blocks.open_text(block, out);
                self.blocks.delta(DeltaKind::Text, text, out);
            }
            Piece::Citation { block, citation } => self.citation(block, citation, out),
            Piece::Reasoning { block, text } => {
                self.blocks.open_thinking(block, out);
                self.blocks.delta(DeltaKind::Thinking, text, out);
            }
            Piece::Signature { block, signature } => self.blocks.hold_signature(block, signature, out),
            Piece::Redacted { block, data } => self.blocks.hold_redacted(block, data, out),
            Piece::CallStart { block, call, id, name } => {
                self.blocks.close(out);
                self.blocks.open(block, Kind::Call, out, |out| {
                    out.extend_from_slice(b"{\"type\":\"tool_use\",\"id\":");
                    string(out, id);
                    out.extend_from_slice(b",\"name\":");
                    string(out, name);
                    out.extend_from_slice(b",\"input\":{}}");
                });
                if call.is_custom {
                    self.blocks.delta(DeltaKind::Input, "{\"input\":\"", out);
                }
            }
            Piece::CallDelta { call, text, .. } if call.is_custom => {
                let mut json = Vec::new();
                escaped(&mut json, text);
                self.blocks.delta(DeltaKind::Input, &String::from_utf8_lossy(&json), out);
            }
            Piece::CallDelta { text, .. } => self.blocks.delta(DeltaKind::Input, text, out),
            Piece::CallEnd { block, call, input, rest } => {
                if call.is_custom {
                    // The string of a call that was cut off stays open, so that its input is not taken for whole.
                    if input.is_usable() {
                        let mut json = Vec::new();
                        escaped(&mut json, rest);
                        json.extend_from_slice(b"\"}");
                        let json = String::from_utf8_lossy(&json);
                        self.blocks.delta(DeltaKind::Input, &json, out);
                    }
                } else if !rest.is_empty() && *input != ToolInput::Empty {
                    self.blocks.delta(DeltaKind::Input, rest, out);
                }
                self.blocks.end_block(block, out);
            }
            Piece::BlockEnd { block } => self.blocks.end_block(block, out),
            Piece::Start | Piece::Done(_) => {}
        }
    }

    fn citation(&mut self, block: u32, citation: &Citation, out: &mut Vec<u8>) {
        let mut source = Vec::new();
        if !write_citation(citation, &mut source) {
            self.content.left_out.citations += 1;
            return;
        }
        self.blocks.open_text(block, out);
        self.blocks.begin_delta("citations_delta", out);
        out.extend_from_slice(b",\"citation\":");
        out.extend_from_slice(&source);
        out.extend_from_slice(b"}}\n\n");
    }

    fn write(&mut self, chunk: ChunkView<'_>, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        if let ChunkView::Other(Chunk::Done(done)) = chunk {
            return self.end(done, out);
        }
        match (block_of(chunk), self.blocks.current()) {
            (Some(block), Some(current))
                if current != block && !self.content.is_of_left_out_call(block, chunk) =>
            {
                self.pending.push(block, chunk.to_chunk());
            }
            _ => {
                self.apply(chunk, out);
                self.release(out);
            }
        }
        if self.pending.len() + self.blocks.held_len() > self.limits.state_len() {
            let message = "the blocks that are open at once exceed the limit";
            self.fail(&Failure::new(ErrorKind::TooLong, message), out);
        }
    }

    /// Writes the chunks that were held back, up to one of a block that is still open.
    fn release(&mut self, out: &mut Vec<u8>) {
        while self.blocks.current().is_none() {
            let Some(chunks) = self.pending.pop() else { return };
            chunks.iter().for_each(|chunk| self.apply(chunk.into(), out));
        }
    }

    fn end(&mut self, done: &Done, out: &mut Vec<u8>) {
        // Decoders end every block before this; if one is still open, it ends here.
        loop {
            self.release(out);
            if self.blocks.current().is_none() {
                break;
            }
            self.blocks.close(out);
        }
        if let Err(failure) = self.content.verdict(done) {
            return self.fail(&failure, out);
        }
        self.start(out);
        begin(out, "message_delta");
        out.extend_from_slice(b",\"delta\":{");
        write_stop(done, self.content.has_calls(), out);
        out.extend_from_slice(b"},\"usage\":");
        match TokenCounts::of(done, self.head.is_cache_in_input) {
            Some(counts) => counts.write_messages(out),
            // The member is required.
            None => out.extend_from_slice(b"{\"output_tokens\":0}"),
        }
        out.extend_from_slice(b"}\n\n");
        begin(out, "message_stop");
        write_guardrail(done, out);
        out.extend_from_slice(b"}\n\n");
        self.content.is_ended = true;
    }
}

impl Encode for MessagesEncoder {
    encoded_by_views!();

    /// Writes the error; open blocks stay open.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        if !self.content.fail(failure) {
            return;
        }
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&failure.anthropic_body(self.head.request_id.as_deref()));
        out.extend_from_slice(b"\n\n");
    }

    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if !self.content.is_ended {
            out.extend_from_slice(if self.has_pings {
                b"event: ping\ndata: {\"type\":\"ping\"}\n\n"
            } else {
                b": keep-alive\n\n"
            });
        }
    }

    told_by_content!();

    fn error_body(&self, failure: &Failure) -> String {
        String::from_utf8_lossy(&failure.anthropic_body(self.head.request_id.as_deref())).into_owned()
    }
}

/// Appends the members that describe why the model stopped.
pub(super) fn write_stop(done: &Done, has_calls: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"stop_reason\":");
    string(out, message_stop_reason(&done.stop_reason, has_calls));
    out.extend_from_slice(b",\"stop_sequence\":");
    optional_string(out, stop_sequence(done).as_deref());
    if let Some(details) = done.other.value("stop_details") {
        out.extend_from_slice(b",\"stop_details\":");
        raw(out, details);
    }
}

/// The block of a chunk that may have to wait for the end of another block.
const fn block_of(chunk: ChunkView<'_>) -> Option<u32> {
    match chunk {
        ChunkView::Text { block, .. }
        | ChunkView::Reasoning { block, .. }
        | ChunkView::CallDelta { block, .. } => Some(block),
        ChunkView::Other(
            Chunk::ReasoningSignature { block, .. }
            | Chunk::ReasoningRedacted { block, .. }
            | Chunk::Citation { block, .. }
            | Chunk::ToolCallStart { block, .. }
            | Chunk::ToolCallEnd { block, .. }
            | Chunk::BlockEnd { block, .. },
        ) => Some(*block),
        ChunkView::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use bedrock_stream_core::answer::{Chunk, Done, StopReason};
    use bedrock_stream_core::content::ToolInput;

    use crate::encode::encode::Encode;

    use super::MessagesEncoder;

    /// Entries that stayed would be searched for each later chunk.
    #[test]
    fn a_servers_call_that_ends_in_another_open_block_leaves_nothing_behind() {
        let (mut encoder, mut out) = (MessagesEncoder::new("m", "m"), Vec::new());
        encoder.encode(&Chunk::tool_call_start(0, "s", "search", Some("server_tool_use".into())), &mut out);
        encoder.encode(&Chunk::text(1, "a"), &mut out);
        encoder.encode(&Chunk::tool_call_end(0, "s", "search", ToolInput::Empty), &mut out);
        assert!(!encoder.content.has_open_calls());
        encoder.encode(&Chunk::block_end(1), &mut out);
        encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
        assert!(String::from_utf8(out).unwrap().contains("message_stop"));
        assert_eq!(encoder.failure(), None);
    }
}
