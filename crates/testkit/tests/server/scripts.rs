//! Scripted replies, and the operations beside ConverseStream.

use bedrock_stream_core::answer::Response;
use bedrock_stream_core::content::{Message, Role};
use bedrock_stream_core::converse::Request;
use bedrock_stream_testkit::{
    Answer, ExceptionKind, FakeBedrock, Fault, InjectionPoint, Operation, Refusal, RefusalKind, Reply, answer,
};
use serde_json::{Value, json};

use crate::support::{self, QUESTION, ask, call, request, text};

async fn ask_of(bedrock: &FakeBedrock, model: &str, operation: &str) -> support::Reply {
    call(bedrock, request(bedrock, &format!("/model/{model}/{operation}"), QUESTION)).await
}

#[tokio::test]
async fn replies_come_in_turn_and_the_last_one_stays() {
    let bedrock = FakeBedrock::builder()
        .reply("m", Refusal::of(RefusalKind::Throttling).retry_after(7))
        .reply("m", answer().text("One."))
        .reply("m", answer().text("Two."))
        .reply("other", Reply::from(answer().text("Cut.")).fault(Fault::NoStop))
        .start()
        .await
        .expect("a port is free");
    let refused = ask_of(&bedrock, "m", "converse-stream").await;
    assert_eq!(refused.code(), (429, "ThrottlingException".to_owned()));
    assert_eq!(refused.header("retry-after"), "7");
    for expected in ["One.", "Two.", "Two."] {
        assert_eq!(text(&ask_of(&bedrock, "m", "converse-stream").await.events()), expected);
    }
    let cut = ask_of(&bedrock, "other", "converse-stream").await.events();
    assert_eq!(cut.last().map(|(name, _)| name.as_str()), Some("contentBlockStop"));
    let generated = ask_of(&bedrock, "third", "converse-stream").await.events();
    assert!(text(&generated).contains("Why is the sky blue?"), "others are answered as usual");
}

#[tokio::test]
async fn a_closure_decides_on_each_request() {
    let bedrock = FakeBedrock::builder()
        .respond(|received| {
            let request = received.converse().expect("it was let in");
            match request.messages.as_deref().and_then(<[Message]>::last) {
                Some(last) if last.role == Role::User && request.tool_config.is_some() => {
                    Reply::from(answer().tool("look", json!({"at": received.model_id})))
                }
                Some(_) => Reply::from(Fault::Cut),
                None => Refusal::new(418, "TeapotException", "No.").into(),
            }
        })
        .start()
        .await
        .expect("a port is free");
    assert!(ask(&bedrock, QUESTION).await.body.len() > 1_000);
    let tool = json!({"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}});
    let mut question: Value = serde_json::from_str(QUESTION).expect("it is JSON");
    question["toolConfig"] = json!({"tools": [tool]});
    let events = ask(&bedrock, &question.to_string()).await.events();
    assert_eq!(events[events.len() - 2].1["stopReason"], "tool_use");
    let none = json!({"promptVariables": {"a": {"text": "b"}}}).to_string();
    assert_eq!(ask(&bedrock, &none).await.refusal(), (418, "TeapotException".into(), "No.".into()));
}

#[tokio::test]
async fn faults_of_the_first_requests_pass() {
    let bedrock = FakeBedrock::builder()
        .fault_first(2, Fault::Throttle)
        .fault_first(3, Fault::NoStop)
        .fault(Fault::Split { bytes: std::num::NonZeroUsize::MIN })
        .start()
        .await
        .expect("a port is free");
    for _ in 0..2 {
        assert_eq!(ask(&bedrock, QUESTION).await.status, 429);
    }
    let last = |reply: support::Reply| reply.events().pop().expect("there are events").0;
    assert_eq!(last(ask(&bedrock, QUESTION).await), "contentBlockStop");
    assert_eq!(last(ask(&bedrock, QUESTION).await), "metadata");
}

#[tokio::test]
async fn a_scripted_answer_counts_the_requests_tokens() {
    let bedrock = FakeBedrock::builder()
        .reply("counted", answer().reasoning("They greet.").signature("c2lnbmVk").text("Hello to you"))
        .reply("said", answer().text("Hello").usage(7, 8))
        .start()
        .await
        .expect("a port is free");
    let usage = async |model: &str| {
        let events = ask_of(&bedrock, model, "converse-stream").await.events();
        events.last().expect("there are events").1["usage"].clone()
    };
    let counted = usage("counted").await;
    let (input, output) = (QUESTION.len().div_ceil(4), 6);
    assert_eq!(
        (&counted["inputTokens"], &counted["outputTokens"]),
        (&json!(input), &json!(output)),
        "{counted}"
    );
    assert_eq!(counted["totalTokens"], input + output);
    let said = usage("said").await;
    assert_eq!((&said["inputTokens"], &said["outputTokens"]), (&json!(7), &json!(8)));
    // For the same request, the fake's own answer has the same count.
    assert_eq!(usage("other").await["inputTokens"], input);
}

#[tokio::test]
async fn converse_gives_the_same_answer_unstreamed() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let reply = ask_of(&bedrock, "m", "converse").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"));
    let response: Response = serde_json::from_slice(&reply.body).expect("it is a response");
    let streamed = Answer::from_request(QUESTION.as_bytes(), 0).expect("the request is valid");
    assert_eq!(Ok(&response), streamed.response().as_ref());
    assert_eq!(response.content().len(), 2);
    assert_eq!(bedrock.requests()[0].operation, Some(Operation::Converse));

    let message = response.into_message().expect("nothing is malformed");
    let next = Request::new().user("Why is the sky blue?").message(message).user("And at night?");
    let body = next.to_json().expect("it is JSON");
    let reply = call(&bedrock, request(&bedrock, "/model/m/converse", body)).await;
    assert_eq!(reply.status, 200, "the answer can be sent back: {:?}", reply.body);
}

#[tokio::test]
async fn an_exception_unstreamed_is_a_refusal() {
    for (kind, status, code) in [
        (ExceptionKind::Throttling, 429, "ThrottlingException"),
        (ExceptionKind::ModelStreamError, 424, "ModelStreamErrorException"),
        (ExceptionKind::Unknown, 500, "UnheardOfException"),
    ] {
        let fault = Fault::Raise { exception: kind, at: InjectionPoint::Middle };
        let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
        assert_eq!(ask_of(&bedrock, "m", "converse").await.code(), (status, code.to_owned()));
    }
    let bedrock = FakeBedrock::builder().fault(Fault::Cut).start().await.expect("a port is free");
    let (status, _, message) = ask_of(&bedrock, "m", "converse").await.refusal();
    assert!(status == 500 && message.contains("incomplete"), "{message}");
}

#[tokio::test]
async fn invoke_streams_recorded_bodies_alone() {
    let bedrock =
        FakeBedrock::builder().recording("known", "recorded").start().await.expect("a port is free");
    let operation = "invoke-with-response-stream";
    let reply = call(&bedrock, request(&bedrock, &format!("/model/known/{operation}"), "{\"any\":1}")).await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"recorded"[..]));
    assert_eq!(bedrock.requests()[0].operation, Some(Operation::InvokeModelWithResponseStream));

    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let (status, code, message) = ask_of(&bedrock, "m", operation).await.refusal();
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(message.contains("no recorded body"), "{message}");
}
