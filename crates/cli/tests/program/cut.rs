use std::fs;

use bedrock_stream_testkit::answer;
use serde_json::Value;

use crate::recordings::smallest;
use crate::run::{Running, run, run_alone};
use crate::shared::recordings;

/// C4 and C5: a stream cut before the metadata is incomplete; one cut there or later is complete, at most without its
/// usage.
#[test]
fn a_stream_that_is_cut_anywhere_is_not_complete() {
    let Some(recordings) = recordings() else { return };
    let recording = smallest(recordings);
    let bytes = recording.bytes();
    let messages = run_alone(&["decode", "--as", "messages", recording.path()]).lines();
    let starts: Vec<usize> = messages
        .iter()
        .map(|line| line["offset"].as_u64().expect("a message has an offset") as usize)
        .collect();
    let types: Vec<_> = recording.expected.iter().map(|message| message.header(":event-type")).collect();
    assert_eq!(types[types.len() - 2..], [Some("messageStop"), Some("metadata")]);
    let metadata = starts[starts.len() - 1];

    for cut in 0..=bytes.len() {
        let run = run(&["decode"], &bytes[..cut]);
        let lines = run.lines();
        if cut >= metadata {
            assert_eq!((run.status, &*run.stderr), (0, ""), "cut at {cut}");
            let done = lines.last().expect("there is a line");
            assert_eq!(done["type"], "done", "cut at {cut}");
            let is_cut = cut > metadata && cut < bytes.len();
            let kind = if is_cut { Value::from("truncated") } else { Value::Null };
            assert_eq!(done["tail"]["kind"], kind, "cut at {cut}");
            assert_eq!(done["usage"].is_object(), cut == bytes.len(), "cut at {cut}");
            continue;
        }
        assert!(lines.iter().all(|line| line["type"] != "done"), "cut at {cut}");
        let failure = run.failure();
        assert_eq!(failure["kind"], "incomplete", "cut at {cut}");
        if starts.contains(&cut) {
            assert_eq!(failure["offset"], Value::Null, "cut at {cut}");
        } else {
            let start = *starts.iter().rfind(|start| **start < cut).expect("the first message starts at 0");
            assert_eq!(failure["position"], "inside_message", "cut at {cut}");
            assert_eq!(failure["offset"], start, "cut at {cut}");
            assert_eq!(failure["have"], cut - start, "cut at {cut}");
        }
    }
}

/// A break after the proof costs the usage and is reported, but is not a failure.
#[test]
fn a_tail_does_not_lose_the_answer() {
    let answer = answer().text("one two").usage(1, 2);
    let bytes = answer.to_bytes().expect("an answer can be encoded");
    let whole = run(&["decode", "--as", "message"], &bytes).lines().remove(0);
    let cut = bytes.len() - 10;
    let told = |stderr: &str| {
        assert!(stderr.starts_with("bedrock-stream: the answer is complete"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    };
    let message = run(&["decode", "--as", "message"], &bytes[..cut]);
    assert_eq!(message.status, 0, "{}", message.stderr);
    let lines = message.lines();
    assert_eq!((lines.len(), &lines[0]["output"]), (1, &whole["output"]));
    assert!(lines[0].get("tail").is_none() && lines[0].get("usage").is_none(), "{}", lines[0]);
    told(&message.stderr);
    let text = run(&["decode", "--as", "text"], &bytes[..cut]);
    assert_eq!((text.status, text.text()), (0, "one two"));
    told(&text.stderr);
    let events = run(&["decode", "--as", "events"], &bytes[..cut]);
    assert_eq!(events.status, 0);
    told(&events.stderr);
    // Damage is a tail too.
    let mut damaged = bytes.clone();
    damaged[cut] ^= 1;
    let done = run(&["decode"], &damaged).lines().pop().expect("there is a line");
    assert_eq!((&done["type"], &done["tail"]["kind"]), (&"done".into(), &"message_checksum".into()));
    let inspected = run(&["inspect"], &damaged);
    assert_eq!((inspected.status, &*inspected.stderr), (0, ""));
    assert!(inspected.text().contains("\ncomplete\n") && inspected.text().contains("cost only the usage"));

    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let script = folder.path().join("script.json");
    fs::write(folder.path().join("a.bin"), &bytes[..cut]).expect("the file can be written");
    fs::write(folder.path().join("whole.bin"), &bytes).expect("the file can be written");
    // Its last bytes arrive after a minute.
    let times = format!("{{\"offset\":0,\"ms\":0}}\n{{\"offset\":{cut},\"ms\":60000}}\n");
    fs::write(folder.path().join("whole.bin.times"), times).expect("the file can be written");
    let replies = r#"{"m": [{"recording": "a.bin"}], "stalled": [{"recording": "whole.bin"}]}"#;
    fs::write(&script, replies).expect("the file can be written");
    let mut server =
        Running::start(&["serve", "--as-recorded", "--script", script.to_str().expect("the path is UTF-8")]);
    let url = server.line();
    let ask = ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "x"];
    for more in [&[][..], &["--record", "/dev/null"]] {
        let text = run_alone(&[&ask[..], &["--model", "m"], more].concat());
        assert_eq!((text.status, text.text()), (0, "one two"), "{}", text.stderr);
        told(&text.stderr);
        for (model, kind) in [("m", "truncated"), ("stalled", "timeout")] {
            let chunks = run_alone(
                &[&ask[..], &["--model", model, "--as", "chunks", "--idle-timeout", "3"], more].concat(),
            );
            assert_eq!((chunks.status, &*chunks.stderr), (0, ""), "{model} {more:?}");
            let done = chunks.lines().pop().expect("there is a line");
            assert_eq!(done["tail"]["kind"], kind, "{model} {more:?}: {done}");
        }
    }
}

#[test]
fn messages_may_end_at_the_end_of_any_message_and_nowhere_else() {
    let Some(recordings) = recordings() else { return };
    let recording = smallest(recordings);
    let bytes = recording.bytes();
    let messages = run_alone(&["decode", "--as", "messages", recording.path()]).lines();
    let second = messages[1]["offset"].as_u64().expect("a message has an offset") as usize;

    let whole = run(&["decode", "--as", "messages"], &bytes[..second]);
    assert_eq!((whole.status, whole.lines().len(), &*whole.stderr), (0, 1, ""));
    for cut in [second + 1, second + 11, second + 12, second + 13] {
        let run = run(&["decode", "--as", "messages"], &bytes[..cut]);
        assert_eq!(run.lines().len(), 2);
        let failure = run.failure();
        assert_eq!(failure["kind"], "truncated");
        assert_eq!(failure["offset"], second);
        assert_eq!(failure["have"], cut - second);
        assert_eq!(failure["need"] == 12, cut - second < 12, "cut at {cut}");
    }
}
