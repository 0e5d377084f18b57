use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Fields;

use super::namespaces::Namespaces;
use super::output::Output;
use super::response_object::{ResponseObject, State};
use crate::encode::chunk_view::{ChunkView, encoded_by_views};
use crate::encode::content::{Content, Piece, told_by_content};
use crate::encode::encode::Encode;
use crate::encode::ending::incomplete_reason;
use crate::encode::failure::Failure;
use crate::encode::head::{Head, head_setters};
use crate::encode::json_writer::string;
use crate::encode::source::is_web_page;
use crate::request::ToolNames;

/// Encodes an answer as OpenAI's Responses.
///
/// Each block becomes an item of the output. The last event repeats all of them, so the encoder keeps what it wrote.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_dialects::encode::{Encode, ResponsesEncoder};
///
/// let mut encoder = ResponsesEncoder::new("resp_1", "claude", 1_700_000_000);
/// let mut out = Vec::new();
/// encoder.encode(&Chunk::text(0, "Hello"), &mut out);
/// assert!(!String::from_utf8_lossy(&out).contains("response.completed"), "nothing looks like an end yet");
/// encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
/// assert!(String::from_utf8_lossy(&out).contains("response.completed"));
/// ```
#[derive(Debug)]
pub struct ResponsesEncoder {
    head: Head,
    created_at: u64,
    request: Fields,
    limits: Limits,
    content: Content,
    output: Output,
    is_started: bool,
}

head_setters!(ResponsesEncoder);

impl ResponsesEncoder {
    /// An encoder for one answer. `id` is the answer's id (`resp_..`), `model` the model's name as the client sent it,
    /// and `created_at` the time of creation, in seconds since 1970.
    #[must_use]
    pub fn new(id: impl Into<String>, model: impl Into<String>, created_at: u64) -> Self {
        let head = Head::new(id.into(), model.into());
        Self {
            output: Output::new(&head.id),
            head,
            created_at,
            request: Fields::new(),
            limits: Limits::default(),
            content: Content::default(),
            is_started: false,
        }
    }

    /// Sets the members of the request that a response repeats: `instructions`, `max_output_tokens`, `metadata`,
    /// `parallel_tool_calls`, `reasoning`, `service_tier`, `temperature`, `text`, `tool_choice`, `tools`, `top_p` and
    /// `truncation`. Others are ignored.
    #[must_use]
    pub fn request_members(mut self, members: Fields) -> Self {
        self.request = members;
        self
    }

    /// Sets the names of the request's tools: calls of those in a namespace are written with it. Chunks first pass through a
    /// [`ToolCallRestorer`](crate::request::ToolCallRestorer) with the same names.
    #[must_use]
    pub fn tool_names(mut self, names: &ToolNames) -> Self {
        self.output.namespaces = Namespaces::new(names);
        self
    }

    /// Sets how many bytes may be kept ([`Limits::state_len`]). An answer that needs more ends in an error.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Encodes the whole answer as JSON (`response`), from all of its chunks. Call it once, in place of
    /// [`encode`](crate::encode::Encode::encode); then [`left_out`](crate::encode::Encode::left_out) says what the JSON lacks.
    ///
    /// # Errors
    ///
    /// The answer is not complete.
    pub fn whole<'a>(&mut self, chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<String, Failure> {
        let mut out = Vec::new();
        for chunk in chunks {
            out.clear();
            if let Chunk::Done(done) = chunk {
                self.content.verdict(done)?;
                self.content.is_ended = true;
                self.output.end_items(incomplete_reason(&done.stop_reason).is_some(), &mut out);
                out.clear();
                self.response(State::Done(done)).write(&mut out);
                return Ok(String::from_utf8_lossy(&out).into_owned());
            }
            self.encode(chunk, &mut out);
            if self.is_ended() {
                return Err(too_long());
            }
        }
        Err(Failure::incomplete())
    }

    fn response<'a>(&'a self, state: State<'a>) -> ResponseObject<'a> {
        ResponseObject {
            head: &self.head,
            created_at: self.created_at,
            request: &self.request,
            namespaces: &self.output.namespaces,
            blocks: &self.output.blocks,
            done: &self.output.done,
            state,
        }
    }

    fn response_event(&mut self, name: &str, state: State<'_>, out: &mut Vec<u8>) {
        self.output.begin(name, out);
        out.extend_from_slice(b",\"response\":");
        self.response(state).write(out);
        out.extend_from_slice(b"}\n\n");
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if !core::mem::replace(&mut self.is_started, true) {
            self.response_event("response.created", State::InProgress, out);
            self.response_event("response.in_progress", State::InProgress, out);
        }
    }
}

impl Encode for ResponsesEncoder {
    encoded_by_views!();

    /// Writes `response.failed` and then an `error` event, because some clients raise an error only for one of them.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        if !self.content.fail(failure) {
            return;
        }
        self.start(out);
        self.response_event("response.failed", State::Failed(failure), out);
        self.output.begin("error", out);
        let request_id = self.head.request_id.as_deref();
        out.extend_from_slice(b",\"code\":");
        string(out, failure.names().response_code);
        out.extend_from_slice(b",\"message\":");
        string(out, &failure.sentence(request_id));
        out.extend_from_slice(b",\"param\":null,\"error\":{");
        failure.write_openai(request_id, out);
        out.extend_from_slice(b"}}\n\n");
    }

    told_by_content!();

    fn error_body(&self, failure: &Failure) -> String {
        String::from_utf8_lossy(&failure.openai_body(self.head.request_id.as_deref())).into_owned()
    }
}

impl ResponsesEncoder {
    fn write(&mut self, chunk: ChunkView<'_>, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        match self.content.read(chunk) {
            Some(Piece::Done(done)) => self.end(done, out),
            Some(Piece::Citation { citation, .. }) if !is_web_page(citation) => {
                self.content.left_out.citations += 1;
            }
            Some(piece) => {
                self.start(out);
                self.output.piece(&piece, out);
            }
            None => {}
        }
        if self.output.len() > self.limits.state_len() {
            self.fail(&too_long(), out);
        }
    }

    fn end(&mut self, done: &Done, out: &mut Vec<u8>) {
        if let Err(failure) = self.content.verdict(done) {
            return self.fail(&failure, out);
        }
        self.start(out);
        let is_incomplete = incomplete_reason(&done.stop_reason).is_some();
        self.output.end_items(is_incomplete, out);
        self.content.is_ended = true;
        let name = if is_incomplete { "response.incomplete" } else { "response.completed" };
        self.response_event(name, State::Done(done), out);
    }
}

fn too_long() -> Failure {
    Failure::new(
        ErrorKind::TooLong,
        "the answer is longer than the limit, and its last event repeats all of it",
    )
}
