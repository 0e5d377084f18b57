use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::run::{Run, Running, program, run, run_alone, wait};

/// A gateway, and where it listens.
pub(crate) fn gateway(args: &[&str]) -> (Running, String) {
    let mut running = Running::start(&[&["gateway"], args].concat());
    let url = running.line();
    let address = url.strip_prefix("http://").unwrap_or_else(|| panic!("{url}")).to_owned();
    (running, address)
}

/// Sends a request, and reads the response until the connection ends.
pub(crate) fn send(address: &str, key: &str, path: &str, body: &Value) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("the response ends");
    let status = response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, response)
}

pub(crate) fn chat(model: &str, is_streaming: bool) -> Value {
    json!({"model": model, "stream": is_streaming, "messages": [{"role": "user", "content": "Hello"}]})
}

#[test]
fn the_demo_needs_nothing() {
    let (_running, address) = gateway(&["--demo"]);
    let (status, response) = send(&address, "any", "/v1/chat/completions", &chat("demo", false));
    assert!(status == 200 && response.contains("\"finish_reason\":\"stop\""), "{response}");
    let (status, response) = send(&address, "any", "/v1/chat/completions", &chat("demo", true));
    assert!(status == 200 && response.contains("data: [DONE]\n\n"), "{response}");
    let messages =
        json!({"model": "demo", "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}]});
    let (status, response) = send(&address, "any", "/v1/messages", &messages);
    assert!(status == 200 && response.contains("\"stop_reason\":\"end_turn\""), "{response}");
    let (status, response) =
        send(&address, "any", "/v1/responses", &json!({"model": "demo", "input": "Hello"}));
    assert!(status == 200 && response.contains("\"status\":\"completed\""), "{response}");
}

#[test]
fn keys_and_settings_come_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("keys"), "# of the team\nsk-file\n\n  # sk-old\nsearch = sk-padded==\n").unwrap();
    fs::write(
        path("gateway.toml"),
        "api_keys = [\"sk-toml\", \"chat  =  sk-chat\"]\nmax_body = 300\n[aliases]\nfast = \"m\"\n",
    )
    .unwrap();
    let (_running, address) = gateway(&[
        "--demo",
        "--api-key",
        "sk-flag",
        "--api-key-file",
        &path("keys"),
        "--config",
        &path("gateway.toml"),
    ]);
    for (key, status) in
        [("sk-flag", 200), ("sk-file", 200), ("sk-toml", 200), ("# sk-old", 401), ("sk-other", 401)]
            .into_iter()
            .chain([("sk-padded==", 200), ("sk-chat", 200), ("search = sk-padded==", 401), ("search", 401)])
    {
        assert_eq!(send(&address, key, "/v1/chat/completions", &chat("fast", false)).0, status, "{key}");
    }
    let mut long = chat("fast", false);
    long["user"] = "x".repeat(300).into();
    assert_eq!(send(&address, "sk-flag", "/v1/chat/completions", &long).0, 413);
}

#[test]
fn the_file_may_name_the_file_of_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("keys"), "sk-file\n").unwrap();
    fs::write(path("gateway.toml"), format!("api_key_file = '{}'\n", path("keys"))).unwrap();
    fs::write(path("others"), "sk-flag\n").unwrap();
    let (_by_file, by_file) = gateway(&["--demo", "--config", &path("gateway.toml")]);
    let (_by_flag, by_flag) =
        gateway(&["--demo", "--config", &path("gateway.toml"), "--api-key-file", &path("others")]);
    for (address, key, status) in [
        (&by_file, "sk-file", 200),
        (&by_file, "sk-flag", 401),
        (&by_flag, "sk-flag", 200),
        (&by_flag, "sk-file", 401),
    ] {
        assert_eq!(send(address, key, "/v1/chat/completions", &chat("demo", false)).0, status, "{key}");
    }
}

#[test]
fn a_body_that_does_not_arrive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    fs::write(&config, "body_timeout = 0.3\n").unwrap();
    for args in [&["--config", config.to_str().unwrap()], &["--body-timeout", "0.3"]] {
        let (_running, address) = gateway(&[&["--demo"], &args[..]].concat());
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
            .write_all(
                b"POST /v1/messages HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{",
            )
            .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("it is told soon");
        assert!(response.starts_with("HTTP/1.1 408 "), "{args:?} {response}");
    }
}

#[test]
fn what_cannot_start_says_why() {
    for (args, told) in [
        (&["--demo", "--listen", "0.0.0.0:0"][..], "without an API key"),
        (&["--alias", "claude"], "NAME=MODEL"),
        (&[], "no region"),
        (&["--region", "us-east-1"], "no credentials"),
        (&["--region", "us-east-1"], "(these expire, and are not renewed: for a service"),
    ] {
        let run = run_alone(&[&["gateway"], args].concat());
        assert!(run.status == 2 && run.stderr.contains(told), "{args:?} {}", run.stderr);
    }
    let run = run_alone(&["gateway", "--demo", "--config", "/no/such/file"]);
    assert_eq!(run.failure()["kind"], "input");
}

#[test]
fn requests_are_logged_without_their_keys() {
    let mut command = program(&["gateway", "--demo", "--log", "always", "--api-key", "search = sk-secret"]);
    let mut running = Running::spawn(command.stderr(Stdio::piped()));
    let address = running.line().replace("http://", "");
    // Monitoring is not logged; a wrong key is, wherever it comes.
    get(&address, "/healthz");
    send(&address, "sk-secret", "/v1/chat/completions", &chat("demo", true));
    send(&address, "sk-wrong", "/v1/chat/completions", &chat("demo", true));
    let mut stderr = BufReader::new(running.child.stderr.take().unwrap());
    let mut log = String::new();
    for _ in 0..2 {
        stderr.read_line(&mut log).unwrap();
    }
    assert!(log.contains("POST /v1/chat/completions 200 complete"), "{log}");
    assert_eq!(log.matches(" key=search model=").count(), 1, "{log}");
    assert!(log.contains("POST /v1/chat/completions 401 refusal"), "{log}");
    assert!(!log.contains("sk-"), "{log}");

    let mut command = program(&["gateway", "--demo", "--log", "always"]);
    let mut running = Running::spawn(command.stderr(Stdio::piped()));
    let address = running.line().replace("http://", "");
    for path in ["/healthz", "/metrics", "/v1/models"] {
        get(&address, path);
    }
    let mut line = String::new();
    BufReader::new(running.child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("GET /v1/models 200 answered"), "{line}");
}

/// Sends a GET, and reads the response until the connection ends.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("the response ends");
    response
}

#[test]
fn requests_are_passed_to_bedrocks_own_endpoints() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    fs::write(&config, "native = true\n[aliases]\nclaude = \"anthropic.claude-x\"\n").unwrap();
    let (_by_file, by_file) = gateway(&["--demo", "--config", config.to_str().unwrap()]);
    let (_by_flag, by_flag) = gateway(&["--demo", "--native", "--alias", "claude=anthropic.claude-x"]);
    let (_off, off) = gateway(&["--demo", "--alias", "claude=anthropic.claude-x"]);
    let messages = json!({
        "model": "claude", "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}]
    });
    for (address, is_native) in [(by_file, true), (by_flag, true), (off, false)] {
        let (status, response) = send(&address, "any", "/v1/messages", &messages);
        // Bedrock's own ids, and its name of the model.
        assert_eq!((status, response.contains("\"msg_bdrk_")), (200, is_native), "{response}");
        assert_eq!(response.contains("\"model\":\"claude\""), !is_native, "{response}");
    }
}

#[test]
fn an_alias_in_the_file_says_what_an_id_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let requests = path("requests");
    let mut serve = Running::start(&["serve", "--record", &requests]);
    let profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1";
    let config = format!(
        "[aliases]\nplain = \"{profile}\"\n\
         [aliases.mine]\nmodel = \"{profile}\"\nfamily = \"anthropic\"\nreasoning = \"budget\"\n\
         thinking_budgets = {{ high = 5000 }}\n"
    );
    fs::write(path("gateway.toml"), config).unwrap();
    let (_running, address) = gateway(&[
        "--endpoint-url",
        &serve.line(),
        "--region",
        "us-east-1",
        "--credentials",
        "a:b",
        "--config",
        &path("gateway.toml"),
    ]);
    for model in ["plain", "mine"] {
        let mut body = chat(model, true);
        body["reasoning_effort"] = "high".into();
        let (status, response) = send(&address, "any", "/v1/chat/completions", &body);
        assert_eq!(status, 200, "{response}");
    }
    let recorded = fs::read_to_string(&requests).unwrap();
    let fields: Vec<Value> = recorded
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|request| request["body"]["additionalModelRequestFields"].clone())
        .collect();
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 5000}});
    assert_eq!(fields, [json!({"reasoning_effort": "high"}), thinking], "{recorded}");
}

#[test]
fn metrics_may_be_served_elsewhere() {
    let (mut running, address) = gateway(&["--demo", "--api-key", "sk-1", "--metrics-listen", "127.0.0.1:0"]);
    let url = running.line();
    let metrics = url.strip_prefix("http://").and_then(|url| url.strip_suffix("/metrics")).unwrap();
    send(&address, "sk-1", "/v1/chat/completions", &chat("demo", false));
    let response = get(metrics, "/metrics");
    let counted = "bedrock_stream_gateway_requests_total{route=\"chat\",status=\"200\"} 1";
    assert!(response.starts_with("HTTP/1.1 200") && response.contains(counted), "{response}");
    assert!(get(metrics, "/v1/models").starts_with("HTTP/1.1 404"));
    assert!(get(&address, "/metrics").starts_with("HTTP/1.1 401"));
}

/// Files of a certificate of `localhost`, and its key.
pub(crate) fn certificate(folder: &std::path::Path) -> (String, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert_path, key_path) = (folder.join("gateway.pem"), folder.join("gateway.key"));
    fs::write(&cert_path, cert.pem()).unwrap();
    fs::write(&key_path, signing_key.serialize_pem()).unwrap();
    (cert_path.to_str().unwrap().to_owned(), key_path.to_str().unwrap().to_owned())
}

/// `SSL_CERT_FILE` names the certificates that the program trusts where those of the system are files.
#[cfg(target_os = "linux")]
#[test]
fn it_serves_https() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let mut running = Running::start(&["gateway", "--demo", "--tls-cert", &certificate, "--tls-key", &key]);
    let url = running.line().replace("127.0.0.1", "localhost");
    assert!(url.starts_with("https://localhost:"), "{url}");
    for transport in ["reqwest", "hyper"] {
        let args = ["--endpoint-url", &url, "--region", "us-east-1", "--credentials", "a:b", "--model", "m"];
        let mut command = program(&[&["converse", "--transport", transport], &args[..], &["Hi"]].concat());
        let run = wait(command.env("SSL_CERT_FILE", &certificate).stderr(Stdio::piped()).spawn().unwrap());
        assert!(run.status == 0 && !run.stdout.is_empty(), "{transport}: {}", run.stderr);
    }
    let config = folder.path().join("gateway.toml");
    fs::write(&config, format!("tls_cert = '{certificate}'\ntls_key = '{key}'\n")).unwrap();
    let mut running = Running::start(&["gateway", "--demo", "--config", config.to_str().unwrap()]);
    assert!(running.line().starts_with("https://"));
}

#[test]
fn what_is_no_certificate_is_told_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let other = tempfile::tempdir().unwrap();
    let (_, other_key) = self::certificate(other.path());
    for (certificate, key, file, reason) in [
        (&certificate, &other_key, &other_key, "cannot be used"),
        (&key, &key, &key, "no certificate"),
        (&certificate, &certificate, &certificate, "no private key"),
        (&certificate, &"/no/such/key".to_owned(), &"/no/such/key".to_owned(), "No such file"),
    ] {
        let run = run_alone(&["gateway", "--demo", "--tls-cert", certificate, "--tls-key", key]);
        let failure = run.failure();
        let message = failure["message"].as_str().unwrap();
        assert!(message.contains(file.as_str()) && message.contains(reason), "{message}");
    }
    for (given, missing) in [("--tls-cert", "--tls-key"), ("--tls-key", "--tls-cert")] {
        let run = run_alone(&["gateway", "--demo", given, &certificate]);
        assert!(run.status == 2 && run.stderr.contains(missing), "{}", run.stderr);
    }
}

/// An answer's event stream, from the fake.
fn answer(fault: Option<&str>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.json");
    let mut reply = json!({"text": "Hello there", "tool": {"name": "f", "input": {"a": 1}}});
    if let Some(fault) = fault {
        reply["fault"] = fault.into();
    }
    fs::write(&script, json!({"*": [reply]}).to_string()).unwrap();
    let mut serve = Running::start(&["serve", "--script", script.to_str().unwrap()]);
    let url = serve.line();
    let record = folder.path().join("answer.bin");
    let args =
        ["converse", "--endpoint-url", &url, "--region", "us-east-1", "--credentials", "a:b", "--model", "m"];
    let mut command = program(&[&args[..], &["--record", record.to_str().unwrap(), "Hi"]].concat());
    wait(command.stderr(Stdio::null()).spawn().unwrap());
    fs::read(record).unwrap()
}

#[test]
fn an_answer_is_decoded_to_other_dialects() {
    let bytes = answer(None);
    let chunks = |run: &Run| -> Vec<Value> { run.lines() };
    for dialect in ["chat", "responses", "messages"] {
        let encoded = run(&["decode", "--to", dialect, "-"], &bytes);
        assert_eq!((encoded.status, &*encoded.stderr), (0, ""), "{dialect}");
        let decoded = chunks(&run(&["decode", "--from", dialect, "-"], &encoded.stdout));
        assert!(
            decoded.iter().any(|chunk| chunk["type"] == "tool_call_end" && chunk["input"] == json!({"a": 1}))
        );
        assert_eq!(decoded.last().unwrap()["stop_reason"], "tool_use", "{decoded:?}");
        let whole = run(&["decode", "--to", dialect, "--as", "message", "-"], &bytes);
        assert_eq!(whole.status, 0, "{}", whole.stderr);
        assert!(whole.lines()[0]["id"].is_string());
    }
    let text = run(&["decode", "--to", "chat", "--as", "text", "-"], &bytes);
    assert_eq!(text.status, 2, "{}", text.stderr);
}

#[test]
fn an_answer_that_is_not_whole_stays_so_in_other_dialects() {
    let bytes = answer(Some("no-stop"));
    for (dialect, error) in [
        ("chat", "data: {\"error\":{"),
        ("responses", "event: response.failed"),
        ("messages", "event: error"),
    ] {
        let encoded = run(&["decode", "--to", dialect, "-"], &bytes);
        assert_eq!(encoded.status, 1, "{}", encoded.stderr);
        assert!(encoded.text().contains(error), "{}", encoded.text());
        for end in ["[DONE]", "response.completed", "message_stop"] {
            assert!(!encoded.text().contains(end), "{}", encoded.text());
        }
        let whole = run(&["decode", "--to", dialect, "--as", "message", "-"], &bytes);
        assert_eq!((whole.status, whole.lines().len()), (1, 1), "{}", whole.text());
        assert!(
            whole.lines()[0]["error"]["message"].as_str().unwrap().contains("incomplete"),
            "{}",
            whole.text()
        );
    }
}

/// From every dialect to Converse, and what `decode` makes of it.
#[test]
fn an_answer_of_any_dialect_becomes_an_event_stream() {
    let bytes = answer(None);
    let chunks = |bytes: &[u8]| -> Vec<Value> {
        let run = run(&["decode", "--from", "converse", "-"], bytes);
        assert_eq!((run.status, &*run.stderr), (0, ""));
        run.lines()
    };
    let expected: Vec<Value> = chunks(&bytes);
    for from in ["chat", "responses", "messages"] {
        let encoded = run(&["decode", "--to", from, "-"], &bytes);
        let converse = run(&["decode", "--from", from, "--to", "converse", "-"], &encoded.stdout);
        assert_eq!((converse.status, &*converse.stderr), (0, ""), "{from}");
        // Everything but the usage's time and the vendor's own words is the same.
        let told = |chunks: &[Value]| -> Vec<Value> {
            let kinds = ["text", "tool_call_start", "tool_call_end", "stop"];
            chunks.iter().filter(|chunk| kinds.iter().any(|kind| chunk["type"] == *kind)).cloned().collect()
        };
        assert_eq!(told(&chunks(&converse.stdout)), told(&expected), "{from}");
    }
    let same = run(&["decode", "--to", "converse", "-"], &bytes);
    assert_eq!(chunks(&same.stdout), expected);
    let whole = run(&["decode", "--to", "converse", "--as", "message", "-"], &bytes);
    let plain = run(&["decode", "--as", "message", "-"], &bytes);
    assert_eq!((whole.status, whole.lines()), (0, plain.lines()));
}

#[test]
fn what_is_not_whole_is_no_whole_event_stream() {
    // The service's exception is written; what else breaks is said on standard error alone.
    for (fault, end, told) in [
        ("no-stop", "incomplete", "incomplete"),
        ("cut", "incomplete", "incomplete"),
        ("bad-crc", "incomplete", "checksum"),
        ("exception:throttlingException@middle", "exception", "throttlingException"),
        ("error@middle", "exception", "InternalFailure"),
    ] {
        let bytes = answer(Some(fault));
        let encoded = run(&["decode", "--to", "converse", "-"], &bytes);
        assert!(
            encoded.status == 1 && encoded.stderr.to_lowercase().contains(&told.to_lowercase()),
            "{}",
            encoded.stderr
        );
        let messages = run(&["decode", "--as", "messages", "-"], &encoded.stdout);
        assert_eq!((messages.status, messages.text().contains("messageStop")), (0, false), "{fault}");
        let decoded = run(&["decode", "--from", "converse", "-"], &encoded.stdout);
        assert_eq!(decoded.failure()["kind"], end, "{fault}");
        assert!(decoded.text().contains("\"type\":\"text\""), "{fault}: {}", decoded.text());
        let whole = run(&["decode", "--to", "converse", "--as", "message", "-"], &bytes);
        assert_eq!((whole.status, whole.lines().len()), (1, 1), "{fault}");
        assert!(whole.lines()[0]["message"].is_string(), "{fault}: {}", whole.text());
    }
}
