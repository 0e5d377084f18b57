use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::decode::steps::{Step, steps};
use crate::dialect::Dialect;

const START: &str = r#"{"type":"start","role":"assistant"}"#;
const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const CALLED: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
const STOPPED: [&str; 2] = [
    r#"{"type":"stop","stop_reason":"end_turn"}"#,
    r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","skipped_events":0}"#,
];
const STOPPED_FOR_TOOLS: [&str; 2] = [
    r#"{"type":"stop","stop_reason":"tool_use"}"#,
    r#"{"type":"done","stop_reason":"tool_use","raw_stop_reason":"tool_calls","skipped_events":0}"#,
];

/// The steps of these payloads: a chunk's JSON, or an error's kind and sentence.
fn read(payloads: &[&str]) -> Vec<String> {
    let line = |step| match step {
        Step::Chunk(json) => json,
        Step::Error(kind, sentence) => format!("{kind}: {sentence}"),
    };
    steps(Dialect::Chat, payloads).into_iter().map(line).collect()
}

/// A payload with a piece of the first choice.
fn delta(delta: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

/// The chunks of these deltas of the first choice, without the start, if the answer then finishes.
fn chunks_of(deltas: &[&str], finish: &str) -> Vec<String> {
    let payloads: Vec<String> =
        deltas.iter().map(|&piece| delta(piece)).chain([finish.to_string()]).collect();
    let mut lines = read(&payloads.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(lines.remove(0), START);
    lines
}

#[track_caller]
fn assert_chunks(deltas: &[&str], expected: &[&str]) {
    assert_eq!(chunks_of(deltas, FINISH), [expected, &STOPPED].concat(), "{deltas:?}");
}

#[track_caller]
fn assert_calls(deltas: &[&str], expected: &[&str]) {
    assert_eq!(chunks_of(deltas, CALLED), [expected, &STOPPED_FOR_TOOLS].concat(), "{deltas:?}");
}

#[test]
fn a_finish_reason_proves_it_and_nothing_else_does() {
    let text = delta(r#"{"role":"assistant","content":"4"}"#);
    for (payloads, expected) in [
        (&[&*text, FINISH][..], true),
        (&[&text, FINISH, "[DONE]"], true),
        (&[&text], false),
        (&[&text, "[DONE]"], false),
        (&[&text, "[DONE]", FINISH], false),
        (&[&text, r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, "[DONE]"], false),
        (&[&text, r#"{"choices":[{"index":0,"delta":{},"finish_reason":""}]}"#], false),
        (&[&text, r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#], false),
        (&[&text, r#"{"choices":[{"index":0,"delta":{},"finish_reason":null,"stop_reason":518}]}"#], false),
        (&[r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#], false),
        (&[FINISH, r#"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#], false),
    ] {
        let given = read(payloads);
        assert_eq!(
            given.last().unwrap().starts_with(r#"{"type":"done""#),
            expected,
            "{payloads:?}: {given:?}"
        );
    }
}

#[test]
fn what_follows_a_finish_reason_is_content() {
    assert_eq!(
        read(&[FINISH, &delta(r#"{"content":"more"}"#), FINISH, "[DONE]", &delta(r#"{"content":"after"}"#)]),
        [
            START,
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"more"}"#,
            r#"{"type":"block_end","block":0}"#,
            STOPPED[0],
            STOPPED[1],
        ]
    );
}

#[test]
fn the_usage_of_a_payload_without_choices_ends_it() {
    let usage = r#"{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":8}}"#;
    for choices in [r#""choices":[],"#, r#""choices":null,"#, ""] {
        let given = read(&[
            r#"{"choices":[],"usage":null}"#,
            FINISH,
            &format!(r#"{{{choices}"id":"c","model":"m","usage":{usage}}}"#),
            &delta(r#"{"content":"after"}"#),
        ]);
        assert_eq!(
            given,
            [
                START.to_string(),
                STOPPED[0].to_string(),
                format!(
                    r#"{{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","usage":{{"inputTokens":2,"outputTokens":4,"totalTokens":14,"cacheReadInputTokens":8}},"vendor_usage":{usage},"id":"c","model":"m","skipped_events":0}}"#
                ),
            ]
        );
    }
}

#[test]
fn the_last_usage_counts() {
    let given = read(&[
        r#"{"choices":[{"delta":{"content":""}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        r#"{"choices":[],"usage":null}"#,
        r#"{"choices":[],"usage":{}}"#,
        "[DONE]",
    ]);
    // An empty one counts nothing, and ends nothing.
    assert_eq!(
        given.last().unwrap(),
        r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"vendor_usage":{"prompt_tokens":1,"completion_tokens":2},"skipped_events":0}"#
    );
}

#[test]
fn an_error_is_final_wherever_it_comes() {
    let error = r#"{"error":{"message":"Too slow","code":504}}"#;
    let beside = r#"{"error":{"message":"Too slow","code":504},"choices":[{"index":0,"delta":{"content":""}}],"usage":{"prompt_tokens":1}}"#;
    for payloads in [
        &[error][..],
        &[&delta(r#"{"content":"a"}"#), error, FINISH],
        &[FINISH, error, "[DONE]"],
        &[FINISH, beside, "[DONE]"],
        &[r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#],
        &[r#"{"choices":[{"index":3,"delta":{},"finish_reason":"error"}]}"#],
        &[FINISH, r#"{"message":"Internal"}"#],
    ] {
        let given = read(payloads);
        assert!(given.last().unwrap().starts_with("exception: "), "{payloads:?}: {given:?}");
    }
    let tolerated = read(&[r#"{"error":null,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#]);
    assert_eq!(tolerated, [START, STOPPED[0], STOPPED[1]]);
}

#[test]
fn every_finish_reason_has_its_word() {
    for (choice, expected, raw) in [
        (r#""finish_reason":"stop""#, "end_turn", "stop"),
        (r#""finish_reason":"eos""#, "end_turn", "eos"),
        (r#""finish_reason":"tool_calls""#, "tool_use", "tool_calls"),
        (r#""finish_reason":"function_call""#, "tool_use", "function_call"),
        (r#""finish_reason":"length""#, "max_tokens", "length"),
        (r#""finish_reason":"content_filter""#, "content_filtered", "content_filter"),
        (r#""finish_reason":"model_length""#, "model_context_window_exceeded", "model_length"),
        (r#""finish_reason":"odd""#, "odd", "odd"),
        (r#""stop_reason":"length""#, "max_tokens", "length"),
        (r#""finish_reason":"stop","stop_reason":518"#, "end_turn", "stop"),
        (r#""finish_reason":"stop","stop_reason":null"#, "end_turn", "stop"),
    ] {
        let given = read(&[&format!(r#"{{"choices":[{{"index":0,"delta":{{}},{choice}}}]}}"#), "[DONE]"]);
        let done = format!(
            r#"{{"type":"done","stop_reason":"{expected}","raw_stop_reason":"{raw}","skipped_events":0}}"#
        );
        assert_eq!(given.last(), Some(&done));
    }
    let given = read(&[r#"{"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}]}"#]);
    assert_eq!(
        given.last().unwrap(),
        r#"{"type":"done","stop_reason":"stop_sequence","raw_stop_reason":"stop","stop_sequence":"END","skipped_events":0}"#
    );
}

#[test]
fn a_guardrail_hides_the_finish_reason() {
    let given = read(&[
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{"actionReason":"blocked"}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#,
        "not read any more",
    ]);
    let done = given.last().unwrap();
    assert!(done.contains(r#""stop_reason":"guardrail_intervened","raw_stop_reason":"stop""#), "{done}");
    assert!(done.contains(r#""inputTokens":5"#) && done.contains(r#""actionReason":"blocked""#), "{done}");
}

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
            "unexpected: the event `chunk` was skipped: block 0 did not begin as this tool's",
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
            &"unexpected: the event `chunk` was skipped: it names no content block, and 2 are open"
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

#[test]
fn reasoning_has_many_names_and_is_given_once() {
    let block = |kind| format!(r#"{{"type":"block_start","block":0,"kind":"{kind}"}}"#);
    for delta in [
        r#"{"content":"","reasoning":"a"}"#,
        r#"{"content":null,"reasoning_content":"a"}"#,
        r#"{"reasoning_content":{"text":"a"}}"#,
        r#"{"reasoning":"a","reasoning_content":"a"}"#,
        r#"{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","format":null,"index":0}]}"#,
        r#"{"reasoning":null,"reasoning_details":[{"type":"reasoning.summary","summary":"a","index":0}]}"#,
        r#"{"content":"<reasoning>a</reasoning>"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}],"closed":true}]}"#,
        r#"{"content":[{"type":"thinking","thinking":"a"}]}"#,
    ] {
        assert_chunks(
            &[delta],
            &[
                &block("reasoning"),
                r#"{"type":"reasoning","block":0,"text":"a"}"#,
                r#"{"type":"block_end","block":0}"#,
            ],
        );
    }
}

#[test]
fn reasoning_is_signed_and_encrypted() {
    assert_chunks(
        &[
            r#"{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","signature":""}]}"#,
            r#"{"reasoning_details":[{"type":"reasoning.text","signature":"s"},{"type":"reasoning.encrypted","data":"gA_="},{"type":"odd","x":1}]}"#,
            r#"{"content":"b"}"#,
        ],
        &[
            r#"{"type":"block_start","block":0,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":0,"text":"a"}"#,
            r#"{"type":"unknown","member":"reasoning_details","value":{"type":"odd","x":1}}"#,
            r#"{"type":"reasoning_signature","block":0,"signature":"s"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning_redacted"}"#,
            r#"{"type":"reasoning_redacted","block":1,"data":"Z0FfPQ=="}"#,
            r#"{"type":"block_end","block":1}"#,
            r#"{"type":"block_start","block":2,"kind":"text"}"#,
            r#"{"type":"text","block":2,"text":"b"}"#,
            r#"{"type":"block_end","block":2}"#,
        ],
    );
}

#[test]
fn a_refusal_is_text_and_what_is_unknown_is_kept() {
    assert_chunks(
        &[
            r#"{"role":"assistant","content":null,"refusal":""}"#,
            r#"{"refusal":"I can't","audio":{"id":"x"},"odd":null}"#,
            r#"{"content":[{"type":"text","text":"."},{"type":"image_url","image_url":{}}]}"#,
        ],
        &[
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"I can't"}"#,
            r#"{"type":"unknown","member":"audio","value":{"id":"x"}}"#,
            r#"{"type":"text","block":0,"text":"."}"#,
            r#"{"type":"unknown","member":"content","value":{"type":"image_url","image_url":{}}}"#,
            r#"{"type":"block_end","block":0}"#,
        ],
    );
}

#[test]
fn what_may_be_a_tag_is_held_back_and_not_lost() {
    let text = |pieces: &[&str]| {
        let lines = chunks_of(pieces, FINISH);
        lines.into_iter().filter(|line| line.starts_with(r#"{"type":"text""#)).collect::<Vec<_>>()
    };
    let held = r#"{"type":"text","block":0,"text":"<rea"}"#;
    assert_eq!(text(&[r#"{"content":"<rea"}"#]), [held]);
    assert_eq!(text(&[r#"{"content":"<rea"}"#, r#"{"reasoning":"","content":"soning>"}"#]).len(), 0);
    assert_eq!(text(&[r#"{"content":"<rea"}"#, r#"{"reasoning":"r"}"#]), [held]);
    for failure in [r#"{"error":{}}"#, "[DONE]"] {
        let given = read(&[&delta(r#"{"content":"<rea"}"#), failure]);
        assert_eq!(given[2], held, "{given:?}");
    }
}

#[test]
fn models_with_choices_of_their_own_are_read() {
    for payloads in [
        &[
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":null}]}"#,
            r#"{"choices":[{"index":0,"message":{"content":""},"stop_reason":"stop"}]}"#,
        ][..],
        &[
            r#"{"choices":[{"text":"Hi","stop_reason":null}]}"#,
            r#"{"choices":[{"text":"","stop_reason":"stop"}]}"#,
        ],
        &[
            r#"{"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}]}"#,
            r#"{"choices":[{"text":"","finish_reason":"stop"}]}"#,
        ],
        // The message repeats the delta.
        &[r#"{"choices":[{"delta":{"content":"Hi"},"message":{"content":"Hi"},"finish_reason":"stop"}]}"#],
        &[r#"{"object":"chat.completion","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#],
    ] {
        assert_eq!(
            read(payloads),
            [
                START,
                r#"{"type":"block_start","block":0,"kind":"text"}"#,
                r#"{"type":"text","block":0,"text":"Hi"}"#,
                r#"{"type":"block_end","block":0}"#,
                STOPPED[0],
                STOPPED[1],
            ],
            "{payloads:?}"
        );
    }
}

#[test]
fn a_payload_that_cannot_be_read_is_skipped() {
    for payload in
        [r#"{"choices":{}}"#, r#"{"choices":[{"delta":7}]}"#, "7", "{", r#"{"choices":[],"choices":[]}"#]
    {
        let given = read(&[payload, FINISH]);
        assert!(
            given[0].starts_with("payload: ") || given[1].starts_with("payload: "),
            "{payload}: {given:?}"
        );
        assert!(given.last().unwrap().contains(r#""skipped_events":1"#), "{payload}: {given:?}");
    }
}
