use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::{Role, ToolInput};
use bedrock_stream_core::converse::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, EncodeEventError, Event,
    EventEncoder, ImageStart, MessageStart, MessageStop, Metadata, ReasoningDelta, TextDeltaKind,
    ToolResultStart, ToolUseStart,
};
use bedrock_stream_core::frame::Message;
use bedrock_stream_core::json::Blob;

use super::delta_writer::DeltaWriter;
use crate::encode::chunk_view::{ChunkView, encoded_by_views};
use crate::encode::content::{Content, Piece, told_by_content};
use crate::encode::encode::Encode;
use crate::encode::event::Event as EncodedEvent;
use crate::encode::failure::Failure;
use crate::encode::json_writer::{escaped, string};

/// Encodes an answer as ConverseStream: an event stream, as Bedrock sends it, without padding.
///
/// Blocks keep their indices, and may interleave. Everything can be represented except unknown members. A call of a
/// custom tool becomes a call with one argument, `input`.
///
/// If the service ended the stream with an exception, so does this encoder; an exception of another dialect has the name
/// that Converse has for its status. For any other error there is no event: the stream then ends without `messageStop`,
/// which is how a client of Bedrock recognizes a stream that broke. [`failure`](Encode::failure) has the error.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_core::converse::ChunkDecoder;
/// use bedrock_stream_dialects::encode::{ConverseEncoder, Encode as _};
///
/// let mut encoder = ConverseEncoder::new();
/// let mut out = Vec::new();
/// for chunk in [Chunk::text(0, "Hello"), Chunk::block_end(0), Chunk::done(Done::new(StopReason::EndTurn))] {
///     encoder.encode(&chunk, &mut out);
/// }
/// assert!(encoder.is_ended() && encoder.failure().is_none());
///
/// let mut decoder = ChunkDecoder::new();
/// decoder.push(&out);
/// while decoder.next_chunk()?.is_some() {}
/// assert!(matches!(decoder.finish()?, Some(Chunk::Done(_))));
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ConverseEncoder {
    pub(super) content: Content,
    request_id: Option<String>,
    events: EventEncoder,
    deltas: DeltaWriter,
    is_started: bool,
    /// The open calls to tools that the service runs, and whether any of their arguments have been written.
    service_calls: Vec<(u32, bool)>,
}

impl ConverseEncoder {
    /// An encoder for one answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the request id for [`error_body`](Encode::error_body), if the error itself has none.
    #[must_use]
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    fn event(&mut self, event: impl Into<Event>, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        let encoded = self.events.encode(&event.into(), out);
        self.note(encoded, out);
    }

    /// Fails after an event that cannot be written: a message of more than 24 MiB, which Bedrock could not have sent either.
    fn note(&mut self, encoded: Result<(), EncodeEventError>, out: &mut Vec<u8>) {
        if let Err(error) = encoded {
            let message = alloc::format!("a chunk cannot be written: {error}");
            self.fail(&Failure::new(ErrorKind::TooLong, message), out);
        }
    }

    /// Writes a piece of text, reasoning or arguments.
    fn text_delta(&mut self, block: u32, kind: TextDeltaKind, text: &str, out: &mut Vec<u8>) {
        if !self.content.is_ended {
            let encoded = self.deltas.write(block, kind, text, out);
            self.note(encoded.map_err(EncodeEventError::from), out);
        }
    }

    fn delta(&mut self, block: u32, delta: impl Into<Delta>, out: &mut Vec<u8>) {
        self.event(ContentBlockDelta::new(block, delta), out);
    }

    fn input(&mut self, block: u32, text: &str, out: &mut Vec<u8>) {
        if !text.is_empty() {
            self.text_delta(block, TextDeltaKind::ToolInput, text, out);
        }
    }

    fn start(&mut self, role: &Role, out: &mut Vec<u8>) {
        if !core::mem::replace(&mut self.is_started, true) {
            self.event(MessageStart::new(role.clone()), out);
        }
    }

    fn write(&mut self, chunk: ChunkView<'_>, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        let begins = !matches!(
            chunk,
            ChunkView::Other(
                Chunk::Start { .. } | Chunk::Done(_) | Chunk::Unknown { .. } | Chunk::Stop { .. }
            )
        );
        if begins {
            self.start(&Role::Assistant, out);
        }
        let is_written = match chunk {
            ChunkView::CallDelta { block, text, .. } => self.service_arguments(block, text, out),
            ChunkView::Other(chunk) => self.service_content(chunk, out),
            ChunkView::Text { .. } | ChunkView::Reasoning { .. } => false,
        };
        if is_written {
            return;
        }
        let Some(piece) = self.content.read(chunk) else { return };
        match chunk {
            // A call of which chunks are lost, so no client should take it for whole.
            ChunkView::Other(Chunk::ToolCallEnd { .. }) if matches!(piece, Piece::BlockEnd { .. }) => {}
            ChunkView::Other(Chunk::ToolCallStart { block, id, name, kind: Some(kind), .. })
                if kind == TOOL_USE =>
            {
                let start = ToolUseStart::new(&**id, &**name).kind(kind.clone());
                self.event(ContentBlockStart::new(*block, start), out);
            }
            _ => self.piece(piece, out),
        }
    }

    /// Writes a piece of the arguments of a call to a tool that the service runs. Returns `false` for any other call.
    fn service_arguments(&mut self, block: u32, text: &str, out: &mut Vec<u8>) -> bool {
        let Some((_, is_written)) = self.service_calls.iter_mut().find(|(open, _)| *open == block) else {
            return false;
        };
        *is_written = true;
        self.input(block, text, out);
        true
    }

    /// Writes what only Converse can say. Returns `false` for any other chunk.
    fn service_content(&mut self, chunk: &Chunk, out: &mut Vec<u8>) -> bool {
        if let Chunk::ToolCallStart { block, .. } = chunk {
            self.service_calls.retain(|(open, _)| open != block);
        }
        match chunk {
            Chunk::Start { role, .. } => self.start(role, out),
            Chunk::ToolCallStart { block, id, name, kind: Some(kind), .. }
                if kind != CUSTOM_TOOL_CALL && kind != TOOL_USE =>
            {
                self.service_calls.push((*block, false));
                let start = ToolUseStart::new(&**id, &**name).kind(kind.clone());
                self.event(ContentBlockStart::new(*block, start), out);
            }
            Chunk::ToolCallEnd { block, input, .. } => {
                let Some(position) = self.service_calls.iter().position(|(open, _)| open == block) else {
                    return false;
                };
                let (_, is_written) = self.service_calls.swap_remove(position);
                self.end_call(*block, input, if is_written { "" } else { rest_of(input) }, out);
            }
            Chunk::ToolResultStart { block, id, kind, status, .. } => {
                let mut start = ToolResultStart::new(&**id);
                start.kind.clone_from(kind);
                start.status.clone_from(status);
                self.event(ContentBlockStart::new(*block, start), out);
            }
            Chunk::ToolResult { block, content, .. } => self.delta(*block, content.clone(), out),
            Chunk::ImageStart { block, format, .. } => {
                let mut start = ImageStart::default();
                start.format.clone_from(format);
                self.event(ContentBlockStart::new(*block, BlockStart::Image(start)), out);
            }
            Chunk::Image { block, image, .. } => self.delta(*block, Delta::Image(image.clone()), out),
            _ => return false,
        }
        true
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) {
        match piece {
            Piece::Start => {}
            Piece::Text { block, text } => self.text_delta(block, TextDeltaKind::Text, text, out),
            Piece::Reasoning { block, text } => self.text_delta(block, TextDeltaKind::Reasoning, text, out),
            Piece::Signature { block, signature } => {
                self.delta(block, ReasoningDelta::Signature(signature.to_owned()), out);
            }
            Piece::Redacted { block, data } => {
                self.delta(block, ReasoningDelta::RedactedContent(Blob(data.to_vec())), out);
            }
            Piece::Citation { block, citation } => self.delta(block, citation.clone(), out),
            Piece::CallStart { block, call, id, name } => {
                self.event(ContentBlockStart::new(block, ToolUseStart::new(id, name)), out);
                if call.is_custom {
                    self.input(block, "{\"input\":\"", out);
                }
            }
            Piece::CallDelta { block, call, text } if call.is_custom => {
                self.input(block, &json_of(text, ""), out);
            }
            Piece::CallDelta { block, text, .. } => self.input(block, text, out),
            Piece::CallEnd { block, call, input, rest } => {
                match input {
                    // The string stays open.
                    ToolInput::Malformed { .. } if call.is_custom => self.end_call(block, input, "", out),
                    _ if call.is_custom => self.end_call(block, input, &json_of(rest, "\"}"), out),
                    ToolInput::Empty => self.end_call(block, input, "", out),
                    _ => self.end_call(block, input, rest, out),
                }
            }
            Piece::BlockEnd { block } => self.event(ContentBlockStop::new(block), out),
            Piece::Done(done) => self.end(done, out),
        }
    }

    /// Ends a call. The end of one that was cut off is not written: no client should take it for whole.
    fn end_call(&mut self, block: u32, input: &ToolInput, rest: &str, out: &mut Vec<u8>) {
        if matches!(input, ToolInput::Truncated { .. }) {
            return;
        }
        self.input(block, rest, out);
        self.event(ContentBlockStop::new(block), out);
    }

    fn end(&mut self, done: &Done, out: &mut Vec<u8>) {
        if let Err(failure) = self.content.loss(done) {
            return self.fail(&failure, out);
        }
        self.start(&Role::Assistant, out);
        let mut stop = MessageStop::new(self.stop_reason(done));
        stop.additional_model_response_fields.clone_from(&done.additional_model_response_fields);
        stop.other.clone_from(&done.other);
        self.event(stop, out);
        let mut metadata = Metadata::new();
        metadata.usage.clone_from(&done.usage);
        metadata.metrics.clone_from(&done.metrics);
        metadata.trace.clone_from(&done.trace);
        metadata.performance_config.clone_from(&done.performance_config);
        metadata.service_tier.clone_from(&done.service_tier);
        if metadata != Metadata::new() {
            self.event(metadata, out);
        }
        self.content.is_ended = true;
    }

    /// The stop reason, which Converse requires.
    pub(super) fn stop_reason(&self, done: &Done) -> StopReason {
        match &done.stop_reason {
            StopReason::EndTurn if self.content.has_calls() => StopReason::ToolUse,
            reason if reason.as_str().is_empty() => StopReason::EndTurn,
            reason => reason.clone(),
        }
    }
}

impl Encode for ConverseEncoder {
    encoded_by_views!();

    /// Writes the service's exception, if the error is one.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        if !self.content.fail(failure) {
            return;
        }
        if let Some(exception) = failure.exception() {
            // One whose name is too long for a header is left out.
            let _ = self.events.encode(&exception.into(), out);
        }
    }

    /// Writes nothing: an event stream has nothing that every client ignores.
    fn keep_alive(&mut self, _: &mut Vec<u8>) {}

    told_by_content!();

    /// The body of an error of Bedrock's, which has only a `message`. The error's name belongs in the header
    /// `x-amzn-errortype`.
    fn error_body(&self, failure: &Failure) -> String {
        let mut out = b"{\"message\":".to_vec();
        string(&mut out, &failure.sentence(self.request_id.as_deref()));
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Encodes a chunk as separate events: the name of each, and its payload.
    fn events(&mut self, chunk: &Chunk) -> Vec<EncodedEvent> {
        let mut out = Vec::new();
        self.encode(chunk, &mut out);
        let mut rest = &out[..];
        let mut events = Vec::new();
        while let Ok(Some((message, after))) = Message::parse(rest) {
            let name = Event::decode(&message).map(|event| event.name().to_owned()).ok();
            let data = String::from_utf8_lossy(message.payload()).into_owned();
            events.push(EncodedEvent { name, data });
            rest = after;
        }
        events
    }
}

/// The arguments of a call that ended without any having been written.
fn rest_of(input: &ToolInput) -> &str {
    if *input == ToolInput::Empty { "" } else { input.as_str() }
}

/// A piece of a custom tool's text as a piece of a JSON string, and what follows it.
fn json_of(text: &str, after: &str) -> String {
    let mut json = Vec::new();
    escaped(&mut json, text);
    json.extend_from_slice(after.as_bytes());
    String::from_utf8_lossy(&json).into_owned()
}

pub(super) const CUSTOM_TOOL_CALL: &str = "custom_tool_call";
/// What Nova calls a call of the client's tools.
const TOOL_USE: &str = "tool_use";
