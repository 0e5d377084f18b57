mod calls;
mod completeness;
mod content;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::decode::steps::{Step, steps};
use crate::dialect::Dialect;

pub(super) const START: &str = r#"{"type":"start","role":"assistant"}"#;
pub(super) const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
pub(super) const CALLED: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
pub(super) const STOPPED: [&str; 2] = [
    r#"{"type":"stop","stop_reason":"end_turn"}"#,
    r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","skipped_events":0}"#,
];
pub(super) const STOPPED_FOR_TOOLS: [&str; 2] = [
    r#"{"type":"stop","stop_reason":"tool_use"}"#,
    r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"tool_calls","skipped_events":0}"#,
];

/// The steps of these payloads: a chunk's JSON, or an error's kind and sentence.
pub(super) fn read(payloads: &[&str]) -> Vec<String> {
    let line = |step| match step {
        Step::Chunk(json) => json,
        Step::Error(kind, sentence) => format!("{kind}: {sentence}"),
    };
    steps(Dialect::Chat, payloads).into_iter().map(line).collect()
}

/// A payload with a piece of the first choice.
pub(super) fn delta(delta: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

/// The chunks of these deltas of the first choice, without the start, if the answer then finishes.
pub(super) fn chunks_of(deltas: &[&str], finish: &str) -> Vec<String> {
    let payloads: Vec<String> =
        deltas.iter().map(|&piece| delta(piece)).chain([finish.to_string()]).collect();
    let mut lines = read(&payloads.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(lines.remove(0), START);
    lines
}

#[track_caller]
pub(super) fn assert_chunks(deltas: &[&str], expected: &[&str]) {
    assert_eq!(chunks_of(deltas, FINISH), [expected, &STOPPED].concat(), "{deltas:?}");
}

#[track_caller]
pub(super) fn assert_calls(deltas: &[&str], expected: &[&str]) {
    assert_eq!(chunks_of(deltas, CALLED), [expected, &STOPPED_FOR_TOOLS].concat(), "{deltas:?}");
}
