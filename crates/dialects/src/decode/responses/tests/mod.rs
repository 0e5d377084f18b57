mod calls;
mod content;
mod endings;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::steps::{Step, steps};
use crate::dialect::Dialect;

const CREATED: &str = r#"{"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress","output":[]}}"#;
const COMPLETED: &str = r#"{"type":"response.completed","response":{"status":"completed"}}"#;

/// The chunks as JSON, without `start`; an error as its kind and sentence.
fn given(payloads: &[&str]) -> Vec<String> {
    let steps = steps(Dialect::Responses, payloads).into_iter().map(|step| match step {
        Step::Chunk(json) => json,
        Step::Error(kind, sentence) => format!("{kind}: {sentence}"),
    });
    steps.filter(|step| !step.starts_with(r#"{"type":"start""#)).collect()
}

/// The same, without what ends the answer.
fn content(payloads: &[&str]) -> Vec<String> {
    let mut given = given(payloads);
    let is_end =
        |step: &String| step.starts_with(r#"{"type":"stop""#) || step.starts_with(r#"{"type":"done""#);
    assert_eq!(given.iter().filter(|step| is_end(step)).count(), 2, "{given:?}");
    given.retain(|step| !is_end(step));
    given
}

fn done(payloads: &[&str]) -> String {
    given(payloads).pop().unwrap()
}

fn added(index: u32, item: &str) -> String {
    format!(r#"{{"type":"response.output_item.added","output_index":{index},"item":{item}}}"#)
}

fn item_done(index: u32, item: &str) -> String {
    format!(r#"{{"type":"response.output_item.done","output_index":{index},"item":{item}}}"#)
}

fn delta(kind: &str, index: u32, piece: &str) -> String {
    format!(r#"{{"type":"response.{kind}.delta","output_index":{index},"delta":{piece:?}}}"#)
}

fn completed(output: &str) -> String {
    format!(r#"{{"type":"response.completed","response":{{"status":"completed","output":{output}}}}}"#)
}

const MESSAGE: &str = r#"{"type":"message","id":"a","role":"assistant","status":"in_progress","content":[]}"#;
const TEXT: &str = r#"{"type":"message","id":"b","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}"#;
const CALL: &str = r#"{"type":"function_call","id":"fc","call_id":"call_1","name":"add","arguments":""}"#;
const CALLED: &str = r#"{"type":"function_call","id":"fc","call_id":"call_1","name":"add","arguments":"{\"x\":1}","status":"completed"}"#;
const HELLO: [&str; 3] = [
    r#"{"type":"block_start","block":0,"kind":"text"}"#,
    r#"{"type":"text","block":0,"text":"Hello"}"#,
    r#"{"type":"block_end","block":0}"#,
];
const ADD: [&str; 3] = [
    r#"{"type":"tool_call_start","block":0,"id":"call_1","name":"add"}"#,
    r#"{"type":"tool_call_delta","block":0,"id":"call_1","arguments_delta":"{\"x\":1}"}"#,
    r#"{"type":"tool_call_end","block":0,"id":"call_1","name":"add","input":{"x":1}}"#,
];
