//! Undocumented behaviour of Bedrock and its proxies, and bugs that it caused in other programs: one test each, named
//! after what it prevents. Timeouts and HTTP are tested in the HTTP crates.

use bedrock_stream_core::answer::{Chunk, Error, StopReason};
use bedrock_stream_core::converse::ChunkDecoder;

use super::steps::{check, content_lines, steps};
use super::wire::{DONE, STOP, USAGE, stream};

#[test]
fn text_without_a_start_is_not_lost() {
    check(
        &format!("{TEXT}{STOP}{USAGE}"),
        &format!("{TEXT_CHUNK}\n{{\"type\":\"block_end\",\"block\":0}}\n{DONE}"),
    );
}

#[test]
fn blocks_are_not_numbered_by_arrival() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":4,"delta":{{"text":"late"}}}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"toolUse":{{"toolUseId":"t","name":"f"}}}}}}
            contentBlockDelta {{"contentBlockIndex":4,"delta":{{"text":"r"}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"toolUse":{{"input":"{{}}"}}}}}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"text","block":4,"text":"late"}}
            {{"type":"tool_call_start","block":1,"id":"t","name":"f"}}
            {{"type":"text","block":4,"text":"r"}}
            {{"type":"tool_call_delta","block":1,"id":"t","arguments_delta":"{{}}"}}
            {{"type":"tool_call_end","block":1,"id":"t","name":"f","input":{{}}}}
            {{"type":"block_end","block":4}}
            {DONE}"#
        ),
    );
}

#[test]
fn usage_after_message_stop_is_not_lost() {
    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(STOP));
    while decoder.next_chunk().unwrap().is_some() {}
    assert!(!decoder.is_done());
    decoder.push(&stream(USAGE));
    let Ok(Some(Chunk::Done(done))) = decoder.next_chunk() else { panic!() };
    assert_eq!(done.usage.unwrap().total_tokens, Some(3));
}

#[test]
fn metadata_at_the_end_does_not_fabricate_a_finish() {
    check(&format!("{TEXT}{USAGE}"), &format!("{TEXT_CHUNK}\nincomplete InsideBlocks [0]"));
}

#[test]
fn metadata_with_only_metrics_does_not_erase_usage() {
    let metrics = "metadata {\"metrics\":{\"latencyMs\":1}}\n";
    for script in [format!("{USAGE}{metrics}{STOP}"), format!("{metrics}{USAGE}{STOP}")] {
        let steps = steps(&stream(&script));
        let [.., Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        assert!(done.usage.is_some() && done.metrics.is_some());
    }
}

#[test]
fn a_body_that_ends_cleanly_without_message_stop_is_not_end_turn() {
    check(
        &format!(
            "messageStart {{\"role\":\"assistant\"}}\n{TEXT}contentBlockStop {{\"contentBlockIndex\":0}}"
        ),
        &format!(
            r#"{{"type":"start","role":"assistant"}}
            {TEXT_CHUNK}
            {{"type":"block_end","block":0}}
            incomplete BeforeMessageStop []"#
        ),
    );
}

#[test]
fn reasoning_without_its_signature_is_not_complete() {
    check(
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#,
        r#"{"type":"reasoning","block":0,"text":"hm"}
        incomplete InsideBlocks [0]"#,
    );
}

#[test]
fn a_stream_without_messages_is_not_an_empty_answer() {
    check("", "incomplete BeforeStart []");
}

#[test]
fn a_cut_inside_a_message_is_not_a_clean_end() {
    let bytes = stream(&format!("{TEXT}{TEXT}"));
    for cut in bytes.len() / 2 + 1..bytes.len() {
        let steps = steps(&bytes[..cut]);
        assert_eq!(content_lines(&steps), [TEXT_CHUNK, "incomplete InsideMessage [0]"], "{cut}");
    }
}

#[test]
fn an_exception_without_a_wrapper_is_not_dropped() {
    check(
        &format!("{TEXT}throttlingException {{\"message\":\"m\"}}"),
        &format!("{TEXT_CHUNK}\nexception throttlingException: m"),
    );
}

#[test]
fn the_original_message_of_a_model_error_is_not_dropped() {
    let steps = steps(&stream(
        "modelStreamErrorException {\"message\":\"m\",\"originalStatusCode\":529,\"originalMessage\":\"overloaded\"}",
    ));
    let [Err(error @ Error::Exception(exception))] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(exception.original_message.as_deref(), Some("overloaded"));
    assert_eq!(error.http_status(), Some(529));
    assert!(error.to_string().contains("overloaded"));
}

#[test]
fn an_error_message_is_not_an_unknown_event() {
    check("error ServiceUnavailable m", "error ServiceUnavailable: m");
}

#[test]
fn a_tool_without_arguments_is_called_with_an_empty_object() {
    for deltas in ["", r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":""}}}"#] {
        check(
            &format!("{TOOL}{deltas}\ncontentBlockStop {{\"contentBlockIndex\":0}}\n{STOP}{USAGE}"),
            &format!(
                "{TOOL_CHUNK}\n{}\n{DONE}",
                r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":{}}"#
            ),
        );
    }
}

#[test]
fn arguments_that_are_not_json_do_not_become_an_empty_object() {
    check(
        &format!(
            r#"{TOOL}contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"{{\"a\": oops"}}}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{TOOL_CHUNK}
            {{"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"{{\"a\": oops"}}
            {{"type":"tool_call_end","block":0,"id":"t","name":"f","input":"{{\"a\": oops","input_error":"malformed"}}
            {DONE}"#
        ),
    );
}

#[test]
fn a_tool_call_cut_by_max_tokens_is_closed_and_marked() {
    check(
        &format!(
            r#"{TOOL}contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"{{\"a\":"}}}}}}
            messageStop {{"stopReason":"max_tokens"}}
            {USAGE}"#
        ),
        &format!(
            r#"{TOOL_CHUNK}
            {{"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"{{\"a\":"}}
            {{"type":"tool_call_end","block":0,"id":"t","name":"f","input":"{{\"a\":","input_error":"truncated"}}
            {}"#,
            DONE.replace("end_turn", "max_tokens")
        ),
    );
}

#[test]
fn no_known_reason_is_read_as_an_unknown_one() {
    for reason in StopReason::KNOWN {
        let steps = steps(&stream(&format!("messageStop {{\"stopReason\":\"{reason}\"}}\n{USAGE}")));
        let [.., Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(&done.stop_reason, reason);
    }
}

#[test]
fn a_signature_without_text_is_not_lost_and_stays_with_its_block() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"reasoningContent":{{"signature":"s0"}}}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"text":"b"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"signature":"s1"}}}}}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"reasoning_signature","block":0,"signature":"s0"}}
            {{"type":"block_end","block":0}}
            {{"type":"reasoning","block":1,"text":"b"}}
            {{"type":"reasoning_signature","block":1,"signature":"s1"}}
            {{"type":"block_end","block":1}}
            {DONE}"#
        ),
    );
}

#[test]
fn a_lone_surrogate_does_not_fail_the_stream() {
    check(
        &format!(
            "contentBlockDelta {{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"a\\ud83d\"}}}}\n{STOP}{USAGE}"
        ),
        &format!(
            "{{\"type\":\"text\",\"block\":0,\"text\":\"a\u{fffd}\"}}\n{{\"type\":\"block_end\",\"block\":0}}\n{DONE}"
        ),
    );
}

#[test]
fn a_grapheme_cut_between_deltas_is_passed_on_whole() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let deltas: String = family
        .chars()
        .map(|c| format!("contentBlockDelta {{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{c}\"}}}}\n"))
        .collect();
    let steps = steps(&stream(&format!("{deltas}{STOP}{USAGE}")));
    let text: String = steps
        .iter()
        .filter_map(|step| match step {
            Ok(Chunk::Text { text, .. }) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(text, family);
}

#[test]
fn a_block_of_empty_text_shows_nothing() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":""}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            {STOP}{USAGE}"#
        ),
        DONE,
    );
}

#[test]
fn floats_written_with_a_guardrail_do_not_lose_their_event() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0.0,"delta":{{"text":"a"}}}}
            {STOP}metadata {{"usage":{{"inputTokens":28.0}},"metrics":{{"latencyMs":1.2e3}}}}"#
        ),
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"end_turn","usage":{"inputTokens":28},"metrics":{"latencyMs":1200},"skipped_events":0}"#,
    );
}

#[test]
fn guardrail_findings_are_not_lost() {
    let steps = steps(&stream(
        r#"messageStop {"stopReason":"guardrail_intervened"}
        metadata {"usage":{},"trace":{"guardrail":{"inputAssessment":{"id":{"topicPolicy":{"topics":[{"name":"n"}]}}}}}}"#,
    ));
    let [.., Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(done.stop_reason, StopReason::GuardrailIntervened);
    let found = done.trace.clone().unwrap().guardrail.unwrap().input_assessment.unwrap();
    assert_eq!(found["id"].as_str(), r#"{"topicPolicy":{"topics":[{"name":"n"}]}}"#);
}

#[test]
fn text_that_a_proxy_starts_and_never_stops_is_read() {
    check(
        &format!(
            r#"contentBlockStart {{"contentBlockIndex":0,"start":{{}}}}
            {TEXT}{STOP}{USAGE}"#
        ),
        &format!("{TEXT_CHUNK}\n{{\"type\":\"block_end\",\"block\":0}}\n{DONE}"),
    );
}

#[test]
fn a_connection_can_be_read_to_its_end_after_done() {
    let bytes = [stream(&format!("{STOP}{USAGE}")), stream(TEXT), stream(TEXT)].concat();
    let mut decoder = ChunkDecoder::new();
    let mut input = &bytes[..];
    while !matches!(decoder.next_from(&mut input), Ok(Some(Chunk::Done(_)))) {}
    assert_eq!(decoder.next_from(&mut input), Ok(None));
    assert!(input.is_empty());
}

pub(super) const TEXT: &str = "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\"}}\n";
pub(super) const TEXT_CHUNK: &str = r#"{"type":"text","block":0,"text":"a"}"#;
const TOOL: &str = "contentBlockStart {\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"f\"}}}\n";
const TOOL_CHUNK: &str = r#"{"type":"tool_call_start","block":0,"id":"t","name":"f"}"#;
