//! How long a connection stays open, and how many may be.

use std::time::Duration;

use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::Server;
use bedrock_stream_testkit::{FakeBedrock, answer};
use bytes::Bytes;
use http::{Method, Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{APIS, Running, ask, eventually, start_with};

const SHORT: Duration = Duration::from_millis(300);

async fn start(bedrock: bedrock_stream_testkit::Builder) -> Running {
    start_with(bedrock, |builder| builder, |server| server.head_timeout(SHORT).keep_alive_timeout(SHORT))
        .await
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it stays open")
}

/// An answer that takes several times as long as a connection may be idle.
fn slow() -> bedrock_stream_testkit::Builder {
    let reply = answer().text("one two three four five six seven eight nine ten");
    FakeBedrock::builder().reply("m", reply).delay(Duration::from_millis(100))
}

fn request(running: &Running, path: &str, dialect: Dialect, version: Version) -> Request<Full<Bytes>> {
    let body = ask(dialect, "m", true).to_string();
    let mut request = running.request(Method::POST, path, body);
    *request.version_mut() = version;
    if version == Version::HTTP_11 {
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        *request.uri_mut() = path.parse().unwrap();
    }
    request
}

/// It answers pings, so nothing but the gateway ends it.
#[tokio::test]
async fn an_idle_http2_connection_is_closed_and_one_with_an_open_answer_is_not() {
    let running = start(slow()).await;
    for (path, dialect) in APIS {
        let stream = TcpStream::connect(running.address).await.unwrap();
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let closed = tokio::spawn(connection);
        let response = sender.send_request(request(&running, path, dialect, Version::HTTP_2)).await.unwrap();
        let text = response.into_body().collect().await.expect("it is whole").to_bytes();
        assert!(text.len() > 100, "{dialect}");
        assert!(!closed.is_finished(), "{dialect}: it may be used again");
        // A GOAWAY without an error: the client knows that it can ask again elsewhere.
        soon(closed).await.unwrap().unwrap();
        assert!(sender.is_closed(), "{dialect}");
    }
}

#[tokio::test]
async fn an_http2_connection_without_any_request_is_closed() {
    let running = start(FakeBedrock::builder()).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (_sender, connection) =
        http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    soon(connection).await.unwrap();
}

/// It cannot hold its connection open by beginning requests that it never finishes.
#[tokio::test]
async fn an_http2_head_that_does_not_end_does_not_count_as_a_request() {
    let running = start(FakeBedrock::builder()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    // SETTINGS, and HEADERS without END_HEADERS.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    stream.write_all(&[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82]).await.unwrap();
    let _ = soon(stream.read_to_end(&mut Vec::new())).await;
}

#[tokio::test]
async fn an_idle_http1_connection_is_closed_and_one_with_an_open_answer_is_not() {
    let running = start(slow()).await;
    for (path, dialect) in APIS {
        let stream = TcpStream::connect(running.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let closed = tokio::spawn(connection);
        let response = sender.send_request(request(&running, path, dialect, Version::HTTP_11)).await.unwrap();
        let text = response.into_body().collect().await.expect("it is whole").to_bytes();
        assert!(text.len() > 100, "{dialect}");
        assert!(!closed.is_finished(), "{dialect}: it may be used again");
        soon(closed).await.unwrap().unwrap();
        assert!(sender.is_closed(), "{dialect}");
    }
}

/// A load balancer may reuse it for as long as it usually does.
#[tokio::test]
async fn a_connection_that_had_an_answer_is_kept_for_longer_than_a_head_may_take() {
    let set = |server: bedrock_stream_gateway::Server| server.head_timeout(SHORT);
    let running = start_with(FakeBedrock::builder(), |builder| builder, set).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let healthz =
        || Request::get("/healthz").header("host", "localhost").body(Full::new(Bytes::new())).unwrap();
    for _ in 0..2 {
        let response = sender.send_request(healthz()).await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
        tokio::time::sleep(4 * SHORT).await;
        sender.ready().await.expect("it is open");
    }
}

/// All of the answer has been handed over to its connection, but the client has read little of it yet.
#[tokio::test]
async fn a_client_that_reads_slowly_gets_the_whole_answer() {
    // About 3 MB; the client's receive buffer is small.
    let running =
        start(FakeBedrock::builder().reply("m", answer().text(&"a long word ".repeat(250_000)))).await;
    for (path, dialect) in APIS {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let mut stream = socket.connect(running.address).await.unwrap();
        let body = ask(dialect, "m", false).to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut got = vec![0; 4_096];
        stream.read_exact(&mut got).await.unwrap();
        tokio::time::sleep(4 * SHORT).await;
        soon(stream.read_to_end(&mut got)).await.expect("it is whole");
        let text = String::from_utf8(got).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), body.len(), "{dialect}");
    }
}

#[tokio::test]
async fn no_more_connections_are_accepted_than_allowed() {
    let running = start_with(slow(), |builder| builder, |server| server.max_connections(2)).await;
    let (path, dialect) = APIS[0];
    let first = running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
    let idle = TcpStream::connect(running.address).await.unwrap();
    // The kernel completes its handshake; it is not served.
    let mut third = TcpStream::connect(running.address).await.unwrap();
    third.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    assert!(tokio::time::timeout(SHORT, third.read_exact(&mut start)).await.is_err(), "two are open");
    // As soon as one of the two is closed, it is; the open answer is whole.
    drop(idle);
    soon(third.read_exact(&mut start)).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    assert!(first.into_body().collect().await.expect("it is whole").to_bytes().ends_with(b"[DONE]\n\n"));
}

/// Idle connections cannot lock others out for ever.
#[tokio::test]
async fn an_idle_connection_makes_room() {
    let set = |server: bedrock_stream_gateway::Server| server.max_connections(1).head_timeout(SHORT);
    let mut running = start_with(FakeBedrock::builder(), |builder| builder, set).await;
    let _idle = TcpStream::connect(running.address).await.unwrap();
    let got = soon(running.send(running.request(Method::GET, "/healthz", ""))).await;
    assert_eq!(got.status, 200);
    // Nor does the limit hold up the end.
    drop(running.stop.take());
    eventually(|| running.served.is_finished()).await;
}

/// Over it, an answer that breaks off ends like a whole one.
#[tokio::test]
async fn over_http_1_0_there_is_no_answer_and_everything_else() {
    let running = start(FakeBedrock::builder()).await;
    let ask = async |method: &str, path: &str, body: &str| {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let len = body.len();
        let request = format!("{method} {path} HTTP/1.0\r\nhost: a\r\ncontent-length: {len}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    let converse = "/model/claude/converse-stream";
    for (path, body) in [
        (APIS[0].0, crate::support::ask(APIS[0].1, "m", true).to_string()),
        (APIS[2].0, crate::support::ask(APIS[2].1, "m", false).to_string()),
        (converse, r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#.to_owned()),
    ] {
        let text = ask("POST", path, &body).await;
        assert!(text.starts_with("HTTP/1.0 505") && text.contains("proxy_http_version"), "{text}");
        assert!(text.contains("x-should-retry: false"), "{text}");
    }
    assert!(running.bedrock.requests().is_empty());
    for path in ["/healthz", "/metrics", "/v1/models"] {
        assert!(ask("GET", path, "").await.starts_with("HTTP/1.0 200"), "{path}");
    }
}

/// Open connections are counted, those of the metrics' own listener not.
#[tokio::test]
async fn open_connections_are_counted() {
    let running = start(FakeBedrock::builder()).await;
    let is =
        |count: usize| running.gateway.metrics().contains(&format!("gateway_open_connections {count}\n"));
    assert!(is(0));
    let metrics = Server::bind(([127, 0, 0, 1], 0).into(), running.gateway.only_metrics()).await.unwrap();
    let _probe = TcpStream::connect(metrics.local_addr().unwrap()).await.unwrap();
    tokio::spawn(metrics.serve(std::future::pending()));
    let held = [
        TcpStream::connect(running.address).await.unwrap(),
        TcpStream::connect(running.address).await.unwrap(),
    ];
    eventually(|| is(2)).await;
    drop(held);
    eventually(|| is(0)).await;
}
