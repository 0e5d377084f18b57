//! Calls of tools, the client's and the service's.

use bedrock_stream_core::answer::{Chunk, StopReason};
use bedrock_stream_core::content::{ImageFormat, ToolInput};
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::Dialect;
use serde_json::json;

use super::{call, done, events};
use crate::wire::{DIALECTS, decode, encode, encoder, looks_complete, whole};

/// agentgateway#2965, LibreChat#13987: a call had the index of its content block.
#[test]
fn bug_09_agentgateway_2965_tool_calls_are_counted_from_0() {
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

/// litellm#15307, litellm#34230: the arguments of parallel calls were mixed up.
#[test]
fn bug_10_litellm_15307_parallel_calls_do_not_interleave_in_messages() {
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

/// Kilo-Org/cloud#4753, litellm#11550, autogen#6979: no arguments were an empty string, which clients parse.
#[test]
fn bug_11_kilo_4753_a_call_without_arguments_has_an_empty_object() {
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

/// deltallm#227: content was lost in silence. Settings: see the requests' tests.
#[test]
fn bug_31_deltallm_227_what_is_left_out_is_counted_and_a_servers_call_is_no_clients_call() {
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
