//! The items and events of Responses.

use bedrock_stream_core::answer::{Chunk, StopReason};
use bedrock_stream_dialects::Dialect;
use serde_json::{Value, json};

use super::{call, done, events};

/// An answer with reasoning, text and a call, as the events of a response.
fn events_of_a_response() -> Vec<Value> {
    let mut chunks =
        vec![Chunk::reasoning(0, "hm"), Chunk::reasoning_signature(0, "c2ln"), Chunk::block_end(0)];
    chunks.extend([Chunk::text(1, "a"), Chunk::text(1, "b"), Chunk::block_end(1)]);
    chunks.extend(call(2, "c", "{}"));
    chunks.push(done(StopReason::ToolUse));
    events(Dialect::Responses, &chunks)
}

/// bifrost#5667: `response.completed` without its output, reasoning items without their summary.
#[test]
fn bug_13_bifrost_5667_the_completed_response_has_all_of_its_output() {
    let events = events_of_a_response();
    let (last, before) = events.split_last().unwrap();
    assert_eq!(last["type"], "response.completed");
    let done: Vec<&Value> = before
        .iter()
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| &event["item"])
        .collect();
    let output = last["response"]["output"].as_array().unwrap();
    assert_eq!(output.iter().collect::<Vec<_>>(), done);
    assert_eq!(output.len(), 3);
    assert_eq!(output[0]["summary"], json!([{"type": "summary_text", "text": "hm"}]));
    assert!(output[0]["encrypted_content"].is_string());
    assert_eq!(output[1]["content"][0]["text"], "ab");
    assert_eq!((&output[2]["call_id"], &output[2]["arguments"]), (&json!("c"), &json!("{}")));
}

/// sub2api#2875, gemini-web2api#57: no `response.content_part.added` before the text, which Converse does not announce.
#[test]
fn bug_14_sub2api_2875_every_part_is_added_before_its_deltas() {
    let events = events_of_a_response();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

/// bifrost#6487, onyx#13624: items without their empty lists, events without `sequence_number`.
#[test]
fn bug_15_bifrost_6487_items_have_their_lists_and_events_their_numbers() {
    let events = events_of_a_response();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    // An item that is added has its empty lists, and every later event names it.
    assert_eq!(events[2]["item"]["summary"], json!([]));
    assert_eq!(events[8]["item"]["content"], json!([]));
    assert_eq!(events[15]["item"]["arguments"], "");
    for (added, later) in [(2, 3..8), (8, 9..15), (15, 16..19)] {
        let id = &events[added]["item"]["id"];
        for event in &events[later] {
            assert_eq!(event.get("item_id").or(event["item"].get("id")), Some(id), "{event}");
        }
    }
}
