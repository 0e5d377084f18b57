//! The chunks that each event produces (C3), and how unknown events and members are kept (C2).

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::json::Json;

use super::steps::{check, check_all, steps};
use super::wire::{DONE, STOP, USAGE, stream};

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
fn c3_an_empty_delta_yields_no_chunk_and_a_block_without_chunks_has_no_start_or_end() {
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
            r#"{{"type":"tool_call_start","block":1,"id":"a","name":"f"}}
            {{"type":"tool_call_end","block":1,"id":"a","name":"f","input":{{}}}}
            {DONE}"#
        ),
    );
}

#[test]
fn c3_each_member_of_a_delta_yields_its_own_chunk() {
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
fn c2_c3_unknown_events_and_members_become_unknown_chunks_with_their_exact_json() {
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
fn c2_unknown_enum_values_are_data() {
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
        r#"{"type":"done","stop_reason":"stop_sequence","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3,"cacheReadInputTokens":4,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":5}],"serverToolUsage":{}},"metrics":{"latencyMs":28,"q":1},"trace":{"guardrail":{"modelOutput":["m"],"inputAssessment":{"g":{"n":1.0}},"outputAssessments":{"g":[{"n":2.0}]},"actionReason":"r"},"promptRouter":{"invokedModelId":"i"}},"additional_model_response_fields":{"delta":{"stop_sequence":"\u0041"},"b":1.0,"a":null},"performance_config":{"latency":"optimized"},"service_tier":{"type":"flex"},"novel":{"x":1e0},"also":[2.0],"skipped_events":0}"#,
    );
}

#[test]
fn c3_every_answer_begins_with_start_and_every_block_with_its_first_chunk() {
    check_all(
        &format!(
            r#"contentBlockStart {{"contentBlockIndex":0,"start":{{}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"citation":{{"title":"T"}}}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            contentBlockStop {{"contentBlockIndex":0}}
            contentBlockDelta {{"contentBlockIndex":1,"delta":{{"reasoningContent":{{"signature":"s"}}}}}}
            contentBlockDelta {{"contentBlockIndex":2,"delta":{{"reasoningContent":{{"redactedContent":"QUJD"}}}}}}
            contentBlockDelta {{"contentBlockIndex":3,"delta":{{"novel":1}}}}
            contentBlockDelta {{"contentBlockIndex":4,"delta":{{"image":{{"source":{{"bytes":"QUJD"}}}}}}}}
            contentBlockDelta {{"contentBlockIndex":5,"delta":{{"text":""}}}}
            {STOP}{USAGE}"#
        ),
        &format!(
            r#"{{"type":"start","role":"assistant"}}
            {{"type":"block_start","block":0,"kind":"text"}}
            {{"type":"citation","block":0,"citation":{{"title":"T"}}}}
            {{"type":"text","block":0,"text":"a"}}
            {{"type":"block_end","block":0}}
            {{"type":"block_start","block":1,"kind":"reasoning"}}
            {{"type":"reasoning_signature","block":1,"signature":"s"}}
            {{"type":"block_start","block":2,"kind":"reasoning_redacted"}}
            {{"type":"reasoning_redacted","block":2,"data":"QUJD"}}
            {{"type":"block_start","block":3,"kind":"unknown"}}
            {{"type":"unknown","member":"novel","block":3,"value":1}}
            {{"type":"image_start","block":4}}
            {{"type":"image","block":4,"image":{{"source":{{"bytes":"QUJD"}}}}}}
            {{"type":"block_end","block":1}}
            {{"type":"block_end","block":2}}
            {{"type":"block_end","block":3}}
            {{"type":"block_end","block":4}}
            {{"type":"stop","stop_reason":"end_turn"}}
            {DONE}"#
        ),
    );
    check_all(
        r#"novelEvent {}"#,
        r#"{"type":"start","role":"assistant"}
        {"type":"unknown","event":"novelEvent","value":{}}
        incomplete BeforeMessageStop []"#,
    );
}

#[test]
fn c3_done_keeps_the_vendors_own_values() {
    let mut done = Done::new(StopReason::EndTurn);
    done.raw_stop_reason = Some("stop".to_owned());
    done.vendor_usage = Some(Json::from_text(r#"{"prompt_tokens": 1}"#).unwrap());
    done.invocation_metrics = Some(Json::from_text(r#"{"inputTokenCount":2}"#).unwrap());
    done.usage = Some(serde_json::from_str(r#"{"inputTokens":1}"#).unwrap());
    done.metrics = Some(serde_json::from_str(r#"{"latencyMs":3}"#).unwrap());
    assert_eq!(
        serde_json::to_string(&Chunk::done(done)).unwrap(),
        r#"{"type":"done","stop_reason":"end_turn","raw_stop_reason":"stop","usage":{"inputTokens":1},"vendor_usage":{"prompt_tokens": 1},"invocation_metrics":{"inputTokenCount":2},"metrics":{"latencyMs":3},"skipped_events":0}"#
    );
}

#[test]
fn c2_an_unknown_member_is_not_mistaken_for_a_vendors_value() {
    let bytes = stream(concat!(
        "messageStop {\"stopReason\":\"end_turn\",\"raw_stop_reason\":\"x\"}\n",
        "metadata {\"usage\":{\"inputTokens\":1},\"vendor_usage\":1,\"invocation_metrics\":2}\n",
    ));
    let chunks: Vec<Chunk> = steps(&bytes).into_iter().map(Result::unwrap).collect();
    let one_of = |name: &str| {
        chunks
            .iter()
            .any(|chunk| matches!(chunk, Chunk::Unknown { member: Some(member), .. } if member == name))
    };
    assert!(
        one_of("raw_stop_reason") && one_of("vendor_usage") && one_of("invocation_metrics"),
        "{chunks:?}"
    );
    let Some(Chunk::Done(done)) = chunks.last() else { panic!("{chunks:?}") };
    assert_eq!((&done.raw_stop_reason, &done.vendor_usage, &done.invocation_metrics), (&None, &None, &None));
}
