use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Fields;

use super::item::{ItemStatus, write_id, write_item, write_summary_part, write_text_part};
use super::response_object::{ResponseObject, State};
use crate::encode::blocks::{Block, Blocks};
use crate::encode::content::{Content, Piece};
use crate::encode::encode::Encode;
use crate::encode::ending::incomplete_reason;
use crate::encode::failure::Failure;
use crate::encode::head::{Head, head_setters};
use crate::encode::json_writer::{number, optional_string, string};
use crate::encode::left_out::LeftOut;
use crate::encode::source::write_url_citation;

/// Writes an answer as Responses.
///
/// Each block is an item of the output. The last event repeats them all, so the encoder keeps what it wrote.
#[derive(Debug)]
pub struct ResponsesEncoder {
    head: Head,
    created_at: u64,
    request: Fields,
    limits: Limits,
    content: Content,
    blocks: Blocks,
    /// The status of each block's item.
    items: Vec<ItemStatus>,
    /// An item whose block ended, but which is told only when it is known not to be the one that was cut.
    ending: Option<usize>,
    /// The number of the next event.
    next_number: u64,
    is_started: bool,
}

head_setters!(ResponsesEncoder);

impl ResponsesEncoder {
    /// An encoder of an answer with this id (`resp_..`), of this model as the client named it, made at this time in seconds since
    /// 1970.
    #[must_use]
    pub fn new(id: impl Into<String>, model: impl Into<String>, created_at: u64) -> Self {
        Self {
            head: Head::new(id.into(), model.into()),
            created_at,
            request: Fields::new(),
            limits: Limits::default(),
            content: Content::default(),
            blocks: Blocks::default(),
            items: Vec::new(),
            ending: None,
            next_number: 0,
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

    /// Sets how many bytes may be kept: [`Limits::state_len`]. An answer that needs more ends in an error.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The JSON of the whole answer (`response`), from all its chunks.
    ///
    /// # Errors
    ///
    /// The answer is not whole.
    pub fn whole<'a>(mut self, chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<String, Failure> {
        let mut out = Vec::new();
        for chunk in chunks {
            out.clear();
            if let Chunk::Done(done) = chunk {
                self.content.verdict(done)?;
                self.end_items(incomplete_reason(&done.stop_reason).is_some(), &mut out);
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
            blocks: &self.blocks,
            items: &self.items,
            state,
        }
    }

    /// Begins an event, up to the members behind its number.
    fn begin(&mut self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        number(out, self.next_number);
        self.next_number += 1;
    }

    fn response_event(&mut self, name: &str, state: State<'_>, out: &mut Vec<u8>) {
        self.begin(name, out);
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

    fn piece(&mut self, piece: &Piece<'_>, out: &mut Vec<u8>) {
        if let Piece::Citation { citation, .. } = piece {
            if !write_url_citation(citation, (0, 0), &mut Vec::new()) {
                self.content.left_out.citations += 1;
                return;
            }
        }
        self.start(out);
        let placed = self.blocks.push(piece);
        let is_call_end = matches!(piece, Piece::CallEnd { .. });
        if let Some(ended) = placed.ended.filter(|_| !is_call_end) {
            self.end_last(ItemStatus::Completed, out);
            self.ending = Some(ended);
        }
        let Some((place, is_new)) = placed.block else { return };
        self.end_last(ItemStatus::Completed, out);
        if is_new {
            self.items.push(ItemStatus::InProgress);
            self.item_event("response.output_item.added", place, out);
        }
        match *piece {
            Piece::Text { text, .. } => {
                self.begin_text(place, is_new, out);
                self.begin_in("response.output_text.delta", place, Part::Content, out);
                delta(text, out);
                out.extend_from_slice(b",\"logprobs\":[]}\n\n");
            }
            Piece::Citation { .. } => {
                self.begin_text(place, is_new, out);
                self.annotation(place, out);
            }
            Piece::Reasoning { text, .. } => {
                // A signature may have come first.
                let has_text = matches!(&self.blocks.blocks[place], Block::Reasoning { text: all, .. } if all.len() > text.len());
                if !has_text {
                    self.begin_in("response.reasoning_summary_part.added", place, Part::Summary, out);
                    out.extend_from_slice(b",\"part\":");
                    write_summary_part("", out);
                    out.extend_from_slice(b"}\n\n");
                }
                self.begin_in("response.reasoning_summary_text.delta", place, Part::Summary, out);
                delta(text, out);
                out.extend_from_slice(b"}\n\n");
            }
            Piece::CallDelta { text, .. } => self.arguments(place, text, out),
            Piece::CallEnd { input, rest, .. } => {
                if !rest.is_empty() {
                    self.arguments(place, rest, out);
                }
                let status = if input.is_usable() { ItemStatus::Completed } else { ItemStatus::Incomplete };
                self.end_item(place, status, out);
            }
            _ => {}
        }
    }

    /// Begins an event about a part of an item, or about an item without parts.
    fn begin_in(&mut self, name: &str, place: usize, part: Part, out: &mut Vec<u8>) {
        self.begin(name, out);
        out.extend_from_slice(b",\"item_id\":");
        write_id(&self.head.id, place, &self.blocks.blocks[place], out);
        out.extend_from_slice(b",\"output_index\":");
        number(out, place as u64);
        out.extend_from_slice(match part {
            Part::Content => b",\"content_index\":0",
            Part::Summary => b",\"summary_index\":0",
            Part::None => b"",
        });
    }

    fn item_event(&mut self, name: &str, place: usize, out: &mut Vec<u8>) {
        self.begin(name, out);
        out.extend_from_slice(b",\"output_index\":");
        number(out, place as u64);
        out.extend_from_slice(b",\"item\":");
        write_item(&self.head.id, place, &self.blocks.blocks[place], self.items[place], out);
        out.extend_from_slice(b"}\n\n");
    }

    fn begin_text(&mut self, place: usize, is_new: bool, out: &mut Vec<u8>) {
        if is_new {
            self.begin_in("response.content_part.added", place, Part::Content, out);
            out.extend_from_slice(
                b",\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[],\"logprobs\":[]}}\n\n",
            );
        }
    }

    /// Writes the latest source of a message; in the stream it covers what came of the text.
    fn annotation(&mut self, place: usize, out: &mut Vec<u8>) {
        let mut source = Vec::new();
        let Block::Text { text, citations } = &self.blocks.blocks[place] else { return };
        let (Some(citation), index) = (citations.last(), citations.len() - 1) else { return };
        write_url_citation(citation, (0, text.chars().count() as u64), &mut source);
        self.begin_in("response.output_text.annotation.added", place, Part::Content, out);
        out.extend_from_slice(b",\"annotation_index\":");
        number(out, index as u64);
        out.extend_from_slice(b",\"annotation\":{\"type\":\"url_citation\",");
        out.extend_from_slice(&source);
        out.extend_from_slice(b"}}\n\n");
    }

    fn arguments(&mut self, place: usize, text: &str, out: &mut Vec<u8>) {
        let is_custom = matches!(&self.blocks.blocks[place], Block::Call { call, .. } if call.is_custom);
        let name = if is_custom {
            "response.custom_tool_call_input.delta"
        } else {
            "response.function_call_arguments.delta"
        };
        self.begin_in(name, place, Part::None, out);
        delta(text, out);
        out.extend_from_slice(b"}\n\n");
    }

    /// Ends the item that was left to be ended, if there is one.
    fn end_last(&mut self, status: ItemStatus, out: &mut Vec<u8>) {
        if let Some(place) = self.ending.take() {
            self.end_item(place, status, out);
        }
    }

    /// Ends every item that has not ended.
    fn end_items(&mut self, is_cut: bool, out: &mut Vec<u8>) {
        let status = if is_cut { ItemStatus::Incomplete } else { ItemStatus::Completed };
        self.end_last(status, out);
        for place in self.blocks.end_all() {
            self.end_item(place, status, out);
        }
    }

    fn end_item(&mut self, place: usize, status: ItemStatus, out: &mut Vec<u8>) {
        self.items[place] = status;
        match &self.blocks.blocks[place] {
            Block::Text { .. } => {
                self.begin_in("response.output_text.done", place, Part::Content, out);
                if let Block::Text { text, .. } = &self.blocks.blocks[place] {
                    out.extend_from_slice(b",\"text\":");
                    string(out, text);
                }
                out.extend_from_slice(b",\"logprobs\":[]}\n\n");
                self.begin_in("response.content_part.done", place, Part::Content, out);
                out.extend_from_slice(b",\"part\":");
                write_text_part(&self.blocks.blocks[place], out);
                out.extend_from_slice(b"}\n\n");
            }
            Block::Reasoning { text, .. } if !text.is_empty() => {
                for (name, is_part) in [
                    ("response.reasoning_summary_text.done", false),
                    ("response.reasoning_summary_part.done", true),
                ] {
                    self.begin_in(name, place, Part::Summary, out);
                    if let Block::Reasoning { text, .. } = &self.blocks.blocks[place] {
                        if is_part {
                            out.extend_from_slice(b",\"part\":");
                            write_summary_part(text, out);
                        } else {
                            out.extend_from_slice(b",\"text\":");
                            string(out, text);
                        }
                    }
                    out.extend_from_slice(b"}\n\n");
                }
            }
            Block::Call { call, .. } if status == ItemStatus::Completed => {
                let is_custom = call.is_custom;
                let name = if is_custom {
                    "response.custom_tool_call_input.done"
                } else {
                    "response.function_call_arguments.done"
                };
                self.begin_in(name, place, Part::None, out);
                if let Block::Call { name, arguments, .. } = &self.blocks.blocks[place] {
                    if is_custom {
                        out.extend_from_slice(b",\"input\":");
                    } else {
                        out.extend_from_slice(b",\"name\":");
                        string(out, name);
                        out.extend_from_slice(b",\"arguments\":");
                    }
                    string(out, arguments);
                }
                out.extend_from_slice(b"}\n\n");
            }
            Block::Reasoning { .. } | Block::Redacted { .. } | Block::Call { .. } => {}
        }
        self.item_event("response.output_item.done", place, out);
    }
}

impl Encode for ResponsesEncoder {
    fn encode(&mut self, chunk: &Chunk, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        match self.content.read(chunk) {
            Some(Piece::Done(done)) => self.end(done, out),
            Some(piece) => self.piece(&piece, out),
            None => {}
        }
        if self.blocks.len() > self.limits.state_len() {
            self.fail(&too_long(), out);
        }
    }

    /// `response.failed`, and then an `error` event: some clients raise only for the one, some only for the other.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        if !failure.is_final() {
            return self.content.note_skipped(failure);
        }
        self.start(out);
        self.content.is_ended = true;
        self.response_event("response.failed", State::Failed(failure), out);
        self.begin("error", out);
        let request_id = self.head.request_id.as_deref();
        out.extend_from_slice(b",\"code\":");
        string(out, failure.names().response_code);
        out.extend_from_slice(b",\"message\":");
        string(out, &failure.sentence(request_id));
        out.extend_from_slice(b",\"param\":");
        optional_string(out, None);
        out.extend_from_slice(b",\"error\":{");
        failure.write_openai(request_id, out);
        out.extend_from_slice(b"}}\n\n");
    }

    fn is_ended(&self) -> bool {
        self.content.is_ended
    }

    fn left_out(&self) -> &LeftOut {
        &self.content.left_out
    }

    fn error_body(&self, failure: &Failure) -> String {
        String::from_utf8_lossy(&failure.openai_body(self.head.request_id.as_deref())).into_owned()
    }
}

impl ResponsesEncoder {
    fn end(&mut self, done: &Done, out: &mut Vec<u8>) {
        if let Err(failure) = self.content.verdict(done) {
            return self.fail(&failure, out);
        }
        self.start(out);
        let is_incomplete = incomplete_reason(&done.stop_reason).is_some();
        self.end_items(is_incomplete, out);
        self.content.is_ended = true;
        let name = if is_incomplete { "response.incomplete" } else { "response.completed" };
        self.response_event(name, State::Done(done), out);
    }
}

/// Which part of an item an event is about.
#[derive(Clone, Copy, Debug)]
enum Part {
    Content,
    Summary,
    None,
}

fn delta(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"delta\":");
    string(out, text);
}

fn too_long() -> Failure {
    Failure::new(
        ErrorKind::TooLong,
        "the answer is longer than the limit, and its last event repeats all of it",
    )
}
