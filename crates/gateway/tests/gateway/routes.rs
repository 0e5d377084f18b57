//! What is not an answer.

use std::collections::BTreeSet;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::converse::{ChunkDecoder, Metadata, ToolUseStart};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::{Server, Verdict};
use bedrock_stream_testkit::{FakeBedrock, Reply, answer};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::support::{APIS, Got, ask, start, start_with};

#[tokio::test]
async fn health_models_and_what_is_not_there() {
    let running = start(FakeBedrock::builder()).await;
    let get = |path: &'static str| running.send(running.request(Method::GET, path, ""));
    assert_eq!(get("/healthz").await.text(), "ok\n");
    let models = get("/v1/models").await.json();
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), &json!("claude")));
    assert_eq!(get("/v1/models/claude").await.json()["object"], "model");
    let missing = get("/v1/models/other").await;
    assert_eq!(
        (missing.status.as_u16(), missing.json()["error"]["code"].as_str()),
        (404, Some("model_not_found"))
    );
}

/// A client must not look for a mistake in the name of its model.
#[tokio::test]
async fn an_unknown_path_is_told_as_the_vendors_tell_it() {
    let running = start(FakeBedrock::builder()).await;
    for (path, kind, is_openai) in [
        ("/v1/embeddings", "invalid_request_error", true),
        ("/v1/responses/resp_1", "invalid_request_error", true),
        ("/", "invalid_request_error", true),
        ("/v1/messages/batches", "not_found_error", false),
    ] {
        let got = running.post(path, &json!({})).await;
        let (body, message) = (got.json(), format!("unknown path: POST {path}"));
        assert_eq!((got.status.as_u16(), &body["error"]["type"]), (404, &json!(kind)), "{body}");
        assert!(body["error"]["message"].as_str().unwrap().contains(&message), "{body}");
        assert!(!got.text().contains("model"), "{body}");
        let code = is_openai.then_some(&serde_json::Value::Null);
        assert_eq!(body["error"].get("code"), code, "{body}");
        assert_eq!(body["type"] == "error", !is_openai, "{body}");
    }
    let log = running.logged(4).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Failed(ErrorKind::Input)), "{log:?}");
}

#[tokio::test]
async fn a_wrong_method_is_405_and_names_the_right_ones() {
    let running = start(FakeBedrock::builder()).await;
    for (path, methods, allowed) in [
        ("/v1/chat/completions", ["GET", "DELETE", "OPTIONS"], "POST"),
        ("/v1/responses", ["GET", "PUT", "PATCH"], "POST"),
        ("/v1/messages", ["GET", "DELETE", "OPTIONS"], "POST"),
        ("/v1/messages/count_tokens", ["GET", "DELETE", "PUT"], "POST"),
        ("/v1/models", ["POST", "DELETE", "OPTIONS"], "GET, HEAD"),
        ("/v1/models/claude", ["POST", "DELETE", "PUT"], "GET, HEAD"),
        ("/healthz", ["POST", "DELETE", "PUT"], "GET, HEAD"),
        ("/metrics", ["POST", "DELETE", "PUT"], "GET, HEAD"),
    ] {
        for method in methods {
            let method: Method = method.parse().unwrap();
            let got = running.send(running.request(method.clone(), path, "")).await;
            assert_eq!((got.status.as_u16(), got.header("allow")), (405, Some(allowed)), "{method} {path}");
            let body = got.json();
            assert_eq!(body["error"]["type"], "invalid_request_error", "{body}");
            assert_eq!(body["type"] == "error", path.starts_with("/v1/messages"), "{body}");
            assert!(body["error"]["message"].as_str().unwrap().contains(allowed), "{body}");
        }
    }
}

/// The table in the guide: each metric with its labels, and each kind of tokens.
#[tokio::test]
async fn the_guide_lists_the_metrics() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/gateway.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let usage = r#"{"inputTokens":1,"outputTokens":2,"cacheReadInputTokens":3,"cacheWriteInputTokens":4}"#;
    let metadata = Metadata::new().usage(serde_json::from_str(usage).unwrap());
    // Chat Completions has no place for a server's own tool.
    let mut call = ToolUseStart::new("srvtoolu_1", "search");
    call.kind = Some("server_tool_use".to_owned());
    let reply = answer().start(call.into()).text("Hi").metadata(metadata);
    let running = start(FakeBedrock::builder().reply("m", reply)).await;
    running.post(APIS[0].0, &ask(APIS[0].1, "m", true)).await;
    running.logged(1).await;
    let metrics = running.gateway.metrics();
    let mut names = BTreeSet::new();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.split_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let name = name.strip_prefix("bedrock_stream_gateway_").unwrap();
        let name = ["_bucket", "_sum", "_count"].iter().fold(name, |name, end| name.trim_end_matches(end));
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/gateway.md has no row for {name}"));
        for (label, value) in
            labels.trim_end_matches('}').split(',').filter_map(|label| label.split_once('='))
        {
            let is_told = label == "le" || row.contains(&format!("`{label}`"));
            assert!(is_told, "docs/gateway.md does not name {label} of {name}");
            if ["kind", "content"].contains(&label) {
                let value = value.trim_matches('"');
                assert!(
                    row.contains(&format!("`{value}`")),
                    "docs/gateway.md does not name {value} of {name}"
                );
            }
        }
        names.insert(name.to_owned());
    }
    let rows = guide.lines().skip_while(|line| *line != "| name | labels | what it counts |").skip(2);
    let listed: BTreeSet<String> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|row| row.split('`').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(names, listed);
    assert_eq!(metrics.matches("tokens_total{").count(), 4, "{metrics}");
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let running = start(FakeBedrock::builder().reply("m", answer().text("Hi").usage(3, 4))).await;
    for (path, dialect) in APIS {
        running.post(path, &ask(dialect, "m", true)).await;
    }
    running.post("/v1/chat/completions", &json!({"messages": []})).await;
    running.logged(4).await;
    let metrics = running.send(running.request(Method::GET, "/metrics", "")).await;
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        "bedrock_stream_gateway_answers_total{route=\"messages\",verdict=\"complete\"} 1",
        "bedrock_stream_gateway_answers_total{route=\"chat\",verdict=\"input\"} 1",
        "bedrock_stream_gateway_requests_total{route=\"responses\",status=\"200\"} 1",
        "bedrock_stream_gateway_requests_total{route=\"chat\",status=\"400\"} 1",
        "bedrock_stream_gateway_tokens_total{model=\"other\",kind=\"output\"} 12",
        "bedrock_stream_gateway_open_answers 0",
        "bedrock_stream_gateway_first_content_seconds_count 3",
    ] {
        assert!(metrics.text().contains(line), "{line}\n{}", metrics.text());
    }
    assert!(metrics.text().ends_with("# EOF\n"));
    let openmetrics = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2";
    for (accept, content_type) in [
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
        (openmetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("*/*", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ] {
        let mut request = running.request(Method::GET, "/metrics", "");
        request.headers_mut().insert("accept", accept.parse().unwrap());
        let got = running.send(request).await;
        assert_eq!(got.header("content-type"), Some(content_type), "{accept}");
        assert!(
            got.text().contains("_answers_total{route=\"messages\",verdict=\"complete\"} 1\n"),
            "{got:?}"
        );
        assert_eq!(got.text().ends_with("# EOF\n"), content_type.starts_with("application"), "{accept}");
    }
}

/// Requests that are not for an answer have no place among the answers.
#[tokio::test]
async fn only_answers_of_models_are_counted_as_answers() {
    let running = start(FakeBedrock::builder()).await;
    for (method, path) in [
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v1/models/other"),
        (Method::POST, "/healthz"),
        (Method::POST, "/v1/messages/count_tokens"),
        (Method::POST, "/v1/messages"),
    ] {
        running.send(running.request(method, path, "{}")).await;
    }
    running.logged(5).await;
    let metrics = running.gateway.metrics();
    let counted: Vec<_> = metrics.lines().filter(|line| line.contains("_answers_total{")).collect();
    assert_eq!(counted, ["bedrock_stream_gateway_answers_total{route=\"messages\",verdict=\"input\"} 1"]);
}

/// Neither a response nor the log grows with what a client makes up.
#[tokio::test]
async fn a_long_path_is_cut() {
    let running = start(FakeBedrock::builder()).await;
    for path in
        ["/", "/v1/models/", "/v1/messages/", "/model/"].map(|path| path.to_owned() + &"x".repeat(30_000))
    {
        let got = running.send(running.request(Method::GET, &path, "")).await;
        assert_eq!(got.status, 404);
        assert!(got.body.len() < 500 && got.text().contains("xxx…"), "{got:?}");
    }
    let log = running.logged(4).await;
    assert!(log.iter().all(|access| access.to_string().len() < 700), "{log:?}");
}

#[tokio::test]
async fn tokens_are_counted_by_bedrock() {
    let running = start(FakeBedrock::builder()).await;
    // Without `max_tokens`, which counting does not need.
    let body =
        json!({"model": "claude", "messages": [{"role": "user", "content": "Hello"}], "frobnicate": 1});
    let got = running.post("/v1/messages/count_tokens", &body).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.header("x-bedrock-stream-left-out"), Some("frobnicate"));
    assert!(got.header("x-amzn-requestid").is_some(), "{got:?}");
    assert!(got.json()["input_tokens"].as_u64().unwrap() > 0, "{got:?}");
    let sent: serde_json::Value = serde_json::from_slice(&running.bedrock.requests()[0].body).unwrap();
    assert_eq!(sent["input"]["converse"]["messages"][0]["content"][0]["text"], "Hello");
}

#[tokio::test]
async fn bedrocks_own_streams_pass_byte_for_byte() {
    let reply = answer().text("Hello there").usage(1, 2);
    let running = start(FakeBedrock::builder().reply("m", reply.clone())).await;
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let got = running.post("/model/m/converse-stream", &body).await;
    assert_eq!(got.header("content-type"), Some("application/vnd.amazon.eventstream"), "{got:?}");
    assert!(got.header("x-amzn-requestid").is_some());
    let mut decoder = ChunkDecoder::new();
    decoder.push(&got.body);
    let mut text = String::new();
    while let Some(chunk) = decoder.next_chunk().unwrap() {
        if let bedrock_stream_core::answer::Chunk::Text { text: more, .. } = chunk {
            text.push_str(&more);
        }
    }
    assert_eq!(text, "Hello there");
    let log = running.logged(1).await;
    assert_eq!(log[0].verdict, Verdict::Complete, "{log:?}");
    let sent: serde_json::Value = serde_json::from_slice(&running.bedrock.requests()[0].body).unwrap();
    assert_eq!(sent, body);
}

#[tokio::test]
async fn what_breaks_in_bedrocks_own_streams_is_noticed() {
    let fault =
        |fault: &str| Reply::from(answer().text("Hello there").usage(1, 2)).fault(fault.parse().unwrap());
    let bedrock = FakeBedrock::builder()
        .reply("cut", fault("cut"))
        .reply("exception", fault("exception"))
        .reply("refused", fault("refuse:ThrottlingException@3"));
    let running = start(bedrock).await;
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    for (model, verdict) in [("cut", "incomplete"), ("exception", "exception"), ("refused", "refusal")] {
        let path = format!("/model/{model}/converse-stream");
        let (head, sent) =
            running.open(running.request(Method::POST, &path, body.to_string())).await.into_parts();
        let sent = sent.collect().await;
        let log = running.logged(1).await;
        assert_eq!(log.last().unwrap().verdict.as_str(), verdict);
        running.log.lock().unwrap().clear();
        if model == "refused" {
            let got = Got { status: head.status, headers: head.headers, body: sent.unwrap().to_bytes() };
            assert_eq!(
                (got.status.as_u16(), got.header("x-amzn-errortype")),
                (429, Some("ThrottlingException"))
            );
            assert_eq!(got.header("retry-after"), Some("3"));
            assert!(got.json()["message"].is_string());
        }
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_ask() {
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| {
        builder.cors("https://app.example".parse().unwrap()).api_key("sk-1")
    };
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let preflight = running.send(running.request(Method::OPTIONS, "/v1/messages", "")).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://app.example"));
    let got = running.post("/v1/messages", &ask(Dialect::Messages, "m", true)).await;
    // Also an error can be read by the page.
    assert_eq!(got.status, 401);
    assert_eq!(got.header("access-control-allow-origin"), Some("https://app.example"));
    // Nobody was cancelled.
    assert_eq!(running.logged(1).await[0].verdict, Verdict::Answered);
}

/// A page on the web must not spend what a gateway on the developer's machine may spend.
#[tokio::test]
async fn a_page_from_elsewhere_may_not_use_a_gateway_without_keys() {
    for (origin, set, status) in [
        ("https://evil.example", 0, 403),
        ("null", 0, 403),
        ("http://localhost:3000", 0, 200),
        ("https://app.example", 1, 200),
        ("https://evil.example", 1, 403),
        // There the key keeps pages out, and here whoever stands before the gateway.
        ("https://evil.example", 2, 401),
        ("https://evil.example", 3, 200),
    ] {
        let set = |builder: bedrock_stream_gateway::GatewayBuilder| match set {
            1 => builder.cors("https://app.example".parse().unwrap()),
            2 => builder.api_key("sk-1"),
            3 => builder.authenticated_elsewhere(true),
            _ => builder,
        };
        let running = start_with(FakeBedrock::builder(), set, |server| server).await;
        for (path, dialect) in APIS {
            let mut request = running.request(Method::POST, path, ask(dialect, "m", false).to_string());
            request.headers_mut().insert("origin", origin.parse().unwrap());
            // As of a form, which no browser asks the server about.
            request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            let got = running.send(request).await;
            assert_eq!(got.status, status, "{origin} {path} {got:?}");
        }
        let asked = running.bedrock.requests().len();
        assert_eq!(asked, if status == 200 { APIS.len() } else { 0 }, "{origin}");
        let mut probe = running.request(Method::GET, "/healthz", "");
        probe.headers_mut().insert("origin", origin.parse().unwrap());
        let expected = if status == 403 { 403 } else { 200 };
        assert_eq!(running.send(probe).await.status, expected);
    }
}

/// `/metrics` on a listener of its own: there without a key, and nowhere else.
#[tokio::test]
async fn metrics_may_have_their_own_listener() {
    let running =
        start_with(FakeBedrock::builder(), |builder| builder.api_key("sk-1"), |server| server).await;
    let everywhere = ([0, 0, 0, 0], 0).into();
    let metrics = Server::bind(everywhere, running.gateway.only_metrics()).await.unwrap();
    let metrics_port = metrics.local_addr().unwrap().port();
    let main = Server::bind(([127, 0, 0, 1], 0).into(), running.gateway.without_metrics()).await.unwrap();
    let main_port = main.local_addr().unwrap().port();
    tokio::spawn(metrics.serve(std::future::pending()));
    tokio::spawn(main.serve(std::future::pending()));
    for (port, method, path, key, status) in [
        (metrics_port, Method::GET, "/metrics", "", 200),
        (metrics_port, Method::POST, "/metrics", "", 405),
        // A probe must not wait behind the clients' connections.
        (metrics_port, Method::GET, "/healthz", "", 200),
        (metrics_port, Method::GET, "/v1/models", "sk-1", 404),
        (metrics_port, Method::POST, "/v1/chat/completions", "sk-1", 404),
        (main_port, Method::GET, "/metrics", "sk-1", 404),
        (main_port, Method::GET, "/metrics", "", 401),
        (main_port, Method::GET, "/v1/models", "sk-1", 200),
    ] {
        let mut request = running.request(method, path, "");
        *request.uri_mut() = format!("http://127.0.0.1:{port}{path}").parse().unwrap();
        request.headers_mut().insert("x-api-key", key.parse().unwrap());
        let got = running.send(request).await;
        assert_eq!(got.status, status, "{port} {path} {got:?}");
        // Requests to the one are counted in the other.
        if status == 200 && path == "/metrics" {
            assert!(got.text().contains("bedrock_stream_gateway_open_answers 0"), "{got:?}");
        }
    }
}

/// No label has a client's text: what no alias is for is not told apart.
#[tokio::test]
async fn tokens_are_counted_for_each_alias() {
    let reply = answer().text("Hi").usage(3, 4);
    let running = start_with(
        FakeBedrock::builder().reply("*", reply),
        |builder| builder.alias("fast", "us.amazon.nova-lite-v1:0"),
        |server| server,
    )
    .await;
    let (path, dialect) = APIS[0];
    // By its name, by its id, and on the route that passes bytes on.
    running.post(path, &ask(dialect, "fast", true)).await;
    running.post(path, &ask(dialect, "us.amazon.nova-lite-v1:0", false)).await;
    running
        .post(
            "/model/fast/converse-stream",
            &json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}),
        )
        .await;
    running.post(path, &ask(dialect, "made-up", true)).await;
    running.logged(4).await;
    let metrics = running.gateway.metrics();
    for line in [
        "bedrock_stream_gateway_tokens_total{model=\"fast\",kind=\"input\"} 9\n",
        "bedrock_stream_gateway_tokens_total{model=\"other\",kind=\"input\"} 3\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    assert!(!metrics.contains("made-up") && !metrics.contains("nova"), "{metrics}");
}

/// A router with routes of its own, below the server's limits.
#[tokio::test]
async fn other_routes_may_be_served_around_it() {
    let around = |gateway| {
        let router = axum::Router::new();
        router.route("/version", axum::routing::get(async || "7")).fallback_service(gateway)
    };
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| builder.api_key("sk-1");
    let running =
        start_with(FakeBedrock::builder().reply("*", answer().text("one two three")), set, |server| {
            server.service(around).grace(std::time::Duration::from_secs(20))
        })
        .await;
    let got = running.send(running.request(Method::GET, "/version", "")).await;
    assert_eq!((got.status.as_u16(), got.text()), (200, "7"));
    let (path, dialect) = APIS[0];
    let body = ask(dialect, "m", true).to_string();
    assert_eq!(running.send(running.request(Method::POST, path, body.clone())).await.status, 401);
    let mut request = running.request(Method::POST, path, body);
    request.headers_mut().insert("x-api-key", "sk-1".parse().unwrap());
    let got = running.send(request).await;
    assert_eq!(got.answer(dialect).unwrap().text(), "one two three");
    // The gateway's own log knows how it ended.
    let log = running.logged(2).await;
    assert_eq!((log[1].verdict, log[1].status.unwrap().as_u16()), (Verdict::Complete, 200));
}
