//! The same cases through both clients, over real sockets, against a server that says exactly what it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bedrock_stream_http::converse::{Chunk, Error as StreamError, Request, Response};
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{BoxError, ChunkStream, Config, ConfigBuilder, Deadline, Deadlines, Error, Retry};
use http_body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

/// A client under test.
trait Subject: Sized + Send + Sync + 'static {
    type Body: Body<Error: Into<BoxError>> + Send + Unpin + 'static;

    fn new(config: Config) -> Self;
    fn ask(&self, model_id: &str) -> impl Future<Output = Result<ChunkStream<Self::Body>, Error>> + Send;
    fn ask_whole(&self, model_id: &str) -> impl Future<Output = Result<Response, Error>> + Send;
}

macro_rules! suite {
    ($client:ident, $body:ty: $($(#[$attribute:meta])* $case:ident)*) => {
        impl Subject for ::$client::Client {
            type Body = $body;

            fn new(config: Config) -> Self {
                Self::new(config).unwrap()
            }

            async fn ask(&self, model_id: &str) -> Result<ChunkStream<$body>, Error> {
                self.converse_stream(model_id, &Request::new().user("Hi")).await
            }

            async fn ask_whole(&self, model_id: &str) -> Result<Response, Error> {
                self.converse(model_id, &Request::new().user("Hi")).await
            }
        }

        mod $client {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $case() {
                    super::$case::<::$client::Client>().await;
                }
            )*
        }
    };
    ($cases:tt) => {
        suite!(@ bedrock_stream_reqwest, reqwest::Body, $cases);
        suite!(@ bedrock_stream_hyper, hyper::body::Incoming, $cases);
    };
    (@ $client:ident, $body:ty, [$($cases:tt)*]) => {
        suite!($client, $body: $($cases)*);
    };
}

suite!([
    chunks_arrive_one_by_one
    #[cfg(feature = "sigv4")]
    a_wrong_secret_is_a_refusal_that_shows_no_secret
    a_bearer_token_is_sent_and_hidden
    html_is_named
    a_cut_is_never_done
    an_endpoint_that_is_not_there_is_named
    a_model_id_is_sent_as_one_label
    dropping_the_stream_closes_the_connection
    a_redirect_is_not_followed
    a_connection_is_used_again
    a_server_that_says_nothing_is_given_up
    https_begins_with_tls_and_offers_http2
    what_may_pass_is_tried_again_before_the_first_chunk_only
    every_attempt_is_told
    the_total_is_one_for_all_attempts
    a_connection_that_does_not_come_is_given_up
    a_whole_answer_is_one_response
    a_whole_answer_may_be_refused_or_something_else
    a_whole_answer_is_tried_again
]);

async fn chunks_arrive_one_by_one<C: Subject>() {
    let go_on = Arc::new(Notify::new());
    let mut events = events();
    // `messageStop` alone makes no chunk: the proof is complete with the metadata.
    let end = events.split_off(4).concat();
    let parts = events.into_iter().chain([end]);
    let parts = parts.flat_map(|events| [Part::Wait(Arc::clone(&go_on)), Part::Chunk(events)]);
    let server = Server::start(Reply::event_stream(parts)).await;
    let client = C::new(server.bearer());
    go_on.notify_one();
    let mut chunks = client.ask("m").await.unwrap();
    assert_eq!(chunks.request_id(), Some("r-1"));
    let mut text = String::new();
    let mut done = false;
    // The server sends an event only after the chunk of the one before was taken.
    while let Some(chunk) =
        timeout(Duration::from_secs(10), chunks.next()).await.expect("a chunk was held back")
    {
        match chunk.unwrap() {
            Chunk::Text { text: more, .. } => text.push_str(&more),
            Chunk::Done(_) => done = true,
            _ => {}
        }
        go_on.notify_one();
    }
    assert!(done);
    assert_eq!(text, "Hello, world");
}

#[cfg(feature = "sigv4")]
async fn a_wrong_secret_is_a_refusal_that_shows_no_secret<C: Subject>() {
    // AWS answers with the text that should have been signed, and the session token is part of it.
    let body =
        br#"{"message":"The Canonical String should have been 'x-amz-security-token:SESSION/TOKEN='"}"#;
    let reply = Reply::whole(
        "403 Forbidden",
        "content-type: application/json\r\nx-amzn-requestid: r-9\r\nx-amzn-errortype: \
         InvalidSignatureException:http://internal.amazon.com/",
        body,
    );
    let mut server = Server::start(reply).await;
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET/KEY"),
        ("AWS_SESSION_TOKEN", "SESSION/TOKEN="),
    ];
    let env =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let config = server.builder().env_from(env).build().unwrap();
    let error = C::new(config).ask("m").await.unwrap_err();
    let refusal = error.as_service_error().expect("a refusal");
    assert_eq!(refusal.status, 403);
    assert_eq!(refusal.code.as_deref(), Some("InvalidSignatureException"));
    assert_eq!(error.request_id(), Some("r-9"));
    assert_eq!(
        error.to_string(),
        "refused: InvalidSignatureException (403): The Canonical String should have been 'x-amz-security-token:***' \
         [request id r-9]"
    );
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("SECRET/KEY") && !shown.contains("SESSION/TOKEN"), "{shown}");

    let request = server.request().await;
    assert!(request.has("x-amz-security-token: SESSION/TOKEN="), "{}", request.head);
    let host = server.url.strip_prefix("http://").unwrap();
    assert!(request.has(&format!("host: {host}")), "{}", request.head);
    let signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=";
    assert!(
        request.head.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{}",
        request.head
    );
    assert!(request.head.contains(signed), "{}", request.head);
}

async fn a_bearer_token_is_sent_and_hidden<C: Subject>() {
    let reply = Reply::whole(
        "403 Forbidden",
        "content-type: application/json",
        br#"{"Message":"Bad key: my-api-key"}"#,
    );
    let mut server = Server::start(reply).await;
    let error = C::new(server.bearer()).ask("m").await.unwrap_err();
    assert_eq!(error.to_string(), "refused: HTTP 403 Forbidden: Bad key: ***");
    assert!(!format!("{error:?}").contains("my-api-key"), "{error:?}");
    let request = server.request().await;
    assert!(request.has("authorization: Bearer my-api-key"), "{}", request.head);
    assert!(request.has("content-type: application/json"), "{}", request.head);
    assert!(!request.head.contains("x-amz-date"), "{}", request.head);
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, serde_json::to_value(Request::new().user("Hi")).unwrap());
}

async fn html_is_named<C: Subject>() {
    let page = b"<html>Please log in</html>";
    let server = Server::start(Reply::whole("200 OK", "content-type: text/html; charset=utf-8", page)).await;
    let error = C::new(server.bearer()).ask("m").await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.contains("text/html") && sentence.contains("<html>Please log in</html>"), "{sentence}");

    // Where nothing declares what it is, the bytes do.
    let server = Server::start(Reply::whole("200 OK", "x-a: b", page)).await;
    let error = C::new(server.bearer()).ask("m").await.unwrap_err();
    assert!(error.to_string().contains("look like HTML"), "{error}");
}

async fn a_cut_is_never_done<C: Subject>() {
    let whole = events().concat();
    let cut = whole.len() - 30;
    let parts = |end| [Part::Chunk(whole[..cut].to_vec()), end];
    for (end, clean) in [(Part::Close, false), (Part::Last, true)] {
        let server = Server::start(Reply::event_stream(parts(end))).await;
        let mut chunks = C::new(server.bearer()).ask("m").await.unwrap();
        let mut error = None;
        while let Some(item) = chunks.next().await {
            match item {
                Ok(chunk) => assert!(!matches!(chunk, Chunk::Done(_))),
                Err(last) => assert!(error.replace(last).is_none(), "two errors"),
            }
        }
        let error = error.expect("an error");
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(error.is_retryable());
        if clean {
            assert!(matches!(error.as_stream_error(), Some(StreamError::Incomplete(_))), "{error:?}");
        } else {
            assert!(matches!(error, Error::Body { .. }), "{error:?}");
        }
    }
}

async fn an_endpoint_that_is_not_there_is_named<C: Subject>() {
    let url = Server::start(Reply::event_stream([])).await.url.clone();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(!url.ends_with(&free.port().to_string()));
    let config = Config::builder().endpoint_url(format!("http://{free}/prefix")).bearer("my-api-key");
    let config = config.retry(Retry::none()).build().unwrap();
    let error = C::new(config).ask("m").await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with(&format!("no response from http://{free}/prefix: ")), "{sentence}");
    assert!(sentence.to_lowercase().contains("connection refused"), "{sentence}");
    assert!(error.is_retryable());

    let config = Config::builder().endpoint_url("http://no-such-host.invalid").bearer("my-api-key");
    let config = config.retry(Retry::none()).build().unwrap();
    let sentence = C::new(config).ask("m").await.unwrap_err().to_string();
    assert!(sentence.starts_with("no response from http://no-such-host.invalid: "), "{sentence}");
    assert!(sentence.contains("dns error"), "{sentence}");
}

async fn a_model_id_is_sent_as_one_label<C: Subject>() {
    let mut server = Server::start(Reply::event_stream([Part::Chunk(events().concat()), Part::Last])).await;
    let config = Config::builder().endpoint_url(format!("{}/a%20b//c/", server.url)).bearer("my-api-key");
    let client = C::new(config.build().unwrap());
    client.ask("arn:aws:bedrock:us-east-1:1:prompt/A b%é").await.unwrap();
    let request = server.request().await;
    let line = request.head.lines().next().unwrap();
    let path =
        "/a%20b//c/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2FA%20b%25%C3%A9/converse-stream";
    assert_eq!(line, format!("POST {path} HTTP/1.1"));
    assert!(matches!(client.ask("..").await, Err(Error::ModelId(_))));
}

async fn dropping_the_stream_closes_the_connection<C: Subject>() {
    let parts = [Part::Chunk(events()[..2].concat()), Part::Hang];
    let server = Server::start(Reply::event_stream(parts)).await;
    let client = C::new(server.bearer());
    let mut chunks = client.ask("m").await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    assert!(timeout(Duration::from_millis(50), server.closed.notified()).await.is_err(), "closed too early");
    drop(chunks);
    timeout(Duration::from_secs(1), server.closed.notified()).await.expect("the connection is still open");
}

async fn a_redirect_is_not_followed<C: Subject>() {
    let mut other = Server::start(Reply::event_stream([Part::Chunk(events().concat()), Part::Last])).await;
    let head = format!("location: {}/elsewhere", other.url);
    let server = Server::start(Reply::whole("307 Temporary Redirect", &head, b"")).await;
    let error = C::new(server.bearer()).ask("m").await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 307);
    assert!(error.to_string().contains(&format!("points to {}/elsewhere", other.url)), "{error}");
    assert!(other.requests.try_recv().is_err(), "the token went elsewhere");
}

async fn a_connection_is_used_again<C: Subject>() {
    // The end of the body comes a little after the last event.
    let parts = [Part::Chunk(events().concat()), Part::Sleep(Duration::from_millis(5)), Part::Last];
    let mut server = Server::start(Reply::event_stream(parts)).await;
    let client = C::new(server.bearer());
    for _ in 0..5 {
        client.ask("m").await.unwrap().collect().await.unwrap();
        assert_eq!(server.request().await.connection, 0);
    }
}

async fn a_server_that_says_nothing_is_given_up<C: Subject>() {
    let soon = Duration::from_millis(50);
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config =
        Config::builder().endpoint_url(format!("http://{}", mute.local_addr().unwrap())).bearer("my-api-key");
    let client = C::new(config.deadlines(Deadlines::default().first_byte(soon)).build().unwrap());
    let error = timeout(Duration::from_secs(10), client.ask("m")).await.unwrap().unwrap_err();
    assert!(error.to_string().starts_with("no response came within 50ms, "), "{error}");
    assert!(matches!(error, Error::Deadline { elapsed, .. } if elapsed >= soon), "{error:?}");

    let server = Server::start(Reply::event_stream([Part::Chunk(events()[0].clone()), Part::Hang])).await;
    let config =
        server.builder().bearer("my-api-key").deadlines(Deadlines::default().idle(soon)).build().unwrap();
    let mut chunks = C::new(config).ask("m").await.unwrap();
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    let error = timeout(Duration::from_secs(10), chunks.next()).await.unwrap().unwrap().unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with("nothing more of the answer came for 50ms, "), "{sentence}");
    assert!(sentence.ends_with(" after the request began [request id r-1]"), "{sentence}");
    timeout(Duration::from_secs(1), server.closed.notified()).await.expect("the connection is still open");
}

async fn https_begins_with_tls_and_offers_http2<C: Subject>() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Config::builder().endpoint_url(format!("https://localhost:{port}")).bearer("my-api-key");
    let client = C::new(config.retry(Retry::none()).build().unwrap());
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 16 * 1024];
        let len = stream.read(&mut hello).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        hello.truncate(len);
        hello
    };
    let (error, hello) = tokio::join!(client.ask("m"), server);
    assert_eq!(hello[0], 22, "a TLS handshake record");
    let protocols = b"\x02h2\x08http/1.1";
    assert!(hello.windows(protocols.len()).any(|window| window == protocols));
    assert!(!hello.windows(10).any(|window| window == b"my-api-key"));
    let error = error.unwrap_err();
    assert!(
        error.to_string().starts_with(&format!("no response from https://localhost:{port}: ")),
        "{error}"
    );
}

async fn what_may_pass_is_tried_again_before_the_first_chunk_only<C: Subject>() {
    let busy = Reply::whole("503 Service Unavailable", "content-type: application/json", b"{}");
    let invalid = Reply::whole("400 Bad Request", "content-type: application/json", b"{}");
    let throttled = Reply::event_stream([Part::Chunk(exception("throttlingException"))]);
    let gone = Reply { head: String::new(), parts: vec![Part::Close] };
    let late =
        Reply::event_stream([Part::Chunk([events()[0].clone(), exception("throttlingException")].concat())]);
    let whole = Reply::event_stream([Part::Chunk(events().concat())]);
    for (replies, expected_requests, complete) in [
        (vec![busy.clone(), whole.clone()], 2, true),
        (vec![busy.clone(), throttled.clone(), whole.clone()], 3, true),
        (vec![gone, whole.clone()], 2, true),
        (vec![busy.clone(), busy, throttled.clone(), whole.clone()], 3, false),
        (vec![invalid, whole.clone()], 1, false),
        (vec![late, whole], 1, false),
    ] {
        let mut server = Server::script(replies).await;
        let retry = Retry::default().base(Duration::from_millis(1));
        let client = C::new(server.builder().bearer("my-api-key").retry(retry).build().unwrap());
        let result = match client.ask("m").await {
            Ok(chunks) => chunks.collect().await.map_err(|error| error.error),
            Err(error) => Err(error),
        };
        assert_eq!(result.is_ok(), complete, "{result:?}");
        let mut requests = 0;
        while server.requests.try_recv().is_ok() {
            requests += 1;
        }
        assert_eq!(requests, expected_requests, "{result:?}");
    }
}

async fn every_attempt_is_told<C: Subject>() {
    let head =
        "content-type: application/json\r\nx-amzn-errortype: ThrottlingException\r\nx-amzn-requestid: r-2";
    let busy = Reply::whole("429 Too Many Requests", head, br#"{"message":"Slow down: my-api-key"}"#);
    let gone = Reply { head: String::new(), parts: vec![Part::Close] };
    let invalid = Reply::whole("400 Bad Request", "content-type: application/json", br#"{"message":"No."}"#);
    let server = Server::script(vec![busy, gone, invalid]).await;
    let retry = Retry::default().base(Duration::from_millis(1));
    let error = C::new(server.builder().bearer("my-api-key").retry(retry).build().unwrap());
    let error = error.ask("m").await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    let [first, second] = error.earlier_attempts() else { panic!("{error:?}") };
    assert_eq!(first.status.unwrap(), 429);
    assert_eq!(first.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(first.request_id.as_deref(), Some("r-2"));
    assert_eq!((second.status, second.code.as_deref()), (None, None));
    assert!(second.cause.starts_with("no response from "), "{second:?}");
    assert!(first.wait <= Duration::from_millis(1) && second.wait <= Duration::from_millis(2));
    let sentence = error.to_string();
    let expected = "refused: HTTP 400 Bad Request: No.; before that: refused: ThrottlingException (429): Slow down: *** \
                    [request id r-2] (next attempt after ";
    assert!(sentence.starts_with(expected), "{sentence}");
    assert!(sentence.contains("), then: no response from "), "{sentence}");
    assert!(!format!("{error:?}").contains("my-api-key"));
}

async fn the_total_is_one_for_all_attempts<C: Subject>() {
    let busy = Reply::whole("503 Service Unavailable", "content-type: application/json", b"{}");
    let mut server = Server::script(vec![
        busy.clone(),
        busy,
        Reply::event_stream([Part::Chunk(events()[0].clone()), Part::Hang]),
    ])
    .await;
    let total = Duration::from_millis(400);
    let retry = Retry::default().base(Duration::from_millis(1));
    let builder = server.builder().bearer("my-api-key").retry(retry);
    let client = C::new(builder.deadlines(Deadlines::default().total(total)).build().unwrap());
    let begin = std::time::Instant::now();
    let error = client.ask("m").await.unwrap().collect().await.unwrap_err().error;
    assert!(
        matches!(error, Error::Deadline { deadline: Deadline::Total, after, elapsed, .. } if after == total && elapsed >= total),
        "{error:?}"
    );
    assert!(begin.elapsed() >= total);
    for _ in 0..3 {
        server.request().await;
    }

    // A wait that would be too long is not begun.
    let later = Reply::whole("503 Service Unavailable", "retry-after: 5", b"{}");
    let server = Server::start(later).await;
    let builder = server.builder().bearer("my-api-key").deadlines(Deadlines::default().total(4 * total));
    let begin = std::time::Instant::now();
    let error = C::new(builder.build().unwrap()).ask("m").await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 503);
    assert!(begin.elapsed() < 4 * total);
}

async fn a_connection_that_does_not_come_is_given_up<C: Subject>() {
    // A listener whose queue is full answers no more.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    loop {
        match timeout(Duration::from_millis(200), TcpStream::connect(addr)).await {
            Ok(stream) if waiting.len() < 100 => waiting.push(stream.unwrap()),
            Ok(_) => return eprintln!("skipped: this system's queues are never full"),
            Err(_) => break,
        }
    }
    let soon = Duration::from_millis(50);
    let config = Config::builder().endpoint_url(format!("http://{addr}")).bearer("my-api-key");
    let config = config
        .deadlines(Deadlines::default().connect(soon))
        .retry(Retry::default().max_attempts(2).base(Duration::from_millis(1)));
    let error = C::new(config.build().unwrap()).ask("m").await.unwrap_err();
    assert!(
        matches!(error, Error::Deadline { deadline: Deadline::Connect, after, elapsed, .. } if after == soon && elapsed > soon),
        "{error:?}"
    );
    assert_eq!(error.earlier_attempts().len(), 1, "it was tried again");
    assert!(error.to_string().starts_with("no connection was there within 50ms, "), "{error}");
}

const WHOLE: &str = r#"{"metrics":{"latencyMs":9},"output":{"message":{"role":"assistant","content":[{"text":"Hello"},
    {"toolUse":{"toolUseId":"t-1","name":"look","input":{"n":1.0e2}}}]}},"stopReason":"tool_use","newMember":[null],
    "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#;

async fn a_whole_answer_is_one_response<C: Subject>() {
    for head in ["content-type: application/json\r\nx-amzn-requestid: r-1", "x-a: b"] {
        let mut server = Server::start(Reply::whole("200 OK", head, WHOLE.as_bytes())).await;
        let response = C::new(server.bearer()).ask_whole("a:b").await.unwrap();
        assert_eq!(response.text(), "Hello");
        assert_eq!(response.stop_reason.as_ref().unwrap().as_str(), "tool_use");
        assert_eq!(response.usage.as_ref().unwrap().output_tokens, Some(2));
        let again = serde_json::to_string(&response).unwrap();
        assert!(
            again.contains(r#""input":{"n":1.0e2}"#) && again.contains(r#""newMember":[null]"#),
            "{again}"
        );
        let request = server.request().await;
        assert!(request.head.starts_with("POST /model/a%3Ab/converse HTTP/1.1\r\n"), "{}", request.head);
        assert!(request.has("authorization: Bearer my-api-key"), "{}", request.head);
    }
}

async fn a_whole_answer_may_be_refused_or_something_else<C: Subject>() {
    let id = "x-amzn-requestid: r-1";
    let json = &format!("content-type: application/json\r\n{id}");
    for (reply, expected) in [
        (
            Reply::whole("403 Forbidden", json, br#"{"message":"Not you: my-api-key"}"#),
            "refused: HTTP 403 Forbidden: Not you: *** [request id r-1]",
        ),
        (
            Reply::whole("200 OK", "content-type: text/html", b"<html>"),
            "the answer is text/html, not JSON; it starts with: <html>. Does the endpoint URL point to Bedrock?",
        ),
        (Reply::event_stream([]), "the answer is application/vnd.amazon.eventstream, not JSON. "),
        (
            Reply::whole("200 OK", json, b"[]"),
            "the answer is not a response of Converse: invalid type: sequence",
        ),
        (
            Reply::whole("200 OK", json, &vec![b' '; 5001]),
            "the answer is longer than 5000 bytes, the most that the configuration allows [request id r-1]",
        ),
        (
            Reply {
                head: format!("HTTP/1.1 200 OK\r\n{json}\r\ncontent-length: 9\r\n\r\n"),
                parts: vec![Part::Close],
            },
            "the connection broke in the middle of the answer [request id r-1]: ",
        ),
    ] {
        let server = Server::start(reply).await;
        let builder = server.builder().bearer("my-api-key").max_response_len(5000).retry(Retry::none());
        let error = C::new(builder.build().unwrap()).ask_whole("m").await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(
            error.request_id().is_some(),
            !matches!(&error, Error::UnexpectedBody(body) if body.expected == "JSON" && body.excerpt == "<html>")
        );
    }

    let hanging = format!("HTTP/1.1 200 OK\r\n{json}\r\ncontent-length: 9\r\n\r\n");
    let server =
        Server::start(Reply { head: hanging, parts: vec![Part::Raw(b"{".to_vec()), Part::Hang] }).await;
    let soon = Duration::from_millis(50);
    let config = server.builder().bearer("my-api-key").deadlines(Deadlines::default().idle(soon)).build();
    let error = C::new(config.unwrap()).ask_whole("m").await.unwrap_err();
    assert!(matches!(error, Error::Deadline { deadline: Deadline::Idle, .. }), "{error:?}");
}

async fn a_whole_answer_is_tried_again<C: Subject>() {
    let json = "content-type: application/json";
    let busy = Reply::whole("503 Service Unavailable", json, b"{}");
    let cut = Reply {
        head: format!("HTTP/1.1 200 OK\r\n{json}\r\ncontent-length: 9\r\n\r\n"),
        parts: vec![Part::Close],
    };
    let whole = Reply::whole("200 OK", json, WHOLE.as_bytes());
    let mut server = Server::script(vec![busy, cut, whole]).await;
    let retry = Retry::default().base(Duration::from_millis(1));
    let client = C::new(server.builder().bearer("my-api-key").retry(retry).build().unwrap());
    assert_eq!(client.ask_whole("m").await.unwrap().text(), "Hello");
    for _ in 0..3 {
        server.request().await;
    }
}

/// A server on a loopback port that gives replies as it is told.
struct Server {
    url: String,
    requests: mpsc::UnboundedReceiver<Received>,
    /// Told when a client closes a connection in the middle of a reply.
    closed: Arc<Notify>,
}

#[derive(Clone)]
struct Reply {
    head: String,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Raw(Vec<u8>),
    /// One chunk of the chunked transfer coding.
    Chunk(Vec<u8>),
    /// The last chunk.
    Last,
    Wait(Arc<Notify>),
    Sleep(Duration),
    Hang,
    Close,
}

struct Replies {
    replies: Vec<Reply>,
    given: AtomicUsize,
}

impl Replies {
    fn next(&self) -> &Reply {
        let number = self.given.fetch_add(1, Relaxed);
        &self.replies[number.min(self.replies.len() - 1)]
    }
}

struct Received {
    /// The number of the connection on which it came.
    connection: usize,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn event_stream(parts: impl IntoIterator<Item = Part>) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nx-amzn-requestid: r-1\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let mut parts: Vec<_> = parts.into_iter().collect();
        if !matches!(parts.last(), Some(Part::Last | Part::Close | Part::Hang)) {
            parts.push(Part::Last);
        }
        Self { head: head.to_owned(), parts }
    }

    fn whole(status: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status}\r\n{headers}\r\ncontent-length: {}\r\n\r\n", body.len());
        Self { head, parts: vec![Part::Raw(body.to_vec())] }
    }
}

impl Received {
    fn has(&self, line: &str) -> bool {
        self.head.lines().any(|have| have == line)
    }
}

impl Server {
    async fn start(reply: Reply) -> Self {
        Self::script(vec![reply]).await
    }

    /// Gives each request the next reply, and the last one from then on.
    async fn script(replies: Vec<Reply>) -> Self {
        let replies = Arc::new(Replies { replies, given: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let closed = Arc::new(Notify::new());
        let told = Arc::clone(&closed);
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (replies, sender, told) = (Arc::clone(&replies), sender.clone(), Arc::clone(&told));
                tokio::spawn(async move {
                    if serve(stream, connection, &replies, sender).await.is_none() {
                        told.notify_one();
                    }
                });
            }
        });
        Self { url, requests, closed }
    }

    fn builder(&self) -> ConfigBuilder {
        Config::builder().endpoint_url(&self.url)
    }

    fn bearer(&self) -> Config {
        self.builder().bearer("my-api-key").build().unwrap()
    }

    async fn request(&mut self) -> Received {
        timeout(Duration::from_secs(10), self.requests.recv()).await.expect("no request").expect("no server")
    }
}

/// `None`: the client closed the connection.
async fn serve(
    mut stream: TcpStream,
    connection: usize,
    replies: &Replies,
    requests: mpsc::UnboundedSender<Received>,
) -> Option<()> {
    loop {
        let (head, body) = read_request(&mut stream).await?;
        let _ = requests.send(Received { connection, head, body });
        let reply = replies.next();
        stream.write_all(reply.head.as_bytes()).await.ok()?;
        for part in &reply.parts {
            match part {
                Part::Raw(bytes) => stream.write_all(bytes).await.ok()?,
                Part::Chunk(bytes) => {
                    let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
                    stream.write_all(&chunk).await.ok()?;
                }
                Part::Last => stream.write_all(b"0\r\n\r\n").await.ok()?,
                Part::Wait(notify) => notify.notified().await,
                Part::Sleep(duration) => tokio::time::sleep(*duration).await,
                Part::Hang => {
                    let _ = stream.read(&mut [0]).await;
                    return None;
                }
                Part::Close => return Some(()),
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok();
    let length: usize = head.lines().find_map(length)?;
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, bytes[end..end + length].to_vec()))
}

fn events() -> Vec<Vec<u8>> {
    [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello, "}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"world"}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        (
            "metadata",
            r#"{"metrics":{"latencyMs":9},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#,
        ),
    ]
    .map(|(kind, payload)| message(":event-type", kind, "event", payload))
    .to_vec()
}

fn exception(kind: &str) -> Vec<u8> {
    message(":exception-type", kind, "exception", r#"{"message":"Not now."}"#)
}

fn message(type_header: &str, kind: &str, message_type: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [
        Header::string(type_header, kind),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", message_type),
    ];
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}
