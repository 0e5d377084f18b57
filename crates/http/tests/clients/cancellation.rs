//! Cancellation: dropping a stream stops the server.

use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config};
use bedrock_stream_testkit::{FakeBedrock, Fault};
use tokio::time::timeout;

use crate::events::{self, ask};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    dropping_the_stream_reaches_the_server
    dropping_a_whole_answer_reaches_the_server
    dropping_the_request_reaches_the_server
    a_dropped_stream_leaves_the_others_alone
}

async fn dropping_the_stream_reaches_the_server(subject: Subject) {
    let parts = [Part::data(events::answer()[..2].concat()), Part::Hang];
    let server = Server::start(subject, Reply::event_stream(parts)).await;
    let client = server.client(server.bearer());
    let mut chunks = ask(&client).await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    assert!(timeout(Duration::from_millis(50), server.closed.notified()).await.is_err(), "closed too early");
    drop(chunks);
    server.closed().await;
}

async fn dropping_a_whole_answer_reaches_the_server(subject: Subject) {
    let parts = [Part::data("{"), Part::Hang];
    let reply = Reply::broken(200, "content-type: application/json", parts);
    let mut server = Server::start(subject, reply).await;
    let client = server.client(server.bearer());
    let task = tokio::spawn(async move { client.converse("m", &Request::new().user("Hi")).await });
    server.request().await;
    assert!(timeout(Duration::from_millis(50), server.closed.notified()).await.is_err(), "closed too early");
    task.abort();
    server.closed().await;
}

async fn dropping_the_request_reaches_the_server(subject: Subject) {
    let bedrock = FakeBedrock::builder().fault(Fault::NoHead);
    let (bedrock, client) = subject.bedrock(bedrock, Config::builder().auth(Auth::None)).await;
    let task = tokio::spawn(async move { ask(&client).await.map(drop) });
    until(|| bedrock.open_streams() == 1 || !bedrock.requests().is_empty()).await;
    task.abort();
    until(|| bedrock.open_streams() == 0).await;
}

async fn a_dropped_stream_leaves_the_others_alone(subject: Subject) {
    let parts = events::answer().into_iter();
    let parts = parts.flat_map(|event| [Part::data(event), Part::Sleep(Duration::from_millis(20))]);
    let server = Server::start(subject, Reply::event_stream(parts)).await;
    let client = server.client(server.bearer());
    let (kept, dropped) = tokio::join!(ask(&client), ask(&client));
    drop(dropped.unwrap());
    assert_eq!(kept.unwrap().collect().await.unwrap().text(), "Hello, world");
    assert_eq!(ask(&client).await.unwrap().collect().await.unwrap().text(), "Hello, world");
}

/// Waits for the condition, for at most a second.
async fn until(condition: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(1), "the server does not notice it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
