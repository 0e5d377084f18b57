use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::recordings::smallest;
use crate::run::{Run, Running, program, run_alone, wait};
use crate::shared::recordings;

/// A fake Bedrock, and its URL.
pub(crate) fn serve(args: &[&str]) -> (Running, String) {
    let mut running = Running::start(&[&["serve"], args].concat());
    let url = running.line();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    (running, url)
}

pub(crate) fn converse(url: &str, args: &[&str], env: &[(&str, &str)]) -> Run {
    let mut command =
        program(&[&["converse", "--endpoint-url", url, "--region", "us-east-1"], args].concat());
    command.envs(env.iter().copied()).stderr(Stdio::piped());
    wait(command.spawn().expect("the program starts"))
}

#[test]
fn lets_in_who_signs_or_brings_a_token() {
    let (_server, url) = serve(&["--credentials", "id:secret", "--session-token", "t:1", "--bearer", "key"]);
    let args = ["--model", "a.b/c:0", "--as", "chunks", "hello"];
    let keys =
        [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_SESSION_TOKEN", "t:1")];
    let bearer = |token| [("AWS_BEARER_TOKEN_BEDROCK", token)];
    for env in [&keys[..], &bearer("key"), &[&keys[..2], &bearer("key")].concat()] {
        let run = converse(&url, &args, env);
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
    let run = converse(&url, &[&args[..], &["--credentials", "id:secret:t:1"]].concat(), &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    for env in [&keys[..2], &bearer("another")] {
        assert_eq!(converse(&url, &args, env).failure()["kind"], "refusal");
    }
}

#[test]
fn serves_recordings_byte_for_byte() {
    let Some(recordings) = recordings() else { return };
    let recording = smallest(recordings);
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let copy = folder.path().join("copy.bin");
    let copy = copy.to_str().expect("the path is UTF-8");
    let recordings = recording.path.parent().and_then(|folder| folder.to_str()).expect("the path is UTF-8");
    let (_server, url) = serve(&["--recordings", recordings, "--split", "7", "--delay", "1"]);
    let args =
        ["--credentials", "a:b", "--as", "chunks", "--model", &recording.name, "--record", copy, "hello"];
    let run = converse(&url, &args, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(std::fs::read(copy).expect("it was recorded") == recording.bytes());
}

#[test]
fn every_fault_is_what_the_program_says_it_is() {
    for (fault, kind) in [
        ("cut", "incomplete"),
        ("no-stop", "incomplete"),
        ("bad-crc", "message_checksum"),
        ("exception", "exception"),
        ("throttle", "refusal"),
        ("html", "refusal"),
    ] {
        let (_server, url) = serve(&["--fault", fault]);
        for format in ["events", "chunks", "message"] {
            let args = ["--credentials", "a:b", "--model", "m", "--as", format, "hello"];
            let run = converse(&url, &args, &[]);
            let failure = run.failure();
            assert_eq!(failure["kind"], kind, "{fault} as {format}");
            assert!(failure["request_id"].is_string(), "{fault} as {format}");
            assert_eq!(failure["partial"].is_object(), format == "message", "{fault} as {format}");
            let message = failure["message"].as_str().expect("a failure has a message");
            assert!(message.contains("[request id "), "{fault} as {format}: {message}");
        }
        let text = converse(&url, &["--credentials", "a:b", "--model", "m", "hello"], &[]);
        assert_eq!(text.status, 1, "{fault}");
        let sentences = text.stderr.lines().filter(|line| !line.starts_with("hint: ")).count();
        assert_eq!(sentences, 1, "{fault}: {}", text.stderr);
        assert!(!text.text().contains("failure"), "{fault}");
    }
}

#[test]
fn tells_of_requests_and_of_faults_that_change_nothing() {
    let told = |args: &[&str]| {
        let mut server = Running::spawn(program(&[&["serve"], args].concat()).stderr(Stdio::piped()));
        let url = server.line();
        for model in ["a.b/c:0", "a.b/c:0", "busy"] {
            converse(&url, &["--credentials", "a:b", "--model", model, "hello"], &[]);
        }
        server.child.kill().expect("it runs");
        let mut text = String::new();
        let mut stderr = server.child.stderr.take().expect("it was piped");
        stderr.read_to_string(&mut text).expect("it speaks UTF-8");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (_folder, script) =
        file("script.json", r#"{"busy": [{"refuse": "validation"}], "*": [{"text": "No tool here."}]}"#);
    let args = ["--script", &script, "--fault", "drop:block-start"];
    let warning = r#"warning: the fault drop:block-start finds nothing to change in an answer of "a.b/c:0""#;
    let answered = "POST /model/a.b%2Fc%3A0/converse-stream 200";
    let refused = "POST /model/busy/converse-stream 400 ValidationException";
    assert_eq!(told(&args), [warning], "a pipe is no terminal");
    assert_eq!(told(&[&args[..], &["--log", "never"]].concat()), [warning]);
    let all = [answered, warning, answered, refused];
    assert_eq!(told(&[&args[..], &["--log", "always"]].concat()), all);
}

#[test]
fn members_that_bedrock_does_not_know_are_told_once_or_refused() {
    let ask = |args: &[&str]| {
        let mut server = Running::spawn(program(&[&["serve"], args].concat()).stderr(Stdio::piped()));
        let url = server.line();
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hi","cache_\u202econtrol":{}}]}]}"#;
        let statuses = [(); 2].map(|()| {
            let mut connection = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
            let head = "POST /model/m/converse-stream HTTP/1.0\r\nHost: h\r\n";
            let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
            connection.write_all(request.as_bytes()).expect("it reads");
            let mut response = Vec::new();
            connection.read_to_end(&mut response).expect("it answers");
            String::from_utf8_lossy(&response[9..12]).into_owned()
        });
        server.child.kill().expect("it runs");
        let mut text = String::new();
        let mut stderr = server.child.stderr.take().expect("it was piped");
        stderr.read_to_string(&mut text).expect("it speaks UTF-8");
        (statuses, text)
    };
    let warning = "warning: Bedrock does not know the request member \"messages[0].content[0].cache_\\u{202e}control\"\n";
    let passed = ["200", "200"].map(str::to_owned);
    assert_eq!(ask(&[]), (passed, warning.to_owned()));
    let refused = ["400", "400"].map(str::to_owned);
    assert_eq!(ask(&["--strict"]), (refused, warning.to_owned()));
}

#[cfg(unix)]
#[test]
fn ends_well_when_it_is_interrupted() {
    let (mut server, _) = serve(&[]);
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is kill").success());
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn says_why_it_cannot_start() {
    let (_server, url) = serve(&[]);
    let address = url.trim_start_matches("http://");
    let taken =
        wait(program(&["serve", "--listen", address]).stderr(Stdio::piped()).spawn().expect("it starts"));
    assert_eq!(taken.failure()["kind"], "transport");
    assert!(taken.stderr.contains(address));
    let missing = ["serve", "--recordings", "no/such/folder"];
    let missing = wait(program(&missing).stderr(Stdio::piped()).spawn().expect("it starts"));
    let failure: Value = missing.failure();
    assert_eq!(failure["kind"], "input");
}

/// A client's arguments for a chunk a line.
pub(crate) const ASK: [&str; 7] = ["--credentials", "a:b", "--as", "chunks", "--model", "m", "hello"];

/// A folder with one file in it, and the file's path.
pub(crate) fn file(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("the file can be written");
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    (folder, path)
}

#[test]
fn a_log_has_no_control_characters_of_the_clients() {
    let mut server = Running::spawn(program(&["serve", "--log", "always"]).stderr(Stdio::piped()));
    let url = server.line();
    let mut client = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    let request =
        "POST /a\u{9b}31m\u{202e} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).expect("it reads");
    client.read_to_end(&mut Vec::new()).expect("it answers");
    let mut log = String::new();
    let stderr = server.child.stderr.take().expect("it was piped");
    BufReader::new(stderr).read_line(&mut log).expect("it speaks UTF-8");
    assert!(log.starts_with("POST /a\\u{9b}31m\\u{202e} 404 "), "{log}");
}

/// The answer to `model`, as `Converse` would return it.
pub(crate) fn message(url: &str, model: &str) -> Run {
    converse(url, &["--credentials", "a:b", "--as", "message", "--model", model, "hello"], &[])
}

#[test]
fn every_spelling_of_a_fault_is_taken() {
    for (faults, kind) in [
        (&["cut-at:300"][..], "incomplete"),
        (&["reset-at:300"], "transport"),
        (&["flip-bit:4000"], "message_checksum"),
        (&["huge-length"], "length"),
        (&["drop:message-stop"], "incomplete"),
        (&["exception:validationException@last"], "exception"),
        (&["error@middle"], "exception"),
        (&["refuse:AccessDeniedException"], "refusal"),
        (&["html-body"], "prelude_checksum"),
        // Two at once: the stream is both split and cut.
        (&["split:3", "cut"], "incomplete"),
    ] {
        let args: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let (_server, url) = serve(&args);
        let failure = converse(&url, &ASK, &[]).failure();
        let kinds = if kind == "length" { &["length", "too_long"][..] } else { &[kind][..] };
        assert!(kinds.iter().any(|kind| failure["kind"] == **kind), "{faults:?}: {failure}");
    }
    let (_server, url) = serve(&["--fault", "drip", "--fault", "error@after", "--fault", "slow-head:10"]);
    assert_eq!(converse(&url, &ASK, &[]).status, 0);
}

#[test]
fn faults_of_the_first_requests_pass() {
    let (_server, url) = serve(&["--fault", "cut", "--fault-first", "2"]);
    for _ in 0..2 {
        assert_eq!(converse(&url, &ASK, &[]).failure()["kind"], "incomplete");
    }
    assert_eq!(converse(&url, &ASK, &[]).status, 0);
    // A refusal that passes is what a client that tries again never shows.
    let (_server, url) = serve(&["--fault", "refuse:ServiceUnavailableException", "--fault-first", "1"]);
    assert_eq!(converse(&url, &ASK, &[]).status, 0);
}

#[test]
fn tokens_come_at_their_rate() {
    let (_folder, script) = file("script.json", r#"{"*": [{"text": "one two three four five six"}]}"#);
    let (_server, url) = serve(&["--tokens-per-second", "20", "--script", &script]);
    let begun = Instant::now();
    let run = converse(&url, &ASK, &[]);
    let deltas = run.lines().iter().filter(|line| line["type"] == "text").count();
    assert!(deltas > 3, "{}", run.text());
    let pauses = u32::try_from(deltas - 1).expect("they are few");
    assert!(begun.elapsed() >= Duration::from_millis(50) * pauses);
    let done = run.lines().pop().expect("there is an end");
    assert_eq!(done["metrics"]["latencyMs"], 50 * pauses, "{done}");
}

#[test]
fn a_seed_decides_on_every_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let mut bodies = Vec::new();
    for (number, seed) in ["7", "7", "8"].into_iter().enumerate() {
        let body = folder.path().join(number.to_string());
        let body = body.to_str().expect("the path is UTF-8");
        let (_server, url) = serve(&["--seed", seed]);
        assert_eq!(converse(&url, &[&ASK[..], &["--record", body]].concat(), &[]).status, 0);
        bodies.push(fs::read(body).expect("it was recorded"));
    }
    assert!(!bodies[0].is_empty() && bodies[0] == bodies[1] && bodies[0] != bodies[2]);
}

#[test]
fn a_script_says_what_is_answered() {
    let script = r#"{
        "talks": [
            {"stop": "max_tokens", "text": "Hello.", "reasoning": "They greet.", "signature": "c2lnbmVk"},
            {"tool": [{"name": "a", "input": {"z": 1.50, "b": [ ]}, "id": "t1"}, {"name": "b"}]},
            {"text": "Broken", "fault": "no-stop"},
            {"refuse": "accessdenied"},
            {"refuse": "ThrottlingException", "retry_after": 0, "fault": ["drip", "split:5"]},
            {"text": "The last."}
        ],
        "full": [{
            "redacted": "c2VjcmV0", "text": "Sunny.",
            "citations": [{"title": "Weather", "location": {"web": {"url": "https://example.com"}}}],
            "usage": {"inputTokens": 7, "outputTokens": 5, "cacheReadInputTokens": 3}
        }],
        "events": [{"events": [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 3, "delta": {"text": "by hand"}}},
            {"throttlingException": {"message": "Slower."}}
        ]}],
        "*": [{"text": "once"}, {}]
    }"#;
    let (_folder, path) = file("script.json", script);
    let (_server, url) = serve(&["--script", &path]);

    let first = message(&url, "talks").lines().remove(0);
    assert_eq!(first["stopReason"], "max_tokens");
    let content = &first["output"]["message"]["content"];
    let reasoning = &content[0]["reasoningContent"]["reasoningText"];
    assert_eq!((&reasoning["text"], &reasoning["signature"]), (&json!("They greet."), &json!("c2lnbmVk")));
    assert!(first["usage"]["inputTokens"].as_u64() > Some(0), "{first}");
    assert_eq!(content[1]["text"], "Hello.");
    let second = message(&url, "talks");
    assert!(second.text().contains(r#""input":{"z": 1.50, "b": [ ]}"#), "{}", second.text());
    let second = second.lines().remove(0);
    assert_eq!(second["stopReason"], "tool_use");
    assert_eq!(second["output"]["message"]["content"][0]["toolUse"]["toolUseId"], "t1");
    assert_eq!(second["output"]["message"]["content"][1]["toolUse"]["name"], "b");
    let third = message(&url, "talks").failure();
    assert_eq!(third["kind"], "incomplete");
    assert_eq!(third["partial"]["output"]["message"]["content"][0]["text"], "Broken");
    assert_eq!(message(&url, "talks").failure()["status"], 403);
    // The refusal is one that passes, so the client comes again, for the next reply.
    for _ in 0..2 {
        let last = message(&url, "talks").lines().remove(0);
        assert_eq!(last["output"]["message"]["content"][0]["text"], "The last.");
    }

    let full = message(&url, "full").lines().remove(0);
    let content = &full["output"]["message"]["content"];
    assert_eq!(content[0]["reasoningContent"]["redactedContent"], "c2VjcmV0");
    let cited = &content[1]["citationsContent"];
    assert_eq!(cited["citations"][0]["location"]["web"]["url"], "https://example.com", "{full}");
    let counts =
        ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "totalTokens"];
    assert_eq!(
        counts.map(|name| full["usage"][name].as_u64()),
        [Some(7), Some(5), Some(3), Some(0), Some(15)]
    );

    let failure = message(&url, "events").failure();
    assert_eq!(failure["exception"], "throttlingException");
    assert_eq!(failure["partial"]["output"]["message"]["content"][0]["text"], "by hand");

    let texts = ["x", "y"].map(|model| message(&url, model).lines().remove(0));
    let texts = texts.map(|answer| answer["output"]["message"]["content"].to_string());
    assert!(texts[0].contains(r#""once""#) && !texts[1].contains(r#""once""#), "{texts:?}");
}

#[test]
fn a_script_finds_recordings_beside_it() {
    let Some(recordings) = recordings() else { return };
    let recording = smallest(recordings);
    let (folder, path) = file("script.json", r#"{"m": [{"recording": "copied.bin"}]}"#);
    fs::write(folder.path().join("copied.bin"), recording.bytes()).expect("there is room for a copy");
    let received = folder.path().join("received.bin");
    let received = received.to_str().expect("the path is UTF-8");
    let (_server, url) = serve(&["--script", &path]);
    converse(&url, &[&ASK[..], &["--record", received]].concat(), &[]);
    assert!(fs::read(received).expect("it was recorded") == recording.bytes());
}

#[test]
fn a_wrong_script_is_told_with_the_place() {
    for (script, place) in [
        ("[]", ":1:1: it is not a script, a list of replies by model id: invalid type"),
        ("\n\n[]", ":3:1: it is not a script"),
        ("", ":1:1: it is not a script"),
        ("{\n\"m\": [{},\n]}", ":3:1: it is not a script"),
        (r#"{"m": {}}"#, ":1:7: it is not a script"),
        (r#"{"ä": {}}"#, ":1:7: it is not a script"),
        (
            "{\"m\": [{}],\n \"m\": [{}]}",
            r#":2:4: it is not a script, a list of replies by model id: "m" is given twice"#,
        ),
        ("{\"m\": [{\"text\": \"a\",\n  \"text\": \"b\"}]}", r#":2:8: "m"[0]: "text" is given twice"#),
        (r#"{"m": [{"when": {"turn": 1, "turn": 2}}]}"#, r#":1:34: "m"[0].when: duplicate field `turn`"#),
        (
            r#"{"m": [{"when": {"prompt": {"is": "a", "is": "b"}}}]}"#,
            r#":1:43: "m"[0].when: duplicate field `is`"#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{"text": "a", "text": "b"}]}]}"#,
            r#":1:52: "m"[0].replies[0]: "text" is given twice"#,
        ),
        (
            r#"{"m": [{"when": {"prompt": {"is": "a", "starts_with": "b"}}}]}"#,
            r#"m"[0].when: only one of contains, is and starts_with can be given"#,
        ),
        (
            r#"{"m": [{"when": {"tool_result": []}}]}"#,
            r#""m"[0].when: invalid length 0, expected at least one"#,
        ),
        (r#"{"m": [{"tool": {"name": "x", "name": "y"}}]}"#, r#""m"[0].tool: duplicate field `name`"#),
        (
            r#"{"m": [{"tool": {"name": "x", "input": 5}}]}"#,
            r#":1:40: "m"[0].tool.input: it must be an object"#,
        ),
        (
            r#"{"m": [{"tool": [{"name": "x"}, {"name": "y", "input": []}]}]}"#,
            r#":1:56: "m"[0].tool[1].input: it must be an object"#,
        ),
        (r#"{"m": [{"tool": []}]}"#, r#":1:17: "m"[0].tool: the list is empty"#),
        (r#"{"m": [{"events": []}]}"#, r#":1:19: "m"[0].events: the list is empty"#),
        (
            r#"{"m": [{"events": [{"messageStart": {"role": "assistant"}}, {"nope": {}}]}]}"#,
            r#":1:61: "m"[0].events[1]: there is no event "nope"; there are messageStart, "#,
        ),
        (
            "{\"m\": [{\n\"stop\": \"nope\"}]}",
            r#":2:9: "m"[0].stop: there is no stop reason "nope"; there are end_turn, tool_use, "#,
        ),
        (r#"{"m": [{"usage": {"inputTokens": 1}}]}"#, r#""m"[0].usage: missing field `outputTokens`"#),
        (
            r#"{"m": [{"usage": {"inputTokens": 1, "outputTokens": -1}}]}"#,
            r#":1:54: "m"[0].usage: invalid value: integer `-1`"#,
        ),
        (
            r#"{"m": [{"usage": {"input": 1}}]}"#,
            r#""m"[0].usage: unknown field `input`, expected one of `inputTokens`"#,
        ),
        (r#"{"m": [{"redacted": "*"}]}"#, r#":1:21: "m"[0].redacted: it is not base64"#),
        (r#"{"m": [{"citations": []}]}"#, r#":1:22: "m"[0].citations: it needs "text""#),
        (r#"{"m": [{"text": "x", "citations": []}]}"#, r#":1:35: "m"[0].citations: the list is empty"#),
        (
            r#"{"m": [{"text": "x", "citations": [{"heading": "y"}]}]}"#,
            r#""m"[0].citations[0]: unknown field `heading`, expected one of `title`"#,
        ),
        (
            r#"{"m": [{"text": "x", "citations": {"location": {"page": {}}}}]}"#,
            r#""m"[0].citations: unknown variant `page`, expected one of `web`"#,
        ),
        (
            r#"{"m": [{"usage": {"inputTokens": 1, "outputTokens": 1}, "refuse": "throttling"}]}"#,
            r#"it cannot be combined with "refuse""#,
        ),
        (r#"{"m": []}"#, r#":1:7: "m": the list has no reply"#),
        (r#"{"m": [{}, 1]}"#, r#":1:12: "m"[1]: invalid type"#),
        (r#"{"m": [{"txt": ""}]}"#, r#":1:16: "m"[0].txt: a reply has no such member"#),
        ("{\"m\": [\n  {\"text\": 1}]}", r#":2:12: "m"[0].text: invalid type"#),
        (
            r#"{"m": [{"text": "", "events": [{"messageStop": {}}]}]}"#,
            r#""m"[0].text: it cannot be combined with "events""#,
        ),
        (
            r#"{"m": [{"refuse": "x"}]}"#,
            r#":1:19: "m"[0].refuse: there is no refusal "x"; there are AccessDenied"#,
        ),
        (r#"{"m": [{"retry_after": 1}]}"#, r#":1:24: "m"[0].retry_after: it needs "refuse""#),
        (r#"{"m": [{"refuse": "throttling", "retry_after": -1}]}"#, r#""m"[0].retry_after: invalid value"#),
        (r#"{"m": [{"fault": "x"}]}"#, r#"1:18: "m"[0].fault: there is no fault "x""#),
        ("{\"m\": [{\"tool\":\n {\"input\": {}}}]}", r#":2:14: "m"[0].tool: missing field `name`"#),
        ("{\"m\": [{\"events\": [{\"messageStop\": {}},\n\n 1]}]}", r#":3:2: "m"[0].events[1]: "#),
        (r#"{"m": [{"recording": "no.bin"}]}"#, r#":1:22: "m"[0].recording: cannot read "#),
        (
            "{\"m\": [{\"when\":\n{\"prompt\": \"x\",\n \"trun\": 1}}]}",
            r#":3:7: "m"[0].when: unknown field `trun`"#,
        ),
        (
            r#"{"m": [{"when": {"turn": 0}, "text": "x"}]}"#,
            r#":1:26: "m"[0].when: invalid value: integer `0`"#,
        ),
        (r#"{"m": [{"replies": [{}]}]}"#, r#":1:20: "m"[0].replies: it needs "when""#),
        (r#"{"m": [{"when": {}, "replies": []}]}"#, r#":1:32: "m"[0].replies: the list has no reply"#),
        (
            r#"{"m": [{"when": {}, "replies": [{}], "text": ""}]}"#,
            r#""m"[0].replies: it cannot be combined with "text""#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{}, {"text": 1}]}]}"#,
            r#":1:46: "m"[0].replies[1].text: invalid type"#,
        ),
        (
            r#"{"m": [{"when": {}, "replies": [{"when": {}}]}]}"#,
            r#""m"[0].replies[0].when: a reply has no such member"#,
        ),
    ] {
        let (_folder, path) = file("script.json", script);
        let run = run_alone(&["serve", "--script", &path]);
        let failure = run.failure();
        assert_eq!(failure["kind"], "input", "{script}");
        let message = failure["message"].as_str().expect("a failure has a message");
        assert!(message.starts_with(&path) && message.contains(place), "{script}: {message}");
        assert!(!message.contains(" at line "), "{script}: {message}");
    }
    assert_eq!(run_alone(&["serve", "--script", "no/such/file"]).failure()["kind"], "input");
    let (folder, _) = file("script.json", "");
    let path = folder.path().join("latin1.json");
    fs::write(&path, b"{\n \"m\": [{\"text\": \"\xfc\"}]}").expect("the folder can be written");
    let failure = run_alone(&["serve", "--script", path.to_str().expect("it is UTF-8")]).failure();
    let message = failure["message"].as_str().expect("a failure has a message");
    assert!(message.ends_with("latin1.json:2:18: it is not UTF-8"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_script_follows_an_agent_and_tells_what_never_matched() {
    let script = r#"{
        "weather": [
            {"when": {"turn": 1, "prompt": "Paris"}, "tool": {"name": "look", "input": {"city": "Paris"}, "id": "t1"}},
            {"when": {"tool_result": {"name": "look", "contains": "rain"}}, "text": "Take an umbrella."},
            {"when": {"tool_result": {"error": true}}, "text": "I cannot tell."},
            {"when": {"prompt": "busy"}, "replies": [{"refuse": "throttling", "retry_after": 0}, {"text": "Now."}]},
            {"text": "Where?"}
        ],
        "*": [{"when": {"model": {"starts_with": "us."}, "dialect": "converse"}, "text": "From the US."}]
    }"#;
    for signal in ["-INT", "-TERM"] {
        let (_folder, path) = file("script.json", script);
        let mut server = Running::spawn(program(&["serve", "--script", &path]).stderr(Stdio::piped()));
        let url = server.line();
        let ask = |model: &str, messages: Value| {
            let look = json!({"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}});
            let request = json!({"messages": messages, "toolConfig": {"tools": [look]}});
            let (_folder, request) = file("request.json", &request.to_string());
            let args =
                ["--credentials", "a:b", "--as", "message", "--model", model, "--request", &request, "-"];
            let run = converse(&url, &args[..args.len() - 1], &[]);
            assert_eq!(run.status, 0, "{}", run.stderr);
            run.lines().remove(0)["output"]["message"]["content"].clone()
        };
        let user = |text: &str| json!({"role": "user", "content": [{"text": text}]});
        let called = ask("weather", json!([user("Rain in Paris?")]));
        assert_eq!(called[0]["toolUse"]["input"], json!({"city": "Paris"}));
        let result = json!({"role": "user", "content": [
            {"toolResult": {"toolUseId": "t1", "content": [{"text": "heavy rain"}]}}]});
        let said =
            ask("weather", json!([user("Rain in Paris?"), {"role": "assistant", "content": called}, result]));
        assert_eq!(said[0]["text"], "Take an umbrella.");
        assert_eq!(ask("weather", json!([user("Hello")]))[0]["text"], "Where?");
        // The program's own client comes again after the refusal.
        assert_eq!(ask("weather", json!([user("busy?")]))[0]["text"], "Now.");
        let other =
            converse(&url, &["--credentials", "a:b", "--as", "message", "--model", "eu.x", "Hi"], &[]);
        assert!(other.stderr.contains("No reply of the script"), "{}", other.stderr);

        let id = server.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("there is kill").success());
        assert_eq!(server.child.wait().expect("it ends").code(), Some(0), "{signal}");
        let mut told = String::new();
        let mut stderr = server.child.stderr.take().expect("it was piped");
        stderr.read_to_string(&mut told).expect("it speaks UTF-8");
        let warning =
            |place: &str, when: &str| format!("warning: no request matched {path}:{place}: {when}\n");
        let expected = [
            warning("9:15", r#"{"model":{"starts_with":"us."},"dialect":"converse"}"#),
            warning("5:13", r#"{"tool_result":{"error":true}}"#),
        ];
        let told: Vec<&str> = told.lines().filter(|line| line.starts_with("warning: no request")).collect();
        assert_eq!(told, expected.iter().map(|line| line.trim_end()).collect::<Vec<_>>());
    }
}

#[test]
fn limits_are_options() {
    let (_server, url) = serve(&[
        "--read-timeout",
        "0.3",
        "--max-connections",
        "1",
        "--max-streams",
        "7",
        "--retry-after",
        "4",
        "--fault",
        "throttle",
    ]);
    let address = url.trim_start_matches("http://");
    let mut first = TcpStream::connect(address).expect("it listens");
    let mut second = TcpStream::connect(address).expect("it listens");
    assert!(second.read(&mut [0; 1]).is_err(), "one is enough");
    assert_eq!(first.read(&mut [0; 1]).expect("it is closed"), 0, "nothing came for 0.3 s");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut next = TcpStream::connect(address).expect("it listens");
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#;
        let head = "POST /model/m/converse HTTP/1.0\r\nHost: h\r\n";
        // It may be reset, as long as the first one is not gone.
        let _ = next.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let mut response = Vec::new();
        if next.read_to_end(&mut response).is_ok() && !response.is_empty() {
            let response = String::from_utf8_lossy(&response);
            assert!(
                response.starts_with("HTTP/1.0 429 ") && response.contains("retry-after: 4\r\n"),
                "{response}"
            );
            break;
        }
        assert!(Instant::now() < deadline, "nobody else is let in");
    }
}

#[test]
fn https_is_for_those_who_trust_its_authority() {
    let (_folder, authority) = file("ca.pem", "");
    let mut server = Running::start(&["serve", "--tls-ca", &authority]);
    let url = server.line();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    for transport in ["reqwest", "hyper"] {
        let args = [&ASK[..], &["--transport", transport]].concat();
        let run = converse(&url, &args, &[("SSL_CERT_FILE", &authority)]);
        assert_eq!(run.status, 0, "{transport}: {}", run.stderr);
    }
    assert_eq!(converse(&url, &ASK, &[]).failure()["kind"], "transport");
}

#[test]
fn files_that_cannot_be_written_are_told_at_once() {
    for option in ["--record", "--tls-ca"] {
        let failure = run_alone(&["serve", option, "no/such/folder/file"]).failure();
        assert_eq!(failure["kind"], "input", "{option}");
    }
}
