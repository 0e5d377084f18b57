//! A thousand streams at once, of every dialect, and what they leave behind. A process of its own, so that nothing else opens
//! files or starts threads.

use std::fs;
use std::num::NonZeroU32;
use std::time::Duration;

use bedrock_stream_testkit::FakeBedrock;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Over HTTP/2, on a few connections.
const SHARED: usize = 900;
const CONNECTIONS: usize = 9;
/// Over HTTP/1.1, each on a connection of its own.
const ALONE: usize = 100;
const STREAMS: usize = SHARED + ALONE;

/// A streamed request in each dialect: its path and its body.
fn requests() -> Vec<(&'static str, Value)> {
    let user = json!([{"role": "user", "content": "Why is the sky blue?"}]);
    let blocks = json!([{"role": "user", "content": [{"text": "Why is the sky blue?"}]}]);
    let version = "bedrock-2023-05-31";
    vec![
        ("/model/m/converse-stream", json!({"messages": blocks})),
        (
            "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke-with-response-stream",
            json!({"anthropic_version": version, "max_tokens": 999, "messages": user}),
        ),
        ("/model/amazon.nova-lite-v1%3A0/invoke-with-response-stream", json!({"messages": blocks})),
        ("/model/meta.llama3-8b-instruct-v1%3A0/invoke-with-response-stream", json!({"prompt": "Why?"})),
        ("/v1/chat/completions", json!({"model": "m", "stream": true, "messages": user})),
        ("/v1/responses", json!({"model": "m", "stream": true, "input": "Why is the sky blue?"})),
        (
            "/anthropic/v1/messages",
            json!({"model": "m", "stream": true, "max_tokens": 999, "messages": user, "anthropic_version": version}),
        ),
    ]
}

/// What shows that each is whole.
const ENDS: [&str; 7] =
    ["metadata", "chunk", "chunk", "chunk", "[DONE]", "response.completed", "message_stop"];

/// What this process holds in memory, in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// How many threads and open files this process has; none where the system does not tell.
fn held() -> Option<(usize, usize)> {
    let count = |folder| Some(fs::read_dir(folder).ok()?.count());
    Some((count("/proc/self/task")?, count("/proc/self/fd")?))
}

async fn fake(delay: Duration) -> FakeBedrock {
    let streams = NonZeroU32::new(1_000).expect("not zero");
    let builder = FakeBedrock::builder().delay(delay).max_concurrent_streams(streams);
    builder.start().await.expect("a port is free")
}

async fn connect(bedrock: &FakeBedrock) -> TokioIo<TcpStream> {
    TokioIo::new(TcpStream::connect(bedrock.addr()).await.expect("the fake listens"))
}

/// Asks a thousand times; each task gives the number of its request and the body as far as it came.
async fn begin(bedrock: &FakeBedrock) -> JoinSet<(usize, Vec<u8>)> {
    async fn read(number: usize, response: hyper::Result<Response<Incoming>>) -> (usize, Vec<u8>) {
        let mut bytes = Vec::new();
        // A stream that had begun to be sent may be cut before its head.
        let Ok(response) = response else { return (number, bytes) };
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        (number, bytes)
    }
    let requests = requests();
    let request = |number: usize| {
        let (path, body) = &requests[number % requests.len()];
        Request::post(format!("{}{path}", bedrock.url()))
            .header("host", bedrock.addr().to_string())
            .body(Full::<Bytes>::from(body.to_string()))
            .expect("the request is valid")
    };
    let mut streams = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (sender, running) =
            http2::handshake(TokioExecutor::new(), connect(bedrock).await).await.expect("it is fresh");
        tokio::spawn(running);
        for number in 0..SHARED / CONNECTIONS {
            let (mut sender, number) = (sender.clone(), connection + number * CONNECTIONS);
            let request = request(number);
            streams.spawn(async move { read(number, sender.send_request(request).await).await });
        }
    }
    for number in SHARED..STREAMS {
        let (mut sender, running) = http1::handshake(connect(bedrock).await).await.expect("it is fresh");
        tokio::spawn(running);
        let request = request(number);
        streams.spawn(async move { read(number, sender.send_request(request).await).await });
    }
    streams
}

#[tokio::test]
async fn a_thousand_paced_streams_of_every_dialect_and_nothing_left() {
    // The runtime's own files are open from here on.
    drop(fake(Duration::ZERO).await);
    let (before, memory) = (held(), resident());

    let bedrock = fake(Duration::from_millis(100)).await;
    let streams = begin(&bedrock).await;
    let mut most = 0;
    while bedrock.open_streams() > 0 || bedrock.requests().len() < STREAMS {
        most = most.max(bedrock.open_streams());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let after = resident();
    println!(
        "{most} streams at once: {memory} KiB before, {after} KiB after, clients included: {} KiB a stream",
        after.saturating_sub(memory) / STREAMS
    );
    assert_eq!(most, STREAMS, "all of them were open at once");
    assert!(after.saturating_sub(memory) < 200 * 1024, "{memory} KiB, {after} KiB");
    for (number, body) in streams.join_all().await {
        let end = ENDS[number % ENDS.len()].as_bytes();
        let tail = &body[body.len().saturating_sub(2_000)..];
        assert!(
            tail.windows(end.len()).any(|bytes| bytes == end),
            "{number}: {}",
            String::from_utf8_lossy(tail)
        );
    }
    drop(bedrock);
    settle(before).await;
    assert_eq!(held(), before, "threads and open files");

    // In the middle of them all.
    let bedrock = fake(Duration::from_secs(1_000_000)).await;
    let streams = begin(&bedrock).await;
    while bedrock.open_streams() < STREAMS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(bedrock);
    assert_eq!(streams.join_all().await.len(), STREAMS, "each client is told that it is over");
    settle(before).await;
    println!("threads and open files: {before:?} before, {:?} after", held());
    assert_eq!(held(), before, "threads and open files");
}

/// Waits until what has ended is gone: a joined thread may be listed for a moment, and clients close their ends in tasks.
async fn settle(expected: Option<(usize, usize)>) {
    for _ in 0..1_000 {
        if held() == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
