//! Requests of a wrong shape, which each operation refuses in its own words.

use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::FakeBedrock;
use serde_json::{Value, json};

use crate::dialects::{ask, events_request, with};

/// Asks, and compares the message and OpenAI's `param`.
async fn expect(bedrock: &FakeBedrock, path: &str, body: &Value, said: &str, param: &str) {
    let reply = ask(bedrock, path, body).await;
    assert_eq!(reply.status, 400, "{path} {body} {:?}", reply.body);
    let error: Value = serde_json::from_slice(&reply.body).expect("a refusal is JSON");
    let message = error["error"]["message"].as_str().or(error["message"].as_str()).unwrap_or_default();
    assert!(message.contains(said), "{path} {body}\n{message}");
    assert_eq!(error["error"]["param"].as_str().unwrap_or_default(), param, "{path} {body} {error}");
}

#[tokio::test]
async fn items_and_choices_of_responses() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let valid = || events_request(Dialect::Responses, "m");
    let part = |part: Value| json!([{"role": "user", "content": [part]}]);
    for (input, said, param) in [
        (json!([]), "Invalid 'input': empty array.", "input"),
        (json!(["x"]), "Invalid type for 'input[0]': expected an object, but got a string", "input[0]"),
        (json!([{"type": "nonsense"}]), "Invalid value: 'nonsense'. Supported values are: ", "input[0].type"),
        (json!([{"type": 5}]), "Invalid type for 'input[0].type': expected a string", "input[0].type"),
        (
            json!([{"role": "bot", "content": "x"}]),
            "Invalid value: 'bot'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
            "input[0].role",
        ),
        (json!([{"content": "x"}]), "Missing required parameter: 'input[0].role'.", "input[0].role"),
        (
            json!([{"role": "user", "content": 3}]),
            "Invalid type for 'input[0].content': expected one of an array of objects or string, but got an integer",
            "input[0].content",
        ),
        (json!([{"role": "user"}]), "Missing required parameter: 'input[0].content'.", "input[0].content"),
        (
            part(json!({"type": "text", "text": "x"})),
            "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', ",
            "input[0].content[0].type",
        ),
        (
            part(json!({"type": "input_text"})),
            "Missing required parameter: 'input[0].content[0].text'.",
            "input[0].content[0].text",
        ),
        (
            json!([{"type": "function_call", "call_id": "a", "arguments": "{}"}]),
            "Missing required parameter: 'input[0].name'.",
            "input[0].name",
        ),
        (
            json!([{"type": "function_call", "call_id": "a", "name": "f", "arguments": {}}]),
            "Invalid type for 'input[0].arguments': expected a string, but got an object",
            "input[0].arguments",
        ),
        (
            json!([{"type": "function_call_output", "output": "x"}]),
            "Missing required parameter: 'input[0].call_id'.",
            "input[0].call_id",
        ),
        (
            json!([{"type": "function_call_output", "call_id": "a"}]),
            "Missing required parameter: 'input[0].output'.",
            "input[0].output",
        ),
    ] {
        expect(&bedrock, "/v1/responses", &with(valid(), "input", input), said, param).await;
    }
    for (name, value, said) in [
        ("instructions", json!(3), "Invalid type for 'instructions': expected a string, but got an integer"),
        (
            "tool_choice",
            json!(5),
            "Invalid type for 'tool_choice': expected one of a string or object, but got an integer",
        ),
        (
            "tool_choice",
            json!("maybe"),
            "Invalid value: 'maybe'. Supported values are: 'none', 'auto', and 'required'.",
        ),
        ("model", json!(5), "Invalid type for 'model': expected a string, but got an integer"),
    ] {
        expect(&bedrock, "/v1/responses", &with(valid(), name, value), said, name).await;
    }
    let tool = with(valid(), "tools", json!([{"type": "function", "name": 5}]));
    expect(&bedrock, "/v1/responses", &tool, "Invalid type for 'tools[0].name'", "tools[0].name").await;
    for input in [
        json!([{"role": "assistant", "content": [{"type": "output_text", "text": "x"}]}, {"type": "reasoning", "summary": []}]),
        json!([{"type": "item_reference", "id": "x"}, {"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}]),
        json!([{"type": "mcp_approval_response", "approval_request_id": "x", "approve": true}]),
        json!([{"id": "msg_1"}, {"role": "user", "content": "x"}]),
    ] {
        let reply = ask(&bedrock, "/v1/responses", &with(valid(), "input", input.clone())).await;
        assert_eq!(reply.status, 200, "{input} {:?}", reply.body);
    }
    let goes_on = with(with(valid(), "input", json!([])), "previous_response_id", "resp_1");
    assert_eq!(ask(&bedrock, "/v1/responses", &goes_on).await.status, 200);
}

#[tokio::test]
async fn parts_and_choices_of_chat_completions() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let valid = || events_request(Dialect::Chat, "m");
    let of = |role: &str, content: Value| json!([{"role": role, "content": content}]);
    let at = "messages[0].content";
    for (messages, said, param) in [
        (
            json!(["x"]),
            "Invalid type for 'messages[0]': expected an object, but got a string",
            "messages[0]".to_owned(),
        ),
        (
            json!([{"role": 5}]),
            "Invalid type for 'messages[0].role': expected a string",
            "messages[0].role".to_owned(),
        ),
        (
            of("user", json!([{"type": "nope"}])),
            "Invalid value: 'nope'. Supported values are: 'text', 'image_url', ",
            format!("{at}[0].type"),
        ),
        (of("user", json!(["x"])), "expected an object, but got a string", format!("{at}[0]")),
        (of("user", json!([{"text": "x"}])), "Missing required parameter", format!("{at}[0].type")),
        (of("user", json!([{"type": "text"}])), "Missing required parameter", format!("{at}[0].text")),
        (of("system", json!([{"type": "text", "text": 5}])), "expected a string", format!("{at}[0].text")),
        (of("user", json!([])), "empty array. Expected an array with minimum length 1", at.to_owned()),
        (
            of("user", json!([{"type": "image_url", "image_url": "x"}])),
            "expected an object, but got a string",
            format!("{at}[0].image_url"),
        ),
    ] {
        for path in ["/v1/chat/completions", "/model/openai.gpt-oss-20b-1%3A0/invoke"] {
            let is_invoked = path.starts_with("/model");
            let body = if is_invoked {
                json!({"messages": messages})
            } else {
                with(valid(), "messages", messages.clone())
            };
            expect(&bedrock, path, &body, said, if is_invoked { "" } else { &param }).await;
        }
    }
    for (name, value, said) in [
        (
            "tool_choice",
            json!("maybe"),
            "Invalid value: 'maybe'. Supported values are: 'none', 'auto', and 'required'.",
        ),
        ("tool_choice", json!(5), "Invalid type for 'tool_choice': expected one of a string or object"),
        (
            "n",
            json!(3),
            "Invalid 'n': integer above maximum value. Expected a value <= 1, but got 3 instead.",
        ),
        ("model", json!(5), "Invalid type for 'model': expected a string, but got an integer"),
    ] {
        expect(&bedrock, "/v1/chat/completions", &with(valid(), name, value), said, name).await;
    }
    let tool = with(valid(), "tools", json!([{"type": "function", "function": {"name": 5}}]));
    let path = "/v1/chat/completions";
    expect(&bedrock, path, &tool, "Invalid type for 'tools[0].function.name'", "tools[0].function.name")
        .await;
    for content in [
        json!([{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]),
        json!([{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "file", "file": {"file_data": "x"}}]),
        json!("x"),
    ] {
        let body = with(with(valid(), "messages", of("user", content)), "n", 1);
        assert_eq!(ask(&bedrock, path, &body).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn blocks_and_thinking_of_messages() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let valid = || with(events_request(Dialect::Messages, "m"), "max_tokens", 4096);
    let user = |block: Value| json!([{"role": "user", "content": [block]}]);
    let assistant =
        |block: Value| json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": [block]}]);
    let cases = [
        (
            "messages",
            user(json!({"type": "nope"})),
            "messages.0.content.0: Input tag 'nope' found using 'type' does not match any of the expected tags: ",
        ),
        ("messages", user(json!("x")), "messages.0.content.0: Input should be a valid dictionary"),
        ("messages", user(json!({"text": "x"})), "messages.0.content.0.type: Field required"),
        ("messages", user(json!({"type": "text"})), "messages.0.content.0.text.text: Field required"),
        (
            "messages",
            user(json!({"type": "text", "text": 5})),
            "messages.0.content.0.text.text: Input should be a valid string",
        ),
        ("messages", user(json!({"type": "image"})), "messages.0.content.0.image.source: Field required"),
        (
            "messages",
            user(json!({"type": "tool_result", "content": "x"})),
            "messages.0.content.0.tool_result.tool_use_id: Field required",
        ),
        (
            "messages",
            assistant(json!({"type": "tool_use", "id": "a", "name": "f"})),
            "messages.1.content.0.tool_use.input: Field required",
        ),
        (
            "messages",
            assistant(json!({"type": "tool_use", "id": "a", "name": "f", "input": "x"})),
            "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
        ),
        (
            "messages",
            assistant(json!({"type": "thinking", "thinking": "x"})),
            "messages.1.content.0.thinking.signature: Field required",
        ),
        (
            "messages",
            json!([{"role": "user", "content": 5}]),
            "messages.0.content: Input should be a valid string",
        ),
        ("system", json!(5), "system: Input should be a valid list"),
        ("system", json!([{"type": "image"}]), "system.0.type: Input should be 'text'"),
        (
            "thinking",
            json!({"type": "maybe"}),
            "thinking: Input tag 'maybe' found using 'type' does not match any of the expected tags: ",
        ),
        ("thinking", json!({"type": "enabled"}), "thinking.enabled.budget_tokens: Field required"),
        (
            "thinking",
            json!({"type": "enabled", "budget_tokens": 100}),
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            "thinking",
            json!({"type": "enabled", "budget_tokens": 4096}),
            "`max_tokens` must be greater than `thinking.budget_tokens`.",
        ),
        (
            "tool_choice",
            json!({"type": "maybe"}),
            "tool_choice: Input tag 'maybe' found using 'type' does not match any of the expected tags: ",
        ),
        ("tools", json!([{"name": 5, "input_schema": {}}]), "tools.0.name: Input should be a valid string"),
        ("max_tokens", json!("x"), "max_tokens: Input should be a valid integer"),
    ];
    for (name, value, said) in cases {
        let body = with(valid(), name, value);
        expect(&bedrock, "/anthropic/v1/messages", &body, said, "").await;
        let mut invoked = body;
        invoked.as_object_mut().expect("it is an object").remove("model");
        expect(&bedrock, "/model/anthropic.claude-3/invoke", &invoked, said, "").await;
    }
    let body = with(valid(), "model", 5);
    expect(&bedrock, "/anthropic/v1/messages", &body, "model: Input should be a valid string", "").await;

    let budget = json!({"type": "enabled", "budget_tokens": 8192});
    let interleaved =
        with(with(valid(), "thinking", budget), "anthropic_beta", json!(["interleaved-thinking-2025-05-14"]));
    for body in [
        with(valid(), "thinking", json!({"type": "enabled", "budget_tokens": 1024})),
        with(valid(), "thinking", json!({"type": "adaptive"})),
        interleaved,
        with(valid(), "messages", user(json!({"type": "image", "source": {"type": "url", "url": "x"}}))),
        with(
            valid(),
            "messages",
            user(json!({"type": "search_result", "source": "x", "title": "x", "content": []})),
        ),
        with(valid(), "messages", assistant(json!({"type": "redacted_thinking", "data": "x"}))),
        with(valid(), "system", json!([{"type": "text", "text": "x"}])),
    ] {
        let reply = ask(&bedrock, "/anthropic/v1/messages", &body).await;
        assert_eq!(reply.status, 200, "{body} {:?}", reply.body);
    }
}

#[tokio::test]
async fn blocks_of_converse_and_nova() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user = |block: Value| json!({"messages": [{"role": "user", "content": [{"text": "x"}, block]}]});
    let result = |block: Value| {
        json!({
            "messages": [
                {"role": "user", "content": [{"text": "x"}]},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "f", "input": {}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "a", "content": [block]}}]},
            ],
            "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}]},
        })
    };
    for (body, said) in [
        (
            user(json!({"nope": {}})),
            "The ContentBlock object at messages.0.content.1 must set one of the following keys: text, image, ",
        ),
        (
            user(json!({})),
            "The ContentBlock object at messages.0.content.1 must set one of the following keys",
        ),
        (
            result(json!({"nope": 1})),
            "The ToolResultContentBlock object at messages.2.content.0.toolResult.content.0 must set one of the following keys: \
             json, text, ",
        ),
        (
            with(user(json!({"text": "y"})), "system", json!([{"nope": 1}])),
            "The SystemContentBlock object at system.0 must set one of the following keys: text, guardContent, cachePoint",
        ),
    ] {
        for path in ["/model/m/converse", "/model/m/converse-stream"] {
            expect(&bedrock, path, &body, said, "").await;
        }
        expect(&bedrock, "/model/m/count-tokens", &json!({"input": {"converse": body}}), said, "").await;
    }
    for (body, said) in [
        (user(json!({"nope": {}})), "#/messages/0/content/1: extraneous key [nope] is not permitted"),
        (user(json!("x")), "#/messages/0/content/1: expected type: JSONObject, found: String"),
        (
            json!({"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": [{"text": "x"}]}]}),
            "#/messages/0/content: expected type: JSONArray, found: String",
        ),
    ] {
        expect(&bedrock, "/model/amazon.nova-lite-v1%3A0/invoke", &body, said, "").await;
    }
    // A block may have members that Bedrock does not know, beside one that it does.
    let body = user(json!({"text": "y", "type": "text"}));
    assert_eq!(ask(&bedrock, "/model/m/converse", &body).await.status, 200);
}
