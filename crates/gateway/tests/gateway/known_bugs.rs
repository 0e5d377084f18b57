//! Known bugs of other gateways that need a running gateway to show, a test each, named after the bug's number in the list of them
//! and its issue. Those about an answer's events are in `tests/encode/bugs/` of the dialects, those about a request's members alone
//! in `tests/request/bugs.rs` there.

use std::time::Duration;

use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request::{self, Options};
use bedrock_stream_testkit::{Answer, FakeBedrock, Fault, Reply, answer};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::{APIS, Running, ask, start, start_with};

fn weather() -> Answer {
    answer().text("The weather in Paris is fine today, and tomorrow it will be.").usage(10, 20)
}

async fn faulty(fault: &str) -> Running {
    let fault: Fault = fault.parse().unwrap();
    start(FakeBedrock::builder().reply("m", Reply::from(weather()).fault(fault))).await
}

/// litellm#32686, litellm#40260, litellm#32159: where Bedrock's stream ends without `messageStop`, with or without its usage, the
/// gateway's ended as if the answer were whole.
#[tokio::test]
async fn bugs_01_02_03_litellm_32686_a_stream_that_just_ends_is_an_error_event() {
    for fault in ["drop:message-stop", "no-stop", "cut"] {
        let running = faulty(fault).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", true)).await;
            assert!(!got.looks_complete() && got.text().contains("weather"), "{fault} {dialect}: {got:?}");
            got.answer(dialect).unwrap_err();
        }
    }
}

/// Portkey#1142, subrouter#68: frames with exceptions were swallowed, and the stream ended well.
#[tokio::test]
async fn bug_04_portkey_1142_an_exception_in_the_stream_reaches_the_client() {
    let running = faulty("exception:serviceUnavailableException@last").await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert!(!got.looks_complete(), "{dialect}: {got:?}");
        let error = got.answer(dialect).unwrap_err().to_string();
        assert!(error.contains("serviceUnavailableException"), "{dialect}: {error}");
    }
}

/// any-llm#847, kiro-gateway#268: an error after the head closed the connection, or was followed by `[DONE]`.
#[tokio::test]
async fn bug_05_any_llm_847_after_the_head_an_error_is_the_last_event_of_a_body_that_ends() {
    let running = faulty("exception:modelStreamErrorException@middle").await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert_eq!(got.status, 200);
        let last = got.text().trim_end().rsplit_once("data: ").unwrap().1;
        let last: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {last}"));
        assert!(last["error"]["message"].as_str().unwrap().contains("modelStreamErrorException"), "{last}");
    }
}

/// mlflow#25863: every exception was one 502, so that no client could tell which to retry.
#[tokio::test]
async fn bug_06_mlflow_25863_each_exception_that_comes_first_has_its_status() {
    for (exception, status, openai, anthropic) in [
        ("throttlingException", 429, "rate_limit_error", "rate_limit_error"),
        ("serviceUnavailableException", 503, "overloaded_error", "overloaded_error"),
        ("internalServerException", 500, "server_error", "api_error"),
        ("validationException", 400, "invalid_request_error", "invalid_request_error"),
    ] {
        let running = faulty(&format!("exception:{exception}@first")).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", true)).await;
            assert_eq!(got.status, status, "{exception} {got:?}");
            let kind = if dialect == Dialect::Messages { anthropic } else { openai };
            assert_eq!(got.json()["error"]["type"], kind, "{exception} {got:?}");
        }
    }
}

/// bifrost#7076: the reader stopped at the stop reason, and the usage behind it was lost.
#[tokio::test]
async fn bug_20_bifrost_7076_the_usage_behind_the_stop_arrives() {
    // In Bedrock's order, and with the usage first.
    for fault in [None, Some("swap:message-stop")] {
        let fault: Option<Fault> = fault.map(|fault| fault.parse().unwrap());
        let reply = Reply::from(weather());
        let reply = fault.into_iter().fold(reply, Reply::fault);
        let running = start(FakeBedrock::builder().reply("m", reply)).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", true)).await;
            let usage = got.answer(dialect).unwrap().usage.unwrap();
            assert_eq!((usage.input_tokens, usage.output_tokens), (Some(10), Some(20)), "{dialect} {got:?}");
        }
    }
}

/// bedrock-access-gateway#88: throttling was a 500, and `Retry-After` was lost.
#[tokio::test]
async fn bug_25_bedrock_access_gateway_88_throttling_is_429_with_its_retry_after() {
    let running = faulty("refuse:ThrottlingException@7").await;
    for (path, dialect) in APIS {
        for is_streaming in [true, false] {
            let got = running.post(path, &ask(dialect, "m", is_streaming)).await;
            assert_eq!((got.status.as_u16(), got.header("retry-after")), (429, Some("7")), "{got:?}");
            // It does not tell the client not to.
            assert_eq!(got.header("x-should-retry"), None, "{got:?}");
        }
    }
}

/// envoy#2546: what Bedrock refuses was passed on in Bedrock's own shape.
#[tokio::test]
async fn bug_26_envoy_2546_a_refusal_is_in_the_dialects_shape() {
    let running = faulty("refuse:ResourceNotFoundException").await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        let body = got.json();
        assert_eq!(got.status, 404);
        assert_eq!(body.get("message"), None, "Bedrock's shape: {body}");
        assert_eq!(body["error"]["type"], "not_found_error", "{body}");
        let id = got.header("x-amzn-requestid").unwrap();
        assert!(body["error"]["message"].as_str().unwrap().contains(id), "{body}");
        if dialect == Dialect::Messages {
            assert_eq!((&body["type"], &body["request_id"]), (&json!("error"), &json!(id)));
            assert!(got.header("request-id").is_some());
        } else {
            assert_eq!(
                (&body["error"]["code"], &body["error"]["param"]),
                (&json!("model_not_found"), &Value::Null)
            );
            assert!(got.header("x-request-id").is_some());
        }
    }
}

/// agentgateway#2384, kagent#1730: tools whose names Bedrock refuses. The model is asked by legal ones, and the client is answered
/// by its own.
#[tokio::test]
async fn bug_27_agentgateway_2384_the_client_is_answered_with_its_own_tool_names() {
    let name = format!("server.tool/{}", "x".repeat(80));
    for (path, dialect) in APIS {
        let mut body = ask(dialect, "m", true);
        body["tools"] = match dialect {
            Dialect::Messages => json!([{"name": name, "input_schema": {"type": "object"}}]),
            Dialect::Responses => {
                json!([{"type": "function", "name": name, "parameters": {"type": "object"}}])
            }
            _ => json!([{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}]),
        };
        let bytes = body.to_string();
        let read = match dialect {
            Dialect::Messages => request::messages(bytes.as_bytes(), &Options::new()),
            Dialect::Responses => request::responses(bytes.as_bytes(), &Options::new()),
            _ => request::chat(bytes.as_bytes(), &Options::new()),
        };
        let at_bedrock = read.unwrap().answer.tools.bedrock_name(None, &name).unwrap().to_owned();
        assert!(at_bedrock.len() <= 64, "{at_bedrock}");
        let reply = answer().tool(&at_bedrock, json!({"a": 1}));
        let running = start(FakeBedrock::builder().reply("m", reply)).await;
        let got = running.post(path, &body).await;
        let response = got.answer(dialect).unwrap();
        assert_eq!(
            response.tool_calls().map(|call| call.name.as_str()).collect::<Vec<_>>(),
            [&*name],
            "{got:?}"
        );
        assert!(!got.text().contains(&at_bedrock), "{got:?}");
        let sent: Value = serde_json::from_slice(&running.bedrock.requests()[0].body).unwrap();
        assert_eq!(sent["toolConfig"]["tools"][0]["toolSpec"]["name"], at_bedrock);
    }
}

/// deltallm#227, vercel/ai#21207: settings were dropped without a word.
#[tokio::test]
async fn bug_31_deltallm_227_what_bedrock_does_not_get_is_said() {
    let running = start(FakeBedrock::builder().reply("m", weather())).await;
    for (path, dialect) in APIS {
        let mut body = ask(dialect, "m", true);
        body["min_p"] = json!(0.1);
        let got = running.post(path, &body).await;
        assert_eq!(got.header("x-bedrock-stream-left-out"), Some("min_p"), "{got:?}");
    }
    let mut body = ask(Dialect::Chat, "m", true);
    body["n"] = json!(2);
    let got = running.post("/v1/chat/completions", &body).await;
    assert_eq!((got.status.as_u16(), &got.json()["error"]["param"]), (400, &json!("n")), "{got:?}");
}

/// bifrost#5010, OpenRouterTeam/ai-sdk-provider#440: while the model thinks Bedrock sends nothing, and proxies cut the connection.
#[tokio::test]
async fn bug_32_bifrost_5010_silence_is_filled() {
    let fault: Fault = "stall-at:300".parse().unwrap();
    let silent = FakeBedrock::builder().reply("m", Reply::from(weather()).fault(fault));
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| {
        builder.keep_alive(Duration::from_millis(30)).first_content(Duration::from_millis(50))
    };
    let running = start_with(silent, set, |server| server).await;
    for (path, dialect) in APIS {
        let mut response =
            running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
        let keep_alive = if dialect == Dialect::Messages { "event: ping\n" } else { ": keep-alive\n\n" };
        let mut seen = String::new();
        while seen.matches(keep_alive).count() < 3 {
            let frame = tokio::time::timeout(Duration::from_secs(10), response.frame())
                .await
                .expect("it is not silent");
            seen.push_str(std::str::from_utf8(frame.unwrap().unwrap().data_ref().unwrap()).unwrap());
        }
    }
}

/// envoy#1332: the id of an inference profile, an ARN with colons and a slash, is one label of the path.
#[tokio::test]
async fn bug_33_envoy_1332_an_arn_is_one_label_of_the_path() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
    let running = start(FakeBedrock::builder().reply(arn, weather())).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, arn, false)).await;
        assert_eq!(got.status, 200, "{got:?}");
        assert_eq!(got.json()["model"], arn);
    }
    for request in running.bedrock.requests() {
        assert_eq!(request.model_id.as_deref(), Some(arn));
        assert!(
            request.uri.path().contains("arn%3Aaws%3Abedrock")
                && request.uri.path().contains("profile%2Fa1b2"),
            "{}",
            request.uri
        );
    }
}
