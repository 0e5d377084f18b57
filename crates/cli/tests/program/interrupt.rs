#![cfg(unix)]

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::run::{Run, Running, program, run_alone, wait};

/// Starts a program, waits until it has written so many bytes, and sends it Ctrl-C.
fn interrupted(args: &[&str], after: usize) -> Run {
    let mut child = program(args).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stdout = child.stdout.take().expect("it was piped");
    let mut seen = vec![0; after];
    stdout.read_exact(&mut seen).expect("it writes");
    interrupt(&child);
    stdout.read_to_end(&mut seen).expect("standard output can be read");
    Run { stdout: seen, ..wait(child) }
}

#[test]
fn what_had_come_is_kept_and_told() {
    for transport in ["hyper", "reqwest"] {
        let args = ["converse", "--demo", "--transport", transport, "Why is the sky blue?"];
        let run = interrupted(&args, 20);
        assert_eq!(run.status, 130, "{}", run.stderr);
        assert_eq!(run.stderr, "bedrock-stream: interrupted: the answer is incomplete\n");
        let text = run.text();
        assert!(text.len() >= 20 && text.starts_with("You asked: "), "{text}");

        let run = interrupted(&[&args[..], &["--as", "chunks"]].concat(), 200);
        assert_eq!(run.status, 130);
        let lines = run.lines();
        assert_eq!(lines[0]["type"], "start");
        assert_eq!(lines.last().expect("there are lines")["failure"]["kind"], "interrupted");
        assert!(lines.iter().all(|line| line["type"] != "done"));
    }
}

#[test]
fn the_recording_has_what_had_come() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("a.bin");
    let path = path.to_str().expect("the path is UTF-8");
    let run =
        interrupted(&["converse", "--demo", "--as", "events", "--record", path, "Why is the sky blue?"], 300);
    assert_eq!(run.status, 130);
    let bytes = fs::read(path).expect("it was recorded");
    let failure = run.lines().pop().expect("there is a line")["failure"].clone();
    let message = failure["message"].as_str().expect("a failure has a message");
    let len = bytes.len().to_string();
    // As a person reads it: with a comma before the last three digits.
    let len = match len.len() {
        4.. => format!("{},{}", &len[..len.len() - 3], &len[len.len() - 3..]),
        _ => len,
    };
    assert!(message.ends_with(&format!("; {len} bytes were saved to {path}")), "{message}");
    let again = run_alone(&["decode", "--as", "events", path]);
    let lines: Vec<Value> = run.lines();
    assert_eq!(again.lines()[..lines.len() - 1], lines[..lines.len() - 1]);
    assert_eq!(again.failure()["kind"], "incomplete");
}

#[test]
fn a_message_is_kept_in_part() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("a.bin");
    let args = [
        "converse",
        "--demo",
        "--as",
        "message",
        "--record",
        path.to_str().expect("the path is UTF-8"),
        "Why?",
    ];
    let child = program(&args).stderr(Stdio::piped()).spawn().expect("the program starts");
    while fs::metadata(&path).map_or(0, |file| file.len()) < 2_000 {
        sleep(Duration::from_millis(5));
    }
    interrupt(&child);
    let run = wait(child);
    assert_eq!(run.status, 130);
    let failure = run.lines().remove(0)["failure"].clone();
    assert_eq!(failure["kind"], "interrupted");
    assert!(failure["partial"]["output"]["message"]["content"][0].is_object(), "{failure}");
}

#[test]
fn a_wait_can_be_given_up() {
    let mut server = Running::start(&["serve", "--fault", "no-head"]);
    let url = server.line();
    for format in ["events", "chunks"] {
        let ask =
            ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m"];
        let args = [&ask[..], &["--as", format, "x"]].concat();
        let child = program(&args).stderr(Stdio::piped()).spawn().expect("the program starts");
        // Nothing tells when it listens; it has long begun to wait by then.
        sleep(Duration::from_secs(1));
        interrupt(&child);
        let run = wait(child);
        assert_eq!(run.status, 130, "{}", run.stderr);
        assert_eq!(run.stderr, "bedrock-stream: interrupted before anything of the answer came\n");
        assert_eq!(run.lines()[0]["failure"]["kind"], "interrupted");
    }
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is kill").success());
}
