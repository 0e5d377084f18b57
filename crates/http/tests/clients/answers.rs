//! Complete answers: text and tool calls, split anywhere, and reused connections.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::Message;
use bedrock_stream_http::{Auth, Config, ErrorDetail, Operation, Timeouts};
use bedrock_stream_testkit::{FakeBedrock, Fault, answer};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::events::{self, ask, ask_and_read, read, text_of};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    chunks_arrive_one_at_a_time
    text_and_tool_calls_are_complete
    any_split_yields_the_same_answer
    slow_bytes_are_waited_for
    messages_are_the_servers_exact_bytes
    a_model_id_is_sent_as_one_label
    a_connection_is_reused
}

async fn chunks_arrive_one_at_a_time(subject: Subject) {
    let go_on = Arc::new(Notify::new());
    let parts =
        events::answer().into_iter().flat_map(|events| [Part::Wait(Arc::clone(&go_on)), Part::data(events)]);
    let server = Server::start(subject, Reply::event_stream(parts)).await;
    let client = server.client(server.bearer());
    go_on.notify_one();
    let mut chunks = ask(&client).await.unwrap();
    assert_eq!(chunks.request_id(), Some("r-1"));
    let mut text = String::new();
    let mut done = false;
    // The server sends each event only after the previous event's chunk was received.
    while let Some(chunk) =
        timeout(Duration::from_secs(10), chunks.next()).await.expect("a chunk was held back")
    {
        match chunk.unwrap() {
            Chunk::Text { text: more, .. } => text.push_str(&more),
            Chunk::Done(_) => done = true,
            // This chunk comes from the same event as the text.
            Chunk::BlockStart { .. } => continue,
            _ => {}
        }
        go_on.notify_one();
    }
    assert!(done);
    assert_eq!(text, "Hello, world");
}

async fn text_and_tool_calls_are_complete(subject: Subject) {
    let arguments = json!({"city": "Zürich", "days": 3});
    let reply = answer().text("Let me look.").tool("weather", arguments.clone()).tool("clock", json!({}));
    let (bedrock, client) =
        subject.bedrock(FakeBedrock::builder().reply("m", reply), Config::builder().auth(Auth::None)).await;
    let request = Request::new().user("How is the weather?");
    let response = client.converse_stream("m", &request).await.unwrap().collect().await.unwrap();
    assert_eq!(response.text(), "Let me look.");
    assert_eq!(response.stop_reason.as_ref().unwrap().as_str(), "tool_use");
    let calls: Vec<_> = response.tool_calls().collect();
    assert_eq!(calls.len(), 2);
    assert_eq!((&*calls[0].name, &*calls[1].name), ("weather", "clock"));
    assert_eq!(serde_json::to_value(&calls[0].input).unwrap(), arguments);
    assert_eq!(serde_json::to_value(&calls[1].input).unwrap(), json!({}));
    assert!(response.usage.is_some());
    let sent = serde_json::to_value(bedrock.requests()[0].converse().unwrap()).unwrap();
    assert_eq!(sent, serde_json::to_value(&request).unwrap());
}

async fn any_split_yields_the_same_answer(subject: Subject) {
    // Recent HTTP/2 clients treat a long queue of tiny DATA frames as an attack, and close the connection.
    let smallest = if subject.wire.is_http2() { 64 } else { 1 };
    let mut expected = None;
    for size in [None, Some(smallest), Some(101), Some(4096)] {
        let mut bedrock = FakeBedrock::builder().seed(7);
        if let Some(size) = size.and_then(NonZeroUsize::new) {
            bedrock = bedrock.split(size);
        }
        let (_bedrock, client) = subject.bedrock(bedrock, Config::builder().auth(Auth::None)).await;
        let items = format!("{:?}", ask_and_read(&client).await);
        assert_eq!(&items, expected.get_or_insert(items.clone()), "{size:?}");
    }
}

async fn slow_bytes_are_waited_for(subject: Subject) {
    // Each byte arrives in time, but all of them together take longer than the idle timeout.
    let idle = Duration::from_millis(500);
    let config = Config::builder().auth(Auth::None).timeouts(Timeouts::default().idle(idle));
    let bedrock = FakeBedrock::builder().reply("m", answer().text("Drop by drop.")).fault(Fault::Drip);
    let (_bedrock, client) = subject.bedrock(bedrock, config.clone()).await;
    let items = ask_and_read(&client).await;
    assert_eq!(text_of(&items), "Drop by drop.");
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");

    let whole = events::answer().concat();
    let parts = whole.chunks(whole.len() / 30);
    let parts = parts.flat_map(|part| [Part::data(part.to_vec()), Part::Sleep(idle / 20)]);
    let server = Server::start(subject, Reply::event_stream(parts)).await;
    let client = server.client(config.endpoint_url(&server.url));
    let begin = std::time::Instant::now();
    let items = ask_and_read(&client).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
    assert!(begin.elapsed() > idle, "{:?}", begin.elapsed());
}

async fn messages_are_the_servers_exact_bytes(subject: Subject) {
    let server = Server::start(subject, Reply::answer()).await;
    let client = server.client(server.bearer());
    let operation = Operation::invoke_stream("m").unwrap();
    let mut messages = client.open(operation, "{}").message_stream().await.unwrap();
    for sent in events::answer() {
        let seen = messages.next_with(|message: Message<'_>| message.as_bytes() == sent).await;
        assert!(seen.unwrap().unwrap());
    }
    assert!(messages.next_with(|_| ()).await.is_none());
}

async fn a_model_id_is_sent_as_one_label(subject: Subject) {
    let mut server = Server::start(subject, Reply::answer()).await;
    let config = server.bearer().endpoint_url(format!("{}/a%20b//c/", server.url));
    let client = server.client(config);
    let request = Request::new().user("Hi");
    client.converse_stream("arn:aws:bedrock:us-east-1:1:prompt/A b%é", &request).await.unwrap();
    let received = server.request().await;
    let path =
        "/a%20b//c/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2FA%20b%25%C3%A9/converse-stream";
    assert_eq!(received.head.uri.path_and_query().unwrap(), path);
    assert_eq!(received.head.method, "POST");
    let version = if subject.wire.is_http2() { http::Version::HTTP_2 } else { http::Version::HTTP_11 };
    assert_eq!(received.head.version, version);
    assert_eq!(received.host(), server.url.split("//").nth(1));
    assert!(matches!(
        client.converse_stream("..", &request).await.unwrap_err().detail(),
        ErrorDetail::ModelId(_)
    ));
}

async fn a_connection_is_reused(subject: Subject) {
    // The body ends shortly after the last event.
    let parts = [Part::data(events::answer().concat()), Part::Sleep(Duration::from_millis(5))];
    let whole = Reply::whole(200, "content-type: application/json", crate::whole_answers::WHOLE.as_bytes());
    let refusal = Reply::whole(400, "content-type: application/json", b"{}");
    let replies =
        vec![Reply::event_stream(parts.clone()), whole, refusal, Reply::event_stream(parts.clone())];
    let mut server = Server::script(subject, replies).await;
    let client = server.client(server.bearer());
    let request = Request::new().user("Hi");
    // The client's background tasks return the connection to the pool; a request made before they run opens another
    // one.
    let handed_back = || sleep(Duration::from_millis(50));
    ask(&client).await.unwrap().collect().await.unwrap();
    handed_back().await;
    client.converse("m", &request).await.unwrap();
    handed_back().await;
    ask(&client).await.unwrap_err();
    for _ in 0..3 {
        handed_back().await;
        // As a stream: once to its end, and once only to `Done`.
        let mut chunks = ask(&client).await.unwrap();
        let items = read(&mut chunks).await;
        assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
    }
    for _ in 0..6 {
        assert_eq!(server.request().await.connection, 0);
    }
}
