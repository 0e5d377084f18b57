use alloc::string::String;
use alloc::vec::Vec;

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
    /// A payload of Mistral's text models.
    ///
    /// Source: "Mistral AI text completion" in the Amazon Bedrock User Guide.
    struct MistralPayload {
        /// The pieces of the answer; there is only one per payload.
        "outputs" => outputs: Option<Vec<MistralOutput>>,
    }
}

object! {
    /// A piece of the answer.
    struct MistralOutput {
        /// A piece of the text.
        "text" => text: Option<String>,
        /// Why the model stopped, in the last payload.
        "stop_reason" => stop_reason: Option<String>,
    }
}

/// Reads an answer of Mistral's text models, which is one block of text.
#[derive(Debug, Default)]
pub(super) struct MistralReader;

impl PayloadReader for MistralReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: MistralPayload = serde_json::from_str(text)?;
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let has_output = payload.outputs.is_some();
        let mut outputs = payload.outputs.unwrap_or_default().into_iter();
        let output = outputs.next().unwrap_or_default();
        chunks.text(output.text.unwrap_or_default());
        let word = output.stop_reason.filter(|word| !word.is_empty());
        let is_failed = failure::is_failed(&payload.other, has_output) || failure::has_error(&output.other);
        if is_failed || word.as_deref() == Some("error") {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        if !has_output {
            foreign::refuse(text, Dialect::Mistral)?;
        }
        for other in outputs {
            chunks.unknown_member(None, "outputs".into(), Json::from_value(&other)?);
        }
        chunks.unknown_members(output.other);
        chunks.unknown_members(payload.other);
        if let Some(word) = word {
            chunks.set_stop_reason(Some(stop_reason(&word)), Some(word));
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
        "tool_calls" => StopReason::ToolUse,
        "model_length" => StopReason::ModelContextWindowExceeded,
        word => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use crate::decode::steps::lines;
    use crate::dialect::Dialect;

    /// The steps of these payloads: a chunk's JSON, or an error's kind.
    fn read(payloads: &[&str]) -> Vec<String> {
        lines(Dialect::Mistral, payloads)
    }

    #[test]
    fn the_reason_proves_it_and_the_metrics_end_it() {
        assert_eq!(
            read(&[
                r#"{"outputs":[{"text":"Hel","stop_reason":null}]}"#,
                r#"{"outputs":[{"text":"lo","stop_reason":"length"}],"amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2}}"#,
                r#"{"outputs":[{"text":"ignored"}]}"#,
            ]),
            [
                r#"{"type":"start","role":"assistant"}"#,
                r#"{"type":"block_start","block":0,"kind":"text"}"#,
                r#"{"type":"text","block":0,"text":"Hel"}"#,
                r#"{"type":"text","block":0,"text":"lo"}"#,
                r#"{"type":"block_end","block":0}"#,
                r#"{"type":"stop","stop_reason":"max_tokens"}"#,
                r#"{"type":"done","stop_reason":"max_tokens","raw_stop_reason":"length","usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7},"invocation_metrics":{"inputTokenCount":5,"outputTokenCount":2},"skipped_events":0}"#,
            ]
        );
    }

    #[test]
    fn another_output_is_kept_as_unknown() {
        let given =
            read(&[r#"{"outputs":[{"text":"a","stop_reason":"stop"},{"text":"b","stop_reason":null}]}"#]);
        assert!(
            given.contains(&r#"{"type":"unknown","member":"outputs","value":{"text":"b"}}"#.into()),
            "{given:?}"
        );
    }

    #[test]
    fn a_second_reason_is_told_and_changes_nothing() {
        let given = read(&[
            r#"{"outputs":[{"text":"a","stop_reason":"stop"}]}"#,
            r#"{"outputs":[{"text":"","stop_reason":"length"}]}"#,
        ]);
        let [.., stop, error, done] = &*given else { panic!("{given:?}") };
        assert_eq!(stop, r#"{"type":"stop","stop_reason":"end_turn"}"#);
        assert_eq!(error, "unexpected");
        assert!(done.contains(r#""stop_reason":"end_turn""#), "{done}");
    }

    #[test]
    fn nothing_else_proves_it() {
        for payload in [
            r#"{"outputs":[{"text":"a","stop_reason":null}]}"#,
            r#"{"outputs":[]}"#,
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
        ] {
            assert_eq!(read(&[payload]).last().unwrap(), "incomplete", "{payload}");
        }
    }

    #[test]
    fn an_error_is_final() {
        for payload in
            [r#"{"outputs":[{"text":"a","stop_reason":"error"}]}"#, r#"{"error":"m"}"#, r#"{"Message":"m"}"#]
        {
            assert_eq!(read(&[payload]).last().unwrap(), "exception", "{payload}");
        }
    }
}
