//! Requests of which one value has another type: in every dialect, each value in turn.

use std::time::Duration;

use bedrock_stream_testkit::{FakeBedrock, ResultMatch, TurnMatch, When, answer};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::request;

/// A request of each operation with much of what it may have.
fn requests() -> Vec<(&'static str, Value)> {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let converse = json!({
        "system": [{"text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"text": "Paris?"}, {"image": {"format": "png", "source": {"bytes": "AAAA"}}}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "look", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "a", "content": [{"text": "Sunny"}]}}]},
        ],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "stopSequences": ["x"]},
        "toolConfig": {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": schema}}}], "toolChoice": {"auto": {}}},
    });
    let messages = json!({
        "model": "m", "max_tokens": 9, "anthropic_version": "bedrock-2023-05-31", "system": [{"type": "text", "text": "S"}],
        "messages": [
            {"role": "user", "content": "Paris?"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "x"}]}]},
        ],
        "tools": [{"name": "look", "input_schema": schema}], "tool_choice": {"type": "auto"}, "temperature": 1,
    });
    let mut invoked = messages.clone();
    invoked.as_object_mut().expect("it is an object").remove("model");
    let chat = json!({
        "model": "m", "max_tokens": 9, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "S"},
            {"role": "user", "content": [{"type": "text", "text": "Paris?"}]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "a", "content": "Sunny"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": schema}}], "tool_choice": "auto",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
    });
    let responses = json!({
        "model": "m", "instructions": "S", "max_output_tokens": 9,
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Paris?"}]},
            {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "Sunny"},
        ],
        "tools": [{"type": "function", "name": "look", "parameters": schema}], "tool_choice": {"type": "function", "name": "look"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": schema}},
    });
    let cohere = json!({
        "message": "Hi", "preamble": "S", "chat_history": [{"role": "USER", "message": "Paris?"}],
        "tool_results": [{"call": {"name": "look", "parameters": {}}, "outputs": [{"t": 1}]}],
    });
    let mut stream = chat.clone();
    stream["stream"] = true.into();
    vec![
        ("/model/m/converse", converse.clone()),
        ("/model/m/converse-stream", converse.clone()),
        ("/model/m/count-tokens", json!({"input": {"converse": converse.clone()}})),
        ("/model/amazon.nova-lite-v1%3A0/invoke", converse),
        ("/anthropic/v1/messages", messages.clone()),
        ("/anthropic/v1/messages/count_tokens", messages),
        ("/model/anthropic.claude-3/invoke", invoked),
        ("/v1/chat/completions", stream),
        (
            "/model/openai.gpt-oss-20b-1%3A0/invoke",
            json!({"messages": chat["messages"], "tools": chat["tools"]}),
        ),
        ("/v1/responses", responses),
        (
            "/model/amazon.titan-text-lite-v1/invoke",
            json!({"inputText": "Hi", "textGenerationConfig": {"maxTokenCount": 1}}),
        ),
        ("/model/meta.llama3/invoke", json!({"prompt": "Hi", "max_gen_len": 9})),
        ("/model/us.deepseek.r1-v1%3A0/invoke", json!({"prompt": "Hi", "stop": ["x"]})),
        (
            "/model/anthropic.claude-v2/invoke",
            json!({"prompt": "\n\nHuman: Hi\n\nAssistant:", "max_tokens_to_sample": 9}),
        ),
        ("/model/cohere.command-r-v1%3A0/invoke", cohere),
        (
            "/guardrail/g/version/1/apply",
            json!({"source": "INPUT", "content": [{"text": {"text": "x", "qualifiers": ["query"]}}]}),
        ),
        (
            "/guardrail-checks/invoke",
            json!({
                "messages": [{"role": "user", "content": [{"text": "x"}]}],
                "checks": {"promptAttack": {"categories": [{"category": "JAILBREAK"}]}},
            }),
        ),
    ]
}

/// The paths of all values in a request.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), all));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), all));
        }
        _ => {}
    }
}

#[tokio::test]
async fn any_value_of_another_type_is_answered_or_refused() {
    // The conditions never hold, but are evaluated for every request.
    let bedrock = FakeBedrock::builder()
        .reply_when("*", When::new().turn(TurnMatch::AtLeast(99)), answer())
        .reply_when("*", When::new().tool_result(ResultMatch::new().tool("none").error(true)), answer())
        .reply("*", answer().text("Hello."))
        .start()
        .await
        .expect("a port is free");
    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("it is fresh");
    tokio::spawn(connection);
    let (mut answered, mut refused) = (0, 0);
    for (path, body) in requests() {
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        for pointer in all {
            for wrong in [
                Value::Null,
                json!(true),
                json!(-1.5),
                json!(""),
                json!([]),
                json!({}),
                json!([[{}]]),
                json!({"x": []}),
            ] {
                let mut body = body.clone();
                *body.pointer_mut(&pointer).expect("it is there") = wrong;
                let request = request(&bedrock, path, body.to_string());
                let response = timeout(Duration::from_secs(60), async {
                    sender.ready().await.expect("the connection holds");
                    sender.send_request(request).await.expect("the fake answers")
                });
                let response = response.await.unwrap_or_else(|_| panic!("no answer to {path} {body}"));
                let status = response.status().as_u16();
                let received = response.into_body().collect().await.expect("it is whole").to_bytes();
                match status {
                    200 => answered += 1,
                    400 => {
                        let error: Value = serde_json::from_slice(&received).expect("a refusal is JSON");
                        let message = error["message"].as_str().or(error["error"]["message"].as_str());
                        assert!(message.is_some_and(|text| !text.is_empty()), "{path} {error}");
                        refused += 1;
                    }
                    status => panic!("{status} to {path} {body}: {received:?}"),
                }
            }
        }
    }
    println!("{answered} answered, {refused} refused");
    assert!(answered > 500 && refused > 500, "{answered} answered, {refused} refused");
}
