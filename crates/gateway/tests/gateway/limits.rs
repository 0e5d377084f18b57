//! Keys, and the limits on what a client may send, and how slowly.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::frame::{Header, Limits, encode};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::{Alias, ApiKeys, BindError, Gateway, GatewayBuilder, Server, Verdict};
use bedrock_stream_hyper::{Client, Config};
use bedrock_stream_testkit::{Answer, FakeBedrock, answer};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower_service::Service as _;

use crate::support::{APIS, Running, ask, eventually, start, start_with};

#[tokio::test]
async fn a_wrong_key_is_401_in_the_dialects_shape() {
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| builder.api_key("sk-one").api_key("sk-two");
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    for (path, dialect) in APIS {
        for (name, value, status) in [
            ("authorization", "Bearer sk-three", 401),
            ("x-api-key", "", 401),
            ("authorization", "Bearer sk-two", 200),
            ("x-api-key", "sk-one", 200),
        ] {
            let mut request = running.request(Method::POST, path, ask(dialect, "m", false).to_string());
            request.headers_mut().insert(name, value.parse().unwrap());
            let got = running.send(request).await;
            assert_eq!(got.status, status, "{name}: {value} {got:?}");
            if status == 401 {
                assert_eq!(got.json()["error"]["type"], "authentication_error", "{got:?}");
                check_shape(&got.json(), dialect);
                assert!(!got.text().contains("sk-"), "{got:?}");
            }
        }
    }
    assert_eq!(running.bedrock.requests().len(), 6);
    for (path, status) in [("/healthz", 200), ("/metrics", 401), ("/v1/models", 401), ("/nothing", 401)] {
        let got = running.send(running.request(Method::GET, path, "")).await;
        assert_eq!(got.status, status, "{path}");
    }
    let log = running.logged(16).await;
    assert!(!format!("{log:?}").contains("sk-"), "{log:?}");
    // Whoever has no key gets no answer that could end.
    assert!(!running.gateway.metrics().contains("verdict=\"refusal\""), "{}", running.gateway.metrics());
}

#[tokio::test]
async fn the_log_names_the_key_and_the_keys_can_be_replaced() {
    let set = |builder: bedrock_stream_gateway::GatewayBuilder| {
        builder.api_keys(ApiKeys::new().key("sk-one").named("search", "sk-two"))
    };
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let status = async |key: &str| {
        let (path, dialect) = APIS[0];
        let mut request = running.request(Method::POST, path, ask(dialect, "m", false).to_string());
        request.headers_mut().insert("x-api-key", key.parse().unwrap());
        running.send(request).await.status.as_u16()
    };
    assert_eq!((status("sk-one").await, status("sk-two").await, status("sk-three").await), (200, 200, 401));
    let log = running.logged(3).await;
    let names: Vec<_> = log.iter().map(|access| access.key.as_deref()).collect();
    assert_eq!(names, [None, Some("search"), None]);
    assert!(log[1].to_string().contains(" key=search "), "{}", log[1]);

    assert!(!running.gateway.replace_api_keys(ApiKeys::new()), "it would be open to everyone");
    assert_eq!(status("sk-one").await, 200);
    assert!(running.gateway.replace_api_keys(ApiKeys::new().named("chat", "sk-three")));
    assert_eq!((status("sk-one").await, status("sk-two").await, status("sk-three").await), (401, 401, 200));
    assert_eq!(running.logged(7).await[6].key.as_deref(), Some("chat"));
    assert!(running.gateway.replace_api_keys(ApiKeys::new().key("")), "nobody gets in");
    assert_eq!((status("").await, status("sk-three").await), (401, 401));
}

#[tokio::test]
async fn without_keys_it_listens_on_loopback_only() {
    let config = Config::builder().region("us-east-1").bearer("token").endpoint_url("http://127.0.0.1:1");
    let client = Client::new(config.build().unwrap()).unwrap();
    let open = Gateway::builder(client.clone()).build();
    let everywhere = ([0, 0, 0, 0], 0).into();
    let refused = Server::bind(everywhere, open).await.unwrap_err();
    assert!(matches!(refused, BindError::NoKeys(_)), "{refused}");
    let closed = Gateway::builder(client.clone()).api_key("sk-1").build();
    assert!(Server::bind(everywhere, closed).await.is_ok());
    // A layer of one's own, for example.
    for (is_elsewhere, is_bound) in [(true, true), (false, false)] {
        let gateway = Gateway::builder(client.clone()).authenticated_elsewhere(is_elsewhere).build();
        assert_eq!(Server::bind(everywhere, gateway).await.is_ok(), is_bound);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let running =
        start_with(FakeBedrock::builder(), |builder| builder.max_body(1_000), |server| server).await;
    for (path, dialect) in APIS {
        let mut body = ask(dialect, "m", false);
        body["padding"] = json!("x".repeat(1_000));
        let got = running.post(path, &body).await;
        assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE, "{got:?}");
        assert!(got.text().contains("1000 bytes"), "{got:?}");
        check_shape(&got.json(), dialect);
    }
    // Without a length, as it comes.
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = "POST /v1/messages HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = format!("200\r\n{}\r\n", "x".repeat(0x200));
    stream.write_all(piece.repeat(3).as_bytes()).await.unwrap();
    let mut got = vec![0; 12];
    stream.read_exact(&mut got).await.unwrap();
    assert_eq!(got, b"HTTP/1.1 413");
    assert!(running.bedrock.requests().is_empty());
}

#[tokio::test]
async fn one_answer_too_many_is_503_with_retry_after() {
    let slow =
        FakeBedrock::builder().reply("m", answer().text("one two three")).delay(Duration::from_millis(300));
    let running = start_with(slow, |builder| builder.max_streams(1), |server| server).await;
    let (path, dialect) = APIS[0];
    let first = running.open(running.request(Method::POST, path, ask(dialect, "m", true).to_string())).await;
    assert_eq!(running.gateway.open_answers(), 1);
    let got = running.post(path, &ask(dialect, "m", true)).await;
    assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, Some("1")), "{got:?}");
    assert_eq!(got.header("x-should-retry"), None);
    assert!(got.text().contains("1 answer is open, the most that this gateway allows"), "{got:?}");
    drop(first);
    eventually(|| running.gateway.open_answers() == 0).await;
    assert_eq!(running.post(path, &ask(dialect, "m", true)).await.status, 200);
}

/// A connection on which the head of a request came, and this much of its body of 100 bytes.
async fn stalled(running: &Running, begun: &str) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = format!("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{begun}");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// An upload may take minutes, and costs nothing.
#[tokio::test]
async fn a_body_that_is_arriving_takes_no_answers_place() {
    let set = |builder: GatewayBuilder| builder.max_streams(1).body_timeout(Duration::from_secs(20));
    let running = start_with(FakeBedrock::builder(), set, |server| server.max_connections(100)).await;
    let (path, dialect) = APIS[0];
    // Seven beside the request itself: eight for each answer that may be open.
    let mut uploads = Vec::new();
    for _ in 0..7 {
        uploads.push(stalled(&running, "{").await);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(running.gateway.open_answers(), 0);
    for _ in 0..3 {
        assert_eq!(running.post(path, &ask(dialect, "m", true)).await.status, 200);
    }
    uploads.push(stalled(&running, "").await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    // However many are refused.
    for _ in 0..12 {
        let got = running.post(path, &ask(dialect, "m", true)).await;
        assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, Some("1")), "{got:?}");
        assert!(got.text().contains("8 requests are arriving, the most that this gateway allows"), "{got:?}");
    }
    drop(uploads.pop());
    let begun = Instant::now();
    while running.post(path, &ask(dialect, "m", true)).await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "its place stays taken");
    }
}

#[tokio::test]
async fn what_is_arriving_is_bounded_together() {
    let set =
        |builder: GatewayBuilder| builder.max_streams(1).max_body(300).body_timeout(Duration::from_secs(20));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    let (path, dialect) = APIS[0];
    let mut uploads = Vec::new();
    for _ in 0..3 {
        uploads.push(stalled(&running, &"x".repeat(90)).await);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let got = running.post(path, &ask(dialect, "m", false)).await;
    assert_eq!((got.status.as_u16(), got.header("retry-after")), (503, Some("1")), "{got:?}");
    assert!(got.text().contains("300 bytes of requests are arriving"), "{got:?}");
    drop(uploads);
    let begun = Instant::now();
    while running.post(path, &ask(dialect, "m", true)).await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "their room stays taken");
    }
}

/// It is an error in the dialect's shape.
fn check_shape(body: &Value, dialect: Dialect) {
    assert!(body["error"]["type"].is_string() && body["error"]["message"].is_string(), "{body}");
    assert_eq!(body["type"] == "error", dialect == Dialect::Messages, "{body}");
    assert_eq!(body["error"].get("param").is_some(), dialect != Dialect::Messages, "{body}");
}

/// Reads to the end, which must come soon.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let begun = Instant::now();
    // A reset is an end too.
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "the connection stays open");
    all
}

#[tokio::test]
async fn a_slow_loris_is_cut_off() {
    let running = start_with(
        FakeBedrock::builder(),
        |builder| builder.body_timeout(Duration::from_millis(300)),
        |server| {
            server.head_timeout(Duration::from_millis(300)).keep_alive_timeout(Duration::from_millis(300))
        },
    )
    .await;
    // Nothing; a piece of the HTTP/2 preface; a head that does not end; a second request that does not come.
    for begin in [
        "",
        "PRI * HTTP/2.0\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        rest(&mut stream).await;
    }
    // A body that does not end.
    for (path, dialect) in APIS {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{");
        stream.write_all(head.as_bytes()).await.unwrap();
        let got = String::from_utf8(rest(&mut stream).await).unwrap();
        let (head, body) = got.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 408"), "{got}");
        check_shape(&serde_json::from_str(body).unwrap(), dialect);
    }
    assert!(running.bedrock.requests().is_empty());
    assert_eq!(running.gateway.open_answers(), 0);
}

#[tokio::test]
async fn a_header_bomb_is_refused() {
    let running = start(FakeBedrock::builder()).await;
    let many = "a: b\r\n".repeat(1_000);
    let long = format!("a: {}\r\n", "b".repeat(1 << 20));
    for headers in [many, long] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let head = format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        // It may be refused before all was written.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut start = vec![0; 12];
        if stream.read_exact(&mut start).await.is_ok() {
            assert_eq!(start, b"HTTP/1.1 431");
        }
    }
    assert_eq!(running.send(running.request(Method::GET, "/healthz", "")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_bedrock_and_is_cut_off_at_last() {
    // About 20 MB, which no socket's buffers hold.
    let long = answer().text(&"a long word ".repeat(200_000));
    let running = start_with(
        FakeBedrock::builder().reply("m", long),
        |builder| builder,
        |server| server.write_timeout(Duration::from_secs(2)),
    )
    .await;
    for (path, dialect) in APIS {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let body = ask(dialect, "m", true).to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut start = vec![0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(start, b"HTTP/1.1 200");
        tokio::time::sleep(Duration::from_millis(500)).await;
        // Bedrock is still sending: nothing was read ahead.
        assert_eq!(running.bedrock.open_streams(), 1, "{dialect}");
        eventually(|| running.bedrock.open_streams() == 0).await;
        eventually(|| running.gateway.open_answers() == 0).await;
    }
}

/// An answer that a client did not take is not complete for anyone.
#[tokio::test]
async fn a_whole_answer_that_is_not_read_is_cancelled() {
    // More than the sockets' buffers hold.
    let (pieces, piece) = (60, "x".repeat(100_000));
    let mut recording = Vec::new();
    let mut add = |kind: &str, payload: Value| {
        let headers = [Header::string(":message-type", "event"), Header::string(":event-type", kind)];
        encode(&headers, payload.to_string().as_bytes(), &mut recording).unwrap();
    };
    add("messageStart", json!({"role": "assistant"}));
    for _ in 0..pieces {
        add("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": piece}}));
    }
    add("contentBlockStop", json!({"contentBlockIndex": 0}));
    add("messageStop", json!({"stopReason": "end_turn"}));
    add("metadata", json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}}));
    let running = start_with(
        FakeBedrock::builder().recording("m", recording),
        |builder| builder,
        |server| server.write_timeout(Duration::from_secs(1)),
    )
    .await;
    for (path, dialect) in APIS {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let body = ask(dialect, "m", false).to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let log = running.logged(1).await;
        assert_eq!(log[0].verdict, Verdict::Cancelled, "{dialect} {}", log[0]);
        running.log.lock().unwrap().clear();
        drop(stream);

        let got = running.post(path, &ask(dialect, "m", false)).await;
        assert!(got.status == 200 && got.body.len() > pieces * piece.len(), "{dialect}");
        assert_eq!(running.logged(1).await[0].verdict, Verdict::Complete, "{dialect}");
        running.log.lock().unwrap().clear();
    }
}

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// How an answer ended whose client has these limits.
async fn limited(limits: Limits, said: Answer, path: &str, body: Value) -> Verdict {
    let bedrock = FakeBedrock::builder().reply("m", said.clone()).reply(CLAUDE, said).start().await.unwrap();
    let config =
        Config::builder().region("us-east-1").endpoint_url(bedrock.url()).bearer("token").limits(limits);
    let log = Arc::new(Mutex::new(None));
    let ended = Arc::clone(&log);
    let mut gateway = Gateway::builder(Client::new(config.build().unwrap()).unwrap())
        .alias("native", Alias::new("m").native([Dialect::Chat, Dialect::Responses, Dialect::Messages]))
        .on_access(move |access| *ended.lock().unwrap() = Some(access.verdict))
        .build();
    let request = Request::post(path).body(Full::<Bytes>::from(body.to_string())).unwrap();
    // An answer that breaks off is an error here.
    let _ = gateway.call(request).await.unwrap().into_body().collect().await;
    let verdict = log.lock().unwrap().take();
    verdict.unwrap()
}

/// Whoever lowers the client's limits lowers the memory of all that reads or writes an answer.
#[tokio::test]
async fn the_clients_limits_are_the_gateways() {
    let too_long = Verdict::Failed(ErrorKind::TooLong);
    let skipped = Verdict::Failed(ErrorKind::Unexpected);
    let message = Limits::max_message_len(128);
    let state = Limits::default().with_max_state_len(1_000);
    let text = || answer().text(&"a long word ".repeat(1_500));
    let call = || answer().tool("save", json!({"text": "word ".repeat(400)}));
    let signed = || answer().reasoning("Hm.").signature("s".repeat(2_000)).text("Yes.");
    let converse = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let invoke = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    });
    let invoked = format!("/model/{CLAUDE}/invoke-with-response-stream");
    let [chat, responses, messages] = APIS;
    for (limits, said, path, body, kind) in [
        (message, text(), "/model/m/converse-stream", converse.clone(), too_long),
        (message, text(), &invoked, invoke.clone(), too_long),
        (state, call(), "/model/m/converse-stream", converse, skipped),
        (state, call(), &invoked, invoke, skipped),
        (state, text(), responses.0, ask(responses.1, "m", true), too_long),
        (state, text(), responses.0, ask(responses.1, "m", false), too_long),
        (state, signed(), messages.0, ask(messages.1, "m", true), too_long),
        (state, call(), chat.0, ask(chat.1, "native", false), skipped),
        (state, call(), responses.0, ask(responses.1, "native", false), skipped),
    ] {
        let (again, what) = (said.clone(), format!("{path} {body}"));
        assert_eq!(limited(limits, said, path, body.clone()).await, kind, "{what}");
        assert_eq!(limited(Limits::default(), again, path, body).await, Verdict::Complete, "{what}");
    }
}
