use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::object;

use super::bedrock_members::take_bedrock_members;
use super::choices::{Choices, SentPieces};
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
        /// Pieces of one or more answers.
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

/// Reads an answer of Mistral's text models, which is one block of text. Of several outputs, it reads one.
#[derive(Debug)]
pub(super) struct MistralReader {
    choices: Choices,
}

impl MistralReader {
    /// A reader of the output at that position.
    pub(super) const fn new(chosen: u32) -> Self {
        Self { choices: Choices::new(chosen) }
    }
}

impl PayloadReader for MistralReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut payload: MistralPayload = serde_json::from_str(text)?;
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let has_outputs = payload.outputs.is_some();
        let outputs = payload.outputs.unwrap_or_default();
        let is_error = |output: &MistralOutput| {
            failure::has_error(&output.other) || output.stop_reason.as_deref() == Some("error")
        };
        let is_failed = failure::is_failed(&payload.other, has_outputs) || outputs.iter().any(is_error);
        if !has_outputs && !is_failed {
            foreign::refuse(text, Dialect::Mistral)?;
        }
        let mut sent = SentPieces::new(text, "outputs");
        let mut finishes = false;
        for (output, position) in outputs.into_iter().zip(0..) {
            let is_chosen = self.choices.begin(position, chunks);
            let word = output.stop_reason.filter(|word| !word.is_empty());
            if word.is_some() {
                self.choices.finish(position, chunks);
                finishes |= is_chosen || !chunks.is_stopped();
            }
            if is_chosen {
                chunks.text(output.text.unwrap_or_default());
                chunks.unknown_members(output.other);
                if !is_failed && word.is_some() {
                    chunks.set_stop_reason(word.as_deref().map(stop_reason), word);
                }
            } else if !is_failed {
                sent.write(position, chunks);
            }
        }
        if is_failed {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        chunks.unknown_members(payload.other);
        if finishes && self.choices.are_finished() {
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
    fn another_output_is_told_as_it_was_sent_and_must_finish_too() {
        let told = |output| alloc::format!(r#"{{"type":"unknown","member":"outputs","value":{output}}}"#);
        let both = r#"{"outputs":[{"text":"a","stop_reason":"stop"},{"text":"b","stop_reason":null}]}"#;
        let given = read(&[both]);
        assert!(given.contains(&told(r#"{"text":"b","stop_reason":null}"#)), "{given:?}");
        assert_eq!(given.last().unwrap(), "incomplete");
        let given = read(&[
            both,
            r#"{"outputs":[{"text":"","stop_reason":null},{"text":"c","stop_reason":"length"}]}"#,
        ]);
        assert!(given.contains(&told(r#"{"text":"c","stop_reason":"length"}"#)), "{given:?}");
        assert!(given.last().unwrap().contains(r#""raw_stop_reason":"stop""#), "{given:?}");
        let texts = given.iter().filter(|line| line.contains(r#""type":"text""#));
        assert_eq!(texts.count(), 1, "{given:?}");
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
