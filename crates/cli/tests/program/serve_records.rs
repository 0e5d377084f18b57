//! `serve --record`: what is written about the requests.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::serve::{ASK, converse, file, serve};

#[test]
fn requests_are_recorded_without_secrets() {
    let (_folder, path) = file("requests.jsonl", "{\"earlier\":true}\n");
    let (_server, url) = serve(&["--record", &path, "--credentials", "id:secret:token", "--bearer", "key"]);
    let ask = ["--as", "chunks", "--model", "a.b/c:0", "hello"];
    let signed = [&ask[..], &["--credentials", "id:secret:token"]].concat();
    assert_eq!(converse(&url, &signed, &[]).status, 0);
    assert_eq!(converse(&url, &ask, &[("AWS_BEARER_TOKEN_BEDROCK", "key")]).status, 0);
    // Refused, and recorded all the same.
    assert_eq!(converse(&url, &ask, &[("AWS_BEARER_TOKEN_BEDROCK", "hush")]).status, 1);

    let text = lines_of(&path, 4);
    assert!(text.starts_with("{\"earlier\":true}\n"));
    for secret in ["token", "key", "hush", "Signature"] {
        assert!(!text.contains(&format!("\"{secret}")) && !text.contains(&format!(" {secret}")), "{text}");
    }
    for line in text.lines().skip(1) {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        assert_eq!(line["method"], "POST");
        assert_eq!(line["path"], "/model/a.b%2Fc%3A0/converse-stream");
        assert_eq!(line["model"], "a.b/c:0");
        assert_eq!(line["body"]["messages"][0]["content"][0]["text"], "hello");
        let headers = line["headers"].as_array().expect("there are headers");
        assert!(headers.contains(&json!(["authorization", null])), "{line}");
        assert!(headers.contains(&json!(["content-type", "application/json"])), "{line}");
    }
}

#[test]
fn more_requests_are_recorded_than_the_server_keeps() {
    const REQUESTS: usize = 1_200;
    let (_folder, path) = file("requests.jsonl", "");
    let (_server, url) = serve(&["--record", &path]);
    let mut connection = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    // Equal requests, most of them: each is a line all the same.
    for number in 0..REQUESTS {
        let body = if number == 0 { "no JSON" } else { "{\n \"n\": 1.50}" };
        let head = "POST /model/m/converse-stream?secret HTTP/1.1\r\nHost: h\r\nX-Api-Key: hush\r\n";
        // In one write: the system holds back the second of two small ones.
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        connection.write_all(request.as_bytes()).expect("it reads");
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            let mut piece = [0; 1024];
            let len = connection.read(&mut piece).expect("it answers");
            assert!(len > 0, "it hung up");
            seen.extend_from_slice(&piece[..len]);
        }
    }
    let text = lines_of(&path, REQUESTS);
    assert!(!text.contains("hush") && !text.contains("?secret"));
    let (first, rest) = text.split_once('\n').expect("there are lines");
    assert!(first.ends_with(r#""body":"no JSON"}"#), "{first}");
    assert!(rest.lines().all(|line| line.ends_with(r#""body":{  "n": 1.50}}"#)), "{}", rest.len());
}

/// A file's text, once it has this many lines; it must not get more.
fn lines_of(path: &str, count: usize) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let text = fs::read_to_string(path).expect("the file can be read");
        let lines = text.matches('\n').count();
        assert!(lines <= count, "{lines} lines");
        if lines == count {
            return text;
        }
        assert!(Instant::now() < deadline, "only {lines} requests are recorded");
        sleep(Duration::from_millis(10));
    }
}

#[cfg(unix)]
#[test]
fn what_came_last_is_recorded_when_it_is_interrupted() {
    let (_folder, path) = file("requests.jsonl", "");
    let (mut server, url) = serve(&["--record", &path]);
    for _ in 0..3 {
        assert_eq!(converse(&url, &ASK, &[]).status, 0);
    }
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is kill").success());
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
    assert_eq!(fs::read_to_string(&path).expect("the file can be read").lines().count(), 3);
}
