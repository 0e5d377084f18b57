use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::json::Json;

use super::encoder::{CUSTOM_TOOL_CALL, ConverseEncoder};
use crate::encode::content::Piece;
use crate::encode::failure::Failure;
use crate::encode::json_writer::{string, value};

impl ConverseEncoder {
    /// Encodes the whole answer as JSON (`ConverseResponse`), from all of its chunks. Call it once, in place of
    /// [`encode`](crate::encode::Encode::encode); then [`left_out`](crate::encode::Encode::left_out) says what the JSON lacks.
    ///
    /// # Errors
    ///
    /// The answer is not complete, or a tool call in it was cut off: `input` must be JSON.
    pub fn whole<'a>(&mut self, chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<String, Failure> {
        let mut response = ResponseBuilder::new();
        let mut cut_off = None;
        let mut custom = Vec::new();
        for chunk in chunks {
            response.push(&as_function_call(chunk, &mut custom));
            if let Chunk::ToolCallEnd { id, name, input, .. } = chunk {
                if !input.is_usable() {
                    cut_off.get_or_insert_with(|| Failure::cut_off_call(id, name));
                }
            }
            if let Some(Piece::Done(done)) = self.content.read(chunk.into()) {
                self.content.loss(done)?;
                self.content.is_ended = true;
                if let Some(failure) = cut_off {
                    return Err(failure);
                }
                let mut response = response.finish().map_err(|_| Failure::incomplete())?;
                response.stop_reason = Some(self.stop_reason(done));
                let mut out = Vec::new();
                value(&mut out, &response);
                return Ok(String::from_utf8_lossy(&out).into_owned());
            }
        }
        Err(Failure::incomplete())
    }
}

/// A call of a custom tool as one of a function with the argument `input`; any other chunk as it is. `custom`: the open
/// calls of custom tools.
fn as_function_call<'a>(chunk: &'a Chunk, custom: &mut Vec<u32>) -> Cow<'a, Chunk> {
    match chunk {
        Chunk::ToolCallStart { block, id, name, kind: Some(kind), .. } if kind == CUSTOM_TOOL_CALL => {
            custom.push(*block);
            Cow::Owned(Chunk::tool_call_start(*block, id.clone(), name.clone(), None))
        }
        Chunk::ToolCallEnd { block, id, name, input, .. } if custom.contains(block) && input.is_usable() => {
            custom.retain(|open| open != block);
            let text = if *input == ToolInput::Empty { "" } else { input.as_str() };
            let mut json = b"{\"input\":".to_vec();
            string(&mut json, text);
            json.push(b'}');
            let input = Json::from_text(&String::from_utf8_lossy(&json)).unwrap_or_default();
            Cow::Owned(Chunk::tool_call_end(*block, id.clone(), name.clone(), ToolInput::Json(input)))
        }
        _ => Cow::Borrowed(chunk),
    }
}
