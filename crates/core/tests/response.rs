//! `ResponseBuilder`, `Response` and `Usage` (C8 and C9).
#![cfg(feature = "converse")]

use bedrock_stream_core::answer::{
    CacheDetail, Chunk, IntoMessageError, NormalizedUsage, Response, ResponseBuilder, Usage,
};
use bedrock_stream_core::content::{CacheTtl, ToolInput, ToolResultBlock};
use bedrock_stream_core::converse::{Chunker, Event, Request, ToolConfig, ToolSpec};
use bedrock_stream_core::json::Json;
use serde_json::{Value, json};

/// The response that these events add up to, and its builder.
fn build(events: &[Value]) -> ResponseBuilder {
    let mut chunker = Chunker::new();
    let mut builder = ResponseBuilder::new();
    for event in events {
        let event: Event = serde_json::from_value(event.clone()).unwrap();
        // A skipped event or an exception keeps what came before it.
        let _ = chunker.apply(event);
        while let Some(chunk) = chunker.next_chunk() {
            builder.push(&chunk);
        }
    }
    while let Ok(Some(chunk)) = chunker.finish() {
        builder.push(&chunk);
    }
    builder
}

fn delta(block: u32, delta: Value) -> Value {
    json!({"contentBlockDelta": {"contentBlockIndex": block, "delta": delta}})
}

fn tool_start(block: u32, id: &str) -> Value {
    json!({"contentBlockStart": {"contentBlockIndex": block, "start": {"toolUse": {"toolUseId": id, "name": "f"}}}})
}

fn stop(block: u32) -> Value {
    json!({"contentBlockStop": {"contentBlockIndex": block}})
}

fn end(reason: &str) -> Value {
    json!({"messageStop": {"stopReason": reason}})
}

fn content(builder: &ResponseBuilder) -> Value {
    serde_json::to_value(builder.response().content()).unwrap()
}

#[test]
fn text_and_tool_calls_are_found_in_blocks_with_several_members() {
    let json = r#"{"output":{"message":{"role":"assistant","content":[
        {"text":"a","toolUse":{"toolUseId":"t","name":"f","input":{}}},{"text":"b"}]}},"stopReason":"tool_use"}"#;
    let response: Response = serde_json::from_str(json).unwrap();
    assert_eq!(response.text(), "ab");
    assert_eq!(response.tool_calls().map(|call| &*call.tool_use_id).collect::<Vec<_>>(), ["t"]);

    let json = json.replace("\"input\":{}", &format!("\"input\":{}1{}", "[".repeat(300), "]".repeat(300)));
    let response: Response = serde_json::from_str(&json).unwrap();
    let Err(IntoMessageError::ToolInput(error)) = response.into_message() else { panic!() };
    assert_eq!((error.block, &*error.id), (0, "t"));
}

#[test]
fn an_answer_without_content_cannot_be_sent_back() {
    assert_eq!(build(&[end("end_turn")]).into_partial().into_message(), Err(IntoMessageError::Empty));
    let events = [delta(0, json!({"text": ""})), stop(0), end("end_turn")];
    let error = build(&events).into_partial().into_message().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the message cannot be sent back: the model has said nothing in it, and called no tool"
    );
}

#[test]
fn c8_the_json_is_that_of_the_converse_operation() {
    let builder = build(&[
        json!({"messageStart": {"role": "assistant"}}),
        delta(0, json!({"text": "Hel"})),
        delta(0, json!({"text": "lo"})),
        stop(0),
        json!({"messageStop": {"stopReason": "end_turn", "additionalModelResponseFields": {"b": 1.0, "a": null}}}),
        json!({"metadata": {
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5, "serverToolUsage": {}},
            "metrics": {"latencyMs": 7}, "serviceTier": {"type": "flex"},
            "performanceConfig": {"latency": "optimized"}, "trace": {"promptRouter": {"invokedModelId": "m"}},
        }}),
    ]);
    assert!(builder.is_complete());
    let response = builder.finish().expect("`Done` has come");
    let expected = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5, "serverToolUsage": {}},
        "metrics": {"latencyMs": 7},
        "additionalModelResponseFields": {"b": 1.0, "a": null},
        "trace": {"promptRouter": {"invokedModelId": "m"}},
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "flex"},
    });
    assert_eq!(serde_json::to_value(&response).unwrap(), expected);
    let text = serde_json::to_string(&response).unwrap();
    assert_eq!(serde_json::from_str::<Response>(&text).unwrap(), response);
    assert_eq!(response.text(), "Hello");
}

#[test]
fn c8_blocks_are_in_index_order_without_gaps() {
    let builder = build(&[
        delta(7, json!({"text": "c"})),
        delta(2, json!({"text": "a"})),
        delta(7, json!({"text": "d"})),
        delta(3, json!({"text": "b"})),
        end("end_turn"),
    ]);
    assert_eq!(content(&builder), json!([{"text": "a"}, {"text": "b"}, {"text": "cd"}]));
}

#[test]
fn c8_redacted_pieces_join_as_bytes_not_as_base64_text() {
    // "a", "bc" and "d" in base64, each padded separately.
    let pieces = ["YQ==", "YmM=", "ZA=="]
        .map(|piece| delta(0, json!({"reasoningContent": {"redactedContent": piece}})));
    let builder = build(&[&pieces[..], &[end("end_turn")]].concat());
    assert_eq!(content(&builder), json!([{"reasoningContent": {"redactedContent": "YWJjZA=="}}]));
}

#[test]
fn c8_a_signature_without_text_has_the_empty_text_that_a_request_requires() {
    let builder = build(&[delta(0, json!({"reasoningContent": {"signature": "s"}})), end("end_turn")]);
    assert_eq!(
        content(&builder),
        json!([{"reasoningContent": {"reasoningText": {"text": "", "signature": "s"}}}])
    );
}

#[test]
fn c8_a_block_with_citations_becomes_citations_content() {
    let builder = build(&[
        delta(0, json!({"citation": {"title": "one"}})),
        delta(0, json!({"text": "It "})),
        delta(0, json!({"citation": {"title": "two", "location": {"web": {"url": "u"}}}})),
        delta(0, json!({"text": "is."})),
        delta(1, json!({"citation": {"title": "alone"}})),
        end("end_turn"),
    ]);
    let citations = json!([{"title": "one"}, {"title": "two", "location": {"web": {"url": "u"}}}]);
    assert_eq!(
        content(&builder),
        json!([
            {"citationsContent": {"content": [{"text": "It is."}], "citations": citations}},
            {"citationsContent": {"citations": [{"title": "alone"}]}},
        ])
    );
    assert_eq!(builder.response().text(), "It is.");
}

#[test]
fn c8_tool_results_keep_separate_parts_and_images_join_their_bytes() {
    let builder = build(&[
        json!({"contentBlockStart": {"contentBlockIndex": 0, "start":
            {"toolResult": {"toolUseId": "t", "type": "kind", "status": "success"}}}}),
        delta(0, json!({"toolResult": [{"text": "a"}, {"json": {"b": [1.0]}}]})),
        delta(0, json!({"toolResult": [{"text": "c"}]})),
        stop(0),
        json!({"contentBlockStart": {"contentBlockIndex": 1, "start": {"image": {"format": "png"}}}}),
        delta(1, json!({"image": {"source": {"bytes": "YQ=="}}})),
        delta(1, json!({"image": {"source": {"bytes": "YmM="}}})),
        end("end_turn"),
    ]);
    assert_eq!(
        content(&builder),
        json!([
            {"toolResult": {"toolUseId": "t", "type": "kind", "status": "success",
                "content": [{"text": "a"}, {"json": {"b": [1.0]}}, {"text": "c"}]}},
            {"image": {"format": "png", "source": {"bytes": "YWJj"}}},
        ])
    );
}

#[test]
fn c8_a_block_of_only_empty_text_is_left_out() {
    let builder =
        build(&[delta(0, json!({"text": ""})), stop(0), delta(1, json!({"text": "x"})), end("end_turn")]);
    assert_eq!(content(&builder), json!([{"text": "x"}]));
}

/// langchainjs#8618: some models write only a line break, or one before a tool call. Sent back, it is refused, and so is every later turn.
#[test]
fn c8_blank_text_is_content_of_the_answer_but_not_of_the_next_turn() {
    let blank = delta(0, json!({"text": "\n\n"}));
    let only = build(&[blank.clone(), stop(0), end("end_turn")]);
    assert_eq!(content(&only), json!([{"text": "\n\n"}]));
    assert_eq!(only.into_partial().into_message(), Err(IntoMessageError::Empty));

    let call = build(&[blank, stop(0), tool_start(1, "t"), stop(1), end("tool_use")]).into_partial();
    let tools = ToolConfig::new([ToolSpec::new("f", json!({"type": "object"}))]);
    let answered = ToolResultBlock::new(call.tool_calls().next().unwrap().tool_use_id.clone(), "1");
    let message = call.into_message().unwrap();
    assert_eq!(message.content.len(), 1);
    let request = Request::new().user("x").message(message).user(answered).tool_config(tools);
    assert_eq!(request.lint(), []);
}

/// Bedrock: "The format of the value at messages.1.content.0.toolUse.input is invalid. Provide a json object".
#[test]
fn c9_arguments_that_are_no_object_are_repaired_like_those_that_are_no_json() {
    for text in ["[1]", "null", " 7", r#""{\"city\":\"Paris\"}""#] {
        let input = delta(0, json!({"toolUse": {"input": text}}));
        let answer = build(&[tool_start(0, "t"), input, stop(0), end("tool_use")]).into_partial();
        assert!(answer.tool_calls().all(|call| call.input.is_usable()), "{text}");
        assert!(matches!(answer.clone().into_message(), Err(IntoMessageError::ToolInput(_))), "{text}");
        let message = answer.into_message_with(|call| Some(json!({"text": call.input.as_str()}).into()));
        let sent = serde_json::to_value(message.unwrap().content).unwrap();
        assert_eq!(sent[0]["toolUse"]["input"]["text"], text.trim());
    }
    // What the caller makes of them must be one, too.
    let input = delta(0, json!({"toolUse": {"input": "{\"city\":"}}));
    let cut = build(&[tool_start(0, "t"), input, stop(0), end("max_tokens")]).into_partial();
    let into_list = cut.into_message_with(|_| Some(json!(["Paris"]).into()));
    assert!(matches!(into_list, Err(IntoMessageError::ToolInput(_))));
    let input = delta(0, json!({"toolUse": {"input": " {\"a\": 1}"}}));
    let object = build(&[tool_start(0, "t"), input, stop(0), end("tool_use")]).into_partial();
    object.into_message().unwrap();
}

/// forgecode#3071: "The final block in an assistant message cannot be `thinking`", for ever.
#[test]
fn c8_reasoning_that_was_cut_off_is_not_of_the_next_turn() {
    let thought = delta(1, json!({"reasoningContent": {"text": "Let me"}}));
    let only = build(&[thought.clone(), stop(1), end("max_tokens")]).into_partial();
    assert_eq!(only.content().len(), 1);
    assert_eq!(only.into_message(), Err(IntoMessageError::Empty));

    let text = delta(0, json!({"text": "So"}));
    let message = build(&[text.clone(), stop(0), thought.clone(), stop(1), end("max_tokens")]).into_partial();
    assert_eq!(
        serde_json::to_value(message.into_message().unwrap().content).unwrap(),
        json!([{"text": "So"}])
    );
    // Before other content it stays: a call is refused without the reasoning that led to it.
    let call = [thought, stop(1), tool_start(2, "t"), stop(2), end("tool_use")];
    assert_eq!(build(&call).into_partial().into_message().unwrap().content.len(), 2);
}

#[test]
fn one_index_with_two_kinds_of_content_makes_two_blocks() {
    let builder = build(&[
        delta(0, json!({"reasoningContent": {"text": "hm"}})),
        delta(0, json!({"text": "so"})),
        delta(0, json!({"reasoningContent": {"text": "m"}})),
        end("end_turn"),
    ]);
    assert_eq!(
        content(&builder),
        json!([{"reasoningContent": {"reasoningText": {"text": "hmm"}}}, {"text": "so"}])
    );
}

#[test]
fn an_index_used_again_after_its_stop_makes_another_block() {
    let builder =
        build(&[delta(0, json!({"text": "a"})), stop(0), delta(0, json!({"text": "b"})), end("end_turn")]);
    assert_eq!(content(&builder), json!([{"text": "a"}, {"text": "b"}]));
}

#[test]
fn c8_it_can_be_read_after_an_error_and_names_the_open_blocks() {
    let builder = build(&[
        delta(0, json!({"text": "whole"})),
        stop(0),
        delta(1, json!({"text": "half"})),
        tool_start(2, "t"),
        delta(2, json!({"toolUse": {"input": "{\"a\": 1"}})),
        json!({"throttlingException": {"message": "slow down"}}),
    ]);
    assert!(!builder.is_complete());
    assert_eq!(builder.open_blocks(), [1, 2]);
    let response = builder.response();
    assert_eq!(response.stop_reason, None);
    let call = response.tool_calls().next().unwrap();
    assert_eq!(call.input, ToolInput::truncated("{\"a\": 1"));
    assert_eq!(response.text(), "wholehalf");
}

/// The start of the call is missing, as the fake's fault `drop:block-start` makes it.
#[test]
fn c8_an_answer_that_lacks_a_call_is_not_given_as_whole() {
    let mut events = vec![
        delta(0, json!({"text": "I look."})),
        stop(0),
        delta(1, json!({"toolUse": {"input": "{}"}})),
        stop(1),
        end("tool_use"),
    ];
    let builder = build(&events);
    assert!(builder.is_complete(), "the answer ended");
    let error = builder.clone().finish().unwrap_err();
    assert_eq!((error.skipped_events, &*error.open_blocks), (1, &[][..]));
    assert_eq!(error.to_string(), "an event of the answer was skipped, so that a part of it is missing");
    assert_eq!(*error.partial, builder.into_partial());
    assert_eq!(error.partial.tool_calls().count(), 0);

    events.insert(3, delta(1, json!({"toolUse": {"input": "{}"}})));
    let error = build(&events).finish().unwrap_err();
    assert!(error.to_string().starts_with("2 events of the answer were skipped"), "{error}");

    events.pop();
    let error = build(&events).finish().unwrap_err();
    assert_eq!(error.skipped_events, 0, "`Done` has not come");
    assert!(error.to_string().starts_with("the answer is not proven complete"), "{error}");
}

#[test]
fn c9_input_that_is_not_json_never_silently_becomes_an_object() {
    let events =
        [tool_start(0, "t1"), delta(0, json!({"toolUse": {"input": "{'a': 1}"}})), stop(0), end("tool_use")];
    let response = build(&events).into_partial();
    assert_eq!(
        serde_json::to_value(response.content()).unwrap(),
        json!([{"toolUse": {"toolUseId": "t1", "name": "f", "input": "{'a': 1}"}}])
    );

    let IntoMessageError::ToolInput(error) = response.clone().into_message().unwrap_err() else { panic!() };
    assert_eq!((error.block, &*error.id, &*error.name), (0, "t1", "f"));
    assert!(error.to_string().contains("content block 0"), "{error}");

    let repaired =
        response.into_message_with(|call| Json::from_text(&call.input.as_str().replace('\'', "\"")).ok());
    let content = serde_json::to_value(repaired.unwrap().content).unwrap();
    assert_eq!(content[0]["toolUse"]["input"], json!({"a": 1}));
}

#[test]
fn c9_a_call_that_may_lack_a_piece_is_unusable_if_the_stream_broke() {
    let whole = tool_start(0, "t");
    let mut builder = build(&[whole, delta(0, json!({"toolUse": {"input": "{\"path\":\"/tmp\"}"}}))]);
    assert!(builder.response().tool_calls().all(|call| call.input.is_usable()));
    builder.skip();
    let input = builder.response().tool_calls().next().unwrap().input.clone();
    assert_eq!(input, ToolInput::malformed("{\"path\":\"/tmp\"}"));
    input.parse::<Value>().unwrap_err();
    builder.response().into_message().unwrap_err();

    // The end of the call, and calls that were finished earlier, are more exact.
    let end: Chunk = Chunk::tool_call_end(0, "t", "f", json!({}));
    builder.push(&end);
    builder.skip();
    assert!(builder.response().tool_calls().all(|call| call.input.is_usable()));
}

#[test]
fn calls_that_bedrock_ran_are_not_the_callers_to_answer() {
    let mut at_bedrock = tool_start(0, "s");
    at_bedrock["contentBlockStart"]["start"]["toolUse"]["type"] = "server_tool_use".into();
    let response = build(&[at_bedrock, stop(0), tool_start(1, "t"), stop(1), end("tool_use")]).into_partial();
    let ids: Vec<_> = response.tool_calls().map(|call| &*call.tool_use_id).collect();
    assert_eq!(ids, ["t"]);
    assert_eq!(response.content().len(), 2);
}

#[test]
fn c9_a_call_without_arguments_is_an_empty_object_and_exact_text_is_kept() {
    let text = r#"{"b": 1.50, "a": null, "n": 1e2}"#;
    let builder = build(&[
        tool_start(0, "t0"),
        stop(0),
        tool_start(1, "t1"),
        delta(1, json!({"toolUse": {"input": &text[..9]}})),
        delta(1, json!({"toolUse": {"input": &text[9..]}})),
        end("tool_use"),
    ]);
    let response = builder.into_partial();
    let inputs: Vec<_> = response.tool_calls().map(|call| call.input.clone()).collect();
    assert_eq!(inputs, [ToolInput::Empty, ToolInput::Json(Json::from_text(text).unwrap())]);
    let sent = Request::new().user("x").message(response.into_message().unwrap()).to_json().unwrap();
    assert!(sent.contains(r#""input":{}"#) && sent.contains(text), "{sent}");
}

#[test]
fn the_message_can_be_sent_back_in_a_request() {
    let builder = build(&[
        delta(0, json!({"reasoningContent": {"text": "think"}})),
        delta(0, json!({"reasoningContent": {"signature": "sig"}})),
        stop(0),
        tool_start(1, "tooluse_1"),
        delta(1, json!({"toolUse": {"input": "{}"}})),
        stop(1),
        end("tool_use"),
    ]);
    let message = builder.into_partial().into_message().unwrap();
    let expected = serde_json::to_value(&message).unwrap();
    let request = Request::new().user("hi").message(message);
    let sent: Value = serde_json::from_str(&request.to_json().unwrap()).unwrap();
    assert_eq!(sent["messages"][1], expected);
    assert_eq!(expected["content"][0]["reasoningContent"]["reasoningText"]["signature"], "sig");
}

#[test]
fn reading_a_builder_often_changes_nothing() {
    let chunks: Vec<Chunk> = {
        let mut chunker = Chunker::new();
        let mut chunks = Vec::new();
        for i in 0..50 {
            chunker.apply(serde_json::from_value(delta(i % 3, json!({"text": "x"}))).unwrap()).unwrap();
            chunks.extend(std::iter::from_fn(|| chunker.next_chunk()));
        }
        chunks
    };
    let (mut often, mut once) = (ResponseBuilder::new(), ResponseBuilder::new());
    for chunk in &chunks {
        often.push(chunk);
        let _ = often.response();
    }
    once.extend(&chunks);
    assert_eq!(often.finish(), once.finish());
}

#[test]
fn usage_is_normalized_by_the_documented_rule() {
    let usage: Usage = serde_json::from_value(json!({
        "inputTokens": 10, "outputTokens": 5, "totalTokens": 1015, "cacheReadInputTokens": 600,
        "cacheWriteInputTokens": 400, "cacheDetails": [{"ttl": "1h", "inputTokens": 300}, {"ttl": "5m", "inputTokens": 100}],
    }))
    .unwrap();
    let normalized = usage.normalized();
    assert_eq!((normalized.input, normalized.output, normalized.total), (1010, 5, 1015));
    assert_eq!((normalized.cache_read, normalized.cache_write), (600, 400));
    assert_eq!((normalized.cache_write_1h, normalized.cache_write_5m), (300, 100));

    // Omitted counts: no total, cache writes without their times to live, or only the details.
    let bare: Usage =
        serde_json::from_value(json!({"inputTokens": 1, "outputTokens": 2, "cacheWriteInputTokens": 7}))
            .unwrap();
    assert_eq!((bare.normalized().total, bare.normalized().cache_write_5m), (10, 7));
    let detailed: Usage =
        serde_json::from_value(json!({"cacheDetails": [{"ttl": "1h", "inputTokens": 4}]})).unwrap();
    assert_eq!((detailed.normalized().cache_write, detailed.normalized().cache_write_1h), (4, 4));
    assert_eq!(Usage::default().normalized(), NormalizedUsage::default());
}

#[test]
fn hostile_counts_do_not_overflow() {
    let most = u64::MAX;
    let usage: Usage = serde_json::from_value(json!({
        "inputTokens": most, "outputTokens": most, "cacheReadInputTokens": most,
        "cacheDetails": [{"ttl": "1h", "inputTokens": most}, {"inputTokens": most}],
    }))
    .unwrap();
    assert_eq!(usage.normalized().total, most);
}

#[test]
fn usages_add_up() {
    let plain = Usage::new(10, 2);
    let cached = Usage::new(5, 1)
        .total_tokens(26)
        .cache_read_input_tokens(8)
        .cache_write_input_tokens(12)
        .cache_details(vec![
            CacheDetail::new(CacheTtl::OneHour, 4),
            CacheDetail::new(CacheTtl::FiveMinutes, 8),
        ]);
    let again = cached.clone().cache_details(vec![CacheDetail::new(CacheTtl::OneHour, 12)]);
    let sum = plain.clone() + cached.clone() + again.clone();
    let expected = Usage::new(20, 4)
        .total_tokens(64)
        .cache_read_input_tokens(16)
        .cache_write_input_tokens(24)
        .cache_details(vec![
            CacheDetail::new(CacheTtl::OneHour, 16),
            CacheDetail::new(CacheTtl::FiveMinutes, 8),
        ]);
    assert_eq!(sum, expected);
    assert_eq!([plain.clone(), cached, again].into_iter().sum::<Usage>(), expected);
    let mut counted = Usage::default();
    counted += plain.clone();
    assert_eq!(counted, plain, "adding an empty usage changes nothing");
    assert_eq!(plain.clone() + Usage::default(), plain);
}

#[test]
fn counts_missing_from_one_usage_do_not_invalidate_the_sum() {
    let untold = |json: Value| serde_json::from_value::<Usage>(json).unwrap();
    let sum = Usage::new(1, 2) + untold(json!({"inputTokens": 4, "outputTokens": 8}));
    assert_eq!(sum, Usage::new(5, 10), "a missing total is computed");
    let sum = Usage::new(1, 2).cache_write_input_tokens(3)
        + untold(json!({"cacheDetails": [{"ttl": "1h", "inputTokens": 5}]}));
    assert_eq!(sum.cache_write_input_tokens, Some(8));
    assert_eq!(sum.normalized().cache_write_1h, 5);

    let most =
        Usage::new(u64::MAX, u64::MAX).cache_details(vec![CacheDetail::new(CacheTtl::OneHour, u64::MAX)]);
    assert_eq!(most.clone() + most.clone(), most);

    let sum = untold(json!({"a": {"n": 1}, "b": 2})) + untold(json!({"b": 3, "c": 4}));
    assert_eq!(serde_json::to_value(sum).unwrap(), json!({"a": {"n": 1}, "b": 3, "c": 4}));
}

#[test]
fn as_text_returns_the_text_of_a_text_chunk() {
    let text = |text: &str| text.to_owned();
    assert_eq!(Chunk::text(1, text("a")).as_text(), Some("a"));
    assert_eq!(Chunk::reasoning(1, text("a")).as_text(), None);
    assert_eq!(Chunk::block_end(1).as_text(), None);
}
