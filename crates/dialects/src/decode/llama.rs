use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::object;

use super::bedrock_members::take_bedrock_members;
use super::chunk_writer::ChunkWriter;
use super::failure;
use super::payload_reader::PayloadReader;

object! {
    /// A payload of Meta's Llama, or of an imported model whose request was of that shape.
    ///
    /// Source: "Meta Llama models" in the Amazon Bedrock User Guide.
    struct LlamaPayload {
        /// A piece of the text.
        "generation" => generation: Option<String>,
        /// Tokens of the request, in the first payload.
        "prompt_token_count" => prompt_token_count: Option<u64>,
        /// Tokens of the answer so far.
        "generation_token_count" => generation_token_count: Option<u64>,
        /// Why the model stopped, in the last payload.
        "stop_reason" => stop_reason: Option<String>,
    }
}

/// Reads an answer of Llama, which is one block of text.
#[derive(Debug, Default)]
pub(super) struct LlamaReader;

impl PayloadReader for LlamaReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: LlamaPayload = serde_json::from_str(text)?;
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        if failure::is_failed(&payload.other, payload.generation.is_some()) {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        chunks.text(payload.generation.unwrap_or_default());
        chunks.unknown_members(payload.other);
        let usage = &mut chunks.ending.usage;
        usage.input_tokens = payload.prompt_token_count.or(usage.input_tokens);
        usage.output_tokens = payload.generation_token_count.or(usage.output_tokens);
        if let Some(word) = payload.stop_reason.filter(|word| !word.is_empty()) {
            chunks.ending.stop_reason = Some(stop_reason(&word));
            chunks.ending.raw_stop_reason = Some(word);
            chunks.stop();
        }
        if is_last {
            chunks.conclude();
        }
        Ok(())
    }
}

fn stop_reason(word: &str) -> StopReason {
    match word {
        "stop" => StopReason::EndTurn,
        "length" => StopReason::MaxTokens,
        word => word.into(),
    }
}
