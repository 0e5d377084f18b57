use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bedrock_stream_testkit::{FakeBedrock, InvalidRequest};
use bytes::Bytes;
use http::{Method, Request};
use http_body::{Body, Frame};
use http_body_util::Full;
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{MODEL_PATH, QUESTION, ask, call, collect, request};

#[tokio::test]
async fn requests_that_bedrock_would_refuse() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let user =
        |content: serde_json::Value| json!({"messages": [{"role": "user", "content": content}]}).to_string();
    let tool = |name: &str| {
        json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}], "toolConfig": {"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}}]}})
            .to_string()
    };
    for (body, part) in [
        (String::new(), "not JSON"),
        ("{".to_owned(), "not JSON"),
        ("\u{1f600}".to_owned(), "not JSON"),
        ("[".repeat(100_000), "not JSON"),
        ("[]".to_owned(), "expected an object (Request)"),
        ("{}".to_owned(), "must start with a user message"),
        (r#"{"messages":null}"#.to_owned(), "must start with a user message"),
        (r#"{"messages":[]}"#.to_owned(), "must start with a user message"),
        (r#"{"messages":"hi"}"#.to_owned(), "does not fit the operation"),
        (r#"{"messages":["hi"]}"#.to_owned(), "expected an object (Message)"),
        (
            r#"{"messages":[{"role":"robot","content":[{"text":"hi"}]}]}"#.to_owned(),
            "messages[0] is none of user, assistant, system",
        ),
        (
            r#"{"messages":[{"role":"assistant","content":[{"text":"hi"}]}]}"#.to_owned(),
            "must start with a user message",
        ),
        (user(json!([])), "messages[0] is empty"),
        (user(json!(null)), "messages[0] is empty"),
        (user(json!("hi")), "does not fit the operation"),
        (user(json!([{}])), "ContentBlock object at messages.0.content.0 must set one of"),
        (user(json!(["hi"])), "does not fit the operation"),
        (user(json!([{"text": 1}])), "expected a string"),
        (user(json!([{"text": "hi"}, {"text": " \n"}])), "messages[0].content[1] is blank"),
        (tool(""), "toolConfig.tools[0].toolSpec.name: it must not be empty"),
        (tool(&"x".repeat(65)), "toolConfig.tools[0].toolSpec.name: it has 65 characters"),
        (format!(r#"{{"toolConfig":1,{}"#, &QUESTION[1..]), "does not fit the operation"),
        (
            format!(r#"{{"inferenceConfig":{{"maxTokens":0}},{}"#, &QUESTION[1..]),
            "inferenceConfig.maxTokens: it must be at least 1",
        ),
    ] {
        let (status, code, message) = ask(&bedrock, &body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body:.80}");
        assert!(message.contains(part), "{body:.80}: {message}");
    }
    let error = bedrock_stream_testkit::Answer::from_request(b"{}", 0).expect_err("there is no message");
    assert_eq!(error, InvalidRequest::NoMessages);
}

#[tokio::test]
async fn the_commonest_refusals_have_bedrocks_own_words() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let text = |role: &str| json!({"role": role, "content": [{"text": "hi"}]});
    let calls = |ids: &[&str]| {
        let blocks: Vec<_> =
            ids.iter().map(|id| json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}})).collect();
        json!({"role": "assistant", "content": blocks})
    };
    let results = |ids: &[&str]| {
        let blocks: Vec<_> = ids
            .iter()
            .map(|id| json!({"toolResult": {"toolUseId": id, "content": [{"text": "a"}]}}))
            .collect();
        json!({"role": "user", "content": blocks})
    };
    let tools = json!({"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]});
    let with_tools = |messages: serde_json::Value| json!({"messages": messages, "toolConfig": tools.clone()});
    let alternate = "A conversation must alternate between user and assistant roles. Make sure the conversation \
                     alternates between user and assistant roles and try again.";
    let tool_config =
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
    for (request, words) in [
        (json!({"messages": [text("user"), text("user")]}), alternate),
        (json!({"messages": [text("user"), text("assistant"), text("assistant")]}), alternate),
        (json!({"messages": [text("user"), calls(&["a"]), results(&["a"])]}), tool_config),
        (
            json!({"messages": [text("user"), calls(&["a"]), results(&["a"])], "toolConfig": null}),
            tool_config,
        ),
        (
            with_tools(json!([text("user"), calls(&["a"]), results(&["a", "b"])])),
            "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous \
             turn.",
        ),
        (
            with_tools(json!([results(&["a"])])),
            "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous \
             turn.",
        ),
        // A result for each of two calls, one message each.
        (
            with_tools(json!([text("user"), calls(&["a", "b"]), results(&["a"]), results(&["b"])])),
            "Expected toolResult blocks at messages.2.content for the following Ids: b",
        ),
        (
            with_tools(json!([text("user"), calls(&["a", "b"]), text("user")])),
            "Expected toolResult blocks at messages.2.content for the following Ids: a, b",
        ),
        (
            with_tools(json!([text("user"), calls(&["a"]), results(&["z"])])),
            "Expected toolResult blocks at messages.2.content for the following Ids: a",
        ),
        (
            with_tools(json!([text("user"), calls(&["a"])])),
            "Expected toolResult blocks at messages.2.content for the following Ids: a",
        ),
    ] {
        let (status, code, message) = ask(&bedrock, &request.to_string()).await.refusal();
        assert_eq!(
            (status, code.as_str(), message.as_str()),
            (400, "ValidationException", words),
            "{request}"
        );
    }
    let fine = with_tools(json!([text("user"), calls(&["a", "b"]), results(&["b", "a"])]));
    assert_eq!(ask(&bedrock, &fine.to_string()).await.status, 200);
}

#[tokio::test]
async fn a_schema_that_is_not_json_is_refused() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let format = json!({"type": "json_schema", "structure": {"jsonSchema": {"schema": "{type: object}"}}});
    let body = format!(r#"{{"outputConfig":{{"textFormat":{format}}},{}"#, &QUESTION[1..]);
    let (status, code, message) = ask(&bedrock, &body).await.refusal();
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(message.contains("outputConfig.textFormat.structure.jsonSchema.schema is not JSON"), "{message}");
}

#[tokio::test]
async fn requests_that_bedrock_would_answer() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let turns = json!([
        {"role": "user", "content": [
            {"text": "hi"},
            {"document": {"name": "d", "format": "txt", "source": {"text": "d"}, "citations": {"enabled": true}}},
            {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k", "bucketOwner": "123456789012"}}}},
            {"cachePoint": {"type": "default", "ttl": "1h"}},
        ]},
        {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "t", "signature": "s"}}},
            {"toolUse": {"toolUseId": "t1", "name": "t", "input": {"anything": {"at": ["all"]}}}},
        ]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "t1", "status": "success", "content": [{"json": {"any": 1}}, {"text": "x"}]}},
        ]},
    ]);
    let all = json!({
        "messages": turns,
        "system": [{"text": "s"}, {"guardContent": {"text": {"text": "g", "qualifiers": ["query"]}}}],
        "inferenceConfig": {"maxTokens": 5, "temperature": 0.5, "topP": 0.5, "stopSequences": ["x"]},
        "toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {"type": "object", "x": {"y": 1}}}}}],
            "toolChoice": {"auto": {}}},
        "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1", "trace": "enabled",
            "streamProcessingMode": "async"},
        "projectIdentifier": "my-project",
        "additionalModelRequestFields": {"thinking": {"type": "enabled"}},
        "additionalModelResponseFieldPaths": ["/a"],
        "requestMetadata": {"k": "v"},
        "performanceConfig": {"latency": "standard"},
        "serviceTier": {"type": "default"},
        "outputConfig": {"effort": "high", "textFormat": {"type": "json_schema",
            "structure": {"jsonSchema": {"schema": "{}", "name": "n", "description": "d"}}}},
    });
    let reply = ask(&bedrock, &all.to_string()).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    assert_eq!(bedrock.unknown_members(), [""; 0]);
    let prompt = json!({"messages": null, "promptVariables": {"name": {"text": "x"}}});
    let reply = ask(&bedrock, &prompt.to_string()).await;
    assert_eq!(reply.status, 200, "a prompt brings its own messages: {:?}", reply.body);
    let kept = bedrock.requests()[0].converse().expect("it is a request");
    assert_eq!(serde_json::to_value(kept).expect("it is JSON"), all);
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
        (Method::POST, "/model/m/async-invoke"),
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

/// A body of which one piece comes, and never an end.
struct Endless(Option<Bytes>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(Frame::data(bytes)))))
    }
}

#[tokio::test]
async fn other_operations_are_answered_before_their_body_ends() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let endless = |path: String| {
        Request::post(path)
            .header("host", bedrock.addr().to_string())
            .body(Endless(Some(Bytes::from_static(b"{"))))
            .expect("the request is valid")
    };
    let path = "/model/amazon.nova-sonic-v1%3A0/invoke-with-bidirectional-stream";
    let unknown = (404, "UnknownOperationException".to_owned());

    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let (mut sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await.expect("it is fresh");
    tokio::spawn(connection);
    let response = sender.send_request(endless(path.to_owned())).await.expect("the fake answers");
    assert_eq!(collect(response).await.code(), unknown);

    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let (mut sender, connection) =
        conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("it is fresh");
    tokio::spawn(connection);
    let url = format!("{}{path}", bedrock.url());
    let response = sender.send_request(endless(url)).await.expect("the fake answers");
    assert_eq!(collect(response).await.code(), unknown);
    assert!(bedrock.requests().iter().all(|request| request.body.is_empty()));
}

#[tokio::test]
async fn a_client_that_sends_all_of_its_body_first_gets_the_answer_too() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let length = 20_000_000;
    let mut stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let head =
        format!("POST /model/m/async-invoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is read");
    stream.write_all(&vec![b' '; length]).await.expect("it is read to its end");
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.expect("the answer is there");
    assert_eq!(&start, b"HTTP/1.1 404");
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
