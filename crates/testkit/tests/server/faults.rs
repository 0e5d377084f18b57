use std::io::ErrorKind;
use std::time::{Duration, Instant};

use bedrock_stream_core::frame::{Decoder, Error, MessageKind};
use bedrock_stream_testkit::{Credentials, End, EventType, FakeBedrock, Fault, RefusalKind, answer};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{MODEL_PATH, QUESTION, Reply, ask, events, open, request};

async fn with(fault: Fault) -> Reply {
    let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
    ask(&bedrock, QUESTION).await
}

/// What an undamaged answer has, to compare with.
async fn whole() -> Vec<u8> {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    ask(&bedrock, QUESTION).await.body.to_vec()
}

/// Decodes as far as it goes: how many messages, and how it ended.
fn decode(body: &[u8]) -> (usize, Result<(), Error>) {
    let mut decoder = Decoder::new();
    decoder.push(body);
    let mut messages = 0;
    loop {
        match decoder.next_message() {
            Ok(Some(_)) => messages += 1,
            Ok(None) => return (messages, decoder.finish()),
            Err(error) => return (messages, Err(error)),
        }
    }
}

#[tokio::test]
async fn a_fault_that_changes_nothing_is_told() {
    let drop_start: Fault = "drop:block-start".parse().expect("it is one");
    let bedrock = FakeBedrock::builder()
        .fault(Fault::SlowHead { millis: 1 })
        .fault(drop_start)
        .fault("swap:metadata".parse().expect("it is one"))
        .fault(Fault::Drip)
        .reply("text", answer().text("No tool is called here."))
        .reply("tool", answer().tool("get_time", json!({})))
        .start()
        .await
        .expect("a port is free");
    let ask_model = async |model: &str| {
        open(&bedrock, request(&bedrock, &format!("/model/{model}/converse-stream"), QUESTION)).await;
        bedrock.unapplied_faults()
    };
    let swap_last = Fault::Swap(EventType::Metadata);
    assert_eq!(ask_model("tool").await, [swap_last]);
    assert_eq!(ask_model("text").await, [swap_last, drop_start]);
    assert_eq!(ask_model("text").await, [swap_last, drop_start]);
}

#[tokio::test]
async fn cut_ends_inside_a_message() {
    let whole = whole().await;
    let reply = with(Fault::Cut).await;
    assert_eq!(reply.status, 200);
    assert!(whole.starts_with(&reply.body));
    let (messages, end) = decode(&reply.body);
    assert!(messages > 10);
    assert!(matches!(end, Err(Error::Truncated { .. })), "{end:?}");
}

#[tokio::test]
async fn no_stop_ends_between_messages() {
    let whole = whole().await;
    let reply = with(Fault::NoStop).await;
    assert!(whole.starts_with(&reply.body));
    let events = reply.events();
    assert_eq!(events.last().map(|(name, _)| name.as_str()), Some("contentBlockStop"));
    assert!(events.iter().all(|(name, _)| name != "messageStop" && name != "metadata"));
}

#[tokio::test]
async fn bad_crc_damages_one_bit() {
    let whole = whole().await;
    let reply = with(Fault::BadCrc).await;
    let different: Vec<u8> =
        whole.iter().zip(&reply.body).map(|(left, right)| left ^ right).filter(|bits| *bits != 0).collect();
    assert_eq!((different.len(), different[0].count_ones(), reply.body.len()), (1, 1, whole.len()));
    let (messages, end) = decode(&reply.body);
    assert!(messages > 10);
    assert!(matches!(end, Err(Error::MessageChecksum { .. })), "{end:?}");
}

#[tokio::test]
async fn exception_ends_the_stream() {
    let reply = with(Fault::Exception).await;
    let mut decoder = Decoder::new();
    decoder.push(&reply.body);
    let mut last = None;
    let mut before = 0;
    while let Some(message) = decoder.next_message().expect("nothing is damaged") {
        assert_eq!(last, None, "nothing follows the exception");
        match message.envelope().expect("it has its headers").kind {
            MessageKind::Exception { exception_type, .. } => {
                last = Some((exception_type.map(str::to_owned), message.payload().to_vec()));
                let names: Vec<&str> = message.headers().map(|header| header.name).collect();
                assert_eq!(names, [":exception-type", ":content-type", ":message-type"]);
            }
            _ => before += 1,
        }
    }
    decoder.finish().expect("it ends between messages");
    let (exception_type, payload) = last.expect("there is an exception");
    assert_eq!(exception_type.as_deref(), Some("throttlingException"));
    assert_eq!(payload, br#"{"message":"Too many tokens, please wait before trying again."}"#);
    assert!(before > 10);
}

#[tokio::test]
async fn throttle_refuses_those_who_may_call() {
    let reply = with(Fault::Throttle).await;
    assert_eq!(reply.code(), (429, "ThrottlingException".to_owned()));

    let locked = FakeBedrock::builder().credentials(Credentials::new("a", "b")).fault(Fault::Throttle);
    let bedrock = locked.start().await.expect("a port is free");
    assert_eq!(ask(&bedrock, QUESTION).await.code(), (403, "MissingAuthenticationTokenException".to_owned()));
}

#[tokio::test]
async fn html_is_a_page() {
    let reply = with(Fault::Html).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/html"));
    let (messages, end) = decode(&reply.body);
    assert_eq!(messages, 0);
    assert_eq!(end.expect_err("HTML is no event stream").looks_like(), Some("HTML or XML"));
}

#[tokio::test]
async fn recorded_bodies_have_faults_too() {
    let body = whole().await;
    let bedrock = FakeBedrock::builder()
        .recording("anthropic.claude-3-5-sonnet-20240620-v1:0", body.clone())
        .fault(Fault::NoStop)
        .start()
        .await
        .expect("a port is free");
    let reply = ask(&bedrock, QUESTION).await;
    assert!(body.starts_with(&reply.body) && reply.body.len() < body.len());
    assert_eq!(events(&reply.body).last().map(|(name, _)| name.as_str()), Some("contentBlockStop"));
}

/// The head and the raw bytes that follow, and how the connection ended.
async fn raw(bedrock: &FakeBedrock) -> (Vec<u8>, Result<(), ErrorKind>) {
    let mut stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let head = format!("POST {MODEL_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", QUESTION.len());
    stream.write_all(format!("{head}{QUESTION}").as_bytes()).await.expect("the fake reads");
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match timeout(Duration::from_millis(500), stream.read(&mut buffer)).await {
            Err(_) => return (bytes, Err(ErrorKind::TimedOut)),
            Ok(Ok(0)) => return (bytes, Ok(())),
            Ok(Ok(len)) => bytes.extend_from_slice(&buffer[..len]),
            Ok(Err(error)) => return (bytes, Err(error.kind())),
        }
    }
}

#[tokio::test]
async fn a_body_can_end_in_each_way() {
    const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";
    for (end, ended, whole_body) in [
        (End::Clean, Err(ErrorKind::TimedOut), true),
        (End::Abort, Ok(()), false),
        (End::Reset, Err(ErrorKind::ConnectionReset), false),
        (End::Stall, Err(ErrorKind::TimedOut), false),
    ] {
        let fault = Fault::CutAt { byte: 500, end };
        let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
        let (bytes, found) = raw(&bedrock).await;
        // After a whole body the connection stays open for the next request.
        assert_eq!(found, ended, "{fault}");
        assert_eq!(bytes.ends_with(LAST_CHUNK), whole_body, "{fault}");
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n") && bytes.len() > 500, "{fault}: {}", bytes.len());
    }
}

#[tokio::test]
async fn no_response_comes() {
    for (fault, ended) in
        [(Fault::NoHead, Err(ErrorKind::TimedOut)), (Fault::NoResponse, Err(ErrorKind::ConnectionReset))]
    {
        let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
        assert_eq!(raw(&bedrock).await, (Vec::new(), ended), "{fault}");
        assert_eq!(bedrock.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_head_is_held_back() {
    let bedrock = FakeBedrock::builder().fault(Fault::SlowHead { millis: 80 });
    let bedrock = bedrock.start().await.expect("a port is free");
    let started = Instant::now();
    let response = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await;
    assert!(started.elapsed() >= Duration::from_millis(80));
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_drip_is_read_in_many_pieces() {
    let bedrock = FakeBedrock::builder().fault(Fault::Drip).start().await.expect("a port is free");
    let mut body = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.into_body();
    let mut all = Vec::new();
    let mut reads = 0;
    while let Some(frame) = body.frame().await {
        all.extend_from_slice(&frame.expect("the connection holds").into_data().expect("a body has data"));
        reads += 1;
    }
    assert_eq!(all, whole().await);
    assert_eq!(reads, all.len(), "one byte each");
}

#[tokio::test]
async fn refusals_have_their_names() {
    for &refusal in RefusalKind::ALL {
        let fault = Fault::Refuse { refusal, retry_after: Some(3) };
        let reply = with(fault).await;
        assert_eq!(reply.code(), (refusal.status().as_u16(), refusal.name().to_owned()));
        assert_eq!(reply.header("retry-after"), "3");
    }
}

#[tokio::test]
async fn a_stalled_stream_ends_with_its_client_or_its_server() {
    let fault = Fault::CutAt { byte: 100, end: End::Stall };
    let bedrock = FakeBedrock::builder().fault(fault).start().await.expect("a port is free");
    let gone = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await;
    let mut stays = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.into_body();
    assert_eq!(bedrock.open_streams(), 2);
    drop(gone);
    timeout(Duration::from_secs(10), async {
        while bedrock.open_streams() > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the server notices");
    drop(bedrock);
    while let Some(Ok(_)) = stays.frame().await {}
}

#[tokio::test]
async fn json_and_html_pretend() {
    let json = with(Fault::Json).await;
    assert_eq!((json.status.as_u16(), json.header("content-type")), (200, "application/json"));
    let html = with(Fault::HtmlBody).await;
    assert_eq!(html.header("content-type"), "application/vnd.amazon.eventstream");
    assert!(html.body.starts_with(b"<!DOCTYPE html>"));
}
