//! Answers in every dialect through `decode`, compared with what independent readers found in them.

use std::fs;
use std::path::PathBuf;

use bedrock_stream_core::frame::{Header, encode};
use bedrock_stream_core::json::Blob;
use serde_json::{Value, json};

use crate::run::{Run, run, run_alone};
use crate::shared::{Recording, recordings};

/// A recorded stream of server-sent events, and what the official SDK read from it.
pub(crate) struct SseRecording {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) expected: Value,
}

/// All of them, by name; `None` where there is no shared data.
#[track_caller]
pub(crate) fn sse_recordings() -> Option<Vec<SseRecording>> {
    let folder = bedrock_stream_tests::shared("sse")?;
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_some_and(|extension| extension == "sse") {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned();
            let expected = fs::read_to_string(folder.join("expected").join(format!("{name}.json")))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            found.push(SseRecording {
                name,
                path,
                expected: serde_json::from_str(&expected).expect("it is JSON"),
            });
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    assert_eq!(found.len(), 47);
    Some(found)
}

impl SseRecording {
    pub(crate) fn path(&self) -> &str {
        self.path.to_str().expect("the path is UTF-8")
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.path).expect("a recording can be read")
    }

    pub(crate) fn dialect(&self) -> &str {
        self.name.split('-').next().expect("a name has a first part")
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.expected["complete"] == true
    }

    /// The data of each event, read without the program's own code.
    fn data(&self) -> Vec<String> {
        let text = self.text().replace("\r\n", "\n");
        let data = |event: &str| {
            let lines: Vec<&str> = event
                .lines()
                .filter_map(|line| line.strip_prefix("data:"))
                .map(|data| data.strip_prefix(' ').unwrap_or(data))
                .collect();
            lines.join("\n")
        };
        text.split("\n\n").map(data).filter(|data| !data.is_empty()).collect()
    }
}

/// The only recording in which an event is skipped: a message starts again in the middle.
const SPLICED: &str = "messages-spliced-start-vercel";

fn joined(lines: &[Value], kind: &str) -> String {
    lines.iter().filter(|line| line["type"] == kind).filter_map(|line| line["text"].as_str()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Checks the end of the lines, standard error and the status against whether the answer is complete.
fn check_end(name: &str, run: &Run, is_complete: bool, skipped: u64) {
    let lines = run.lines();
    let done: Vec<&Value> = lines.iter().filter(|line| line["type"] == "done").collect();
    assert_eq!(done.len(), usize::from(is_complete), "{name}");
    if !is_complete {
        assert!(matches!(text(&run.failure()["kind"]), "exception" | "incomplete"), "{name}");
        return;
    }
    assert_eq!(lines.last().map(|line| &line["type"]), Some(&json!("done")), "{name}");
    assert_eq!(done[0]["skipped_events"], skipped, "{name}");
    assert_eq!(run.status, i32::from(skipped > 0), "{name}: {}", run.stderr);
    assert_eq!(run.stderr.is_empty(), skipped == 0, "{name}: {}", run.stderr);
}

#[test]
fn every_recording_of_server_sent_events_is_read_as_the_sdks_read_it() {
    let Some(recordings) = sse_recordings() else { return };
    for recording in &recordings {
        let name = &recording.name;
        let run = run_alone(&["decode", recording.path()]);
        let skipped = u64::from(name == SPLICED);
        check_end(name, &run, recording.is_complete(), skipped);
        let lines = run.lines();
        // The words of a refusal are text here.
        let expected = &recording.expected;
        let words = text(&expected["text"]).to_owned() + text(&expected["refusal"]);
        assert_eq!(joined(&lines, "text"), words, "{name}");
        assert_eq!(joined(&lines, "reasoning"), text(&expected["reasoning"]), "{name}");
        if recording.is_complete() && skipped == 0 {
            let calls: Vec<Value> = lines
                .iter()
                .filter(|line| line["type"] == "tool_call_end")
                .map(|line| json!([line["id"], line["name"]]))
                .collect();
            let expected_calls: Vec<Value> = expected["tool_calls"]
                .as_array()
                .expect("there is a list of calls")
                .iter()
                .map(|call| json!([call["id"], call["name"]]))
                .collect();
            assert_eq!(calls, expected_calls, "{name}");
        }
        // The result is the same if the dialect is given, and for a pipe.
        let bytes = fs::read(&recording.path).expect("a recording can be read");
        let told = crate::run::run(&["decode", "--from", recording.dialect()], &bytes);
        assert_eq!((told.status, told.text()), (run.status, run.text()), "{name}");
    }
}

#[test]
fn every_view_of_server_sent_events_has_the_same_status() {
    let Some(recordings) = sse_recordings() else { return };
    for recording in &recordings {
        let name = &recording.name;
        let status = i32::from(!recording.is_complete() || name == SPLICED);
        let words = text(&recording.expected["text"]).to_owned() + text(&recording.expected["refusal"]);
        let plain = run_alone(&["decode", "--as", "text", recording.path()]);
        assert_eq!((plain.status, plain.text()), (status, &*words), "{name}");

        let message = run_alone(&["decode", "--as", "message", recording.path()]);
        assert_eq!(message.status, status, "{name}");
        let lines = message.lines();
        let last = lines.last().expect("there is a line");
        let message = if recording.is_complete() { last } else { &last["failure"]["partial"] };
        assert_eq!(message["output"]["message"]["role"], "assistant", "{name}");

        let events = run_alone(&["decode", "--as", "events", recording.path()]);
        assert_eq!(events.status, status, "{name}");
        let shown: Vec<Value> =
            events.lines().into_iter().filter(|line| line["failure"]["kind"].is_null()).collect();
        let mut expected: Vec<Value> =
            recording.data().iter().filter_map(|data| serde_json::from_str(data).ok()).collect();
        if !recording.is_complete() {
            // An error ends the stream.
            expected.truncate(shown.len());
        }
        assert_eq!(shown, expected, "{name}");

        let messages = run_alone(&["decode", "--as", "messages", recording.path()]);
        assert_eq!((messages.status, &*messages.stderr), (0, ""), "{name}");
        let data: Vec<String> = messages.lines().iter().map(|line| text(&line["data"]).to_owned()).collect();
        assert_eq!(data, recording.data(), "{name}");
        assert!(messages.lines().iter().all(|line| line["offset"].is_u64()), "{name}");
    }
}

/// The payloads of an invoked model, from messages that another decoder read.
fn payloads(recording: &Recording) -> Vec<Value> {
    let payload = |message: &crate::shared::Expected| {
        let payload: Value = serde_json::from_str(&message.payload).ok()?;
        let bytes = bedrock_stream_core::json::Blob::from_base64(payload["bytes"].as_str()?)?;
        serde_json::from_slice(bytes.as_ref()).ok()
    };
    recording.expected.iter().filter_map(payload).collect()
}

/// The text of a payload, wherever its vendor puts it.
fn text_of(payload: &Value) -> &str {
    // Cohere's last payload repeats the text, and its second generation is another answer.
    let is_other =
        payload["is_finished"].is_boolean() && payload["index"].as_u64().is_some_and(|index| index > 0);
    if payload["is_finished"] == true || is_other {
        return "";
    }
    [
        "/delta/text",
        "/completion",
        "/contentBlockDelta/delta/text",
        "/outputText",
        "/generation",
        "/outputs/0/text",
        "/text",
        "/choices/0/delta/content",
    ]
    .iter()
    .find_map(|place| payload.pointer(place)?.as_str())
    .unwrap_or_default()
}

#[test]
fn every_recorded_invocation_is_read_as_its_payloads_say() {
    let Some(recordings) = recordings() else { return };
    let invoked: Vec<Recording> =
        recordings.into_iter().filter(|recording| recording.name.starts_with("invoke-")).collect();
    assert_eq!(invoked.len(), 22);
    for recording in &invoked {
        let name = &recording.name;
        let is_complete = !(name.contains("-exception-") || name.contains("-truncated-"));
        let run = run_alone(&["decode", recording.path()]);
        check_end(name, &run, is_complete, 0);
        let payloads = payloads(recording);
        let mut words: String = payloads.iter().map(text_of).collect();
        let mut reasoning = String::new();
        while let Some((before, (inside, after))) = words
            .split_once("<reasoning>")
            .and_then(|(before, rest)| Some((before, rest.split_once("</reasoning>").or(Some((rest, "")))?)))
        {
            reasoning += inside;
            words = format!("{before}{after}");
        }
        let lines = run.lines();
        assert_eq!(joined(&lines, "text"), words, "{name}");
        assert_eq!(joined(&lines, "reasoning"), reasoning, "{name}");

        let events = run_alone(&["decode", "--as", "events", recording.path()]);
        assert_eq!(events.status, i32::from(!is_complete), "{name}: {}", events.stderr);
        let shown: Vec<Value> = events
            .lines()
            .into_iter()
            .filter(|line| line["failure"].is_null() && line["modelStreamErrorException"].is_null())
            .collect();
        assert_eq!(shown, payloads, "{name}");
        let plain = run_alone(&["decode", "--from", "invoke", "--as", "text", recording.path()]);
        assert_eq!((plain.status, plain.text()), (i32::from(!is_complete), &*words), "{name}");
    }
}

#[test]
fn an_agents_text_is_shown_and_never_proven_complete() {
    let Some(recordings) = recordings() else { return };
    let of_agents = recordings.iter().filter(|recording| recording.name.contains("agent-"));
    let mut seen = 0;
    for recording in of_agents {
        seen += 1;
        let name = &recording.name;
        let words: String = recording
            .expected
            .iter()
            .filter(|message| message.header(":event-type") == Some("chunk"))
            .map(|message| {
                let payload: Value = serde_json::from_str(&message.payload).expect("it is JSON");
                let bytes = bedrock_stream_core::json::Blob::from_base64(text(&payload["bytes"]));
                String::from_utf8(bytes.expect("it is base64").0).expect("it is text")
            })
            .collect();
        let run = run_alone(&["decode", recording.path()]);
        check_end(name, &run, false, 0);
        assert_eq!(joined(&run.lines(), "text"), words, "{name}");
        let told = run_alone(&["decode", "--from", "agent", "--as", "text", recording.path()]);
        assert_eq!((told.status, told.text()), (1, &*words), "{name}");
        let events = run_alone(&["decode", "--as", "events", recording.path()]).lines();
        let chunks = events.iter().filter(|line| line["chunk"]["bytes"].is_string()).count();
        assert_eq!(chunks > 0, !words.is_empty(), "{name}");
    }
    assert_eq!(seen, 6);
}

/// The first payload tells the dialect, even after one that is damaged; and an agent's text is an agent's, whatever it is.
#[test]
fn a_damaged_first_payload_of_a_model_makes_it_no_agents_answer() {
    let damaged = chunk("{\"outputText\": oops");
    let proof = chunk(r#"{"outputText":"Hi","completionReason":"FINISH"}"#);
    let run = run(&["decode"], &[damaged.clone(), proof].concat());
    assert_eq!(run.status, 1);
    let lines = run.lines();
    assert_eq!(
        (&lines[0]["failure"]["kind"], &lines[0]["failure"]["offset"]),
        (&json!("payload"), &json!(0))
    );
    assert_eq!(joined(&lines, "text"), "Hi");
    let done = lines.last().expect("it has lines");
    assert_eq!((&done["type"], &done["skipped_events"]), (&json!("done"), &json!(1)));
    for rest in [vec![], chunk(" world"), chunk("17"), chunk(r#"{"a":1}"#)] {
        let run = crate::run::run(&["decode"], &[damaged.clone(), rest].concat());
        assert_eq!(run.failure()["kind"], "incomplete");
        assert!(joined(&run.lines(), "text").starts_with("{\"outputText\": oops"), "{:?}", run.stdout);
    }
}

fn chunk(content: &str) -> Vec<u8> {
    let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "chunk")];
    let content = Blob::from(content.as_bytes().to_vec()).to_base64();
    let mut bytes = Vec::new();
    encode(&headers, format!(r#"{{"bytes":"{content}"}}"#).as_bytes(), &mut bytes).expect("it is short");
    bytes
}

/// Uses the smallest answers whose proof is in one event.
#[test]
fn a_cut_answer_is_complete_only_after_its_proof() {
    let Some(recordings) = sse_recordings() else { return };
    for (dialect, proof) in [
        ("chat", "\"finish_reason\":\""),
        ("messages", "\"message_stop\""),
        ("responses", "\"response.completed\""),
    ] {
        let recording = recordings
            .iter()
            .filter(|recording| recording.dialect() == dialect && recording.is_complete())
            .filter(|recording| recording.text().matches(proof).count() == 1)
            .min_by_key(|recording| recording.text().len())
            .expect("there are complete ones");
        let name = &recording.name;
        let bytes = recording.text();
        let at = bytes.find(proof).expect("it was counted");
        let start = bytes[..at].rfind("\n\n").map_or(0, |end| end + 2);
        let end = at + bytes[at..].find("\n\n").expect("the event ends");
        let mut cuts: Vec<usize> = bytes.match_indices('\n').map(|(at, _)| at + 1).collect();
        cuts.extend([0, 1, 3, start, start + 1, at, end - 1, end, end + 1, end + 2, bytes.len()]);
        for cut in cuts.into_iter().filter(|cut| bytes.is_char_boundary(*cut)) {
            let run = run(&["decode", "--from", dialect], &bytes.as_bytes()[..cut]);
            let has_done = run.lines().iter().any(|line| line["type"] == "done");
            // An event that lacks only its blank line counts.
            assert_eq!(has_done, cut >= end, "{name} cut at {cut}");
            assert_eq!(run.status, i32::from(!has_done), "{name} cut at {cut}: {}", run.stderr);
            if !has_done {
                assert_eq!(run.failure()["kind"], "incomplete", "{name} cut at {cut}");
            }
        }
    }
}

#[test]
fn messages_of_server_sent_events_end_with_an_event() {
    let stream = b": hi\n\nevent: a\ndata: 1\ndata: 2\n\ndata: {}\n\n";
    let whole = run(&["decode", "--as", "messages"], stream);
    assert_eq!((whole.status, &*whole.stderr), (0, ""));
    let lines = whole.lines();
    assert_eq!(lines[0], json!({"offset": 6, "event": "a", "data": "1\n2"}));
    assert_eq!(lines[1], json!({"offset": 32, "event": null, "data": "{}"}));
    // Cut inside the last event, whose data is not whole.
    let cut = run(&["decode", "--as", "messages"], &stream[..stream.len() - 3]);
    assert_eq!(cut.lines().len(), 2);
    let failure = cut.failure();
    assert_eq!((&failure["kind"], &failure["offset"]), (&json!("truncated"), &json!(32)));
    // Its data is whole.
    let bare = run(&["decode", "--as", "messages"], &stream[..stream.len() - 1]);
    assert_eq!((bare.status, bare.lines().len()), (0, 2));
}
