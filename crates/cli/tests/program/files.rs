//! No command destroys a file: its inputs stay unchanged, and existing files are only overwritten on request.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use bedrock_stream_testkit::answer;
use tempfile::TempDir;

use crate::run::{Run, Running, program, run_alone, wait};

/// A folder with one recording, `a.bin`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("a.bin"), recording()).expect("the file can be written");
    folder
}

fn recording() -> Vec<u8> {
    answer().text("one two three").usage(1, 2).to_bytes().expect("an answer can be encoded")
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("the path is UTF-8").to_owned()
}

/// Checks that the run failed with one sentence that contains `part`.
fn check_refused(run: &Run, part: &str) {
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("bedrock-stream: ") && run.stderr.contains(part), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn an_existing_file_is_overwritten_only_on_request() {
    let folder = folder();
    let (input, there, beside) =
        (path(&folder, "a.bin"), path(&folder, "there"), path(&folder, "there.times"));
    for args in [
        &["inspect", "-o", &there, &input][..],
        &["inspect", "--html", "--output", &there, &input],
        &["decode", "-o", &there, &input],
        &["converse", "--demo", "--as", "chunks", "--record", &there, "x"],
    ] {
        fs::write(&there, "mine").expect("the file can be written");
        check_refused(&run_alone(args), "already exists: choose another name, or use --force");
        assert_eq!(fs::read(&there).expect("it is there"), b"mine", "{args:?}");
        assert!(!Path::new(&beside).exists(), "{args:?}");
        let forced = run_alone(&[args, &["--force"]].concat());
        assert_eq!(forced.status, 0, "{args:?}: {}", forced.stderr);
        assert!(!fs::read(&there).expect("it is there").starts_with(b"mine"), "{args:?}");
        // A shorter result truncates the file.
        fs::write(&there, vec![b'x'; 1 << 20]).expect("the file can be written");
        assert_eq!(run_alone(&[args, &["--force"]].concat()).status, 0);
        assert!(fs::metadata(&there).expect("it is there").len() < 1 << 19, "{args:?}");
        fs::remove_file(&there).expect("it is there");
        let _ = fs::remove_file(&beside);
        assert_eq!(run_alone(args).status, 0, "{args:?}");
    }
    // The arrival times of a recording are also a file.
    fs::remove_file(&there).expect("it is there");
    fs::write(&beside, "mine").expect("the file can be written");
    let record = ["converse", "--demo", "--record", &there, "x"];
    check_refused(&run_alone(&record), "there.times already exists");
    assert!(!Path::new(&there).exists());
    assert_eq!(fs::read(&beside).expect("it is there"), b"mine");
}

#[test]
fn no_input_file_is_overwritten() {
    let folder = folder();
    let input = path(&folder, "a.bin");
    let mut names = vec![input.clone(), path(&folder, "./a.bin")];
    let hard = path(&folder, "hard.bin");
    fs::hard_link(&input, &hard).expect("the file system has links");
    names.push(hard);
    #[cfg(unix)]
    {
        let soft = path(&folder, "soft.bin");
        std::os::unix::fs::symlink("a.bin", &soft).expect("the file system has links");
        names.push(soft);
    }
    for name in &names {
        for args in [
            &["inspect", "-o", name, &input][..],
            &["inspect", "--html", "-o", name, &input],
            &["decode", "-o", name, &input],
            &["decode", "--as", "text", "-o", name, &input],
            &["converse", "--demo", "--as", "chunks", "--request", &input, "--record", name, "x"],
            &["converse", "--demo", "--as", "chunks", "--tools", &input, "--record", name, "x"],
        ] {
            let run = run_alone(&[args, &["--force"]].concat());
            assert_eq!(run.status, 1, "{args:?}");
            // An invalid request is reported before anything is written.
            let told = run.stderr.contains("is read by this command") || run.stderr.contains("a.bin");
            assert!(told, "{args:?}: {}", run.stderr);
            assert!(fs::read(&input).expect("it is there") == recording(), "{args:?}");
        }
    }
    // With the old name of the page's file, the page used to overwrite the recording.
    assert_eq!(run_alone(&["inspect", "--html", &input]).status, 0);
    assert!(fs::read(&input).expect("it is there") == recording());
    // The file of arrival times is not overwritten either, whether it was found or named.
    let times = path(&folder, "a.bin.times");
    let text = "{\"offset\":0,\"ms\":1}\n";
    fs::write(&times, text).expect("the file can be written");
    for args in [&["inspect", &input][..], &["inspect", "--html", "--times", &times, &input]] {
        let run = run_alone(&[args, &["-o", &times, "--force"]].concat());
        check_refused(&run, "is read by this command");
        assert_eq!(fs::read_to_string(&times).expect("it is there"), text);
    }
    let request = path(&folder, "request.json");
    let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    fs::write(&request, body).expect("the file can be written");
    let ask = ["converse", "--demo", "--request", &request, "--record", &request, "--force"];
    check_refused(&run_alone(&ask), "is read by this command");
    assert_eq!(fs::read_to_string(&request).expect("it is there"), body);
}

#[cfg(target_os = "linux")]
#[test]
fn a_redirected_stream_counts_as_its_file() {
    let folder = folder();
    let input = path(&folder, "a.bin");
    let open = || fs::OpenOptions::new().read(true).append(true).open(&input).expect("it is there");
    for args in [
        &["inspect", "-o", &input, "--force"][..],
        &["inspect", "--html", "-o", &input, "--force", "-"],
        &["decode", "-o", &input, "--force", "/dev/stdin"],
        &["decode", "-o", "/dev/stdin", "--force", &input],
        &["converse", "--demo", "--record", &input, "--force", "x"],
    ] {
        let mut command = program(args);
        let run = wait(command.stdin(open()).stderr(Stdio::piped()).spawn().expect("it starts"));
        check_refused(&run, "is read by this command");
        assert!(fs::read(&input).expect("it is there") == recording(), "{args:?}");
    }
    for args in [&["decode", &input][..], &["inspect"], &["inspect", "--html", &input], &["encode", &input]] {
        let mut command = program(args);
        command.stdin(open()).stdout(open()).stderr(Stdio::piped());
        let run = wait(command.spawn().expect("it starts"));
        assert_eq!(run.status, 1, "{args:?}");
        assert!(run.stderr.contains("is also standard output"), "{args:?}: {}", run.stderr);
        // A line of JSON may be appended where results are such lines, since nothing is lost.
        assert!(fs::read(&input).expect("it is there").starts_with(&recording()), "{args:?}");
        fs::write(&input, recording()).expect("the file can be written");
    }
}

#[test]
fn a_server_does_not_overwrite_its_inputs() {
    let folder = folder();
    let script = path(&folder, "script.json");
    let text = r#"{"*": [{"recording": "a.bin"}]}"#;
    fs::write(&script, text).expect("the file can be written");
    let recording_path = path(&folder, "a.bin");
    let whole = folder.path().to_str().expect("the path is UTF-8");
    for option in ["--record", "--tls-ca"] {
        for (args, name) in [
            (["--script", &*script], &script),
            (["--script", &*script], &recording_path),
            (["--recordings", whole], &recording_path),
        ] {
            let run = run_alone(&["serve", args[0], args[1], option, name, "--force"]);
            check_refused(&run, "is read by this command");
        }
    }
    assert_eq!(fs::read_to_string(&script).expect("it is there"), text);
    assert!(fs::read(&recording_path).expect("it is there") == recording());

    // The log is continued, and a certificate replaces an earlier one; nothing else is replaced.
    let (log, authority) = (path(&folder, "log"), path(&folder, "ca.pem"));
    fs::write(&log, "earlier\n").expect("the file can be written");
    for _ in 0..2 {
        let mut server = Running::start(&["serve", "--record", &log, "--tls-ca", &authority]);
        assert!(server.line().starts_with("https://"));
    }
    assert!(fs::read_to_string(&log).expect("it is there").starts_with("earlier\n"));
    // A file with a private key behind its certificate is a server's own.
    let certificate = fs::read_to_string(&authority).expect("it is there");
    let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
    for mine in [
        "mine",
        "-",
        &format!("{certificate}{key}"),
        // A chain, and one with the key inside it.
        &certificate.repeat(2),
        &format!("{certificate}{key}{certificate}"),
    ] {
        fs::write(&authority, mine).expect("the file can be written");
        check_refused(&run_alone(&["serve", "--tls-ca", &authority]), "already exists");
        assert_eq!(fs::read_to_string(&authority).expect("it is there"), mine);
    }
}

#[test]
fn results_can_go_to_a_file() {
    let folder = folder();
    let (input, output) = (path(&folder, "a.bin"), path(&folder, "out"));
    for args in [
        &["decode", &input][..],
        &["decode", "--as", "text", &input],
        &["decode", "--as", "messages", &input],
        &["inspect", "--html", &input],
        &["inspect", &input],
    ] {
        let printed = run_alone(args);
        let written = run_alone(&[args, &["-o", &output]].concat());
        assert_eq!((printed.status, written.status), (0, 0), "{args:?}");
        assert_eq!(fs::read(&output).expect("it was written"), printed.stdout, "{args:?}");
        if args[0] == "inspect" {
            assert!(written.text().starts_with("complete\n"), "the summary: {}", written.text());
        } else {
            assert_eq!(written.text(), "");
        }
        // `-` is standard output, not a file.
        assert_eq!(run_alone(&[args, &["-o", "-"]].concat()).stdout, printed.stdout, "{args:?}");
        fs::remove_file(&output).expect("it was written");
    }
    let damaged = &recording()[..50];
    fs::write(&input, damaged).expect("the file can be written");
    let run = run_alone(&["decode", "-o", &output, &input]);
    assert_eq!((run.status, run.text()), (1, ""));
    assert!(fs::read_to_string(&output).expect("it was written").starts_with(r#"{"failure":{"#));
}

/// Until an answer has come, there is nothing to put in its place.
#[test]
fn a_recording_is_kept_until_another_answer_comes() {
    let folder = folder();
    let (there, beside) = (path(&folder, "there"), path(&folder, "there.times"));
    let ask = [
        "converse",
        "--endpoint-url",
        "http://127.0.0.1:1",
        "--region",
        "us-east-1",
        "--model",
        "m",
        "--record",
        &there,
    ];
    let asked = |more: &[&str]| {
        let mut program = program(&[&ask, more].concat());
        program.stderr(Stdio::piped());
        wait(program.env("AWS_BEARER_TOKEN_BEDROCK", "any").spawn().expect("the program starts"))
    };
    let failed = asked(&["x"]);
    assert!(failed.status == 1 && failed.stderr.contains("no response"), "{}", failed.stderr);
    assert!(!Path::new(&there).exists() && !Path::new(&beside).exists());
    fs::write(&there, "mine").expect("the file can be written");
    let failed = asked(&["--force", "x"]);
    assert!(failed.status == 1 && failed.stderr.contains("no response"), "{}", failed.stderr);
    assert_eq!(fs::read(&there).expect("it is there"), b"mine");
}

/// A link to a file that does not exist yet.
#[cfg(unix)]
#[test]
fn a_link_is_kept_if_no_answer_comes() {
    let folder = folder();
    let there = path(&folder, "there");
    let ask = ["converse", "--endpoint-url", "http://127.0.0.1:1", "--region", "us-east-1", "--model", "m"];
    for link in ["there", "there.times"] {
        let link = path(&folder, link);
        std::os::unix::fs::symlink("elsewhere", &link).expect("the file system has links");
        let mut program = program(&[&ask[..], &["--record", &there, "x"]].concat());
        program.stderr(Stdio::piped()).env("AWS_BEARER_TOKEN_BEDROCK", "any");
        let failed = wait(program.spawn().expect("the program starts"));
        assert!(failed.status == 1 && failed.stderr.contains("no response"), "{}", failed.stderr);
        let target = fs::read_link(&link).expect("the link is still there");
        assert_eq!(target, Path::new("elsewhere"));
        fs::remove_file(&link).expect("it is there");
        fs::remove_file(folder.path().join("elsewhere")).expect("the link was followed");
    }
}

/// Times without their bytes are useless.
#[cfg(unix)]
#[test]
fn no_times_are_kept_of_an_answer_that_cannot_be_recorded() {
    let folder = folder();
    let there = path(&folder, "there");
    let mut shell = std::process::Command::new("/bin/sh");
    // The shell lets files be created, and nothing be written to them.
    shell.args(["-c", r#"trap "" XFSZ; ulimit -f 0; exec "$0" "$@""#, env!("CARGO_BIN_EXE_bedrock-stream")]);
    shell.args(["converse", "--demo", "--record", &there, "Why is the sky blue?"]);
    shell.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = wait(shell.spawn().expect("the shell starts"));
    check_refused(&run, "cannot write ");
    assert!(run.text().contains("Why is the sky blue?"), "the answer continues: {}", run.text());
    assert_eq!(fs::read(&there).expect("it was created"), b"");
    assert!(!folder.path().join("there.times").exists());
}

/// Nobody would look for the rest of it.
#[test]
fn a_recording_that_a_closed_pipe_cuts_is_told() {
    let folder = folder();
    let there = path(&folder, "there");
    let mut running =
        program(&["converse", "--demo", "--as", "chunks", "--record", &there, "Why is the sky blue?"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
    drop(running.stdout.take());
    let run = wait(running);
    assert_eq!(run.status, 0, "a closed pipe is no failure: {}", run.stderr);
    assert!(run.stderr.contains("standard output was closed before the answer ended"), "{}", run.stderr);
    assert!(run.stderr.contains(" bytes were saved to "), "{}", run.stderr);
}
