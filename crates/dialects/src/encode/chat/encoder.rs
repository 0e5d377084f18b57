use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::content::Citation;
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Blob;

use super::members::{call_index, member, write_head, write_redacted};
use super::reasoning::ReasoningItems;
use super::reasoning_member::ReasoningMember;
use crate::encode::chunk_view::{ChunkView, encoded_by_views};
use crate::encode::content::{Call, Content, Piece, told_by_content};
use crate::encode::encode::Encode;
use crate::encode::ending::{finish_reason, write_guardrail};
use crate::encode::failure::Failure;
use crate::encode::head::{Head, head_setters};
use crate::encode::json_writer::{number, string};
use crate::encode::source::write_url_citation;
use crate::encode::token_counts::TokenCounts;

/// Encodes an answer as Chat Completions.
///
/// The stream consists of a chunk with the role, chunks with the content, a chunk with the finish reason, a chunk with
/// the usage if the client asked for it, and `[DONE]`.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_dialects::encode::{Encode, ChatEncoder};
///
/// let mut encoder = ChatEncoder::new("chatcmpl-1", "claude", 1_700_000_000);
/// let mut out = Vec::new();
/// encoder.encode(&Chunk::text(0, "Hello"), &mut out);
/// assert!(!String::from_utf8_lossy(&out).contains("[DONE]"), "nothing looks like an end yet");
/// encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
/// assert!(String::from_utf8_lossy(&out).contains("[DONE]"));
/// ```
#[derive(Debug)]
pub struct ChatEncoder {
    pub(super) head: Head,
    /// When the answer was created, in seconds since 1970.
    pub(super) created: u64,
    includes_usage: bool,
    pub(super) reasoning_member: ReasoningMember,
    pub(super) has_reasoning_details: bool,
    limits: Limits,
    pub(super) content: Content,
    items: ReasoningItems,
    is_started: bool,
    /// The JSON before a delta in each chunk, and after it.
    prefix: Vec<u8>,
    suffix: &'static [u8],
    /// How many characters of text have been written.
    text_len: u64,
    /// The open text blocks, and where in the text each began.
    text_blocks: Vec<(u32, u64)>,
    annotations: u32,
}

head_setters!(ChatEncoder);

impl ChatEncoder {
    /// An encoder for one answer. `id` is the answer's id (`chatcmpl-..`), `model` the model's name as the client sent
    /// it, and `created` the time of creation, in seconds since 1970.
    #[must_use]
    pub fn new(id: impl Into<String>, model: impl Into<String>, created: u64) -> Self {
        Self {
            head: Head::new(id.into(), model.into()),
            created,
            includes_usage: false,
            reasoning_member: ReasoningMember::default(),
            has_reasoning_details: true,
            limits: Limits::default(),
            content: Content::default(),
            items: ReasoningItems::default(),
            is_started: false,
            prefix: Vec::new(),
            suffix: b"",
            text_len: 0,
            text_blocks: Vec::new(),
            annotations: 0,
        }
    }

    /// Sets whether the stream includes the usage (`stream_options.include_usage`). It does not by default.
    #[must_use]
    pub const fn include_usage(mut self, is_included: bool) -> Self {
        self.includes_usage = is_included;
        self
    }

    /// Sets the member that contains readable reasoning; `reasoning_content` by default.
    #[must_use]
    pub const fn reasoning_member(mut self, member: ReasoningMember) -> Self {
        self.reasoning_member = member;
        self
    }

    /// Sets whether reasoning is also written to `reasoning_details`, with its signatures and redacted parts, which a
    /// client must send back. It is by default.
    #[must_use]
    pub const fn reasoning_details(mut self, are_written: bool) -> Self {
        self.has_reasoning_details = are_written;
        self
    }

    /// Sets how many bytes may be held back ([`Limits::state_len`]). Only redacted reasoning is held back.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    fn delta(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        self.start(out);
        out.extend_from_slice(&self.prefix);
        out.push(b'{');
        write(out);
        out.push(b'}');
        out.extend_from_slice(self.suffix);
    }

    /// Writes the first chunk, unless it has been written.
    fn start(&mut self, out: &mut Vec<u8>) {
        if core::mem::replace(&mut self.is_started, true) {
            return;
        }
        self.prefix.extend_from_slice(b"data: ");
        write_head(&self.head, "chat.completion.chunk", self.created, &mut self.prefix);
        self.prefix.extend_from_slice(b",\"choices\":[{\"index\":0,\"delta\":");
        self.suffix = if self.includes_usage {
            b",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"
        } else {
            b",\"logprobs\":null,\"finish_reason\":null}]}\n\n"
        };
        self.delta(out, |out| out.extend_from_slice(br#""role":"assistant","content":"""#));
    }

    fn write(&mut self, chunk: ChunkView<'_>, out: &mut Vec<u8>) {
        if self.content.is_ended {
            return;
        }
        if let Some(piece) = self.content.read(chunk) {
            self.piece(piece, out);
        }
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) {
        match piece {
            Piece::Start => self.start(out),
            Piece::Text { block, text } => {
                self.text_start(block);
                self.text_len += text.chars().count() as u64;
                self.delta(out, |out| member(out, "content", text));
            }
            Piece::Reasoning { block, text } => self.reasoning(block, text, out),
            Piece::Signature { block, signature } if self.has_reasoning_details => {
                let index = self.items.text_item(block);
                self.delta(out, |out| {
                    out.extend_from_slice(b"\"reasoning_details\":[{\"index\":");
                    number(out, index);
                    out.extend_from_slice(b",\"type\":\"reasoning.text\",");
                    member(out, "signature", signature);
                    out.extend_from_slice(b"}]");
                });
            }
            Piece::Redacted { block, data } if self.has_reasoning_details => {
                self.items.hold(block, data);
                if self.items.held() > self.limits.state_len() {
                    let message = "redacted reasoning is longer than the limit";
                    self.fail(&Failure::new(ErrorKind::TooLong, message), out);
                }
            }
            Piece::Signature { .. } | Piece::Redacted { .. } => {}
            Piece::Citation { block, citation } => self.citation(block, citation, out),
            Piece::CallStart { call, id, name, .. } => {
                self.delta(out, |out| {
                    call_index(out, call);
                    out.extend_from_slice(b",\"id\":");
                    string(out, id);
                    out.extend_from_slice(if call.is_custom {
                        b",\"type\":\"custom\",\"custom\":{\"name\":"
                    } else {
                        b",\"type\":\"function\",\"function\":{\"name\":"
                    });
                    string(out, name);
                    out.extend_from_slice(if call.is_custom {
                        b",\"input\":\"\"}}]"
                    } else {
                        b",\"arguments\":\"\"}}]"
                    });
                });
            }
            Piece::CallDelta { call, text, .. } => self.arguments(call, text, out),
            Piece::CallEnd { call, rest, .. } => {
                if !rest.is_empty() {
                    self.arguments(call, rest, out);
                }
            }
            Piece::BlockEnd { block } => {
                self.text_blocks.retain(|(open, _)| *open != block);
                if let Some(item) = self.items.end(block) {
                    self.redacted(&item, out);
                }
            }
            Piece::Done(done) => self.end(done, out),
        }
    }

    fn reasoning(&mut self, block: u32, text: &str, out: &mut Vec<u8>) {
        let index = self.has_reasoning_details.then(|| self.items.text_item(block));
        let shown = self.reasoning_member.name();
        if index.is_none() && shown.is_none() {
            return;
        }
        self.delta(out, |out| {
            if let Some(name) = shown {
                member(out, name, text);
            }
            if let Some(index) = index {
                if shown.is_some() {
                    out.push(b',');
                }
                out.extend_from_slice(b"\"reasoning_details\":[{\"index\":");
                number(out, index);
                out.extend_from_slice(b",\"type\":\"reasoning.text\",");
                member(out, "text", text);
                out.extend_from_slice(b"}]");
            }
        });
    }

    fn redacted(&mut self, (index, data): &(u32, Blob), out: &mut Vec<u8>) {
        self.delta(out, |out| {
            out.extend_from_slice(b"\"reasoning_details\":[");
            write_redacted(*index, data, out);
            out.push(b']');
        });
    }

    fn arguments(&mut self, call: Call, text: &str, out: &mut Vec<u8>) {
        self.delta(out, |out| {
            call_index(out, call);
            out.extend_from_slice(if call.is_custom { b",\"custom\":{" } else { b",\"function\":{" });
            member(out, if call.is_custom { "input" } else { "arguments" }, text);
            out.extend_from_slice(b"}}]");
        });
    }

    /// A citation in the stream covers the text of its block so far.
    fn citation(&mut self, block: u32, citation: &Citation, out: &mut Vec<u8>) {
        let range = (self.text_start(block), self.text_len);
        let mut source = Vec::new();
        if !write_url_citation(citation, range, &mut source) {
            self.content.left_out.citations += 1;
            return;
        }
        let index = self.annotations;
        self.annotations = index.saturating_add(1);
        self.delta(out, |out| {
            out.extend_from_slice(b"\"annotations\":[{\"index\":");
            number(out, index);
            out.extend_from_slice(b",\"type\":\"url_citation\",\"url_citation\":{");
            out.extend_from_slice(&source);
            out.extend_from_slice(b"}}]");
        });
    }

    /// Where a block began in the text.
    fn text_start(&mut self, block: u32) -> u64 {
        if let Some((_, start)) = self.text_blocks.iter().find(|(open, _)| *open == block) {
            return *start;
        }
        self.text_blocks.push((block, self.text_len));
        self.text_len
    }

    fn end(&mut self, done: &Done, out: &mut Vec<u8>) {
        if let Err(failure) = self.content.verdict(done) {
            return self.fail(&failure, out);
        }
        self.start(out);
        for item in self.items.end_all() {
            self.redacted(&item, out);
        }
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(b"{},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(finish_reason(&done.stop_reason, self.content.has_calls()).as_bytes());
        out.extend_from_slice(b"\"}]");
        if self.includes_usage {
            out.extend_from_slice(b",\"usage\":null");
        }
        write_guardrail(done, out);
        out.extend_from_slice(b"}\n\n");
        // Without counts this chunk is omitted, since zeros would be wrong.
        if let Some(counts) =
            TokenCounts::of(done, self.head.is_cache_in_input).filter(|_| self.includes_usage)
        {
            out.extend_from_slice(b"data: ");
            write_head(&self.head, "chat.completion.chunk", self.created, out);
            out.extend_from_slice(b",\"choices\":[],\"usage\":");
            counts.write_chat(out);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.content.is_ended = true;
    }
}

impl Encode for ChatEncoder {
    encoded_by_views!();

    /// Writes the error without `[DONE]`, which some clients take as success.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        if !self.content.fail(failure) {
            return;
        }
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&failure.openai_body(self.head.request_id.as_deref()));
        out.extend_from_slice(b"\n\n");
    }

    told_by_content!();

    fn error_body(&self, failure: &Failure) -> String {
        String::from_utf8_lossy(&failure.openai_body(self.head.request_id.as_deref())).into_owned()
    }
}
