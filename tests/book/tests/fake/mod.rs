//! A fake Bedrock, and a program of the guides that is run against it.

#[cfg(unix)]
mod running;
mod serving;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use bedrock_stream_testkit::{FakeBedrock, Reply};
use tokio::runtime::Runtime;

#[cfg(unix)]
pub(crate) use running::Running;
pub(crate) use serving::Serving;

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

/// A program with an environment that names nothing but the fake; its input and output are pipes.
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
