use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::steps::{Step, steps};
use crate::dialect::Dialect;

fn given(payloads: &[&str]) -> Vec<String> {
    let given = steps(Dialect::Nova, payloads).into_iter();
    given
        .map(|step| match step {
            Step::Chunk(json) => json,
            Step::Error(kind, sentence) => [kind, ": ", &*sentence].concat(),
        })
        .collect()
}

const START: &str = r#"{"messageStart":{"role":"assistant"}}"#;
const TEXT_0: &str = r#"{"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0}}"#;
const STOP_0: &str = r#"{"contentBlockStop":{"contentBlockIndex":0}}"#;
const TEXT_1: &str = r#"{"contentBlockDelta":{"delta":{"text":"b"},"contentBlockIndex":1}}"#;
const STOP_1: &str = r#"{"contentBlockStop":{"contentBlockIndex":1}}"#;
const TOOL_2: &str =
    r#"{"contentBlockStart":{"start":{"toolUse":{"toolUseId":"t","name":"f"}},"contentBlockIndex":2}}"#;
const INPUT_2: &str =
    r#"{"contentBlockDelta":{"delta":{"toolUse":{"input":"{\"a\":1}"}},"contentBlockIndex":2}}"#;
const STOP_2: &str = r#"{"contentBlockStop":{"contentBlockIndex":2}}"#;
const TEXT_3: &str = r#"{"contentBlockDelta":{"delta":{"text":"c"},"contentBlockIndex":3}}"#;
const MESSAGE_STOP: &str = r#"{"messageStop":{"stopReason":"tool_use"}}"#;
const METADATA: &str = r#"{"metadata":{"usage":{"inputTokens":4,"outputTokens":5,"cacheReadInputTokenCount":6,"cacheWriteInputTokenCount":0,"new":7},"metrics":{},"trace":{}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":4,"outputTokenCount":5,"invocationLatency":8}}"#;

#[test]
fn adjacent_pieces_of_text_are_one_block() {
    assert_eq!(
        given(&[
            START,
            TEXT_0,
            STOP_0,
            TEXT_1,
            STOP_1,
            TOOL_2,
            INPUT_2,
            STOP_2,
            TEXT_3,
            MESSAGE_STOP,
            METADATA
        ]),
        [
            r#"{"type":"start","role":"assistant"}"#,
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"a"}"#,
            r#"{"type":"text","block":0,"text":"b"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"tool_call_start","block":2,"id":"t","name":"f"}"#,
            r#"{"type":"tool_call_delta","block":2,"id":"t","arguments_delta":"{\"a\":1}"}"#,
            r#"{"type":"tool_call_end","block":2,"id":"t","name":"f","input":{"a":1}}"#,
            r#"{"type":"block_start","block":3,"kind":"text"}"#,
            r#"{"type":"text","block":3,"text":"c"}"#,
            r#"{"type":"block_end","block":3}"#,
            r#"{"type":"stop","stop_reason":"tool_use"}"#,
            r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"tool_use","usage":{"inputTokens":4,"outputTokens":5,"totalTokens":15,"cacheReadInputTokens":6,"cacheWriteInputTokens":0},"vendor_usage":{"inputTokens":4,"outputTokens":5,"cacheReadInputTokenCount":6,"cacheWriteInputTokenCount":0,"new":7},"invocation_metrics":{"inputTokenCount":4,"outputTokenCount":5,"invocationLatency":8},"metrics":{"latencyMs":8},"skipped_events":0}"#,
        ]
    );
}

#[test]
fn text_that_is_not_adjacent_is_another_block() {
    let given = given(&[TEXT_0, STOP_0, TEXT_3, MESSAGE_STOP]);
    assert_eq!(given[3], r#"{"type":"block_end","block":0}"#);
    assert_eq!(given[5], r#"{"type":"text","block":3,"text":"c"}"#);
}

#[test]
fn reasoning_ends_the_text_before_it() {
    let reasoning =
        r#"{"contentBlockDelta":{"delta":{"reasoningContent":{"text":"hm"}},"contentBlockIndex":1}}"#;
    let given = given(&[TEXT_0, STOP_0, reasoning, STOP_1, r#"{"messageStop":{}}"#]);
    assert_eq!(
        given[3..6],
        [
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":1,"text":"hm"}"#,
        ]
    );
}

#[test]
fn only_message_stop_proves_it() {
    for payloads in [&[START, TEXT_0, STOP_0][..], &[START, TEXT_0, STOP_0, METADATA]] {
        assert!(given(payloads).pop().is_some_and(|last| last.starts_with("incomplete")), "{payloads:?}");
    }
    let whole = given(&[START, TEXT_0, MESSAGE_STOP]);
    assert!(whole.last().is_some_and(|last| last.starts_with(r#"{"type":"done""#)), "at the end: {whole:?}");
}

#[test]
fn content_after_the_proof_is_skipped() {
    let given = given(&[TEXT_0, MESSAGE_STOP, TEXT_1, TOOL_2, INPUT_2, METADATA, TEXT_1]);
    assert_eq!(given.iter().filter(|step| step.starts_with("unexpected")).count(), 1, "{given:?}");
    assert!(given.last().is_some_and(|done| done.contains(r#""skipped_events":3"#)), "{given:?}");
}

#[test]
fn a_second_start_after_content_cuts_off_what_is_open() {
    let given = given(&[START, START, TOOL_2, INPUT_2, START, TEXT_0, MESSAGE_STOP, START, METADATA]);
    assert!(given[3].contains(r#""block":2"#) && given[3].contains("truncated"), "{given:?}");
    assert!(given[4].starts_with("unexpected"), "{given:?}");
    assert_eq!(given[6], r#"{"type":"text","block":3,"text":"a"}"#);
    assert!(given[9].starts_with("unexpected"), "the answer was over: {given:?}");
    let done = given.last().expect("it ends");
    assert!(done.contains(r#""stop_reason":"tool_use""#) && done.contains(r#""skipped_events":2"#), "{done}");
}

#[test]
fn an_error_is_final_and_what_is_not_known_is_kept() {
    for error in [r#"{"message":"m"}"#, r#"{"error":{"message":"m"}}"#, r#"{"type":"error","error":"m"}"#] {
        let given = given(&[TEXT_0, error, MESSAGE_STOP]);
        assert!(given.last().is_some_and(|last| last.starts_with("exception")), "{given:?}");
    }
    let given = given(&[
        r#"{"newEvent":{"a":1},"p":"abc"}"#,
        r#"{"contentBlockDelta":{"delta":{"new":1},"contentBlockIndex":0}}"#,
        r#"{"metadata":{"metrics":{"latencyMs":1},"new":2}}"#,
    ]);
    assert_eq!(
        given[1..5],
        [
            r#"{"type":"unknown","event":"newEvent","value":{"a":1}}"#,
            r#"{"type":"block_start","block":0,"kind":"unknown"}"#,
            r#"{"type":"unknown","member":"new","block":0,"value":1}"#,
            r#"{"type":"unknown","member":"metrics","value":{"latencyMs":1}}"#,
        ]
    );
}

#[test]
fn a_guardrail_hides_the_stop_reason() {
    let last = r#"{"metadata":{"usage":{}},"amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{"modelOutput":["x"]}}}"#;
    let given = given(&[TEXT_0, r#"{"messageStop":{"stopReason":"end_turn"}}"#, last]);
    let done = given.last().expect("it ends");
    assert!(done.contains(r#""stop_reason":"guardrail_intervened","raw_stop_reason":"end_turn""#), "{done}");
    assert!(done.contains(r#""modelOutput":["x"]"#), "{done}");
}

#[test]
fn an_error_beside_an_event_is_final() {
    for payload in [
        r#"{"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0},"error":{"message":"m"}}"#,
        r#"{"messageStop":{"stopReason":"end_turn"},"error":{"message":"m"}}"#,
        r#"{"type":"x","error":{"message":"m"}}"#,
    ] {
        let given = steps(Dialect::Nova, &[payload]);
        assert!(matches!(given.last(), Some(Step::Error("exception", _))), "{given:?}");
    }
}
