//! `converse --dialect`: the request that is sent, and how the answer is shown, with a server that replays recorded
//! bodies.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::dialects::sse_recordings;
use crate::run::{Run, run_alone};
use crate::shared::recordings;

/// A server on loopback that answers every request with the same body.
struct Server {
    url: String,
    requests: Receiver<Request>,
}

/// A request as it was received.
struct Request {
    path: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Server {
    fn start(content_type: &'static str, body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if let Some(request) = answer(stream, content_type, &body) {
                    if sender.send(request).is_err() {
                        return;
                    }
                }
            }
        });
        Self { url, requests }
    }

    /// Runs `converse` against it, with these arguments.
    fn ask(&self, args: &[&str]) -> (Run, Request) {
        let common =
            ["converse", "--endpoint-url", &self.url, "--region", "us-east-1", "--credentials", "a:b"];
        let run = run_alone(&[&common[..], args].concat());
        // The program may end before the server has passed the request on.
        let request = self.requests.recv_timeout(Duration::from_secs(10));
        let request = request.unwrap_or_else(|_| panic!("{args:?}: {}", run.stderr));
        (run, request)
    }
}

impl Request {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a request is JSON")
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().filter_map(|header| header.split_once(':'));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Reads one request, and answers it in two pieces.
fn answer(mut stream: TcpStream, content_type: &str, body: &[u8]) -> Option<Request> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push(line.trim_end().to_owned());
    }
    let mut request = Request { path, headers, body: Vec::new() };
    let len = request.header("content-length")?.parse().ok()?;
    request.body = vec![0; len];
    reader.read_exact(&mut request.body).ok()?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nx-amzn-requestid: the-id\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let (one, two) = body.split_at(body.len() / 2);
    stream.write_all(&[head.as_bytes(), one].concat()).ok()?;
    stream.flush().ok()?;
    stream.write_all(two).ok()?;
    Some(request)
}

/// A dialect, its arguments, and a recorded answer.
struct Answer {
    dialect: &'static str,
    path: &'static str,
    content_type: &'static str,
    file: String,
    bytes: Vec<u8>,
}

fn answers() -> Option<Vec<Answer>> {
    let sse = sse_recordings()?;
    let of_sse = |dialect, path, name: &str| {
        let recording = sse.iter().find(|recording| recording.name == name).expect("it is there");
        Answer {
            dialect,
            path,
            content_type: "text/event-stream; charset=utf-8",
            file: recording.path().to_owned(),
            bytes: fs::read(&recording.path).expect("it can be read"),
        }
    };
    let invoked = recordings()?
        .into_iter()
        .find(|recording| recording.name == "invoke-claude-opus-4-6-tool-fantasy")
        .expect("it is there");
    Some(vec![
        Answer {
            dialect: "invoke",
            path: "/model/m/invoke-with-response-stream",
            content_type: "application/vnd.amazon.eventstream",
            file: invoked.path().to_owned(),
            bytes: invoked.bytes(),
        },
        of_sse("chat", "/openai/v1/chat/completions", "chat-tool-parallel-fantasy"),
        of_sse("responses", "/openai/v1/responses", "responses-mantle-tool-pydanticai"),
        of_sse("messages", "/anthropic/v1/messages", "messages-thinking-tool-openinference"),
    ])
}

#[test]
fn each_dialect_works_over_both_transports() {
    let Some(answers) = answers() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let record = folder.path().join("answer");
    let record = record.to_str().expect("the path is UTF-8");
    for Answer { dialect, path, content_type, file, bytes } in answers {
        let server = Server::start(content_type, bytes.clone());
        for transport in ["hyper", "reqwest"] {
            let ask = ["--dialect", dialect, "--transport", transport, "-m", "m", "-s", "S", "Hi"];
            for format in ["chunks", "events", "message", "text"] {
                let decoded = run_alone(&["decode", "--as", format, &file]);
                for recorded in [&[][..], &["--record", record, "--force"]] {
                    let (run, request) = server.ask(&[&ask[..], &["--as", format], recorded].concat());
                    let what = format!("{dialect} {transport} {format} {recorded:?}");
                    assert_eq!((run.status, &*run.stderr), (0, ""), "{what}");
                    assert_eq!(run.text(), decoded.text(), "{what}");
                    assert_eq!(request.path, path, "{what}");
                    let signed = request.header("authorization").is_some_and(|value| {
                        value.starts_with("AWS4-HMAC-SHA256") && value.contains("/bedrock/aws4_request")
                    });
                    assert!(signed, "{what}");
                    let version = request.header("anthropic-version");
                    assert_eq!(version.is_some(), dialect == "messages", "{what}");
                    let body = request.json();
                    assert_eq!(body["stream"] == true, dialect != "invoke", "{what}");
                    assert_eq!(body["model"] == "m", dialect != "invoke", "{what}");
                    assert!(body.to_string().contains("\"Hi\""), "{what}: {body}");
                }
            }
            // The recording is the body, and decodes to the same output.
            assert!(fs::read(record).expect("it was written") == bytes, "{dialect} {transport}");
            let again = run_alone(&["decode", record]);
            assert_eq!(again.text(), run_alone(&["decode", &file]).text(), "{dialect} {transport}");
        }
    }
}

#[test]
fn an_answer_that_is_cut_is_incomplete_with_its_request_id() {
    let Some(answers) = answers() else { return };
    for Answer { dialect, content_type, bytes, .. } in answers {
        let server = Server::start(content_type, bytes[..bytes.len() / 2].to_vec());
        for more in [&[][..], &["--record", "/dev/null"]] {
            let args = ["--dialect", dialect, "-m", "m", "--as", "chunks", "Hi"];
            let (run, _) = server.ask(&[&args[..], more].concat());
            let failure = run.failure();
            assert_eq!(failure["kind"], "incomplete", "{dialect} {more:?}");
            assert_eq!(failure["request_id"], "the-id", "{dialect} {more:?}");
        }
    }
}

#[test]
fn a_request_in_a_file_is_sent_unchanged() {
    let Some(answers) = answers() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("request.json");
    let text = "{ \"model\": \"m\",  \"stream\":true, \"x\": 1.50 }\n";
    fs::write(&file, text).expect("the file can be written");
    let file = file.to_str().expect("the path is UTF-8");
    for Answer { dialect, path, content_type, bytes, .. } in answers {
        let server = Server::start(content_type, bytes);
        let (run, request) =
            server.ask(&["--dialect", dialect, "--model", "m", "--request", file, "--as", "chunks"]);
        assert_eq!(run.status, 0, "{dialect}: {}", run.stderr);
        assert_eq!((&*request.path, request.body), (path, text.as_bytes().to_vec()), "{dialect}");
        if dialect != "invoke" {
            let (run, _) = server.ask(&["--dialect", dialect, "--request", file]);
            assert_eq!(run.status, 0, "the file names a different model: {}", run.stderr);
        }
    }
}

#[test]
fn options_without_a_place_in_the_request_are_wrong_usage() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let write = |name: &str, json: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, json.to_string()).expect("the file can be written");
        path.to_str().expect("the path is UTF-8").to_owned()
    };
    let request = write("request.json", &json!({"model": "m", "stream": true}));
    let tools = write("tools.json", &json!([{"cachePoint": {"type": "default"}}]));
    let url = "http://127.0.0.1:1";
    let ask = ["converse", "--endpoint-url", url, "--region", "r", "--credentials", "a:b"];
    for (args, part) in [
        (&["--dialect", "chat", "--request", &request, "Hi"][..], "a prompt cannot be used"),
        (&["--dialect", "chat", "--request", &request, "--system", "S"], "--system cannot be used"),
        (
            &["--dialect", "messages", "--request", &request, "--max-tokens", "1"],
            "--max-tokens cannot be used",
        ),
        (&["--dialect", "responses", "--request", &request, "--model", "other"], "names the model m"),
        (&["--dialect", "invoke", "--request", &request], "no model"),
        (&["--request", &request], "no model"),
        (
            &["--dialect", "invoke", "--model", "us.amazon.nova-lite-v1:0", "Hi"],
            "only the request of Anthropic's",
        ),
        (
            &["--dialect", "chat", "--model", "m", "--tools", &tools, "Hi"],
            "no place for `toolConfig.tools[0].cachePoint`",
        ),
        (&["--dialect", "grpc", "--model", "m", "Hi"], "possible values"),
    ] {
        let run = run_alone(&[&ask[..], args].concat());
        assert_eq!((run.status, run.text()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(part), "{args:?}: {}", run.stderr);
    }
    let silent = write("silent.json", &json!({"model": "m"}));
    let nameless = write("nameless.json", &json!({"stream": true}));
    for (file, part) in [(silent, "does not stream"), (nameless, "has no `model`")] {
        let run =
            run_alone(&[&ask[..], &["--dialect", "chat", "--as", "chunks", "--request", &file]].concat());
        let failure = run.failure();
        assert_eq!(failure["kind"], "input");
        assert!(failure["message"].as_str().is_some_and(|message| message.contains(part)), "{failure}");
    }
}

#[test]
fn a_page_instead_of_the_answer_is_reported() {
    for dialect in ["invoke", "chat", "responses", "messages"] {
        let server = Server::start("text/html", b"<html>Sign in</html>".to_vec());
        let (run, _) = server.ask(&["--dialect", dialect, "-m", "m", "--as", "chunks", "Hi"]);
        let failure = run.failure();
        assert_eq!(failure["kind"], "refusal", "{dialect}: {failure}");
    }
}
