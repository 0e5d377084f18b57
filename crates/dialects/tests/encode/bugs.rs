//! Known bugs of other gateways, a test each, named after the bug's number in the list of them and its issue. Those about requests
//! are in `tests/request/bugs.rs`; those about HTTP, and those that need a running gateway, in the gateway's `known_bugs.rs`.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, Error, Exception, StopReason, Usage};
use bedrock_stream_core::content::{ImageFormat, Role, ToolInput};
use bedrock_stream_core::converse::{
    ChunkDecoder, ContentBlockDelta, ContentBlockStop, Event, EventEncoder, MessageStart, MessageStop,
    Metadata,
};
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, EncryptedReasoning, Failure, MessagesEncoder};
use bedrock_stream_dialects::request::{self, Options};
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

/// Portkey#1142, subrouter#68: the exception's frame was swallowed, and `[DONE]` followed.
#[test]
fn bug_04_portkey_1142_an_exception_is_an_error_event() {
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

/// any-llm#847, kiro-gateway#268: after an error the stream just ended, or went on to `[DONE]`. See also the gateway's tests.
#[test]
fn bug_05_any_llm_847_an_error_is_the_last_event() {
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        encoder.encode(&Chunk::text(0, "Hello"), &mut out);
        let begun = out.len();
        encoder.fail(&Failure::new(ErrorKind::Transport, "the connection was reset"), &mut out);
        assert!(String::from_utf8_lossy(&out[begun..]).contains("transport: the connection was reset"));
        let told = out.clone();
        for chunk in [
            Chunk::text(0, "more"),
            Chunk::block_end(0),
            Chunk::stop(StopReason::EndTurn),
            done(StopReason::EndTurn),
        ] {
            encoder.encode(&chunk, &mut out);
        }
        encoder.finish(&mut out);
        assert_eq!(out, told, "{dialect}");
    }
}

/// mlflow#25863: every exception was one 502.
#[test]
fn bug_06_mlflow_25863_each_exception_has_a_status_and_a_type_of_its_own() {
    for (name, status, openai, anthropic) in [
        ("throttlingException", 429, "rate_limit_error", "rate_limit_error"),
        ("serviceUnavailableException", 503, "overloaded_error", "overloaded_error"),
        ("internalServerException", 500, "server_error", "api_error"),
        ("modelStreamErrorException", 502, "server_error", "api_error"),
        ("modelTimeoutException", 408, "server_error", "timeout_error"),
        ("validationException", 400, "invalid_request_error", "invalid_request_error"),
    ] {
        let failure = Failure::from(&Error::Exception(Exception::new(name, "{}").into()));
        assert_eq!(failure.http_status(), status, "{name}");
        for dialect in DIALECTS {
            let kind = if dialect == Dialect::Messages { anthropic } else { openai };
            let body: Value = serde_json::from_str(&encoder(dialect).error_body(&failure)).unwrap();
            assert_eq!(body["error"]["type"], kind, "{name}");
            let mut out = Vec::new();
            encoder(dialect).fail(&failure, &mut out);
            assert!(
                String::from_utf8(out).unwrap().contains(&format!("\"type\":\"{kind}\"")),
                "{name} {dialect}"
            );
        }
    }
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

/// openai-python#2487, stdapi.ai#294, langchain#39041: an error in a shape that no SDK raises.
#[test]
fn bug_16_openai_python_2487_a_failed_response_has_both_events_and_both_shapes() {
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

/// Reasoning of every kind: a signature alone, redacted in pieces, and text with a signature in pieces.
fn reasoning_of_every_kind() -> Vec<Chunk> {
    vec![
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
    ]
}

/// litellm#38809, harness-sdk#2704: reasoning that is only a signature, or redacted, was lost.
#[test]
fn bug_17_litellm_38809_signatures_alone_and_redacted_reasoning_survive() {
    let chunks = reasoning_of_every_kind();
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

/// hermes-agent#36260, langchain-aws#844, bifrost#6942: signatures were lost on their way back.
#[test]
fn bug_18_hermes_36260_an_answers_reasoning_comes_back_as_it_was() {
    let chunks = reasoning_of_every_kind();
    let chat = whole(Dialect::Chat, &chunks).unwrap()["choices"][0]["message"].clone();
    let messages = whole(Dialect::Messages, &chunks).unwrap();
    let responses = whole(Dialect::Responses, &chunks).unwrap();
    let ask = json!({"role": "user", "content": "a"});
    let bodies = [
        (Dialect::Chat, json!({"model": "m", "messages": [ask, chat]})),
        (
            Dialect::Messages,
            json!({"model": "m", "max_tokens": 9, "messages": [ask, {"role": "assistant", "content": messages["content"]}]}),
        ),
        (Dialect::Responses, {
            let mut input = vec![ask];
            // A client may drop the summary, which is only shown.
            input.extend(responses["output"].as_array().unwrap().iter().cloned().map(|mut item| {
                item["summary"] = json!([]);
                item
            }));
            json!({"model": "m", "input": input})
        }),
    ];
    for (dialect, body) in bodies {
        let body = body.to_string();
        let read = match dialect {
            Dialect::Chat => request::chat(body.as_bytes(), &Options::new()),
            Dialect::Messages => request::messages(body.as_bytes(), &Options::new()),
            _ => request::responses(body.as_bytes(), &Options::new()),
        };
        let sent: Value = serde_json::from_str(&read.unwrap().request.to_json().unwrap()).unwrap();
        let expected = json!([
            {"reasoningContent": {"reasoningText": {"text": "", "signature": "only"}}},
            {"reasoningContent": {"redactedContent": "AQID"}},
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "AABB"}}},
        ]);
        assert_eq!(sent["messages"][1]["content"], expected, "{dialect}");
    }
}

/// Portkey#1210, ruby_llm#832: cached tokens were left out or counted twice. See also `token_counts`.
#[test]
fn bug_19_portkey_1210_cached_tokens_are_counted_once_and_usage_comes_last() {
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

/// bifrost#7076: the reader stopped at the finish, and the usage behind it was lost.
#[test]
fn bug_20_bifrost_7076_nothing_that_ends_is_written_before_done() {
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

/// bifrost#5010, OpenRouterTeam/ai-sdk-provider#440: silence without a keep-alive. When it is written: see the gateway's tests.
#[test]
fn bug_32_bifrost_5010_a_keep_alive_is_read_by_nobody() {
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
