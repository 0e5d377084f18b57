use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{CALLED, FINISH, STOPPED_FOR_TOOLS, assert_calls, chunks_of, delta, read};

#[test]
fn calls_are_told_apart_by_index() {
    assert_calls(
        &[
            r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":null}}]}"#,
            r#"{"tool_calls":[{"index":0,"id":"","function":{"arguments":"{\"x\""}},{"index":1,"id":null,"function":{"arguments":"{"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"id":"b","function":{"name":"g","arguments":"}"}}]}"#,
        ],
        &[
            r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}"#,
            r#"{"type":"tool_call_start","block":1,"id":"b","name":"g"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"{\"x\""}"#,
            r#"{"type":"tool_call_delta","block":1,"id":"b","arguments_delta":"{"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"a","arguments_delta":":1}"}"#,
            r#"{"type":"tool_call_delta","block":1,"id":"b","arguments_delta":"}"}"#,
            r#"{"type":"tool_call_end","block":0,"id":"a","name":"f","input":{"x":1}}"#,
            r#"{"type":"tool_call_end","block":1,"id":"b","name":"g","input":{}}"#,
        ],
    );
}

#[test]
fn a_whole_call_ends_when_the_next_begins() {
    assert_calls(
        &[
            r#"{"content":"Let me see."}"#,
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
            r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g"}}]}"#,
        ],
        &[
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"Let me see."}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"tool_call_start","block":1,"id":"a","name":"f"}"#,
            r#"{"type":"tool_call_delta","block":1,"id":"a","arguments_delta":"{}"}"#,
            r#"{"type":"tool_call_end","block":1,"id":"a","name":"f","input":{}}"#,
            r#"{"type":"tool_call_start","block":2,"id":"b","name":"g"}"#,
            r#"{"type":"tool_call_end","block":2,"id":"b","name":"g","input":{}}"#,
        ],
    );
}

/// The ids of the calls that ended, and their arguments.
fn ended_calls(deltas: &[&str], finish: &str) -> Vec<String> {
    let lines = chunks_of(deltas, finish);
    let prefix = r#"{"type":"tool_call_end","block":"#;
    lines.into_iter().filter_map(|line| Some(line.strip_prefix(prefix)?.to_string())).collect()
}

#[test]
fn a_call_may_lack_its_id_or_its_index() {
    for (deltas, expected) in [
        (
            &[
                r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{"}}]}"#,
                r#"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#,
            ][..],
            &[r#"0,"id":"call_0","name":"f","input":{}}"#][..],
        ),
        (
            &[
                r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"[]"}}]}"#,
            ],
            &[r#"0,"id":"a","name":"f","input":{}}"#, r#"1,"id":"b","name":"f","input":[]}"#],
        ),
        // Without an index, an id that is known goes on, and so does a piece without an id while one call is open.
        (
            &[
                r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
                r#"{"tool_calls":[{"id":"a","function":{"arguments":"\"x\":"}}]}"#,
                r#"{"tool_calls":[{"function":{"arguments":"1}"}}]}"#,
            ],
            &[r#"0,"id":"a","name":"f","input":{"x":1}}"#],
        ),
        // Every call is numbered 0.
        (
            &[
                r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
                r#"{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]}"#,
            ],
            &[r#"0,"id":"a","name":"f","input":{}}"#, r#"1,"id":"b","name":"f","input":{}}"#],
        ),
        // Every piece has another id.
        (
            &[
                r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
                r#"{"tool_calls":[{"index":0,"id":"b","function":{"arguments":"}"}}]}"#,
            ],
            &[r#"0,"id":"a","name":"f","input":{}}"#],
        ),
        // The arguments are JSON instead of its text.
        (
            &[r#"{"tool_calls":[{"function":{"name":"f","arguments":{"x": 1}}}]}"#],
            &[r#"0,"id":"call_0","name":"f","input":{"x": 1}}"#],
        ),
        (
            &[r#"{"function_call":{"name":"f","arguments":""}}"#, r#"{"function_call":{"arguments":"{}"}}"#],
            &[r#"0,"id":"call_0","name":"f","input":{}}"#],
        ),
        (
            &[r#"{"tool_calls":[{"index":0,"id":"a","function":{}}]}"#],
            &[r#"0,"id":"a","name":"","input":{}}"#],
        ),
    ] {
        assert_eq!(ended_calls(deltas, CALLED), expected, "{deltas:?}");
    }
}

#[test]
fn another_name_of_a_call_is_told_and_the_same_one_is_not() {
    let start = r#"{"tool_calls":[{"index":0,"id":"t","function":{"name":"get_"}}]}"#;
    let piece = |name: &str| {
        format!(r#"{{"tool_calls":[{{"index":0,"function":{{"name":"{name}","arguments":"{{}}"}}}}]}}"#)
    };
    for (name, is_told) in [("weather", true), ("get_weather", true), ("get_", false), ("", false)] {
        let given = chunks_of(&[start, &piece(name)], CALLED);
        let told = format!(r#"{{"type":"unknown","member":"name","block":0,"value":"{name}"}}"#);
        assert_eq!(given.contains(&told), is_told, "{name}: {given:?}");
        let call = r#"{"type":"tool_call_end","block":0,"id":"t","name":"get_","input":{}}"#;
        assert!(given.contains(&call.to_string()), "{given:?}");
    }
    // A name that arrives late is told once.
    let unnamed = r#"{"tool_calls":[{"index":0,"id":"t","function":{}}]}"#;
    let given = chunks_of(&[unnamed, &piece("f"), &piece("f").replace("{}", "")], CALLED);
    assert_eq!(given.iter().filter(|line| line.contains(r#""member":"name""#)).count(), 1, "{given:?}");
}

#[test]
fn a_call_that_was_cut_is_truncated() {
    let start = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]}"#;
    let empty = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}"#;
    let cut = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#;
    for (delta, finish, expected) in [
        (start, cut, r#"0,"id":"a","name":"f","input":"{\"x\"","input_error":"truncated"}"#),
        (empty, cut, r#"0,"id":"a","name":"f","input":"","input_error":"truncated"}"#),
        (start, CALLED, r#"0,"id":"a","name":"f","input":"{\"x\"","input_error":"malformed"}"#),
        (start, FINISH, r#"0,"id":"a","name":"f","input":"{\"x\"","input_error":"malformed"}"#),
        (empty, FINISH, r#"0,"id":"a","name":"f","input":{}}"#),
    ] {
        assert_eq!(ended_calls(&[delta], finish), [expected], "{delta} {finish}");
    }
}

#[test]
fn arguments_may_follow_the_finish_reason() {
    let given = read(&[
        &delta(r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#),
        CALLED,
        &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#),
        "[DONE]",
    ]);
    assert!(
        given.contains(&r#"{"type":"tool_call_end","block":0,"id":"a","name":"f","input":{}}"#.to_string()),
        "{given:?}"
    );
}

#[test]
fn arguments_without_a_call_are_one_error() {
    let piece = r#"{"tool_calls":[{"index":2,"function":{"arguments":"{"}}]}"#;
    let given = chunks_of(&[piece, piece], CALLED);
    assert_eq!(
        given,
        [
            "unexpected: the event `message` was skipped: block 0 did not start as a tool call or a tool result",
            STOPPED_FOR_TOOLS[0],
            &STOPPED_FOR_TOOLS[1].replace(r#""skipped_events":0"#, r#""skipped_events":2"#),
        ]
    );
    // It may belong to either call, so neither is usable.
    let start = |index, id| {
        format!(
            r#"{{"tool_calls":[{{"index":{index},"id":"{id}","function":{{"name":"f","arguments":"{{"}}}}]}}"#
        )
    };
    let given = chunks_of(
        &[&start(0, "a"), &start(1, "b"), r#"{"tool_calls":[{"function":{"arguments":"}"}}]}"#],
        CALLED,
    );
    assert!(
        given.contains(
            &"unexpected: the event `message` was skipped: it names no content block, and 2 are open"
                .to_string()
        ),
        "{given:?}"
    );
    assert_eq!(
        given.iter().filter(|line| line.contains(r#""input_error":"malformed""#)).count(),
        2,
        "{given:?}"
    );
}

/// One error for each call whose arguments are lost, also where they come in one payload; more of them is only counted.
#[test]
fn each_call_that_is_lost_is_told() {
    let lost = delta(
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"{"}},{"index":1,"function":{"arguments":"{"}},{"index":0,"function":{"arguments":"}"}}]}"#,
    );
    let given = read(&[&lost, &lost, FINISH]);
    let told: Vec<_> = given.iter().filter(|line| line.starts_with("unexpected: ")).collect();
    assert_eq!(told.len(), 2, "{given:?}");
    assert!(told[0].contains("block 0") && told[1].contains("block 1"), "{told:?}");
    assert!(given.last().unwrap().contains(r#""skipped_events":6"#), "{given:?}");
}
