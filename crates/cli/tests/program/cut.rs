use serde_json::Value;

use crate::recordings::smallest;
use crate::run::{run, run_alone};
use crate::shared::recordings;

/// C4 and C5: complete at its end and, the usage being missing then, where the metadata begins; nowhere else.
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
    let complete = [starts[starts.len() - 1], bytes.len()];

    for cut in 0..=bytes.len() {
        let run = run(&["decode"], &bytes[..cut]);
        let lines = run.lines();
        if complete.contains(&cut) {
            assert_eq!(run.status, 0, "cut at {cut}: {}", run.stderr);
            assert_eq!(lines.last().expect("there is a line")["type"], "done", "cut at {cut}");
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
