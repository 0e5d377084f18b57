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
