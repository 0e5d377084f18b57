//! Every recorded answer, in whatever dialect: what it says, and that nothing but the dialect's proof completes it. A failure names
//! the recordings.

mod recorded;

use std::collections::BTreeMap;

use bedrock_stream_core::answer::{Decode, Error};
use bedrock_stream_core::frame::{Header, encode};
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::{InvokeDecoder, SseDecoder};
use recorded::{Answer, PlainReading, Recording, recordings};
use serde_json::{Value, json};

/// Collects what differs, by the recording's name.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare(&mut self, name: &str, what: &str, given: &Value, expected: &Value) {
        if given != expected {
            self.0.push(format!("{name}: {what} is {given}, not {expected}"));
        }
    }

    #[track_caller]
    fn assert_none(self) {
        assert!(self.0.is_empty(), "{} differences:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn server_sent_events() -> Option<Vec<Recording>> {
    let recordings = recordings("sse", |_| true)?;
    assert_eq!(recordings.len(), 47);
    Some(recordings)
}

fn invocations() -> Option<Vec<Recording>> {
    let recordings = recordings("recordings", |name| name.starts_with("invoke-"))?;
    assert_eq!(recordings.len(), 22);
    Some(recordings)
}

/// What an answer says, in the members of the expected files.
fn said(answer: &Answer) -> Value {
    let call = |call: &recorded::Call| json!([call.id, call.name, call.arguments]);
    let done = answer.done();
    let usage = done.and_then(|done| done.vendor_usage.as_ref()).map(|usage| usage.parse::<Value>().unwrap());
    json!({
        "text": answer.text(),
        "reasoning": answer.reasoning(),
        "calls": answer.calls().iter().map(call).collect::<Vec<_>>(),
        "complete": done.is_some(),
        "stop": done.and_then(|done| done.raw_stop_reason.clone()),
        "usage": usage,
        "failed": matches!(answer.failure, Some(Error::Exception(_))),
    })
}

/// The same of an expected file. A refusal's words are text here; what is not complete has neither a stop reason nor a usage.
fn expected(recording: &Recording) -> Value {
    let expected: Value = serde_json::from_str(&recording.expected("json")).unwrap();
    let text = |name: &str| expected[name].as_str().unwrap_or_default().to_owned();
    let call = |call: &Value| json!([call["id"], call["name"], call["arguments"]]);
    let is_complete = expected["complete"] == true;
    let if_complete = |name: &str| if is_complete { expected[name].clone() } else { Value::Null };
    json!({
        "text": text("text") + &text("refusal"),
        "reasoning": text("reasoning"),
        "calls": expected["tool_calls"].as_array().unwrap().iter().map(call).collect::<Vec<_>>(),
        "complete": is_complete,
        "stop": if_complete("finish_reason"),
        "usage": if_complete("usage"),
        "failed": !expected["error"].is_null(),
    })
}

#[test]
fn all_47_server_sent_streams_say_what_is_expected() {
    let Some(recordings) = server_sent_events() else { return };
    let mut differences = Differences::default();
    for recording in recordings {
        let expected = expected(&recording);
        for (how, piece) in [("whole", usize::MAX), ("by byte", 1)] {
            let given = said(&Answer::read(SseDecoder::new(None), &recording.bytes, piece));
            for (what, expected) in expected.as_object().unwrap() {
                let what = what.as_str();
                differences.compare(&recording.name, &format!("{how}, {what}"), &given[what], expected);
            }
        }
    }
    differences.assert_none();
}

/// The same of an invocation, by a plain reading of its payloads.
fn read_plainly(recording: &Recording) -> Value {
    let plain = PlainReading::of(recording);
    let is_complete = plain.is_complete();
    let call = |call: &recorded::PlainCall| json!([call.id, call.name, call.arguments]);
    let mut said = json!({
        "text": plain.text,
        "reasoning": plain.reasoning,
        "calls": plain.calls.iter().map(call).collect::<Vec<_>>(),
        "complete": is_complete,
        "stop": plain.stop.filter(|_| !plain.has_failed),
        "failed": plain.has_failed,
    });
    // Some vendors name their counts one by one, outside of a `usage`.
    if !plain.usage.is_empty() && is_complete {
        said["usage"] = plain.usage.into();
    }
    said
}

#[test]
fn all_22_invocations_say_what_their_payloads_do() {
    let Some(recordings) = invocations() else { return };
    let mut differences = Differences::default();
    for recording in recordings {
        let expected = read_plainly(&recording);
        for (how, piece) in [("whole", usize::MAX), ("by byte", 1)] {
            let given = said(&Answer::read(InvokeDecoder::new(None), &recording.bytes, piece));
            for (what, expected) in expected.as_object().unwrap() {
                let what = what.as_str();
                differences.compare(&recording.name, &format!("{how}, {what}"), &given[what], expected);
            }
        }
    }
    differences.assert_none();
}

/// Whether these payloads hold their dialect's proof, found without our decoders.
fn are_proof<'a>(dialect: &str, payloads: impl Iterator<Item = &'a Value>) -> bool {
    let mut choices = BTreeMap::from([(0, false)]);
    let (mut has_reason, mut is_proven) = (false, false);
    for payload in payloads {
        let kind = payload["type"].as_str().unwrap_or_default();
        if !payload["error"].is_null() || kind == "error" || kind == "response.failed" {
            return is_proven && dialect != "chat";
        }
        match dialect {
            "chat" => {
                for choice in payload["choices"].as_array().into_iter().flatten() {
                    let index = choice["index"].as_u64().unwrap_or(0);
                    *choices.entry(index).or_default() |= !choice["finish_reason"].is_null();
                }
                is_proven = choices.values().all(|is_finished| *is_finished);
            }
            "messages" => {
                has_reason |= payload["delta"]["stop_reason"].is_string();
                is_proven |= has_reason && kind == "message_stop";
            }
            _ => is_proven |= matches!(kind, "response.completed" | "response.incomplete"),
        }
    }
    is_proven
}

#[test]
fn cut_after_any_event_none_is_complete_before_its_proof_and_each_is_after_it() {
    let Some(recordings) = server_sent_events() else { return };
    let mut differences = Differences::default();
    for recording in recordings {
        let dialect = recording.name.split('-').next().unwrap();
        let events = recording.event_ends();
        for (number, (end, _)) in events.iter().enumerate() {
            let payloads = events[..=number].iter().filter_map(|(_, payload)| payload.as_ref());
            let is_proven = are_proof(dialect, payloads);
            let answer = Answer::read(SseDecoder::new(None), &recording.bytes[..*end], usize::MAX);
            let what = format!("cut after event {number}, complete");
            differences.compare(&recording.name, &what, &answer.done().is_some().into(), &is_proven.into());
        }
    }
    differences.assert_none();
}

/// How many places in a recording an error is put into, at most: reading it anew for each takes quadratic time.
const PLACES: usize = 24;

/// How an answer is over.
#[derive(Debug, PartialEq)]
enum Ending {
    Done,
    Failed,
}

/// Whether an answer is over after these bytes, and how.
fn is_over(mut decoder: impl Decode, bytes: &[u8]) -> Option<Ending> {
    decoder.push(bytes);
    loop {
        match decoder.next_chunk() {
            Ok(Some(_)) => {}
            Ok(None) => return decoder.is_done().then_some(Ending::Done),
            Err(error) if error.is_final() => return Some(Ending::Failed),
            Err(_) => {}
        }
    }
}

/// An error of the service's is final in every position up to `Done`, and changes nothing after it. `gap` ends what stands before
/// it.
fn assert_final<D: Decode>(
    recording: &Recording,
    ends: &[usize],
    [gap, error]: [&[u8]; 2],
    decoder: impl Fn() -> D,
) {
    let (name, bytes) = (&recording.name, &recording.bytes);
    let step = ends.len().div_ceil(PLACES).max(1);
    let places = [0].iter().chain(ends).enumerate();
    for (number, &end) in places.filter(|(number, _)| number % step == 0 || *number + 2 >= ends.len()) {
        let is_over = is_over(decoder(), &[&bytes[..end], gap].concat());
        let stream = [&bytes[..end], gap, error, &bytes[end..]].concat();
        let answer = Answer::read(decoder(), &stream, usize::MAX);
        if is_over == Some(Ending::Done) {
            assert!(answer.done().is_some(), "{name}: an error after Done, at {number}");
            continue;
        }
        let is_exception = matches!(answer.failure, Some(Error::Exception(_)));
        assert!(is_exception, "{name}: an error at {number} of {}: {:?}", ends.len(), answer.failure);
    }
}

#[test]
fn an_error_in_any_position_is_final() {
    for recording in server_sent_events().unwrap_or_default() {
        let ends: Vec<usize> = recording.event_ends().into_iter().map(|(end, _)| end).collect();
        for error in [
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"put in\"}}\n\n",
            "data: {\"error\":{\"message\":\"put in\",\"code\":500}}\n\n",
        ] {
            // One of the recordings lacks its last empty line.
            assert_final(&recording, &ends, [b"\n\n", error.as_bytes()], || SseDecoder::new(None));
        }
    }
    let mut exception = Vec::new();
    let headers = [
        Header::string(":message-type", "exception"),
        Header::string(":exception-type", "internalServerException"),
    ];
    encode(&headers, br#"{"message":"put in"}"#, &mut exception).unwrap();
    for recording in invocations().unwrap_or_default() {
        let ends = recording.message_ends();
        assert_final(&recording, &ends, [b"", &exception], || InvokeDecoder::new(None));
    }
}

/// A payload that cannot be read is one skipped event, and costs the answer nothing else.
fn assert_skipped<D: Decode>(recording: &Recording, ends: &[usize], bad: &[u8], decoder: impl Fn() -> D) {
    let Recording { name, bytes, .. } = recording;
    let whole = Answer::read(decoder(), bytes, usize::MAX);
    let step = ends.len().div_ceil(PLACES).max(1);
    for &end in [0].iter().chain(ends).step_by(step) {
        // Nothing counts after the end of an answer, or after `[DONE]`.
        let is_ended = String::from_utf8_lossy(&bytes[..end]).contains("[DONE]");
        if is_ended || is_over(decoder(), &bytes[..end]).is_some() {
            continue;
        }
        let answer = Answer::read(decoder(), &[&bytes[..end], bad, &bytes[end..]].concat(), usize::MAX);
        let skipped = answer.errors.iter().filter(|error| error.kind().as_str() == "payload").count();
        assert_eq!((skipped, answer.errors.len()), (1, whole.errors.len() + 1), "{name} at {end}");
        assert_eq!(answer.text(), whole.text(), "{name} at {end}");
        assert_eq!(answer.reasoning(), whole.reasoning(), "{name} at {end}");
        assert_eq!(answer.done().is_some(), whole.done().is_some(), "{name} at {end}");
        let skipped = |answer: &Answer| answer.done().map(|done| done.skipped_events);
        assert_eq!(skipped(&answer), skipped(&whole).map(|skipped| skipped + 1), "{name} at {end}");
    }
}

#[test]
fn a_payload_that_is_not_json_costs_itself_alone() {
    for recording in server_sent_events().unwrap_or_default() {
        let mut ends: Vec<usize> = recording.event_ends().into_iter().map(|(end, _)| end).collect();
        // The last event may lack its empty line.
        ends.pop();
        assert_skipped(&recording, &ends, b"data: {\"nonsense\n\n", || SseDecoder::new(None));
    }
    let payload = Blob::from(b"{\"nonsense".to_vec()).to_base64();
    let mut chunk = Vec::new();
    let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "chunk")];
    let payload = format!(r#"{{"bytes":"{payload}"}}"#);
    encode(&headers, payload.as_bytes(), &mut chunk).unwrap();
    for recording in invocations().unwrap_or_default() {
        assert_skipped(&recording, &recording.message_ends(), &chunk, || InvokeDecoder::new(None));
    }
}
