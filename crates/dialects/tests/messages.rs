//! Every recorded answer in Anthropic's Messages, in both carriers, and the one of its older dialect, against what others
//! read from it.

mod recorded;

use bedrock_stream_core::answer::{Chunk, Error, OrderViolation, SkippedEvent};
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use recorded::{Answer, Call, Recording, recordings};
use serde_json::{Value, json};

fn sse() -> Option<Vec<Recording>> {
    let recordings = recordings("sse", |name| name.starts_with("messages-"))?;
    assert!(recordings.len() >= 16, "{}", recordings.len());
    Some(recordings)
}

fn invoked() -> Option<Vec<Recording>> {
    let is_meant = |name: &str| {
        name.starts_with("invoke-claude") && name != COMPLETION || name == "invoke-unknown-text-envoy"
    };
    let recordings = recordings("recordings", is_meant)?;
    assert!(recordings.len() >= 8, "{}", recordings.len());
    Some(recordings)
}

const COMPLETION: &str = "invoke-claude-text-ddjs";
/// A proxy retried inside this one, in the middle of a call.
const SPLICED: &str = "messages-spliced-start-vercel";

/// The kinds of the blocks, in the dialect's words.
fn kinds(answer: &Answer) -> Vec<String> {
    let kind = |chunk: &Chunk| {
        let json = serde_json::to_value(chunk).unwrap();
        let kind = json["kind"].as_str();
        Some(match (json["type"].as_str()?, kind) {
            ("block_start", Some("reasoning")) => "thinking".to_owned(),
            ("block_start", Some("reasoning_redacted")) => "redacted_thinking".to_owned(),
            // The chunk after it says which.
            ("block_start", Some("unknown")) => return None,
            ("unknown", _) if json["member"] == json["value"]["type"] => json["member"].as_str()?.to_owned(),
            ("tool_call_start", None) => "tool_use".to_owned(),
            ("block_start" | "tool_call_start" | "tool_result_start", Some(kind)) => kind.to_owned(),
            _ => return None,
        })
    };
    answer.chunks.iter().filter_map(kind).collect()
}

/// The reasoning that only the provider can read. One recording has a made-up one that is not base64.
fn redacted(answer: &Answer) -> Vec<String> {
    let data = |chunk: &Chunk| match chunk {
        Chunk::ReasoningRedacted { data, .. } => Some(data.to_base64()),
        Chunk::Unknown { member: Some(member), value, .. } if member == "redacted_thinking" => {
            let block: Value = value.parse().unwrap();
            Some(block["data"].as_str().unwrap().to_owned())
        }
        _ => None,
    };
    answer.chunks.iter().filter_map(data).collect()
}

fn value(json: Option<&Json>) -> Value {
    json.map_or(Value::Null, |json| json.parse().unwrap())
}

/// Whether a payload ends an answer that was told why it stopped, if `has_reason` was told before.
fn is_proof(payload: &Value, has_reason: &mut bool) -> bool {
    *has_reason |= payload["delta"]["stop_reason"].is_string();
    *has_reason && payload["type"] == "message_stop"
}

#[test]
fn server_sent_events_give_what_others_read() {
    let Some(recordings) = sse() else { return };
    for recording in recordings {
        let name = &recording.name;
        let expected: Value = serde_json::from_str(&recording.expected("json")).unwrap();
        let answer = Answer::read(SseDecoder::new(Some(Dialect::Messages)), &recording.bytes, usize::MAX);
        assert_eq!(answer.text(), expected["text"], "{name}");
        assert_eq!(answer.reasoning(), expected["reasoning"], "{name}");
        assert_eq!(json!(answer.signatures()), expected["signatures"], "{name}");
        assert_eq!(json!(redacted(&answer)), expected["redacted"], "{name}");
        assert_eq!(answer.calls(), calls(&expected), "{name}");
        let done = answer.done();
        assert_eq!(json!(done.is_some()), expected["complete"], "{name}");
        assert_eq!(
            json!(done.and_then(|done| done.raw_stop_reason.clone())),
            expected["finish_reason"],
            "{name}"
        );
        assert_eq!(value(done.and_then(|done| done.vendor_usage.as_ref())), expected["usage"], "{name}");
        let stop_sequence = done.and_then(|done| done.other.value("stop_sequence"));
        assert_eq!(value(stop_sequence), expected["stop_sequence"], "{name}");
        let filled = kinds_that_gave_a_chunk(&recording);
        assert_eq!(kinds(&answer), filled, "{name}");
        check_violations(name, &answer);
    }
}

/// The kinds of the blocks that hold anything, read from the payloads.
fn kinds_that_gave_a_chunk(recording: &Recording) -> Vec<String> {
    let mut kinds: Vec<(String, bool)> = Vec::new();
    for payload in recording.event_ends().into_iter().filter_map(|(_, payload)| payload) {
        let started = &payload["content_block"];
        if let Some(kind) = started["type"].as_str() {
            kinds.push((kind.to_owned(), !matches!(kind, "text" | "thinking")));
        }
        for member in ["text", "thinking", "signature", "citation"] {
            if payload["delta"].get(member).is_some_and(|piece| *piece != "") {
                kinds.last_mut().unwrap().1 = true;
            }
        }
    }
    kinds.into_iter().filter(|(_, gave)| *gave).map(|(kind, _)| kind).collect()
}

/// The calls that others read. Arguments that are not whole are `open`.
fn calls(expected: &Value) -> Vec<Call> {
    let call = |call: &Value| {
        let text = |name: &str| call[name].as_str().unwrap().to_owned();
        let (id, name, arguments) = (text("id"), text("name"), text("arguments"));
        // Not every file has the kind, but every id determines it.
        let kind = id.starts_with("srvtoolu_").then(|| "server_tool_use".to_owned());
        Call { is_usable: call["open"] != true, id, name, kind, arguments }
    };
    expected["tool_calls"].as_array().unwrap().iter().map(call).collect()
}

fn check_violations(name: &str, answer: &Answer) {
    let told: Vec<_> = answer
        .errors
        .iter()
        .map(|error| match error {
            Error::Skipped(SkippedEvent::Unexpected { name, reason, .. }) => (&**name, *reason),
            other => panic!("{name}: {other}"),
        })
        .collect();
    let expected =
        if name == SPLICED { vec![("message_start", OrderViolation::Repeated)] } else { Vec::new() };
    assert_eq!(told, expected, "{name}");
    assert_eq!(answer.failure, None, "{name}");
    assert_eq!(answer.done().map(|done| done.skipped_events), Some(expected.len() as u64), "{name}");
}

#[test]
fn the_blocks_of_a_retried_message_come_after_those_of_the_first() {
    let Some(recordings) = sse() else { return };
    let recording = recordings.iter().find(|recording| recording.name == SPLICED).unwrap();
    let answer = Answer::read(SseDecoder::new(None), &recording.bytes, usize::MAX);
    let starts = answer.chunks.iter().filter_map(|chunk| match chunk {
        Chunk::BlockStart { block, .. } | Chunk::ToolCallStart { block, .. } => Some(*block),
        _ => None,
    });
    assert_eq!(starts.collect::<Vec<_>>(), [0, 1, 2, 3]);
    let id = answer.done().and_then(|done| done.other.value("id"));
    assert_eq!(value(id), "msg_second");
}

#[test]
fn server_sent_events_are_complete_from_the_proof_on() {
    let Some(recordings) = sse() else { return };
    for recording in recordings {
        let (mut has_reason, mut is_proven) = (false, false);
        for (end, payload) in recording.event_ends() {
            is_proven |= payload.is_some_and(|payload| is_proof(&payload, &mut has_reason));
            let answer = Answer::read(SseDecoder::new(None), &recording.bytes[..end], usize::MAX);
            assert_eq!(answer.done().is_some(), is_proven, "{} cut at {end}", recording.name);
            assert_eq!(answer.failure.is_none(), is_proven, "{} cut at {end}", recording.name);
        }
        assert!(is_proven, "{}", recording.name);
    }
}

#[test]
fn any_split_and_detection_give_the_same() {
    for recording in sse().unwrap_or_default() {
        let whole = Answer::read(SseDecoder::new(Some(Dialect::Messages)), &recording.bytes, usize::MAX);
        for piece in [1, 7, 997] {
            let split = Answer::read(SseDecoder::new(None), &recording.bytes, piece);
            assert_eq!(split, whole, "{} in pieces of {piece}", recording.name);
        }
        let trailing = [&recording.bytes[..], b"\n\nevent: error\ndata: {\"type\":\"error\"}\n\n"].concat();
        let after = Answer::read(SseDecoder::new(None), &trailing, usize::MAX);
        assert_eq!(after, whole, "{} with an event after the end", recording.name);
    }
    for recording in invoked().unwrap_or_default() {
        let whole = Answer::read(InvokeDecoder::new(Some(Dialect::Messages)), &recording.bytes, usize::MAX);
        for piece in [1, 7, 997] {
            let split = Answer::read(InvokeDecoder::new(None), &recording.bytes, piece);
            assert_eq!(split, whole, "{} in pieces of {piece}", recording.name);
        }
        if whole.done().is_some() {
            let trailing = [&recording.bytes[..], b"HTTP/1.1 500 Internal Server Error"].concat();
            let after = Answer::read(InvokeDecoder::new(None), &trailing, usize::MAX);
            assert_eq!(after, whole, "{} with bytes after the end", recording.name);
        }
    }
}

/// What a plain reader makes of an invoked answer's payloads.
#[derive(Debug, Default)]
struct Plain {
    text: String,
    calls: Vec<Call>,
    stop_reason: Value,
    usage: serde_json::Map<String, Value>,
    is_complete: bool,
    last: Value,
}

fn plain(recording: &Recording) -> Plain {
    let mut plain = Plain::default();
    let mut has_reason = false;
    for payload in recording.invoke_payloads().into_iter().flatten() {
        let usages = [&payload["message"]["usage"], &payload["usage"]];
        for (name, count) in usages.into_iter().filter_map(Value::as_object).flatten() {
            if !count.is_null() {
                plain.usage.insert(name.clone(), count.clone());
            }
        }
        let block = &payload["content_block"];
        if block["type"] == "tool_use" {
            let (id, name) = (block["id"].as_str().unwrap().into(), block["name"].as_str().unwrap().into());
            plain.calls.push(Call { id, name, is_usable: true, ..Call::default() });
        }
        plain.text += payload["delta"]["text"].as_str().unwrap_or_default();
        if let Some(piece) = payload["delta"]["partial_json"].as_str() {
            plain.calls.last_mut().unwrap().arguments += piece;
        }
        if payload["type"] == "message_delta" {
            plain.stop_reason = payload["delta"]["stop_reason"].clone();
        }
        plain.is_complete |= is_proof(&payload, &mut has_reason);
        plain.last = payload;
    }
    plain
}

#[test]
fn invoked_answers_give_what_others_read() {
    let Some(recordings) = invoked() else { return };
    for recording in recordings {
        let name = &recording.name;
        let expected = plain(&recording);
        let answer = Answer::read(InvokeDecoder::new(Some(Dialect::Messages)), &recording.bytes, usize::MAX);
        assert_eq!(answer.text(), expected.text, "{name}");
        assert_eq!(answer.calls(), expected.calls, "{name}");
        assert_eq!(answer.errors, [], "{name}");
        assert_eq!(answer.done().is_some(), expected.is_complete, "{name}");
        let Some(done) = answer.done() else {
            assert!(matches!(answer.failure, Some(Error::Incomplete(_))), "{name}");
            continue;
        };
        assert_eq!(json!(done.raw_stop_reason), expected.stop_reason, "{name}");
        assert_eq!(value(done.vendor_usage.as_ref()), Value::Object(expected.usage), "{name}");
        let metrics = &expected.last["amazon-bedrock-invocationMetrics"];
        assert_eq!(value(done.invocation_metrics.as_ref()), *metrics, "{name}");
        let latency = done.metrics.as_ref().and_then(|metrics| metrics.latency_ms);
        assert_eq!(json!(latency), metrics["invocationLatency"], "{name}");
        let intervened = expected.last["amazon-bedrock-guardrailAction"] == "INTERVENED";
        assert_eq!(done.stop_reason.as_str() == "guardrail_intervened", intervened, "{name}");
        let reason = done.trace.as_ref().and_then(|trace| trace.guardrail.as_ref()?.action_reason.clone());
        assert_eq!(
            json!(reason),
            expected.last["amazon-bedrock-trace"]["guardrail"]["actionReason"],
            "{name}"
        );
    }
}

#[test]
fn invoked_answers_are_complete_from_the_proof_on() {
    let Some(recordings) = invoked() else { return };
    for recording in recordings {
        let (mut has_reason, mut is_proven) = (false, false);
        let payloads = recording.invoke_payloads();
        let ends = recording.message_ends();
        assert_eq!(payloads.len(), ends.len(), "{}", recording.name);
        for (payload, end) in payloads.iter().zip(ends) {
            is_proven |= payload.as_ref().is_some_and(|payload| is_proof(payload, &mut has_reason));
            let answer = Answer::read(InvokeDecoder::new(None), &recording.bytes[..end], usize::MAX);
            assert_eq!(answer.done().is_some(), is_proven, "{} cut at {end}", recording.name);
        }
    }
}

#[test]
fn the_older_dialect_gives_what_others_read() {
    let Some(recordings) = recordings("recordings", |name| name == COMPLETION) else { return };
    let [recording] = &recordings[..] else { panic!("{}", recordings.len()) };
    let payloads: Vec<Value> = recording.invoke_payloads().into_iter().flatten().collect();
    let text: String = payloads.iter().map(|payload| payload["completion"].as_str().unwrap()).collect();
    let whole = Answer::read(InvokeDecoder::new(Some(Dialect::Completion)), &recording.bytes, usize::MAX);
    assert_eq!((whole.text(), &whole.errors[..]), (text, &[][..]));
    let done = whole.done().unwrap();
    assert_eq!(
        (done.stop_reason.as_str(), done.raw_stop_reason.as_deref()),
        ("end_turn", Some("stop_sequence"))
    );
    let usage = serde_json::to_value(&done.usage).unwrap();
    let metrics = &payloads.last().unwrap()["amazon-bedrock-invocationMetrics"];
    assert_eq!(usage["inputTokens"], metrics["inputTokenCount"]);
    assert_eq!(usage["outputTokens"], metrics["outputTokenCount"]);
    assert_eq!(Answer::read(InvokeDecoder::new(None), &recording.bytes, 1), whole);
    for (payload, end) in payloads.iter().zip(recording.message_ends()) {
        let cut = Answer::read(InvokeDecoder::new(None), &recording.bytes[..end], usize::MAX);
        assert_eq!(cut.done().is_some(), !payload["stop_reason"].is_null(), "cut at {end}");
    }
}

/// A stop reason proves that an answer is whole, and an empty string is none.
#[test]
fn an_empty_stop_reason_proves_nothing() {
    let answers: [(Dialect, &[&str]); 8] = [
        (
            Dialect::Messages,
            &[
                r#"{"type":"message_start","message":{}}"#,
                r#"{"type":"message_delta","delta":{"stop_reason":""}}"#,
                r#"{"type":"message_stop"}"#,
            ],
        ),
        (Dialect::Completion, &[r#"{"completion":"a","stop_reason":""}"#]),
        (
            Dialect::Chat,
            &[r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":""}]}"#, "[DONE]"],
        ),
        (Dialect::Chat, &[r#"{"choices":[{"index":0,"message":{"content":"a"},"stop_reason":""}]}"#]),
        (Dialect::Titan, &[r#"{"outputText":"a","completionReason":""}"#]),
        (Dialect::Llama, &[r#"{"generation":"a","stop_reason":""}"#]),
        (Dialect::Mistral, &[r#"{"outputs":[{"text":"a","stop_reason":""}]}"#]),
        (Dialect::Cohere, &[r#"{"generations":[{"text":"a","finish_reason":""}]}"#]),
    ];
    for dialect in Dialect::ALL {
        // An event proves these, whatever its reason.
        let is_proven_by_event = matches!(dialect, Dialect::Responses | Dialect::Nova);
        let is_tried = answers.iter().any(|(tried, _)| *tried == dialect);
        assert!(is_tried != is_proven_by_event, "{dialect}");
    }
    for (dialect, payloads) in answers {
        let mut decoder = SseDecoder::new(Some(dialect));
        for payload in payloads {
            decoder.push(format!("data: {payload}\n\n").as_bytes());
        }
        while let Some(chunk) = decoder.next_chunk().expect("nothing is wrong with any payload") {
            assert!(!matches!(chunk, Chunk::Stop { .. } | Chunk::Done(_)), "{dialect}: {chunk:?}");
        }
        let end = core::iter::from_fn(|| decoder.finish().transpose()).find(Result::is_err);
        assert!(matches!(end, Some(Err(Error::Incomplete(_)))), "{dialect}: {end:?}");
    }
}
