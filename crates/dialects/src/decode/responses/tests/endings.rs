use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;

use super::{
    CALL, CALLED, COMPLETED, CREATED, TEXT, added, completed, content, delta, done, given, item_done,
};

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
        r#"{"type":"response.completed","response":{"status":"in_progress"}}"#,
        r#"{"type":"response.incomplete","response":{"status":"queued"}}"#,
        "[DONE]",
    ] {
        let given = given(&[CREATED, payload]);
        assert!(given.last().unwrap().starts_with("incomplete:"), "{given:?}");
    }
    let given = given(&[CREATED, r#"{"type":"response.completed","response":{"status":"in_progress"}}"#]);
    assert_eq!(
        given[0],
        "payload: the event `response.completed` was skipped, its payload cannot be read: the response has the status `in_progress`, so it has not ended"
    );
}

#[test]
fn the_terminal_event_is_the_proof_where_the_response_has_no_status() {
    for payload in [
        r#"{"type":"response.completed"}"#,
        r#"{"type":"response.completed","response":{"id":"r","status":null}}"#,
    ] {
        let done = done(&[CREATED, payload]);
        assert!(done.starts_with(r#"{"type":"done","stop_reason":"end_turn","#), "{done}");
        assert!(!done.contains("raw_stop_reason"), "it was not sent: {done}");
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
    // They are known before the end too, where they matter more.
    let mut decoder = PayloadDecoder::new(Some(Dialect::Responses));
    for number in [0, 2] {
        decoder.apply(None, &format!(r#"{{"type":"response.odd","sequence_number":{number}}}"#));
    }
    assert_eq!(decoder.ending().other.value("sequence_number_gaps").unwrap().as_str(), "1");
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
