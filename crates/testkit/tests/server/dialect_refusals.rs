//! Each dialect's own refusals.

use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::{FakeBedrock, Refusal, RefusalKind};
use serde_json::{Value, json};

use crate::dialects::{EVENTS, ask, events_request, with};
use crate::support::{call, request};

#[tokio::test]
async fn requests_are_refused_in_the_words_of_their_dialect() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let chat = |body: Value| ("/v1/chat/completions", body);
    let messages = |body: Value| ("/anthropic/v1/messages", body);
    let user = json!({"role": "user", "content": "Hello"});
    for ((path, body), said, param) in [
        (chat(json!({"messages": [user]})), "Missing required parameter: 'model'.", json!("model")),
        (chat(json!({"model": "m"})), "Missing required parameter: 'messages'.", json!("messages")),
        (
            chat(json!({"model": "m", "messages": [user], "temperature": 3})),
            "Expected a value <= 2, but got 3 instead.",
            json!("temperature"),
        ),
        (
            ("/v1/responses", json!({"model": "m", "input": "x", "stream": "yes"})),
            "expected a boolean, but got a string instead.",
            json!("stream"),
        ),
        (
            chat(json!({"model": "m", "messages": "x"})),
            "expected an array of objects, but got a string",
            json!("messages"),
        ),
        (
            chat(json!({"model": "m", "messages": [{"role": "human", "content": "x"}]})),
            "Invalid value: 'human'.",
            json!("messages[0].role"),
        ),
        (
            chat(
                json!({"model": "m", "messages": [user, {"role": "tool", "tool_call_id": "a", "content": "x"}]}),
            ),
            "messages with role 'tool' must be a response",
            json!("messages.[1].role"),
        ),
        (("/v1/responses", json!({"model": "m"})), "Missing required parameter: 'input'.", json!("input")),
        (
            (
                "/v1/responses",
                json!({"model": "m", "input": [
                {"type": "function_call_output", "call_id": "a", "output": "x"}]}),
            ),
            "No tool call found for function call output with call_id a.",
            json!("input"),
        ),
    ] {
        let reply = ask(&bedrock, path, &body).await;
        let error: Value = serde_json::from_slice(&reply.body).expect("a refusal is JSON");
        assert_eq!(
            (reply.status.as_u16(), &error["error"]["type"]),
            (400, &json!("invalid_request_error")),
            "{body}"
        );
        assert!(error["error"]["message"].as_str().is_some_and(|text| text.contains(said)), "{error}");
        assert_eq!(error["error"]["param"], param, "{body}");
    }
    let valid = events_request(Dialect::Messages, "m");
    for ((path, body), said) in [
        (
            messages(json!({"model": "m", "messages": [user], "max_tokens": 1})),
            "anthropic-version: header is required",
        ),
        (
            messages(with(valid.clone(), "max_tokens", 0)),
            "max_tokens: Input should be greater than or equal to 1",
        ),
        (messages(with(valid.clone(), "messages", json!([]))), "messages: at least one message is required"),
        (
            messages(with(valid.clone(), "messages", json!([{"role": "system", "content": "x"}]))),
            "messages.0.role: Input should be 'user' or 'assistant'",
        ),
        (
            messages(with(
                valid.clone(),
                "messages",
                json!([{"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}]}]),
            )),
            "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1",
        ),
        (messages(with(valid.clone(), "model", Value::Null)), "model: Field required"),
        (messages(with(valid.clone(), "top_p", "x")), "top_p: Input should be a valid number"),
    ] {
        let reply = ask(&bedrock, path, &body).await;
        let error: Value = serde_json::from_slice(&reply.body).expect("a refusal is JSON");
        assert_eq!((reply.status.as_u16(), &error["type"]), (400, &json!("error")), "{body}");
        assert_eq!(error["error"]["type"], "invalid_request_error", "{body}");
        assert!(error["error"]["message"].as_str().is_some_and(|text| text.contains(said)), "{error}");
    }
    let claude = "/model/anthropic.claude-v1/invoke";
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [user]});
    for (path, body, said) in [
        (claude, with(invoke.clone(), "stream", true), "extraneous key [stream] is not permitted"),
        (claude, with(invoke.clone(), "model", "m"), "extraneous key [model] is not permitted"),
        (claude, with(invoke.clone(), "anthropic_version", "claude-3"), "Invalid API version: claude-3"),
        (
            claude,
            json!({"anthropic_version": "bedrock-2023-05-31", "messages": [user]}),
            "max_tokens: Field required",
        ),
        (
            "/model/amazon.titan-text-lite-v1/invoke",
            json!({"prompt": "x"}),
            "required key [inputText] not found",
        ),
        (
            "/model/meta.llama3/invoke-with-response-stream",
            json!({"prompt": 1}),
            "#/prompt: expected type: String",
        ),
        (
            "/model/meta.llama3/invoke",
            json!({"prompt": "x", "max_tokens": 9}),
            "#: extraneous key [max_tokens] is not permitted",
        ),
        (
            "/model/us.deepseek.r1-v1%3A0/invoke",
            json!({"messages": [user]}),
            "#: required key [prompt] not found",
        ),
        (
            "/model/cohere.command-r-v1%3A0/invoke",
            json!({"message": "x", "p": "most"}),
            "#/p: expected type: Number, found: String",
        ),
        (
            "/model/anthropic.claude-v2/invoke",
            json!({"prompt": "\n\nHuman: x\n\nAssistant:"}),
            "#: required key [max_tokens_to_sample] not found",
        ),
        (
            "/model/anthropic.claude-v2/invoke",
            json!({"prompt": "x\n\nAssistant:", "max_tokens_to_sample": 9}),
            "prompt must start with \"\n\nHuman:\" turn",
        ),
        (
            "/model/anthropic.claude-v2/invoke",
            json!({"prompt": "\n\nHuman: x", "max_tokens_to_sample": 9}),
            "prompt must end with \"\n\nAssistant:\" turn",
        ),
        (
            "/model/us.anthropic.claude-3-sonnet-20240229-v1%3A0/invoke",
            json!({"prompt": "\n\nHuman: x\n\nAssistant:", "max_tokens_to_sample": 9}),
            "\"claude-3-sonnet-20240229\" is not supported on this API. Please use the Messages API instead.",
        ),
        (
            claude,
            with(invoke.clone(), "temperature", 2),
            "temperature: Input should be less than or equal to 1",
        ),
        (
            "/model/amazon.nova-lite/invoke",
            json!({"messages": []}),
            "#/messages: expected minimum item count",
        ),
        (
            "/model/cohere.command-r-v1%3A0/invoke",
            json!({"prompt": "x"}),
            "#: required key [message] not found",
        ),
        (
            "/model/cohere.command-light-text-v14/invoke",
            json!({"message": "x"}),
            "#: required key [prompt] not found",
        ),
        (
            "/model/amazon.titan-embed-text-v2%3A0/invoke",
            json!({"inputText": "x"}),
            "writes answers of text and chat models only, which this one is not",
        ),
        (
            "/model/us.twelvelabs.pegasus-1-2-v1%3A0/invoke",
            json!({"inputPrompt": "x"}),
            "writes answers of text and chat models only, which this one is not",
        ),
        (
            "/model/cohere.rerank-v3-5%3A0/converse",
            json!({"messages": [{"role": "user", "content": [{"text": "x"}]}]}),
            "This action doesn't support the model that you provided.",
        ),
        ("/model/mine/invoke", json!({"prompt": "x"}), "begins with one of anthropic., amazon.nova"),
    ] {
        let (status, code, message) = ask(&bedrock, path, &body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body}");
        assert!(message.contains(said), "{message}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_everywhere() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let plain = [
        "/anthropic/v1/messages/count_tokens",
        "/model/m/count-tokens",
        "/guardrail/g/version/1/apply",
        "/guardrail-checks/invoke",
    ];
    let invoke = ["/model/anthropic.claude/invoke", "/model/amazon.titan/invoke-with-response-stream"];
    let paths = EVENTS.into_iter().map(|(path, _)| path).chain(plain).chain(invoke);
    for path in paths {
        let nested = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        for body in ["", "{", "[]", "null", "\u{feff}{}", &nested] {
            let reply = call(&bedrock, request(&bedrock, path, body.to_owned())).await;
            assert_eq!(reply.status, 400, "{path} {body:.20}");
        }
    }
}

#[tokio::test]
async fn a_request_that_goes_on_from_a_response_has_no_calls() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let output = json!([{"type": "function_call_output", "call_id": "a", "output": "Sunny"}]);
    let alone = json!({"model": "m", "input": output});
    assert_eq!(ask(&bedrock, "/v1/responses", &alone).await.status, 400);
    let goes_on = with(alone, "previous_response_id", "resp_1");
    assert_eq!(ask(&bedrock, "/v1/responses", &goes_on).await.status, 200);
}

#[tokio::test]
async fn unknown_members_are_told_or_refused() {
    let user = json!([{"role": "user", "content": "Hello"}]);
    let cases = [
        (
            "/v1/chat/completions",
            with(events_request(Dialect::Chat, "m"), "mine", 1),
            "Unrecognized request argument supplied: mine",
        ),
        (
            "/v1/responses",
            with(events_request(Dialect::Responses, "m"), "mine", 1),
            "Unknown parameter: 'mine'.",
        ),
        (
            "/anthropic/v1/messages",
            with(events_request(Dialect::Messages, "m"), "mine", 1),
            "mine: Extra inputs are not permitted",
        ),
        (
            "/model/anthropic.claude-3/invoke",
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": user, "mine": 1}),
            "mine: Extra inputs are not permitted",
        ),
    ];
    let lenient = FakeBedrock::start().await.expect("a port is free");
    let strict = FakeBedrock::builder().strict(true).start().await.expect("a port is free");
    for (path, body, said) in cases {
        assert_eq!(ask(&lenient, path, &body).await.status, 200, "{path}");
        let refused = ask(&strict, path, &body).await;
        assert_eq!(refused.status, 400, "{path}");
        assert!(String::from_utf8_lossy(&refused.body).contains(said), "{path} {:?}", refused.body);
    }
    assert_eq!(lenient.unknown_members(), ["mine"]);
}

#[tokio::test]
async fn guardrails_of_invoked_models_are_whole() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let plain = json!({"inputText": "Hello"});
    let tagged = with(plain.clone(), "amazon-bedrock-guardrailConfig", json!({"tagSuffix": "x"}));
    let (identifier, version) = ("x-amzn-bedrock-guardrailidentifier", "x-amzn-bedrock-guardrailversion");
    for (body, headers, status) in [
        (&plain, &[][..], 200),
        (&plain, &[identifier], 400),
        (&plain, &[version], 400),
        (&plain, &[identifier, version], 200),
        (&tagged, &[], 400),
        (&tagged, &[identifier, version], 200),
    ] {
        let mut request = request(&bedrock, "/model/amazon.titan-text-lite-v1/invoke", body.to_string());
        for header in headers {
            request.headers_mut().insert(*header, http::HeaderValue::from_static("1"));
        }
        assert_eq!(call(&bedrock, request).await.status, status, "{body} {headers:?}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_shape_of_its_dialect() {
    let refusal = Refusal::of(RefusalKind::Throttling).retry_after(3);
    let bedrock = FakeBedrock::builder().reply("m", refusal).start().await.expect("a port is free");
    for (path, dialect) in EVENTS {
        let reply = ask(&bedrock, path, &events_request(dialect, "m")).await;
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "3"), "{path}");
        let error: Value = serde_json::from_slice(&reply.body).expect("a refusal is JSON");
        assert_eq!(error["error"]["type"], "rate_limit_error", "{path}");
        if dialect != Dialect::Messages {
            assert_eq!(error["error"]["code"], "rate_limit_exceeded", "{path}");
        }
    }
}
