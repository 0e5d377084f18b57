//! Bugs of other gateways, one test each. Those about requests, retries and HTTP are elsewhere.

use bedrock_stream_core::answer::{Chunk, Done, Error, Exception, StopReason, Usage};
use bedrock_stream_core::content::{ImageFormat, Role, ToolInput};
use bedrock_stream_core::converse::{
    ChunkDecoder, ContentBlockDelta, Event, EventEncoder, MessageStart, MessageStop,
};
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, EncryptedReasoning, Failure, MessagesEncoder};
use serde_json::{Value, json};

use super::wire::{DIALECTS, decode, encode, encoder, looks_complete, whole};

/// The data of every event.
fn events(dialect: Dialect, chunks: &[Chunk]) -> Vec<Value> {
    let mut encoder = encoder(dialect);
    let events = chunks.iter().flat_map(|chunk| encoder.events(chunk));
    events
        .filter(|event| event.data != "[DONE]")
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

fn done(stop_reason: StopReason) -> Chunk {
    Chunk::done(Done::new(stop_reason))
}

fn call(block: u32, id: &str, arguments: &str) -> [Chunk; 3] {
    [
        Chunk::tool_call_start(block, id, "t", None),
        Chunk::tool_call_delta(block, id, arguments),
        Chunk::tool_call_end(block, id, "t", ToolInput::from_arguments(arguments, true)),
    ]
}

/// What a Converse stream of these events, cut off there, is in a dialect.
fn converted(dialect: Dialect, events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut wire = EventEncoder::new();
    events.iter().for_each(|event| wire.encode(event, &mut bytes).unwrap());
    let mut decoder = ChunkDecoder::new();
    decoder.push(&bytes);
    let (mut encoder, mut out) = (encoder(dialect), Vec::new());
    loop {
        let next = match decoder.next_chunk() {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(chunk)) => encoder.encode(&chunk, &mut out),
            Ok(None) => break,
            Err(error) => {
                encoder.fail(&Failure::from(&error), &mut out);
                if error.is_final() {
                    break;
                }
            }
        }
    }
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}

/// 1: litellm#32686; 2: litellm#40260; 3: litellm#32159.
#[test]
fn bugs_1_2_3_a_stream_without_its_message_stop_is_an_error() {
    let events: [Event; 2] =
        [MessageStart::new(Role::Assistant).into(), ContentBlockDelta::new(0, "Hello".to_owned()).into()];
    for dialect in DIALECTS {
        let bytes = converted(dialect, &events);
        assert!(!looks_complete(&bytes) && bytes.contains("Hello"), "{bytes}");
        assert!(matches!(decode(dialect, &bytes).1, Some(Error::Exception(_))), "{bytes}");
    }
}

/// 4: Portkey#1142; 5: any-llm#847.
#[test]
fn bugs_4_5_an_exception_is_an_error_event_and_nothing_follows() {
    let events: [Event; 3] = [
        MessageStart::new(Role::Assistant).into(),
        ContentBlockDelta::new(0, "Hello".to_owned()).into(),
        Exception::new("serviceUnavailableException", r#"{"message":"Busy"}"#).into(),
    ];
    for dialect in DIALECTS {
        let bytes = converted(dialect, &events);
        assert!(!looks_complete(&bytes), "{bytes}");
        let last = bytes.trim_end().rsplit_once("data: ").unwrap().1;
        let last: Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["error"]["type"], "overloaded_error");
        assert!(last["error"]["message"].as_str().unwrap().contains("serviceUnavailableException: Busy"));
    }
}

/// 7: bifrost#6081.
#[test]
fn bug_7_messages_end_whole_at_the_limit_too() {
    let bytes =
        encode(Dialect::Messages, &[Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::MaxTokens)]);
    let order =
        ["message_start", "content_block_stop", "\"stop_reason\":\"max_tokens\"", "event: message_stop"];
    let at: Vec<usize> = order.iter().map(|part| bytes.find(part).expect(part)).collect();
    assert!(at.is_sorted(), "{bytes}");
}

/// 8: bifrost#4679, litellm#37710.
#[test]
fn bug_8_a_response_that_was_cut_is_incomplete() {
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

/// 9: agentgateway#2965, LibreChat#13987.
#[test]
fn bug_9_tool_calls_are_counted_from_0() {
    let mut chunks = vec![Chunk::text(4, "a"), Chunk::block_end(4)];
    chunks.extend(call(7, "c7", "{}"));
    chunks.extend(call(9, "c9", "{}"));
    chunks.push(done(StopReason::ToolUse));
    let chat = events(Dialect::Chat, &chunks);
    let indices: Vec<u64> = chat
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["tool_calls"][0]["index"].as_u64())
        .collect();
    assert_eq!(indices, [0, 0, 1, 1]);
    let ids = chat.iter().filter(|event| event["choices"][0]["delta"]["tool_calls"][0].get("id").is_some());
    assert_eq!(ids.count(), 2, "an id that comes twice is joined");
    let indices = |dialect, name: &str| -> Vec<u64> {
        events(dialect, &chunks)
            .iter()
            .filter_map(|event| event[name].as_u64())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    };
    assert_eq!(indices(Dialect::Messages, "index"), [0, 1, 2]);
    assert_eq!(indices(Dialect::Responses, "output_index"), [0, 1, 2]);
}

/// 10: litellm#15307, litellm#34230.
#[test]
fn bug_10_parallel_calls_do_not_interleave_in_messages() {
    let (first, second) = (call(0, "c0", "{\"a\":1}"), call(1, "c1", "{\"b\":2}"));
    let chunks = [
        first[0].clone(),
        second[0].clone(),
        second[1].clone(),
        first[1].clone(),
        second[2].clone(),
        first[2].clone(),
        done(StopReason::ToolUse),
    ];
    let events = events(Dialect::Messages, &chunks);
    let order: Vec<(String, u64)> = events
        .iter()
        .filter_map(|event| Some((event["type"].as_str()?.to_owned(), event["index"].as_u64()?)))
        .collect();
    let block = |index| ["start", "delta", "stop"].map(|part| (format!("content_block_{part}"), index));
    assert_eq!(order, [block(0), block(1)].concat());
    let (decoded, _) = decode(Dialect::Messages, &encode(Dialect::Messages, &chunks));
    let inputs: Vec<String> = decoded
        .iter()
        .filter_map(|chunk| {
            if let Chunk::ToolCallEnd { input, .. } = chunk { Some(input.as_str().into()) } else { None }
        })
        .collect();
    assert_eq!(inputs, ["{\"a\":1}", "{\"b\":2}"]);
}

/// 11: Kilo-Org/cloud#4753, litellm#11550.
#[test]
fn bug_11_a_call_without_arguments_has_an_empty_object() {
    let chunks = [
        Chunk::tool_call_start(0, "c", "t", None),
        Chunk::tool_call_end(0, "c", "t", ToolInput::Empty),
        done(StopReason::ToolUse),
    ];
    let chat: String = events(Dialect::Chat, &chunks)
        .iter()
        .filter_map(|event| {
            Some(event.pointer("/choices/0/delta/tool_calls/0/function/arguments")?.as_str()?.to_owned())
        })
        .collect();
    assert_eq!(chat, "{}");
    let responses = events(Dialect::Responses, &chunks);
    let arguments = responses.iter().find(|event| event["type"] == "response.function_call_arguments.done");
    assert_eq!(arguments.unwrap()["arguments"], "{}");
    let messages = encode(Dialect::Messages, &chunks);
    assert!(messages.contains("\"input\":{}") && !messages.contains("input_json_delta"), "{messages}");
    assert_eq!(whole(Dialect::Messages, &chunks).unwrap()["content"][0]["input"], json!({}));
}

/// 13: bifrost#5667; 14: sub2api#2875; 15: bifrost#6487, onyx#13624.
#[test]
fn bugs_13_14_15_the_events_of_a_response_are_all_there() {
    let mut chunks =
        vec![Chunk::reasoning(0, "hm"), Chunk::reasoning_signature(0, "c2ln"), Chunk::block_end(0)];
    chunks.extend([Chunk::text(1, "a"), Chunk::text(1, "b"), Chunk::block_end(1)]);
    chunks.extend(call(2, "c", "{}"));
    chunks.push(done(StopReason::ToolUse));
    let events = events(Dialect::Responses, &chunks);
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
    let output = events[19]["response"]["output"].as_array().unwrap();
    let done: Vec<&Value> = [7, 14, 18].iter().map(|at| &events[*at]["item"]).collect();
    assert_eq!(output.iter().collect::<Vec<_>>(), done);
    assert_eq!(output[0]["summary"][0]["text"], "hm");
    assert_eq!(output[2]["call_id"], "c");
}

/// 16: openai-python#2487, stdapi.ai#294, langchain#39041.
#[test]
fn bug_16_a_failed_response_has_both_events_and_both_shapes() {
    let bytes = encode(Dialect::Responses, &[Chunk::text(0, "a")]);
    let (before, last) = bytes.trim_end().rsplit_once("event: error\ndata: ").unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        (&last["type"], &last["code"], &last["error"]["type"]),
        (&json!("error"), &json!("server_error"), &json!("server_error"))
    );
    assert_eq!(last["message"], last["error"]["message"]);
    let failed: Value =
        serde_json::from_str(before.trim_end().rsplit_once("event: response.failed\ndata: ").unwrap().1)
            .unwrap();
    assert_eq!(failed["response"]["status"], "failed");
    assert_eq!(failed["response"]["error"]["code"], "server_error");
    assert_eq!(failed["response"]["output"][0]["status"], "incomplete");
    assert_eq!(failed["response"]["output"][0]["content"][0]["text"], "a");
}

/// 17: litellm#38809, harness-sdk#2704; 18: hermes-agent#36260, bifrost#6942.
#[test]
fn bugs_17_18_signatures_and_redacted_reasoning_survive() {
    let chunks = [
        Chunk::reasoning_signature(0, "only"),
        Chunk::block_end(0),
        // Each piece alone is base64 with padding, which does not join.
        Chunk::reasoning_redacted(1, Blob(vec![1])),
        Chunk::reasoning_redacted(1, Blob(vec![2, 3])),
        Chunk::block_end(1),
        Chunk::reasoning(2, "hm"),
        // Clients of Messages keep only the last piece.
        Chunk::reasoning_signature(2, "AA"),
        Chunk::reasoning_signature(2, "BB"),
        Chunk::block_end(2),
        done(StopReason::EndTurn),
    ];
    let messages = whole(Dialect::Messages, &chunks).unwrap();
    let expected = json!([
        {"type": "thinking", "thinking": "", "signature": "only"},
        {"type": "redacted_thinking", "data": "AQID"},
        {"type": "thinking", "thinking": "hm", "signature": "AABB"},
    ]);
    assert_eq!(messages["content"], expected);
    let stream = encode(Dialect::Messages, &chunks);
    assert_eq!(stream.matches("signature_delta").count(), 2, "{stream}");
    assert!(stream.contains(r#""signature":"AABB""#) && stream.contains(r#""data":"AQID""#));

    let chat = whole(Dialect::Chat, &chunks).unwrap();
    let expected = json!([
        {"index": 0, "type": "reasoning.text", "text": "", "signature": "only"},
        {"index": 1, "type": "reasoning.encrypted", "data": "AQID"},
        {"index": 2, "type": "reasoning.text", "text": "hm", "signature": "AABB"},
    ]);
    assert_eq!(chat["choices"][0]["message"]["reasoning_details"], expected);

    let responses = whole(Dialect::Responses, &chunks).unwrap();
    let encrypted: Vec<_> = responses["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            EncryptedReasoning::from_encrypted_content(item["encrypted_content"].as_str().unwrap()).unwrap()
        })
        .collect();
    let expected = [
        EncryptedReasoning::text("", "only"),
        EncryptedReasoning::Redacted(Blob(vec![1, 2, 3])),
        EncryptedReasoning::text("hm", "AABB"),
    ];
    assert_eq!(encrypted, expected);
}

/// 19: Portkey#1210, ruby_llm#832.
#[test]
fn bug_19_usage_comes_last_and_only_if_it_is_known() {
    let mut whole = Done::new(StopReason::EndTurn);
    whole.usage = Some(Usage::new(10, 7).cache_read_input_tokens(100).total_tokens(999));
    let with_usage = [Chunk::text(0, "a"), Chunk::block_end(0), Chunk::done(whole)];
    let chat = events(Dialect::Chat, &with_usage);
    let (last, before) = chat.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!((&last["usage"]["prompt_tokens"], &last["usage"]["total_tokens"]), (&json!(110), &json!(117)));
    assert!(before.iter().all(|event| event.get("usage") == Some(&Value::Null)));

    let without = [Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::EndTurn)];
    assert!(
        events(Dialect::Chat, &without)
            .iter()
            .all(|event| event["usage"] == Value::Null && event["choices"] != json!([]))
    );
    let mut encoder = ChatEncoder::new("c", "m", 0);
    let not_asked: Vec<_> = with_usage.iter().flat_map(|chunk| encoder.events(chunk)).collect();
    assert!(not_asked.iter().all(|event| !event.data.contains("usage")));
}

/// 20: bifrost#7076.
#[test]
fn bug_20_nothing_that_ends_is_written_before_done() {
    let chunks = [Chunk::text(0, "a"), Chunk::block_end(0), Chunk::stop(StopReason::EndTurn)];
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        assert!(!looks_complete(std::str::from_utf8(&out).unwrap()));
    }
    // Metadata without messageStop is no end either.
    let events: [Event; 2] =
        [MessageStart::new(Role::Assistant).into(), ContentBlockDelta::new(0, "a".to_owned()).into()];
    let mut whole: Vec<Event> = events.into();
    whole.push(MessageStop::new(StopReason::EndTurn).into());
    assert!(looks_complete(&converted(Dialect::Chat, &whole)));
}

/// 30: req_llm#1033.
#[test]
fn bug_30_malformed_output_is_no_stop() {
    for dialect in DIALECTS {
        for reason in [StopReason::MalformedModelOutput, StopReason::MalformedToolUse] {
            let bytes = encode(dialect, &[Chunk::text(0, "a"), Chunk::block_end(0), done(reason.clone())]);
            assert!(!looks_complete(&bytes) && bytes.contains(reason.as_str()), "{bytes}");
        }
    }
}

/// 31: deltallm#227.
#[test]
fn bug_31_what_is_left_out_is_counted_and_a_servers_call_is_no_clients_call() {
    let chunks = [
        Chunk::tool_call_start(0, "s", "web_search", Some("server_tool_use".into())),
        Chunk::tool_call_delta(0, "s", "{}"),
        Chunk::tool_call_end(0, "s", "web_search", ToolInput::from(Json::from_text("{}").unwrap())),
        Chunk::tool_result_start(1, "s", None, None),
        Chunk::tool_result(1, "s", Vec::new()),
        Chunk::block_end(1),
        Chunk::image_start(2, Some(ImageFormat::Png)),
        Chunk::block_end(2),
        Chunk::text(3, "a"),
        Chunk::block_end(3),
        done(StopReason::EndTurn),
    ];
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        let left_out = encoder.left_out();
        assert_eq!((left_out.images, left_out.server_tool_calls, left_out.tool_results), (1, 1, 1));
        assert!(left_out.has_content());
        let bytes = String::from_utf8(out).unwrap();
        assert!(
            looks_complete(&bytes) && !bytes.contains("web_search") && !bytes.contains("\"tool_calls\":"),
            "{bytes}"
        );
        // A block that is left out gets no number.
        assert!(!bytes.contains("\"index\":1") && !bytes.contains("\"output_index\":1"), "{bytes}");
    }
}

/// 32: bifrost#5010.
#[test]
fn bug_32_a_keep_alive_is_read_by_nobody() {
    let chunks = [Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::EndTurn)];
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        for chunk in &chunks {
            encoder.keep_alive(&mut out);
            encoder.encode(chunk, &mut out);
        }
        let bytes = String::from_utf8(out).unwrap();
        assert_eq!(bytes.matches(": keep-alive\n\n").count(), 3);
        assert_eq!(decode(dialect, &bytes), decode(dialect, &encode(dialect, &chunks)));
    }
    let mut out = Vec::new();
    MessagesEncoder::new("m", "m").pings(true).keep_alive(&mut out);
    assert_eq!(out, b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
}
