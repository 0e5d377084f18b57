//! The rules of order: what each stream gives, C3 to C7 and C9.

use bedrock_stream_core::converse::{Chunk, Chunker, Error, Event, Exception, Json, StopReason, ToolInput};

use super::steps::{check, line, steps};
use super::wire::{DONE, STOP, USAGE, decode, stream};

#[test]
fn c3_a_plain_answer() {
    check(
        &format!(
            r#"messageStart {{"role":"assistant"}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"Hel"}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"lo"}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"start","role":"assistant"}}
            {{"type":"text","block":0,"text":"Hel"}}
            {{"type":"text","block":0,"text":"lo"}}
            {{"type":"block_end","block":0}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_reasoning_in_all_its_forms() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"reasoningContent":{{"text":"hm"}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"reasoningContent":{{"text":""}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"reasoningContent":{{"signature":"sig=="}}}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"redactedContent":"QUJD"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"next":[1.0]}}}}}}
            contentBlockStop {{"contentBlockIndex":1}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"reasoning","block":0,"text":"hm"}}
            {{"type":"reasoning_signature","block":0,"signature":"sig=="}}
            {{"type":"block_end","block":0}}
            {{"type":"reasoning_redacted","block":1,"data":"QUJD"}}
            {{"type":"unknown","member":"next","block":1,"value":[1.0]}}
            {{"type":"block_end","block":1}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_tool_results_images_and_citations_with_every_member() {
    check(
        &format!(
            r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolResult":{{"toolUseId":"t1","type":"nova_grounding_result","status":"success"}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolResult":[{{"text":"a"}},{{"json":{{"n":1.0e5}}}},{{"new":0}}]}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"image":{{"format":"png"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"image":{{"source":{{"bytes":"QUJD"}}}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"image":{{"error":{{"message":"no"}}}}}}}}
            contentBlockStop {{"contentBlockIndex":1}}
            contentBlockDelta {{"contentBlockIndex":2,"delta":{{"citation":{{"title":"T","source":"S","sourceContent":[{{"text":"c"}}],"location":{{"web":{{"url":"u","domain":"d"}}}},"more":null}}}}}}
            contentBlockDelta {{"contentBlockIndex":2,"delta":{{"text":"said"}}}}
            contentBlockStop {{"contentBlockIndex":2}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"tool_result_start","block":0,"id":"t1","kind":"nova_grounding_result","status":"success"}}
            {{"type":"tool_result","block":0,"id":"t1","content":[{{"text":"a"}},{{"json":{{"n":1.0e5}}}},{{"new":0}}]}}
            {{"type":"block_end","block":0}}
            {{"type":"image_start","block":1,"format":"png"}}
            {{"type":"image","block":1,"image":{{"source":{{"bytes":"QUJD"}}}}}}
            {{"type":"image","block":1,"image":{{"error":{{"message":"no"}}}}}}
            {{"type":"block_end","block":1}}
            {{"type":"citation","block":2,"citation":{{"title":"T","source":"S","sourceContent":[{{"text":"c"}}],"location":{{"web":{{"url":"u","domain":"d"}}}},"more":null}}}}
            {{"type":"text","block":2,"text":"said"}}
            {{"type":"block_end","block":2}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_parallel_tool_calls_that_interleave_stay_apart() {
    check(
        &format!(
            r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolUse":{{"toolUseId":"a","name":"f"}}}}}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"toolUse":{{"toolUseId":"b","name":"g","type":"server_tool_use"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"toolUse":{{"input":"{{\"y\":"}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"{{\"x\":"}}}}}}
            contentBlockDelta {{"contentBlockIndex":2,"delta":{{"text":"meanwhile"}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"toolUse":{{"input":"2}}"}}}}}}
            contentBlockStop {{"contentBlockIndex":1}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"1.0}}"}}}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockStop {{"contentBlockIndex":2}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"tool_call_start","block":0,"id":"a","name":"f"}}
            {{"type":"tool_call_start","block":1,"id":"b","name":"g","kind":"server_tool_use"}}
            {{"type":"tool_call_delta","block":1,"id":"b","arguments_delta":"{{\"y\":"}}
            {{"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"{{\"x\":"}}
            {{"type":"text","block":2,"text":"meanwhile"}}
            {{"type":"tool_call_delta","block":1,"id":"b","arguments_delta":"2}}"}}
            {{"type":"tool_call_end","block":1,"id":"b","name":"g","input":{{"y":2}}}}
            {{"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"1.0}}"}}
            {{"type":"tool_call_end","block":0,"id":"a","name":"f","input":{{"x":1.0}}}}
            {{"type":"block_end","block":2}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_an_empty_delta_yields_no_chunk_but_opens_its_block() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":""}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"toolUse":{{"toolUseId":"a","name":"f"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"toolUse":{{"input":""}}}}}}
            contentBlockStop {{"contentBlockIndex":1}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"block_end","block":0}}
            {{"type":"tool_call_start","block":1,"id":"a","name":"f"}}
            {{"type":"tool_call_end","block":1,"id":"a","name":"f","input":{{}}}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_several_members_in_one_delta_each_give_their_chunk() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":3,"delta":{{"text":"a","citation":{{"title":"T"}},"future":[],"reasoningContent":{{"text":"r","signature":"s"}}}}}}
            contentBlockStop {{"contentBlockIndex":3}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"text","block":3,"text":"a"}}
            {{"type":"citation","block":3,"citation":{{"title":"T"}}}}
            {{"type":"unknown","member":"future","block":3,"value":[]}}
            {{"type":"reasoning","block":3,"text":"r"}}
            {{"type":"reasoning_signature","block":3,"signature":"s"}}
            {{"type":"block_end","block":3}}
            {DONE}"#
        ),
    );
}

#[test]
fn c2_c3_whatever_is_unknown_becomes_an_unknown_chunk_and_keeps_its_text() {
    check(
        &format!(
            r#"messageStart {{"role":"assistant","conversationId":1.50}}
            heartbeat {{"z":1e3,"a":null}}
            heartbeat
            contentBlockStart {{"contentBlockIndex":0,"start":{{"hologram":{{"depth":3.0}}}},"extra":1}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"hologram":"\ud83d"}},"logprobs":[-0.10]}}
            contentBlockStop {{"contentBlockIndex":0,"why":"over"}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"toolUse":{{"toolUseId":"a","name":"f","mood":"calm"}}}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"toolUse":{{"input":"1","hint":true}}}}}}
            contentBlockStop {{"contentBlockIndex":1}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"start","role":"assistant"}}
            {{"type":"unknown","member":"conversationId","value":1.50}}
            {{"type":"unknown","event":"heartbeat","value":{{"z":1e3,"a":null}}}}
            {{"type":"unknown","event":"heartbeat","value":null}}
            {{"type":"unknown","member":"hologram","block":0,"value":{{"depth":3.0}}}}
            {{"type":"unknown","member":"extra","block":0,"value":1}}
            {{"type":"unknown","member":"hologram","block":0,"value":"\ud83d"}}
            {{"type":"unknown","member":"logprobs","block":0,"value":[-0.10]}}
            {{"type":"unknown","member":"why","block":0,"value":"over"}}
            {{"type":"block_end","block":0}}
            {{"type":"tool_call_start","block":1,"id":"a","name":"f"}}
            {{"type":"unknown","member":"mood","block":1,"value":"calm"}}
            {{"type":"tool_call_delta","block":1,"id":"a","arguments_delta":"1"}}
            {{"type":"unknown","member":"hint","block":1,"value":true}}
            {{"type":"tool_call_end","block":1,"id":"a","name":"f","input":1}}
            {DONE}"#
        ),
    );
}

#[test]
fn c2_unknown_names_of_enums_are_data() {
    check(
        &format!(
            r#"messageStart {{"role":"oracle"}}
            contentBlockStart {{"contentBlockIndex":0,"start":{{"toolResult":{{"toolUseId":"a","status":"maybe"}}}}}}
            contentBlockStart {{"contentBlockIndex":1,"start":{{"image":{{"format":"avif"}}}}}}
            messageStop {{"stopReason":"bored"}}
            {USAGE}"#
        ),
        r#"{"type":"start","role":"oracle"}
        {"type":"tool_result_start","block":0,"id":"a","status":"maybe"}
        {"type":"image_start","block":1,"format":"avif"}
        {"type":"block_end","block":0}
        {"type":"block_end","block":1}
        {"type":"done","stop_reason":"bored","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"skipped_events":0}"#,
    );
}

#[test]
fn c3_done_has_every_member_of_message_stop_and_metadata() {
    check(
        r#"messageStop {"stopReason":"stop_sequence","additionalModelResponseFields":{"delta":{"stop_sequence":"\u0041"},"b":1.0,"a":null},"novel":{"x":1e0}}
        metadata {"metrics":{"latencyMs":28.0,"q":1},"performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"flex"},"trace":{"guardrail":{"actionReason":"r","modelOutput":["m"],"inputAssessment":{"g":{"n":1.0}},"outputAssessments":{"g":[{"n":2.0}]}},"promptRouter":{"invokedModelId":"i"}},"usage":{"inputTokens":1.0,"outputTokens":2,"totalTokens":3,"cacheReadInputTokens":4,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":5}],"serverToolUsage":{}},"also":[2.0]}"#,
        r#"{"type":"done","stop_reason":"stop_sequence","additional_model_response_fields":{"delta":{"stop_sequence":"\u0041"},"b":1.0,"a":null},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3,"cacheReadInputTokens":4,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":5}],"serverToolUsage":{}},"metrics":{"latencyMs":28,"q":1},"trace":{"guardrail":{"modelOutput":["m"],"inputAssessment":{"g":{"n":1.0}},"outputAssessments":{"g":[{"n":2.0}]},"actionReason":"r"},"promptRouter":{"invokedModelId":"i"}},"performance_config":{"latency":"optimized"},"service_tier":{"type":"flex"},"novel":{"x":1e0},"also":[2.0],"skipped_events":0}"#,
    );
}

#[test]
fn c4_metadata_before_message_stop_proves_as_well() {
    check(&format!("{USAGE}{STOP}"), DONE);
    check(
        &format!(
            r#"{USAGE}contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            {STOP}"#
        ),
        &format!(
            r#"{{"type":"text","block":0,"text":"a"}}
            {{"type":"block_end","block":0}}
            {DONE}"#
        ),
    );
}

#[test]
fn c4_metadata_alone_proves_nothing() {
    check(USAGE, "incomplete BeforeMessageStop []");
    check(
        &format!(r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}{}{USAGE}"#, '\n'),
        r#"{"type":"text","block":0,"text":"a"}
        incomplete InsideBlocks [0]"#,
    );
}

#[test]
fn c4_without_usage_the_end_of_the_stream_proves() {
    check(STOP, r#"{"type":"done","stop_reason":"end_turn","skipped_events":0}"#);
    check(
        &format!(r#"{STOP}metadata {{"metrics":{{"latencyMs":5}},"usage":null}}"#),
        r#"{"type":"done","stop_reason":"end_turn","metrics":{"latencyMs":5},"skipped_events":0}"#,
    );
}

#[test]
fn c4_several_metadata_merge_member_by_member() {
    for order in [
        ["{\"metrics\":{\"latencyMs\":7},\"x\":1}", "{\"serviceTier\":{\"type\":\"flex\"},\"x\":2,\"y\":3}"],
        ["{\"serviceTier\":{\"type\":\"flex\"},\"y\":3,\"x\":0}", "{\"metrics\":{\"latencyMs\":7},\"x\":2}"],
    ] {
        let [first, second] = order;
        let script =
            format!("metadata {first}\nmetadata {second}\n{USAGE}metadata {{\"trace\":{{}}}}\n{STOP}");
        let steps = steps(&stream(&script));
        let [Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(done.usage.as_ref().unwrap().output_tokens, Some(2));
        assert_eq!(done.metrics.as_ref().unwrap().latency_ms, Some(7));
        assert!(done.service_tier.is_some() && done.trace.is_some());
        assert_eq!(done.other.value("x"), Some(&Json::from_text("2").unwrap()));
        assert_eq!(done.other.value("y"), Some(&Json::from_text("3").unwrap()));
        assert_eq!(done.other.len(), 2);
    }
}

#[test]
fn c4_metrics_after_usage_do_not_erase_it() {
    check(
        &format!("{USAGE}metadata {{\"metrics\":{{\"latencyMs\":9}}}}\n{STOP}"),
        r#"{"type":"done","stop_reason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":9},"skipped_events":0}"#,
    );
}

#[test]
fn c4_after_done_events_exceptions_and_errors_change_nothing() {
    for more in [
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"late"}}"#,
        r#"throttlingException {"message":"late"}"#,
        "error InternalError late",
        "messageStart {}",
        "messageStop {\"stopReason\":\"max_tokens\"}",
        "metadata {\"metrics\":{\"latencyMs\":1}}",
        "contentBlockDelta not JSON",
    ] {
        check(&format!("{STOP}{USAGE}{more}\n"), DONE);
    }
}

#[test]
fn c5_the_end_of_the_stream_tells_where_it_came() {
    check("", "incomplete BeforeStart []");
    check(
        "messageStart {}",
        r#"{"type":"start","role":"assistant"}
        incomplete BeforeMessageStop []"#,
    );
    check(
        r#"contentBlockDelta {"contentBlockIndex":7,"delta":{"text":"a"}}
        contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":4,"delta":{"text":"b"}}
        contentBlockStop {"contentBlockIndex":4}"#,
        r#"{"type":"text","block":7,"text":"a"}
        {"type":"tool_call_start","block":2,"id":"a","name":"f"}
        {"type":"text","block":4,"text":"b"}
        {"type":"block_end","block":4}
        incomplete InsideBlocks [2, 7]"#,
    );
    check(
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
        contentBlockStop {"contentBlockIndex":0}"#,
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"block_end","block":0}
        incomplete BeforeMessageStop []"#,
    );
    check("contentBlockDelta broken", "spoiled payload: contentBlockDelta\nincomplete BeforeMessageStop []");
}

#[test]
fn c7_what_loses_nothing_is_tolerated() {
    // No messageStart, no role, `start:{}`, `delta:{}`, a stop for a block that is not open, missing stops, no reason.
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
        contentBlockStop {"contentBlockIndex":5}
        contentBlockStart {"contentBlockIndex":1}
        contentBlockDelta {"contentBlockIndex":1,"delta":null}
        contentBlockDelta {"contentBlockIndex":1}
        messageStart {"role":null}
        contentBlockStop {"contentBlockIndex":1}
        contentBlockStop {"contentBlockIndex":1}
        messageStop {}"#,
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"start","role":"assistant"}
        {"type":"block_end","block":1}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"","skipped_events":0}"#,
    );
}

#[test]
fn c7_a_stop_without_an_index_closes_the_one_open_block_and_is_spoiled_if_there_are_more() {
    check(
        r#"contentBlockStop {}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"b"}}
        contentBlockStop {}
        contentBlockStop {"contentBlockIndex":1}
        contentBlockStop {}
        messageStop {}"#,
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"text","block":1,"text":"b"}
        spoiled contentBlockStop: NoIndex { open: 2 }
        {"type":"block_end","block":1}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"","skipped_events":1}"#,
    );
}

#[test]
fn c7_missing_stops_are_made_up_for_at_message_stop_in_the_order_of_the_blocks() {
    check(
        &format!(
            r#"contentBlockStart {{"contentBlockIndex":2,"start":{{"toolUse":{{"toolUseId":"a","name":"f"}}}}}}
            contentBlockDelta {{"contentBlockIndex":2,"delta":{{"toolUse":{{"input":"[1]"}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"text":"b"}}}}}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"tool_call_start","block":2,"id":"a","name":"f"}}
            {{"type":"tool_call_delta","block":2,"id":"a","arguments_delta":"[1]"}}
            {{"type":"text","block":0,"text":"a"}}
            {{"type":"reasoning","block":1,"text":"b"}}
            {{"type":"block_end","block":0}}
            {{"type":"block_end","block":1}}
            {{"type":"tool_call_end","block":2,"id":"a","name":"f","input":[1]}}
            {DONE}"#
        ),
    );
}

#[test]
fn c7_a_delta_without_an_index_belongs_to_the_one_open_block() {
    check(
        r#"contentBlockDelta {"delta":{"text":"whose?"}}
        contentBlockDelta {"contentBlockIndex":3,"delta":{"text":"a"}}
        contentBlockDelta {"delta":{"text":"b"}}
        contentBlockStart {"contentBlockIndex":4,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}
        contentBlockDelta {"delta":{"text":"whose?"}}
        contentBlockStop {"contentBlockIndex":3}
        contentBlockDelta {"delta":{"toolUse":{"input":"{}"}}}
        contentBlockStop {}
        messageStop {"stopReason":"tool_use"}"#,
        r#"spoiled contentBlockDelta: NoIndex { open: 0 }
        {"type":"text","block":3,"text":"a"}
        {"type":"text","block":3,"text":"b"}
        {"type":"tool_call_start","block":4,"id":"t","name":"f"}
        spoiled contentBlockDelta: NoIndex { open: 2 }
        {"type":"block_end","block":3}
        {"type":"tool_call_delta","block":4,"id":"t","arguments_delta":"{}"}
        {"type":"tool_call_end","block":4,"id":"t","name":"f","input":{}}
        {"type":"done","stop_reason":"tool_use","skipped_events":2}"#,
    );
}

#[test]
fn c7_a_tool_delta_without_its_start_is_spoiled_and_decoding_goes_on() {
    let script = r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"a"}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}
        contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}
        contentBlockStop {"contentBlockIndex":2}
        contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":"{}"}}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"toolResult":[{"text":"r"}]}}
        messageStop {"stopReason":"tool_use"}"#;
    check(
        script,
        r#"spoiled contentBlockDelta: NoStart { block: 0 }
        {"type":"text","block":1,"text":"a"}
        spoiled contentBlockDelta: NoStart { block: 1 }
        {"type":"tool_call_start","block":2,"id":"t","name":"f"}
        {"type":"tool_call_end","block":2,"id":"t","name":"f","input":{}}
        spoiled contentBlockDelta: NoStart { block: 2 }
        spoiled contentBlockDelta: NoStart { block: 1 }
        {"type":"block_end","block":1}
        {"type":"done","stop_reason":"tool_use","skipped_events":4}"#,
    );
    for step in steps(&stream(script)) {
        if let Err(error) = step {
            assert!(!error.is_final(), "{error}");
            assert!(!error.is_retryable() && error.http_status().is_none());
        }
    }
}

#[test]
fn c7_a_tool_start_without_id_or_name_is_spoiled_and_so_are_its_deltas() {
    for start in [
        r#"{"toolUse":{"name":"f"}}"#,
        r#"{"toolUse":{"toolUseId":"t"}}"#,
        r#"{"toolUse":{"toolUseId":null,"name":"f"}}"#,
        r#"{"toolUse":{"toolUseId":"","name":"f"}}"#,
        r#"{"toolUse":{"toolUseId":"t","name":""}}"#,
        r#"{"toolUse":{}}"#,
    ] {
        check(
            &format!(
                r#"contentBlockStart {{"contentBlockIndex":0,"start":{start}}}
                contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"1"}}}}}}
                contentBlockDelta {{"contentBlockIndex":1,"delta":{{"text":"on"}}}}
                messageStop {{}}"#
            ),
            r#"spoiled contentBlockStart: Anonymous
            spoiled contentBlockDelta: NoStart { block: 0 }
            {"type":"text","block":1,"text":"on"}
            {"type":"block_end","block":1}
            {"type":"done","stop_reason":"","skipped_events":2}"#,
        );
    }
}

#[test]
fn c7_a_nameless_tool_start_does_not_lend_its_deltas_to_the_block_before_it() {
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"1"}}}
        contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"b"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"2"}}}
        messageStop {}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"1"}
        spoiled contentBlockStart: Anonymous
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":1}
        spoiled contentBlockDelta: NoStart { block: 0 }
        {"type":"done","stop_reason":"","skipped_events":2}"#,
    );
}

#[test]
fn c7_a_start_for_a_block_that_is_open_closes_it_first() {
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"cut"}}}
        contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"b","name":"g"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"2"}}}
        contentBlockStop {"contentBlockIndex":0}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"again"}}
        contentBlockStart {"contentBlockIndex":0,"start":{"image":{}}}
        contentBlockStart {"contentBlockIndex":0,"start":{}}
        messageStop {}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"{\"cut"}
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":"{\"cut"}
        {"type":"tool_call_start","block":0,"id":"b","name":"g"}
        {"type":"tool_call_delta","block":0,"id":"b","arguments_delta":"2"}
        {"type":"tool_call_end","block":0,"id":"b","name":"g","input":2}
        {"type":"text","block":0,"text":"again"}
        {"type":"block_end","block":0}
        {"type":"image_start","block":0}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"","skipped_events":0}"#,
    );
}

#[test]
fn c7_a_second_beginning_or_end_of_the_message_is_told_and_changes_nothing() {
    check(
        r#"messageStart {"role":"assistant"}
        messageStart {"role":"user"}
        messageStop {"stopReason":"max_tokens"}
        messageStop {"stopReason":"end_turn"}
        metadata {"usage":{}}"#,
        r#"{"type":"start","role":"assistant"}
        spoiled messageStart: Repeated
        spoiled messageStop: Repeated
        {"type":"done","stop_reason":"max_tokens","usage":{},"skipped_events":2}"#,
    );
}

#[test]
fn c7_events_after_message_stop_and_before_usage_still_count_and_done_stays_last() {
    check(
        &format!(
            r#"{STOP}contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"late"}}}}
            {USAGE}"#
        ),
        &format!(
            r#"{{"type":"text","block":0,"text":"late"}}
            {{"type":"block_end","block":0}}
            {DONE}"#
        ),
    );
}

#[test]
fn c7_a_start_without_an_index_is_spoiled_only_if_it_says_what_begins() {
    check(
        r#"contentBlockStart {}
        contentBlockStart {"start":{}}
        contentBlockStart {"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        messageStop {}"#,
        r#"spoiled contentBlockStart: NoIndex { open: 0 }
        {"type":"done","stop_reason":"","skipped_events":1}"#,
    );
}

#[test]
fn c9_tool_input_is_json_in_its_exact_text() {
    let input = r#"{"z": 1.0e5, "a": null, "n": 123456789012345678901234567890.0}"#;
    let json = Json::from_text(input).unwrap();
    assert_eq!(tool_input(&[input], true), (ToolInput::Json(json.clone()), input.to_owned()));
    // Its stop may be missing; JSON is JSON.
    assert_eq!(tool_input(&[input], false), (ToolInput::Json(json.clone()), input.to_owned()));
    let pieces: Vec<String> = input.chars().map(String::from).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    assert_eq!(tool_input(&pieces, true).0, ToolInput::Json(json));
}

#[test]
fn c9_tool_input_that_never_came_is_empty() {
    for pieces in [&[][..], &[""], &["", ""]] {
        for stopped in [true, false] {
            assert_eq!(tool_input(pieces, stopped), (ToolInput::Empty, "{}".to_owned()));
        }
    }
}

#[test]
fn c9_tool_input_that_is_no_json_is_malformed_or_truncated_and_never_empty() {
    for text in
        ["{\"a\": 1", "{\"a\" 1}", "{} {}", "<xml/>", " ", "\u{0}", "{\"a\":\"\n\"}", "NaN", "{'a':1}"]
    {
        let quoted = serde_json::to_string(text).unwrap();
        let text = text.to_owned();
        assert_eq!(tool_input(&[&text], true), (ToolInput::Malformed { text: text.clone() }, quoted.clone()));
        assert_eq!(tool_input(&[&text], false), (ToolInput::Truncated { text: text.clone() }, quoted));
        assert!(!tool_input(&[&text], true).0.is_usable());
        assert!(tool_input(&[&text], true).0.parse::<serde_json::Value>().is_err());
    }
}

#[test]
fn c9_tool_input_has_a_typed_accessor() {
    #[derive(Debug, PartialEq)]
    struct City(String);
    let (input, _) = tool_input(&["{\"city\":", "\"Paris\"}"], true);
    let value: serde_json::Value = input.parse().unwrap();
    assert_eq!(City(value["city"].as_str().unwrap().to_owned()), City("Paris".to_owned()));
    assert!(input.parse::<Vec<u8>>().is_err());
    assert_eq!(ToolInput::Empty.parse::<serde_json::Value>().unwrap(), serde_json::json!({}));
}

#[test]
fn c4_c11_the_chunker_alone_gives_none_after_done_and_the_same_final_error_for_ever() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStop", "{\"stopReason\":\"end_turn\"}").unwrap()).unwrap();
    assert!(!chunker.is_done() && chunker.failure().is_none());
    let Ok(Some(Chunk::Done(done))) = chunker.finish() else { panic!() };
    assert_eq!(done.stop_reason, StopReason::EndTurn);
    for _ in 0..3 {
        assert_eq!(chunker.finish(), Ok(None));
        assert_eq!(chunker.next_chunk(), None);
        assert_eq!(chunker.apply(decode("messageStart", "{}").unwrap()), Ok(()));
    }
    assert!(chunker.is_done());

    let mut chunker = Chunker::new();
    let error = chunker.finish().unwrap_err();
    assert!(matches!(error, Error::Incomplete(_)) && error.is_final());
    for _ in 0..3 {
        assert_eq!(chunker.finish().as_ref(), Err(&error));
        assert_eq!(chunker.apply(decode("messageStop", "{}").unwrap()).as_ref(), Err(&error));
        assert_eq!((chunker.next_chunk(), chunker.failure()), (None, Some(&error)));
    }
}

#[test]
fn c6_chunks_that_were_queued_come_before_the_final_error_of_the_chunker() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStart", "{}").unwrap()).unwrap();
    let exception = Event::Exception(Exception::new("xException", "{}").into());
    let error = chunker.apply(exception).unwrap_err();
    assert_eq!(line(&Ok(chunker.finish().unwrap().unwrap())), r#"{"type":"start","role":"assistant"}"#);
    assert_eq!(chunker.finish(), Err(error));
}

/// The finished input of a tool call whose arguments come in these pieces, and its JSON.
fn tool_input(pieces: &[&str], stopped: bool) -> (ToolInput, String) {
    let mut script =
        "contentBlockStart {\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"a\",\"name\":\"f\"}}}\n"
            .to_owned();
    for piece in pieces {
        let piece = serde_json::to_string(piece).unwrap();
        script += "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"toolUse\":{\"input\":";
        script += &format!("{piece}}}}}}}\n");
    }
    if stopped {
        script += "contentBlockStop {\"contentBlockIndex\":0}\n";
    }
    let steps = steps(&stream(&(script + STOP + USAGE)));
    let [.., Ok(Chunk::ToolCallEnd { input, .. }), Ok(Chunk::Done(done))] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(done.skipped_events, 0);
    (input.clone(), serde_json::to_string(input).unwrap())
}
