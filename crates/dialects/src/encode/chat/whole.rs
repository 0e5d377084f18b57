use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::json::Blob;

use super::encoder::ChatEncoder;
use super::members::{member, write_head, write_redacted};
use crate::encode::blocks::{Block, Blocks};
use crate::encode::content::Piece;
use crate::encode::ending::{finish_reason, write_guardrail};
use crate::encode::failure::Failure;
use crate::encode::json_writer::{comma, number, optional_string, string};
use crate::encode::source::{is_web_page, write_url_citation};
use crate::encode::token_counts::TokenCounts;

impl ChatEncoder {
    /// Encodes the whole answer as JSON (`chat.completion`), from all of its chunks. Call it once, in place of
    /// [`encode`](crate::encode::Encode::encode); then [`left_out`](crate::encode::Encode::left_out) says what the JSON lacks.
    ///
    /// # Errors
    ///
    /// The answer is not complete.
    pub fn whole<'a>(&mut self, chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<String, Failure> {
        let mut blocks = Blocks::default();
        for chunk in chunks {
            match self.content.read(chunk.into()) {
                Some(Piece::Done(done)) => {
                    self.content.verdict(done)?;
                    self.content.is_ended = true;
                    self.content.left_out.citations +=
                        blocks.citations().filter(|citation| !is_web_page(citation)).count() as u64;
                    let out = object(self, &blocks, done);
                    return Ok(String::from_utf8_lossy(&out).into_owned());
                }
                Some(piece) => drop(blocks.push(&piece)),
                None => {}
            }
        }
        Err(Failure::incomplete())
    }
}

fn object(encoder: &ChatEncoder, blocks: &Blocks, done: &Done) -> Vec<u8> {
    let mut out = Vec::new();
    write_head(&encoder.head, "chat.completion", encoder.created, &mut out);
    out.extend_from_slice(b",\"choices\":[{\"index\":0,\"message\":");
    message(encoder, blocks, &mut out);
    out.extend_from_slice(b",\"logprobs\":null,\"finish_reason\":\"");
    out.extend_from_slice(finish_reason(&done.stop_reason, encoder.content.has_calls()).as_bytes());
    out.extend_from_slice(b"\"}],\"usage\":");
    match TokenCounts::of(done, encoder.head.is_cache_in_input) {
        Some(counts) => counts.write_chat(&mut out),
        None => out.extend_from_slice(b"null"),
    }
    write_guardrail(done, &mut out);
    out.push(b'}');
    out
}

fn message(encoder: &ChatEncoder, blocks: &Blocks, out: &mut Vec<u8>) {
    let text = blocks.text();
    let has_no_content = text.is_empty() && encoder.content.has_calls();
    out.extend_from_slice(b"{\"role\":\"assistant\",\"content\":");
    optional_string(out, (!has_no_content).then_some(text.as_str()));
    out.extend_from_slice(b",\"refusal\":null");
    let reasoning = blocks.reasoning();
    if let Some(name) = encoder.reasoning_member.name().filter(|_| !reasoning.is_empty()) {
        out.push(b',');
        member(out, name, &reasoning);
    }
    if encoder.has_reasoning_details {
        reasoning_details(blocks, out);
    }
    annotations(blocks, out);
    tool_calls(blocks, out);
    out.push(b'}');
}

fn reasoning_details(blocks: &Blocks, out: &mut Vec<u8>) {
    let reasoning = blocks
        .blocks
        .iter()
        .filter(|block| matches!(block, Block::Reasoning { .. } | Block::Redacted { .. }));
    let mut is_first = true;
    for (index, block) in (0..).zip(reasoning) {
        out.extend_from_slice(if is_first { b",\"reasoning_details\":[" } else { b"" });
        comma(out, &mut is_first);
        match block {
            Block::Redacted { data } => write_redacted(index, &Blob(data.clone()), out),
            Block::Reasoning { text, signature } => {
                out.extend_from_slice(b"{\"index\":");
                number(out, index);
                out.extend_from_slice(b",\"type\":\"reasoning.text\",");
                member(out, "text", text);
                if !signature.is_empty() {
                    out.push(b',');
                    member(out, "signature", signature);
                }
                out.push(b'}');
            }
            _ => {}
        }
    }
    if !is_first {
        out.push(b']');
    }
}

/// A citation covers the text of its block.
fn annotations(blocks: &Blocks, out: &mut Vec<u8>) {
    let (mut start, mut is_first) = (0, true);
    for block in &blocks.blocks {
        let Block::Text { text, citations, .. } = block else { continue };
        let end = start + text.chars().count() as u64;
        for citation in citations {
            let mut source = Vec::new();
            if write_url_citation(citation, (start, end), &mut source) {
                out.extend_from_slice(if is_first { b",\"annotations\":[" } else { b"" });
                comma(out, &mut is_first);
                out.extend_from_slice(b"{\"type\":\"url_citation\",\"url_citation\":{");
                out.extend_from_slice(&source);
                out.extend_from_slice(b"}}");
            }
        }
        start = end;
    }
    if !is_first {
        out.push(b']');
    }
}

fn tool_calls(blocks: &Blocks, out: &mut Vec<u8>) {
    let mut is_first = true;
    for block in &blocks.blocks {
        let Block::Call { call, id, name, arguments, .. } = block else { continue };
        out.extend_from_slice(if is_first { b",\"tool_calls\":[" } else { b"" });
        comma(out, &mut is_first);
        out.extend_from_slice(b"{\"id\":");
        string(out, id);
        out.extend_from_slice(if call.is_custom {
            b",\"type\":\"custom\",\"custom\":{\"name\":"
        } else {
            b",\"type\":\"function\",\"function\":{\"name\":"
        });
        string(out, name);
        out.push(b',');
        member(out, if call.is_custom { "input" } else { "arguments" }, arguments);
        out.extend_from_slice(b"}}");
    }
    if !is_first {
        out.push(b']');
    }
}
