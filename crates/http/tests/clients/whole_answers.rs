//! `Converse`, the operation that does not stream.

use std::time::Duration;

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Answer, Config, Error, ErrorDetail, ErrorKind, Retry, Timeout, Timeouts};
use tokio::net::TcpListener;

use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::{Client, Subject};

matrix! {
    a_whole_answer_is_one_response
    a_whole_answer_may_be_as_long_as_the_limit
    a_refusal_or_an_unexpected_body_is_an_error
    an_answer_without_a_stop_reason_is_not_complete
    json_that_is_no_answer_is_an_unexpected_body
    a_whole_answer_that_stalls_causes_a_timeout
    a_refused_whole_answer_is_retried
    a_whole_answer_that_breaks_is_not_retried
    a_request_that_was_sent_completely_is_not_sent_again
    message_stream_requires_an_operation_with_an_event_stream
}

pub(crate) const WHOLE: &str = r#"{"metrics":{"latencyMs":9},"output":{"message":{"role":"assistant","content":[{"text":"Hello"},
    {"toolUse":{"toolUseId":"t-1","name":"look","input":{"n":1.0e2}}}]}},"stopReason":"tool_use","newMember":[null],
    "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#;

async fn ask_whole(client: &Client, model_id: &str) -> Result<Answer, Error> {
    client.converse(model_id, &Request::new().user("Hi")).await
}

async fn a_whole_answer_is_one_response(subject: Subject) {
    for head in ["content-type: application/json\nx-amzn-requestid: r-1", "x-a: b"] {
        let mut server = Server::start(subject, Reply::whole(200, head, WHOLE.as_bytes())).await;
        let response = ask_whole(&server.client(server.bearer()), "a:b").await.unwrap();
        assert_eq!(response.text(), "Hello");
        assert_eq!(response.stop_reason.as_ref().unwrap().as_str(), "tool_use");
        assert_eq!(response.usage.as_ref().unwrap().output_tokens, Some(2));
        assert_eq!(response.request_id.as_deref(), head.contains("r-1").then_some("r-1"));
        assert_eq!((response.stats.bytes, response.stats.output_tokens), (WHOLE.len() as u64, Some(2)));
        assert!(response.stats.time_to_first_byte.is_some(), "{:?}", response.stats);
        let again = serde_json::to_string(&response.into_response()).unwrap();
        assert!(
            again.contains(r#""input":{"n":1.0e2}"#) && again.contains(r#""newMember":[null]"#),
            "{again}"
        );
        let request = server.request().await;
        assert_eq!(request.head.uri.path(), "/model/a%3Ab/converse");
        assert_eq!(request.header("authorization"), Some("Bearer my-api-key"));
    }
}

async fn a_whole_answer_may_be_as_long_as_the_limit(subject: Subject) {
    let (first, rest) = WHOLE.split_at(7);
    let parts = || [Part::data(first), Part::data(rest)];
    for is_sized in [true, false] {
        let head = "content-type: application/json";
        let reply = || match is_sized {
            true => Reply::whole(200, head, WHOLE.as_bytes()),
            false => Reply::broken(200, head, parts()),
        };
        let ask = async |limit| {
            let server = Server::start(subject, reply()).await;
            ask_whole(&server.client(server.bearer().max_response_len(limit)), "m").await
        };
        assert_eq!(ask(WHOLE.len()).await.unwrap().text(), "Hello");
        let error = ask(WHOLE.len() - 1).await.unwrap_err();
        assert!(matches!(error.detail(), ErrorDetail::TooLong { .. }), "{error:?}");
    }
}

async fn a_refusal_or_an_unexpected_body_is_an_error(subject: Subject) {
    let id = "x-amzn-requestid: r-1";
    let json = &format!("content-type: application/json\n{id}");
    for (reply, expected) in [
        (
            Reply::whole(403, json, br#"{"message":"Not you: my-api-key"}"#),
            "refused: HTTP 403 Forbidden: Not you: *** [request id r-1]",
        ),
        (
            Reply::whole(200, "content-type: text/html", b"<html>"),
            "the answer is text/html, not JSON; it starts with: <html>. Does the endpoint URL point to Bedrock?",
        ),
        (Reply::event_stream([]), "the answer is application/vnd.amazon.eventstream, not JSON. "),
        (
            Reply::whole(200, json, b"[]"),
            "the answer is not a valid Converse response: invalid type: sequence",
        ),
        (
            Reply::whole(200, json, &vec![b' '; 5001]),
            "the answer is longer than the configured limit of 5000 bytes [request id r-1]",
        ),
        (
            Reply::broken(200, json, [Part::data("{"), Part::Abort]),
            "the connection broke in the middle of the answer [request id r-1]: ",
        ),
    ] {
        let server = Server::start(subject, reply).await;
        let client = server.client(server.bearer().max_response_len(5000).retry(Retry::none()));
        let error = ask_whole(&client, "m").await.unwrap_err();
        assert!(error.with_causes().starts_with(expected), "{error}");
        assert_eq!(
            error.request_id().is_some(),
            !matches!(error.detail(), ErrorDetail::UnexpectedBody(body) if body.expected == "JSON" && body.excerpt == "<html>")
        );
    }
}

async fn an_answer_without_a_stop_reason_is_not_complete(subject: Subject) {
    for body in [
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"half"}]}}}"#,
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"half"}]}},"stopReason":null,
            "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#,
        r#"{"output":{"message":{"role":"assistant","content":[]}},"metrics":{"latencyMs":9}}"#,
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"half"}]}},"stopReason":""}"#,
    ] {
        let error = failed_once(subject, body).await;
        assert!(matches!(error.detail(), ErrorDetail::Incomplete), "{error:?}");
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Incomplete, Some("r-1")));
        assert_eq!(
            error.to_string(),
            "the answer is incomplete: it has no stop reason, with which every Converse response ends [request id r-1]"
        );
    }
}

async fn json_that_is_no_answer_is_an_unexpected_body(subject: Subject) {
    let is_json = "the answer is application/json, not a Converse response; it";
    let where_to = "Does the endpoint URL point to Bedrock?";
    for (body, rest) in [
        ("{}", format!("starts with: {{}}. {where_to}")),
        (r#"{"stopReason":"end_turn"}"#, format!(r#"starts with: {{"stopReason":"end_turn"}}. {where_to}"#)),
        (r#"{"error":{"message":"quota"}}"#, "is an error: quota".to_owned()),
        (
            r#"{"error":{"message":"quota"},"stopReason":"end_turn","output":{"message":{"role":"assistant","content":[]}}}"#,
            "is an error: quota".to_owned(),
        ),
        (r#"{"error":{"message":"quota","type":"t"},"output":{}}"#, "is an error: t: quota".to_owned()),
        (r#"{"error":{"message":"quota"},"output":[]}"#, "is an error: quota".to_owned()),
        (r#"{"error":"my-api-key is used up"}"#, "is an error: *** is used up".to_owned()),
        (r#"{"__type":"T","message":"m"}"#, "is an error: T: m".to_owned()),
        (r#"{"message":"m"}"#, format!(r#"starts with: {{"message":"m"}}. {where_to}"#)),
        (
            r#"{"output":{},"usage":{}}"#,
            format!(r#"starts with: {{"output":{{}},"usage":{{}}}}. {where_to}"#),
        ),
        // Chat Completions, Messages.
        (
            r#"{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#,
            format!(
                r#"starts with: {{"choices":[{{"finish_reason":"stop"}}],"usage":{{"prompt_tokens":1}}}}. {where_to}"#
            ),
        ),
        (
            r#"{"stop_reason":"end_turn"}"#,
            format!(r#"starts with: {{"stop_reason":"end_turn"}}. {where_to}"#),
        ),
    ] {
        let error = failed_once(subject, body).await;
        assert!(matches!(error.detail(), ErrorDetail::UnexpectedBody(_)), "{error:?}");
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Refusal, None));
        assert_eq!(error.to_string(), format!("{is_json} {rest} [request id r-1]"));
    }
}

/// The error of a body with the status 200, which was asked for once, since the answer may have been billed.
async fn failed_once(subject: Subject, body: &str) -> Error {
    let json = "content-type: application/json\nx-amzn-requestid: r-1";
    let whole = Reply::whole(200, json, WHOLE.as_bytes());
    let server = Server::script(subject, vec![Reply::whole(200, json, body.as_bytes()), whole]).await;
    let client = server.client(server.bearer().retry(Retry::default().base(Duration::from_millis(1))));
    let error = ask_whole(&client, "m").await.expect_err(body);
    assert!(!error.is_retryable() && error.earlier_attempts().is_empty(), "{error:?}");
    error
}

async fn a_whole_answer_that_stalls_causes_a_timeout(subject: Subject) {
    let parts = [Part::data("{"), Part::Hang];
    let server = Server::start(subject, Reply::broken(200, "content-type: application/json", parts)).await;
    let timeouts = Timeouts::default().idle(Duration::from_millis(200));
    let error = ask_whole(&server.client(server.bearer().timeouts(timeouts)), "m").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }), "{error:?}");
    server.closed().await;
}

async fn a_refused_whole_answer_is_retried(subject: Subject) {
    let json = "content-type: application/json";
    let busy = Reply::whole(503, json, b"{}");
    let whole = Reply::whole(200, json, WHOLE.as_bytes());
    let mut server = Server::script(subject, vec![busy.clone(), busy, whole]).await;
    let client = server.client(server.bearer().retry(Retry::default().base(Duration::from_millis(1))));
    assert_eq!(ask_whole(&client, "m").await.unwrap().text(), "Hello");
    for _ in 0..3 {
        server.request().await;
    }
}

async fn a_whole_answer_that_breaks_is_not_retried(subject: Subject) {
    let json = "content-type: application/json";
    let cut = Reply::broken(200, json, [Part::data("{"), Part::Abort]);
    let whole = Reply::whole(200, json, WHOLE.as_bytes());
    let server = Server::script(subject, vec![cut, whole]).await;
    let client = server.client(server.bearer().retry(Retry::default().base(Duration::from_millis(1))));
    let error = ask_whole(&client, "m").await.unwrap_err();
    assert!(
        matches!(error.detail(), ErrorDetail::Body { .. }) && error.earlier_attempts().is_empty(),
        "{error:?}"
    );
    assert!(!error.is_retryable(), "is_retryable advises against a retry as well");
}

async fn a_request_that_was_sent_completely_is_not_sent_again(subject: Subject) {
    // The server receives the request, works, and closes the connection without sending a head.
    let whole = Reply::whole(200, "content-type: application/json", WHOLE.as_bytes());
    let mut server = Server::script(subject, vec![Reply::gone(), whole.clone()]).await;
    let retry = Retry::default().base(Duration::from_millis(1));
    let client = server.client(server.bearer().retry(retry));
    let error = ask_whole(&client, "m").await.unwrap_err();
    assert!(
        matches!(error.detail(), ErrorDetail::Connection { .. }) && error.earlier_attempts().is_empty(),
        "{error:?}"
    );
    assert!(!error.is_retryable(), "is_retryable advises against a retry as well");
    assert_eq!(server.count(), 1);

    // The same for callers that read the body themselves.
    let mut server = Server::script(subject, vec![Reply::gone(), whole]).await;
    let client = server.client(server.bearer().retry(retry));
    assert!(matches!(
        client.converse("m", "{}").open().await.unwrap_err().detail(),
        ErrorDetail::Connection { .. }
    ));
    assert_eq!(server.count(), 1);

    // Without a connection, nothing was sent.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("{}://{free}", subject.wire.scheme());
    let config = Config::builder().endpoint_url(url).bearer("my-api-key").retry(retry);
    let error = ask_whole(&subject.client(config, None), "m").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Connection { .. }) && error.is_retryable(), "{error:?}");
    assert_eq!(error.earlier_attempts().len(), 2);
}

async fn message_stream_requires_an_operation_with_an_event_stream(subject: Subject) {
    let whole = Reply::whole(200, "content-type: application/json", WHOLE.as_bytes());
    let server = Server::start(subject, whole).await;
    let client = server.client(server.bearer());
    client.converse("m", "{}").open().await.unwrap();
    let stream = client.converse_stream("m", "{}").open().await;
    assert!(matches!(stream.unwrap_err().detail(), ErrorDetail::UnexpectedBody(_)));
    // This is known before anything is sent.
    assert!(matches!(
        client.converse("m", "{}").message_stream().await.unwrap_err().detail(),
        ErrorDetail::Request(_)
    ));
}
