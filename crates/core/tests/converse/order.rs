//! Events out of order: which are tolerated and which are skipped (C7).

use bedrock_stream_core::answer::{Chunk, Error, OrderViolation};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::Chunker;
use bedrock_stream_core::frame::Limits;

use super::steps::{check, check_all, steps};
use super::wire::{DONE, STOP, USAGE, stream};

#[test]
fn c7_events_that_lose_nothing_are_tolerated() {
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
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"","skipped_events":0}"#,
    );
}

#[test]
fn c7_a_stop_without_an_index_closes_a_single_open_block_only() {
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
        {"type":"block_end","block":1}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"","skipped_events":0}"#,
    );
}

#[test]
fn c7_message_stop_closes_open_blocks_in_order() {
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
fn c7_a_delta_without_an_index_belongs_to_the_only_open_block() {
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
        r#"skipped contentBlockDelta: MissingIndex { open: 0 }
        {"type":"text","block":3,"text":"a"}
        {"type":"text","block":3,"text":"b"}
        {"type":"tool_call_start","block":4,"id":"t","name":"f"}
        skipped contentBlockDelta: MissingIndex { open: 2 }
        {"type":"block_end","block":3}
        {"type":"tool_call_delta","block":4,"id":"t","arguments_delta":"{}"}
        {"type":"tool_call_end","block":4,"id":"t","name":"f","input":{}}
        {"type":"done","stop_reason":"tool_use","skipped_events":2}"#,
    );
}

#[test]
fn c7_a_tool_delta_without_a_start_is_skipped_and_decoding_continues() {
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
        r#"skipped contentBlockDelta: MissingStart { block: 0 }
        {"type":"text","block":1,"text":"a"}
        skipped contentBlockDelta: MissingStart { block: 1 }
        {"type":"tool_call_start","block":2,"id":"t","name":"f"}
        {"type":"tool_call_end","block":2,"id":"t","name":"f","input":{}}
        skipped contentBlockDelta: MissingStart { block: 2 }
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
fn c7_a_tool_start_without_an_id_is_reported_once_and_its_deltas_are_counted() {
    for start in [
        r#"{"toolUse":{"name":"f"}}"#,
        r#"{"toolUse":{"toolUseId":null,"name":"f"}}"#,
        r#"{"toolUse":{"toolUseId":"","name":"f"}}"#,
        r#"{"toolUse":{}}"#,
        r#"{"toolResult":{}}"#,
    ] {
        let deltas = r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"1"}}}
            contentBlockDelta {"contentBlockIndex":0,"delta":{"toolResult":[{"text":"r"}]}}
            contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"whatever it is"}}
            "#;
        check(
            &format!(
                r#"contentBlockStart {{"contentBlockIndex":0,"start":{start}}}
                {}
                contentBlockDelta {{"contentBlockIndex":1,"delta":{{"text":"on"}}}}
                contentBlockStop {{"contentBlockIndex":0}}
                contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"another block"}}}}
                messageStop {{}}"#,
                deltas.repeat(1_000)
            ),
            r#"skipped contentBlockStart: MissingId
            {"type":"text","block":1,"text":"on"}
            {"type":"text","block":0,"text":"another block"}
            {"type":"block_end","block":0}
            {"type":"block_end","block":1}
            {"type":"done","stop_reason":"","skipped_events":3001}"#,
        );
    }
}

#[test]
fn c7_a_tool_start_with_an_id_and_no_name_is_a_call_with_an_empty_name() {
    for name in ["", r#","name":"""#, r#","name":null"#] {
        check(
            &format!(
                r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolUse":{{"toolUseId":"t"{name}}}}}}}
                contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"1"}}}}}}
                contentBlockStop {{"contentBlockIndex":0}}
                messageStop {{}}"#
            ),
            r#"{"type":"tool_call_start","block":0,"id":"t","name":""}
            {"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"1"}
            {"type":"tool_call_end","block":0,"id":"t","name":"","input":1}
            {"type":"done","stop_reason":"","skipped_events":0}"#,
        );
    }
}

#[test]
fn c7_deltas_without_a_start_are_one_error_per_index() {
    let deltas = |index: u32| {
        format!("contentBlockDelta {{\"contentBlockIndex\":{index},\"delta\":{{\"toolUse\":{{\"input\":\"1\"}}}}}}\n")
            .repeat(500)
    };
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":1,"delta":{{"text":"a"}}}}
            {}{}contentBlockDelta {{"contentBlockIndex":1,"delta":{{"text":"b"}}}}
            messageStop {{}}"#,
            deltas(0),
            deltas(1)
        ),
        r#"{"type":"text","block":1,"text":"a"}
        skipped contentBlockDelta: MissingStart { block: 0 }
        skipped contentBlockDelta: MissingStart { block: 1 }
        {"type":"text","block":1,"text":"b"}
        {"type":"block_end","block":1}
        {"type":"done","stop_reason":"","skipped_events":1000}"#,
    );
}

#[test]
fn c7_a_call_never_gets_arguments_that_may_belong_to_another() {
    // After a start without an id: the delta may belong to that call.
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"name":"g"}}}
        contentBlockDelta {"delta":{"toolUse":{"input":"{\"meant\":\"for b\"}"}}}
        contentBlockStop {"contentBlockIndex":0}
        messageStop {"stopReason":"tool_use"}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        skipped contentBlockStart: MissingId
        skipped contentBlockDelta: MissingIndex { open: 2 }
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":"","input_error":"malformed"}
        {"type":"done","stop_reason":"tool_use","skipped_events":2}"#,
    );
    // After a start that cannot be read, even for a call that begins later.
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","toolUseId":"a"}}}
        contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"b","name":"g"}}}
        contentBlockDelta {"delta":{"toolUse":{"input":"3"}}}
        contentBlockStop {"contentBlockIndex":1}
        messageStop {"stopReason":"tool_use"}"#,
        r#"skipped payload: contentBlockStart
        {"type":"tool_call_start","block":1,"id":"b","name":"g"}
        {"type":"tool_call_delta","block":1,"id":"b","arguments_delta":"3"}
        {"type":"tool_call_end","block":1,"id":"b","name":"g","input":"3","input_error":"malformed"}
        {"type":"done","stop_reason":"tool_use","skipped_events":1}"#,
    );
    // After a start without an index, even once the other block has ended.
    check(
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
        contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockStart {"start":{"toolUse":{"toolUseId":"b","name":"g"}}}
        contentBlockStop {"contentBlockIndex":0}
        contentBlockDelta {"delta":{"toolUse":{"input":"{\"meant\":\"for b\"}"}}}
        messageStop {"stopReason":"tool_use"}"#,
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"tool_call_start","block":1,"id":"a","name":"f"}
        skipped contentBlockStart: MissingIndex { open: 2 }
        {"type":"block_end","block":0}
        {"type":"tool_call_end","block":1,"id":"a","name":"f","input":"","input_error":"malformed"}
        {"type":"done","stop_reason":"tool_use","skipped_events":2}"#,
    );
}

#[test]
fn c7_deltas_of_a_skipped_tool_start_do_not_go_to_the_previous_block() {
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"1"}}}
        contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"name":"g"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"2"}}}
        messageStop {}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"1"}
        skipped contentBlockStart: MissingId
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":1}
        {"type":"done","stop_reason":"","skipped_events":2}"#,
    );
}

#[test]
fn c7_a_start_for_an_open_block_closes_it_first() {
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
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":"{\"cut","input_error":"truncated"}
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
fn c7_a_second_start_or_stop_of_the_message_is_reported_and_changes_nothing() {
    check(
        r#"messageStart {"role":"assistant"}
        messageStart {"role":"user"}
        messageStop {"stopReason":"max_tokens"}
        messageStop {"stopReason":"end_turn"}
        metadata {"usage":{"inputTokens":1}}"#,
        r#"{"type":"start","role":"assistant"}
        skipped messageStart: Repeated
        skipped messageStop: Repeated
        {"type":"done","stop_reason":"max_tokens","usage":{"inputTokens":1},"skipped_events":2}"#,
    );
}

#[test]
fn c4_content_after_message_stop_is_not_part_of_the_answer() {
    let late = r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"a\":1}"}}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"late"}}
        contentBlockStop {"contentBlockIndex":0}
        "#;
    check_all(
        &format!("{STOP}{late}{USAGE}"),
        &format!(
            r#"{{"type":"start","role":"assistant"}}
            {{"type":"stop","stop_reason":"end_turn"}}
            skipped contentBlockStart: AfterStop
            {}"#,
            DONE.replace("\"skipped_events\":0", "\"skipped_events\":3")
        ),
    );
    check(
        &format!("{STOP}{late}"),
        r#"skipped contentBlockStart: AfterStop
        {"type":"done","stop_reason":"end_turn","skipped_events":3}"#,
    );
}

#[test]
fn c7_a_start_without_an_index_is_skipped_only_if_it_has_content() {
    check(
        r#"contentBlockStart {}
        contentBlockStart {"start":{}}
        contentBlockStart {"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        messageStop {}"#,
        r#"skipped contentBlockStart: MissingIndex { open: 0 }
        {"type":"done","stop_reason":"","skipped_events":1}"#,
    );
}

#[test]
fn c7_deltas_after_a_start_without_an_index_do_not_go_to_another_block() {
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"delta":{"toolUse":{"input":"[1"}}}
        contentBlockStart {"start":{"toolUse":{"toolUseId":"b","name":"g"}}}
        contentBlockDelta {"delta":{"toolUse":{"input":"[2]"}}}
        contentBlockStop {}
        contentBlockDelta {"delta":{"toolUse":{"input":"]"}}}
        contentBlockStop {}
        messageStop {}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"[1"}
        skipped contentBlockStart: MissingIndex { open: 1 }
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":"[1","input_error":"malformed"}
        {"type":"done","stop_reason":"","skipped_events":3}"#,
    );
}

#[test]
fn c7_an_empty_delta_without_an_index_is_tolerated() {
    check(
        r#"contentBlockDelta {"delta":{}}
        contentBlockDelta {}
        messageStop {}"#,
        r#"{"type":"done","stop_reason":"","skipped_events":0}"#,
    );
}

#[test]
fn c4_an_unknown_member_with_the_name_of_a_known_one_does_not_take_its_place() {
    check(
        r#"messageStop {"stopReason":"end_turn","usage":{"inputTokens":1},"type":"x","new":1}"#,
        r#"{"type":"unknown","member":"usage","value":{"inputTokens":1}}
        {"type":"unknown","member":"type","value":"x"}
        {"type":"done","stop_reason":"end_turn","new":1,"skipped_events":0}"#,
    );
}

#[test]
fn a_block_that_is_cut_off_has_no_usable_arguments() {
    let mut chunker = Chunker::new();
    for event in [
        r#"{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"a"}}}"#,
    ] {
        chunker.apply(serde_json::from_str(event).unwrap()).unwrap();
    }
    chunker.cut_off(Some(5));
    chunker.cut_off(None);
    chunker.cut_off(None);
    let chunks: Vec<Chunk> = std::iter::from_fn(|| chunker.next_chunk()).collect();
    let [.., text_end, call_end] = &chunks[..] else { panic!("{chunks:?}") };
    assert!(matches!(text_end, Chunk::BlockEnd { block: 0, .. }), "{chunks:?}");
    let Chunk::ToolCallEnd { input: ToolInput::Truncated { text, .. }, .. } = call_end else {
        panic!("{chunks:?}")
    };
    assert_eq!(text, "{}", "whole as it looks");
    let Err(Error::Incomplete(incomplete)) = chunker.finish() else { panic!("nothing was proven") };
    assert!(incomplete.open_blocks.is_empty());
}

#[test]
fn memory_of_other_dialects_counts_towards_the_limit() {
    let mut chunker = Chunker::with_limits(Limits::default().with_max_state_len(100));
    assert_eq!(chunker.keep(60, 0), Ok(()));
    let refused = chunker.keep(50, 0);
    assert!(matches!(refused, Err(OrderViolation::StateLimit { held: 60, limit: 100, .. })), "{refused:?}");
    assert_eq!(chunker.keep(90, 60), Ok(()), "replaces the earlier amount");
    assert_eq!(chunker.keep(0, 90), Ok(()));
    assert_eq!(chunker.keep(100, 0), Ok(()));
    assert_eq!(chunker.ending().skipped_events, 1);
}
