use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::steps::lines;
use crate::dialect::Dialect;

/// The steps of these payloads: a chunk's JSON, or an error's kind.
fn read(payloads: &[&str]) -> Vec<String> {
    lines(Dialect::Cohere, payloads)
}

const START: &str = r#"{"type":"start","role":"assistant"}"#;
const HELLO: [&str; 4] = [
    START,
    r#"{"type":"block_start","block":0,"kind":"text"}"#,
    r#"{"type":"text","block":0,"text":"Hello"}"#,
    r#"{"type":"block_end","block":0}"#,
];

#[test]
fn every_form_of_a_text_is_read_once() {
    for payloads in [
        &[r#"{"text":"Hello","is_finished":false}"#, r#"{"is_finished":true,"finish_reason":"COMPLETE"}"#][..],
        &[r#"{"generations":[{"text":"Hello","finish_reason":"COMPLETE"}],"prompt":"p"}"#],
        &[
            r#"{"event_type":"stream-start","is_finished":false}"#,
            r#"{"event_type":"text-generation","text":"Hello","is_finished":false}"#,
            r#"{"event_type":"stream-end","is_finished":true,"response":{"text":"Hello","chat_history":[],"finish_reason":"COMPLETE"}}"#,
        ],
        &[
            r#"{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"text":"Hello"}}"#,
        ],
    ] {
        let end = [
            r#"{"type":"stop","stop_reason":"end_turn"}"#,
            r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"COMPLETE","skipped_events":0}"#,
        ];
        assert_eq!(read(payloads), [&HELLO[..], &end].concat(), "{payloads:?}");
    }
}

#[test]
fn calls_have_no_id_and_are_whole() {
    assert_eq!(
        read(&[
            r#"{"event_type":"tool-calls-chunk","is_finished":false,"text":"Hello"}"#,
            r#"{"event_type":"tool-calls-generation","is_finished":false,"text":"Hello","tool_calls":[{"name":"f","parameters":{"x": 1}},{"name":"g"}]}"#,
            r#"{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"text":"Hello","generation_id":"i","tool_calls":[{"name":"f","parameters":{"x": 1}}],"meta":{"billed_units":{"input_tokens":1},"tokens":{"input_tokens":3,"output_tokens":4}}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#,
        ]),
        [
            &HELLO[..],
            &[
                r#"{"type":"tool_call_start","block":1,"id":"call_1","name":"f"}"#,
                r#"{"type":"tool_call_delta","block":1,"id":"call_1","arguments_delta":"{\"x\": 1}"}"#,
                r#"{"type":"tool_call_end","block":1,"id":"call_1","name":"f","input":{"x": 1}}"#,
                r#"{"type":"tool_call_start","block":2,"id":"call_2","name":"g"}"#,
                r#"{"type":"tool_call_end","block":2,"id":"call_2","name":"g","input":{}}"#,
                r#"{"type":"stop","stop_reason":"tool_use"}"#,
                r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"COMPLETE","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"vendor_usage":{"billed_units":{"input_tokens":1},"tokens":{"input_tokens":3,"output_tokens":4}},"invocation_metrics":{"inputTokenCount":1},"generation_id":"i","skipped_events":0}"#,
            ],
        ]
        .concat()
    );
}

#[test]
fn citations_and_search_results_are_kept() {
    let event = r#"{"event_type":"citation-generation","is_finished":false,"citations":[{"start":0}]}"#;
    let given = read(&[event]);
    assert_eq!(
        given[1],
        alloc::format!(r#"{{"type":"unknown","event":"citation-generation","value":{event}}}"#)
    );
    let response = r#"{"event_type":"stream-end","is_finished":true,"response":{"citations":[1]}}"#;
    let given = read(&[response]);
    assert_eq!(given[1], r#"{"type":"unknown","member":"citations","value":[1]}"#);
}

#[test]
fn a_second_reason_is_told_and_changes_nothing() {
    let given = read(&[
        r#"{"text":"a","is_finished":true,"finish_reason":"COMPLETE"}"#,
        r#"{"is_finished":true,"finish_reason":"MAX_TOKENS"}"#,
    ]);
    let [.., stop, error, done] = &*given else { panic!("{given:?}") };
    assert_eq!(stop, r#"{"type":"stop","stop_reason":"end_turn"}"#);
    assert_eq!(error, "unexpected");
    assert!(done.contains(r#""stop_reason":"end_turn""#), "{done}");
}

#[test]
fn nothing_else_proves_it() {
    for payload in [
        r#"{"text":"a","is_finished":false}"#,
        r#"{"text":"a","is_finished":false,"finish_reason":"COMPLETE"}"#,
        r#"{"generations":[{"text":"a"}]}"#,
        r#"{"generations":[{"text":"a","finish_reason":"COMPLETE"},{"text":"b","finish_reason":null}]}"#,
        r#"{"generations":[]}"#,
        r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
    ] {
        assert_eq!(read(&[payload]).last().unwrap(), "incomplete", "{payload}");
    }
}

#[test]
fn every_generation_that_has_begun_must_finish() {
    let a = r#"{"index":0,"text":"a","is_finished":false}"#;
    let b = r#"{"index":1,"text":"b","is_finished":true,"finish_reason":"MAX_TOKENS"}"#;
    let rest = r#"{"index":0,"text":"c","is_finished":false}"#;
    let last = r#"{"index":0,"is_finished":true,"finish_reason":"COMPLETE"}"#;
    assert!(read(&[a, b]).last().unwrap().starts_with("incomplete"));
    for payloads in [&[a, b, rest, last][..], &[a, rest, last, b], &[a, b, rest, last, b]] {
        let mut given = read(payloads);
        // The other generation is told.
        let len = given.len();
        given.retain(|line| *line != alloc::format!(r#"{{"type":"unknown","event":"message","value":{b}}}"#));
        assert_eq!(len - given.len(), payloads.iter().filter(|payload| **payload == b).count());
        assert_eq!(
            given[2..],
            [
                r#"{"type":"text","block":0,"text":"a"}"#,
                r#"{"type":"text","block":0,"text":"c"}"#,
                r#"{"type":"block_end","block":0}"#,
                r#"{"type":"stop","stop_reason":"end_turn"}"#,
                r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"COMPLETE","skipped_events":0}"#,
            ],
            "{payloads:?}"
        );
    }
}

#[test]
fn another_generation_is_told_as_it_was_sent_and_is_no_part_of_the_text() {
    let other = r#"{"id":"i", "text":"Bye","finish_reason":"MAX_TOKENS","likelihood":null}"#;
    let payload = alloc::format!(
        r#"{{"generations":[{{"text":"Hello","finish_reason":"COMPLETE"}},{other}],"amazon-bedrock-invocationMetrics":{{"inputTokenCount":1}}}}"#
    );
    let given = read(&[&payload]);
    let told = alloc::format!(r#"{{"type":"unknown","member":"generations","value":{other}}}"#);
    assert_eq!(given[..3], HELLO[..3]);
    assert_eq!(given[3..5], [&*told, HELLO[3]]);
    assert!(given.last().unwrap().contains(r#""raw_stop_reason":"COMPLETE""#), "{given:?}");
    // What Bedrock adds to a payload is no part of the other generation.
    let metrics = r#","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#;
    let given = read(&[
        r#"{"index":0,"text":"Hello","is_finished":true,"finish_reason":"COMPLETE"}"#,
        &alloc::format!(r#"{{"index":1,"text":"Bye","is_finished":true,"finish_reason":"COMPLETE"{metrics}"#),
    ]);
    let told = r#"{"type":"unknown","event":"message","value":{"index":1,"text":"Bye","is_finished":true,"finish_reason":"COMPLETE"}}"#;
    assert!(given.contains(&told.into()), "{given:?}");
    assert!(given.last().unwrap().contains(r#""invocation_metrics":{"inputTokenCount":1}"#), "{given:?}");
}

#[test]
fn an_error_of_any_generation_is_final() {
    for payload in [
        r#"{"index":1,"is_finished":true,"finish_reason":"ERROR"}"#,
        r#"{"generations":[{"text":"a","finish_reason":"COMPLETE"},{"text":"b","finish_reason":"ERROR"}]}"#,
    ] {
        assert_eq!(read(&[payload]).last().unwrap(), "exception", "{payload}");
    }
}

#[test]
fn an_error_in_place_of_an_answer_begins_none() {
    assert_eq!(read(&[r#"{"error":{"message":"m"}}"#]), ["exception"]);
}

#[test]
fn an_error_is_final() {
    for payload in [
        r#"{"is_finished":true,"finish_reason":"ERROR"}"#,
        r#"{"event_type":"stream-end","is_finished":true,"response":{"finish_reason":"ERROR"}}"#,
        r#"{"generations":[{"text":"a","finish_reason":"ERROR"}]}"#,
        r#"{"error":"m"}"#,
        r#"{"message":"m"}"#,
    ] {
        assert_eq!(read(&[payload]).last().unwrap(), "exception", "{payload}");
    }
}

#[test]
fn every_finish_reason_has_its_word() {
    for (word, expected) in [
        ("COMPLETE", "end_turn"),
        ("MAX_TOKENS", "max_tokens"),
        ("STOP_SEQUENCE", "stop_sequence"),
        ("ERROR_TOXIC", "content_filtered"),
        ("ERROR_LIMIT", "model_context_window_exceeded"),
        ("USER_CANCEL", "USER_CANCEL"),
    ] {
        let given = read(&[&alloc::format!(r#"{{"is_finished":true,"finish_reason":"{word}"}}"#)]);
        assert_eq!(given[1], alloc::format!(r#"{{"type":"stop","stop_reason":"{expected}"}}"#));
    }
}
