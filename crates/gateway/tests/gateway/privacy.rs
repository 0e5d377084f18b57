//! What users ask and models answer is in no log, no metric and no header, however the answer fails.

use std::fmt::Debug;
use std::time::Duration;

use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::GatewayBuilder;
use bedrock_stream_hyper::Timeouts;
use bedrock_stream_testkit::{Answer, FakeBedrock, Fault, Reply, answer};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::{APIS, Running, ask_for, ending_faults, start_timed, start_with};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const GPT: &str = "openai.gpt-oss-120b-1:0";
/// In every text that is asked or answered, and in no other word here: also a damaged piece of such a text has it.
const SAID: &str = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

fn said() -> Answer {
    answer()
        .reasoning(SAID)
        .text(&SAID.repeat(4))
        .tool("get_weather", json!({"city": SAID, "unit": "celsius"}))
        .usage(10, 20)
}

async fn running(fault: Fault, is_native: bool) -> Running {
    replying(|| Reply::from(said()).fault(fault), is_native).await
}

async fn replying(reply: impl Fn() -> Reply, is_native: bool) -> Running {
    let set = |builder: GatewayBuilder| builder.native(is_native);
    // Where the connection stays open after the answer, no test waits long.
    let timeouts = Timeouts::default().idle(Duration::from_secs(1));
    let bedrock = FakeBedrock::builder().reply(GPT, reply()).reply(CLAUDE, reply());
    start_timed(bedrock, timeouts, set, |server| server).await
}

/// Requests that the gateway and Bedrock take, through every API, streaming and not.
fn requests() -> Vec<(String, Value)> {
    let mut requests = Vec::new();
    for (path, dialect) in APIS {
        let model = if dialect == Dialect::Messages { CLAUDE } else { GPT };
        for is_streaming in [true, false] {
            requests.push((path.to_owned(), ask_for(dialect, model, is_streaming, SAID)));
        }
    }
    let messages = json!([{"role": "user", "content": [{"text": SAID}]}]);
    requests.push((format!("/model/{CLAUDE}/converse-stream"), json!({ "messages": messages })));
    requests
}

fn has_no_words(shown: &impl Debug, case: &str) {
    let shown = format!("{shown:?}");
    assert!(!shown.contains("qq"), "{case}: {shown}");
}

/// Sends all of them, and returns how many failed.
async fn ask_all(running: &Running, case: &str) -> usize {
    let requests = requests();
    let count = requests.len();
    for (path, body) in requests {
        let request = running.request(Method::POST, &path, body.to_string());
        // A connection that breaks tells that an answer of Converse broke; all others are whole.
        if let Ok(response) = running.try_open(request).await {
            let (head, body) = response.into_parts();
            let _ = body.collect().await;
            has_no_words(&head.headers, &format!("{path} {case}"));
        }
    }
    let log = running.logged(count).await;
    has_no_words(&log, case);
    has_no_words(&log.iter().map(ToString::to_string).collect::<Vec<_>>(), case);
    has_no_words(&running.gateway.metrics(), case);
    log.iter().filter(|access| access.message.is_some()).count()
}

#[tokio::test]
async fn no_fault_brings_words_into_the_log() {
    let mut failed = 0;
    for fault in ending_faults() {
        for is_native in [false, true] {
            let case = format!("{fault} native: {is_native}");
            failed += ask_all(&running(fault, is_native).await, &case).await;
        }
    }
    assert!(failed > 150, "{failed}");
}

/// Exceptions and errors often quote what was asked, or what was to be answered.
#[tokio::test]
async fn what_bedrock_says_of_a_request_is_not_in_the_log() {
    let quoting = format!("\"{SAID}\" is not allowed");
    let begun = || answer().text(SAID);
    let replies: [&dyn Fn() -> Reply; 5] = [
        &|| answer().exception("validationException", &quoting).into(),
        &|| begun().exception("modelStreamErrorException", &quoting).into(),
        &|| begun().exception(&*quoting, &quoting).into(),
        &|| begun().error(&*quoting, &*quoting).into(),
        // In the middle of a text, no message can begin.
        &|| Reply::recording([&begun().messages().unwrap()[0][..], SAID.repeat(9).as_bytes()].concat()),
    ];
    let mut failed = 0;
    for (number, reply) in replies.into_iter().enumerate() {
        for is_native in [false, true] {
            let case = format!("reply {number} native: {is_native}");
            failed += ask_all(&replying(reply, is_native).await, &case).await;
        }
    }
    assert!(failed > 40, "{failed}");
}

/// What is wrong with a request is told without what it says.
#[tokio::test]
async fn no_refused_request_brings_words_into_the_log() {
    let running = start_with(FakeBedrock::builder(), |builder| builder, |server| server).await;
    let mut count = 0;
    for (path, dialect) in APIS {
        for member in
            ["messages", "input", "tools", "tool_choice", "stop", "temperature", "response_format", "system"]
        {
            for wrong in [
                json!(SAID),
                json!([SAID]),
                json!({ "type": SAID }),
                json!([{ "role": SAID, "content": SAID }]),
            ] {
                let mut body = ask_for(dialect, "m", false, SAID);
                body[member] = wrong;
                let got = running.post(path, &body).await;
                has_no_words(&got.headers, &format!("{path} {body}"));
                count += 1;
            }
        }
        let cut = ask_for(dialect, "m", false, SAID).to_string();
        let request = running.request(Method::POST, path, cut[..cut.len() - 3].to_owned());
        let got = running.send(request).await;
        assert_eq!(got.status, 400);
        has_no_words(&got.headers, path);
        count += 1;
    }
    let log = running.logged(count).await;
    has_no_words(&log, "refused");
    assert!(log.iter().filter(|access| access.message.is_some()).count() > 30);
}
