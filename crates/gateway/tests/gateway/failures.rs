//! What fails is told as the dialect tells it, and never looks like an end.

use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::{ToolUseDelta, ToolUseStart};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::Verdict;
use bedrock_stream_testkit::{FakeBedrock, Fault, Reply, answer};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::support::{APIS, Running, ask, eventually, start};

fn text() -> bedrock_stream_testkit::Answer {
    answer().text("The weather in Paris is fine today, and tomorrow it will be.").usage(10, 20)
}

async fn faulty(fault: &str) -> Running {
    let fault: Fault = fault.parse().unwrap();
    start(FakeBedrock::builder().reply("m", Reply::from(text()).fault(fault))).await
}

/// The type of an error in any dialect's shape.
fn error_type(got: &Value) -> &str {
    got["error"]["type"].as_str().unwrap_or_else(|| panic!("{got}"))
}

#[tokio::test]
async fn an_exception_that_comes_first_is_an_http_error() {
    let running = faulty("exception:throttlingException@first").await;
    for (path, dialect) in APIS {
        for is_streaming in [true, false] {
            let got = running.post(path, &ask(dialect, "m", is_streaming)).await;
            assert_eq!(got.status, 429, "{dialect} {got:?}");
            assert_eq!(error_type(&got.json()), "rate_limit_error");
            // No Retry-After came with it, and the gateway's own retries are over.
            assert_eq!(got.header("x-should-retry"), Some("false"));
            assert!(got.header("x-amzn-requestid").is_some());
        }
    }
}

#[tokio::test]
async fn an_exception_before_the_first_content_is_an_http_error_too() {
    // After `messageStart`, so after the first event.
    let running = faulty("exception:serviceUnavailableException@middle").await;
    let got = running.post("/v1/messages", &ask(Dialect::Messages, "m", false)).await;
    assert_eq!(got.status, 503, "{got:?}");
    assert_eq!(error_type(&got.json()), "overloaded_error");
}

#[tokio::test]
async fn an_exception_in_the_middle_is_the_dialects_error_event() {
    for (fault, kind) in [
        ("exception:modelStreamErrorException@middle", ErrorKind::Exception),
        ("cut", ErrorKind::Incomplete),
        ("no-stop", ErrorKind::Incomplete),
        ("bad-crc", ErrorKind::MessageChecksum),
        ("drop:message-stop", ErrorKind::Incomplete),
        ("exception:internalServerException@stopped", ErrorKind::Exception),
    ] {
        let running = faulty(fault).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", true)).await;
            assert_eq!(got.status, 200, "{fault}");
            assert!(!got.looks_complete(), "{fault} {dialect}: {}", got.text());
            let error = got.answer(dialect).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Exception, "{fault} {dialect}: {error}");
            assert!(got.text().contains(&format!("{kind}: ")), "{fault} {dialect}: {}", got.text());
            assert!(got.text().contains("request id"), "{fault} {dialect}");
            match dialect {
                Dialect::Messages => assert!(got.text().contains("event: error\n")),
                Dialect::Responses => assert!(got.text().contains("event: response.failed\n")),
                _ => assert!(got.text().contains("data: {\"error\":{")),
            }
            let whole = running.post(path, &ask(dialect, "m", false)).await;
            assert!(whole.status.as_u16() >= 500, "{fault} {dialect}: {whole:?}");
            assert!(!whole.text().contains("weather in"), "{fault} {dialect}: {whole:?}");
            error_type(&whole.json());
        }
        let log = running.logged(6).await;
        assert!(log.iter().all(|access| access.verdict == Verdict::Failed(kind)), "{fault} {log:?}");
    }
}

/// The gateway does not ask again for an answer that broke after its beginning, so the client's package may.
#[tokio::test]
async fn a_whole_answer_that_breaks_may_be_asked_for_again() {
    for (fault, should_retry) in [
        // Between the first event and the first content, too.
        ("cut-at:250", None),
        ("no-stop", None),
        ("cut-at:600", None),
        ("bad-crc", None),
        ("exception:serviceUnavailableException@middle", None),
        // Bedrock would say that again.
        ("exception:validationException@middle", Some("false")),
    ] {
        let running = faulty(fault).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", false)).await;
            assert!(got.status.as_u16() >= 400, "{fault} {dialect} {got:?}");
            assert_eq!(got.header("x-should-retry"), should_retry, "{fault} {dialect} {got:?}");
        }
    }
}

/// Messages has no form for half an object, and another request would be cut off there, too.
#[tokio::test]
async fn a_whole_call_that_was_cut_off_at_the_limit_is_not_asked_for_again() {
    for (reason, told) in [
        (StopReason::MaxTokens, "max_tokens: allow more tokens, or ask for a stream"),
        (
            StopReason::ModelContextWindowExceeded,
            "model_context_window_exceeded: shorten the conversation, or ask for a stream",
        ),
        (StopReason::GuardrailIntervened, "guardrail_intervened: a stream has the part that came"),
    ] {
        let cut = answer()
            .start(ToolUseStart::new("tooluse_1", "weather").into())
            .delta(ToolUseDelta::new(r#"{"city": "Par"#).into())
            .stop(reason);
        let running = start(FakeBedrock::builder().reply("m", cut)).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", false)).await;
            if dialect == Dialect::Messages {
                assert_eq!(
                    (got.status.as_u16(), got.header("x-should-retry")),
                    (502, Some("false")),
                    "{got:?}"
                );
                assert!(got.text().contains(&format!("since the model stopped with {told}")), "{got:?}");
            } else {
                assert_eq!(got.status, 200, "{dialect} {got:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_status_and_its_retry_after() {
    for (fault, status, retry_after, should_retry, anthropic) in [
        ("refuse:ThrottlingException@7", 429, Some("7"), None, "rate_limit_error"),
        ("refuse:ValidationException", 400, None, Some("false"), "invalid_request_error"),
        ("refuse:AccessDeniedException", 403, None, Some("false"), "permission_error"),
        ("refuse:ResourceNotFoundException", 404, None, Some("false"), "not_found_error"),
        ("refuse:ModelErrorException", 502, None, Some("false"), "api_error"),
        ("refuse:InternalServerException", 500, None, Some("false"), "api_error"),
        ("html-body", 502, None, Some("false"), "api_error"),
        ("no-response", 502, None, Some("false"), "api_error"),
    ] {
        let running = faulty(fault).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, "m", true)).await;
            assert_eq!(got.status, status, "{fault} {got:?}");
            assert_eq!(got.header("retry-after"), retry_after, "{fault} {got:?}");
            assert_eq!(got.header("x-should-retry"), should_retry, "{fault} {got:?}");
            let told = got.json();
            if dialect == Dialect::Messages {
                assert_eq!(error_type(&told), anthropic, "{fault} {got:?}");
            } else {
                assert!(told["error"]["message"].is_string(), "{fault} {got:?}");
            }
        }
        if fault.starts_with("refuse") {
            let got = running.post("/v1/chat/completions", &ask(Dialect::Chat, "m", true)).await;
            assert!(got.text().contains("Bedrock refused"), "{got:?}");
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_the_request_to_bedrock() {
    let slow = FakeBedrock::builder().reply("m", text()).delay(Duration::from_millis(200));
    let running = start(slow).await;
    for (path, dialect) in APIS {
        let request = running.request(Method::POST, path, ask(dialect, "m", true).to_string());
        let mut response = running.open(request).await;
        assert_eq!(response.status(), 200);
        response.frame().await.unwrap().unwrap();
        assert_eq!(running.bedrock.open_streams(), 1);
        drop(response);
        eventually(|| running.bedrock.open_streams() == 0).await;
    }
    let log = running.logged(3).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Cancelled), "{log:?}");
    assert_eq!(running.gateway.open_answers(), 0);
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_status_cancels_too() {
    // The whole answer is awaited.
    let slow = FakeBedrock::builder().reply("m", text()).delay(Duration::from_millis(200));
    let running = start(slow).await;
    let request =
        running.request(Method::POST, "/v1/messages", ask(Dialect::Messages, "m", false).to_string());
    let wait = tokio::time::timeout(Duration::from_millis(300), running.open(request)).await;
    assert!(wait.is_err());
    eventually(|| running.bedrock.open_streams() == 0 && running.bedrock.requests().len() == 1).await;
    let log = running.logged(1).await;
    assert_eq!((log[0].verdict, log[0].status), (Verdict::Cancelled, None));
}
