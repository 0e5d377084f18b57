//! A thousand streams at once, through each client, in one process. The memory for each is measured by the example
//! `many_streams`, whose server and clients have processes of their own.

use std::sync::Arc;
use std::time::Instant;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::{Auth, Config};
use bedrock_stream_testkit::{FakeBedrock, answer};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::events::{ask, read};
use crate::subject::{Kind, Subject, Wire};

const STREAMS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_are_all_complete() {
    // Over HTTP/1.1 each stream is a connection, both ends of which are in this process.
    if let Some(limit) = open_files().filter(|limit| *limit < 2 * STREAMS + 200) {
        return eprintln!(
            "skipped: {STREAMS} streams need more open files than the {limit} allowed (`ulimit -n`)"
        );
    }
    // One client after the other, so that each figure describes only one.
    for kind in [Kind::Hyper, Kind::Reqwest] {
        for wire in [Wire::Http1, Wire::Http2] {
            thousand(Subject { kind, wire }).await;
        }
    }
}

async fn thousand(subject: Subject) {
    let bedrock = FakeBedrock::builder().reply("m", answer().text("One of a thousand answers."));
    let (bedrock, client) = subject.bedrock(bedrock, Config::builder().auth(Auth::None)).await;
    let begin = Instant::now();
    // Over HTTP/1.1 all streams are open before the first is read; an HTTP/2 connection allows fewer at once.
    let together = Arc::new(Barrier::new(if subject.wire.is_http2() { 1 } else { STREAMS }));
    let mut tasks = JoinSet::new();
    for _ in 0..STREAMS {
        let (client, together) = (client.clone(), Arc::clone(&together));
        tasks.spawn(async move {
            let mut chunks = ask(&client).await.unwrap();
            together.wait().await;
            let items = read(&mut chunks).await;
            assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
        });
    }
    assert_eq!(tasks.join_all().await.len(), STREAMS);
    println!("{subject:?}: {STREAMS} answers complete in {:.1?}", begin.elapsed());
    assert_eq!(bedrock.requests().len(), STREAMS);
    assert_eq!(bedrock.open_streams(), 0);
}

/// How many files this process may open; `None` if unknown.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
