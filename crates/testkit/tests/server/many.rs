//! Many streams at once.

use std::fs;
use std::time::Duration;

use bedrock_stream_testkit::FakeBedrock;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{MODEL_PATH, QUESTION};

const CONNECTIONS: usize = 10;
const STREAMS: usize = 1_000;

/// What this process holds in memory, in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_thousand_paced_streams() {
    let bedrock =
        FakeBedrock::builder().delay(Duration::from_millis(50)).start().await.expect("a port is free");
    let before = resident();
    let mut streams = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("the connection is fresh");
        tokio::spawn(connection);
        for _ in 0..STREAMS / CONNECTIONS {
            let mut sender = sender.clone();
            let request = Request::post(format!("{}{MODEL_PATH}", bedrock.url()))
                .body(Full::<Bytes>::from(QUESTION))
                .expect("the request is valid");
            streams.spawn(async move {
                let body = sender.send_request(request).await.expect("the fake answers").into_body();
                body.collect().await.expect("the body ends cleanly").to_bytes().len()
            });
        }
    }
    let mut most = 0;
    while bedrock.open_streams() > 0 || bedrock.requests().len() < STREAMS {
        most = most.max(bedrock.open_streams());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let after = resident();
    println!(
        "{most} streams at once: {before} KiB before, {after} KiB after, clients included: {} KiB a stream",
        after.saturating_sub(before) / STREAMS
    );
    assert_eq!(most, STREAMS, "all of them were open at once");
    assert!(after.saturating_sub(before) < 200 * 1024, "{before} KiB, {after} KiB");
    let lengths = streams.join_all().await;
    assert!(lengths.iter().all(|len| *len == lengths[0]), "each is whole");
}
