//! Many streams over few HTTP/2 connections, and dead connections.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::{ConfigBuilder, Timeouts};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::events::{self, ask, ask_and_read, read, text_of};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::{ChunkStream, Client, Kind, Subject, Wire};

/// How many streams the server allows on a connection.
const LIMIT: usize = 8;
/// How many streams are requested at once.
const STREAMS: usize = 24;

fn subjects() -> impl Iterator<Item = Subject> {
    let kinds = [Kind::Reqwest, Kind::Hyper].into_iter();
    kinds.flat_map(|kind| [Wire::Http2, Wire::TlsHttp2].map(|wire| Subject { kind, wire }))
}

/// A server with that limit, whose answers start, and continue on command.
async fn limited(subject: Subject) -> (Server, Arc<Notify>) {
    let go_on = Arc::new(Notify::new());
    let events = events::answer();
    let (begin, rest) = events.split_at(3);
    let parts = [Part::data(begin.concat()), Part::Wait(Arc::clone(&go_on)), Part::data(rest.concat())];
    let replies = vec![Reply::event_stream(parts)];
    (Server::with_limit(subject, replies, &[b"h2"], Some(LIMIT as u32)).await, go_on)
}

/// Requests that many answers at once, and reads the first chunk of each before any has ended.
async fn begun(client: &Client, count: usize) -> Vec<ChunkStream> {
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut chunks = ask(&client).await.unwrap();
                assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
                chunks
            })
        })
        .collect();
    let mut begun = Vec::new();
    for task in tasks {
        let chunks = timeout(Duration::from_secs(20), task).await;
        begun.push(chunks.expect("a stream waits for another to end").unwrap());
    }
    begun
}

async fn end(streams: Vec<ChunkStream>, go_on: &Arc<Notify>) {
    let go_on = Arc::clone(go_on);
    let telling = tokio::spawn(async move {
        loop {
            go_on.notify_waiters();
            sleep(Duration::from_millis(5)).await;
        }
    });
    for mut chunks in streams {
        let items = read(&mut chunks).await;
        assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
    }
    telling.abort();
}

/// The server's view: the number of connections, and of requests.
fn seen(server: &mut Server) -> (BTreeSet<usize>, usize) {
    let received: Vec<_> = core::iter::from_fn(|| server.requests.try_recv().ok()).collect();
    assert!(received.iter().all(|request| !request.body.is_empty()));
    (received.iter().map(|request| request.connection).collect(), received.len())
}

async fn no_stream_waits(cold: bool, config: impl Fn(ConfigBuilder) -> ConfigBuilder) {
    for subject in subjects() {
        let (mut server, go_on) = limited(subject).await;
        let client = server.client(config(server.bearer()));
        if !cold {
            end(begun(&client, 1).await, &go_on).await;
            assert_eq!(seen(&mut server).1, 1);
        }
        // The second time, the connections already exist.
        for _ in 0..2 {
            let streams = begun(&client, STREAMS).await;
            let (connections, requests) = seen(&mut server);
            println!("{subject:?}: {requests} requests on the connections {connections:?}");
            assert_eq!(requests, STREAMS, "{subject:?}: each request is sent once");
            // Three connections with one handshake each, unless this machine is so busy that a stream seems to wait.
            assert!((3..=8).contains(&connections.len()), "{subject:?}: {connections:?}");
            end(streams, &go_on).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stream_waits_behind_another_on_an_existing_connection() {
    no_stream_waits(false, |config| config).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stream_waits_behind_another_on_a_new_connection() {
    no_stream_waits(true, |config| config).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stream_waits_behind_another_with_the_callers_own_limit() {
    no_stream_waits(false, |config| config.max_streams_per_connection(LIMIT)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_below_the_limit_share_and_reuse_a_connection() {
    for subject in subjects() {
        let (mut server, go_on) = limited(subject).await;
        let client = server.client(server.bearer());
        end(begun(&client, 1).await, &go_on).await;
        for _ in 0..3 {
            end(begun(&client, LIMIT).await, &go_on).await;
        }
        let (connections, requests) = seen(&mut server);
        assert_eq!((connections.len(), requests), (1, 1 + 3 * LIMIT), "{subject:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_connection_is_noticed_and_not_reused() {
    for subject in subjects() {
        let hanging = Reply::event_stream([Part::data(events::answer()[..3].concat()), Part::Hang]);
        let replies = vec![hanging.clone(), hanging, Reply::answer()];
        let mut server = Server::with_limit(subject, replies, &[b"h2"], None).await;
        let proxy = Proxy::start(&server.url).await;
        let config = server.bearer().endpoint_url(&proxy.url);
        let client = server.client(config.timeouts(Timeouts::default().idle(Duration::from_secs(3))));
        let mut streams = Vec::new();
        for _ in 0..2 {
            let mut chunks = ask(&client).await.unwrap();
            assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
            streams.push(chunks);
        }
        assert_eq!(server.request().await.connection, server.request().await.connection);

        proxy.silence();
        // The request is sent on a connection where nobody answers, but it is not lost.
        let meanwhile = tokio::spawn({
            let client = client.clone();
            async move { ask_and_read(&client).await }
        });
        for mut chunks in streams {
            let items = timeout(Duration::from_secs(30), read(&mut chunks)).await.expect("nobody notices");
            let error = items.last().unwrap().as_ref().unwrap_err();
            assert!(error.is_retryable(), "{subject:?}: {error}");
        }
        let items = timeout(Duration::from_secs(30), ask_and_read(&client)).await.unwrap();
        assert_eq!(text_of(&items), "Hello, world", "{subject:?}");
        let items = timeout(Duration::from_secs(30), meanwhile).await.unwrap().unwrap();
        assert_eq!(text_of(&items), "Hello, world", "{subject:?}: {items:?}");
        let (connections, requests) = seen(&mut server);
        assert!(requests == 2 && connections.iter().all(|number| *number > 0), "{connections:?}");
    }
}

/// A proxy in front of a server, which can stop forwarding on its existing connections.
struct Proxy {
    url: String,
    silence: Arc<std::sync::Mutex<Arc<AtomicBool>>>,
}

impl Proxy {
    async fn start(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (scheme, target) = url.split_once("://").unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let silence: Arc<std::sync::Mutex<Arc<AtomicBool>>> = Arc::default();
        let (target, current) = (target.to_owned(), Arc::clone(&silence));
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&target).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let silent = Arc::clone(&current.lock().unwrap());
                tokio::spawn(forward(from_client, to_server, Arc::clone(&silent)));
                tokio::spawn(forward(from_server, to_client, silent));
            }
        });
        Self { url, silence }
    }

    /// From now on, nothing is forwarded on the existing connections; later ones work normally.
    fn silence(&self) {
        let mut current = self.silence.lock().unwrap();
        current.store(true, SeqCst);
        *current = Arc::default();
    }
}

async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, silent: Arc<AtomicBool>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let len = from.read(&mut buffer).await.unwrap_or(0);
        if silent.load(SeqCst) {
            // The connection stays open: no end and no reset.
            return core::future::pending().await;
        }
        if len == 0 || to.write_all(&buffer[..len]).await.is_err() {
            return;
        }
    }
}
