use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::content::{Citation, ToolInput};
use bedrock_stream_core::json::Blob;

use super::encoder::{MessagesEncoder, write_stop};
use crate::encode::blocks::{Block, Blocks};
use crate::encode::content::Piece;
use crate::encode::ending::write_guardrail;
use crate::encode::failure::Failure;
use crate::encode::json_writer::{comma, string};
use crate::encode::source::write_citation;
use crate::encode::token_counts::TokenCounts;

impl MessagesEncoder {
    /// Encodes the whole answer as JSON (`message`), from all of its chunks. Call it once, in place of
    /// [`encode`](crate::encode::Encode::encode); then [`left_out`](crate::encode::Encode::left_out) says what the JSON lacks.
    ///
    /// # Errors
    ///
    /// The answer is not complete, or a tool call in it was cut off: `input` must be JSON.
    pub fn whole<'a>(&mut self, chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<String, Failure> {
        let mut blocks = Blocks::default();
        for chunk in chunks {
            match self.content.read(chunk.into()) {
                Some(Piece::Done(done)) => {
                    self.content.verdict(done)?;
                    self.content.is_ended = true;
                    let has_no_form = |citation: &&Citation| !write_citation(citation, &mut Vec::new());
                    self.content.left_out.citations += blocks.citations().filter(has_no_form).count() as u64;
                    let out = object(self, &blocks, done)?;
                    return Ok(String::from_utf8_lossy(&out).into_owned());
                }
                Some(piece) => drop(blocks.push(&piece)),
                None => {}
            }
        }
        Err(Failure::incomplete())
    }
}

fn object(encoder: &MessagesEncoder, blocks: &Blocks, done: &Done) -> Result<Vec<u8>, Failure> {
    let mut out = b"{\"id\":".to_vec();
    string(&mut out, &encoder.head.id);
    out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
    string(&mut out, &encoder.head.model);
    out.extend_from_slice(b",\"content\":[");
    let mut is_first = true;
    for block in &blocks.blocks {
        let start = out.len();
        comma(&mut out, &mut is_first);
        write_block(block, &mut out).map_err(|failure| failure.because(&done.stop_reason))?;
        // It has only citations that cannot be represented, and no text.
        if out.ends_with(br#"{"type":"text","text":""}"#) {
            out.truncate(start);
            is_first = out.ends_with(b"[");
        }
    }
    out.extend_from_slice(b"],");
    write_stop(done, encoder.content.has_calls(), &mut out);
    out.extend_from_slice(b",\"usage\":");
    match TokenCounts::of(done, encoder.head.is_cache_in_input) {
        Some(counts) => counts.write_messages(&mut out),
        // The members are required.
        None => out.extend_from_slice(b"{\"input_tokens\":0,\"output_tokens\":0}"),
    }
    write_guardrail(done, &mut out);
    out.push(b'}');
    Ok(out)
}

/// Fails only if a call was cut off.
fn write_block(block: &Block, out: &mut Vec<u8>) -> Result<(), Failure> {
    match block {
        Block::Text { text, citations, .. } => {
            out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
            string(out, text);
            let mut is_first = true;
            for citation in citations {
                let mut source = Vec::new();
                if write_citation(citation, &mut source) {
                    out.extend_from_slice(if is_first { b",\"citations\":[" } else { b"" });
                    comma(out, &mut is_first);
                    out.extend_from_slice(&source);
                }
            }
            out.extend_from_slice(if is_first { b"}" } else { b"]}" });
        }
        Block::Reasoning { text, signature } => {
            out.extend_from_slice(b"{\"type\":\"thinking\",\"thinking\":");
            string(out, text);
            out.extend_from_slice(b",\"signature\":");
            string(out, signature);
            out.push(b'}');
        }
        Block::Redacted { data } => {
            out.extend_from_slice(b"{\"type\":\"redacted_thinking\",\"data\":");
            string(out, &Blob(data.clone()).to_base64());
            out.push(b'}');
        }
        Block::Call { call, id, name, arguments, input } => {
            out.extend_from_slice(b"{\"type\":\"tool_use\",\"id\":");
            string(out, id);
            out.extend_from_slice(b",\"name\":");
            string(out, name);
            out.extend_from_slice(b",\"input\":");
            match input {
                Some(input) if call.is_custom && input.is_usable() => {
                    out.extend_from_slice(b"{\"input\":");
                    string(out, arguments);
                    out.push(b'}');
                }
                Some(input @ (ToolInput::Json(_) | ToolInput::Empty)) if !call.is_custom => {
                    out.extend_from_slice(input.as_str().as_bytes());
                }
                _ => return Err(Failure::cut_off_call(id, name)),
            }
            out.push(b'}');
        }
    }
    Ok(())
}
