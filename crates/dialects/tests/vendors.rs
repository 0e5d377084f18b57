//! Every recorded answer of an invoked model whose dialect is small, or is Chat Completions.

mod payloads;

use std::fs;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_dialects::{Dialect, PayloadDecoder};
use payloads::{Payload, decode, decode_as, invoke_payloads, name, recordings};
use serde_json::{Value, json};

/// A recording, its dialect, and where a payload has its text, its stop reason and its counts of tokens.
struct Model {
    prefix: &'static str,
    dialect: Dialect,
    text: &'static str,
    reason: &'static str,
    stop_reason: StopReason,
    usage: Value,
}

fn models() -> Vec<Model> {
    let chat = |prefix, stop_reason, usage| Model {
        prefix,
        dialect: Dialect::Chat,
        text: "/choices/0/delta/content",
        reason: "/choices/0/finish_reason",
        stop_reason,
        usage,
    };
    let usage = |input: u64, output: u64| json!({"inputTokens": input, "outputTokens": output, "totalTokens": input + output});
    let cohere = |prefix, stop_reason, usage| Model {
        prefix,
        dialect: Dialect::Cohere,
        text: "/text",
        reason: "/finish_reason",
        stop_reason,
        usage,
    };
    let titan = |prefix, stop_reason, usage| Model {
        prefix,
        dialect: Dialect::Titan,
        text: "/outputText",
        reason: "/completionReason",
        stop_reason,
        usage,
    };
    vec![
        chat("invoke-jamba-", StopReason::EndTurn, usage(17, 8)),
        chat("invoke-gpt-oss-20b-", StopReason::MaxTokens, usage(90, 100)),
        chat("invoke-gpt-oss-120b-", StopReason::ToolUse, usage(151, 148)),
        cohere("invoke-command-light-", StopReason::MaxTokens, usage(40, 20)),
        cohere("invoke-command-r-", StopReason::EndTurn, usage(73, 8)),
        Model {
            prefix: "invoke-llama3-",
            dialect: Dialect::Llama,
            text: "/generation",
            reason: "/stop_reason",
            stop_reason: StopReason::EndTurn,
            usage: usage(7, 459),
        },
        Model {
            prefix: "invoke-mistral-",
            dialect: Dialect::Mistral,
            text: "/outputs/0/text",
            reason: "/outputs/0/stop_reason",
            stop_reason: StopReason::EndTurn,
            usage: usage(8, 94),
        },
        titan("invoke-titan-text-lite-", StopReason::EndTurn, usage(7, 78)),
        titan("invoke-titan-text-express-", StopReason::GuardrailIntervened, usage(28, 188)),
    ]
}

/// The strings at a place of these payloads, of the first of several generations.
fn strings<'a>(payloads: &'a [Value], at: &'a str) -> impl Iterator<Item = &'a str> {
    let of_first = |payload: &&Value| payload["index"].as_u64().unwrap_or(0) == 0;
    payloads.iter().filter(of_first).filter_map(move |payload| payload.pointer(at)?.as_str())
}

fn values(payloads: &[Payload]) -> Vec<Value> {
    payloads.iter().map(|(_, payload)| serde_json::from_str(payload).unwrap()).collect()
}

/// Removes the reasoning from the pieces of text.
fn split<'a>(pieces: impl Iterator<Item = &'a str>) -> (String, String) {
    let (mut text, mut reasoning) = (String::new(), String::new());
    for piece in pieces {
        match piece.strip_prefix("<reasoning>").and_then(|piece| piece.strip_suffix("</reasoning>")) {
            Some(piece) => reasoning += piece,
            None => text += piece,
        }
    }
    (text, reasoning)
}

#[test]
fn every_recording_is_read_as_its_payloads_say() {
    for model in models() {
        let Some(files) = recordings("recordings", model.prefix, "bin") else { return };
        for path in files {
            let name = name(&path);
            let payloads = invoke_payloads(&fs::read(&path).unwrap());
            let values = values(&payloads);
            let outcome = decode_as(model.dialect, &payloads);
            assert!(outcome.is_complete && outcome.errors.is_empty(), "{name}: {:?}", outcome.errors);
            assert_eq!((outcome.text(), outcome.reasoning()), split(strings(&values, model.text)), "{name}");
            assert_eq!(outcome.raw_stop_reason(), strings(&values, model.reason).last(), "{name}");
            assert_eq!(outcome.ending.stop_reason, model.stop_reason, "{name}");
            assert_eq!(serde_json::to_value(&outcome.ending.usage).unwrap(), model.usage, "{name}");
            assert_eq!(decode(PayloadDecoder::new(None), &payloads).chunks, outcome.chunks, "{name}");
            let metrics = values.last().unwrap().get("amazon-bedrock-invocationMetrics").cloned();
            let given = outcome.ending.invocation_metrics.as_ref().map(|metrics| metrics.parse().unwrap());
            assert_eq!(given, metrics, "{name}");
            assert_eq!(outcome.ending.skipped_events, 0, "{name}");
        }
    }
}

#[test]
fn a_stream_that_is_cut_is_complete_from_the_proof_on() {
    for model in models() {
        let Some(files) = recordings("recordings", model.prefix, "bin") else { return };
        for path in files {
            let payloads = invoke_payloads(&fs::read(&path).unwrap());
            let values = values(&payloads);
            let proof = values
                .iter()
                .position(|payload| payload.pointer(model.reason).is_some_and(|at| !at.is_null()));
            for end in 0..=payloads.len() {
                let outcome = decode_as(model.dialect, &payloads[..end]);
                assert_eq!(outcome.is_complete, end > proof.unwrap(), "{} after {end}", name(&path));
            }
        }
    }
}

#[test]
fn a_tool_call_in_one_piece_is_whole() {
    let Some(files) = recordings("recordings", "invoke-gpt-oss-120b-", "bin") else { return };
    let outcome = decode_as(Dialect::Chat, &invoke_payloads(&fs::read(&files[0]).unwrap()));
    assert_eq!(
        outcome.tool_calls(),
        json!([{
            "id": "chatcmpl-tool-ff734a617b484b4aa2ff056d026009ad",
            "name": "structured_output",
            "arguments": "{\n  \"age\": 29,\n  \"name\": \"Alexandra Rivera\",\n  \"occupation\": \"Software Engineer\"\n}",
        }])
    );
}

#[test]
fn each_of_several_generations_can_be_read() {
    let Some(files) = recordings("recordings", "invoke-command-light-", "bin") else { return };
    let payloads = invoke_payloads(&fs::read(&files[0]).unwrap());
    let read =
        |choice| decode(PayloadDecoder::new(Some(Dialect::Cohere)).with_choice(choice), &payloads).text();
    assert_eq!(read(0), " In machine learning and natural language processing, Long Short");
    assert_eq!(read(1), " A large language model (LLM) chain refers");
}
