//! A gateway that stops lets its answers end.

use std::time::Duration;

use bedrock_stream_gateway::{Server, Verdict};
use bedrock_stream_testkit::{FakeBedrock, answer};
use http::Method;
use http_body_util::BodyExt as _;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{APIS, Got, ask, eventually, start, start_with};

#[tokio::test]
async fn open_answers_end_and_new_ones_are_not_taken() {
    let slow = FakeBedrock::builder()
        .reply("m", answer().text("one two three four five six"))
        .delay(Duration::from_millis(100));
    let mut running = start(slow).await;
    let (path, dialect) = APIS[0];
    let response =
        running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
    drop(running.stop.take());
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let got = Got { status: head.status, headers: head.headers, body };
    assert_eq!(got.answer(dialect).unwrap().text(), "one two three four five six");
    (&mut running.served).await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
    assert_eq!(running.logged(1).await[0].verdict, Verdict::Complete);
}

/// The head and the body of a request, after which the connection is closed.
fn request(body: &str) -> String {
    let path = APIS[0].0;
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A load balancer has just opened a connection, and is about to send.
#[tokio::test]
async fn a_new_connection_may_still_bring_its_request() {
    let mut running = start(FakeBedrock::builder()).await;
    let mut new = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(running.stop.take());
    tokio::time::sleep(Duration::from_millis(50)).await;
    new.write_all(request(&ask(APIS[0].1, "m", false).to_string()).as_bytes()).await.unwrap();
    let mut text = String::new();
    new.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}

/// Reads one response, which has a length.
async fn response(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        text.push(byte[0]);
        if text.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(text).unwrap();
    let len = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    stream.read_exact(&mut vec![0; len.parse().unwrap()]).await.unwrap();
    head
}

/// A load balancer keeps it for reuse, and sends the next request just when the end begins.
#[tokio::test]
async fn a_kept_connection_may_still_bring_a_request_and_is_told_that_it_is_the_last() {
    let mut running = start(FakeBedrock::builder()).await;
    let request = request(&ask(APIS[0].1, "m", false).to_string()).replace("connection: close\r\n", "");
    let mut kept = TcpStream::connect(running.address).await.unwrap();
    kept.write_all(request.as_bytes()).await.unwrap();
    let first = response(&mut kept).await;
    assert!(first.starts_with("HTTP/1.1 200") && !first.contains("connection: close"), "{first}");
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(request.as_bytes()).await.unwrap();
    response(&mut idle).await;
    drop(running.stop.take());
    tokio::time::sleep(Duration::from_millis(100)).await;
    kept.write_all(request.as_bytes()).await.unwrap();
    let last = response(&mut kept).await;
    assert!(last.starts_with("HTTP/1.1 200") && last.contains("connection: close"), "{last}");
    assert_eq!(kept.read(&mut [0]).await.unwrap(), 0);
    // One that brings nothing does not hold the end up for long.
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
}

/// GOAWAY tells a client of HTTP/2, which needs no second more: it ends before a kept connection of HTTP/1.1 does.
#[tokio::test]
async fn a_kept_http2_connection_ends_first() {
    let mut running = start(FakeBedrock::builder()).await;
    let (path, dialect) = APIS[0];
    let body = ask(dialect, "m", false).to_string();
    let mut kept = TcpStream::connect(running.address).await.unwrap();
    kept.write_all(request(&body).replace("connection: close\r\n", "").as_bytes()).await.unwrap();
    response(&mut kept).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let mut told = tokio::spawn(connection);
    let answer = sender.send_request(running.request(Method::POST, path, body)).await.unwrap();
    answer.into_body().collect().await.unwrap();
    assert!(!told.is_finished());
    drop(running.stop.take());
    let mut byte = [0];
    tokio::select! {
        // Without an error: the client knows that it can ask again elsewhere.
        ended = &mut told => ended.unwrap().unwrap(),
        _ = kept.read(&mut byte) => panic!("the connection of HTTP/1.1 ended first"),
    }
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}

/// The system has accepted it, and the server has not yet.
#[tokio::test]
async fn what_waits_in_the_queue_is_answered() {
    let running = start(FakeBedrock::builder()).await;
    let server = Server::bind(([127, 0, 0, 1], 0).into(), running.gateway.clone()).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.local_addr().unwrap()).await.unwrap();
        let body = ask(APIS[0].1, "m", false).to_string();
        stream.write_all(request(&body).as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    let served = tokio::spawn(server.serve(std::future::ready(())));
    for mut stream in waiting {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }
    tokio::time::timeout(Duration::from_secs(10), served).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up() {
    let mut running = start(FakeBedrock::builder()).await;
    let _idle = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(running.stop.take());
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn health_checks_are_told_that_it_drains() {
    let slow = FakeBedrock::builder()
        .reply("m", answer().text("one two three four five six"))
        .delay(Duration::from_millis(300));
    let mut running = start(slow).await;
    let metrics = Server::bind(([127, 0, 0, 1], 0).into(), running.gateway.only_metrics()).await.unwrap();
    let probe = format!("http://{}/healthz", metrics.local_addr().unwrap());
    tokio::spawn(metrics.serve(std::future::pending()));
    let stop = running.stop.take();
    let health = async || {
        let mut request = running.request(Method::GET, "/healthz", "");
        *request.uri_mut() = probe.parse().unwrap();
        let got = running.send(request).await;
        (got.status.as_u16(), got.text().to_owned())
    };
    assert_eq!(health().await, (200, "ok\n".to_owned()));
    let (path, dialect) = APIS[0];
    let open = running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
    // The listener of the metrics may end without the others.
    running.gateway.only_metrics().start_draining();
    assert_eq!(health().await.0, 200);
    drop(stop);
    eventually(|| std::net::TcpStream::connect(running.address).is_err()).await;
    assert_eq!(health().await, (503, "draining\n".to_owned()));
    let body = open.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("[DONE]"));
    (&mut running.served).await.unwrap();
}

#[tokio::test]
async fn grace_ends() {
    let stalled =
        FakeBedrock::builder().reply("m", answer().text("one two three")).delay(Duration::from_secs(30));
    let grace = Duration::from_millis(200);
    let mut running = start_with(stalled, |builder| builder, |server| server.grace(grace)).await;
    let (path, dialect) = APIS[2];
    let _open = running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
    drop(running.stop.take());
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}

/// A client that sends no more of its request would hold the end up for minutes.
#[tokio::test]
async fn a_stalled_upload_is_given_up_and_another_is_not() {
    let mut running = start(FakeBedrock::builder()).await;
    let (path, dialect) = APIS[0];
    let body = ask(dialect, "m", false).to_string();
    let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut streams = [
        TcpStream::connect(running.address).await.unwrap(),
        TcpStream::connect(running.address).await.unwrap(),
    ];
    for stream in &mut streams {
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(running.stop.take());
    let [mut stalled, mut slow] = streams;
    let send = async {
        for piece in body.as_bytes().chunks(body.len().div_ceil(4)) {
            tokio::time::sleep(Duration::from_secs(2)).await;
            slow.write_all(piece).await.unwrap();
        }
        let mut text = String::new();
        slow.read_to_string(&mut text).await.unwrap();
        text
    };
    let wait = async {
        let mut text = String::new();
        stalled.read_to_string(&mut text).await.unwrap();
        text
    };
    let ended = tokio::time::timeout(Duration::from_secs(60), async { tokio::join!(send, wait) });
    let (sent, waited) = ended.await.expect("it ends soon");
    assert!(sent.starts_with("HTTP/1.1 200"), "{sent}");
    assert!(waited.starts_with("HTTP/1.1 503") && waited.contains("retry-after: 1\r\n"), "{waited}");
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}
