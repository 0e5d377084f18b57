use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::object;

use super::bedrock_members::{take_bedrock_members, without_bedrock_members};
use super::choices::Choices;
use super::chunk_writer::ChunkWriter;
use super::failure;
use super::foreign;
use super::payload_reader::PayloadReader;
use crate::dialect::Dialect;

object! {
    /// A payload of Titan Text. A guardrail's payloads lack the members that are null in others.
    ///
    /// Source: "Amazon Titan Text models" in the Amazon Bedrock User Guide.
    struct TitanPayload {
        /// A piece of the text.
        "outputText" => output_text: Option<String>,
        /// The index of its answer.
        "index" => index: Option<u32>,
        /// Tokens of the request, in the first payload.
        "inputTextTokenCount" => input_text_token_count: Option<u64>,
        /// Tokens of the answer, in the last payload.
        "totalOutputTextTokenCount" => total_output_text_token_count: Option<u64>,
        /// Why the model stopped, in the last payload.
        "completionReason" => completion_reason: Option<String>,
    }
}

/// Reads an answer of Titan Text, which is one block of text. Of several answers, it reads one.
#[derive(Debug)]
pub(super) struct TitanReader {
    choices: Choices,
}

impl TitanReader {
    /// A reader of the answer with that index.
    pub(super) const fn new(chosen: u32) -> Self {
        Self { choices: Choices::new(chosen) }
    }
}

impl PayloadReader for TitanReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: TitanPayload = serde_json::from_str(text)?;
        if failure::is_failed(&payload.other, payload.output_text.is_some()) {
            chunks.fail(failure::exception(text), chunks.is_stopped());
            return Ok(());
        }
        if payload.output_text.is_none() {
            foreign::refuse(text, Dialect::Titan)?;
        }
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let index = payload.index.unwrap_or(self.choices.chosen());
        let is_chosen = self.choices.begin(index, chunks);
        let ending = &mut chunks.ending;
        let is_blocked = ending.is_guardrail_intervened && ending.trace.is_some();
        let word = payload.completion_reason.filter(|word| !word.is_empty());
        let is_finished = word.is_some() || payload.total_output_text_token_count.is_some() || is_blocked;
        if is_chosen {
            let usage = &mut ending.usage;
            usage.input_tokens = payload.input_text_token_count.or(usage.input_tokens);
            usage.output_tokens = payload.total_output_text_token_count.or(usage.output_tokens);
            chunks.text(payload.output_text.unwrap_or_default());
            chunks.unknown_members(payload.other);
            if word.is_some() {
                chunks.set_stop_reason(word.as_deref().map(stop_reason), word);
            }
        } else {
            let payload = without_bedrock_members(text, ending)?;
            chunks.unknown_event("", payload);
        }
        if is_finished {
            self.choices.finish(index, chunks);
        }
        if is_finished && self.choices.are_finished() && (is_chosen || !chunks.is_stopped()) {
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
        "FINISH" | "FINISHED" => StopReason::EndTurn,
        "LENGTH" => StopReason::MaxTokens,
        "STOP_CRITERIA_MET" => StopReason::StopSequence,
        "CONTENT_FILTERED" => StopReason::ContentFiltered,
        word => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::steps::{Step, steps};
    use crate::dialect::Dialect;

    #[test]
    fn the_reason_proves_it_and_the_metrics_end_it() {
        let given = steps(
            Dialect::Titan,
            &[
                r#"{"outputText":"Hel","index":0,"totalOutputTextTokenCount":null,"completionReason":null,"inputTextTokenCount":5}"#,
                r#"{"outputText":"lo","index":0,"totalOutputTextTokenCount":2,"completionReason":"FINISH","inputTextTokenCount":null,"amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":7,"firstByteLatency":3}}"#,
            ],
        );
        assert_eq!(
            given,
            [
                Step::Chunk(r#"{"type":"start","role":"assistant"}"#.into()),
                Step::Chunk(r#"{"type":"block_start","block":0,"kind":"text"}"#.into()),
                Step::Chunk(r#"{"type":"text","block":0,"text":"Hel"}"#.into()),
                Step::Chunk(r#"{"type":"text","block":0,"text":"lo"}"#.into()),
                Step::Chunk(r#"{"type":"block_end","block":0}"#.into()),
                Step::Chunk(r#"{"type":"stop","stop_reason":"end_turn"}"#.into()),
                Step::Chunk(
                    r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"FINISH","usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7},"invocation_metrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":7,"firstByteLatency":3},"metrics":{"latencyMs":7},"skipped_events":0}"#.into()
                ),
            ]
        );
    }

    #[test]
    fn a_guardrail_proves_it_with_its_trace() {
        let given = steps(
            Dialect::Titan,
            &[
                r#"{"outputText":"no","amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{"actionReason":"blocked"}}}"#,
            ],
        );
        let Some(Step::Chunk(done)) = given.last() else { panic!("{given:?}") };
        assert!(done.contains(r#""stop_reason":"guardrail_intervened""#), "{done}");
        assert!(done.contains(r#""actionReason":"blocked""#), "{done}");
    }

    #[test]
    fn an_error_in_a_payload_ends_it() {
        const WHOLE: &str = r#"{"outputText":"Hi","completionReason":"FINISH"}"#;
        for error in [
            r#"{"error":{"type":"overloaded_error","message":"m"}}"#,
            r#"{"outputText":"a","error":{"message":"m"}}"#,
            r#"{"error":"m"}"#,
            r#"{"message":"m"}"#,
        ] {
            for payloads in
                [&[error][..], &[error, WHOLE], &[r#"{"outputText":"H"}"#, error], &[WHOLE, error]]
            {
                let given = steps(Dialect::Titan, payloads);
                let Some(Step::Error("exception", sentence)) = given.last() else { panic!("{given:?}") };
                assert!(sentence.ends_with(": m"), "{sentence}");
            }
        }
        let given = steps(Dialect::Titan, &[r#"{"error":null}"#, WHOLE]);
        assert!(matches!(given.last(), Some(Step::Chunk(done)) if done.contains("FINISH")), "{given:?}");
    }

    #[test]
    fn a_second_reason_changes_nothing_and_a_null_member_is_absent() {
        let given = steps(
            Dialect::Titan,
            &[
                r#"{"outputText":"a","odd":null,"completionReason":"FINISH"}"#,
                r#"{"outputText":"","completionReason":"LENGTH"}"#,
            ],
        );
        let Some(Step::Chunk(done)) = given.last() else { panic!("{given:?}") };
        assert!(done.contains(r#""stop_reason":"end_turn","raw_stop_reason":"FINISH""#), "{done}");
        let is_unknown = |step: &Step| matches!(step, Step::Chunk(json) if json.contains("unknown"));
        assert!(!given.iter().any(is_unknown), "{given:?}");
    }

    #[test]
    fn another_answer_is_told_as_it_was_sent_and_must_finish_too() {
        let text = r#"{"outputText":"a","index":0,"completionReason":"FINISH"}"#;
        let other = r#"{"outputText":"b","index":1,"completionReason":null}"#;
        let end = r#"{"outputText":"c","index":1,"completionReason":"LENGTH"}"#;
        let told = |payload| {
            Step::Chunk(alloc::format!(r#"{{"type":"unknown","event":"message","value":{payload}}}"#))
        };
        let given = steps(Dialect::Titan, &[other, text]);
        assert!(matches!(given.last(), Some(Step::Error("incomplete", _))), "{given:?}");
        for payloads in [[other, text, end], [other, end, text]] {
            let given = steps(Dialect::Titan, &payloads);
            assert!(given.contains(&told(other)) && given.contains(&told(end)), "{given:?}");
            let texts = given
                .iter()
                .filter(|step| matches!(step, Step::Chunk(json) if json.contains(r#""type":"text""#)));
            assert_eq!(texts.count(), 1, "{given:?}");
            let Some(Step::Chunk(done)) = given.last() else { panic!("{given:?}") };
            assert!(done.contains(r#""raw_stop_reason":"FINISH""#), "{done}");
        }
    }

    #[test]
    fn a_trace_that_cannot_be_read_is_kept() {
        let payload = r#"{"outputText":"a","amazon-bedrock-trace":"odd"}"#;
        let kept = r#"{"type":"unknown","member":"amazon-bedrock-trace","value":"odd"}"#;
        let given = steps(Dialect::Titan, &[payload]);
        assert!(given.contains(&Step::Chunk(kept.into())), "{given:?}");
    }

    #[test]
    fn nothing_else_proves_it() {
        for payload in [
            r#"{"outputText":"Hel","completionReason":null}"#,
            r#"{"outputText":"Hel","completionReason":""}"#,
            r#"{"outputText":"Hel","amazon-bedrock-guardrailAction":"INTERVENED"}"#,
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
        ] {
            let given = steps(Dialect::Titan, &[payload]);
            assert!(matches!(given.last(), Some(Step::Error(kind, _)) if *kind == "incomplete"), "{given:?}");
        }
    }
}
