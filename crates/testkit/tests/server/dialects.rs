//! One scripted answer in every dialect.

use bedrock_stream_core::answer::{Chunk, Decode, Response, ResponseBuilder, StopReason};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_testkit::{Answer, Credentials, FakeBedrock, Operation, Refusal, RefusalKind, answer};
use serde_json::{Value, json};

use crate::support::{Reply, Signer, call, request};

/// An operation with server-sent events: its path, and a request without `stream`.
pub(crate) const EVENTS: [(&str, Dialect); 5] = [
    ("/openai/v1/chat/completions", Dialect::Chat),
    ("/v1/chat/completions", Dialect::Chat),
    ("/openai/v1/responses", Dialect::Responses),
    ("/v1/responses", Dialect::Responses),
    ("/anthropic/v1/messages", Dialect::Messages),
];

/// Models that are invoked, and a request of each kind that they take.
pub(crate) fn invoked() -> Vec<(&'static str, Dialect, Value)> {
    let user = json!([{"role": "user", "content": "Hello"}]);
    vec![
        (
            "us.anthropic.claude-sonnet-4-20250514-v1%3A0",
            Dialect::Messages,
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": user}),
        ),
        (
            "amazon.nova-lite-v1%3A0",
            Dialect::Nova,
            json!({"schemaVersion": "messages-v1", "messages": [{"role": "user", "content": [{"text": "Hello"}]}]}),
        ),
        ("openai.gpt-oss-20b-1%3A0", Dialect::Chat, json!({"messages": user})),
        ("ai21.jamba-1-5-mini-v1%3A0", Dialect::Chat, json!({"messages": user})),
        ("mistral.mistral-large-2402-v1%3A0", Dialect::Chat, json!({"messages": user})),
        ("amazon.titan-text-lite-v1", Dialect::Titan, json!({"inputText": "Hello"})),
        ("meta.llama3-8b-instruct-v1%3A0", Dialect::Llama, json!({"prompt": "Hello"})),
        ("mistral.mistral-7b-instruct-v0%3A2", Dialect::Mistral, json!({"prompt": "Hello"})),
        (
            "anthropic.claude-v2%3A1",
            Dialect::Completion,
            json!({"prompt": "\n\nHuman: Hello\n\nAssistant:", "max_tokens_to_sample": 99}),
        ),
        (
            "anthropic.claude-v2%3A1",
            Dialect::Messages,
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": user}),
        ),
        ("deepseek.v3-v1%3A0", Dialect::Chat, json!({"messages": user})),
        ("us.deepseek.r1-v1%3A0", Dialect::Chat, json!({"prompt": "Hello", "max_tokens": 99})),
        ("cohere.command-text-v14", Dialect::Cohere, json!({"prompt": "Hello", "stream": true})),
        ("cohere.command-r-v1%3A0", Dialect::Cohere, json!({"message": "Hello"})),
    ]
}

pub(crate) fn events_request(dialect: Dialect, model: &str) -> Value {
    match dialect {
        Dialect::Responses => json!({"model": model, "input": "Hello"}),
        Dialect::Messages => json!({
            "model": model, "max_tokens": 99, "anthropic_version": "bedrock-2023-05-31",
            "messages": [{"role": "user", "content": "Hello"}],
        }),
        _ => json!({
            "model": model, "messages": [{"role": "user", "content": "Hello"}],
            "stream_options": {"include_usage": true},
        }),
    }
}

pub(crate) fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

pub(crate) async fn ask(bedrock: &FakeBedrock, path: &str, body: &Value) -> Reply {
    call(bedrock, request(bedrock, path, body.to_string())).await
}

fn scripted() -> Answer {
    answer()
        .reasoning("They want two cities.")
        .signature("c2lnbmVk")
        .text("Let me look.")
        .tool_with_id("tooluse_a", "get_weather", json!({"city": "Paris"}))
        .tool_with_id("tooluse_b", "get_weather", json!({"city": "Rome"}))
        .usage(40, 25)
}

pub(crate) fn decode(mut decoder: impl Decode, mut bytes: &[u8]) -> Response {
    let mut builder = ResponseBuilder::new();
    let mut last = None;
    loop {
        let next = match decoder.next_from(&mut bytes).expect("nothing is skipped") {
            None => decoder.finish().expect("the answer is complete"),
            next => next,
        };
        let Some(chunk) = next else { break };
        builder.push(&chunk);
        last = Some(chunk);
    }
    assert!(matches!(last, Some(Chunk::Done(_))), "{last:?}");
    builder.into_partial()
}

/// What every dialect can say.
fn assert_tools(response: &Response, of: &str) {
    assert_eq!(response.text(), "Let me look.", "{of}");
    assert_eq!(response.stop_reason.as_ref().map(StopReason::as_str), Some("tool_use"), "{of}");
    let calls: Vec<_> =
        response.tool_calls().map(|call| (&*call.tool_use_id, &*call.name, call.input.as_str())).collect();
    assert_eq!(
        calls,
        [
            ("tooluse_a", "get_weather", r#"{"city":"Paris"}"#),
            ("tooluse_b", "get_weather", r#"{"city":"Rome"}"#)
        ],
        "{of}"
    );
    assert!(format!("{response:?}").contains("They want two cities."), "{of}");
    let usage = response.usage.as_ref().expect("the usage came");
    assert_eq!((usage.input_tokens, usage.output_tokens), (Some(40), Some(25)), "{of}");
}

#[tokio::test]
async fn one_answer_streams_as_server_sent_events() {
    let bedrock = FakeBedrock::builder().reply("m", scripted()).start().await.expect("a port is free");
    for (path, dialect) in EVENTS {
        let reply = ask(&bedrock, path, &with(events_request(dialect, "m"), "stream", true)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "text/event-stream"),
            "{path}"
        );
        assert_tools(&decode(SseDecoder::new(Some(dialect)), &reply.body), path);
        assert_eq!(reply.header("x-amzn-requestid").len(), 36);
    }
    let operations: Vec<_> = bedrock.requests().iter().map(|request| request.operation).collect();
    assert_eq!(operations[0], Some(Operation::ChatCompletions));
    assert_eq!(operations[3], Some(Operation::Responses));
    assert_eq!(operations[4], Some(Operation::Messages));
    assert_eq!(bedrock.requests()[4].model_id.as_deref(), Some("m"));
}

/// What a failed answer cost: as in Bedrock's own streams, `message_start` has the tokens of the request.
#[tokio::test]
async fn messages_tell_the_tokens_of_the_request_first() {
    let whole = || scripted().usage(100, 20);
    let failed = || answer().text("Half").usage(100, 20).exception("throttlingException", "Slow.");
    let builder = FakeBedrock::builder().reply("m", whole()).reply("m", failed());
    let claude = "us.anthropic.claude-sonnet-4-20250514-v1:0";
    let builder = builder.reply(claude, whole()).reply(claude, failed());
    let bedrock = builder.start().await.expect("a port is free");
    let body = with(events_request(Dialect::Messages, "m"), "stream", true);
    for _ in 0..2 {
        let sse = ask(&bedrock, "/anthropic/v1/messages", &body).await;
        assert_counts(SseDecoder::new(Some(Dialect::Messages)), &sse.body);
    }
    let (model, dialect, body) = invoked().swap_remove(0);
    for _ in 0..2 {
        let path = format!("/model/{model}/invoke-with-response-stream");
        let invoked = ask(&bedrock, &path, &body).await;
        assert_counts(InvokeDecoder::new(Some(dialect)), &invoked.body);
    }
}

/// After its first event an answer has told the tokens of its request.
fn assert_counts(mut decoder: impl Decode, mut bytes: &[u8]) {
    let first = decoder.next_from(&mut bytes).expect("it begins");
    assert!(matches!(first, Some(Chunk::Start { .. })), "{first:?}");
    let usage = decoder.ending().usage.expect("the usage came");
    assert_eq!((usage.input_tokens, usage.output_tokens), (Some(100), Some(1)));
}

#[tokio::test]
async fn one_answer_comes_whole() {
    let bedrock = FakeBedrock::builder().reply("m", scripted()).start().await.expect("a port is free");
    for (path, dialect) in EVENTS {
        let reply = ask(&bedrock, path, &events_request(dialect, "m")).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "application/json"),
            "{path}"
        );
        let body: Value = serde_json::from_slice(&reply.body).expect("the answer is JSON");
        match dialect {
            Dialect::Chat => {
                let message = &body["choices"][0]["message"];
                assert_eq!(message["content"], "Let me look.");
                assert_eq!(message["tool_calls"][1]["function"]["arguments"], r#"{"city":"Rome"}"#);
                assert_eq!(body["choices"][0]["finish_reason"], "tool_calls");
                assert_eq!(body["usage"]["prompt_tokens"], 40);
            }
            Dialect::Responses => {
                assert_eq!(body["status"], "completed");
                assert_eq!(body["output"][3]["call_id"], "tooluse_b");
            }
            _ => {
                assert_eq!(body["content"][0]["signature"], "c2lnbmVk");
                assert_eq!(body["content"][3]["input"], json!({"city": "Rome"}));
                assert_eq!(body["stop_reason"], "tool_use");
            }
        }
    }
}

#[tokio::test]
async fn invoked_models_answer_in_their_vendors_dialect() {
    let text = || answer().text("Let me look.").usage(40, 25);
    for (model, dialect, body) in invoked() {
        let has_tools = match dialect {
            Dialect::Chat => body.get("messages").is_some(),
            dialect => matches!(dialect, Dialect::Messages | Dialect::Nova),
        };
        let id = model.replace("%3A", ":");
        let bedrock = FakeBedrock::builder()
            .reply(id, if has_tools { scripted() } else { text() })
            .start()
            .await
            .expect("a port is free");
        let path = format!("/model/{model}/invoke-with-response-stream");
        let reply = ask(&bedrock, &path, &body).await;
        assert_eq!(reply.status, 200, "{model} {:?}", reply.body);
        assert_eq!(reply.header("content-type"), "application/vnd.amazon.eventstream");
        // The dialect is not given, so it is detected.
        let response = decode(InvokeDecoder::new(None), &reply.body);
        if has_tools {
            assert_tools(&response, model);
        } else {
            assert_eq!(response.text(), "Let me look.", "{model}");
            assert_eq!(response.stop_reason.as_ref().map(StopReason::as_str), Some("end_turn"), "{model}");
            let usage = response.usage.expect("the usage came");
            assert_eq!((usage.input_tokens, usage.output_tokens), (Some(40), Some(25)), "{model}");
        }

        let reply = ask(&bedrock, &format!("/model/{model}/invoke"), &body).await;
        assert_eq!(reply.header("content-type"), "application/json", "{model}");
        assert_eq!(reply.header("x-amzn-bedrock-output-token-count"), "25", "{model}");
        let whole: Value = serde_json::from_slice(&reply.body).expect("the answer is JSON");
        let said = match dialect {
            Dialect::Messages => &whole["content"][1]["text"],
            Dialect::Nova => &whole["output"]["message"]["content"][1]["text"],
            Dialect::Chat if has_tools => &whole["choices"][0]["message"]["content"],
            Dialect::Chat => &whole["choices"][0]["text"],
            Dialect::Completion => &whole["completion"],
            Dialect::Titan => &whole["results"][0]["outputText"],
            Dialect::Llama => &whole["generation"],
            Dialect::Mistral => &whole["outputs"][0]["text"],
            _ if body.get("message").is_some() => &whole["text"],
            _ => &whole["generations"][0]["text"],
        };
        assert_eq!(said, "Let me look.", "{model} {whole}");
    }
}

#[tokio::test]
async fn tool_calls_that_a_format_does_not_have_are_told() {
    let (tell, told) = std::sync::mpsc::channel();
    let bedrock = FakeBedrock::builder()
        .reply("*", scripted())
        .on_response(move |_, response| tell.send(response.lost_tool_calls).expect("it is waited for"))
        .start()
        .await
        .expect("a port is free");
    for (model, dialect, body) in invoked() {
        let lost = match dialect {
            Dialect::Titan | Dialect::Llama | Dialect::Mistral | Dialect::Completion => 2,
            Dialect::Cohere if body.get("message").is_none() => 2,
            Dialect::Chat if body.get("messages").is_none() => 2,
            _ => 0,
        };
        ask(&bedrock, &format!("/model/{model}/invoke"), &body).await;
        assert_eq!(told.recv(), Ok(lost), "{model}");
    }
}

#[tokio::test]
async fn the_ends_of_text_completions_are_told_apart() {
    for (stop, reason, word) in [
        (StopReason::EndTurn, "end_turn", json!("stop_sequence")),
        (StopReason::MaxTokens, "max_tokens", json!("max_tokens")),
        (StopReason::StopSequence, "stop_sequence", json!("stop_sequence")),
    ] {
        let answer = answer().text("Sunny.").stop(stop);
        let bedrock = FakeBedrock::builder().reply("*", answer).start().await.expect("a port is free");
        let body = json!({"prompt": "\n\nHuman: Paris?\n\nAssistant:", "max_tokens_to_sample": 9});
        let path = "/model/anthropic.claude-instant-v1/invoke-with-response-stream";
        let response = decode(InvokeDecoder::new(None), &ask(&bedrock, path, &body).await.body);
        assert_eq!(response.stop_reason.as_ref().map(StopReason::as_str), Some(reason));
        let whole = ask(&bedrock, "/model/anthropic.claude-instant-v1/invoke", &body).await;
        let whole: Value = serde_json::from_slice(&whole.body).expect("it is JSON");
        assert_eq!((&whole["type"], &whole["stop_reason"]), (&json!("completion"), &word));
    }
}

#[tokio::test]
async fn generated_answers_say_the_prompt_and_call_a_tool_that_fits() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    for (path, dialect) in EVENTS {
        let mut body = with(events_request(dialect, "any.model"), "stream", true);
        body["tools"] = match dialect {
            Dialect::Chat => {
                json!([{"type": "function", "function": {"name": "look", "parameters": schema}}])
            }
            Dialect::Responses => json!([{"type": "function", "name": "look", "parameters": schema}]),
            _ => json!([{"name": "look", "input_schema": schema}]),
        };
        let reply = ask(&bedrock, path, &body).await;
        let response = decode(SseDecoder::new(Some(dialect)), &reply.body);
        assert!(response.text().contains("Hello"), "{path} {}", response.text());
        let call = response.tool_calls().next().expect("the tool is called");
        let input: Value = serde_json::from_str(call.input.as_str()).expect("the input is JSON");
        assert!(call.name == "look" && input["city"].is_string(), "{path} {input}");
        assert_eq!(ask(&bedrock, path, &body).await.body, reply.body, "the same request, the same bytes");
    }
}

#[tokio::test]
async fn keys_and_signatures_of_both_hosts_are_checked() {
    let signer = Signer::default();
    let bedrock = FakeBedrock::builder()
        .credentials(Credentials::new(signer.id, signer.secret))
        .bearer_token("the-key")
        .start()
        .await
        .expect("a port is free");
    let body = events_request(Dialect::Messages, "m").to_string();
    let path = "/anthropic/v1/messages";
    let unsigned = || request(&bedrock, path, body.clone());
    for (header, value, status) in [
        ("x-api-key", "the-key", 200),
        ("x-api-key", "another", 403),
        ("authorization", "Bearer the-key", 200),
        ("x-unrelated", "the-key", 403),
    ] {
        let mut request = unsigned();
        request.headers_mut().insert(header, value.parse().expect("it is a header"));
        assert_eq!(call(&bedrock, request).await.status, status, "{header}: {value}");
    }
    for (service, status) in [("bedrock", 200), ("bedrock-mantle", 200), ("s3", 403)] {
        let signer = Signer { service, ..Signer::default() };
        let reply = call(&bedrock, signer.sign(unsigned(), body.as_bytes())).await;
        assert_eq!(reply.status, status, "{service} {:?}", reply.body);
    }
    let converse = "/model/m/converse";
    let signer = Signer { service: "bedrock-mantle", ..Signer::default() };
    let question = crate::support::QUESTION;
    let request = signer.sign(request(&bedrock, converse, question), question.as_bytes());
    assert_eq!(call(&bedrock, request).await.code().0, 403, "the runtime's own operations have one name");
}

#[tokio::test]
async fn tokens_are_counted_and_guardrails_applied() {
    let refused = Refusal::of(RefusalKind::AccessDenied);
    let bedrock = FakeBedrock::builder().reply("denied", refused).start().await.expect("a port is free");
    let converse =
        json!({"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}}});
    let invoke = json!({"input": {"invokeModel": {"body": "eyJwcm9tcHQiOiJIZWxsbyJ9"}}});
    for body in [converse.clone(), invoke] {
        let reply = ask(&bedrock, "/model/m/count-tokens", &body).await;
        let count: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
        assert!(count["inputTokens"].as_u64().is_some_and(|count| count > 0), "{count}");
    }
    for body in
        // Neither is the body that it encodes.
        [
            json!({}),
            json!({"input": {"invokeModel": {"body": "*"}}}),
            json!({"input": {"converse": {}}}),
            json!({"input": {"invokeModel": {"body": "ew=="}}}),
        ]
    {
        assert_eq!(ask(&bedrock, "/model/m/count-tokens", &body).await.code().0, 400, "{body}");
    }
    assert_eq!(ask(&bedrock, "/model/denied/count-tokens", &converse).await.code().0, 403);

    let body = json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}]});
    let path = "/anthropic/v1/messages/count_tokens";
    let refused = ask(&bedrock, path, &body).await;
    assert_eq!(refused.status, 400);
    let text = String::from_utf8_lossy(&refused.body);
    assert!(text.contains("anthropic-version: header is required"), "{text}");
    let reply = ask(&bedrock, path, &with(body, "anthropic_version", "bedrock-2023-05-31")).await;
    let count: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
    assert!(count["input_tokens"].as_u64().is_some_and(|count| count > 0), "{count}");

    let path = "/guardrail/g1/version/DRAFT/apply";
    let body = json!({"source": "INPUT", "content": [{"text": {"text": "Hello"}}]});
    let reply = ask(&bedrock, path, &body).await;
    let verdict: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
    assert_eq!((&verdict["action"], &verdict["outputs"]), (&json!("NONE"), &json!([])));
    assert_eq!(verdict["guardrailCoverage"]["textCharacters"]["total"], 5);
    let block = |block: Value| json!({"source": "INPUT", "content": [block]});
    for body in [
        json!({"content": []}),
        json!({"source": "INPUT"}),
        block(json!({})),
        block(json!({"text": "Hello"})),
        block(json!({"image": {"format": "bmp", "source": {"bytes": ""}}})),
        block(json!({"image": {"format": "png", "source": {}}})),
    ] {
        assert_eq!(ask(&bedrock, path, &body).await.code().0, 400, "{body}");
    }
}
