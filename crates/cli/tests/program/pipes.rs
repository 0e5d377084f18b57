use std::io::{BufRead as _, Read as _, Write as _};
use std::process::Stdio;
use std::thread;

use crate::bad_input::message;
use crate::run::{Running, program, run, wait};

#[test]
fn a_line_is_written_as_soon_as_its_message_arrives() {
    let mut running = Running::start(&["decode"]);
    let mut stdin = running.stdin.take().expect("it was piped");
    stdin.write_all(&message("messageStart", br#"{"role":"assistant"}"#)).expect("the program reads");
    assert_eq!(running.line(), r#"{"type":"start","role":"assistant"}"#);
    let delta = message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#);
    let (head, tail) = delta.split_at(delta.len() - 1);
    stdin.write_all(head).expect("the program reads");
    stdin.write_all(tail).expect("the program reads");
    assert_eq!(running.line(), r#"{"type":"block_start","block":0,"kind":"text"}"#);
    assert_eq!(running.line(), r#"{"type":"text","block":0,"text":"a"}"#);
    drop(stdin);
    assert!(running.line().starts_with(r#"{"failure":{"kind":"incomplete","#));
}

#[test]
fn a_message_is_written_as_soon_as_its_line_arrives() {
    let mut running = Running::start(&["encode"]);
    let mut stdin = running.stdin.take().expect("it was piped");
    for _ in 0..2 {
        stdin.write_all(b"{\"headers\":[],\"payload\":\"\"}\n").expect("the program reads");
        running.stdout.read_exact(&mut [0; 16]).expect("a message comes back");
    }
}

#[test]
fn a_result_is_one_line_whatever_the_model_wrote() {
    let stream = [
        message(
            "contentBlockStart",
            br#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"i","name":"n"}}}"#,
        ),
        message(
            "contentBlockDelta",
            br#"{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\n\r\n\t\"a\": 1.0}"}}}"#,
        ),
        message("contentBlockStop", br#"{"contentBlockIndex":0}"#),
        message("messageStop", br#"{"stopReason":"tool_use"}"#),
    ]
    .concat();
    let chunks = run(&["decode"], &stream);
    assert_eq!(chunks.status, 0, "{}", chunks.stderr);
    assert_eq!(chunks.text().lines().count(), 6);
    assert!(chunks.text().contains(r#""input":{   "#), "{}", chunks.text());
    assert_eq!(chunks.lines()[3]["input"], serde_json::json!({"a": 1.0}));
    assert_eq!(run(&["decode", "--as", "message"], &stream).text().lines().count(), 1);
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let stream = message("x", &[b' '; 1000]).repeat(1000);
    let lines = run(&["decode", "--as", "messages"], &stream).stdout;
    for (args, input) in
        [(&["decode", "--as", "messages"][..], &stream), (&["decode"], &stream), (&["encode"], &lines)]
    {
        let mut command = program(args);
        command.stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it was piped");
        let input = input.clone();
        let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
        let mut stdout = std::io::BufReader::with_capacity(16, child.stdout.take().expect("it was piped"));
        assert!(!stdout.fill_buf().expect("something comes").is_empty());
        drop(stdout);
        let run = wait(child);
        feeder.join().expect("the feeder does not panic");
        if args != ["decode"] {
            assert_eq!((run.status, &*run.stderr), (0, ""), "{args:?}");
        } else {
            // These messages are not events, whose errors may have been reported before the pipe was found closed.
            assert!(!run.stderr.contains("panic"), "{}", run.stderr);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let mut command = program(&["encode"]);
    command.stdout(full).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    stdin.write_all(b"{\"headers\":[],\"payload\":\"\"}\n").expect("the program reads");
    drop(stdin);
    let run = wait(child);
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stderr,
        "bedrock-stream: cannot write to standard output: No space left on device (os error 28)\n"
    );
}

#[test]
fn text_output_has_only_the_answer() {
    let delta = |text: &str| {
        let payload = serde_json::json!({"contentBlockIndex": 0, "delta": {"text": text}}).to_string();
        message("contentBlockDelta", payload.as_bytes())
    };
    let whole =
        [delta("one \u{1b}\u{9b}"), delta("two\n"), message("messageStop", br#"{"stopReason":"end_turn"}"#)]
            .concat();
    let text = run(&["decode", "--as", "text"], &whole);
    assert_eq!((text.status, text.text(), &*text.stderr), (0, "one \u{1b}\u{9b}two\n", ""));
    // What has arrived is kept, without any line of JSON.
    let cut = run(&["decode", "--as", "text"], &whole[..whole.len() - 1]);
    assert_eq!((cut.status, cut.text()), (1, "one \u{1b}\u{9b}two\n"));
    assert!(cut.stderr.starts_with("bedrock-stream: ") && cut.stderr.lines().count() == 1, "{}", cut.stderr);
}
