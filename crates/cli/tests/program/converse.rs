use std::fs;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::run::{Running, program, run_alone, wait};

#[test]
fn the_demo_answers_in_every_dialect() {
    for dialect in ["converse", "invoke", "chat", "responses", "messages"] {
        for transport in ["reqwest", "hyper"] {
            let run =
                run_alone(&["converse", "--demo", "--dialect", dialect, "--transport", transport, "Why?"]);
            let name = format!("{dialect} over {transport}");
            assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}");
            assert!(run.text().contains("Why?"), "{name}: {}", run.text());
        }
    }
}

#[test]
fn the_demo_answers_in_text_over_time() {
    for transport in ["hyper", "reqwest"] {
        let mut running =
            Running::start(&["converse", "--demo", "--transport", transport, "Why", "is", "it?"]);
        let mut text = Vec::new();
        let mut moments = Vec::new();
        let mut piece = [0; 256];
        loop {
            let len = running.stdout.get_mut().read(&mut piece).expect("standard output can be read");
            if len == 0 {
                break;
            }
            text.extend_from_slice(&piece[..len]);
            moments.push(Instant::now());
        }
        assert_eq!(running.child.wait().expect("it ends").code(), Some(0));
        let text = String::from_utf8(text).expect("it prints UTF-8");
        assert!(text.contains("Why is it?"), "{text}");
        assert!(
            !text.contains('\u{1b}') && !text.contains("[reasoning]"),
            "a pipe gets only the text: {text}"
        );
        // About forty tokens per second, and it has some dozens of them.
        assert!(moments.len() > 10, "{transport}: {} pieces", moments.len());
        let time = moments[moments.len() - 1] - moments[0];
        assert!(time > Duration::from_millis(500), "{transport}: all within {time:?}");
    }
}

#[test]
fn the_demo_answers_in_every_format() {
    let chunks = run_alone(&["converse", "--demo", "--as", "chunks", "hello"]);
    assert_eq!((chunks.status, &*chunks.stderr), (0, ""));
    let chunks = chunks.lines();
    assert_eq!(chunks[0]["type"], "start");
    assert_eq!(chunks.last().expect("there are chunks")["type"], "done");
    let is_text = |chunk: &&Value| chunk["type"] == "text";
    let text: String = chunks.iter().filter(is_text).filter_map(|chunk| chunk["text"].as_str()).collect();
    assert!(text.contains("hello"));

    let message = run_alone(&["converse", "--demo", "--as", "message", "hello"]);
    assert_eq!((message.status, message.lines().len()), (0, 1));
    let message = &message.lines()[0];
    assert_eq!(message["stopReason"], "end_turn");
    let blocks = message["output"]["message"]["content"].as_array().expect("a message has content");
    assert!(blocks.iter().any(|block| block["text"] == *text), "{blocks:?}");

    let events = run_alone(&["converse", "--demo", "--as", "events", "hello"]);
    assert_eq!((events.status, &*events.stderr), (0, ""));
    let events = events.lines();
    assert_eq!(events[0], json!({"messageStart": {"role": "assistant"}}));
    assert!(events.last().expect("there are events")["metadata"]["usage"].is_object());
}

/// The text alone does not show it, and a pipe has no other line.
#[test]
fn an_answer_that_was_cut_off_says_so() {
    let note = "bedrock-stream: the answer was cut off at the limit of its tokens (max_tokens)\n";
    let run = run_alone(&["converse", "--demo", "--max-tokens", "40", "Why?"]);
    assert_eq!((run.status, &*run.stderr), (0, note), "{}", run.text());
    assert!(!run.text().is_empty());
    // This answer shows it itself.
    let run = run_alone(&["converse", "--demo", "--max-tokens", "40", "--as", "message", "Why?"]);
    assert_eq!((run.status, &*run.stderr), (0, ""));
    assert_eq!(run.lines()[0]["stopReason"], "max_tokens", "{}", run.text());
}

#[test]
fn a_recording_reproduces_the_answer() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("answer.bin");
    let path = path.to_str().expect("the path is UTF-8");
    for transport in ["hyper", "reqwest"] {
        let answer = run_alone(&[
            "converse",
            "--demo",
            "--transport",
            transport,
            "--as",
            "chunks",
            "--record",
            path,
            "--force",
            "hello",
        ]);
        assert_eq!((answer.status, &*answer.stderr), (0, ""));
        let again = run_alone(&["decode", path]);
        assert_eq!(again.status, 0, "{}", again.stderr);
        assert_eq!(again.text(), answer.text());
    }
}

#[test]
fn a_recording_that_cannot_be_created_is_reported_before_the_request() {
    let failure =
        run_alone(&["converse", "--demo", "--as", "chunks", "--record", "no/such/folder", "x"]).failure();
    assert_eq!(failure["kind"], "input");
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_recording_does_not_lose_the_answer() {
    let run = run_alone(&["converse", "--demo", "--as", "chunks", "--record", "/dev/full", "x"]);
    assert_eq!(run.status, 1);
    assert_eq!(run.stderr, "bedrock-stream: cannot write /dev/full: No space left on device (os error 28)\n");
    let lines = run.lines();
    assert_eq!(lines.iter().filter(|line| line["failure"]["kind"] == "input").count(), 1);
    assert_eq!(lines.last().expect("there are chunks")["type"], "done");
}

#[test]
fn the_options_determine_the_request() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let write = |name: &str, json: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, json.to_string()).expect("the file can be written");
        path.to_str().expect("the path is UTF-8").to_owned()
    };
    let tool = json!({"toolSpec": {"name": "weather", "inputSchema": {"json": {
        "type": "object", "properties": {"city": {"type": "string"}}
    }}}});
    let list = write("list.json", &json!([tool]));
    let config = write("config.json", &json!({"tools": [tool]}));
    for tools in [&list, &config] {
        let run = run_alone(&["converse", "--demo", "--as", "message", "--tools", tools, "Paris"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let response = &run.lines()[0];
        assert_eq!(response["stopReason"], "tool_use");
        let blocks = response["output"]["message"]["content"].as_array().expect("a message has content");
        assert!(blocks.iter().any(|block| block["toolUse"]["name"] == "weather"), "{blocks:?}");
    }

    let request = write(
        "request.json",
        &json!({
            "messages": [{"role": "user", "content": [{"text": "from the file"}]}],
            "toolConfig": {"tools": [tool]}
        }),
    );
    let run = run_alone(&["converse", "--demo", "--as", "message", "--request", &request]);
    assert_eq!(run.lines()[0]["stopReason"], "tool_use", "{}", run.stderr);
    let run =
        run_alone(&["converse", "--demo", "--as", "message", "--request", &request, "--max-tokens", "3"]);
    assert_eq!(run.lines()[0]["stopReason"], "max_tokens", "{}", run.stderr);

    let empty = write("empty.json", &json!([]));
    for args in [
        ["--tools", &empty],
        ["--tools", "missing.json"],
        ["--request", &list],
        ["--request", "missing.json"],
    ] {
        let failure =
            run_alone(&["converse", "--demo", "--as", "chunks", args[0], args[1], "hello"]).failure();
        assert_eq!(failure["kind"], "input");
        assert!(failure["message"].as_str().is_some_and(|message| message.contains(args[1])), "{failure}");
    }
}

#[test]
fn a_wrong_secret_is_refused_and_not_shown() {
    for format in ["events", "chunks", "message"] {
        let run =
            run_alone(&["converse", "--demo", "--as", format, "--credentials", "demo:hush-hush", "hello"]);
        let failure = run.failure();
        assert_eq!(failure["kind"], "refusal", "{format}");
        assert_eq!(failure["status"], 403);
        assert_eq!(failure["code"], "InvalidSignatureException");
        let id = failure["request_id"].as_str().expect("a refusal has a request id");
        for part in [id, "403", "InvalidSignatureException"] {
            assert!(run.stderr.contains(part), "{}", run.stderr);
        }
        assert!(!run.stderr.contains("hush") && !run.text().contains("hush"));
    }
    let text = run_alone(&["converse", "--demo", "--credentials", "demo:hush-hush", "hello"]);
    assert_eq!((text.status, text.text()), (1, ""));
    assert!(
        text.stderr.starts_with("bedrock-stream: refused: InvalidSignatureException (403): "),
        "{}",
        text.stderr
    );
    assert_eq!(text.stderr.lines().filter(|line| !line.starts_with("hint: ")).count(), 1);
}

#[test]
fn an_unreachable_endpoint_is_named() {
    for transport in ["hyper", "reqwest"] {
        let failure = run_alone(&[
            "converse",
            "--as",
            "chunks",
            "--transport",
            transport,
            "--endpoint-url",
            "http://127.0.0.1:1",
            "--region",
            "us-east-1",
            "--credentials",
            "a:b",
            "--model",
            "arn:aws:bedrock:us-east-1:1:inference-profile/a.b:0",
            "hello",
        ])
        .failure();
        assert_eq!(failure["kind"], "transport");
        let message = failure["message"].as_str().expect("a failure has a message");
        assert!(message.contains("http://127.0.0.1:1") && message.contains("refused"), "{message}");
    }
}

#[test]
fn timeouts_end_as_requested() {
    for (fault, option, part) in [
        ("no-head", "--timeout", "the answer was not complete within"),
        ("stall-at:1000", "--timeout", "the answer was not complete within"),
        ("stall-at:1000", "--idle-timeout", "no data received for"),
    ] {
        let mut server = Running::start(&["serve", "--fault", fault]);
        let url = server.line();
        for more in [&[][..], &["--record", "/dev/null"]] {
            let ask =
                ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m"];
            let begun = Instant::now();
            let run = run_alone(&[&ask[..], &[option, "0.5", "--as", "chunks"], more, &["x"]].concat());
            let failure = run.failure();
            assert_eq!(failure["kind"], "timeout");
            let message = failure["message"].as_str().expect("a failure has a message");
            assert!(message.contains(part), "{fault} {option}: {message}");
            assert!(begun.elapsed() < Duration::from_secs(20), "{fault} {option}");
        }
    }
}

#[test]
fn an_unreachable_proxy_is_named() {
    let args = ["converse", "--endpoint-url", "http://10.255.255.1", "--region", "r", "--credentials", "a:b"];
    let args = [&args[..], &["--model", "m", "x"]].concat();
    let mut command = program(&args);
    let run = wait(
        command.env("HTTP_PROXY", "http://127.0.0.1:1").stderr(Stdio::piped()).spawn().expect("it starts"),
    );
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("\nhint: the request goes through a proxy"), "{}", run.stderr);
    assert!(run.stderr.contains("; 2 earlier attempts failed in the same way\n"), "{}", run.stderr);
}

#[test]
fn an_sso_profile_says_how_to_export_its_keys() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let config = folder.path().join("config");
    fs::write(&config, "[profile work]\nregion = us-east-1\nsso_session = s\n").expect("there is room");
    let mut command = program(&["converse", "--model", "m", "x"]);
    command.env("AWS_PROFILE", "work").env("AWS_CONFIG_FILE", &config).stderr(Stdio::piped());
    let run = wait(command.env("HOME", folder.path()).spawn().expect("it starts"));
    assert_eq!((run.status, run.text()), (2, ""));
    let how = "eval \"$(aws configure export-credentials --profile work --format env)\"";
    assert!(run.stderr.contains(how) && !run.stderr.contains("builder"), "{}", run.stderr);
}
