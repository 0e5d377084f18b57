//! Every recorded Chat Completions stream, against what was expected of it.

mod payloads;

use std::collections::BTreeMap;
use std::fs;

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_dialects::{Dialect, PayloadDecoder};
use payloads::{Outcome, Payload, decode, decode_as, name, recordings, sse_payloads};
use serde_json::Value;

/// What differs between an outcome and the expected choice.
fn differences(name: &str, outcome: &Outcome, expected: &Value, whole: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    let mut compare = |what: &str, given: Value, expected: Value| {
        if given != expected {
            found.push(format!("{name}: {what} is {given}, not {expected}"));
        }
    };
    // A refusal's words are text here.
    compare("text", outcome.text().into(), (text(&expected["text"]) + &text(&expected["refusal"])).into());
    compare("reasoning", outcome.reasoning().into(), expected["reasoning"].clone());
    compare("tool_calls", outcome.tool_calls(), expected["tool_calls"].clone());
    compare("finish_reason", outcome.raw_stop_reason().into(), expected["finish_reason"].clone());
    compare("usage", outcome.vendor_usage(), whole["usage"].clone());
    compare("complete", outcome.is_complete.into(), whole["complete"].clone());
    let is_failed = outcome.errors.iter().any(|error| error.kind().as_str() == "exception");
    compare("error", is_failed.into(), (!whole["error"].is_null()).into());
    found
}

/// The text of a choice that is not read, from what is told of it.
fn told(outcome: &Outcome, index: u32) -> String {
    let piece = |chunk: &Chunk| match chunk {
        Chunk::Unknown { member: Some(member), value, .. } if member == "choices" => {
            let choice: Value = value.parse().unwrap();
            (choice["index"] == index)
                .then(|| choice["delta"]["content"].as_str().unwrap_or_default().to_owned())
        }
        _ => None,
    };
    outcome.chunks.iter().filter_map(piece).collect()
}

#[test]
fn every_recording_is_read_as_expected() {
    let Some(files) = recordings("sse", "chat-", "sse") else { return };
    let mut found = Vec::new();
    for path in files {
        let expected = path.parent().unwrap().join("expected").join(name(&path)).with_extension("json");
        let expected: Value = serde_json::from_str(&fs::read_to_string(expected).unwrap()).unwrap();
        let payloads = sse_payloads(&fs::read_to_string(&path).unwrap());
        let outcome = decode_as(Dialect::Chat, &payloads);
        found.extend(differences(&name(&path), &outcome, &expected, &expected));
        let detected = decode(PayloadDecoder::new(None), &payloads);
        assert_eq!(detected.chunks, outcome.chunks, "{}: the dialect is detected", name(&path));
        for other in expected["other_choices"].as_array().into_iter().flatten() {
            let index = u32::try_from(other["index"].as_u64().unwrap()).unwrap();
            assert_eq!(told(&outcome, index), other["text"], "{} choice {index} is told", name(&path));
            let decoder = PayloadDecoder::new(Some(Dialect::Chat)).with_choice(index);
            found.extend(differences(
                &format!("{} choice {index}", name(&path)),
                &decode(decoder, &payloads),
                other,
                &expected,
            ));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Whether these payloads prove the answer complete, read another way.
fn are_proof(payloads: &[Payload]) -> bool {
    let mut choices = BTreeMap::from([(0, false)]);
    for (_, payload) in payloads {
        let Ok(payload) = serde_json::from_str::<Value>(payload) else { break };
        if !payload["error"].is_null() {
            return false;
        }
        for choice in payload["choices"].as_array().into_iter().flatten() {
            *choices.entry(choice["index"].as_u64().unwrap()).or_default() |=
                !choice["finish_reason"].is_null();
        }
    }
    choices.into_values().all(|is_finished| is_finished)
}

#[test]
fn a_stream_that_is_cut_is_complete_from_the_proof_on() {
    let Some(files) = recordings("sse", "chat-", "sse") else { return };
    for path in files {
        let payloads = sse_payloads(&fs::read_to_string(&path).unwrap());
        for end in 0..=payloads.len() {
            let outcome = decode_as(Dialect::Chat, &payloads[..end]);
            assert_eq!(
                outcome.is_complete,
                are_proof(&payloads[..end]),
                "{} after {end} payloads: {outcome:?}",
                name(&path)
            );
        }
    }
}
