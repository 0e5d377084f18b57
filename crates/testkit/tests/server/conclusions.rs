//! What must be concluded in each dialect, and that each such fault changes something there, and no other does.

use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::{
    Answer, Conclusion, End, EventType, FakeBedrock, Fault, Operation, ReceivedRequest, Reply, answer,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Collected};
use serde_json::{Value, json};

use crate::dialects::{EVENTS, events_request, invoked, with};
use crate::support::{MODEL_PATH, QUESTION, open, request};

const CLAUDE: &str = "us.anthropic.claude-haiku-4-5";
const NOVA: &str = "us.amazon.nova-lite-v1:0";
const TITAN: &str = "amazon.titan-text-lite-v1";
const GPT: &str = "openai.gpt-oss-20b-1:0";
const INVOKE: Operation = Operation::InvokeModelWithResponseStream;

fn must(fault: &str, operation: Operation, model: &str) -> Vec<String> {
    let fault: Fault = fault.parse().expect("it is a fault");
    fault.conclusions_in(operation, model).iter().map(Conclusion::to_string).collect()
}

#[test]
fn converse_concludes_what_it_always_did() {
    for &fault in Fault::ALL {
        // Its metadata is the last message.
        let changes = fault != Fault::Swap(EventType::Metadata);
        let conclusions: Vec<Conclusion> = changes.then(|| fault.conclusion()).into_iter().collect();
        assert_eq!(fault.conclusions_in(Operation::ConverseStream, "m"), conclusions, "{fault}");
    }
}

#[test]
fn the_conclusion_depends_on_the_dialect() {
    let (chat, responses) = (Operation::ChatCompletions, Operation::Responses);
    for (fault, operation, model, conclusions) in [
        ("bad-crc", INVOKE, CLAUDE, &["damaged"][..]),
        ("bad-crc", Operation::Messages, CLAUDE, &["skipped"]),
        ("exception:throttlingException@middle", INVOKE, CLAUDE, &["exception throttlingException"]),
        (
            "exception:throttlingException@middle",
            chat,
            GPT,
            &["exception rate_limit_exceeded", "exception rate_limit_error"],
        ),
        (
            "exception:serviceUnavailableException",
            Operation::Messages,
            CLAUDE,
            &["exception overloaded_error"],
        ),
        ("error@first", responses, GPT, &["exception server_error"]),
        // Where the proof is the end, nothing that follows is read; elsewhere the usage is still to come.
        ("error@stopped", Operation::Messages, CLAUDE, &["complete"]),
        ("error@stopped", responses, GPT, &["complete"]),
        ("error@stopped", chat, GPT, &["exception server_error"]),
        ("error@stopped", INVOKE, NOVA, &["error message InternalFailure"]),
        ("error@stopped", INVOKE, TITAN, &["complete"]),
        ("exception@after", chat, GPT, &["complete"]),
        ("html-body", chat, GPT, &["incomplete"]),
        ("sse:done-early", chat, GPT, &["incomplete"]),
        ("sse:done-early", responses, GPT, &[]),
        ("flip-bit", responses, GPT, &[]),
        ("drop:block-start", INVOKE, TITAN, &[]),
        ("drop:block-start", INVOKE, "us.deepseek.r1-v1:0", &[]),
        ("error@stopped", INVOKE, "us.deepseek.r1-v1:0", &["complete"]),
        ("cut", INVOKE, "unheard.of", &[]),
        ("cut", Operation::InvokeModel, CLAUDE, &[]),
    ] {
        assert_eq!(must(fault, operation, model), conclusions, "{fault} {operation:?} {model}");
    }
}

fn scripted() -> Answer {
    let text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
    answer().reasoning("They count to fourteen.").text(text).tool_with_id(
        "t",
        "look",
        json!({"city": "Paris"}),
    )
}

/// Every way to ask for a stream: the path and the body.
fn streamed() -> Vec<(String, Value)> {
    let invoked = invoked().into_iter();
    let mut asked: Vec<(String, Value)> = invoked
        .map(|(model, _, body)| (format!("/model/{model}/invoke-with-response-stream"), body))
        .chain(EVENTS.map(|(path, dialect)| {
            (path.to_owned(), with(events_request(dialect, "us.anthropic.claude-haiku-4-5"), "stream", true))
        }))
        .collect();
    let without_usage = with(events_request(Dialect::Chat, "m"), "stream", true);
    asked.push(("/v1/chat/completions".to_owned(), with(without_usage, "stream_options", Value::Null)));
    asked.push((MODEL_PATH.to_owned(), serde_json::from_str(QUESTION).expect("it is JSON")));
    asked
}

/// The request as the fake received it, the bytes that it sent, and whether the fault found something to change.
async fn sent(path: &str, body: &Value, fault: Option<Fault>) -> (ReceivedRequest, Option<Bytes>, bool) {
    let reply = fault.into_iter().fold(scripted().into(), Reply::fault);
    let bedrock = FakeBedrock::builder().reply("*", reply).start().await.expect("a port is free");
    let response = open(&bedrock, request(&bedrock, path, body.to_string())).await;
    assert_eq!(response.status(), 200, "{fault:?} {path} {body}");
    let bytes = response.into_body().collect().await.map(Collected::to_bytes);
    (bedrock.requests().remove(0), bytes.ok(), bedrock.unapplied_faults().is_empty())
}

#[tokio::test]
async fn what_must_be_concluded_is_about_a_change() {
    for (path, asked) in streamed() {
        let (request, whole, _) = sent(&path, &asked, None).await;
        let whole = whole.expect("nothing is wrong");
        for &fault in Fault::ALL.iter().chain(Fault::SSE) {
            let is_told = !fault.conclusions_for(&request).is_empty();
            match fault {
                // What comes instead of an answer, and a wrong bit anywhere.
                Fault::Throttle
                | Fault::Refuse { .. }
                | Fault::Html
                | Fault::Json
                | Fault::NoHead
                | Fault::NoResponse
                | Fault::FlipBit { .. } => continue,
                // The same bytes at another pace.
                Fault::SlowHead { .. } | Fault::Split { .. } | Fault::Drip => assert!(is_told, "{fault}"),
                fault => {
                    let damaged = fault.damage(whole.clone()).expect("it can be damaged");
                    assert_eq!(damaged != whole, is_told, "{fault} {path} {asked}");
                }
            }
            // A response that never ends is tested elsewhere.
            let end = Fault::CutAt { byte: 0, end: End::Stall };
            if fault.name() != end.name() && !matches!(fault, Fault::WrongLength | Fault::HugeLength) {
                let (_, _, is_applied) = sent(&path, &asked, Some(fault)).await;
                assert_eq!(is_applied, is_told, "{fault} {path} {asked}");
            }
        }
    }
}
