use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bad_input::message;
use crate::run::{Run, Running, program, run, run_alone};

#[test]
fn every_command_has_examples() {
    for command in ["converse", "decode", "inspect", "encode", "serve", "judge", "completions", "man"] {
        for help in ["-h", "--help"] {
            let run = run_alone(&[command, help]);
            assert_eq!((run.status, &*run.stderr), (0, ""), "{command}");
            let text = run.text();
            assert!(text.contains("\nExamples:\n") && text.contains("bedrock-stream "), "{command}: {text}");
            assert!(!text.contains('\u{1b}'), "{command}");
        }
    }
    let encode = run_alone(&["encode", "--help"]).text().replace("\n", " ");
    for limit in ["32,767 bytes", "128 KiB", "24 MiB"] {
        assert!(encode.contains(limit), "{limit}: {encode}");
    }
    assert!(run_alone(&["--help"]).text().contains("130 if Ctrl-C ended it"));
}

#[test]
fn every_command_has_a_man_page() {
    let page = run_alone(&["man"]);
    assert_eq!((page.status, &*page.stderr), (0, ""));
    assert!(
        page.text().contains(".TH bedrock-stream 1")
            && page.text().contains("bedrock\\-stream\\-converse(1)")
    );
    for (command, word) in [
        ("converse", "\\-\\-max\\-tokens"),
        ("serve", "\\-\\-fault"),
        ("gateway", "\\-\\-alias"),
        ("man", "EXTRA"),
    ] {
        let page = run_alone(&["man", command]);
        assert_eq!((page.status, &*page.stderr), (0, ""), "{command}");
        assert!(page.text().contains(&format!(".TH bedrock-stream-{command} 1")), "{}", page.text());
        assert!(page.text().contains(word), "{command}: {}", page.text());
    }
    let unknown = run_alone(&["man", "woman"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("woman"), "{}", unknown.stderr);
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run_alone(&["completions", shell]);
        assert_eq!((run.status, &*run.stderr), (0, ""), "{shell}");
        for word in ["inspect", "as-recorded", "converse"] {
            assert!(run.text().contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run_alone(&["completions", "tcsh"]).status, 2);
}

#[test]
fn a_prompt_is_read_from_standard_input() {
    for args in [&["converse", "--demo"][..], &["converse", "--demo", "-"]] {
        let run = run(args, "Why is\nthe \u{e9}ther blue?\n".as_bytes());
        assert_eq!((run.status, &*run.stderr), (0, ""), "{args:?}");
        assert!(run.text().contains("Why is\nthe \u{e9}ther blue?\""), "{}", run.text());
    }
    let among = run(&["converse", "--demo", "Review", "-", "and", "that"], b"this diff\n");
    assert!(among.text().contains("Review this diff and that\""), "{}", among.text());
    // A prompt on standard input that was not asked for is not awaited either.
    let mut open = Running::start(&["converse", "--demo", "5", "minus", "3"]);
    assert!(open.stdin.is_some() && open.line().contains("5 minus 3"));
    for (args, stdin, part) in [
        (&["converse", "--demo"][..], &b" \n"[..], "standard input is empty"),
        (&["converse", "--demo", "--request", "-", "-"], b"{}", "can be only one of"),
    ] {
        let run = run(args, stdin);
        assert_eq!((run.status, run.text()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let binary = run(&["converse", "--demo", "--as", "chunks"], b"\xff");
    assert_eq!(binary.failure()["kind"], "input");
}

#[test]
fn errors_have_hints() {
    let asked = |args: &[&str]| run_alone(&[&["converse", "--model", "m", "x"], args].concat());
    for (args, part) in [
        (&[][..], "set AWS_REGION, or use --region"),
        (&["--region", "us-east-1"], "set AWS_BEARER_TOKEN_BEDROCK"),
    ] {
        let run = asked(args);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let keys = ["--region", "us-east-1", "--credentials", "a:b"];
    let hint = |run: &Run| {
        let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
        hint.unwrap_or_else(|| panic!("there is no hint: {}", run.stderr)).to_owned()
    };
    for transport in ["reqwest", "hyper"] {
        let transport = ["--transport", transport];
        let refused = asked(&[&keys[..], &transport, &["--endpoint-url", "http://127.0.0.1:1"]].concat());
        assert!(hint(&refused).contains("nothing listens there"), "{}", refused.stderr);
        let unknown =
            asked(&[&keys[..], &transport, &["--endpoint-url", "http://no-such-host.invalid"]].concat());
        assert!(hint(&unknown).contains("--region"), "{}", unknown.stderr);
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let script = folder.path().join("script.json");
    let replies =
        r#"{"denied": [{"refuse": "AccessDenied"}], "known": [{}], "invalid": [{"refuse": "Validation"}]}"#;
    fs::write(&script, replies).expect("the file can be written");
    let mut server = Running::start(&["serve", "--script", script.to_str().expect("the path is UTF-8")]);
    let url = server.line();
    let denied =
        run_alone(&[&["converse", "--model", "denied", "x", "--endpoint-url", &url], &keys[..]].concat());
    assert!(hint(&denied).contains("Model access"), "{}", denied.stderr);
    let json = ["--as", "chunks"];
    let denied = [&["converse", "--model", "denied", "x", "--endpoint-url", &url], &keys[..], &json].concat();
    let failure = run_alone(&denied).failure();
    assert!(failure["advice"].as_str().is_some_and(|advice| advice.contains("Model access")), "{failure}");

    let recording = folder.path().join("known.bin");
    fs::write(recording, b"x").expect("the file can be written");
    let mut server =
        Running::start(&["serve", "--recordings", folder.path().to_str().expect("the path is UTF-8")]);
    let url = server.line();
    let unknown =
        run_alone(&[&["converse", "--model", "mm", "x", "--endpoint-url", &url], &keys[..]].concat());
    assert!(hint(&unknown).contains("list-foundation-models"), "{}", unknown.stderr);
}

#[test]
fn a_skipped_event_is_reported_with_its_offset() {
    let start = message("messageStart", br#"{"role":"assistant"}"#);
    let skipped = [
        message("contentBlockDelta", b"{"),
        message("contentBlockDelta", br#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#),
        {
            let mut nameless = Vec::new();
            bedrock_stream_core::frame::encode(&[], b"", &mut nameless).expect("the message can be encoded");
            nameless
        },
    ];
    let stop = message("messageStop", br#"{"stopReason":"end_turn"}"#);
    let stream = [&start[..], &skipped[0], &skipped[1], &skipped[2], &stop].concat();
    let offsets =
        [start.len(), start.len() + skipped[0].len(), start.len() + skipped[0].len() + skipped[1].len()];
    let check = |run: &Run| {
        let failures: Vec<Value> =
            run.lines().into_iter().map(|line| line["failure"].clone()).filter(Value::is_object).collect();
        let found: Vec<usize> = failures
            .iter()
            .map(|failure| failure["offset"].as_u64().expect("it has a place") as usize)
            .collect();
        assert_eq!(found, offsets, "{}", run.text());
        for (failure, offset) in failures.iter().zip(offsets) {
            let message = failure["message"].as_str().expect("a failure has a message");
            assert!(message.starts_with(&format!("at byte {offset}, ")), "{message}");
        }
    };
    check(&run(&["decode"], &stream));
    check(&run(&["decode", "--as", "events"], &stream));
    // Over HTTP too, whichever way the answer is read.
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("m.bin"), &stream).expect("the file can be written");
    let mut server =
        Running::start(&["serve", "--recordings", folder.path().to_str().expect("the path is UTF-8")]);
    let url = server.line();
    let ask =
        ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m", "x"];
    for format in ["chunks", "events"] {
        check(&run_alone(&[&ask[..], &["--as", format]].concat()));
    }
}

#[test]
fn a_recording_is_replayed_at_its_pace() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = |name: &str| folder.path().join(name).to_str().expect("the path is UTF-8").to_owned();
    let script = path("script.json");
    fs::write(&script, r#"{"*": [{"text": "one two three four five six"}]}"#)
        .expect("the file can be written");
    let mut server = Running::start(&["serve", "--script", &script, "--tokens-per-second", "10"]);
    let url = server.line();
    let ask = |url: &str, record: &str| {
        let begun = Instant::now();
        let run = run_alone(&[
            "converse",
            "--endpoint-url",
            url,
            "--region",
            "r",
            "--credentials",
            "a:b",
            "--model",
            "m",
            "--record",
            record,
            "--force",
            "hello",
        ]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        begun.elapsed()
    };
    ask(&url, &path("m.bin"));
    let times = fs::read_to_string(path("m.bin.times")).expect("the times were recorded");
    let reads: Vec<Value> =
        times.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert!(reads.len() > 4, "{times}");
    assert_eq!(reads[0]["offset"], 0);
    let body = fs::metadata(path("m.bin")).expect("it was recorded").len();
    for pair in reads.windows(2) {
        assert!(pair[0]["offset"].as_u64() < pair[1]["offset"].as_u64(), "{times}");
        assert!(pair[0]["ms"].as_f64() <= pair[1]["ms"].as_f64(), "{times}");
    }
    let last = reads.last().expect("there are reads");
    assert!(last["offset"].as_u64().expect("a number") < body);
    let took = Duration::from_secs_f64(last["ms"].as_f64().expect("a number") / 1_000.0);
    assert!(took >= Duration::from_millis(400), "{times}");

    let inspected = run_alone(&["inspect", &path("m.bin")]);
    assert!(inspected.text().contains("longest gap"), "{}", inspected.text());

    let folder_path = folder.path().to_str().expect("the path is UTF-8");
    for (option, speed) in [("--as-recorded", 1.0), ("--as-recorded=4", 4.0)] {
        let mut server = Running::start(&["serve", "--recordings", folder_path, option]);
        let again = ask(&server.line(), &path("again"));
        assert!(again >= took.div_f64(speed), "{option}: {again:?} instead of {took:?}");
        assert!(
            fs::read(path("again")).expect("it was recorded") == fs::read(path("m.bin")).expect("it was")
        );
        if speed > 1.0 {
            assert!(again < took, "{option}: {again:?} instead of {took:?}");
        }
        fs::remove_file(path("again.times")).expect("the times were recorded");
    }
    // A script's recordings have their times too.
    fs::write(&script, r#"{"*": [{"recording": "m.bin"}]}"#).expect("the file can be written");
    let mut server = Running::start(&["serve", "--script", &script, "--as-recorded"]);
    assert!(ask(&server.line(), &path("again")) >= took);
    fs::write(path("m.bin.times"), "no times").expect("the file can be written");
    let failure = run_alone(&["serve", "--script", &script, "--as-recorded"]).failure();
    assert!(failure["message"].as_str().is_some_and(|message| message.contains("m.bin.times")), "{failure}");
    for wrong in ["--as-recorded=0", "--as-recorded=-1", "--as-recorded=x", "--as-recorded=inf"] {
        assert_eq!(run_alone(&["serve", wrong]).status, 2, "{wrong}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_log_is_reported_and_the_server_continues() {
    let mut command = program(&["serve", "--record", "/dev/full"]);
    let mut child = command.stderr(Stdio::null()).spawn().expect("the program starts");
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("it was piped"));
    let mut line = || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut line).expect("standard output can be read");
        line.trim_end().to_owned()
    };
    let url = line();
    let ask =
        ["converse", "--endpoint-url", &url, "--region", "r", "--credentials", "a:b", "--model", "m", "x"];
    for _ in 0..2 {
        assert_eq!(run_alone(&ask).status, 0);
    }
    let failure: Value = serde_json::from_str(&line()).expect("it is JSON");
    assert_eq!(failure["failure"]["kind"], "input");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
