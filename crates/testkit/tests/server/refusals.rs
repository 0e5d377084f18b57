use bedrock_stream_testkit::{FakeBedrock, InvalidRequest};
use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;

use crate::support::{MODEL_PATH, QUESTION, ask, call, request};

#[tokio::test]
async fn requests_that_bedrock_would_refuse() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user =
        |content: serde_json::Value| json!({"messages": [{"role": "user", "content": content}]}).to_string();
    let tool = |name: &str| {
        json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}], "toolConfig": {"tools": [{"toolSpec": {"name": name}}]}})
            .to_string()
    };
    for (body, part) in [
        (String::new(), "not JSON"),
        ("{".to_owned(), "not JSON"),
        ("\u{1f600}".to_owned(), "not JSON"),
        ("[".repeat(100_000), "not JSON"),
        ("[]".to_owned(), "must be an object"),
        ("{}".to_owned(), "must start with a user message"),
        (r#"{"messages":null}"#.to_owned(), "must start with a user message"),
        (r#"{"messages":[]}"#.to_owned(), "must start with a user message"),
        (r#"{"messages":"hi"}"#.to_owned(), "messages must be an array"),
        (r#"{"messages":["hi"]}"#.to_owned(), "messages.0 must be an object"),
        (r#"{"messages":[{"role":"robot","content":[{"text":"hi"}]}]}"#.to_owned(), "messages.0.role"),
        (
            r#"{"messages":[{"role":"assistant","content":[{"text":"hi"}]}]}"#.to_owned(),
            "must start with a user message",
        ),
        (user(json!([])), "messages.0 is empty"),
        (user(json!(null)), "messages.0 is empty"),
        (user(json!("hi")), "messages.0.content must be an array"),
        (user(json!([{}])), "messages.0.content.0"),
        (user(json!(["hi"])), "messages.0.content.0"),
        (user(json!([{"text": 1}])), "messages.0.content.0.text must be a string"),
        (user(json!([{"text": "hi"}, {"text": " \n"}])), "messages.0.content.1 is blank"),
        (tool(""), "has 0 characters"),
        (tool(&"x".repeat(65)), "has 65 characters"),
        (format!(r#"{{"toolConfig":1,{}"#, &QUESTION[1..]), "toolConfig must be an object"),
        (format!(r#"{{"inferenceConfig":{{"maxTokens":0}},{}"#, &QUESTION[1..]), "inferenceConfig.maxTokens"),
    ] {
        let (status, code, message) = ask(&bedrock, &body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body:.80}");
        assert!(message.contains(part), "{body:.80}: {message}");
    }
    let error = bedrock_stream_testkit::Answer::from_request(b"{}", 0).expect_err("there is no message");
    assert_eq!(error, InvalidRequest::NoMessages);
}

#[tokio::test]
async fn model_ids_that_are_none() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    for path in ["/model/a/b/converse-stream", "/model/%ff/converse-stream"] {
        let (status, code, message) = call(&bedrock, request(&bedrock, path, QUESTION)).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        assert_eq!(message, "The provided model identifier is invalid.");
    }
}

#[tokio::test]
async fn other_operations_are_unknown() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    for (method, path) in [
        (Method::GET, MODEL_PATH),
        (Method::OPTIONS, MODEL_PATH),
        (Method::POST, "/"),
        (Method::POST, "/model/m/converse"),
        (Method::POST, "/model/m/converse-stream/more"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .body(Full::from(QUESTION))
            .expect("the request is valid");
        assert_eq!(
            call(&bedrock, request).await.code(),
            (404, "UnknownOperationException".to_owned()),
            "{path}"
        );
    }
    assert_eq!(bedrock.requests().len(), 5, "they are kept all the same");
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let reply = call(&bedrock, request(&bedrock, MODEL_PATH, vec![b' '; 25_000_001])).await;
    assert_eq!(reply.code(), (413, "RequestEntityTooLargeException".to_owned()));
    assert!(bedrock.requests()[0].body.is_empty());

    let mut body = QUESTION.as_bytes().to_vec();
    body.resize(25_000_000, b' ');
    assert_eq!(call(&bedrock, request(&bedrock, MODEL_PATH, body)).await.status, 200);
}
