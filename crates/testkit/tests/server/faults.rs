use bedrock_stream_core::frame::{Decoder, Error, MessageKind};
use bedrock_stream_testkit::{Credentials, FakeBedrock, Fault};

use crate::support::{QUESTION, Reply, ask, events};

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
            MessageKind::Exception { exception_type } => {
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
