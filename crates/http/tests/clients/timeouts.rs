//! Every timeout, on real sockets.

use std::time::{Duration, Instant};

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, ErrorDetail, Retry, Timeout, Timeouts};
use bedrock_stream_testkit::{FakeBedrock, Fault};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::events::{self, ask};
use crate::reply::{Part, Reply};
use crate::server::Server;
use crate::subject::Subject;

matrix! {
    a_silent_server_causes_a_timeout
    a_stalled_answer_causes_a_timeout
    a_refusal_whose_body_never_ends_causes_no_long_wait
    the_total_timeout_covers_all_attempts
    a_connection_that_is_not_established_causes_a_timeout
}

const SOON: Duration = Duration::from_millis(100);

async fn a_silent_server_causes_a_timeout(subject: Subject) {
    let timeouts = Timeouts::default().first_byte(SOON);
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{}://{}", subject.wire.scheme(), mute.local_addr().unwrap());
    let config = Config::builder().endpoint_url(url).bearer("my-api-key").timeouts(timeouts);
    let error =
        timeout(Duration::from_secs(10), ask(&subject.client(config, None))).await.unwrap().unwrap_err();
    assert!(error.to_string().starts_with("no response within 100ms, "), "{error}");
    assert!(matches!(error.detail(), ErrorDetail::Timeout { elapsed, .. } if *elapsed >= SOON), "{error:?}");

    // There is a connection, but no response.
    let config = Config::builder().auth(Auth::None).timeouts(timeouts.first_byte(4 * SOON));
    let (bedrock, client) = subject.bedrock(FakeBedrock::builder().fault(Fault::NoHead), config).await;
    for error in
        [ask(&client).await.unwrap_err(), client.converse("m", &Request::new().user("Hi")).await.unwrap_err()]
    {
        assert!(
            matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::FirstByte, .. }),
            "{error:?}"
        );
    }
    assert_eq!(bedrock.requests().len(), 2, "each request was sent only once");
}

async fn a_stalled_answer_causes_a_timeout(subject: Subject) {
    let server =
        Server::start(subject, Reply::event_stream([Part::data(events::answer()[0].clone()), Part::Hang]))
            .await;
    let client = server.client(server.bearer().timeouts(Timeouts::default().idle(2 * SOON)));
    let mut chunks = ask(&client).await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    let error = timeout(Duration::from_secs(10), chunks.next()).await.unwrap().unwrap().unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with("no data received for 200ms, "), "{sentence}");
    assert!(sentence.ends_with(" after the request started [request id r-1]"), "{sentence}");
    assert!(chunks.next().await.is_none());
    server.closed().await;
}

async fn a_refusal_whose_body_never_ends_causes_no_long_wait(subject: Subject) {
    let parts = [Part::data("{"), Part::Hang];
    let server = Server::start(subject, Reply::broken(400, "content-type: application/json", parts)).await;
    // The head arrived in time, and describes the error although the body is missing.
    let client = server.client(server.bearer().timeouts(Timeouts::default().first_byte(4 * SOON)));
    let error = timeout(Duration::from_secs(20), ask(&client)).await.unwrap().unwrap_err();
    let ErrorDetail::Refusal(refusal) = error.detail() else { panic!("{error:?}") };
    assert_eq!((refusal.status.as_u16(), &*refusal.message), (400, "{"));
    server.closed().await;
}

async fn the_total_timeout_covers_all_attempts(subject: Subject) {
    let busy = Reply::whole(503, "content-type: application/json", b"{}");
    let hanging = Reply::event_stream([Part::data(events::answer()[0].clone()), Part::Hang]);
    let mut server = Server::script(subject, vec![busy.clone(), busy, hanging]).await;
    let total = Duration::from_secs(1);
    let retry = Retry::default().base(Duration::from_millis(1));
    let client = server.client(server.bearer().retry(retry).timeouts(Timeouts::default().total(total)));
    let begin = Instant::now();
    let error = ask(&client).await.unwrap().collect().await.unwrap_err().error;
    assert!(
        matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Total, after, elapsed, .. } if *after == total && *elapsed >= total),
        "{error:?}"
    );
    assert_eq!(error.earlier_attempts().len(), 2, "errors after the first chunk report them too");
    assert!(begin.elapsed() >= total);
    for _ in 0..3 {
        server.request().await;
    }

    // A wait that would be too long is not started.
    let later = Reply::whole(503, "retry-after: 5", b"{}");
    let server = Server::start(subject, later).await;
    let client = server.client(server.bearer().timeouts(Timeouts::default().total(2 * total)));
    let begin = Instant::now();
    let error = ask(&client).await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 503);
    assert!(begin.elapsed() < 2 * total);
}

async fn a_connection_that_is_not_established_causes_a_timeout(subject: Subject) {
    // A listener whose queue is full does not respond any more.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    loop {
        match timeout(Duration::from_millis(200), TcpStream::connect(addr)).await {
            Ok(stream) if waiting.len() < 100 => waiting.push(stream.unwrap()),
            Ok(_) => return eprintln!("skipped: on this system the queue of a listener never fills up"),
            Err(_) => break,
        }
    }
    let url = format!("{}://{addr}", subject.wire.scheme());
    let config = Config::builder().endpoint_url(url).bearer("my-api-key");
    let config = config
        .timeouts(Timeouts::default().connect(SOON))
        .retry(Retry::default().max_attempts(2).base(Duration::from_millis(1)));
    let error = ask(&subject.client(config, None)).await.unwrap_err();
    assert!(
        matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Connect, after, elapsed, .. } if *after == SOON && *elapsed > SOON),
        "{error:?}"
    );
    assert_eq!(error.earlier_attempts().len(), 1, "it was retried");
    assert!(error.to_string().starts_with("no connection within 100ms, "), "{error}");
}
