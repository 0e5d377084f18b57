//! Where a generated answer has reasoning.

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_testkit::FakeBedrock;
use serde_json::{Value, json};

use crate::dialects::{ask, decode, events_request, invoked, with};

#[tokio::test]
async fn a_model_without_reasoning_spends_its_limit_on_text() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let limits = ["max_tokens", "max_gen_len", "max_tokens_to_sample"];
    for (model, dialect, mut body) in invoked() {
        match dialect {
            Dialect::Titan => body["textGenerationConfig"] = json!({"maxTokenCount": 5}),
            Dialect::Nova => body["inferenceConfig"] = json!({"maxTokens": 5}),
            Dialect::Llama => body["max_gen_len"] = json!(5),
            _ => {
                let limit = limits.into_iter().find(|name| body.get(*name).is_some()).unwrap_or("max_tokens");
                body[limit] = json!(5);
            }
        }
        // gpt-oss, and what answers like it, always reasons.
        if dialect == Dialect::Chat && (model.starts_with("openai") || model.starts_with("deepseek.v3")) {
            continue;
        }
        let reply = ask(&bedrock, &format!("/model/{model}/invoke-with-response-stream"), &body).await;
        let response = decode(InvokeDecoder::new(Some(dialect)), &reply.body);
        assert_eq!(response.text(), "You asked: \"Hello\"\n\nThis answer", "{model} {body}");
        assert_eq!(response.stop_reason.as_ref().map(StopReason::as_str), Some("max_tokens"), "{model}");
        let usage = response.usage.expect("the usage came");
        assert_eq!(usage.output_tokens, Some(5), "{model}");
        let whole = ask(&bedrock, &format!("/model/{model}/invoke"), &body).await;
        assert!(String::from_utf8_lossy(&whole.body).contains("You asked"), "{model} {:?}", whole.body);
    }
}

#[tokio::test]
async fn claude_thinks_if_it_is_asked_to() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let messages = with(events_request(Dialect::Messages, "m"), "max_tokens", 2048);
    for (thinking, thinks) in [
        (Value::Null, false),
        (json!({"type": "disabled"}), false),
        (json!({"type": "enabled", "budget_tokens": 1024}), true),
        (json!({"type": "adaptive"}), true),
    ] {
        let body = with(messages.clone(), "thinking", thinking.clone());
        let whole: Value = serde_json::from_slice(&ask(&bedrock, "/anthropic/v1/messages", &body).await.body)
            .expect("it is JSON");
        assert_eq!(whole["content"][0]["type"] == "thinking", thinks, "{thinking} {whole}");
        let streamed = ask(&bedrock, "/anthropic/v1/messages", &with(body.clone(), "stream", true)).await;
        let response = decode(SseDecoder::new(Some(Dialect::Messages)), &streamed.body);
        assert_eq!(format!("{response:?}").contains("The user wrote"), thinks, "{thinking}");
        let mut invoked = body;
        invoked.as_object_mut().expect("it is an object").remove("model");
        let whole = ask(&bedrock, "/model/anthropic.claude-3/invoke", &invoked).await;
        assert_eq!(String::from_utf8_lossy(&whole.body).contains("\"thinking\""), thinks, "{thinking}");
    }
}

#[tokio::test]
async fn nova_reasons_if_it_is_asked_to() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user = json!([{"role": "user", "content": [{"text": "Hello"}]}]);
    for (config, reasons) in [
        (json!({}), false),
        (json!({"reasoningConfig": {"type": "disabled"}}), false),
        (json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}), true),
    ] {
        let body = json!({"messages": user, "inferenceConfig": config});
        let whole = ask(&bedrock, "/model/us.amazon.nova-2-lite-v1%3A0/invoke", &body).await;
        assert_eq!(String::from_utf8_lossy(&whole.body).contains("reasoningContent"), reasons, "{body}");
    }
}
