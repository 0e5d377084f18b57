//! Requests of less common shapes, which each operation takes.

use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::FakeBedrock;
use serde_json::{Value, json};

use crate::dialects::{ask, events_request, with};

/// Asks, and expects an answer.
async fn accept(bedrock: &FakeBedrock, path: &str, body: &Value) {
    let reply = ask(bedrock, path, body).await;
    assert_eq!(reply.status, 200, "{path} {body} {:?}", reply.body);
}

/// Asks, and expects a refusal that says this.
async fn refuse(bedrock: &FakeBedrock, path: &str, body: &Value, said: &str) {
    let reply = ask(bedrock, path, body).await;
    let text = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status, 400, "{path} {body} {text}");
    assert!(text.contains(said), "{path} {body} {text}");
}

#[tokio::test]
async fn a_system_message_may_follow_one_of_the_user() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let system = json!({"role": "system", "content": "Be brief."});
    let user = json!({"role": "user", "content": "hi"});
    let assistant = json!({"role": "assistant", "content": "Hello."});
    let call =
        json!({"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]});
    let result =
        json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "x"}]});
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9});
    for (path, body) in [
        ("/anthropic/v1/messages", events_request(Dialect::Messages, "m")),
        ("/model/anthropic.claude-3/invoke", invoke),
    ] {
        for messages in [
            json!([user, system]),
            json!([user, system, assistant, user]),
            json!([user, assistant, user, {"role": "system", "content": [{"type": "text", "text": "Be brief."}]}]),
            json!([user, call, result, system]),
        ] {
            accept(&bedrock, path, &with(body.clone(), "messages", messages)).await;
        }
        for (messages, said) in [
            (json!([system, user]), "messages.0.role: Input should be 'user' or 'assistant'"),
            (
                json!([user, assistant, system]),
                "messages.2.role: A 'system' message must follow a 'user' message",
            ),
            (
                json!([user, {"role": "system", "content": 3}]),
                "messages.1.content: Input should be a valid string",
            ),
            (json!([user, call, system, result]), "messages.2.role: A 'system' message must follow"),
        ] {
            refuse(&bedrock, path, &with(body.clone(), "messages", messages), said).await;
        }
    }
}

#[tokio::test]
async fn an_invoked_gpt_oss_may_be_told_its_model_and_stream_again() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let id = "openai.gpt-oss-120b-1:0";
    let user = json!([{"role": "user", "content": "hi"}]);
    for (operation, is_streamed) in [("invoke", false), ("invoke-with-response-stream", true)] {
        for path in
            [format!("/model/{id}/{operation}"), format!("/model/openai.gpt-oss-120b-1%3A0/{operation}")]
        {
            let body = json!({"model": id, "messages": user, "stream": is_streamed});
            accept(&bedrock, &path, &body).await;
            let other = with(body.clone(), "stream", !is_streamed);
            refuse(&bedrock, &path, &other, "the stream of the body must be that of the operation").await;
            let other = with(body, "model", "openai.gpt-oss-20b-1:0");
            refuse(&bedrock, &path, &other, "the model of the body must be that of the path").await;
        }
    }
    let arn = "/model/arn:aws:bedrock:us-west-2::foundation-model%2Fopenai.gpt-oss-120b-1:0/invoke";
    accept(&bedrock, arn, &json!({"model": id, "messages": user})).await;
}

#[tokio::test]
async fn an_invoked_mistral_may_be_made_to_call_any_tool() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let path = "/model/mistral.mistral-large-2407-v1%3A0/invoke";
    let body = json!({
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
    });
    for (choice, calls) in [("auto", true), ("any", true), ("none", false), ("required", true)] {
        let reply = ask(&bedrock, path, &with(body.clone(), "tool_choice", choice)).await;
        assert_eq!(reply.status, 200, "{choice} {:?}", reply.body);
        let answer: Value = serde_json::from_slice(&reply.body).expect("an answer is JSON");
        let called = answer["choices"][0]["message"]["tool_calls"].is_array();
        assert!(called == calls || choice == "auto", "{choice} {answer}");
    }
    refuse(
        &bedrock,
        path,
        &with(body.clone(), "tool_choice", "some"),
        "'none', 'auto', 'required', and 'any'",
    )
    .await;
    let chat = with(with(body, "model", "m"), "tool_choice", "any");
    refuse(&bedrock, "/v1/chat/completions", &chat, "Invalid value: 'any'").await;
}

#[tokio::test]
async fn only_function_calls_of_responses_are_paired_with_outputs() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let valid = || events_request(Dialect::Responses, "m");
    let user = json!({"role": "user", "content": "hi"});
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c1", "output": "r"});
    let custom = json!({"type": "custom_tool_call", "call_id": "c1", "name": "f", "input": "x"});
    for input in [
        json!([
            {"type": "tool_search_call", "call_id": "s", "arguments": {}},
            {"type": "tool_search_output", "call_id": "s", "tools": []},
        ]),
        json!([
            {"type": "program", "id": "p", "call_id": "p", "code": "1", "fingerprint": "x"},
            {"type": "program_output", "id": "o", "call_id": "p", "result": "1", "status": "completed"},
        ]),
        json!([
            {"type": "local_shell_call", "id": "l", "action": {"type": "exec", "command": ["ls"], "env": {}}, "status": "completed"},
            {"type": "local_shell_call_output", "id": "l", "output": "x"},
        ]),
        json!([user, {"type": "item_reference", "id": "fc_1"}, output]),
        json!([user, {"id": "fc_1"}, output]),
        json!([{"type": "compaction", "encrypted_content": "x"}, output]),
        json!([user, call, output]),
        json!([user, custom, {"type": "custom_tool_call_output", "call_id": "c1", "output": "r"}]),
    ] {
        accept(&bedrock, "/v1/responses", &with(valid(), "input", input)).await;
    }
    for (input, said) in [
        (json!([user, output]), "No tool call found for function call output with call_id c1."),
        (json!([user, output, call]), "No tool call found for function call output with call_id c1."),
        (json!([user, call]), "No tool output found for function call c1."),
        (json!([user, custom]), "No tool output found for function call c1."),
    ] {
        refuse(&bedrock, "/v1/responses", &with(valid(), "input", input), said).await;
    }
}

#[tokio::test]
async fn a_fault_of_the_stream_leaves_the_usage_of_a_whole_answer() {
    let usage = async |bedrock: &FakeBedrock| {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        let reply = ask(bedrock, "/v1/chat/completions", &body).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        let answer: Value = serde_json::from_slice(&reply.body).expect("an answer is JSON");
        answer["usage"].clone()
    };
    let sound = FakeBedrock::start().await.expect("a port is free");
    let sound = usage(&sound).await;
    assert!(sound["completion_tokens"].as_u64().is_some_and(|tokens| tokens > 0), "{sound}");
    for fault in ["slow-head:1", "drip", "sse:crlf"] {
        let fault = fault.parse().expect("it is a fault");
        let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
        assert_eq!(usage(&bedrock).await, sound, "{fault}");
    }
}

#[tokio::test]
async fn a_request_of_responses_needs_no_input_where_something_else_is_asked() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let body = json!({"model": "m"});
    for (name, value) in [
        ("previous_response_id", json!("resp_1")),
        ("prompt", json!({"id": "pmpt_1"})),
        ("conversation", json!("conv_1")),
    ] {
        accept(&bedrock, "/v1/responses", &with(body.clone(), name, value)).await;
        let nothing = with(body.clone(), name, Value::Null);
        refuse(&bedrock, "/v1/responses", &nothing, "Missing required parameter: 'input'.").await;
    }
}

#[tokio::test]
async fn chat_completions_take_the_older_function_messages() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user = json!({"role": "user", "content": "Paris?"});
    let call =
        json!({"role": "assistant", "content": null, "function_call": {"name": "look", "arguments": "{}"}});
    let function = json!({"role": "function", "name": "look", "content": "Sunny"});
    let body = |function: &Value| json!({"model": "m", "messages": [user, call, function]});
    accept(&bedrock, "/v1/chat/completions", &body(&function)).await;
    let said = bedrock.requests()[0].conversation();
    let results: Vec<_> = said.tool_results.iter().map(|of| (of.name.as_deref(), &*of.text)).collect();
    assert_eq!((&*said.prompt, said.turn, &*results), ("Paris?", 2, &[(Some("look"), "Sunny")][..]));
    accept(&bedrock, "/v1/chat/completions", &body(&with(function.clone(), "content", Value::Null))).await;
    let nameless = body(&with(function, "name", Value::Null));
    refuse(&bedrock, "/v1/chat/completions", &nameless, "Missing required parameter: 'messages[2].name'.")
        .await;
}

#[tokio::test]
async fn tool_results_may_be_in_several_messages_of_the_user() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user = json!({"role": "user", "content": "hi"});
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
    let calls = json!({"role": "assistant", "content": [call("a"), call("b")]});
    let result = |id: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "x"}]});
    let (path, body) = ("/anthropic/v1/messages", events_request(Dialect::Messages, "m"));
    let done = json!({"role": "assistant", "content": "Done."});
    for messages in [
        json!([user, calls, result("a"), result("b")]),
        json!([user, calls, result("b"), result("a"), user, done, user]),
    ] {
        accept(&bedrock, path, &with(body.clone(), "messages", messages)).await;
    }
    let missing = "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b.";
    for (messages, said) in [
        (json!([user, calls, result("a"), user]), missing),
        (json!([user, calls, result("a"), done, result("b")]), missing),
        (json!([user, calls, done]), "blocks immediately after: a, b."),
        (
            json!([user, calls, result("a"), result("c")]),
            "messages.3.content.0: unexpected `tool_use_id` found",
        ),
        (
            json!([user, calls, result("a"), result("b"), done, result("a")]),
            "messages.5.content.0: unexpected `tool_use_id` found",
        ),
    ] {
        refuse(&bedrock, path, &with(body.clone(), "messages", messages), said).await;
    }
}
