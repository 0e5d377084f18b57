//! A Bedrock that does not answer, or stops in the middle.

use std::time::{Duration, Instant};

use bedrock_stream_core::ErrorKind;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::Verdict;
use bedrock_stream_hyper::Timeouts;
use bedrock_stream_testkit::{FakeBedrock, Fault, Reply, answer};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::{APIS, Got, Running, ask, eventually, start_timed};

/// Long enough for the fake to answer where it does.
const SHORT: Duration = Duration::from_millis(500);

async fn start(reply: Reply, timeouts: Timeouts) -> Running {
    start_timed(FakeBedrock::builder().reply("m", reply), timeouts, |builder| builder, |server| server).await
}

fn faulty(fault: &str) -> Reply {
    let fault: Fault = fault.parse().unwrap();
    Reply::from(answer().text("The weather in Paris is fine today, and tomorrow it will be.")).fault(fault)
}

/// A request of Converse, to be passed on.
fn converse() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]})
}

/// It is a 504 in the dialect's shape.
fn check_504(got: &Got, dialect: Dialect) {
    assert_eq!(got.status, 504, "{dialect} {got:?}");
    assert_eq!(got.header("content-type"), Some("application/json"), "{dialect}");
    assert_eq!(got.header("x-should-retry"), Some("false"), "{dialect}");
    let body = got.json();
    let error = &body["error"];
    assert!(error["message"].as_str().unwrap().starts_with("timeout: "), "{dialect} {body}");
    if dialect == Dialect::Messages {
        assert_eq!((&body["type"], &error["type"]), (&json!("error"), &json!("timeout_error")));
        assert!(body["request_id"].is_string());
    } else {
        assert_eq!(error["type"], "server_error", "{dialect} {body}");
        assert!(error.get("param").is_some_and(Value::is_null) && error.get("code").is_some(), "{body}");
    }
}

async fn check_log(running: &Running, requests: usize) {
    let log = running.logged(requests).await;
    assert!(
        log.iter().all(|access| access.verdict == Verdict::Failed(ErrorKind::Timeout)
            && access.message.as_ref().is_some_and(|message| message.contains("500ms"))),
        "{log:?}"
    );
    eventually(|| running.bedrock.open_streams() == 0 && running.gateway.open_answers() == 0).await;
}

#[tokio::test]
async fn an_upstream_that_never_answers_is_504() {
    for timeouts in [Timeouts::default().total(SHORT), Timeouts::default().first_byte(SHORT)] {
        // Also of requests that no reply is for.
        let silent = FakeBedrock::builder().fault("no-head".parse().unwrap());
        let running = start_timed(silent, timeouts, |builder| builder, |server| server).await;
        for (path, dialect) in APIS {
            for is_streaming in [true, false] {
                let begun = Instant::now();
                check_504(&running.post(path, &ask(dialect, "m", is_streaming)).await, dialect);
                assert!(begun.elapsed() >= SHORT, "{dialect}");
            }
        }
        let count = running.post("/v1/messages/count_tokens", &ask(Dialect::Messages, "m", false)).await;
        check_504(&count, Dialect::Messages);
        let got = running.post("/model/m/converse-stream", &converse()).await;
        assert_eq!(got.status, 504, "{got:?}");
        assert_eq!(got.header("x-amzn-errortype"), Some("InternalServerException"));
        assert!(got.json()["message"].is_string(), "{got:?}");
        check_log(&running, 8).await;
    }
}

#[tokio::test]
async fn an_upstream_that_stalls_before_the_content_is_504() {
    let running = start(faulty("stall-at:150"), Timeouts::default().idle(SHORT)).await;
    for (path, dialect) in APIS {
        for is_streaming in [true, false] {
            check_504(&running.post(path, &ask(dialect, "m", is_streaming)).await, dialect);
        }
    }
    check_log(&running, 6).await;
}

#[tokio::test]
async fn an_upstream_that_stalls_in_the_middle_is_an_error_event() {
    let running = start(faulty("stall-at:700"), Timeouts::default().idle(SHORT)).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert_eq!(got.status, 200, "{dialect} {got:?}");
        assert!(got.text().contains("The") && !got.looks_complete(), "{dialect} {got:?}");
        let last = got.text().trim_end().rsplit_once("data: ").unwrap().1;
        let last: Value = serde_json::from_str(last).unwrap();
        assert!(last["error"]["message"].as_str().unwrap().starts_with("timeout: "), "{dialect} {last}");
        let kind = if dialect == Dialect::Messages { "timeout_error" } else { "server_error" };
        assert_eq!(last["error"]["type"], kind, "{dialect}");
        let told = last["error"]["message"].as_str().unwrap();
        assert_eq!(told.matches("request id ").count(), 1, "AWS's id is told once: {told}");
        check_504(&running.post(path, &ask(dialect, "m", false)).await, dialect);
    }
    check_log(&running, 6).await;
}

/// An answer that never stalls, and is not finished in time.
fn slow() -> FakeBuilder {
    let reply = answer().text(&"word ".repeat(100));
    FakeBedrock::builder().reply("m", reply).delay(Duration::from_millis(100))
}

type FakeBuilder = bedrock_stream_testkit::Builder;

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let timeouts = Timeouts::default().total(SHORT);
    let running = start_timed(slow(), timeouts, |builder| builder, |server| server).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert!(
            got.status == 200 && got.text().contains("word") && !got.looks_complete(),
            "{dialect} {got:?}"
        );
        assert!(got.text().contains("timeout: "), "{dialect} {got:?}");
        check_504(&running.post(path, &ask(dialect, "m", false)).await, dialect);
    }
    check_log(&running, 6).await;
}

/// What is passed on byte for byte has no error event of the gateway's: the connection breaks.
#[tokio::test]
async fn what_is_passed_on_breaks() {
    let stalled = FakeBedrock::builder().reply("m", faulty("stall-at:700"));
    for (bedrock, timeouts) in
        [(stalled, Timeouts::default().idle(SHORT)), (slow(), Timeouts::default().total(SHORT))]
    {
        let running = start_timed(bedrock, timeouts, |builder| builder, |server| server).await;
        let path = "/model/m/converse-stream";
        let response = running.open(running.request(Method::POST, path, converse().to_string())).await;
        assert_eq!(response.status(), 200);
        let body = tokio::time::timeout(Duration::from_secs(5), response.collect()).await;
        assert!(body.expect("it ends").is_err());
        check_log(&running, 1).await;
    }
}
