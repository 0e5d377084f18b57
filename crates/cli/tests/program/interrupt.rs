#![cfg(unix)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bedrock_stream_testkit::answer;
use serde_json::Value;

use crate::run::{Run, Running, program, run_alone, wait};

/// Starts a program, waits until it has written this many bytes, and sends it Ctrl-C.
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
fn what_has_arrived_is_kept_and_reported() {
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
fn the_recording_has_what_has_arrived() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("a.bin");
    let path = path.to_str().expect("the path is UTF-8");
    let run =
        interrupted(&["converse", "--demo", "--as", "events", "--record", path, "Why is the sky blue?"], 300);
    assert_eq!(run.status, 130);
    let bytes = fs::read(path).expect("it was recorded");
    let failure = run.lines().pop().expect("there is a line")["failure"].clone();
    let message = failure["message"].as_str().expect("a failure has a message");
    let len = bytes.len().to_string();
    // Formatted for people: with a comma before the last three digits.
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
fn a_partial_message_is_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
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
fn a_wait_can_be_interrupted() {
    let mut server = Running::start(&["serve", "--fault", "no-head"]);
    let url = server.line();
    for format in ["events", "chunks"] {
        let ask =
            ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m"];
        let args = [&ask[..], &["--as", format, "x"]].concat();
        let child = program(&args).stderr(Stdio::piped()).spawn().expect("the program starts");
        // Nothing signals that the program is listening, but by then it has been waiting for a while.
        sleep(Duration::from_secs(1));
        interrupt(&child);
        let run = wait(child);
        assert_eq!(run.status, 130, "{}", run.stderr);
        assert_eq!(run.stderr, "bedrock-stream: interrupted before any of the answer arrived\n");
        assert_eq!(run.lines()[0]["failure"]["kind"], "interrupted");
    }
}

/// Printed output stays, input files are unchanged, and an output file keeps its content so far.
#[test]
fn every_command_that_reads_ends_with_130() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let output = folder.path().join("out");
    let output = output.to_str().expect("the path is UTF-8");
    let stream = answer().text("one").to_bytes().expect("an answer can be encoded");
    // Everything except the end, so that the program waits for more.
    let start = &stream[..stream.len() - 200];
    let line = b"{\"headers\":[],\"payload\":\"\"}\n";
    for (args, input, results) in [
        (&["decode"][..], start, 20),
        (&["decode", "--as", "messages"], start, 20),
        (&["decode", "-o", output], start, 0),
        (&["inspect"], start, 20),
        (&["inspect", "--html", "-o", output], start, 0),
        (&["encode"], line, 16),
    ] {
        let mut child = program(args).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it was piped");
        stdin.write_all(input).expect("the program reads");
        let mut stdout = child.stdout.take().expect("it was piped");
        let mut printed = vec![0; results];
        stdout.read_exact(&mut printed).expect("it writes");
        while args.contains(&"-o") && !fs::exists(output).expect("the folder can be read") {
            sleep(Duration::from_millis(5));
        }
        interrupt(&child);
        let run = wait(child);
        drop(stdin);
        assert_eq!(run.status, 130, "{args:?}");
        assert_eq!(run.stderr, "bedrock-stream: interrupted\n", "{args:?}");
        let _ = fs::remove_file(output);
    }
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is kill").success());
}
