//! Every operation: the path and headers of its request, and the handling of refusals and unexpected answers.

use std::time::Duration;

use bedrock_stream_http::{ErrorDetail, JsonResponse, Retry, Route, Serialized};
use http::Method;
use serde_json::json;

use crate::reply::{Part, Reply};
use crate::server::{Received, Server};
use crate::subject::Subject;

matrix! {
    each_operation_has_its_path
    the_headers_of_invoke_arrive
    #[cfg(feature = "sigv4")]
    the_headers_of_invoke_are_signed
    a_whole_answer_is_returned_unchanged
    a_whole_answer_is_requested_only_once
    #[cfg(feature = "dialects")]
    an_answer_that_is_not_a_stream_is_an_error_that_says_so
    refusals_in_every_format_are_parsed
}

const JSON: &str = "content-type: application/json\nx-amzn-requestid: r-1";

/// The body that arrives is the one that was passed, byte for byte.
const BODY: &str = "{ \"a\" : 1.0e2,\n\"a\":\"\\u00e9\" }";

fn line(request: &Received) -> String {
    assert_eq!(request.head.method, Method::POST);
    assert_eq!(request.header("content-type"), Some("application/json"));
    request.head.uri.path().to_owned()
}

async fn each_operation_has_its_path(subject: Subject) {
    let mut server = Server::start(subject, Reply::whole(200, JSON, b"{}")).await;
    let client = server.client(server.bearer());
    for (request, path) in [
        (client.invoke("a:b", BODY), "/model/a%3Ab/invoke"),
        (client.count_tokens("a:b", BODY), "/model/a%3Ab/count-tokens"),
        (client.apply_guardrail("g-1", "DRAFT", BODY), "/guardrail/g-1/version/DRAFT/apply"),
        (client.invoke_guardrail_checks(BODY), "/guardrail-checks/invoke"),
        (client.chat(BODY), "/openai/v1/chat/completions"),
        (client.chat(BODY).route(Route::Mantle), "/v1/chat/completions"),
        (client.responses(BODY), "/openai/v1/responses"),
        (client.responses(BODY).route(Route::Mantle), "/v1/responses"),
        (client.responses(BODY).route(Route::MantleOpenAi), "/openai/v1/responses"),
        (client.messages(BODY), "/anthropic/v1/messages"),
        (client.messages(BODY).route(Route::Mantle), "/anthropic/v1/messages"),
    ] {
        request.await.unwrap();
        let request = server.request().await;
        assert_eq!((line(&request), &request.body[..]), (path.to_owned(), BODY.as_bytes()));
        let version = path.ends_with("messages").then_some("2023-06-01");
        assert_eq!(request.header("anthropic-version"), version);
        assert_eq!(request.header("authorization"), Some("Bearer my-api-key"));
    }
    client
        .messages(Serialized(json!({"a": 1})))
        .anthropic_version("2099-01-01")
        .anthropic_beta(["a", "b"])
        .await
        .unwrap();
    let request = server.request().await;
    assert_eq!(
        (request.header("anthropic-version"), request.header("anthropic-beta")),
        (Some("2099-01-01"), Some("a,b"))
    );
    assert_eq!(&request.body[..], br#"{"a":1}"#);

    // A base URL in the configuration, and the settings that override it.
    let url = format!("{}/base", server.url);
    let config = server.bearer().openai_base_url(&url, Route::Mantle).anthropic_base_url(&url, Route::Mantle);
    let client = server.client(config);
    for (request, path) in [
        (client.chat("{}"), "/base/chat/completions"),
        (client.responses("{}"), "/base/responses"),
        (client.messages("{}"), "/base/v1/messages"),
        (client.messages("{}").route(Route::Runtime), "/anthropic/v1/messages"),
        (client.invoke("m", "{}"), "/model/m/invoke"),
    ] {
        request.await.unwrap();
        assert_eq!(line(&server.request().await), path);
    }
}

/// The eight headers of `InvokeModelWithResponseStream` in the service model.
const HEADERS: [(&str, &str); 8] = [
    ("x-amzn-bedrock-accept", "application/json"),
    ("x-amzn-bedrock-trace", "ENABLED_FULL"),
    ("x-amzn-bedrock-guardrailidentifier", "gr-1"),
    ("x-amzn-bedrock-guardrailversion", "DRAFT"),
    ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
    ("x-amzn-bedrock-service-tier", "flex"),
    ("x-amzn-bedrock-request-metadata", r#"{"a":"1","b":"\u00e9"}"#),
    ("x-amzn-bedrock-projectidentifier", "p-1"),
];

macro_rules! with_headers {
    ($request:expr) => {
        $request
            .accept("application/json")
            .trace("ENABLED_FULL")
            .guardrail_identifier("gr-1")
            .guardrail_version("DRAFT")
            .performance_latency("optimized")
            .service_tier("flex")
            .request_metadata([("b", "é"), ("a", "1")])
            .project_identifier("p-1")
    };
}

async fn the_headers_of_invoke_arrive(subject: Subject) {
    let mut server = Server::start(subject, Reply::whole(200, JSON, b"{}")).await;
    let client = server.client(server.bearer());
    with_headers!(client.invoke("m", "{}")).await.unwrap();
    let request = server.request().await;
    assert_eq!(request.header("accept"), Some("application/json"));
    for (name, value) in &HEADERS[1..] {
        assert_eq!(request.header(name), Some(*value), "{name}");
    }
    assert_eq!(request.header(HEADERS[0].0), None);
    #[cfg(feature = "dialects")]
    {
        with_headers!(client.invoke_stream("m", "{}")).await.unwrap_err();
        let request = server.request().await;
        for (name, value) in HEADERS {
            assert_eq!(request.header(name), Some(value), "{name}");
        }
    }
    let error = client.invoke("m", "{}").trace("a\nb").await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Header(_)), "{error:?}");
}

#[cfg(feature = "sigv4")]
async fn the_headers_of_invoke_are_signed(subject: Subject) {
    use bedrock_stream_http::{Credentials, SigningScope, sign};

    let mut server = Server::start(subject, Reply::whole(200, JSON, b"{}")).await;
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let config = server.builder().region("us-east-1").credentials(credentials.clone());
    let client = server.client(config);
    for (signing_name, sent) in [
        ("bedrock", with_headers!(client.invoke("a:b/c", BODY)).await),
        ("bedrock", client.messages(BODY).anthropic_beta(["x"]).await),
        ("bedrock-mantle", client.messages(BODY).route(Route::Mantle).anthropic_beta(["x"]).await),
        ("bedrock-mantle", client.responses(BODY).route(Route::MantleOpenAi).await),
    ] {
        sent.unwrap();
        let request = server.request().await;
        let authorization = request.header("authorization").unwrap().to_owned();
        let (_, names) = authorization.split_once("SignedHeaders=").unwrap();
        let names: Vec<&str> = names.split(',').next().unwrap().split(';').collect();
        for name in request.head.headers.keys().map(http::HeaderName::as_str) {
            let is_sent_by_the_client = !name.starts_with("x-amz") && !name.starts_with("anthropic");
            assert!(is_sent_by_the_client || names.contains(&name), "{name}: {authorization}");
        }
        // Signing the received request again gives the same signature.
        let url = format!("{}{}", server.url, request.head.uri.path());
        let mut again = http::Request::post(url).body(request.body.clone()).unwrap();
        for name in names.iter().filter(|name| !matches!(**name, "host" | "x-amz-date")) {
            let value = request.header(name).unwrap().parse().unwrap();
            again.headers_mut().insert(http::HeaderName::try_from(*name).unwrap(), value);
        }
        let date = request.header("x-amz-date").unwrap();
        let scope = SigningScope { region: "us-east-1", service: signing_name };
        sign(&mut again, &credentials, scope, time_of(date)).unwrap();
        assert_eq!(again.headers()["authorization"], authorization);
    }
}

/// The time in a signature's date, which must be within the last minute.
#[cfg(feature = "sigv4")]
fn time_of(date: &str) -> std::time::SystemTime {
    use bedrock_stream_http::{Credentials, SigningScope, sign};

    let now = std::time::SystemTime::now();
    let at = |second: u64| now - Duration::from_secs(second);
    let dates = |time: &std::time::SystemTime| {
        let mut request = http::Request::get("http://host/").body("").unwrap();
        let scope = SigningScope { region: "r", service: "s" };
        sign(&mut request, &Credentials::new("a", "b"), scope, *time).unwrap();
        request.headers()["x-amz-date"] == date
    };
    (0..60).map(at).find(dates).unwrap()
}

async fn a_whole_answer_is_returned_unchanged(subject: Subject) {
    let head = format!(
        "{JSON}\nx-amzn-bedrock-service-tier: flex\nx-amzn-bedrock-performanceconfig-latency: standard\n\
         x-amzn-bedrock-input-token-count: 7\nx-amzn-bedrock-output-token-count: 8\nx-amzn-bedrock-invocation-latency: 9"
    );
    let server = Server::start(subject, Reply::whole(200, &head, BODY.as_bytes())).await;
    let response: JsonResponse = server.client(server.bearer()).invoke("m", "{}").await.unwrap();
    assert_eq!((&response.body[..], response.request_id.as_deref()), (BODY.as_bytes(), Some("r-1")));
    assert_eq!((response.service_tier(), response.performance_latency()), (Some("flex"), Some("standard")));
    assert_eq!(
        (response.input_tokens(), response.output_tokens(), response.invocation_latency()),
        (Some(7), Some(8), Some(9))
    );
    assert_eq!(response.stats.bytes, BODY.len() as u64);
    assert_eq!(response.json::<serde_json::Value>().unwrap()["a"], "é");

    for name in ["x-request-id", "request-id"] {
        let head = format!("content-type: application/json; charset=utf-8\n{name}: id_1");
        let server = Server::start(subject, Reply::whole(200, &head, b"{}")).await;
        let response = server.client(server.bearer()).messages("{}").await.unwrap();
        assert_eq!(response.request_id.as_deref(), Some("id_1"));
    }
}

async fn a_whole_answer_is_requested_only_once(subject: Subject) {
    let retry = Retry::default().base(Duration::from_millis(1));
    let whole = Reply::whole(200, JSON, b"{}");
    let cut = Reply::broken(200, JSON, [Part::data("{"), Part::Abort]);
    for first in [Reply::gone(), cut] {
        let mut server = Server::script(subject, vec![first, whole.clone()]).await;
        let error = server.client(server.bearer().retry(retry)).chat("{}").await.unwrap_err();
        assert!(!error.is_retryable(), "{error:?}");
        assert_eq!(server.count(), 1);
    }
    let mut server = Server::script(subject, vec![Reply::whole(529, JSON, b"{}"), whole]).await;
    server.client(server.bearer().retry(retry)).chat("{}").await.unwrap();
    assert_eq!(server.count(), 2);
}

#[cfg(feature = "dialects")]
async fn an_answer_that_is_not_a_stream_is_an_error_that_says_so(subject: Subject) {
    let html = "content-type: text/html\nx-amzn-requestid: r-1";
    let overloaded =
        br#"{"type":"error","error":{"type":"overloaded_error","message":"Too much for my-api-key"}}"#;
    for (head, body, expected) in [
        (
            JSON,
            &br#"{"choices":[]}"#[..],
            "the answer is application/json, not server-sent events; it starts with: {\"choices\":[]}. Does the request ask \
             for a stream with \"stream\": true? [request id r-1]",
        ),
        (
            JSON,
            overloaded,
            "the answer is application/json, not server-sent events; it is an error: overloaded_error: Too much for *** \
             [request id r-1]",
        ),
        (
            html,
            b"<html>Log in</html>",
            "the answer is text/html, not server-sent events; it starts with: <html>Log in</html>. Does the endpoint URL point \
             to Bedrock? [request id r-1]",
        ),
    ] {
        let server = Server::start(subject, Reply::whole(200, head, body)).await;
        let error = server.client(server.bearer()).chat_stream("{}").await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error.detail(), ErrorDetail::UnexpectedBody(_)), "{error:?}");
    }
    let server = Server::start(subject, Reply::whole(200, "content-type: text/event-stream", b"")).await;
    let error = server.client(server.bearer()).chat("{}").await.unwrap_err();
    assert!(error.to_string().contains("use the streaming operation"), "{error}");
}

async fn refusals_in_every_format_are_parsed(subject: Subject) {
    for (head, body, code, request_id) in [
        (
            "x-amzn-requestid: r-1\nx-amzn-errortype: ValidationException:http://x/",
            r#"{"message":"No."}"#,
            "ValidationException",
            "r-1",
        ),
        (
            "x-request-id: req_2",
            r#"{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            "model_not_found",
            "req_2",
        ),
        (
            "request-id: req_3",
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"No."}}"#,
            "invalid_request_error",
            "req_3",
        ),
        (
            "x-a: b",
            r#"{"type":"error","error":{"type":"not_found_error","message":"No."},"request_id":"req_4"}"#,
            "not_found_error",
            "req_4",
        ),
    ] {
        let head = format!("content-type: application/json\n{head}");
        let server = Server::start(subject, Reply::whole(404, &head, body.as_bytes())).await;
        let error = server.client(server.bearer()).messages("{}").await.unwrap_err();
        let refusal = error.as_service_error().unwrap();
        assert_eq!((refusal.status.as_u16(), &*refusal.message), (404, "No."), "{body}");
        assert_eq!((error.code(), error.request_id()), (Some(code), Some(request_id)), "{body}");
    }
}
