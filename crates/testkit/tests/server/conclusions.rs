//! What must be concluded in each dialect, and that each such fault changes something there, and no other does.

use bedrock_stream_testkit::{Answer, Conclusion, FakeBedrock, Fault, Operation, answer};
use http_body_util::BodyExt;
use serde_json::json;

use crate::support::{open, request};

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
        assert_eq!(fault.conclusions_in(Operation::ConverseStream, "m"), [fault.conclusion()], "{fault}");
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

#[tokio::test]
async fn what_must_be_concluded_is_about_a_change() {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let options = json!({"include_usage": true});
    for (operation, model, path, body) in [
        (
            INVOKE,
            CLAUDE,
            "/model/us.anthropic.claude-haiku-4-5/invoke-with-response-stream",
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": messages}),
        ),
        (
            INVOKE,
            TITAN,
            "/model/amazon.titan-text-lite-v1/invoke-with-response-stream",
            json!({"inputText": "Hello"}),
        ),
        (
            INVOKE,
            GPT,
            "/model/openai.gpt-oss-20b-1%3A0/invoke-with-response-stream",
            json!({"messages": messages}),
        ),
        (
            Operation::ChatCompletions,
            GPT,
            "/v1/chat/completions",
            json!({"model": GPT, "stream": true, "messages": messages, "stream_options": options}),
        ),
        (Operation::Responses, GPT, "/v1/responses", json!({"model": GPT, "stream": true, "input": "Hello"})),
        (
            Operation::Messages,
            CLAUDE,
            "/anthropic/v1/messages",
            json!({"model": CLAUDE, "stream": true, "max_tokens": 9, "messages": messages,
                   "anthropic_version": "bedrock-2023-05-31"}),
        ),
    ] {
        for &fault in Fault::ALL.iter().chain(Fault::SSE) {
            // What comes instead of an answer, and one bit that may be any.
            let is_about_bytes = !matches!(
                fault,
                Fault::Throttle
                    | Fault::Refuse { .. }
                    | Fault::Html
                    | Fault::Json
                    | Fault::NoHead
                    | Fault::NoResponse
                    | Fault::FlipBit { .. }
            );
            // These end the response in a way that is tested elsewhere.
            let has_end = !matches!(fault, Fault::CutAt { .. } | Fault::WrongLength | Fault::HugeLength);
            if !is_about_bytes || !has_end {
                continue;
            }
            let bedrock = FakeBedrock::builder().reply(model, scripted()).fault(fault).start().await;
            let bedrock = bedrock.expect("a port is free");
            let response = open(&bedrock, request(&bedrock, path, body.to_string())).await;
            assert_eq!(response.status(), 200, "{fault} {path}");
            let _ = response.into_body().collect().await;
            let is_told = !fault.conclusions_in(operation, model).is_empty();
            assert_eq!(bedrock.unapplied_faults().is_empty(), is_told, "{fault} {path}");
        }
    }
}
