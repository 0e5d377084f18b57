use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::object;

use super::bedrock_members::take_bedrock_members;
use super::chunk_writer::ChunkWriter;
use super::failure;
use super::foreign;
use super::payload_reader::PayloadReader;
use crate::dialect::Dialect;

object! {
    /// A payload of Meta's Llama, or of an imported model with the same request format.
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
        let is_failed = failure::is_failed(&payload.other, payload.generation.is_some());
        if is_failed || payload.stop_reason.as_deref() == Some("error") {
            let is_proven = chunks.is_stopped();
            chunks.fail(failure::exception(text), is_proven);
            return Ok(());
        }
        if payload.generation.is_none() {
            foreign::refuse(text, Dialect::Llama)?;
        }
        chunks.text(payload.generation.unwrap_or_default());
        chunks.unknown_members(payload.other);
        let usage = &mut chunks.ending.usage;
        usage.input_tokens = payload.prompt_token_count.or(usage.input_tokens);
        usage.output_tokens = payload.generation_token_count.or(usage.output_tokens);
        if let Some(word) = payload.stop_reason.filter(|word| !word.is_empty()) {
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
        lines(Dialect::Llama, payloads)
    }

    #[test]
    fn the_reason_proves_it_and_the_metrics_end_it() {
        assert_eq!(
            read(&[
                r#"{"generation":"Hel","prompt_token_count":5,"generation_token_count":1,"stop_reason":null}"#,
                r#"{"generation":"lo","prompt_token_count":null,"generation_token_count":2,"stop_reason":"stop","odd":1,"amazon-bedrock-invocationMetrics":{"invocationLatency":7}}"#,
                r#"{"generation":"ignored"}"#,
            ]),
            [
                r#"{"type":"start","role":"assistant"}"#,
                r#"{"type":"block_start","block":0,"kind":"text"}"#,
                r#"{"type":"text","block":0,"text":"Hel"}"#,
                r#"{"type":"text","block":0,"text":"lo"}"#,
                r#"{"type":"unknown","member":"odd","value":1}"#,
                r#"{"type":"block_end","block":0}"#,
                r#"{"type":"stop","stop_reason":"end_turn"}"#,
                r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7},"invocation_metrics":{"invocationLatency":7},"metrics":{"latencyMs":7},"skipped_events":0}"#,
            ]
        );
    }

    #[test]
    fn a_second_reason_is_told_and_changes_nothing() {
        let given = read(&[
            r#"{"generation":"a","stop_reason":"stop"}"#,
            r#"{"generation":"","stop_reason":"length"}"#,
        ]);
        let [.., stop, error, done] = &*given else { panic!("{given:?}") };
        assert_eq!(stop, r#"{"type":"stop","stop_reason":"end_turn"}"#);
        assert_eq!(error, "unexpected");
        assert!(done.contains(r#""stop_reason":"end_turn""#), "{done}");
    }

    #[test]
    fn nothing_else_proves_it() {
        for payload in [
            r#"{"generation":"Hel","stop_reason":null}"#,
            r#"{"generation":"Hel","stop_reason":""}"#,
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
            "{}",
        ] {
            assert_eq!(read(&[payload]).last().unwrap(), "incomplete", "{payload}");
        }
    }

    #[test]
    fn an_error_is_final_until_the_answer_is_done() {
        let stop = r#"{"generation":"","stop_reason":"length"}"#;
        for payloads in [
            &[r#"{"error":{"message":"m"}}"#][..],
            &[r#"{"message":"m"}"#],
            &[stop, r#"{"message":"m"}"#],
            &[r#"{"generation":"a","stop_reason":"error"}"#],
        ] {
            assert_eq!(read(payloads).last().unwrap(), "exception", "{payloads:?}");
        }
        let done = read(&[stop]);
        assert!(done.last().unwrap().contains(r#""stop_reason":"max_tokens","raw_stop_reason":"length""#));
    }
}
