//! Clients that take too much: time, connections, streams, bytes.

use std::io::ErrorKind;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::{Duration, Instant};

use bedrock_stream_testkit::{Builder, FakeBedrock, Refusal, RefusalKind};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{MODEL_PATH, QUESTION, ask, call, request};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty SETTINGS frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// The start of a HEADERS frame whose end does not come.
const HALF_HEADERS: &[u8] = &[0, 1, 0, 1, 4, 0, 0, 0, 1, 0x83];
const FOREVER: Duration = Duration::from_secs(1_000_000);
/// For what must happen soon, on a machine that is busy.
const SOON: Duration = Duration::from_secs(60);

async fn start(builder: Builder) -> FakeBedrock {
    builder.start().await.expect("a port is free")
}

fn hurried() -> Builder {
    FakeBedrock::builder().read_timeout(Duration::from_millis(500))
}

async fn connect(bedrock: &FakeBedrock) -> TcpStream {
    TcpStream::connect(bedrock.addr()).await.expect("the fake listens")
}

/// What comes until the fake closes the connection.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    match timeout(SOON, stream.read_to_end(&mut all)).await.expect("it is closed") {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    all
}

fn post(rest: &str) -> Vec<u8> {
    format!("POST {MODEL_PATH} HTTP/1.1\r\nHost: h\r\n{rest}").into_bytes()
}

#[tokio::test]
async fn two_thousand_requests_that_never_end_are_let_go() {
    const CLIENTS: usize = 2_000;
    let bedrock = start(hurried()).await;
    let starts: [Vec<u8>; 6] = [
        Vec::new(),
        b"P".to_vec(),
        PREFACE[..20].to_vec(),
        post("X-Half: "),
        [PREFACE, SETTINGS, HALF_HEADERS].concat(),
        post("Content-Length: 100\r\n\r\n{"),
    ];
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let mut stream = connect(&bedrock).await;
        let start = starts[number % starts.len()].clone();
        clients.spawn(async move {
            stream.write_all(&start).await.expect("it is taken");
            (number, rest(stream).await)
        });
    }
    // Meanwhile it answers other clients.
    assert_eq!(ask(&bedrock, QUESTION).await.status, 200);
    for (number, received) in clients.join_all().await {
        let text = String::from_utf8_lossy(&received);
        match number % starts.len() {
            5 => {
                assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("x-amzn-requestid: "), "{text}");
                assert!(text.contains("RequestTimeoutException"), "{text}");
            }
            4 => {}
            _ => assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}"),
        }
    }
    assert_eq!(ask(&bedrock, QUESTION).await.status, 200);
}

#[tokio::test]
async fn a_body_without_an_end_is_bounded_in_bytes_over_both_versions() {
    let bedrock = start(FakeBedrock::builder()).await;
    let mut stream = connect(&bedrock).await;
    stream.write_all(&post("Transfer-Encoding: chunked\r\n\r\n")).await.expect("it is taken");
    let (mut reader, mut writer) = stream.into_split();
    let write = tokio::spawn(async move {
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        let mut sent = 0;
        while writer.write_all(&chunk).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let mut head = [0; 12];
    timeout(SOON, reader.read_exact(&mut head)).await.expect("it answers").expect("it answers");
    assert_eq!(&head, b"HTTP/1.1 413");
    let sent = timeout(SOON, write).await.expect("it stops reading").expect("nothing panics");
    assert!(sent < 80_000_000, "{sent}");

    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(connect(&bedrock).await))
            .await
            .expect("it is fresh");
    tokio::spawn(connection);
    let body = Full::<Bytes>::from(vec![b' '; 30_000_000]);
    let uri = format!("{}{MODEL_PATH}", bedrock.url());
    let request = Request::post(uri).body(body).expect("the request is valid");
    let response =
        timeout(SOON, sender.send_request(request)).await.expect("it answers").expect("it answers");
    assert_eq!(response.status(), 413);
    assert!(bedrock.requests().iter().all(|request| request.body.is_empty()));
}

#[tokio::test]
async fn huge_headers_are_refused() {
    let bedrock = start(FakeBedrock::builder()).await;
    for header in [format!("X-Large: {}\r\n\r\n", "x".repeat(100_000)), "X-Many: 1\r\n".repeat(200) + "\r\n"]
    {
        let mut stream = connect(&bedrock).await;
        stream.write_all(&post(&header)).await.expect("it is taken");
        let received = rest(stream).await;
        assert!(received.starts_with(b"HTTP/1.1 431 "), "{}", String::from_utf8_lossy(&received));
    }
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(connect(&bedrock).await))
            .await
            .expect("it is fresh");
    tokio::spawn(connection);
    let request = Request::post(format!("{}{MODEL_PATH}", bedrock.url()))
        .header("x-large", "x".repeat(100_000))
        .body(Full::<Bytes>::from(QUESTION))
        .expect("the request is valid");
    let refused = timeout(SOON, sender.send_request(request)).await.expect("it answers");
    assert!(refused.is_err() || refused.is_ok_and(|response| response.status() == 431));
    assert_eq!(ask(&bedrock, QUESTION).await.status, 200);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_reset() {
    let bedrock =
        start(FakeBedrock::builder().max_connections(NonZeroUsize::new(2).expect("not zero"))).await;
    let first = connect(&bedrock).await;
    let second = connect(&bedrock).await;
    // It may be reset before the client knows that it is connected.
    let ended = timeout(SOON, asks(&bedrock)).await.expect("it is told");
    assert!(ended.is_err(), "{ended:?}");
    drop(first);
    let begun = Instant::now();
    // The server may see later that one has gone.
    loop {
        if asks(&bedrock).await.is_ok_and(|received| received.starts_with(b"HTTP/1.1 200 ")) {
            break;
        }
        assert!(begun.elapsed() < SOON, "no other client is accepted");
    }
    drop(second);
}

/// The answer over a new connection, which may be reset at any moment.
async fn asks(bedrock: &FakeBedrock) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(bedrock.addr()).await?;
    let head = format!("Connection: close\r\nContent-Length: {}\r\n\r\n{QUESTION}", QUESTION.len());
    stream.write_all(&post(&head)).await?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await?;
    Ok(received)
}

#[tokio::test]
async fn the_limit_of_streams_is_told_and_kept() {
    const LIMIT: usize = 3;
    let limit = NonZeroU32::new(3).expect("not zero");
    let bedrock = start(FakeBedrock::builder().max_concurrent_streams(limit).delay(FOREVER)).await;
    let mut stream = connect(&bedrock).await;
    stream.write_all(&[PREFACE, SETTINGS].concat()).await.expect("it is taken");
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.expect("the settings come first");
    let mut settings = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
    stream.read_exact(&mut settings).await.expect("they are whole");
    let told = settings.chunks(6).find(|setting| setting[..2] == [0, 3]);
    assert_eq!(told, Some(&[0, 3, 0, 0, 0, 3][..]), "MAX_CONCURRENT_STREAMS");

    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(connect(&bedrock).await))
        .await
        .expect("it is fresh");
    tokio::spawn(connection);
    let mut bodies = tokio::task::JoinSet::new();
    for _ in 0..LIMIT + 2 {
        let mut sender = sender.clone();
        let request = Request::post(format!("{}{MODEL_PATH}", bedrock.url()))
            .body(Full::<Bytes>::from(QUESTION))
            .expect("the request is valid");
        bodies.spawn(async move {
            sender.ready().await.expect("the connection holds");
            let mut body = sender.send_request(request).await.expect("the fake answers").into_body();
            while let Some(Ok(_)) = body.frame().await {}
        });
    }
    let begun = Instant::now();
    while bedrock.open_streams() < LIMIT {
        assert!(begun.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bedrock.open_streams(), LIMIT, "the others wait");
}

#[tokio::test]
async fn throttles_say_when_to_come_again() {
    let builder = FakeBedrock::builder()
        .retry_after(5)
        .reply("busy", Refusal::of(RefusalKind::Throttling))
        .reply("down", Refusal::of(RefusalKind::ServiceUnavailable))
        .reply("own", Refusal::of(RefusalKind::Throttling).retry_after(9))
        .reply("denied", Refusal::of(RefusalKind::AccessDenied));
    let bedrock = start(builder).await;
    for (model, seconds) in [("busy", "5"), ("down", "5"), ("own", "9"), ("denied", "")] {
        let reply = call(&bedrock, request(&bedrock, &format!("/model/{model}/converse"), QUESTION)).await;
        assert_eq!(reply.header("retry-after"), seconds, "{model}");
    }
}

#[tokio::test]
async fn every_response_has_its_request_id() {
    let bedrock = start(FakeBedrock::builder().bearer_token("key")).await;
    let mut ids = std::collections::HashSet::new();
    let paths = [
        "/",
        "/model/m/converse",
        "/model/m/invoke",
        "/v1/chat/completions",
        "/v1/responses",
        "/anthropic/v1/messages",
        "/anthropic/v1/messages/count_tokens",
        "/model/m/count-tokens",
        "/guardrail/g/version/1/apply",
        "/guardrail-checks/invoke",
    ];
    for path in paths {
        for is_let_in in [false, true] {
            let mut request = request(&bedrock, path, QUESTION);
            if is_let_in {
                request.headers_mut().insert("authorization", http::HeaderValue::from_static("Bearer key"));
            }
            let reply = call(&bedrock, request).await;
            assert_eq!(reply.header("x-amzn-requestid").len(), 36, "{path}");
            assert!(ids.insert(reply.header("x-amzn-requestid").to_owned()), "each is another one");
        }
    }
}
