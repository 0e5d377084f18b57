//! Requests that cannot be carried: refused in the dialect's shape by a sentence that names the member, or carried without it.
//! The limits on length and time are in `limits`.

use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::{GatewayBuilder, Verdict};
use bedrock_stream_hyper::{Retry, Timeouts};
use bedrock_stream_testkit::{FakeBedrock, Refusal, Reply, answer, event};
use http::Method;
use serde_json::{Value, json};

use crate::support::{APIS, Got, Running, ask, start, start_retrying, start_with};

fn asking(dialect: Dialect, is_streaming: bool, members: &Value) -> Value {
    let mut body = ask(dialect, "m", is_streaming);
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// It is a 400 in the dialect's shape, and its sentence and, where there is one, its `param` name the field.
fn check_400(got: &Got, dialect: Dialect, field: &str) {
    assert_eq!(got.status, 400, "{dialect} {got:?}");
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert!(got.header("x-request-id").is_some() && got.header("x-bedrock-stream-left-out").is_none());
    let body = got.json();
    let error = &body["error"];
    assert_eq!(error["type"], "invalid_request_error", "{dialect} {body}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(field), "{dialect} {field}: {message}");
    match dialect {
        Dialect::Messages => assert_eq!(body["type"], "error"),
        _ if field.is_empty() => assert_eq!(error["param"], Value::Null),
        _ => assert_eq!(error["param"], field, "{dialect} {body}"),
    }
}

/// Neither was Bedrock asked, nor is an answer open.
fn check_not_asked(running: &Running) {
    assert_eq!((running.bedrock.requests().len(), running.gateway.open_answers()), (0, 0));
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let running = start(FakeBedrock::builder()).await;
    let deep = "[".repeat(200_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"{\"model\":",
        b"null",
        b"[]",
        b"\"model\"",
        b"{\"model\":\"m\"} x",
        b"{\"model\":\"\xff\"}",
        deep.as_bytes(),
    ];
    for (path, dialect) in APIS {
        for body in bodies {
            let got = running.send(running.request(Method::POST, path, body.to_vec())).await;
            check_400(&got, dialect, "");
        }
        for (members, field) in [
            (json!({"model": 7}), "model"),
            (json!({"stream": "yes"}), "stream"),
            (json!({"temperature": "x"}), "temperature"),
        ] {
            check_400(&running.post(path, &asking(dialect, true, &members)).await, dialect, field);
        }
        let twice = ask(dialect, "m", true).to_string().replacen('{', "{\"model\":\"m\",", 1);
        check_400(&running.send(running.request(Method::POST, path, twice)).await, dialect, "model");
    }
    let log = running.logged(36).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Failed(ErrorKind::Input)), "{log:?}");
    check_not_asked(&running);
}

#[tokio::test]
async fn an_encoded_body_is_415() {
    let running = start(FakeBedrock::builder()).await;
    let invoke = ("/model/m/invoke-with-response-stream", Dialect::Messages);
    for (path, dialect) in APIS.into_iter().chain([("/v1/messages/count_tokens", Dialect::Messages), invoke])
    {
        for (encoding, status) in [("gzip", 415), ("identity, br", 415), ("Identity", 200), ("", 200)] {
            let mut request = running.request(Method::POST, path, ask(dialect, "claude", false).to_string());
            request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
            let got = running.send(request).await;
            if status == 200 {
                assert_ne!(got.status, 415, "{path} {got:?}");
                continue;
            }
            assert_eq!(got.status, 415, "{path} {got:?}");
            assert!(got.text().contains("Content-Encoding") && got.text().contains(encoding), "{got:?}");
        }
    }
}

#[tokio::test]
async fn unknown_members_are_listed() {
    let running = start(FakeBedrock::builder()).await;
    // Those of one dialect are unknown in the others.
    for (path, dialect) in APIS {
        for is_streaming in [true, false] {
            let mut members = json!({"frobnicate": 1, "größe": {}, "a\nb\u{1b}": 2});
            let told = if dialect == Dialect::Chat {
                members["previous_response_id"] = json!("resp_1");
                "previous_response_id"
            } else {
                members["n"] = json!(2);
                members["logprobs"] = json!(true);
                "logprobs, n"
            };
            let got = running.post(path, &asking(dialect, is_streaming, &members)).await;
            assert_eq!(got.status, 200, "{dialect} {got:?}");
            let mut listed: Vec<_> =
                got.header("x-bedrock-stream-left-out").expect("it is listed").split(", ").collect();
            listed.sort_unstable();
            let told = format!(r"frobnicate, {told}, gr\u{{f6}}\u{{df}}e, a\nb\u{{1b}}");
            let mut expected: Vec<_> = told.split(", ").collect();
            expected.sort_unstable();
            assert_eq!(listed, expected, "{dialect}");
        }
    }
    let log = running.logged(6).await;
    for access in &log {
        assert!(access.left_out_members.iter().any(|member| member == "frobnicate"), "{access}");
        assert!(
            access.to_string().lines().count() == 1 && access.to_string().contains("frobnicate"),
            "{access}"
        );
        // In the line they are `?`, as all names that are no plain words.
        for name in ["größe", r"a\nb\u{1b}"] {
            assert!(access.left_out_members.iter().any(|member| member == name), "{access:?}");
            assert!(!access.to_string().contains(name), "{access}");
        }
    }
    assert_eq!(running.bedrock.requests().len(), 6);
}

/// Names are kept of the first hundred.
#[tokio::test]
async fn members_whose_names_are_not_kept_are_counted() {
    let running = start(FakeBedrock::builder()).await;
    let messages = vec![json!({"role": "user", "content": "Hi", "mine": 1}); 140];
    let body = asking(Dialect::Chat, false, &json!({"messages": messages}));
    let got = running.post(APIS[0].0, &body).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.header("x-bedrock-stream-left-out"), Some("messages[*].mine, 40 more"));
    let line = running.logged(1).await[0].to_string();
    assert!(line.contains(r#" left_out="messages[*].mine,40 more""#), "{line}");
}

/// What would give another answer than the client asked for is refused, also if the gateway is lenient.
#[tokio::test]
async fn what_bedrock_cannot_do_is_refused() {
    let png = "https://example.com/a.png";
    let user = |content: Value| json!([{"role": "user", "content": [content]}]);
    let refused = [
        (Dialect::Chat, json!({"n": 2}), "n"),
        (Dialect::Chat, json!({"logprobs": true}), "logprobs"),
        (Dialect::Chat, json!({"top_logprobs": 2}), "top_logprobs"),
        (
            Dialect::Chat,
            json!({"messages": user(json!({"type": "image_url", "image_url": {"url": png}}))}),
            "messages[0].content[0].image_url.url",
        ),
        (Dialect::Responses, json!({"top_logprobs": 2}), "top_logprobs"),
        (Dialect::Responses, json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (
            Dialect::Responses,
            json!({"input": user(json!({"type": "input_image", "image_url": png}))}),
            "input[0].content[0].image_url",
        ),
        (
            Dialect::Messages,
            json!({"messages": user(json!({"type": "image", "source": {"type": "url", "url": png}}))}),
            "messages.0.content.0.source",
        ),
    ];
    for is_lenient in [false, true] {
        let running =
            start_with(FakeBedrock::builder(), |builder| builder.lenient(is_lenient), |server| server).await;
        for (dialect, members, field) in &refused {
            let (path, _) = APIS.into_iter().find(|(_, named)| named == dialect).unwrap();
            for is_streaming in [true, false] {
                let got = running.post(path, &asking(*dialect, is_streaming, members)).await;
                check_400(&got, *dialect, field);
                if members.to_string().contains(png) {
                    assert!(got.text().contains("bytes") || got.text().contains("data"), "{got:?}");
                }
            }
        }
        check_not_asked(&running);
    }
}

/// Built-in tools, which the vendors run.
#[tokio::test]
async fn built_in_tools_are_refused_or_if_lenient_left_out() {
    let tools = [
        (Dialect::Chat, json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (Dialect::Chat, json!({"web_search_options": {}}), "web_search_options"),
        (Dialect::Responses, json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (
            Dialect::Responses,
            json!({"tools": [{"type": "code_interpreter", "container": "c"}]}),
            "tools[0].type",
        ),
        (
            Dialect::Messages,
            json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
            "tools.0.type",
        ),
        (Dialect::Messages, json!({"tools": [{"type": "bash_20250124", "name": "bash"}]}), "tools.0.type"),
    ];
    let strict = start(FakeBedrock::builder()).await;
    let lenient = start_with(FakeBedrock::builder(), |builder| builder.lenient(true), |server| server).await;
    for (dialect, members, field) in &tools {
        let (path, _) = APIS.into_iter().find(|(_, named)| named == dialect).unwrap();
        for is_streaming in [true, false] {
            let body = asking(*dialect, is_streaming, members);
            check_400(&strict.post(path, &body).await, *dialect, field);
            let got = lenient.post(path, &body).await;
            assert_eq!(got.status, 200, "{dialect} {got:?}");
            assert_eq!(got.header("x-bedrock-stream-left-out"), Some(*field), "{dialect}");
        }
    }
    check_not_asked(&strict);
    let log = lenient.logged(12).await;
    assert!(log.iter().all(|access| access.to_string().contains(" left_out=")), "{log:?}");
    for request in lenient.bedrock.requests() {
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(sent.get("toolConfig"), None, "{sent}");
    }
}

/// A line has each field once, whatever the client sends.
#[tokio::test]
async fn no_text_of_a_client_passes_for_a_field_of_the_log() {
    let running = start(FakeBedrock::builder()).await;
    let forged = "m in=0 out=0 id=forged aws_id=forged \"fine\"";
    for (path, dialect) in APIS {
        let mut request = running.request(Method::POST, path, ask(dialect, forged, false).to_string());
        request.headers_mut().insert("x-request-id", "1\"aws_id=forged".parse().unwrap());
        running.send(request).await;
    }
    running.send(running.request(Method::POST, "/v1/x=y/id=forged", "")).await;
    let log = running.logged(4).await;
    for access in &log {
        let line = access.to_string();
        // What is in quotes is one value.
        let outside: String = line.replace("\\\"", "").split('"').step_by(2).collect();
        assert!(!outside.contains("forged") && outside.matches(" id=").count() == 1, "{line}");
    }
    assert!(
        log[0].to_string().contains(r#" model="m in=0 out=0 id=forged aws_id=forged \"fine\"" "#),
        "{}",
        log[0]
    );
    assert!(log[3].to_string().contains(" message=\"unknown path: POST "), "{}", log[3]);
}

/// What Bedrock says of a wrong request quotes it, and the client sees that; a log is read by others.
#[tokio::test]
async fn the_log_has_no_contents_of_a_wrong_request() {
    let set = |builder: GatewayBuilder| builder.guardrail(GuardrailConfig::new("g", "1"));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let image = json!([{"type": "image_url", "image_url": {"url": "data:image/secret;base64,AAAA"}}]);
    let requests = [
        ("/model/m/converse-stream", json!({"messages": "secret"})),
        ("/model/m/converse-stream", json!({"messages": [{"role": "secret", "content": []}]})),
        ("/v1/chat/completions", json!({"model": "m", "messages": [{"role": "user", "content": image}]})),
        ("/v1/chat/completions", json!({"model": "m", "messages": [{"role": "secret", "content": "x"}]})),
        ("/v1/responses", json!({"model": "m", "input": "x", "reasoning": {"effort": "secret"}})),
        ("/v1/messages", json!({"model": "m", "max_tokens": "secret", "messages": []})),
        ("/v1/chat/completions", json!("secret")),
        ("/v1/responses", json!(["secret"])),
        ("/v1/messages/count_tokens", json!({"model": "m", "messages": "secret"})),
        ("/model/guarded/converse-stream", json!("secret")),
    ];
    let count = requests.len();
    for (path, body) in requests {
        let got = running.send(running.request(Method::POST, path, body.to_string())).await;
        assert_eq!(got.status, 400, "{path} {got:?}");
    }
    for access in running.logged(count).await {
        let line = access.to_string();
        assert!(line.contains(" message=") && !line.contains("secret"), "{line}");
    }
    let refused = running.request(Method::POST, "/model/m/converse-stream", "{\"messages\":\"secret\"}");
    let told = String::from_utf8(running.send(refused).await.body.to_vec()).unwrap();
    assert!(told.contains("secret"), "the client is told: {told}");
    assert!(running.logged(count + 1).await[0].to_string().contains("ValidationException (400)"));
}

/// Nor has it what a parser, a model's provider or whatever stands before Bedrock says of an answer.
#[tokio::test]
async fn the_log_has_no_contents_of_a_broken_answer() {
    let delta = json!({"contentBlockIndex": 0, "delta": "secret"});
    let page = bedrock_stream_testkit::Fault::Html;
    let bedrock = FakeBedrock::builder()
        .reply("payload", answer().event(event::unknown("contentBlockDelta", delta)).text("Hi"))
        .reply("provider", answer().exception("modelStreamErrorException", "secret"))
        .reply("error", answer().text("Hi").error("InvalidInput", "secret"))
        .reply("throttled", answer().text("Hi").exception("throttlingException", "secret"))
        .reply("unnamed", Refusal::new(422, "a secret, and not a name", "x"))
        .reply("refused", Refusal::new(424, "ModelErrorException", "from primary with message: secret"))
        .reply("unprocessable", Refusal::new(422, "AnyException", "secret"))
        .reply("page", Reply::from(answer().text("Hi")).fault(page));
    let running = start(bedrock).await;
    let mut count = 0;
    for (path, dialect) in APIS {
        for model in
            ["payload", "provider", "error", "throttled", "unnamed", "refused", "unprocessable", "page"]
        {
            for is_streaming in [true, false] {
                running.post(path, &ask(dialect, model, is_streaming)).await;
                count += 1;
            }
        }
    }
    for access in running.logged(count).await {
        let line = access.to_string();
        assert!(line.contains(" message=") && !line.contains("secret") && !line.contains('<'), "{line}");
    }
}

/// A client may give a member any name.
#[tokio::test]
async fn the_log_has_no_names_of_members_that_are_sentences() {
    let running = start(FakeBedrock::builder()).await;
    let got = running
        .post(APIS[0].0, &asking(Dialect::Chat, true, &json!({"my secret and more": 1, "mirostat": 2})))
        .await;
    let listed = got.header("x-bedrock-stream-left-out").expect("they are listed");
    assert!(
        listed.contains("my secret and more") && listed.contains("mirostat"),
        "the client is told: {listed}"
    );
    let line = running.logged(1).await[0].to_string();
    assert!(line.contains("mirostat") && line.contains('?') && !line.contains("secret"), "{line}");
}

/// A client that sends its own objects back gets no head that a proxy takes for too long.
#[tokio::test]
async fn the_list_of_what_was_left_out_is_short() {
    let running = start(FakeBedrock::builder()).await;
    let message =
        |number: usize| json!({"role": "user", "content": "Hi", format!("mine_{}", number % 90): 1});
    let messages: Vec<Value> = (0..900).map(message).collect();
    let got = running.post(APIS[0].0, &json!({"model": "m", "messages": messages})).await;
    assert_eq!(got.status, 200, "{got:?}");
    let listed = got.header("x-bedrock-stream-left-out").expect("they are listed");
    assert!(listed.starts_with("messages[*].mine_0, ") && listed.ends_with(" more"), "{listed}");
    assert!(listed.len() < 1_100, "{listed}");
}

/// On the routes that are passed on, too. The gateway's token for Bedrock is `token`.
#[tokio::test]
async fn the_log_has_no_credentials_that_an_upstream_repeats() {
    let bedrock = FakeBedrock::builder()
        .reply("name", answer().text("Hi").exception("token-exception", "token"))
        .reply("code", answer().text("Hi").error("token", "token"))
        .reply("reason", answer().text("Hi").stop(StopReason::from("the token is token")))
        .reply("reason", answer().text("Hi").stop(StopReason::from("token")));
    let running = start(bedrock).await;
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
    running.post("/model/reason/converse-stream", &body).await;
    running.post(APIS[0].0, &ask(APIS[0].1, "reason", true)).await;
    for access in running.logged(2).await {
        assert!(access.to_string().contains(" stop=? id="), "{access}");
    }
    running.log.lock().unwrap().clear();
    for model in ["name", "code"] {
        let body = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
        running.post(&format!("/model/{model}/converse-stream"), &body).await;
        running.post(APIS[0].0, &ask(APIS[0].1, model, true)).await;
    }
    for access in running.logged(4).await {
        let message = access.message.unwrap_or_default();
        assert!(message.contains("***") && !message.contains("token"), "{message}");
    }
}

/// Nor what the attempts before the last one failed with.
#[tokio::test]
async fn the_log_has_no_contents_of_an_earlier_attempt() {
    for first in [500, 503] {
        let bedrock = FakeBedrock::builder()
            .reply("m", Refusal::new(first, "AnyException", "from primary with message: secret"))
            .reply("m", Reply::from(answer().text("Hi")).fault(bedrock_stream_testkit::Fault::NoResponse));
        let retry = Retry::default().max_attempts(2).base(Duration::from_millis(1));
        let running =
            start_retrying(bedrock, Timeouts::default(), retry, |builder| builder, |server| server).await;
        let got = running.post(APIS[0].0, &ask(APIS[0].1, "m", true)).await;
        assert_eq!(got.status, 502, "{got:?}");
        assert!(got.text().contains("secret"), "the client is told: {got:?}");
        let line = running.logged(1).await[0].to_string();
        assert!(line.contains("no response") && !line.contains("secret"), "{line}");
    }
}

/// Where Bedrock refuses access, its words say what the gateway's role lacks.
#[tokio::test]
async fn the_log_says_why_bedrock_refuses_access() {
    for (status, told) in [(401, 403), (403, 403), (404, 404), (429, 429)] {
        let refusal = Refusal::new(status, "AnyException", "the role lacks a permission");
        let running = start(FakeBedrock::builder().reply("m", refusal)).await;
        let got = running.post(APIS[0].0, &ask(APIS[0].1, "m", true)).await;
        assert_eq!(got.status, told, "{status}");
        let line = running.logged(1).await[0].to_string();
        assert!(line.contains("the role lacks a permission"), "{line}");
    }
    // As Bedrock says it of an id that cannot be one.
    let words = "The provided model identifier is invalid.";
    let refusal = Refusal::new(400, "ValidationException", words);
    let running = start(FakeBedrock::builder().reply("m", refusal)).await;
    let got = running.post(APIS[0].0, &ask(APIS[0].1, "m", true)).await;
    assert_eq!((got.status.as_u16(), &got.json()["error"]["code"]), (400, &json!("model_not_found")));
    let line = running.logged(1).await[0].to_string();
    assert!(line.contains(words), "{line}");
}
