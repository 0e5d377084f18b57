use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{ADD, CALL, CALLED, COMPLETED, CREATED, added, completed, content, delta, done, item_done};

#[test]
fn whichever_copy_has_the_arguments_they_are_written_once() {
    let arguments_done =
        r#"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"x\":1}"}"#;
    let (start, delta) = (added(0, CALL), delta("function_call_arguments", 0, r#"{"x":1}"#));
    let (item, terminal) = (item_done(0, CALLED), completed(&format!("[{CALLED}]")));
    for copies in 1_u32..16 {
        let all = [&*delta, arguments_done, &*item, &*terminal];
        let kept = (0..).zip(all).filter(|(bit, _)| copies & (1 << bit) != 0).map(|(_, copy)| copy);
        let mut payloads: Vec<&str> = [CREATED, &start].into_iter().chain(kept).collect();
        if copies & 8 == 0 {
            payloads.push(COMPLETED);
        }
        assert_eq!(content(&payloads), ADD, "{payloads:?}");
        if copies & 12 != 0 {
            payloads.remove(1);
            assert_eq!(content(&payloads), ADD, "resumed after the item began: {payloads:?}");
        }
    }
}

#[test]
fn a_call_whose_id_never_comes_is_told_once() {
    let delta = delta("function_call_arguments", 0, "{}");
    let content = content(&[CREATED, &delta, &delta, COMPLETED]);
    assert_eq!(content.len(), 1, "{content:?}");
    assert!(content[0].starts_with("unexpected:"), "{content:?}");
    assert!(done(&[CREATED, &delta, &delta, COMPLETED]).contains(r#""skipped_events":1"#));
}

#[test]
fn items_overlap_and_their_ids_rotate() {
    let other = CALL.replace("call_1", "call_2").replace(r#""fc""#, r#""other""#);
    let other_done = CALLED.replace("call_1", "call_2").replace("1}", "2}");
    let content = content(&[
        &added(0, CALL),
        &added(1, &other),
        r#"{"type":"response.function_call_arguments.delta","output_index":1,"item_id":"x","delta":"{\"x\":"}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"x","delta":"{\"x\":1}"}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":1,"item_id":"y","delta":"2}"}"#,
        &item_done(1, &other_done),
        &item_done(0, CALLED),
        &completed(&format!("[{CALLED},{other_done}]")),
    ]);
    let ends: Vec<&String> = content.iter().filter(|chunk| chunk.contains("tool_call_end")).collect();
    assert_eq!(
        ends,
        [
            r#"{"type":"tool_call_end","block":1,"id":"call_2","name":"add","input":{"x":2}}"#,
            r#"{"type":"tool_call_end","block":0,"id":"call_1","name":"add","input":{"x":1}}"#,
        ]
    );
}

#[test]
fn a_custom_tool_takes_free_text() {
    let call = |input: &str, status: &str| {
        format!(
            r#"{{"type":"custom_tool_call","call_id":"c","name":"sql","input":"{input}","status":"{status}"}}"#
        )
    };
    let whole =
        content(&[&added(0, &call("", "in_progress")), &item_done(0, &call("1", "completed")), COMPLETED]);
    assert_eq!(
        whole,
        [
            r#"{"type":"tool_call_start","block":0,"id":"c","name":"sql","kind":"custom_tool_call"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"c","arguments_delta":"1"}"#,
            r#"{"type":"tool_call_end","block":0,"id":"c","name":"sql","input":"1"}"#,
        ]
    );
    let incomplete = r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#;
    let cut = content(&[
        &added(0, &call("", "in_progress")),
        &delta("custom_tool_call_input", 0, "1"),
        &item_done(0, &call("1", "incomplete")),
        incomplete,
    ]);
    assert!(cut[2].contains(r#""input":"1","input_error":"truncated""#), "{cut:?}");
}

#[test]
fn a_call_whose_copies_contradict_is_not_usable() {
    let delta = delta("function_call_arguments", 0, r#"{"x":2}"#);
    let told = content(&[&added(0, CALL), &delta, &item_done(0, CALLED), COMPLETED]);
    assert!(told.iter().any(|chunk| chunk.contains(r#""input_error":"malformed""#)), "{told:?}");
    assert!(told.iter().any(|chunk| chunk.contains(r#""member":"item""#)), "{told:?}");
}

#[test]
fn a_call_cut_off_by_the_limit_is_truncated() {
    let cut = CALLED.replace(r#""{\"x\":1}""#, r#""{\"x\":4815""#).replace("completed", "incomplete");
    let incomplete =
        r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"}}}"#;
    for payloads in [
        &[&*added(0, CALL), &delta("function_call_arguments", 0, r#"{"x":4815"#), incomplete][..],
        &[&*added(0, CALL), &item_done(0, &cut), incomplete][..],
    ] {
        let content = content(payloads);
        assert!(content[2].contains(r#""input":"{\"x\":4815","input_error":"truncated""#), "{content:?}");
    }
}

#[test]
fn an_item_that_begins_again_is_another() {
    let other = CALL.replace("call_1", "call_2");
    let content = content(&[&added(0, CALL), &added(0, CALL), &added(0, &other), COMPLETED]);
    let starts = content.iter().filter(|chunk| chunk.contains("tool_call_start")).count();
    assert_eq!(starts, 2, "{content:?}");
    assert!(content.iter().any(|step| step.starts_with("unexpected:")), "{content:?}");
}
