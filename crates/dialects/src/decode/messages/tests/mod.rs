//! Every rule of the dialect, payload by payload.

mod blocks;
mod ending;
mod order;
mod property;

use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::steps::{Step, steps};
use crate::dialect::Dialect;

/// What an answer of these payloads gives: chunks as JSON, errors as their kind and their sentence.
fn given(payloads: &[&str]) -> Vec<String> {
    let given = steps(Dialect::Messages, payloads).into_iter();
    given
        .map(|step| match step {
            Step::Chunk(json) => json,
            Step::Error(kind, sentence) => [kind, ": ", &*sentence].concat(),
        })
        .collect()
}

/// What one block gives, in the middle of a complete answer.
fn block(payloads: &[&str]) -> Vec<String> {
    let all: Vec<&str> =
        [MESSAGE_START].iter().chain(payloads).chain(&[END, MESSAGE_STOP]).copied().collect();
    let mut given = given(&all);
    assert_eq!(given.remove(0), START);
    let done = given.pop().expect("an answer ends");
    assert!(done.contains(r#""type":"done""#) && done.contains(r#""skipped_events":0"#), "{given:?} {done}");
    assert_eq!(given.pop().as_deref(), Some(r#"{"type":"stop","stop_reason":"end_turn"}"#), "{given:?}");
    given
}

const MESSAGE_START: &str = r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"stop_sequence":null}}"#;
const TEXT_START: &str =
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const TOOL_START: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#;
const STOP_0: &str = r#"{"type":"content_block_stop","index":0}"#;
const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null}}"#;
const MESSAGE_STOP: &str = r#"{"type":"message_stop"}"#;
/// The first chunk of every answer.
const START: &str = r#"{"type":"start","role":"assistant"}"#;
