//! What the examples export of an answer from the fake, as a receiver on loopback sees it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;

use bedrock_stream_testkit::{FakeBedrock, Fault, answer};
use serde_json::Value;

const MODEL: &str = "us.amazon.nova-lite-v1:0";

#[tokio::test(flavor = "multi_thread")]
async fn spans_and_metrics_arrive_over_otlp() {
    let bedrock = fake(FakeBedrock::builder()).await;
    let receiver = Receiver::start();
    let output = run(env!("CARGO_BIN_EXE_otlp"), &bedrock, &receiver.url);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "answer-text\n");

    let exported = receiver.received();
    let span = find(&exported, "/v1/traces", "/resourceSpans/0/scopeSpans/0/spans/0");
    assert_eq!(span["name"], format!("chat {MODEL}"));
    assert_eq!(span["kind"], 3, "a client's");
    for (name, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "aws.bedrock"),
        ("gen_ai.request.model", MODEL),
        ("gen_ai.request.max_tokens", "500"),
        ("gen_ai.request.stream", "true"),
        ("gen_ai.response.finish_reasons", r#"["end_turn"]"#),
        ("gen_ai.usage.input_tokens", "12"),
        ("gen_ai.usage.output_tokens", "34"),
        ("http.response.status_code", "200"),
        ("server.address", "127.0.0.1"),
        ("bedrock.dialect", "converse"),
        ("bedrock.attempts", "1"),
    ] {
        assert_eq!(attribute(span, name).as_deref(), Some(value), "{name} of {span}");
    }
    assert!(attribute(span, "bedrock.time_to_first_content").is_some(), "{span}");

    let metrics = find(&exported, "/v1/metrics", "/resourceMetrics/0/scopeMetrics/0/metrics");
    let metrics = metrics.as_array().unwrap();
    for (name, unit, points) in [
        ("gen_ai.client.token.usage", "{token}", 2),
        ("gen_ai.client.operation.duration", "s", 1),
        ("gen_ai.client.operation.time_to_first_chunk", "s", 1),
        ("bedrock.client.time_to_first_content", "s", 1),
    ] {
        let metric = metrics.iter().find(|metric| metric["name"] == name);
        let metric = metric.unwrap_or_else(|| panic!("{name} is missing in {metrics:?}"));
        let data = metric["histogram"]["dataPoints"].as_array().unwrap();
        assert_eq!((&metric["unit"], data.len()), (&unit.into(), points), "{metric}");
        for point in data {
            assert_eq!(attribute(point, "gen_ai.request.model").as_deref(), Some(MODEL), "{point}");
            assert!(point["explicitBounds"].as_array().unwrap().len() > 10, "{point}");
        }
    }
    let all = format!("{exported:?}");
    for secret in ["my-api-key", "prompt-text", "answer-text"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_operation_is_a_failed_span() {
    let bedrock = fake(FakeBedrock::builder().fault(Fault::NoStop)).await;
    let receiver = Receiver::start();
    let output = run(env!("CARGO_BIN_EXE_otlp"), &bedrock, &receiver.url);
    assert!(!output.status.success(), "{output:?}");
    let exported = receiver.received();
    let span = find(&exported, "/v1/traces", "/resourceSpans/0/scopeSpans/0/spans/0");
    assert_eq!(attribute(span, "error.type").as_deref(), Some("incomplete"), "{span}");
    assert_eq!(span["status"]["code"], 2, "{span}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_prometheus_text() {
    let bedrock = fake(FakeBedrock::builder()).await;
    let output = run(env!("CARGO_BIN_EXE_prometheus"), &bedrock, "");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "# TYPE gen_ai_client_token_usage histogram",
        "# TYPE gen_ai_client_operation_duration histogram",
        "# TYPE bedrock_client_time_to_first_content histogram",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} in {text}");
    }
    let sums: Vec<&str> =
        text.lines().filter(|line| line.starts_with("gen_ai_client_token_usage_sum{")).collect();
    for (kind, count) in [("input", " 12"), ("output", " 34")] {
        let is_it =
            |line: &&&str| line.contains(&format!(r#"gen_ai_token_type="{kind}""#)) && line.ends_with(count);
        let line = sums.iter().find(is_it).unwrap_or_else(|| panic!("{kind} in {text}"));
        assert!(line.contains(&format!(r#"gen_ai_request_model="{MODEL}""#)), "{line}");
    }
    assert!(
        text.contains(r#"gen_ai_client_operation_duration_bucket{"#) && text.contains(r#"le="81.92""#),
        "{text}"
    );

    // A failure has its name, and no tokens.
    let bedrock = fake(FakeBedrock::builder().fault(Fault::NoStop)).await;
    let text = String::from_utf8(run(env!("CARGO_BIN_EXE_prometheus"), &bedrock, "").stdout).unwrap();
    assert!(
        text.contains(r#"error_type="incomplete""#) && !text.contains("gen_ai_client_token_usage_sum"),
        "{text}"
    );
}

/// The page of the guide shows the examples as they are.
#[test]
fn the_guide_shows_the_examples() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(root.join("../../docs/observability.md")).unwrap();
    for name in ["prometheus", "otlp"] {
        let example = std::fs::read_to_string(root.join(format!("src/bin/{name}.rs"))).unwrap();
        let (_, program) = example.split_once("\n\n").expect("the first paragraph is about the example");
        assert!(guide.contains(&format!("\n{program}```\n")), "{name} differs");
    }
}

async fn fake(builder: bedrock_stream_testkit::Builder) -> FakeBedrock {
    let reply = answer().text("answer-text").usage(12, 34);
    builder.bearer_token("my-api-key").reply(MODEL, reply).start().await.unwrap()
}

fn run(program: &str, bedrock: &FakeBedrock, receiver: &str) -> Output {
    let mut command = Command::new(program);
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("OTEL_"))
    {
        command.env_remove(name);
    }
    command
        .args([MODEL, "prompt-text"])
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_BEARER_TOKEN_BEDROCK", "my-api-key")
        .env("NO_PROXY", "127.0.0.1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver)
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
        .output()
        .unwrap()
}

/// An OTLP receiver on loopback: the path and the JSON of each request.
struct Receiver {
    url: String,
    requests: mpsc::Receiver<(String, Value)>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || serve(stream, &sender));
            }
        });
        Self { url, requests }
    }

    /// What has arrived; the program waited for each answer.
    fn received(&self) -> Vec<(String, Value)> {
        self.requests.try_iter().collect()
    }
}

/// Answers the requests of one connection.
fn serve(mut stream: TcpStream, sender: &mpsc::Sender<(String, Value)>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let len =
                text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            let end = head + len.unwrap_or(0);
            if bytes.len() >= end {
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = serde_json::from_slice(&bytes[head..end]).unwrap_or_default();
                bytes.drain(..end);
                let _ = sender.send((path, body));
                let response =
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                if stream.write_all(response).is_err() {
                    return;
                }
                continue;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(len) => bytes.extend_from_slice(&buffer[..len]),
        }
    }
}

/// The first value at that place of a request to that path.
fn find<'a>(exported: &'a [(String, Value)], path: &str, pointer: &str) -> &'a Value {
    let mut found =
        exported.iter().filter(|(to, _)| to == path).filter_map(|(_, body)| body.pointer(pointer));
    found.next().unwrap_or_else(|| panic!("nothing at {pointer} in {path}: {exported:?}"))
}

/// An attribute's value, as text.
fn attribute(of: &Value, name: &str) -> Option<String> {
    let attributes = of["attributes"].as_array()?;
    let value = attributes.iter().find(|attribute| attribute["key"] == name)?["value"].as_object()?;
    let value = value.values().next()?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
