use alloc::format;
use alloc::string::ToString;

use super::{FINISH, START, STOPPED, delta, read};

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
        (&[r#"{"choices":[{"delta":{},"finish_reason":"stop","finish_reason":null}]}"#], false),
        (&[r#"{"choices":[{"delta":{},"finish_reason":null,"finish_reason":"stop"}]}"#], true),
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
fn another_choice_is_told_as_it_was_sent_and_is_no_part_of_the_text() {
    let other = r#"{"index":1,"logprobs":null,"delta":{"content": "b"},"finish_reason":"length"}"#;
    let given = read(&[
        &format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"a"}}}},null,{other}]}}"#),
        r#"{"choices":[{"index":2,"delta":{"role":"assistant"}}]}"#,
        r#"{"choices":[{"index":2,"delta":{},"finish_reason":"stop"},{"index":0,"finish_reason":"stop"}]}"#,
    ]);
    let told = |choice: &str| format!(r#"{{"type":"unknown","member":"choices","value":{choice}}}"#);
    assert_eq!(
        given,
        [
            START.to_string(),
            r#"{"type":"block_start","block":0,"kind":"text"}"#.into(),
            r#"{"type":"text","block":0,"text":"a"}"#.into(),
            told(other),
            told(r#"{"index":2,"delta":{"role":"assistant"}}"#),
            told(r#"{"index":2,"delta":{},"finish_reason":"stop"}"#),
            r#"{"type":"block_end","block":0}"#.into(),
            STOPPED[0].into(),
            STOPPED[1].into(),
        ]
    );
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
fn an_object_called_error_is_an_error_in_every_position() {
    let error = r#"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#;
    let text = delta(r#"{"content":"a"}"#);
    for payloads in [
        &[error][..],
        &[&text, error, "[DONE]"],
        &[&text, FINISH, error, "[DONE]"],
        &[&text, "[DONE]", error],
    ] {
        let given = read(payloads);
        assert_eq!(
            given.last().unwrap(),
            "exception: Bedrock ended the stream with BadRequestError: m",
            "{payloads:?}: {given:?}"
        );
    }
}

#[test]
fn an_error_among_what_groq_adds_is_one() {
    let error = r#"{"choices":[{"index":0,"delta":{},"finish_reason":null}],"x_groq":{"id":"req_1","error":"over capacity"}}"#;
    let text = delta(r#"{"content":"a"}"#);
    for payloads in [&[error][..], &[&text, error, "[DONE]"], &[&text, FINISH, error, "[DONE]"]] {
        let given = read(payloads);
        assert_eq!(
            given.last().unwrap(),
            "exception: Bedrock ended the stream with error: over capacity",
            "{payloads:?}: {given:?}"
        );
    }
    let usage = r#"{"choices":[],"x_groq":{"id":"req_1","error":null,"usage":{"prompt_tokens":3,"completion_tokens":4}}}"#;
    let given = read(&[&text, FINISH, usage]);
    assert!(given.last().unwrap().contains(r#""usage":{"inputTokens":3,"outputTokens":4"#), "{given:?}");
}

#[test]
fn the_error_of_a_choice_gives_the_failure_its_words() {
    let payload = r#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"m"}}]}"#;
    assert_eq!(read(&[payload]), [START, "exception: Bedrock ended the stream with 502: m"]);
}

#[test]
fn an_empty_id_replaces_none() {
    let first =
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    let late = r#"{"id":"","model":"","choices":[{"index":0,"finish_reason":null}]}"#;
    let given = read(&[first, late, "[DONE]"]);
    let done = given.last().unwrap();
    assert!(done.contains(r#""id":"c","model":"m""#), "{done}");
}
