use super::{END, MESSAGE_START, MESSAGE_STOP, START, STOP_0, TEXT_START, TOOL_START, given};

const TEXT: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#;
const WHOLE_INPUT: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#;

#[test]
fn a_second_start_with_nothing_said_since_is_ignored() {
    let once = given(&[MESSAGE_START, TEXT_START, TEXT, STOP_0, END, MESSAGE_STOP]);
    let ping = r#"{"type":"ping"}"#;
    assert_eq!(
        given(&[MESSAGE_START, ping, MESSAGE_START, TEXT_START, TEXT, STOP_0, END, MESSAGE_STOP]),
        once
    );
    let new = r#"{"type":"message_start","message":{"id":"msg_1","model":"m","new":1},"new":2}"#;
    assert_eq!(given(&[MESSAGE_START, new, TEXT_START, TEXT, STOP_0, END, MESSAGE_STOP]), once);
}

#[test]
fn a_second_start_after_content_cuts_off_what_is_open() {
    let second = r#"{"type":"message_start","message":{"id":"msg_2","model":"m","content":[],"usage":{"input_tokens":9}}}"#;
    let given = given(&[
        r#"{"type":"message_start","message":{"id":"msg_1","model":"m","content":[],"usage":{"input_tokens":8,"cache_read_input_tokens":3}}}"#,
        TOOL_START,
        WHOLE_INPUT,
        second,
        second,
        TEXT_START,
        TEXT,
        STOP_0,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"u","name":"f","input":{}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}"#,
        MESSAGE_STOP,
    ]);
    assert_eq!(
        given,
        [
            START,
            r#"{"type":"tool_call_start","block":0,"id":"t","name":"f"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"{}"}"#,
            // Not usable, although what came is JSON.
            r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":"{}","input_error":"truncated"}"#,
            "unexpected: the event `message_start` was skipped: the message has already started or stopped",
            r#"{"type":"block_start","block":1,"kind":"text"}"#,
            r#"{"type":"text","block":1,"text":"a"}"#,
            r#"{"type":"block_end","block":1}"#,
            r#"{"type":"tool_call_start","block":2,"id":"u","name":"f"}"#,
            r#"{"type":"tool_call_delta","block":2,"id":"u","arguments_delta":"{\"a\":1}"}"#,
            r#"{"type":"tool_call_end","block":2,"id":"u","name":"f","input":{"a":1}}"#,
            r#"{"type":"stop","stop_reason":"tool_use"}"#,
            r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"tool_use","usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14},"vendor_usage":{"input_tokens":9,"output_tokens":5},"id":"msg_2","model":"m","skipped_events":1}"#,
        ]
    );
}

#[test]
fn a_start_after_content_without_one_is_another_message() {
    let given = given(&[TEXT_START, TEXT, MESSAGE_START, TEXT_START, TEXT, STOP_0, END, MESSAGE_STOP]);
    assert_eq!(given[3], r#"{"type":"block_end","block":0}"#);
    assert!(given[4].starts_with("unexpected"), "{given:?}");
    assert_eq!(given[6], r#"{"type":"text","block":1,"text":"a"}"#);
}

#[test]
fn another_block_of_an_open_index_cuts_the_first_off() {
    let given = given(&[MESSAGE_START, TOOL_START, WHOLE_INPUT, TEXT_START, TEXT, STOP_0, END, MESSAGE_STOP]);
    assert_eq!(
        given[3],
        r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":"{}","input_error":"truncated"}"#
    );
    assert_eq!(given[4], r#"{"type":"block_start","block":0,"kind":"text"}"#);
}

#[test]
fn a_missing_stop_costs_nothing_where_the_message_is_proven() {
    let given = given(&[MESSAGE_START, TOOL_START, WHOLE_INPUT, END, MESSAGE_STOP]);
    assert_eq!(given[3], r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":{}}"#);
}

#[test]
fn pieces_without_an_index_belong_to_the_open_block() {
    let text = r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}"#;
    let given = given(&[MESSAGE_START, TEXT_START, text, r#"{"type":"content_block_stop"}"#, text, text]);
    assert_eq!(given[2], r#"{"type":"text","block":0,"text":"a"}"#);
    assert_eq!(given[3], r#"{"type":"block_end","block":0}"#);
    assert!(given[4].starts_with("unexpected") && given[4].contains("names no content block"), "{given:?}");
    assert!(given[5].starts_with("incomplete") && given.len() == 6, "told once: {given:?}");
}

#[test]
fn what_cannot_be_read_is_skipped() {
    for payload in [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":5}}"#,
        r#"{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"a"}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":[]}"#,
        r#"{"type":"message_start","message":5}"#,
        r#"{"type":7}"#,
        "[]",
        "not JSON",
    ] {
        let given = given(&[MESSAGE_START, TOOL_START, WHOLE_INPUT, payload, STOP_0, END, MESSAGE_STOP]);
        assert!(given[3].starts_with("payload: "), "{given:?}");
        // The piece that was lost may have been one of this call's.
        assert!(given[4].ends_with(r#""input":"{}","input_error":"malformed"}"#), "{given:?}");
        assert!(given[6].contains(r#""skipped_events":1"#), "{given:?}");
    }
    // The second message's blocks come after those of the first, and so high an index leaves no room.
    let last =
        r#"{"type":"content_block_delta","index":4294967295,"delta":{"type":"text_delta","text":"a"}}"#;
    let given = given(&[last, MESSAGE_START, TEXT]);
    assert_eq!(given[2], r#"{"type":"text","block":4294967295,"text":"a"}"#);
    assert!(given[5].contains("the index 0 is out of range"), "{given:?}");
}

#[test]
fn events_that_are_not_known_are_kept() {
    let given = given(&[
        MESSAGE_START,
        r#"{"type":"new_event","index":"x","value":null,"p":"abc"}"#,
        r#"{ "type": "new_event" }"#,
        r#"{"new":1}"#,
        r#"{"type":"ping"}"#,
        r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#,
        r#"{"type":"message_start","message":{"id":"msg_1","new":1}}"#,
    ]);
    assert_eq!(
        given[..4],
        [
            START,
            r#"{"type":"unknown","event":"new_event","value":{"type":"new_event","index":"x","value":null}}"#,
            r#"{"type":"unknown","event":"new_event","value":{ "type": "new_event" }}"#,
            r#"{"type":"unknown","event":"message","value":{"new":1}}"#,
        ]
    );
    assert!(given[4].starts_with("incomplete") && given.len() == 5, "{given:?}");
}
