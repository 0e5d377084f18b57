//! How an answer ends, and that no other does.

use bedrock_stream_core::answer::{Chunk, Error, StopReason, Usage};
use bedrock_stream_core::content::{Role, ToolInput};
use bedrock_stream_core::converse::{ContentBlockDelta, ContentBlockStop, Event, MessageStart, Metadata};
use bedrock_stream_dialects::Dialect;
use serde_json::{Value, json};

use super::{converted, done, events};
use crate::wire::{DIALECTS, decode, encode, looks_complete, whole};

/// litellm#32686: an end without `messageStop` was a stop.
#[test]
fn bug_01_litellm_32686_a_stream_without_its_message_stop_has_no_end() {
    for usage in [None, Some(Usage::new(3, 4))] {
        let mut events: Vec<Event> = vec![
            MessageStart::new(Role::Assistant).into(),
            ContentBlockDelta::new(0, "Hello".to_owned()).into(),
            ContentBlockStop::new(0).into(),
        ];
        // Usage proves nothing either.
        events.extend(usage.map(|usage| Metadata::new().usage(usage).into()));
        for dialect in DIALECTS {
            let bytes = converted(dialect, &events);
            assert!(!looks_complete(&bytes) && bytes.contains("Hello"), "{bytes}");
            assert!(matches!(decode(dialect, &bytes).1, Some(Error::Exception(_))), "{bytes}");
        }
    }
}

/// litellm#40260: where the stream just ended, a `finish_reason` was made up.
#[test]
fn bug_02_litellm_40260_no_finish_reason_is_made_up() {
    let chunks = [Chunk::start(Role::Assistant), Chunk::text(0, "Hello"), Chunk::block_end(0)];
    for cut in 0..=chunks.len() {
        let bytes = encode(Dialect::Chat, &chunks[..cut]);
        assert!(!bytes.contains("\"finish_reason\":\"") && !bytes.contains("[DONE]"), "{bytes}");
        assert!(whole(Dialect::Chat, &chunks[..cut]).is_err());
    }
}

/// litellm#32159: a cut stream of Messages ended without an error event.
#[test]
fn bug_03_litellm_32159_a_cut_stream_of_messages_ends_in_an_error_event() {
    let bytes = encode(Dialect::Messages, &[Chunk::start(Role::Assistant), Chunk::text(0, "Hello")]);
    // By its name, without which both SDKs skip it; and the block stays open.
    let last = bytes.trim_end().rsplit_once("\n\n").unwrap().1;
    let data: Value = serde_json::from_str(last.strip_prefix("event: error\ndata: ").unwrap()).unwrap();
    assert_eq!((&data["type"], &data["error"]["type"]), (&json!("error"), &json!("api_error")));
    assert!(!bytes.contains("content_block_stop"), "{bytes}");
}

/// bifrost#6081: at `max_tokens`, `message_delta` and `message_stop` were missing.
#[test]
fn bug_07_bifrost_6081_messages_end_whole_at_the_limit_too() {
    let bytes =
        encode(Dialect::Messages, &[Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::MaxTokens)]);
    let order =
        ["message_start", "content_block_stop", "\"stop_reason\":\"max_tokens\"", "event: message_stop"];
    let at: Vec<usize> = order.iter().map(|part| bytes.find(part).expect(part)).collect();
    assert!(at.is_sorted(), "{bytes}");
}

/// bifrost#4679, litellm#37710: an answer that was cut off looked completed.
#[test]
fn bug_08_bifrost_4679_a_response_that_was_cut_is_incomplete() {
    let mut chunks = vec![Chunk::text(0, "a"), Chunk::block_end(0), Chunk::text(1, "b"), Chunk::block_end(1)];
    chunks.push(done(StopReason::MaxTokens));
    let events = events(Dialect::Responses, &chunks);
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(last["response"]["status"], "incomplete");
    assert_eq!(last["response"]["incomplete_details"], json!({"reason": "max_output_tokens"}));
    // The message that was cut, and not the one before.
    assert_eq!(last["response"]["output"][0]["status"], "completed");
    assert_eq!(last["response"]["output"][1]["status"], "incomplete");
    let ends: Vec<_> = events.iter().filter(|event| event["type"] == "response.output_item.done").collect();
    assert_eq!(
        (&ends[0]["item"]["status"], &ends[1]["item"]["status"]),
        (&json!("completed"), &json!("incomplete"))
    );

    let cut = [
        Chunk::tool_call_start(0, "c", "t", None),
        Chunk::tool_call_delta(0, "c", "{\"a"),
        Chunk::tool_call_end(0, "c", "t", ToolInput::truncated("{\"a")),
        done(StopReason::MaxTokens),
    ];
    let response = whole(Dialect::Responses, &cut).unwrap();
    assert_eq!(response["output"][0]["status"], "incomplete");
    assert_eq!(response["output"][0]["arguments"], "{\"a");
}

/// req_llm#1033, vercel/ai#16926: a `malformed_*` stop reason was a stop.
#[test]
fn bug_30_req_llm_1033_malformed_output_is_no_stop() {
    for dialect in DIALECTS {
        for reason in [StopReason::MalformedModelOutput, StopReason::MalformedToolUse] {
            let bytes = encode(dialect, &[Chunk::text(0, "a"), Chunk::block_end(0), done(reason.clone())]);
            assert!(!looks_complete(&bytes) && bytes.contains(reason.as_str()), "{bytes}");
        }
    }
}
