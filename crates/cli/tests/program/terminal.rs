//! The program on a terminal: a model's text cannot control the terminal, and its words are not split.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_testkit::{answer, event};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::run::{Running, program, run_alone, wait};

/// The output of a run that ends with `status`, on a terminal of this many columns, without colours.
fn shown(args: &[&str], columns: u16, status: i32) -> String {
    let mut command = program(args);
    command.env("TERM", "dumb");
    shown_by(command, columns, status)
}

/// The same for a command with its own environment.
fn shown_by(mut command: Command, columns: u16, status: i32) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are pseudo-terminals");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name").into_string().expect("the name is UTF-8");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).expect("it has a size");
    let theirs = File::options().read(true).write(true).open(name).expect("the other end can be opened");
    let handle = || Stdio::from(theirs.try_clone().expect("there are handles"));
    command.stdin(Stdio::null()).stdout(handle()).stderr(handle());
    let mut child = command.spawn().expect("the program starts");
    // Closes this process's copies, so that only the program keeps the terminal open.
    drop((command, theirs));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read(ours)));
    let text = receiver.recv_timeout(Duration::from_secs(60)).expect("the program ends");
    assert_eq!(child.wait().expect("it can be waited for").code(), Some(status), "{text}");
    text.replace("\r\n", "\n")
}

fn read(terminal: OwnedFd) -> String {
    let mut terminal = File::from(terminal);
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // Linux reports the end as an error.
    while let Ok(len @ 1..) = terminal.read(&mut piece) {
        shown.extend_from_slice(&piece[..len]);
    }
    String::from_utf8(shown).expect("it prints UTF-8")
}

/// Every character that a terminal acts on.
fn hostile() -> String {
    let controls = (0..0x20).chain(0x7f..0xa0).filter(|c| ![0x09, 0x0a].contains(c));
    let others = [0x61c, 0x200e, 0x200f, 0x2028, 0x2029];
    let all = controls.chain(others).chain(0x202a..=0x202e).chain(0x2066..=0x2069);
    let mut text: String = all.filter_map(char::from_u32).collect();
    text.push_str("\u{1b}[2J\u{9b}31m\u{1b}]0;x\u{7}");
    text
}

fn check_harmless(text: &str, what: &str) {
    let acts = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(|c| acts(*c)), None, "{what}: {text:?}");
}

#[test]
fn no_view_outputs_a_control_character() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("a.bin");
    let hostile = hostile();
    let tool = json!({ &hostile: &hostile });
    let answer = answer().reasoning(&hostile).text(&hostile).tool_with_id(&*hostile, &*hostile, tool);
    fs::write(&path, answer.to_bytes().expect("an answer can be encoded")).expect("the file can be written");
    let path = path.to_str().expect("the path is UTF-8");
    for format in ["text", "messages", "events", "chunks", "message"] {
        let text = shown(&["decode", "--as", format, path], 80, 0);
        check_harmless(&text, format);
        if format == "text" {
            assert!(text.contains("\\u{9b}") && text.contains("\\u{202e}"), "{text}");
            continue;
        }
        // The JSON is equal to what a pipe gets, byte for byte as the model wrote it.
        let piped = run_alone(&["decode", "--as", format, path]);
        let parse = |text: &str| -> Vec<Value> {
            text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
        };
        assert_eq!(parse(&text), piped.lines(), "{format}");
        if format != "messages" {
            assert!(piped.text().contains("\u{9b}") && piped.text().contains("\u{202e}"), "{format}");
            assert!(
                text.contains("\\u009b") && text.contains("\\u202e") && text.contains("\\u007f"),
                "{text}"
            );
        }
    }
    for args in [&["inspect", path][..], &["inspect", "--full", path], &["inspect", "--html", path]] {
        check_harmless(&shown(args, 80, 0), &format!("{args:?}"));
    }
    let piped = run_alone(&["decode", "--as", "text", path]);
    assert!(piped.text().contains(&hostile), "through a pipe the bytes stay as they are");

    // Over HTTP too, for complete and incomplete answers, and in the text of exceptions.
    let script = folder.path().join("script.json");
    let exception = json!({ "throttlingException": { "message": &hostile } });
    let delta = |text: &str| json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text}}});
    // No script may have an event that does not exist.
    let unknown = bedrock_stream_testkit::answer()
        .event(event::unknown(&*hostile, json!(&hostile)))
        .stop(StopReason::from(&*hostile));
    let unknown = unknown.to_bytes().expect("it can be encoded");
    fs::write(folder.path().join("unknown.bin"), unknown).expect("the file can be written");
    let replies = json!({
        "whole": [{ "text": &hostile, "reasoning": &hostile }],
        "broken": [{ "events": [delta(&hostile), exception] }],
        "unknown": [{ "recording": "unknown.bin" }],
    });
    fs::write(&script, replies.to_string()).expect("the file can be written");
    let mut server = Running::start(&["serve", "--script", script.to_str().expect("the path is UTF-8")]);
    let url = server.line();
    for (model, status) in [("whole", 0), ("broken", 1), ("unknown", 0)] {
        for format in ["text", "events", "chunks", "message"] {
            let ask = ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "x"];
            let args = [&ask[..], &["--model", model, "--as", format]].concat();
            check_harmless(&shown(&args, 80, status), &format!("{model} as {format}"));
        }
    }
}

#[test]
fn colors_follow_the_environment_only_on_a_terminal() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("a.bin");
    let answer = answer().reasoning("Hm").text("Yes");
    fs::write(&path, answer.to_bytes().expect("an answer can be encoded")).expect("the file can be written");
    let path = path.to_str().expect("the path is UTF-8");
    let commands = [&["inspect", path][..], &["decode", "--as", "text", path]];
    let xterm = ("TERM", "xterm");
    for (environment, choice, colored) in [
        (&[xterm][..], None, true),
        (&[xterm, ("NO_COLOR", "")], None, true),
        (&[xterm, ("NO_COLOR", "1")], None, false),
        (&[xterm, ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], None, false),
        (&[xterm, ("NO_COLOR", "1")], Some("always"), true),
        (&[xterm, ("CLICOLOR", "0")], None, false),
        (&[xterm, ("CLICOLOR_FORCE", "1")], None, true),
        (&[xterm, ("CLICOLOR_FORCE", "1")], Some("never"), false),
        (&[xterm], Some("never"), false),
        (&[("TERM", "dumb")], None, false),
        (&[("TERM", "dumb"), ("CI", "true")], None, false),
        (&[("TERM", "dumb")], Some("always"), true),
    ] {
        for args in commands {
            let choice = choice.map(|choice| ["--color", choice]);
            let args = [args, choice.as_ref().map_or(&[], |choice| &choice[..])].concat();
            let mut command = program(&args);
            command.envs(environment.iter().copied());
            let text = shown_by(command, 80, 0);
            assert_eq!(text.contains("\u{1b}["), colored, "{environment:?} {args:?}: {text:?}");
        }
    }
    // No variable puts colours into a pipe.
    for variable in ["CLICOLOR_FORCE", "CLICOLOR", "CI"] {
        for args in commands {
            let mut command = program(args);
            command.env("TERM", "xterm").env(variable, "1").stderr(Stdio::piped());
            let run = wait(command.spawn().expect("the program starts"));
            assert!(run.status == 0 && !run.text().contains('\u{1b}'), "{variable} {args:?}");
        }
    }
}

#[test]
fn words_are_not_split() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let script = folder.path().join("script.json");
    let text = "Rayleigh scattering: molecules of the atmosphere scatter short wavelengths of light.\n\n    let x = 1;\n\
                空が青いのは、短い波長の光がよく散乱されるからです。そして夕方には赤くなります。 Und das ist alles.";
    fs::write(&script, json!({ "*": [{ "text": text, "reasoning": text }] }).to_string())
        .expect("there is room");
    let mut server = Running::start(&["serve", "--script", script.to_str().expect("the path is UTF-8")]);
    let url = server.line();
    let ask =
        ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m", "x"];
    for columns in [20, 33, 80] {
        let shown = shown(&ask, columns, 0);
        let (answer, cost) = shown.trim_end().rsplit_once('\n').expect("there are lines");
        assert!(cost.contains(" tokens out"), "{shown}");
        for line in answer.lines() {
            assert!(line.width() <= usize::from(columns), "{line:?} has more than {columns} columns");
        }
        let words: Vec<&str> = shown.split_whitespace().collect();
        for word in text.split_whitespace().filter(|word| word.is_ascii()) {
            assert!(words.iter().filter(|shown| **shown == word).count() >= 2, "{word} is cut: {shown}");
        }
        assert!(answer.contains("\n    let x = 1;\n"), "{answer}");
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        assert!(letters(answer).ends_with(&letters(text)), "nothing else is changed: {answer}");
    }
}

#[test]
fn the_text_of_a_recording_is_the_text_of_its_answer() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("a.bin");
    let path = path.to_str().expect("the path is UTF-8");
    let first = shown(&["converse", "--demo", "--record", path, "Why?"], 60, 0);
    let again = shown(&["decode", "--as", "text", path], 60, 0);
    // The time that an earlier answer took is unknown.
    let (answer, cost) = again.trim_end().rsplit_once('\n').expect("there are lines");
    assert!(first.starts_with(answer), "{first:?} {answer:?}");
    assert!(
        cost.ends_with(" tokens out") && first.contains(&format!("\n{cost}, first token after ")),
        "{first}"
    );
}

#[test]
fn the_demo_suggests_what_to_try_next() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("my answer.bin");
    let path = path.to_str().expect("the path is UTF-8");
    let name = env!("CARGO_BIN_EXE_bedrock-stream");
    let first = shown(&["converse", "--demo", "Why?"], 200, 0);
    assert!(first.contains(&format!("\n  {name} converse --demo --record answer.bin \"")), "{first}");
    assert!(first.trim_end().ends_with(&format!("\n  {name} inspect answer.bin")), "{first}");
    let second = shown(&["converse", "--demo", "--record", path, "Why?"], 200, 0);
    assert!(second.contains(&format!("\n  {name} inspect '{path}'\n")), "{second}");
    assert!(second.contains(" --model us.amazon.nova-lite-v1:0 "), "{second}");
    // Not if a program reads the output, nor for users who have chosen options.
    assert_eq!(run_alone(&["converse", "--demo", "Why?"]).stderr, "");
    let chunks = shown(&["converse", "--demo", "--as", "chunks", "Why?"], 200, 0);
    assert!(!chunks.contains("inspect"), "{chunks}");
}
