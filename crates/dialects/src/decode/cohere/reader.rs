use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::ToolUseStart;
use bedrock_stream_core::json::Json;

use super::payload::{CohereCall, CoherePayload, CohereResponse, Generation, Meta};
use crate::decode::bedrock_members::take_bedrock_members;
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::payload_reader::PayloadReader;

/// Reads an answer of Command or Command R; of several generations, one.
#[derive(Debug)]
pub(in crate::decode) struct CohereReader {
    chosen: u32,
    has_text: bool,
    /// Whether text came with pieces of tool calls.
    has_plan: bool,
    has_calls: bool,
}

impl CohereReader {
    /// A reader of the generation of that index.
    pub(in crate::decode) const fn new(chosen: u32) -> Self {
        Self { chosen, has_text: false, has_plan: false, has_calls: false }
    }

    fn text(&mut self, text: Option<String>, chunks: &mut ChunkWriter) {
        let text = text.unwrap_or_default();
        self.has_text |= !text.is_empty();
        chunks.text(text);
    }

    /// Writes an event's text. What the model says before its tool calls streams, and then comes once more with them.
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

    /// The answer once more: writes what did not stream, keeps what it took, and returns the finish reason.
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

    /// Reads whole answers. Returns the finish reason of the one that is chosen, if every one has a reason.
    fn generations(&mut self, generations: Vec<Generation>, chunks: &mut ChunkWriter) -> Option<String> {
        let mut reason = None;
        let mut are_finished = true;
        for (generation, position) in generations.into_iter().zip(0..) {
            are_finished &= generation.finish_reason.is_some();
            if generation.index.unwrap_or(position) == self.chosen {
                self.text(generation.text, chunks);
                chunks.unknown_members(generation.other);
                reason = generation.finish_reason;
            }
        }
        reason.filter(|word| are_finished && !word.is_empty())
    }
}

impl PayloadReader for CohereReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: CoherePayload = serde_json::from_str(text)?;
        let kind = payload.event_type.take();
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let has_generations = payload.generations.is_some();
        let is_known = kind.is_some() || payload.is_finished.is_some() || has_generations;
        let is_failed = failure::is_failed(&payload.other, is_known);
        chunks.start();
        keep("id", payload.id, chunks);
        keep("generation_id", payload.generation_id, chunks);
        if let Some(kind) = kind.as_deref().filter(|kind| !is_known_event(kind)) {
            chunks.unknown_event(kind, Json::from_text(text)?);
        } else {
            if payload.index.is_none_or(|index| index == self.chosen) {
                self.event_text(kind.as_deref(), payload.text, chunks);
            }
            self.calls(payload.tool_calls, chunks);
            chunks.unknown_members(payload.other);
        }
        let mut reason = payload.finish_reason;
        if let Some(response) = payload.response {
            let inner = self.response(response, chunks);
            reason = reason.or(inner);
        }
        let mut is_finished = payload.is_finished == Some(true);
        if let Some(generations) = payload.generations {
            let inner = self.generations(generations, chunks);
            is_finished |= inner.is_some();
            reason = reason.or(inner);
        }
        if is_failed || (is_finished && reason.as_deref() == Some("ERROR")) {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        if is_finished {
            chunks.ending.stop_reason = reason.as_deref().map(|word| stop_reason(word, self.has_calls));
            chunks.ending.raw_stop_reason = reason;
            chunks.stop();
        }
        if is_last {
            chunks.conclude();
        }
        Ok(())
    }
}

/// Whether an event's members are read. Any other, such as citations and search results, is kept as it is.
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

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use crate::decode::steps::{Step, steps};
    use crate::dialect::Dialect;

    /// The steps of these payloads: a chunk's JSON, or an error's kind.
    fn read(payloads: &[&str]) -> Vec<String> {
        let line = |step| match step {
            Step::Chunk(json) => json,
            Step::Error(kind, _) => kind.into(),
        };
        steps(Dialect::Cohere, payloads).into_iter().map(line).collect()
    }

    const START: &str = r#"{"type":"start","role":"assistant"}"#;
    const HELLO: [&str; 4] = [
        START,
        r#"{"type":"block_start","block":0,"kind":"text"}"#,
        r#"{"type":"text","block":0,"text":"Hello"}"#,
        r#"{"type":"block_end","block":0}"#,
    ];

    #[test]
    fn every_form_of_a_text_is_read_once() {
        for payloads in [
            &[
                r#"{"text":"Hello","is_finished":false}"#,
                r#"{"is_finished":true,"finish_reason":"COMPLETE"}"#,
            ][..],
            &[r#"{"generations":[{"text":"Hello","finish_reason":"COMPLETE"}],"prompt":"p"}"#],
            &[
                r#"{"event_type":"stream-start","is_finished":false}"#,
                r#"{"event_type":"text-generation","text":"Hello","is_finished":false}"#,
                r#"{"event_type":"stream-end","is_finished":true,"response":{"text":"Hello","chat_history":[],"finish_reason":"COMPLETE"}}"#,
            ],
            &[
                r#"{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"text":"Hello"}}"#,
            ],
        ] {
            let end = [
                r#"{"type":"stop","stop_reason":"end_turn"}"#,
                r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"COMPLETE","skipped_events":0}"#,
            ];
            assert_eq!(read(payloads), [&HELLO[..], &end].concat(), "{payloads:?}");
        }
    }

    #[test]
    fn calls_have_no_id_and_are_whole() {
        assert_eq!(
            read(&[
                r#"{"event_type":"tool-calls-chunk","is_finished":false,"text":"Hello"}"#,
                r#"{"event_type":"tool-calls-generation","is_finished":false,"text":"Hello","tool_calls":[{"name":"f","parameters":{"x": 1}},{"name":"g"}]}"#,
                r#"{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"text":"Hello","generation_id":"i","tool_calls":[{"name":"f","parameters":{"x": 1}}],"meta":{"billed_units":{"input_tokens":1},"tokens":{"input_tokens":3,"output_tokens":4}}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#,
            ]),
            [
                &HELLO[..],
                &[
                    r#"{"type":"tool_call_start","block":1,"id":"call_1","name":"f"}"#,
                    r#"{"type":"tool_call_delta","block":1,"id":"call_1","arguments_delta":"{\"x\": 1}"}"#,
                    r#"{"type":"tool_call_end","block":1,"id":"call_1","name":"f","input":{"x": 1}}"#,
                    r#"{"type":"tool_call_start","block":2,"id":"call_2","name":"g"}"#,
                    r#"{"type":"tool_call_end","block":2,"id":"call_2","name":"g","input":{}}"#,
                    r#"{"type":"stop","stop_reason":"tool_use"}"#,
                    r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"COMPLETE","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"vendor_usage":{"billed_units":{"input_tokens":1},"tokens":{"input_tokens":3,"output_tokens":4}},"invocation_metrics":{"inputTokenCount":1},"generation_id":"i","skipped_events":0}"#,
                ],
            ]
            .concat()
        );
    }

    #[test]
    fn citations_and_search_results_are_kept() {
        let event = r#"{"event_type":"citation-generation","is_finished":false,"citations":[{"start":0}]}"#;
        let given = read(&[event]);
        assert_eq!(
            given[1],
            alloc::format!(r#"{{"type":"unknown","event":"citation-generation","value":{event}}}"#)
        );
        let response = r#"{"event_type":"stream-end","is_finished":true,"response":{"citations":[1]}}"#;
        let given = read(&[response]);
        assert_eq!(given[1], r#"{"type":"unknown","member":"citations","value":[1]}"#);
    }

    #[test]
    fn nothing_else_proves_it() {
        for payload in [
            r#"{"text":"a","is_finished":false}"#,
            r#"{"text":"a","is_finished":false,"finish_reason":"COMPLETE"}"#,
            r#"{"generations":[{"text":"a"}]}"#,
            r#"{"generations":[{"text":"a","finish_reason":"COMPLETE"},{"text":"b","finish_reason":null}]}"#,
            r#"{"generations":[]}"#,
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
        ] {
            assert_eq!(read(&[payload]).last().unwrap(), "incomplete", "{payload}");
        }
    }

    #[test]
    fn an_error_is_final() {
        for payload in [
            r#"{"is_finished":true,"finish_reason":"ERROR"}"#,
            r#"{"event_type":"stream-end","is_finished":true,"response":{"finish_reason":"ERROR"}}"#,
            r#"{"generations":[{"text":"a","finish_reason":"ERROR"}]}"#,
            r#"{"error":"m"}"#,
            r#"{"message":"m"}"#,
        ] {
            assert_eq!(read(&[payload]).last().unwrap(), "exception", "{payload}");
        }
    }

    #[test]
    fn every_finish_reason_has_its_word() {
        for (word, expected) in [
            ("COMPLETE", "end_turn"),
            ("MAX_TOKENS", "max_tokens"),
            ("STOP_SEQUENCE", "stop_sequence"),
            ("ERROR_TOXIC", "content_filtered"),
            ("ERROR_LIMIT", "model_context_window_exceeded"),
            ("USER_CANCEL", "USER_CANCEL"),
        ] {
            let given = read(&[&alloc::format!(r#"{{"is_finished":true,"finish_reason":"{word}"}}"#)]);
            assert_eq!(given[1], alloc::format!(r#"{{"type":"stop","stop_reason":"{expected}"}}"#));
        }
    }
}
