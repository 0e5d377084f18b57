//! A fake Bedrock, and a program of the guides that is run against it.

#[cfg(unix)]
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
#[cfg(unix)]
use std::process::Child;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
#[cfg(unix)]
use std::thread::sleep;
#[cfg(unix)]
use std::time::{Duration, Instant};

use bedrock_stream_testkit::{FakeBedrock, Reply};
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use tokio::runtime::Runtime;

/// The fakes run beside the tests, which wait for the programs.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("there is an event queue"));

pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) succeeded: bool,
    pub(crate) code: Option<i32>,
}

/// A fake that gives one model these replies, in order, and the last one again.
pub(crate) fn start<R: Into<Reply>>(model: &str, replies: impl IntoIterator<Item = R>) -> FakeBedrock {
    let builder = FakeBedrock::builder();
    let builder = replies.into_iter().fold(builder, |builder, reply| builder.reply(model, reply));
    RUNTIME.block_on(builder.start()).expect("a port is free")
}

/// Runs a program with an environment that names nothing but the fake.
pub(crate) fn run(name: &str, bedrock: Option<&FakeBedrock>, stdin: &str, folder: &Path) -> Ran {
    let mut command = program(name, bedrock);
    command.current_dir(folder).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that reads nothing may have ended by now.
    let _ = child.stdin.take().expect("it was piped").write_all(stdin.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("programs print text");
    Ran {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        succeeded: output.status.success(),
        code: output.status.code(),
    }
}

fn program(name: &str, bedrock: Option<&FakeBedrock>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book-program"));
    command.arg(name).env_clear();
    if let Some(bedrock) = bedrock {
        for name in ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"] {
            command.env(name, bedrock.url());
        }
        command.env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "secret");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A program that is used step by step, as on a terminal. Dropping it ends the program.
#[cfg(unix)]
pub(crate) struct Running(Child);

#[cfg(unix)]
impl Running {
    pub(crate) fn start(name: &str, bedrock: &FakeBedrock) -> Self {
        let mut command = program(name, Some(bedrock));
        Self(command.stderr(Stdio::null()).spawn().expect("the program starts"))
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.0.stdin.as_mut().expect("it was piped").write_all(text.as_bytes()).expect("it reads");
    }

    /// Reads until the output ends with `text`.
    pub(crate) fn reads_until(&mut self, text: &str) {
        let stdout = self.0.stdout.as_mut().expect("it was piped");
        let mut read = Vec::new();
        while !read.ends_with(text.as_bytes()) {
            let mut byte = [0];
            let is_open = stdout.read(&mut byte).expect("it can be read") > 0;
            assert!(is_open, "after {:?} there was no {text:?}", String::from_utf8_lossy(&read));
            read.extend(byte);
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.0), Signal::INT).expect("it runs");
    }

    /// The status with which Ctrl-C ends it. It may have to be pressed again, if the program was not yet waiting for it.
    pub(crate) fn interrupted(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            self.interrupt();
            sleep(Duration::from_millis(100));
            if let Some(status) = self.0.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
        }
    }
}

#[cfg(unix)]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
