//! Every recorded answer of an invoked Nova, against a plain reading of its payloads.

mod recorded;

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_dialects::{Dialect, InvokeDecoder};
use recorded::{Answer, Call, Recording, recordings};
use serde_json::{Value, json};

fn nova() -> Option<Vec<Recording>> {
    let recordings = recordings("recordings", |name| name.starts_with("invoke-nova"))?;
    assert!(recordings.len() >= 4, "{}", recordings.len());
    Some(recordings)
}

fn text_of(payload: &Value) -> &str {
    payload["contentBlockDelta"]["delta"]["text"].as_str().unwrap_or_default()
}

#[test]
fn every_answer_gives_what_a_plain_reading_does() {
    let Some(recordings) = nova() else { return };
    for recording in recordings {
        let name = &recording.name;
        let payloads = recording.invoke_payloads();
        let whole: Vec<&Value> = payloads.iter().flatten().collect();
        let answer = Answer::read(InvokeDecoder::new(Some(Dialect::Nova)), &recording.bytes, usize::MAX);
        assert_eq!(answer.text(), whole.iter().map(|payload| text_of(payload)).collect::<String>(), "{name}");
        assert_eq!(answer.calls(), calls(&whole), "{name}");
        assert_eq!(answer.errors, [], "{name}");
        check_blocks(name, &answer);
        if payloads.contains(&None) {
            let Some(Error::Exception(exception)) = &answer.failure else {
                panic!("{name}: {:?}", answer.failure)
            };
            assert_eq!(exception.name, "modelStreamErrorException", "{name}");
            continue;
        }
        let done = answer.done().unwrap_or_else(|| panic!("{name}: {:?}", answer.failure));
        let stop = whole.iter().find_map(|payload| payload.get("messageStop")).unwrap();
        assert_eq!(json!(done.raw_stop_reason), stop["stopReason"], "{name}");
        let last = whole.last().unwrap();
        let intervened = last["amazon-bedrock-guardrailAction"] == "INTERVENED";
        let reason = if intervened { "guardrail_intervened" } else { stop["stopReason"].as_str().unwrap() };
        assert_eq!(done.stop_reason.as_str(), reason, "{name}");
        assert_eq!(done.trace.is_some(), intervened, "{name}");
        let usage = serde_json::to_value(&done.usage).unwrap();
        let vendor: Value = done.vendor_usage.as_ref().unwrap().parse().unwrap();
        assert_eq!(vendor, last["metadata"]["usage"], "{name}");
        for (ours, theirs) in [
            ("inputTokens", "inputTokens"),
            ("outputTokens", "outputTokens"),
            ("cacheReadInputTokens", "cacheReadInputTokenCount"),
            ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        ] {
            assert_eq!(usage[ours].as_f64(), vendor[theirs].as_f64(), "{name} {ours}");
        }
        let metrics: Value = done.invocation_metrics.as_ref().unwrap().parse().unwrap();
        assert_eq!(metrics, last["amazon-bedrock-invocationMetrics"], "{name}");
    }
}

fn calls(payloads: &[&Value]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for payload in payloads {
        let start = &payload["contentBlockStart"]["start"]["toolUse"];
        if let Some(id) = start["toolUseId"].as_str() {
            let name = start["name"].as_str().unwrap().to_owned();
            calls.push(Call { id: id.to_owned(), name, is_usable: true, ..Call::default() });
        }
        if let Some(piece) = payload["contentBlockDelta"]["delta"]["toolUse"]["input"].as_str() {
            calls.last_mut().unwrap().arguments += piece;
        }
    }
    calls
}

/// Text that nothing interrupts is one block, although each of its pieces has an index.
fn check_blocks(name: &str, answer: &Answer) {
    let is_start = |chunk: &&Chunk| matches!(chunk, Chunk::BlockStart { .. } | Chunk::ToolCallStart { .. });
    let starts: Vec<&Chunk> = answer.chunks.iter().filter(is_start).collect();
    assert!(matches!(starts[0], Chunk::BlockStart { block: 0, .. }), "{name} {starts:?}");
    assert_eq!(starts.len(), 1 + answer.calls().len(), "{name} {starts:?}");
}

#[test]
fn an_answer_is_complete_from_the_proof_on() {
    let Some(recordings) = nova() else { return };
    for recording in recordings {
        let mut is_proven = false;
        let payloads = recording.invoke_payloads();
        for (payload, end) in payloads.iter().zip(recording.message_ends()) {
            is_proven |= payload.as_ref().is_some_and(|payload| payload["messageStop"].is_object());
            let answer = Answer::read(InvokeDecoder::new(None), &recording.bytes[..end], usize::MAX);
            assert_eq!(answer.done().is_some(), is_proven, "{} cut at {end}", recording.name);
        }
    }
}

#[test]
fn any_split_and_detection_give_the_same() {
    for recording in nova().unwrap_or_default() {
        let whole = Answer::read(InvokeDecoder::new(Some(Dialect::Nova)), &recording.bytes, usize::MAX);
        for piece in [1, 7, 997] {
            let split = Answer::read(InvokeDecoder::new(None), &recording.bytes, piece);
            assert_eq!(split, whole, "{} in pieces of {piece}", recording.name);
        }
        let trailing = [&recording.bytes[..], b"HTTP/1.1 500 Internal Server Error"].concat();
        let after = Answer::read(InvokeDecoder::new(None), &trailing, usize::MAX);
        assert_eq!(after, whole, "{} with bytes after the end", recording.name);
    }
}
