use alloc::format;
use alloc::string::{String, ToString};
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

#[test]
fn whichever_copy_has_a_text_it_is_written_once() {
    let text_done =
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hello"}"#;
    let part_done = r#"{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hello","annotations":[]}}"#;
    let (start, delta, item) = (added(0, MESSAGE), delta("output_text", 0, "Hello"), item_done(0, TEXT));
    let terminal = completed(&format!("[{TEXT}]"));
    for copies in 1_u32..32 {
        let all = [&*delta, text_done, part_done, &*item, &*terminal];
        let kept = (0..).zip(all).filter(|(bit, _)| copies & (1 << bit) != 0).map(|(_, copy)| copy);
        let mut payloads: Vec<&str> = [CREATED, &start].into_iter().chain(kept).collect();
        if copies & 16 == 0 {
            payloads.push(COMPLETED);
        }
        assert_eq!(content(&payloads), HELLO, "{payloads:?}");
        payloads.remove(1);
        assert_eq!(content(&payloads), HELLO, "without the item's beginning: {payloads:?}");
    }
}

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
fn reasoning_is_one_block_and_its_encrypted_form_another() {
    let reasoning = r#"{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"rsn_%"}"#;
    let content = content(&[
        &added(0, r#"{"type":"reasoning","id":"r","summary":[],"encrypted_content":"early"}"#),
        r#"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"A"}"#,
        r#"{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"A"}"#,
        r#"{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":"B"}}"#,
        &item_done(0, reasoning),
        &completed(&format!("[{reasoning}]")),
    ]);
    assert_eq!(
        content,
        [
            r#"{"type":"block_start","block":0,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":0,"text":"A"}"#,
            r#"{"type":"reasoning","block":0,"text":"B"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning_redacted"}"#,
            r#"{"type":"reasoning_redacted","block":1,"data":"cnNuXyU="}"#,
            r#"{"type":"block_end","block":1}"#,
        ]
    );
}

#[test]
fn text_of_a_reasoning_item_is_reasoning() {
    let content = content(&[
        &added(0, r#"{"type":"reasoning","id":"r","content":[]}"#),
        &delta("output_text", 0, "Hm"),
        &item_done(0, r#"{"type":"reasoning","content":[{"type":"output_text","text":"Hmm"}]}"#),
        COMPLETED,
    ]);
    let texts: Vec<&String> = content.iter().filter(|chunk| chunk.contains(r#""text":"#)).collect();
    assert_eq!(
        texts,
        [r#"{"type":"reasoning","block":0,"text":"Hm"}"#, r#"{"type":"reasoning","block":0,"text":"m"}"#]
    );
}

#[test]
fn a_refusal_is_text_in_a_block_of_its_own() {
    let content = content(&[
        &added(0, MESSAGE),
        &delta("output_text", 0, "Well. "),
        r#"{"type":"response.refusal.delta","output_index":0,"content_index":1,"delta":"No"}"#,
        r#"{"type":"response.refusal.done","output_index":0,"content_index":1,"refusal":"No."}"#,
        COMPLETED,
    ]);
    let texts: Vec<&String> = content.iter().filter(|chunk| chunk.contains(r#""text":"#)).collect();
    assert_eq!(
        texts,
        [
            r#"{"type":"text","block":0,"text":"Well. "}"#,
            r#"{"type":"text","block":1,"text":"No"}"#,
            r#"{"type":"text","block":1,"text":"."}"#,
        ]
    );
}

#[test]
fn annotations_are_written_once_and_unknown_ones_are_kept() {
    let web = r#"{"type":"url_citation","url":"https://a.example","title":"A"}"#;
    let path = r#"{"type":"file_path","file_id":"f"}"#;
    let part = format!(r#"{{"type":"output_text","text":"Hi","annotations":[{web},{path}]}}"#);
    let content = content(&[
        &delta("output_text", 0, "Hi"),
        &format!(
            r#"{{"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"annotation_index":0,"annotation":{web}}}"#
        ),
        &format!(
            r#"{{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{part}}}"#
        ),
        &item_done(0, &format!(r#"{{"type":"message","content":[{part}]}}"#)),
        COMPLETED,
    ]);
    assert_eq!(
        content[2..],
        [
            r#"{"type":"citation","block":0,"citation":{"title":"A","location":{"web":{"url":"https://a.example"}}}}"#,
            r#"{"type":"unknown","member":"annotation","block":0,"value":{"type":"file_path","file_id":"f"}}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
}

#[test]
fn an_item_of_another_kind_is_kept_once() {
    let search = r#"{"type":"web_search_call","id":"ws","status":"completed","action":{"query":"q"}}"#;
    let item = format!(r#"{{"type":"unknown","member":"item","block":0,"value":{search}}}"#);
    let expected = [
        r#"{"type":"block_start","block":0,"kind":"unknown"}"#.to_string(),
        item,
        r#"{"type":"block_end","block":0}"#.to_string(),
    ];
    let begun = added(0, r#"{"type":"web_search_call","id":"ws","status":"in_progress"}"#);
    let output = completed(&format!("[{search}]"));
    assert_eq!(content(&[&begun, &item_done(0, search), &output]), expected);
    assert_eq!(content(&[&begun, &output]), expected);
    assert_eq!(content(&[&output]), expected);

    // Such an item may have members of any shape.
    let arguments = r#"{"type":"tool_search_call","arguments":{"query":"q"},"content":"c","summary":5}"#;
    let kept = content(&[&item_done(0, arguments), &completed(&format!("[{arguments}]"))]);
    assert_eq!(kept[1], format!(r#"{{"type":"unknown","member":"item","block":0,"value":{arguments}}}"#));
    assert_eq!(kept.len(), 3, "{kept:?}");
}

#[test]
fn an_output_that_cannot_be_read_is_told() {
    for output in ["[5]", "{}", "5", &format!("{}1{}", "[".repeat(300), "]".repeat(300))] {
        let told = content(&[&item_done(0, TEXT), &completed(output)]);
        assert_eq!(told[3], format!(r#"{{"type":"unknown","member":"output","value":{output}}}"#));
    }
}

#[test]
fn an_unknown_event_is_kept_without_its_padding() {
    assert_eq!(
        content(&[
            r#"{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"}"#,
            r#"{"type":"response.shell_call_command.delta","delta":{"any":1},"obfuscation":"xxx"}"#,
            r#"{"type":"keepalive"}"#,
            COMPLETED,
        ]),
        [
            r#"{"type":"unknown","event":"response.web_search_call.searching","value":{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"}}"#,
            r#"{"type":"unknown","event":"response.shell_call_command.delta","value":{"type":"response.shell_call_command.delta","delta":{"any":1}}}"#,
            r#"{"type":"unknown","event":"keepalive","value":{"type":"keepalive"}}"#,
        ]
    );
}

#[test]
fn unknown_members_are_kept_and_token_probabilities_too() {
    let content = content(&[
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"Hi","logprobs":[{"token":"Hi"}],"extra":1}"#,
        r#"{"type":"response.output_text.done","output_index":0,"text":"Hi","logprobs":[{"token":"Hi"}]}"#,
        &item_done(1, &CALLED.replace(r#""id""#, r#""namespace":"n","id""#)),
        r#"{"type":"response.completed","response":{"status":"completed","new":true,"tools":[]}}"#,
    ]);
    let unknown: Vec<&String> = content.iter().filter(|chunk| chunk.contains("unknown")).collect();
    assert_eq!(
        unknown,
        [
            r#"{"type":"unknown","member":"extra","value":1}"#,
            r#"{"type":"unknown","member":"logprobs","block":0,"value":[{"token":"Hi"}]}"#,
            r#"{"type":"unknown","member":"namespace","block":1,"value":"n"}"#,
            r#"{"type":"unknown","member":"new","value":true}"#,
        ]
    );
}

#[test]
fn a_copy_that_contradicts_is_told_and_changes_no_text() {
    let other = TEXT.replace("Hello", "Bye");
    let (delta, item) = (delta("output_text", 0, "Hello"), item_done(0, &other));
    let told = content(&[&delta, &item, &completed(&format!("[{other}]"))]);
    let texts: Vec<&String> = told.iter().filter(|chunk| chunk.contains(r#""type":"text""#)).collect();
    assert_eq!(texts, [HELLO[1]]);
    assert_eq!(told.iter().filter(|chunk| chunk.contains("unknown")).count(), 1, "{told:?}");

    let output = content(&[&delta, &completed(&format!("[{other}]"))]);
    assert!(
        output[2].starts_with(r#"{"type":"unknown","member":"output","value":[{"type":"message""#),
        "{output:?}"
    );
    assert_eq!(content(&[&item_done(0, TEXT), &completed("[]")]), HELLO, "an empty one is no copy");
}

#[test]
fn a_call_whose_copies_contradict_is_not_usable() {
    let delta = delta("function_call_arguments", 0, r#"{"x":2}"#);
    let told = content(&[&added(0, CALL), &delta, &item_done(0, CALLED), COMPLETED]);
    assert!(told.iter().any(|chunk| chunk.contains(r#""input_error":"malformed""#)), "{told:?}");
    assert!(told.iter().any(|chunk| chunk.contains(r#""member":"item""#)), "{told:?}");
}

#[test]
fn the_stop_reason_is_that_of_the_terminal_event() {
    let item = item_done(0, CALLED);
    let ends = [
        (done(&[CREATED, COMPLETED]), r#""stop_reason":"end_turn","raw_stop_reason":"completed""#),
        (done(&[CREATED, &item, COMPLETED]), r#""stop_reason":"tool_use","raw_stop_reason":"completed""#),
        (
            done(&[
                r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"}}}"#,
            ]),
            r#""stop_reason":"max_tokens","raw_stop_reason":"incomplete:max_output_tokens""#,
        ),
        (
            done(&[
                &item,
                r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}}"#,
            ]),
            r#""stop_reason":"content_filtered","raw_stop_reason":"incomplete:content_filter""#,
        ),
        (
            done(&[
                r#"{"type":"response.completed","response":{"status":"incomplete","incomplete_details":{"reason":"steered"}}}"#,
            ]),
            r#""stop_reason":"steered","raw_stop_reason":"incomplete:steered""#,
        ),
        (
            done(&[r#"{"type":"response.incomplete"}"#]),
            r#""stop_reason":"incomplete","raw_stop_reason":"incomplete""#,
        ),
        (
            done(&[r#"{"type":"response.completed"}"#]),
            r#"{"type":"done","stop_reason":"end_turn","skipped_events":0}"#,
        ),
        (
            done(&[
                r#"{"type":"response.completed","response":{"status":"completed","amazon-bedrock-guardrailAction":"INTERVENED"}}"#,
            ]),
            r#""stop_reason":"guardrail_intervened","raw_stop_reason":"completed""#,
        ),
    ];
    for (done, expected) in ends {
        assert!(done.contains(expected), "{done}\n{expected}");
    }
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
fn every_shape_of_an_error_is_final() {
    for (payload, name) in [
        (
            r#"{"type":"error","code":"server_error","message":"m","param":null,"sequence_number":3}"#,
            "server_error",
        ),
        (r#"{"type":"error","error":{"type":"overloaded","code":null,"message":"m"}}"#, "overloaded"),
        (r#"{"type":"error","error":"m","sequence_number":"x"}"#, "error"),
        (
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"m"}}}"#,
            "rate_limit_exceeded",
        ),
        (r#"{"type":"response.failed","response":{"status":"failed","error":null}}"#, "failed"),
        (r#"{"type":"response.failed","response":"m"}"#, "error"),
        (r#"{"type":"response.cancelled","response":{"status":"cancelled"}}"#, "cancelled"),
        (r#"{"type":"response.completed","response":{"status":"cancelled"}}"#, "cancelled"),
        (
            r#"{"type":"response.completed","response":{"status":"completed","error":{"code":"c","message":"m"}}}"#,
            "c",
        ),
        (r#"{"type":"response.in_progress","response":{"status":"failed"}}"#, "failed"),
        (
            r#"{"type":"response.output_text.delta","output_index":0,"delta":"x","error":{"code":"c","message":"m"}}"#,
            "c",
        ),
        (r#"{"type":"response.new","error":{"code":"c","message":"m"}}"#, "c"),
        (r#"{"message":"m"}"#, "error"),
        (r#"{"Message":"m"}"#, "error"),
        (r#"{"errorMessage":"m"}"#, "error"),
        (r#""m""#, "error"),
    ] {
        let given = given(&[CREATED, &delta("output_text", 0, "Hello"), payload, COMPLETED]);
        let last = given.last().unwrap();
        assert!(last.starts_with("exception:") && last.contains(name), "{payload}: {given:?}");
        assert_eq!(given.len(), 3, "{payload}: {given:?}");
    }
    let null = r#"{"type":"response.completed","error":null,"response":{"status":"completed","error":null}}"#;
    assert!(done(&[null]).contains(r#""stop_reason":"end_turn""#), "null is no error");
}

#[test]
fn nothing_but_the_terminal_event_proves_it() {
    for payload in [
        r#"{"type":"response.output_text.done","output_index":0,"text":"Hi"}"#,
        &*item_done(0, TEXT),
        r#"{"type":"response.in_progress","response":{"status":"completed"}}"#,
        r#"{"type":"response.new","response":{"status":"completed"}}"#,
        "[DONE]",
    ] {
        let given = given(&[CREATED, payload]);
        assert!(given.last().unwrap().starts_with("incomplete:"), "{given:?}");
    }
}

#[test]
fn the_end_holds_the_response_and_its_usage() {
    assert_eq!(
        done(&[
            CREATED,
            r#"{"type":"response.completed","response":{"id":"resp_1","model":"m-1","status":"completed","service_tier":"default","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"total_tokens":12.0}}}"#,
        ]),
        r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"completed","usage":{"inputTokens":6,"outputTokens":2,"totalTokens":12,"cacheReadInputTokens":4},"vendor_usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"total_tokens":12.0},"id":"resp_1","model":"m-1","service_tier":"default","skipped_events":0}"#
    );
}

#[test]
fn gaps_in_the_numbers_are_counted() {
    let numbered = |numbers: &[u64]| {
        let events = numbers.iter().map(|number| {
            format!(r#"{{"type":"response.output_text.delta","sequence_number":{number},"output_index":0,"delta":"x"}}"#)
        });
        let events: Vec<String> = events.chain([COMPLETED.to_string()]).collect();
        done(&events.iter().map(|event| &**event).collect::<Vec<_>>())
    };
    assert!(!numbered(&[7, 8, 9]).contains("sequence_number_gaps"), "a stream may begin anywhere");
    assert!(numbered(&[0, 2, 3, 3]).contains(r#""sequence_number_gaps":2"#));
    assert!(numbered(&[u64::MAX, 0]).contains(r#""sequence_number_gaps":1"#));
}

#[test]
fn a_second_response_after_content_is_told_and_cuts_off_what_is_open() {
    let (call, piece) = (added(0, CALL), delta("function_call_arguments", 0, "{}"));
    let (text, end) = (item_done(0, TEXT), completed(&format!("[{TEXT}]")));
    let again = [CREATED, &call, &piece, CREATED, &text, &end];
    let content = content(&again);
    assert!(content[2].contains(r#""input":"{}","input_error":"truncated""#), "{content:?}");
    assert!(content[3].starts_with("unexpected:"), "{content:?}");
    assert!(content[5].contains(r#""block":1,"text":"Hello""#), "{content:?}");
    assert!(done(&again).contains(r#""skipped_events":1"#));
    assert!(
        done(&[CREATED, CREATED, COMPLETED]).contains(r#""skipped_events":0"#),
        "nothing was said between"
    );
}

#[test]
fn an_item_that_begins_again_is_another() {
    let other = CALL.replace("call_1", "call_2");
    let content = content(&[&added(0, CALL), &added(0, CALL), &added(0, &other), COMPLETED]);
    let starts = content.iter().filter(|chunk| chunk.contains("tool_call_start")).count();
    assert_eq!(starts, 2, "{content:?}");
    assert!(content.iter().any(|step| step.starts_with("unexpected:")), "{content:?}");
}

#[test]
fn an_event_without_an_index_belongs_to_the_only_open_item() {
    let delta = r#"{"type":"response.output_text.delta","delta":"Hello"}"#;
    assert_eq!(content(&[delta, COMPLETED]), HELLO);
    let several = [&*added(0, MESSAGE), &added(1, CALL), delta, delta, COMPLETED];
    let told = content(&several);
    assert!(told.iter().filter(|step| step.starts_with("unexpected:")).count() == 1, "{told:?}");
    assert!(done(&several).contains(r#""skipped_events":2"#));
}

#[test]
fn a_payload_of_another_dialect_or_shape_is_skipped() {
    for payload in [
        r#"{"choices":[{"index":0,"delta":{"content":"x"}}]}"#,
        r#"{"type":"response.output_text.delta","output_index":0,"delta":5}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":5}"#,
        "[]",
        "not JSON",
    ] {
        let given = given(&[CREATED, payload, COMPLETED]);
        assert!(given[0].starts_with("payload:"), "{given:?}");
        assert!(given.last().unwrap().contains(r#""skipped_events":1"#), "{given:?}");
    }
}
