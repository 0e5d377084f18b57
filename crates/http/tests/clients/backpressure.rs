//! Backpressure: a slow reader stops the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::events::ask;
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    a_pause_stops_the_server
}

async fn a_pause_stops_the_server(subject: Subject) {
    let written = Arc::new(AtomicUsize::new(0));
    let server = Server::start(subject, Reply::event_stream([Part::Endless(Arc::clone(&written))])).await;
    let client = server.client(server.bearer());
    let mut chunks = ask(&client).await.unwrap();
    chunks.next().await.unwrap().unwrap();

    let paused = written_when_stopped(&written).await;
    println!("{subject:?}: {paused} bytes written, one chunk read");
    assert!(paused < FIRST, "{paused} bytes");

    // Nothing is read ahead: the server can only send as much as the reader makes room for.
    let mut read = 0;
    while read < 8 * 1024 * 1024 {
        chunks.next().await.unwrap().unwrap();
        read = usize::try_from(chunks.stats().bytes).unwrap();
    }
    let further = written_when_stopped(&written).await;
    println!("{subject:?}: {further} bytes written, {read} bytes read");
    assert!(further >= read);
    assert!(further - read < in_flight(), "{further} bytes written, {read} read");
    drop(chunks);
    server.closed().await;
}

/// Waits until the server stops writing, and returns how much it has written.
async fn written_when_stopped(written: &AtomicUsize) -> usize {
    let begin = Instant::now();
    let mut last = written.load(Relaxed);
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = written.load(Relaxed);
        if now == last {
            return now;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(10) && now < 64 * in_flight(),
            "{now} bytes, and it is still writing"
        );
        last = now;
    }
}

/// How many bytes may be in transit at first. HTTP/1.1: what the kernel and both sides buffer; HTTP/2: hyper's stream
/// window of 2 MiB, and what its server buffers.
const FIRST: usize = 3 * 1024 * 1024;
/// The same for a connection that has been busy: the kernel gives it larger buffers, on Linux as large as its settings allow.
fn in_flight() -> usize {
    let max = |setting: &str| -> Option<usize> {
        let text = std::fs::read_to_string(format!("/proc/sys/net/ipv4/{setting}")).ok()?;
        text.split_whitespace().nth(2)?.parse().ok()
    };
    let buffers = max("tcp_rmem").unwrap_or_default() + max("tcp_wmem").unwrap_or_default();
    (2 * 1024 * 1024 + buffers).max(8 * 1024 * 1024)
}
