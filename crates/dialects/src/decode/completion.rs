use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use super::bedrock_members::take_bedrock_members;
use super::chunk_writer::ChunkWriter;
use super::failure;
use super::foreign;
use super::payload_reader::PayloadReader;
use crate::dialect::Dialect;

object! {
    /// A payload of Anthropic's Text Completions.
    ///
    /// Source: "Anthropic Claude Text Completions API" in the Amazon Bedrock User Guide.
    struct CompletionPayload {
        /// `completion`, or absent.
        "type" => kind: Option<String>,
        /// A piece of the text.
        "completion" => completion: Option<String>,
        /// Why the model stopped, in the last payload.
        "stop_reason" => stop_reason: Option<String>,
        /// The stop sequence that it produced.
        "stop" => stop: Option<String>,
        /// An error.
        "error" => error: Option<Json>,
    }
}

/// Reads an answer of Claude 2 or older, which is one block of text. A stop reason proves it complete.
#[derive(Debug, Default)]
pub(super) struct CompletionReader;

impl PayloadReader for CompletionReader {
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let text = payload;
        let mut payload: CompletionPayload = serde_json::from_str(text)?;
        let has_text = payload.completion.is_some();
        let is_error = payload.kind.as_deref() == Some("error")
            || payload.error.as_ref().is_some_and(|error| *error != Json::default())
            || failure::is_failed(&payload.other, has_text);
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        if is_error {
            chunks.fail(failure::exception(text), chunks.is_stopped());
            return Ok(());
        }
        if !has_text {
            foreign::refuse(text, Dialect::Completion)?;
            if let Some(kind) = payload.kind.filter(|kind| kind != "completion") {
                chunks.unknown_member(None, "type".into(), kind.into());
            }
        }
        chunks.text(payload.completion.unwrap_or_default());
        for name in CLOSING_MEMBERS {
            if let Some(value) = payload.other.take(name).filter(|value| *value != Json::default()) {
                chunks.closing_member(name, value);
            }
        }
        for member in payload.other {
            if member.value != Json::default() {
                chunks.unknown_member(None, member.name, member.value);
            }
        }
        if let Some(word) = payload.stop_reason.filter(|word| !word.is_empty() && !chunks.is_stopped()) {
            chunks.ending.stop_reason = Some(stop_reason(&word, payload.stop.as_deref()));
            chunks.ending.raw_stop_reason = Some(word);
            if let Some(stop) = payload.stop {
                chunks.closing_member("stop", stop.into());
            }
            chunks.stop();
        }
        if is_last {
            chunks.conclude();
        }
        Ok(())
    }
}

/// The members of an answer that become part of `Done`, besides the stop reason.
const CLOSING_MEMBERS: [&str; 4] = ["id", "log_id", "model", "truncated"];

/// Converse's stop reason. Every answer that ends by itself ends with the prompt's own marker for the next turn.
fn stop_reason(word: &str, stop: Option<&str>) -> StopReason {
    match (word, stop) {
        ("stop_sequence", Some("\n\nHuman:")) => StopReason::EndTurn,
        (word, _) => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::steps::{Step, steps};
    use crate::dialect::Dialect;

    #[test]
    fn the_stop_reason_proves_it_and_the_metrics_end_it() {
        let given = steps(
            Dialect::Completion,
            &[
                r#"{"type":"completion","completion":" Par","stop_reason":null,"stop":null}"#,
                r#"{"completion":"is","stop_reason":null}"#,
                r#"{"type":"completion","completion":"","stop_reason":"stop_sequence","stop":"\n\nHuman:","amazon-bedrock-invocationMetrics":{"inputTokenCount":16,"outputTokenCount":11,"invocationLatency":482}}"#,
                r#"{"completion":"ignored"}"#,
            ],
        );
        assert_eq!(
            given,
            [
                Step::Chunk(r#"{"type":"start","role":"assistant"}"#.into()),
                Step::Chunk(r#"{"type":"block_start","block":0,"kind":"text"}"#.into()),
                Step::Chunk(r#"{"type":"text","block":0,"text":" Par"}"#.into()),
                Step::Chunk(r#"{"type":"text","block":0,"text":"is"}"#.into()),
                Step::Chunk(r#"{"type":"block_end","block":0}"#.into()),
                Step::Chunk(r#"{"type":"stop","stop_reason":"end_turn"}"#.into()),
                Step::Chunk(
                    r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop_sequence","usage":{"inputTokens":16,"outputTokens":11,"totalTokens":27},"invocation_metrics":{"inputTokenCount":16,"outputTokenCount":11,"invocationLatency":482},"metrics":{"latencyMs":482},"stop":"\n\nHuman:","skipped_events":0}"#.into()
                ),
            ]
        );
    }

    #[test]
    fn the_callers_stop_sequence_and_the_limit_stay_what_they_are() {
        for (last, reason) in [
            (
                r#"{"completion":"","stop_reason":"stop_sequence","stop":"END"}"#,
                r#""stop_reason":"stop_sequence""#,
            ),
            (r#"{"completion":"","stop_reason":"max_tokens"}"#, r#""stop_reason":"max_tokens""#),
        ] {
            let given = steps(Dialect::Completion, &[r#"{"completion":"a"}"#, last]);
            let Some(Step::Chunk(done)) = given.last() else { panic!("{given:?}") };
            assert!(done.contains(reason), "{done}");
        }
    }

    #[test]
    fn content_after_the_proof_is_skipped() {
        let given = steps(
            Dialect::Completion,
            &[
                r#"{"completion":"a","stop_reason":"max_tokens"}"#,
                r#"{"completion":"b"}"#,
                r#"{"completion":"c","stop_reason":"stop_sequence"}"#,
            ],
        );
        let errors =
            given.iter().filter(|step| matches!(step, Step::Error(kind, _) if *kind == "unexpected"));
        assert_eq!(errors.count(), 1, "{given:?}");
        let Some(Step::Chunk(done)) = given.last() else { panic!("{given:?}") };
        assert!(
            done.contains(r#""stop_reason":"max_tokens""#) && done.contains(r#""skipped_events":2"#),
            "{done}"
        );
    }

    #[test]
    fn an_error_is_final_and_nothing_else_proves_it() {
        for (payload, kind) in [
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, "exception"),
            (r#"{"error":{"message":"m"}}"#, "exception"),
            (r#"{"message":"m"}"#, "exception"),
            (r#"{"completion":"a","error":{"message":"m"}}"#, "exception"),
            (r#"{"completion":"a","stop_reason":""}"#, "incomplete"),
            (r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#, "incomplete"),
        ] {
            let given = steps(Dialect::Completion, &[r#"{"completion":"a"}"#, payload]);
            assert!(
                matches!(given.last(), Some(Step::Error(found, _)) if *found == kind),
                "{payload} {given:?}"
            );
        }
    }
}
