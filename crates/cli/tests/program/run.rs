use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
#[cfg(unix)]
use std::time::Instant;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The result of a run of the program.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Run {
    let mut command = program(args);
    command.stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("it was piped");
    let stdin = stdin.to_vec();
    let feeder = thread::spawn(move || {
        // A program that has read enough does not read to the end.
        let _ = input.write_all(&stdin);
    });
    let run = wait(child);
    feeder.join().expect("the feeder does not panic");
    run
}

/// A run without any input.
pub(crate) fn run_alone(args: &[&str]) -> Run {
    run(args, b"")
}

/// The program with pipes and an empty environment.
pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-stream"));
    command.args(args).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Waits for the end, with a time limit.
pub(crate) fn wait(child: Child) -> Run {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver
        .recv_timeout(DEADLINE)
        .unwrap_or_else(|_| panic!("process {id} hangs"))
        .expect("the program can be waited for");
    Run {
        status: output.status.code().expect("no signal ended it"),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("it speaks UTF-8"),
    }
}

impl Run {
    /// Standard output, in lines of JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.text();
        assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end: {text}");
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Standard output.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("it prints UTF-8")
    }

    /// The failure in the last line of a run, which must have ended with status 1 and one sentence.
    pub(crate) fn failure(&self) -> Value {
        let lines = self.lines();
        let failure = lines.last().map(|line| line["failure"].clone()).expect("there is a line");
        assert!(failure.is_object(), "{lines:?}");
        self.check_failed(&failure);
        failure
    }

    /// Checks the status and the sentence that belong to a final failure.
    pub(crate) fn check_failed(&self, failure: &Value) {
        assert_eq!(self.status, 1, "{}", self.stderr);
        let message = failure["message"].as_str().expect("a failure has a message");
        assert!(!message.is_empty());
        let hint = failure["advice"].as_str().map(|advice| format!("hint: {advice}\n")).unwrap_or_default();
        assert_eq!(self.stderr, format!("bedrock-stream: {message}\n{hint}"));
    }
}

/// A running program whose pipes are used step by step; its standard error is discarded. Dropping it ends the program.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(program(args).stderr(Stdio::null()))
    }

    /// The same, with a given standard error.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        Self { child, stdin, stdout }
    }

    /// The next line of standard output, without its end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("standard output can be read");
        line.trim_end().to_owned()
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The status with which it ends, though nobody may read its pipes.
    #[cfg(unix)]
    pub(crate) fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The program may already have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const DEADLINE: Duration = Duration::from_secs(60);
