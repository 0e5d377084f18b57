use std::process::{Command, Stdio};

use serde_json::Value;

use crate::recordings::smallest;
use crate::run::{Run, Running, program, wait};
use crate::shared::recordings;

/// A fake Bedrock, and its URL.
fn serve(args: &[&str]) -> (Running, String) {
    let mut running = Running::start(&[&["serve"], args].concat());
    let url = running.line();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    (running, url)
}

fn converse(url: &str, args: &[&str], env: &[(&str, &str)]) -> Run {
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
    let folder = tempfile::tempdir().expect("there is room for a folder");
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
        assert_eq!(text.stderr.lines().count(), 1, "{fault}: {}", text.stderr);
        assert!(!text.text().contains("failure"), "{fault}");
    }
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
