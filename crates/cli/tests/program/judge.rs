//! `judge`: commands that conclude rightly, wrongly, or not at all.

#![cfg(unix)]

use std::process::{Command, Stdio};

use crate::run::{Run, program, run_alone, wait};

/// Asks as the environment says, by this program.
fn asking(then: &str) -> String {
    let program = env!("CARGO_BIN_EXE_bedrock-stream");
    format!(
        "'{program}' converse --dialect \"$BEDROCK_STREAM_DIALECT\" --model \"$BEDROCK_STREAM_MODEL\" \
         --endpoint-url \"$BEDROCK_STREAM_URL\" --idle-timeout 2 --as chunks Hello >/dev/null; {then}"
    )
}

/// Judges a shell's script.
fn judged(options: &[&str], script: &str) -> Run {
    run_alone(&[&["judge"], options, &["--", "/bin/sh", "-c", script]].concat())
}

/// The rows, each as its mark and its first word.
fn rows(run: &Run) -> Vec<(String, String)> {
    let rows = run.text().lines().filter(|line| line.starts_with("ok ") || line.starts_with("WRONG "));
    rows.map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().expect("it has a mark"), words.next().expect("it has a case"))
    })
    .collect()
}

fn expect(run: &Run, expected: &[(&str, &str)]) {
    let rows = rows(run);
    let found: Vec<(&str, &str)> = rows.iter().map(|(mark, case)| (mark.as_str(), case.as_str())).collect();
    assert_eq!(found, expected, "{}\n{}", run.text(), run.stderr);
    let wrong = expected.iter().filter(|(mark, _)| *mark == "WRONG").count();
    assert_eq!(run.status, i32::from(wrong > 0), "{}", run.text());
}

#[test]
fn this_program_is_never_wrong() {
    for (dialect, faults) in [
        (
            "converse",
            &["cut", "bad-crc", "exception", "throttle", "stall-at", "repeat:message-stop", "drip"][..],
        ),
        ("invoke", &["no-stop", "huge-length", "error@middle", "error@stopped"]),
        ("chat", &["sse:done-early", "sse:no-done", "error@stopped", "json"]),
        ("responses", &["drop:message-stop", "sse:crlf", "bad-crc", "no-response"]),
        ("messages", &["sse:cut-line", "sse:pings", "exception", "html-body"]),
    ] {
        let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let run = judged(&[&["--dialect", dialect], &faults[..]].concat(), &asking("exit $?"));
        assert_eq!(run.status, 0, "{dialect}\n{}\n{}", run.text(), run.stderr);
        let summary = format!("{} cases, 0 wrong\n", faults.len() / 2 + 1);
        assert!(run.text().ends_with(&summary), "{dialect}\n{}", run.text());
    }
}

#[test]
fn who_takes_every_answer_for_whole_is_found_out() {
    let run = judged(&["--fault", "cut", "--fault", "drip", "--fault", "exception"], &asking("exit 0"));
    expect(&run, &[("ok", "no"), ("WRONG", "cut"), ("ok", "drip"), ("WRONG", "exception")]);
    assert!(run.text().ends_with("4 cases, 2 wrong\n"), "{}", run.text());
    assert!(run.text().contains("      it said: hint: try again"), "{}", run.text());
}

#[test]
fn the_word_must_be_the_right_one() {
    let says = asking("test $? = 0 && exit 0; echo conclusion: incomplete; exit 1");
    let run = judged(&["--fault", "cut", "--fault", "bad-crc"], &says);
    expect(&run, &[("ok", "no"), ("ok", "cut"), ("WRONG", "bad-crc")]);
    let contradicts = asking("test $? = 0 && exit 0; echo conclusion: incomplete; exit 0");
    let run = judged(&["--fault", "cut"], &contradicts);
    expect(&run, &[("ok", "no"), ("WRONG", "cut")]);
    assert!(run.text().contains("status 0, but incomplete"), "{}", run.text());
    let run = judged(&["--fault", "cut"], &asking("test $? = 0 && exit 0; kill -9 $$"));
    expect(&run, &[("ok", "no"), ("WRONG", "cut")]);
    assert!(run.text().contains("a signal ended it"), "{}", run.text());
}

#[test]
fn without_a_fault_everything_must_be_well() {
    for (script, told) in [("exit 0".to_owned(), "nothing, it sent no request"), (asking("exit 3"), "failed")]
    {
        let run = judged(&[], &script);
        expect(&run, &[("WRONG", "no")]);
        assert!(run.text().contains(told), "{}", run.text());
        assert!(run.stderr.contains("BEDROCK_STREAM_URL"), "{}", run.stderr);
    }
}

#[test]
fn who_calls_another_operation_is_told_which() {
    let program = env!("CARGO_BIN_EXE_bedrock-stream");
    let other = |dialect: &str, path: &str| {
        format!(
            "'{program}' converse --dialect {dialect} --model \"$BEDROCK_STREAM_MODEL\" \
             --endpoint-url \"$BEDROCK_STREAM_URL{path}\" --as chunks Hello >/dev/null; exit 0"
        )
    };
    for (script, called) in [
        (
            other("messages", ""),
            "of ChatCompletions, the operation of --dialect chat, but it called Messages (status 200)",
        ),
        (other("chat", "/wrong"), "but it called POST /wrong/openai/v1/chat/completions (status 404)"),
    ] {
        let run = judged(&["--dialect", "chat", "--fault", "cut"], &script);
        expect(&run, &[("WRONG", "no")]);
        assert!(run.text().contains("nothing, it streamed no such answer"), "{}", run.text());
        assert!(run.stderr.contains(called), "{}", run.stderr);
    }
}

#[test]
fn what_a_command_leaves_running_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("pid");
    let leaves = format!("status=$?; sleep 600 & echo $! >'{}'; exit $status", path.display());
    let run = judged(&["--fault", "cut"], &asking(&leaves));
    expect(&run, &[("ok", "no"), ("ok", "cut")]);
    assert_gone(&std::fs::read_to_string(path).expect("it was written"));
}

#[test]
fn who_hangs_is_killed_with_all_it_started() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("pid");
    let hangs = format!(
        "test $BEDROCK_STREAM_FAULT = none && exit 0; sleep 600 & echo $! >'{}'; wait",
        path.display()
    );
    let run = judged(&["--timeout", "3", "--fault", "drip"], &asking(&hangs));
    expect(&run, &[("ok", "no"), ("WRONG", "drip")]);
    assert!(run.text().contains("nothing, it hangs"), "{}", run.text());
    assert_gone(&std::fs::read_to_string(path).expect("it was written"));
}

#[test]
fn who_hangs_without_a_request_is_told_both() {
    let run = judged(&["--timeout", "1", "--fault", "cut"], "sleep 600");
    expect(&run, &[("WRONG", "no")]);
    assert!(run.text().contains("nothing, it sent no request, and hangs "), "{}", run.text());
}

fn assert_gone(pid: &str) {
    let signal = |pid: &str| {
        let mut kill = Command::new("kill");
        kill.args(["-0", pid]).stderr(Stdio::null()).status().expect("it can be run").success()
    };
    // A killed process is there until its parent, which may be any, has looked.
    let is_gone = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        !signal(pid.trim()) || state.contains(") Z ")
    });
    assert!(is_gone, "{pid} goes on");
}

#[test]
fn the_environment_leads_to_the_fake_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("environment");
    let script = asking(&format!("env >'{}'", path.display()));
    let args = ["judge", "--dialect", "messages", "--fault", "drip", "--", "/bin/sh", "-c", &script];
    let mut command = program(&args);
    command
        .env("AWS_PROFILE", "real")
        .env("AWS_BEARER_TOKEN_BEDROCK", "real")
        .env("ANTHROPIC_AUTH_TOKEN", "real");
    command.env("OTHER", "kept").stderr(Stdio::piped());
    let run = wait(command.spawn().expect("the program starts"));
    assert_eq!(run.status, 0, "{}\n{}", run.text(), run.stderr);
    let environment = std::fs::read_to_string(path).expect("it was written");
    let variable = |name: &str| {
        let line = environment.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.map(str::to_owned)
    };
    let url = variable("BEDROCK_STREAM_URL").expect("it is set");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    for (name, value) in [
        ("BEDROCK_STREAM_DIALECT", "messages"),
        ("BEDROCK_STREAM_MODEL", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("BEDROCK_STREAM_FAULT", "drip"),
        ("BEDROCK_STREAM_TIMEOUT", "10"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &url),
        ("OPENAI_BASE_URL", &format!("{url}/v1")),
        ("ANTHROPIC_BASE_URL", &format!("{url}/anthropic")),
        ("ANTHROPIC_BEDROCK_BASE_URL", &url),
        ("OTHER", "kept"),
    ] {
        assert_eq!(variable(name).as_deref(), Some(value), "{name}");
    }
    for name in ["AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_AUTH_TOKEN"] {
        assert_eq!(variable(name), None, "{name}");
    }
}

#[test]
fn wrong_usage_is_told() {
    for (args, told) in [
        (&["judge"][..], "COMMAND"),
        (&["judge", "--fault", "x", "--", "true"], "there is no fault"),
        (&["judge", "--dialect", "chat", "--fault", "sse:data-only", "--", "true"], "changes nothing there"),
        (
            &["judge", "--dialect", "invoke", "--model", "unheard.of", "--", "true"],
            "does not say whose payloads",
        ),
        (&["judge", "--timeout", "0", "--", "true"], "more than 0"),
    ] {
        let run = run_alone(args);
        assert_eq!((run.status, run.text()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(told), "{args:?}: {}", run.stderr);
    }
    let run = run_alone(&["judge", "--", "/nowhere/client"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.starts_with("bedrock-stream: cannot run /nowhere/client: "), "{}", run.stderr);
}

#[test]
fn a_judge_that_is_ended_takes_its_command_along() {
    use std::os::unix::process::ExitStatusExt as _;
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = folder.path().join("pids");
        let script = format!("sleep 600 & echo $! $$ >'{}'; sleep 600", path.display());
        let args = ["judge", "--timeout", "30", "--fault", "cut", "--", "/bin/sh", "-c", &script];
        let mut judge = program(&args).stderr(Stdio::null()).spawn().expect("the program starts");
        let pids = (0..500).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            std::fs::read_to_string(&path).ok().filter(|pids| pids.ends_with('\n'))
        });
        let pids = pids.expect("the command starts");
        let sent = Command::new("kill").args([&format!("-{signal}"), &judge.id().to_string()]).status();
        assert!(sent.expect("it can be run").success());
        let ended = judge.wait().expect("it can be waited for");
        pids.split_whitespace().for_each(assert_gone);
        assert_eq!((ended.code(), ended.signal()), (Some(status), None), "{signal}");
    }
}
