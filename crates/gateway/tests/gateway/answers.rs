//! Answers that are whole, streaming and not.

use bedrock_stream_core::answer::{StopReason, Usage};
use bedrock_stream_core::converse::Metadata;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::Verdict;
use bedrock_stream_testkit::{FakeBedrock, answer};
use serde_json::json;

use crate::support::{APIS, ask, start, start_with};

fn weather() -> bedrock_stream_testkit::Answer {
    answer()
        .reasoning("They want to know the weather.")
        .signature("c2lnbmVk")
        .text("Let me look. Żółw 🐢")
        .tool("get_weather", json!({"city": "Paris"}))
        .tool("get_time", json!({"zone": "CET"}))
        .usage(40, 25)
}

#[tokio::test]
async fn a_stream_says_what_the_model_said() {
    let running = start(FakeBedrock::builder().reply("m", weather())).await;
    let expected = weather().response().unwrap();
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert_eq!(got.status, 200, "{got:?}");
        assert_eq!(got.header("content-type"), Some("text/event-stream; charset=utf-8"));
        assert_eq!(got.header("cache-control"), Some("no-cache, no-transform"));
        assert!(got.header("x-request-id").unwrap().starts_with("req_"));
        assert_eq!(got.header("request-id"), got.header("x-request-id"));
        assert!(got.header("x-amzn-requestid").is_some(), "{got:?}");
        let response = got.answer(dialect).unwrap();
        assert_eq!(response.text(), expected.text(), "{dialect}");
        let (told, calls) =
            (response.tool_calls().collect::<Vec<_>>(), expected.tool_calls().collect::<Vec<_>>());
        assert_eq!(told.len(), 2, "{dialect}");
        for (told, call) in told.iter().zip(&calls) {
            assert_eq!(
                (&told.name, &told.tool_use_id, &told.input),
                (&call.name, &call.tool_use_id, &call.input)
            );
        }
        let usage = response.usage.as_ref().unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(40), Some(25)), "{dialect}");
        let all = serde_json::to_string(&response).unwrap();
        assert!(all.contains("They want to know the weather."), "{dialect}: {all}");
    }
    let log = running.logged(3).await;
    assert!(
        log.iter().all(|access| access.verdict == Verdict::Complete && access.usage.is_some()),
        "{log:?}"
    );
    assert_eq!(running.gateway.open_answers(), 0);
}

#[tokio::test]
async fn a_whole_answer_is_the_dialects_json() {
    let running = start(FakeBedrock::builder().reply("m", weather())).await;
    let chat = running.post("/v1/chat/completions", &ask(Dialect::Chat, "m", false)).await;
    assert_eq!(
        (chat.status.as_u16(), chat.header("content-type")),
        (200, Some("application/json")),
        "{chat:?}"
    );
    let chat = chat.json();
    assert_eq!(chat["object"], "chat.completion");
    assert_eq!(chat["model"], "m");
    assert_eq!(chat["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(chat["choices"][0]["message"]["content"], "Let me look. Żółw 🐢");
    assert_eq!(chat["choices"][0]["message"]["tool_calls"][1]["function"]["name"], "get_time");
    assert_eq!(chat["usage"]["total_tokens"], 65);

    let responses = running.post("/v1/responses", &ask(Dialect::Responses, "m", false)).await.json();
    assert_eq!((&responses["object"], &responses["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(responses["output"].as_array().unwrap().len(), 4, "{responses}");

    let messages = running.post("/v1/messages", &ask(Dialect::Messages, "m", false)).await.json();
    assert_eq!((&messages["type"], &messages["stop_reason"]), (&json!("message"), &json!("tool_use")));
    assert_eq!(messages["content"][0]["signature"], "c2lnbmVk");
    assert_eq!(messages["content"][2]["input"], json!({"city": "Paris"}));
    let log = running.logged(3).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Complete), "{log:?}");
}

#[tokio::test]
async fn an_alias_is_bedrocks_model_and_the_answer_has_the_clients_name() {
    let running = start(FakeBedrock::builder()).await;
    let got = running.post("/v1/messages", &ask(Dialect::Messages, "claude", false)).await;
    assert_eq!(got.json()["model"], "claude", "{got:?}");
    let model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    assert_eq!(running.bedrock.requests()[0].model_id.as_deref(), Some(model));
    assert_eq!(running.logged(1).await[0].model.as_deref(), Some(model));
}

#[tokio::test]
async fn silence_is_filled_with_what_clients_skip() {
    let slow = FakeBedrock::builder()
        .reply("m", answer().text("one two three four"))
        .delay(std::time::Duration::from_millis(300));
    let keep_alive = std::time::Duration::from_millis(50);
    let running = start_with(slow, |builder| builder.keep_alive(keep_alive), |server| server).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        let word = if dialect == Dialect::Messages { "event: ping\n" } else { ": keep-alive\n\n" };
        assert!(got.text().contains(word), "{got:?}");
        assert_eq!(got.answer(dialect).unwrap().text(), "one two three four");
    }
}

#[tokio::test]
async fn a_model_that_thinks_long_gets_its_status_sent() {
    let slow = FakeBedrock::builder()
        .reply("m", answer().text("one two three four five six"))
        .fault("stall-at:150".parse().unwrap());
    let wait = std::time::Duration::from_millis(100);
    let running = start_with(slow, |builder| builder.first_content(wait), |server| server).await;
    let response = running
        .open(running.request(
            http::Method::POST,
            "/v1/chat/completions",
            ask(Dialect::Chat, "m", true).to_string(),
        ))
        .await;
    // The content never comes, and the status did.
    assert_eq!(response.status(), 200);
}

/// The tools of a namespace are called by one name at Bedrock, and by two in the answer.
#[tokio::test]
async fn a_call_in_a_namespace_is_answered_with_it() {
    let reply = answer().tool("crm__find", json!({"a": 1}));
    let running = start(FakeBedrock::builder().reply("m", reply)).await;
    for streams in [true, false] {
        let mut body = ask(Dialect::Responses, "m", streams);
        body["tools"] =
            json!([{"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "find"}]}]);
        let got = running.post("/v1/responses", &body).await;
        assert_eq!(got.status, 200, "{got:?}");
        let text = got.text();
        assert!(text.contains(r#""namespace":"crm","name":"find""#), "{text}");
        assert!(!text.contains("crm__find"), "{text}");
    }
}

/// Whoever pays for the tokens, or wonders why answers are short, has only the log.
#[tokio::test]
async fn the_log_says_why_the_model_stopped_and_what_the_cache_had() {
    let mut usage = Usage::new(40, 25);
    usage.cache_read_input_tokens = Some(7);
    usage.cache_write_input_tokens = Some(9);
    let reply = || {
        let cut = answer().text("Once upon a").stop(StopReason::MaxTokens);
        cut.metadata(Metadata::new().usage(usage.clone()))
    };
    let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let invoke = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    });
    let converse = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    for is_native in [false, true] {
        let bedrock = FakeBedrock::builder().reply(claude, reply());
        let running = start_with(bedrock, |builder| builder.native(is_native), |server| server).await;
        let mut asked = Vec::new();
        for (path, dialect) in APIS {
            asked.extend([true, false].map(|is_streaming| (path, ask(dialect, claude, is_streaming))));
        }
        asked.push(("/model/claude/converse-stream", converse.clone()));
        asked.push(("/model/claude/invoke-with-response-stream", invoke.clone()));
        for (number, (path, body)) in asked.iter().enumerate() {
            let got = running.post(path, body).await;
            assert_eq!(got.status, 200, "{path} {got:?}");
            let line = running.logged(number + 1).await[number].to_string();
            assert!(
                line.contains(" in=40 out=25 cache_read=7 cache_write=9 stop=max_tokens id="),
                "{is_native} {path} {line}"
            );
        }
    }
}
