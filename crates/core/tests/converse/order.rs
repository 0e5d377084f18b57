//! Events out of place: what is tolerated and what is spoiled, C7.

use super::steps::{check, steps};
use super::wire::{DONE, STOP, USAGE, stream};

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
fn c7_a_stop_without_an_index_closes_the_one_open_block_and_nothing_if_there_are_more() {
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
fn c7_after_a_start_without_an_index_such_deltas_do_not_go_to_another_block() {
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
        spoiled contentBlockStart: NoIndex { open: 1 }
        spoiled contentBlockDelta: NoIndex { open: 1 }
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"]"}
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":[1]}
        {"type":"done","stop_reason":"","skipped_events":2}"#,
    );
}

#[test]
fn c7_a_delta_that_says_nothing_is_tolerated_without_an_index_too() {
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
