use alloc::format;
use alloc::string::ToString as _;

use bedrock_stream_core::answer::Error;
use bedrock_stream_core::frame::Limits;

use super::{END, MESSAGE_START, MESSAGE_STOP, STOP_0, TEXT_START, TOOL_START, given};
use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;

fn last(payloads: &[&str]) -> alloc::string::String {
    given(payloads).pop().expect("every answer ends")
}

#[test]
fn only_message_stop_after_a_stop_reason_proves_it() {
    let no_reason = r#"{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":5}}"#;
    for payloads in [
        &[MESSAGE_START][..],
        &[MESSAGE_START, TEXT_START, STOP_0],
        &[MESSAGE_START, MESSAGE_STOP],
        &[MESSAGE_START, no_reason, MESSAGE_STOP],
        &[MESSAGE_START, END],
        &[MESSAGE_START, MESSAGE_STOP, END],
        // The reason was another message's.
        &[MESSAGE_START, END, MESSAGE_START, MESSAGE_STOP],
        &[MESSAGE_START, r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":5}}"#],
        &[MESSAGE_START, END, "[DONE]"],
    ] {
        assert!(last(payloads).starts_with("incomplete"), "{payloads:?}");
    }
    for payloads in [
        &[MESSAGE_START, END, MESSAGE_STOP][..],
        &[END, MESSAGE_STOP],
        &[MESSAGE_START, MESSAGE_STOP, END, MESSAGE_STOP],
        &[MESSAGE_START, END, no_reason, MESSAGE_STOP],
        &[MESSAGE_START, END, MESSAGE_STOP, r#"{"type":"error","error":{"type":"api_error"}}"#],
    ] {
        assert!(last(payloads).starts_with(r#"{"type":"done","stop_reason":"end_turn""#), "{payloads:?}");
    }
}

#[test]
fn usage_is_merged_member_by_member() {
    let done = last(&[
        r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":17,"cache_creation_input_tokens":30,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1,"service_tier":"standard","speed":null}}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":19,"cache_read_input_tokens":null,"output_tokens":65,"server_tool_use":{"web_search_requests":1}}}"#,
        MESSAGE_STOP,
    ]);
    assert_eq!(
        done,
        r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"end_turn","usage":{"inputTokens":19,"outputTokens":65,"totalTokens":119,"cacheReadInputTokens":5,"cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"5m","inputTokens":10},{"ttl":"1h","inputTokens":20}]},"vendor_usage":{"input_tokens":19,"cache_creation_input_tokens":30,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":65,"service_tier":"standard","speed":null,"server_tool_use":{"web_search_requests":1}},"id":"msg_1","model":"m","skipped_events":0}"#
    );
}

#[test]
fn what_is_no_usage_is_kept_and_costs_nothing_else() {
    for usage in ["5", r#"{"input_tokens":1,"input_tokens":2}"#] {
        let end =
            format!(r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn"}},"usage":{usage}}}"#);
        let given = given(&[MESSAGE_START, &end, MESSAGE_STOP]);
        assert_eq!(given[1], format!(r#"{{"type":"unknown","member":"usage","value":{usage}}}"#));
        assert!(given[3].starts_with(r#"{"type":"done""#) && !given[3].contains("vendor_usage"), "{given:?}");
    }
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":"many","output_tokens":28.0}}"#;
    let done = last(&[MESSAGE_START, end, MESSAGE_STOP]);
    assert!(
        done.contains(
            r#""usage":{"outputTokens":28},"vendor_usage":{"input_tokens":"many","output_tokens":28.0}"#
        ),
        "{done}"
    );
}

#[test]
fn stop_reasons() {
    for (word, ours) in [
        ("end_turn", "end_turn"),
        ("tool_use", "tool_use"),
        ("max_tokens", "max_tokens"),
        ("stop_sequence", "stop_sequence"),
        ("refusal", "content_filtered"),
        ("model_context_window_exceeded", "model_context_window_exceeded"),
        ("pause_turn", "pause_turn"),
        ("compaction", "compaction"),
    ] {
        let end = format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"{word}","stop_sequence":"END","stop_details":{{"type":"refusal","category":"cyber"}},"container":{{"id":"c"}},"new":1}},"context_management":{{"applied_edits":[]}}}}"#
        );
        let given = given(&[MESSAGE_START, &end, MESSAGE_STOP]);
        assert_eq!(
            given[1..],
            [
                r#"{"type":"unknown","member":"new","value":1}"#.into(),
                format!(r#"{{"type":"stop","stop_reason":"{ours}"}}"#),
                format!(
                    r#"{{"type":"done","stop_reason":"{ours}","raw_stop_reason":"{word}","id":"msg_1","model":"m","stop_sequence":"END","stop_details":{{"type":"refusal","category":"cyber"}},"container":{{"id":"c"}},"context_management":{{"applied_edits":[]}},"skipped_events":0}}"#
                ),
            ]
        );
    }
}

#[test]
fn message_stop_has_what_bedrock_measured_and_its_guardrail_did() {
    let stop = r#"{"type":"message_stop","amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{"actionReason":"blocked"}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":4,"invocationLatency":7},"p":"ab"}"#;
    assert_eq!(
        last(&[MESSAGE_START, END, stop]),
        r#"{"type":"done","stop_reason":"guardrail_intervened","raw_stop_reason":"end_turn","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"invocation_metrics":{"inputTokenCount":3,"outputTokenCount":4,"invocationLatency":7},"metrics":{"latencyMs":7},"trace":{"guardrail":{"actionReason":"blocked"}},"id":"msg_1","model":"m","skipped_events":0}"#
    );
}

#[test]
fn arguments_cut_at_the_limit_are_told() {
    let given = given(&[
        MESSAGE_START,
        TOOL_START,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":[1"}}"#,
        STOP_0,
        r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"#,
        MESSAGE_STOP,
    ]);
    assert_eq!(
        given[3],
        r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":"{\"a\":[1","input_error":"malformed"}"#
    );
    assert_eq!(given[4], r#"{"type":"stop","stop_reason":"max_tokens"}"#);
}

#[test]
fn an_error_is_final() {
    for (payload, name, status, is_retryable) in [
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "overloaded_error",
            Some(529),
            true,
        ),
        (
            r#"{"type":"error","error":{"type":"invalid_request_error"}}"#,
            "invalid_request_error",
            Some(400),
            false,
        ),
        (r#"{"type":"message_delta","error":{"message":"m"}}"#, "error", None, false),
        (r#"{"error":{"message":"m"}}"#, "error", None, false),
        (r#"{"message":"m"}"#, "error", None, false),
    ] {
        let mut decoder = PayloadDecoder::new(Some(Dialect::Messages));
        for payload in [MESSAGE_START, END, payload, MESSAGE_STOP] {
            decoder.apply(None, payload);
        }
        while let Ok(Some(_)) = decoder.next_chunk() {}
        let Err(Error::Exception(error)) = decoder.finish() else { panic!("{payload}") };
        assert_eq!((&*error.name, error.http_status(), error.is_retryable()), (name, status, is_retryable));
        assert!(!error.after_stop && !decoder.is_done(), "{payload}");
    }
}

#[test]
fn what_the_end_keeps_is_bounded() {
    let mut decoder =
        PayloadDecoder::with_limits(Some(Dialect::Messages), Limits::default().with_max_state_len(4096));
    decoder.apply(None, MESSAGE_START);
    let mut errors = 0;
    for index in 0..1000 {
        let usage =
            format!(r#"{{"type":"message_delta","delta":{{}},"usage":{{"n{index}":"{index:0100}"}}}}"#);
        decoder.apply(None, &usage);
        loop {
            match decoder.next_chunk() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    assert!(error.to_string().contains("the limit is 4096"), "{error}");
                    errors += 1;
                }
            }
        }
    }
    assert_eq!(errors, 1, "it is told once");
    let done = decoder.ending();
    let kept = done.vendor_usage.expect("there was room for some").as_str().len();
    assert!((1000..4096).contains(&kept), "{kept}");
    assert!(done.skipped_events > 900, "{}", done.skipped_events);
    // A new message frees what the one before used.
    for _ in 0..100 {
        decoder.apply(None, MESSAGE_START);
        decoder.apply(None, r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":7}}"#);
        while !matches!(decoder.next_chunk(), Ok(None)) {}
    }
    assert_eq!(decoder.ending().vendor_usage.expect("there was one").as_str(), r#"{"output_tokens":7}"#);
}
