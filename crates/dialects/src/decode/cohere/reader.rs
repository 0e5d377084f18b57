use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::ToolUseStart;
use bedrock_stream_core::json::Json;

use super::payload::{CohereCall, CoherePayload, CohereResponse, Generation, Meta};
use crate::decode::bedrock_members::{take_bedrock_members, without_bedrock_members};
use crate::decode::choices::{Choices, SentPieces};
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::foreign;
use crate::decode::payload_reader::PayloadReader;
use crate::dialect::Dialect;

/// Reads an answer of Command or Command R. Of several generations, it reads one.
#[derive(Debug)]
pub(in crate::decode) struct CohereReader {
    /// The generations, any of which may finish before the others.
    choices: Choices,
    has_text: bool,
    /// Whether text arrived with pieces of tool calls.
    has_plan: bool,
    has_calls: bool,
}

impl CohereReader {
    /// A reader of the generation with that index.
    pub(in crate::decode) const fn new(chosen: u32) -> Self {
        Self { choices: Choices::new(chosen), has_text: false, has_plan: false, has_calls: false }
    }

    fn text(&mut self, text: Option<String>, chunks: &mut ChunkWriter) {
        let text = text.unwrap_or_default();
        self.has_text |= !text.is_empty();
        chunks.text(text);
    }

    /// Writes an event's text. The model's text before its tool calls is streamed, and then repeated with the calls.
    fn event_text(&mut self, kind: Option<&str>, text: Option<String>, chunks: &mut ChunkWriter) {
        match kind {
            Some("tool-calls-generation") if self.has_plan => {}
            Some("tool-calls-chunk") => {
                self.has_plan |= text.as_ref().is_some_and(|text| !text.is_empty());
                self.text(text, chunks);
            }
            _ => self.text(text, chunks),
        }
    }

    fn calls(&mut self, calls: Option<Vec<CohereCall>>, chunks: &mut ChunkWriter) {
        for call in calls.unwrap_or_default() {
            self.has_calls = true;
            let block = chunks.new_block();
            let id = alloc::format!("call_{block}");
            chunks.tool_call(block, ToolUseStart::new(id, call.name.unwrap_or_default()));
            if let Some(parameters) = call.parameters {
                chunks.arguments_in(block, parameters.as_str().into());
            }
            chunks.end_block(block);
            chunks.unknown_members(call.other);
        }
    }

    /// Reads the repetition of the answer: writes the parts that were not streamed, records the tokens used, and
    /// returns the finish reason.
    fn response(&mut self, response: CohereResponse, chunks: &mut ChunkWriter) -> Option<String> {
        if !self.has_text {
            self.text(response.text, chunks);
        }
        if !self.has_calls {
            self.calls(response.tool_calls, chunks);
        }
        chunks.unknown_members(response.other);
        keep("generation_id", response.generation_id, chunks);
        keep("response_id", response.response_id, chunks);
        if let Some(meta) = response.meta {
            let counts: Meta = meta.parse().unwrap_or_default();
            let (tokens, billed) =
                (counts.tokens.unwrap_or_default(), counts.billed_units.unwrap_or_default());
            if chunks.vendor_usage(meta) {
                chunks.ending.usage.input_tokens = tokens.input_tokens.or(billed.input_tokens);
                chunks.ending.usage.output_tokens = tokens.output_tokens.or(billed.output_tokens);
            }
        }
        response.finish_reason
    }

    /// Reads complete answers, which are `sent`. Returns whether any of them has a finish reason.
    fn generations(
        &mut self,
        generations: Vec<Generation>,
        sent: &mut SentPieces<'_>,
        chunks: &mut ChunkWriter,
    ) -> bool {
        let mut finishes = false;
        for (generation, position) in generations.into_iter().zip(0..) {
            let index = generation.index.unwrap_or(position);
            let is_chosen = self.choices.begin(index, chunks);
            let reason = generation.finish_reason.filter(|word| !word.is_empty());
            if reason.is_some() {
                self.choices.finish(index, chunks);
                finishes |= is_chosen || !chunks.is_stopped();
            }
            if is_chosen {
                self.text(generation.text, chunks);
                chunks.unknown_members(generation.other);
                if reason.is_some() {
                    self.set_stop_reason(reason, chunks);
                }
            } else {
                sent.write(position, chunks);
            }
        }
        finishes
    }

    fn set_stop_reason(&self, reason: Option<String>, chunks: &mut ChunkWriter) {
        chunks.set_stop_reason(reason.as_deref().map(|word| stop_reason(word, self.has_calls)), reason);
    }
}

impl PayloadReader for CohereReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: CoherePayload = serde_json::from_str(text)?;
        let kind = payload.event_type.take();
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let has_generations = payload.generations.is_some();
        let is_known = kind.is_some() || payload.is_finished.is_some() || has_generations;
        let mut is_failed = failure::is_failed(&payload.other, is_known);
        if !is_known && payload.text.is_none() && !is_failed {
            foreign::refuse(text, Dialect::Cohere)?;
        }
        // An error in place of an answer does not start one, so that the request may be sent again.
        if is_failed && !is_known && payload.text.is_none() {
            chunks.fail(failure::exception(text), chunks.is_stopped());
            return Ok(());
        }
        let is_chosen = payload.index.is_none_or(|index| self.choices.begin(index, chunks));
        chunks.start();
        keep("id", payload.id, chunks);
        keep("generation_id", payload.generation_id, chunks);
        if !is_chosen {
            let payload = without_bedrock_members(text, &mut chunks.ending)?;
            chunks.unknown_event(kind.as_deref().unwrap_or_default(), payload);
        } else if let Some(kind) = kind.as_deref().filter(|kind| !is_known_event(kind)) {
            chunks.unknown_event(kind, Json::from_text(text)?);
        } else {
            self.event_text(kind.as_deref(), payload.text, chunks);
            self.calls(payload.tool_calls, chunks);
            chunks.unknown_members(payload.other);
        }
        let mut reason = payload.finish_reason;
        if let Some(response) = payload.response {
            is_failed |= failure::has_error(&response.other);
            let inner = self.response(response, chunks);
            reason = reason.or(inner);
        }
        let is_finished = payload.is_finished == Some(true);
        is_failed |= is_finished && reason.as_deref() == Some("ERROR");
        let generations = payload.generations.unwrap_or_default();
        is_failed |= generations.iter().any(Generation::is_failed);
        let mut finishes = is_finished && (is_chosen || !chunks.is_stopped());
        finishes |= self.generations(generations, &mut SentPieces::new(text, "generations"), chunks);
        if is_failed {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        if is_finished {
            match payload.index {
                Some(index) => self.choices.finish(index, chunks),
                // It ends the stream, so every generation.
                None => self.choices.finish_all(chunks),
            }
            if is_chosen {
                self.set_stop_reason(reason, chunks);
            }
        }
        if finishes && self.choices.are_finished() {
            chunks.stop();
        }
        if is_last {
            chunks.conclude();
        }
        Ok(())
    }
}

/// Whether an event's members are read. Any other event, such as citations and search results, is kept as it is.
fn is_known_event(kind: &str) -> bool {
    matches!(
        kind,
        "stream-start" | "text-generation" | "tool-calls-chunk" | "tool-calls-generation" | "stream-end"
    )
}

fn keep(name: &'static str, value: Option<Json>, chunks: &mut ChunkWriter) {
    if let Some(value) = value {
        chunks.closing_member(name, value);
    }
}

fn stop_reason(word: &str, has_calls: bool) -> StopReason {
    match word {
        "COMPLETE" if has_calls => StopReason::ToolUse,
        "COMPLETE" => StopReason::EndTurn,
        "MAX_TOKENS" => StopReason::MaxTokens,
        "STOP_SEQUENCE" => StopReason::StopSequence,
        "ERROR_TOXIC" => StopReason::ContentFiltered,
        "ERROR_LIMIT" => StopReason::ModelContextWindowExceeded,
        word => word.into(),
    }
}
