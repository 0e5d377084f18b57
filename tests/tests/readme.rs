//! Builds the README's program as a reader would, as a separate project, and checks that it prints text before the
//! answer has ended.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, fs, thread};

use bedrock_stream_testkit::{FakeBedrock, Fault, Reply, answer};

#[tokio::test]
async fn the_program_shows_the_text_before_the_answer_ends() {
    let program = build();

    // The server sends half of the answer and then nothing more: output that appears by then was printed before the
    // end.
    let reply = answer().text(TEXT);
    let messages = reply.messages().expect("an answer can be encoded");
    let half = messages[..messages.len() / 2].concat().len();
    let stall: Fault = format!("stall-at:{half}").parse().expect("there is such a fault");
    let bedrock = start(Reply::from(reply.clone()).fault(stall)).await;
    let mut child = run(&program, &bedrock);
    let shown = read(&mut child, |shown| shown.contains(FIRST));
    assert!(shown.starts_with(FIRST) && TEXT.starts_with(shown.trim_end()), "{shown:?}");
    assert_eq!(child.try_wait().expect("it can be asked"), None, "it is still waiting for the rest");
    child.kill().expect("it runs");
    child.wait().expect("it ends");

    let bedrock = start(reply).await;
    let mut child = run(&program, &bedrock);
    let shown = read(&mut child, |_| false);
    assert_eq!(shown, format!("{TEXT}\nstopped: end_turn\n"));
    assert!(child.wait().expect("it ends").success());

    // A cut answer is an error in the program too.
    let bedrock = start(Reply::from(answer().text(TEXT)).fault(Fault::NoStop)).await;
    let mut child = run(&program, &bedrock);
    assert!(!read(&mut child, |_| false).contains("stopped"));
    assert!(!child.wait().expect("it ends").success());
}

async fn start(reply: impl Into<Reply>) -> FakeBedrock {
    FakeBedrock::builder().reply("us.amazon.nova-lite-v1:0", reply).start().await.expect("a port is free")
}

/// Builds the README's program and its dependencies in this workspace's target folder, where most of them are built.
fn build() -> PathBuf {
    let root =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize().expect("the root is there");
    let readme = read_file(&root.join("README.md"));
    let program = block(&readme, "```rust", "async fn main");
    let dependencies = block(&readme, "```toml", "[dependencies]");
    assert!(dependencies.contains("\"../bedrock-stream/"), "{dependencies}");
    let dependencies = dependencies.replace("../bedrock-stream/", &format!("{}/", root.display()));
    // The workspace's settings and versions, so that little has to be rebuilt.
    let workspace = read_file(&root.join("Cargo.toml"));
    let profile = workspace.find("[profile.dev]").expect("there is a profile");
    let profile = &workspace[profile..];

    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let project = tmp.join("readme");
    fs::create_dir_all(project.join("src")).expect("the project can be written");
    let manifest = format!(
        "[package]\nname = \"readme-program\"\nedition = \"2024\"\n\n{dependencies}\n[workspace]\n\n{profile}"
    );
    fs::write(project.join("Cargo.toml"), manifest).expect("the project can be written");
    fs::write(project.join("src/main.rs"), program).expect("the project can be written");
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).expect("the project can be written");

    let target = tmp.parent().expect("it is in the target folder");
    let cargo = |options: &[&str]| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet"]).args(options).current_dir(&project).env("CARGO_TARGET_DIR", target);
        cargo.output().expect("there is cargo")
    };
    let mut built = cargo(&["--offline"]);
    if !built.status.success() {
        // The workspace may lack a crate that the program needs.
        built = cargo(&[]);
    }
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("debug").join(format!("readme-program{}", env::consts::EXE_SUFFIX))
}

/// The first code block in this language that contains `part`.
fn block<'a>(text: &'a str, fence: &str, part: &str) -> &'a str {
    let blocks = text.split(fence).skip(1).map(|rest| {
        let code = rest.split_once('\n').map_or("", |(_, code)| code);
        code.split_once("```").map_or(code, |(code, _)| code)
    });
    blocks.into_iter().find(|code| code.contains(part)).unwrap_or_else(|| panic!("no {fence} has {part}"))
}

fn run(program: &Path, bedrock: &FakeBedrock) -> Child {
    let mut command = Command::new(program);
    command.env_clear();
    for (name, value) in [
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &*bedrock.url()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ] {
        command.env(name, value);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Standard output up to the point where `enough` returns true, or to its end.
fn read(child: &mut Child, enough: impl Fn(&str) -> bool) -> String {
    let mut stdout = child.stdout.take().expect("it was piped");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut piece = [0; 1024];
        while let Ok(len @ 1..) = stdout.read(&mut piece) {
            if sender.send(piece[..len].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut shown = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&shown).into_owned();
        if enough(&text) {
            return text;
        }
        match receiver.recv_timeout(DEADLINE) {
            Ok(piece) => shown.extend(piece),
            Err(mpsc::RecvTimeoutError::Disconnected) => return text,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // If a panic unwinds here, nobody waits for the process.
                let _ = child.kill();
                panic!("within {DEADLINE:?} it printed only {text:?}");
            }
        }
    }
}

fn read_file(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// On one line, which a line-buffered standard output would hold back.
const TEXT: &str = "Molecules of the air scatter blue light more than red light, and so the sky is blue.";
/// Text that is certainly in the first half of the answer's messages.
const FIRST: &str = "Molecules of";
const DEADLINE: Duration = Duration::from_secs(60);
