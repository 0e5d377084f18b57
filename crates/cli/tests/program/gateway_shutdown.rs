//! How `gateway` ends.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Signal, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::gateway::{gateway, get};
use crate::run::Running;

/// A fake whose answers take `words` times `delay`, and a gateway before it.
fn slow_gateway(words: usize, delay: Duration) -> (Running, Running, String) {
    let (fake, url) = slow_fake(words, delay);
    let (running, address) =
        gateway(&["--endpoint-url", &url, "--region", "us-east-1", "--credentials", "a:b"]);
    (fake, running, address)
}

fn slow_fake(words: usize, delay: Duration) -> (Running, String) {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.json");
    fs::write(&script, json!({"*": [{"text": "word ".repeat(words)}]}).to_string()).unwrap();
    let delay = delay.as_millis().to_string();
    let mut fake = Running::start(&["serve", "--script", script.to_str().unwrap(), "--delay", &delay]);
    let url = fake.line();
    (fake, url)
}

/// An answer that has begun.
struct Answer {
    stream: BufReader<TcpStream>,
    read: String,
}

impl Answer {
    /// Asks, and reads up to the first piece of content.
    fn begin(address: &str, path: &str, body: &Value) -> Self {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Self { stream: BufReader::new(stream), read: String::new() };
        while !answer.read.contains("word") {
            assert_ne!(answer.stream.read_line(&mut answer.read).unwrap(), 0, "{}", answer.read);
        }
        answer
    }

    /// Reads until the connection ends.
    fn rest(mut self) -> String {
        // A connection that breaks has an end too.
        let _ = self.stream.read_to_string(&mut self.read);
        self.read
    }
}

/// A request in one of the dialects, and what ends its answer.
fn ask(number: usize) -> (&'static str, Value, &'static str) {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    match number % 3 {
        0 => ("/v1/chat/completions", json!({"model": "m", "stream": true, "messages": messages}), "[DONE]"),
        1 => ("/v1/responses", json!({"model": "m", "stream": true, "input": "Hello"}), "response.completed"),
        _ => (
            "/v1/messages",
            json!({"model": "m", "stream": true, "max_tokens": 99, "messages": messages}),
            "message_stop",
        ),
    }
}

#[test]
fn at_sigterm_500_open_answers_end_whole() {
    // Each has a connection to the gateway, and one to the fake.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    let (_fake, mut running, address) = slow_gateway(WORDS, Duration::from_millis(400));
    let all_open = Arc::new(Barrier::new(STREAMS + 1));
    let answers: Vec<_> = (0..STREAMS)
        .map(|number| {
            let (address, all_open) = (address.clone(), Arc::clone(&all_open));
            let read = move || {
                let (path, body, end) = ask(number);
                let answer = Answer::begin(&address, path, &body);
                all_open.wait();
                let answer = answer.rest();
                assert_eq!(answer.matches("word ").count() % WORDS, 0, "{answer}");
                assert!(answer.contains(end), "{answer}");
            };
            thread::Builder::new().stack_size(256 * 1024).spawn(read).unwrap()
        })
        .collect();
    all_open.wait();
    assert_eq!(open_answers(&address), STREAMS);
    running.signal(Signal::TERM);
    let lost = answers.into_iter().map(thread::JoinHandle::join).filter(Result::is_err).count();
    assert_eq!(lost, 0);
    assert_eq!(running.end(), Some(0));
    assert!(TcpStream::connect(&address).is_err());
}

/// Otherwise a load balancer that asks there would keep sending requests.
#[test]
fn a_probe_is_told_that_it_ends() {
    let (_fake, url) = slow_fake(100, Duration::from_millis(400));
    let (mut running, address) = gateway(
        &[
            &["--endpoint-url", &*url, "--region", "us-east-1", "--credentials", "a:b"][..],
            &["--metrics-listen", "127.0.0.1:0"],
        ]
        .concat(),
    );
    let metrics = running.line().replace("http://", "").replace("/metrics", "");
    let probe = || get(&metrics, "/healthz");
    assert!(probe().starts_with("HTTP/1.1 200 "), "{}", probe());
    let (path, body, _) = ask(0);
    let _answer = Answer::begin(&address, path, &body);
    running.signal(Signal::TERM);
    let begun = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it still listens");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(probe().starts_with("HTTP/1.1 503 "), "{}", probe());
    assert!(get(&metrics, "/metrics").contains("bedrock_stream_gateway_open_answers 1"));
}

/// How many answers are open, by `/metrics`.
fn open_answers(address: &str) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("bedrock_stream_gateway_open_answers "));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second) in
        [(Signal::TERM, Signal::TERM), (Signal::INT, Signal::TERM), (Signal::TERM, Signal::INT)]
    {
        let (_fake, mut running, address) = slow_gateway(100, Duration::from_secs(1));
        let (path, body, whole) = ask(0);
        let answer = Answer::begin(&address, path, &body);
        running.signal(first);
        // It has seen the first signal when it no longer listens.
        let begun = Instant::now();
        while TcpStream::connect(&address).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it still listens");
            thread::sleep(Duration::from_millis(10));
        }
        assert!(running.child.try_wait().unwrap().is_none(), "it waits for the open answer");
        running.signal(second);
        assert_eq!(running.end(), Some(130), "{first:?} {second:?}");
        assert!(!answer.rest().contains(whole));
    }
}

const STREAMS: usize = 500;
const WORDS: usize = 30;
