//! What `gateway` writes to standard error.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::run::{Running, program};

/// A gateway whose standard error is a pipe, and where it listens.
fn logging(args: &[&str]) -> (Running, String) {
    let mut command = program(&[&["gateway", "--demo"], args].concat());
    let mut running = Running::spawn(command.stderr(Stdio::piped()));
    let address = running.line().replace("http://", "");
    (running, address)
}

/// A connection that stays open between requests.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a GET; the status and the body of its response.
    fn get(&mut self, path: &str) -> (u16, String) {
        // In one piece: each further one would wait for the acknowledgement of the one before.
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut head, mut len) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            assert_ne!(self.0.read_line(&mut head).expect("it answers"), 0, "{head}");
            if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
                len = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; len];
        self.0.read_exact(&mut body).unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), String::from_utf8(body).unwrap())
    }
}

#[test]
fn a_log_that_nobody_reads_holds_up_nothing() {
    // Each line has more than 400 bytes, and a pipe has room for 64 KiB.
    let path = format!("/{}", "x".repeat(500));
    let (mut running, address) = logging(&["--log", "always"]);
    let mut connection = Connection::open(&address);
    for _ in 0..300 {
        assert_eq!(connection.get(&path).0, 404);
    }
    assert_eq!(connection.get("/healthz"), (200, "ok\n".to_owned()));
    drop(connection);
    running.signal(Signal::TERM);
    assert_eq!(running.end(), Some(0));
}

#[test]
fn a_second_signal_ends_it_though_nobody_reads_its_log() {
    let path = format!("/{}", "x".repeat(500));
    let (mut running, address) = logging(&["--log", "always"]);
    let mut connection = Connection::open(&address);
    for _ in 0..300 {
        assert_eq!(connection.get(&path).0, 404);
    }
    // A request that has begun keeps the gateway waiting.
    let mut open = TcpStream::connect(&address).unwrap();
    open.write_all(b"POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n").unwrap();
    assert_eq!(connection.get("/healthz").0, 200);
    running.signal(Signal::TERM);
    let begun = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it still listens");
        thread::sleep(Duration::from_millis(10));
    }
    running.signal(Signal::TERM);
    assert_eq!(running.end(), Some(130));
}

#[test]
fn lines_that_find_no_room_are_counted() {
    // Each line has the path twice, cut to 200 characters; together they are more than the pipe and the queue have room for.
    let (requests, path) = (8_000, format!("/{}", "x".repeat(200)));
    let (mut running, address) = logging(&["--log", "always"]);
    let mut connection = Connection::open(&address);
    for _ in 0..requests {
        assert_eq!(connection.get(&path).0, 404);
    }
    let mut log = BufReader::new(running.child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let (mut written, mut dropped) = (0, 0);
    while written + dropped < requests {
        let line = log.next().expect("each line is written or counted");
        if line.contains("GET /xxx") {
            written += 1;
        } else {
            let count = line.split(' ').rev().nth(3).and_then(|count| count.parse::<usize>().ok());
            assert!(line.ends_with(" lines were dropped"), "{line}");
            dropped += count.unwrap_or_else(|| panic!("{line}"));
        }
    }
    assert!(dropped > 0 && written + dropped == requests, "{written} {dropped}");
    // There is room again.
    connection.get("/last");
    assert!(log.next().unwrap().contains("GET /last"));
}

/// The lines that a gateway writes until SIGTERM has ended it.
fn log_of(args: &[&str], requests: &[&str]) -> Vec<String> {
    let (mut running, address) = logging(args);
    let mut connection = Connection::open(&address);
    for path in requests {
        connection.get(path);
    }
    drop(connection);
    running.signal(Signal::TERM);
    assert_eq!(running.end(), Some(0));
    let mut log = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log.lines().map(str::to_owned).collect()
}

#[test]
fn a_line_has_the_time_and_no_forged_fields() {
    let (mut running, address) = logging(&["--log", "always"]);
    let body = r#"{"model":"x in=9999 out=1 id=fake","messages":[{"role":"user","content":"Hello"}]}"#;
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    let mut line = String::new();
    BufReader::new(running.child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains(" model=\"x in=9999 out=1 id=fake\" in="), "{line}");
    // 2026-01-02T03:04:05.678Z
    let (time, rest) = line.split_once(' ').unwrap();
    let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z");
    assert!(rest.starts_with("POST /v1/chat/completions 200 complete "), "{line}");
}

#[test]
fn successful_health_checks_are_not_logged() {
    let log = log_of(&["--log", "always"], &["/healthz", "/healthz", "/v1/models"]);
    assert!(log.len() == 2 && log[0].contains(" GET /v1/models 200 answered "), "{log:?}");
}

#[test]
fn the_end_is_told() {
    for args in [&[][..], &["--log", "never"], &["--log", "always"]] {
        let log = log_of(args, &[]);
        assert!(log.len() == 1 && log[0].ends_with(" ending: 0 answers are open"), "{log:?}");
    }
}

#[test]
fn the_file_says_when_to_log() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    for (file, args, lines) in [
        ("", &[][..], 0),
        ("log = \"auto\"", &[], 0),
        ("log = \"never\"", &[], 0),
        ("log = \"always\"", &[], 1),
        ("log = \"always\"", &["--log", "never"], 0),
        ("log = \"never\"", &["--log", "always"], 1),
    ] {
        std::fs::write(&config, file).unwrap();
        let log = log_of(&[&["--config", config.to_str().unwrap()], args].concat(), &["/v1/models"]);
        assert_eq!(log.iter().filter(|line| line.contains("/v1/models")).count(), lines, "{file} {log:?}");
    }
}
