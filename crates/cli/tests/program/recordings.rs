use bedrock_stream_core::json::Blob;
use serde_json::Value;

use crate::run::{run, run_alone};
use crate::shared::{Recording, recordings};

#[test]
fn every_message_is_read_as_an_independent_decoder_reads_it() {
    let Some(recordings) = recordings() else { return };
    assert_eq!(recordings.len(), 68);
    for recording in &recordings {
        let name = &recording.name;
        let run = run_alone(&["decode", "--as", "messages", recording.path()]);
        assert_eq!(run.status, 0, "{name}: {}", run.stderr);
        let lines = run.lines();
        assert_eq!(lines.len(), recording.expected.len(), "{name}");
        for (line, expected) in lines.iter().zip(&recording.expected) {
            let headers: Vec<(&str, &str)> = line["headers"].as_array().expect("there are headers")[..]
                .iter()
                .map(|header| {
                    assert_eq!(header[1], "string", "{name}");
                    (text(&header[0]), text(&header[2]))
                })
                .collect();
            let expected_headers: Vec<(&str, &str)> =
                expected.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(headers, expected_headers, "{name}");
            let payload = Blob::from_base64(text(&line["payload"])).expect("a payload is base64");
            assert_eq!(String::from_utf8_lossy(payload.as_ref()), expected.payload, "{name}");
        }
    }
}

#[test]
fn encoding_what_was_decoded_gives_the_same_bytes() {
    let Some(recordings) = recordings() else { return };
    for recording in &recordings {
        let name = &recording.name;
        let lines = run(&["decode", "--as", "messages", "-"], &recording.bytes());
        assert_eq!(lines.status, 0, "{name}: {}", lines.stderr);
        let encoded = run(&["encode"], &lines.stdout);
        assert_eq!(encoded.status, 0, "{name}: {}", encoded.stderr);
        assert!(encoded.stdout == recording.bytes(), "{name} differs");
    }
}

#[test]
fn an_answer_that_stopped_is_done_and_its_text_is_complete() {
    let Some(recordings) = recordings() else { return };
    let answers = recordings.iter().filter(|recording| recording.name.starts_with("converse-"));
    let mut complete = 0;
    for recording in answers {
        let name = &recording.name;
        let run = run_alone(&["decode", recording.path()]);
        let lines = run.lines();
        let joined: String =
            lines.iter().filter(|line| line["type"] == "text").map(|line| text(&line["text"])).collect();
        assert_eq!(joined, recording.text(), "{name}");
        let last = lines.last().expect("there is a line");
        if recording.is_complete() {
            complete += 1;
            assert_eq!(run.status, 0, "{name}: {}", run.stderr);
            assert_eq!(last["type"], "done", "{name}");
            assert_eq!(last["skipped_events"], 0, "{name}");
            assert_eq!(run.stderr, "", "{name}");
        } else {
            assert_eq!(run.status, 1, "{name}");
            assert!(lines.iter().all(|line| line["type"] != "done"), "{name}");
            run.failure();
        }
    }
    assert_eq!(complete, 38, "all but the one that ends in an exception");
}

#[test]
fn a_stream_without_a_proof_is_never_complete() {
    let Some(recordings) = recordings() else { return };
    let is_answer = |name: &str| name.starts_with("converse-") || name.starts_with("invoke-");
    for recording in &recordings {
        let name = &recording.name;
        // In the view of ConverseStream events, no other stream is complete either.
        let from: &[&str] = if is_answer(name) { &["--from", "converse"] } else { &[] };
        if name.starts_with("converse-") {
            continue;
        }
        let run = run_alone(&[&["decode", recording.path()], from].concat());
        assert_eq!(run.status, 1, "{name}");
        let kind = run.failure()["kind"].clone();
        assert!(matches!(text(&kind), "incomplete" | "exception" | "dialect"), "{name}: {kind}");
        // No event of this service is known.
        assert_eq!(kind == "dialect", name.starts_with("rag-"), "{name}");
    }
}

#[test]
fn events_are_the_payloads_without_their_padding() {
    let Some(recordings) = recordings() else { return };
    for recording in recordings.iter().filter(|recording| recording.name.starts_with("converse-")) {
        let name = &recording.name;
        let run = run_alone(&["decode", "--as", "events", recording.path()]);
        assert_eq!(run.status, i32::from(!recording.is_complete()), "{name}: {}", run.stderr);
        let lines = run.lines();
        let events: Vec<&Value> = lines.iter().filter(|line| line.get("failure").is_none()).collect();
        assert_eq!(events.len(), recording.expected.len(), "{name}");
        for (event, expected) in events.into_iter().zip(&recording.expected) {
            let mut payload: Value = serde_json::from_str(&expected.payload).expect("a payload is JSON");
            let members = payload.as_object_mut().expect("a payload is an object");
            members.remove("p");
            let event_type = expected.header(":event-type").or(expected.header(":exception-type"));
            assert_eq!(*event, serde_json::json!({ event_type.expect("it has a type"): payload }), "{name}");
        }
    }
}

#[test]
fn a_message_holds_the_text_and_the_stop_reason() {
    let Some(recordings) = recordings() else { return };
    for recording in recordings.iter().filter(|recording| recording.name.starts_with("converse-")) {
        let name = &recording.name;
        let run = run_alone(&["decode", "--as", "message", recording.path()]);
        let lines = run.lines();
        assert_eq!(lines.len(), 1, "{name}");
        if !recording.is_complete() {
            assert_eq!(run.failure()["partial"]["output"]["message"]["role"], "assistant", "{name}");
            continue;
        }
        assert_eq!(run.status, 0, "{name}: {}", run.stderr);
        assert!(lines[0]["stopReason"].is_string(), "{name}");
        assert_eq!(text_of(&lines[0]["output"]["message"]), recording.text(), "{name}");
    }
}

/// The text of a message's blocks, cited or not.
fn text_of(message: &Value) -> String {
    let blocks = message["content"].as_array().expect("a message has content");
    let cited = |block: &Value| block["citationsContent"]["content"][0]["text"].as_str().map(str::to_owned);
    blocks
        .iter()
        .filter_map(|block| block["text"].as_str().map(str::to_owned).or_else(|| cited(block)))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("it is a string")
}

/// The smallest complete recording, for slow tests.
pub(crate) fn smallest(recordings: Vec<Recording>) -> Recording {
    recordings
        .into_iter()
        .filter(Recording::is_complete)
        .min_by_key(|recording| recording.bytes().len())
        .expect("there are complete recordings")
}
