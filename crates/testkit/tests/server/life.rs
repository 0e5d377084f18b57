use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bedrock_stream_core::frame::Decoder;
use bedrock_stream_testkit::{FakeBedrock, Fault, SentResponse, StartError};
use http_body_util::BodyExt;

use crate::support::{MODEL_PATH, QUESTION, ask, open, request};

/// So slow that a test which waits for the second delta would never end.
const FOREVER: Duration = Duration::from_secs(1_000_000);

#[tokio::test]
async fn pacing_delivers_over_time() {
    let bedrock = FakeBedrock::builder().delay(FOREVER).start().await.expect("a port is free");
    let mut body = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.into_body();
    let mut decoder = Decoder::new();
    let mut messages = 0;
    // The messageStart and the first delta are there while the second delta is not.
    while messages < 2 {
        let frame = body.frame().await.expect("the body goes on").expect("the connection holds");
        decoder.push(&frame.into_data().expect("a body has data"));
        while decoder.next_message().expect("the stream is undamaged").is_some() {
            messages += 1;
        }
    }
    decoder.finish().expect("the server waits between messages");
    let more = tokio::time::timeout(Duration::from_millis(100), body.frame()).await;
    assert!(more.is_err(), "{more:?} came without a pause");
    assert_eq!(bedrock.open_streams(), 1);
}

#[tokio::test]
async fn each_request_is_told_before_it_is_answered() {
    let (sender, told) = mpsc::channel();
    let bedrock = FakeBedrock::builder()
        .bearer_token("key")
        .on_request(|_| panic!("the last one counts"))
        .on_request(move |request| sender.send(request.clone()).expect("the test listens"))
        .start()
        .await
        .expect("a port is free");
    for number in 0..3 {
        let reply = ask(&bedrock, &format!("{{\"number\":{number}}}")).await;
        assert_eq!(reply.status, 403);
        let request = told.try_recv().expect("it was told");
        assert_eq!(request.body, format!("{{\"number\":{number}}}"));
        assert_eq!(request.model_id.as_deref(), Some("anthropic.claude-3-5-sonnet-20240620-v1:0"));
    }
    assert!(told.try_recv().is_err());
    assert_eq!(bedrock.requests().len(), 3);
}

#[tokio::test]
async fn each_response_is_told_before_it_is_sent() {
    let told = |responses: &mpsc::Receiver<SentResponse>| {
        let response = responses.try_recv().expect("it was told");
        (response.status.map(|status| status.as_u16()), response.refusal)
    };
    let (sender, responses) = mpsc::channel();
    let bedrock = FakeBedrock::builder()
        .on_response(move |_, response| sender.send(response.clone()).expect("the test listens"))
        .reply("html", Fault::Html)
        .reply("busy", Fault::Throttle)
        .reply("gone", Fault::NoResponse)
        .start()
        .await
        .expect("a port is free");
    for (model, expected) in [
        ("html", (Some(200), None)),
        ("busy", (Some(429), Some("ThrottlingException"))),
        ("fine", (Some(200), None)),
    ] {
        open(&bedrock, request(&bedrock, &format!("/model/{model}/converse-stream"), QUESTION)).await;
        assert_eq!(told(&responses), (expected.0, expected.1.map(str::to_owned)), "{model}");
    }
    ask(&bedrock, "{}").await;
    assert_eq!(told(&responses), (Some(400), Some("ValidationException".to_owned())));

    let mut connection = TcpStream::connect(bedrock.addr()).expect("it listens");
    let head =
        format!("POST /model/gone/converse-stream HTTP/1.1\r\nContent-Length: {}\r\n\r\n", QUESTION.len());
    connection.write_all(format!("{head}{QUESTION}").as_bytes()).expect("the server reads");
    connection.read(&mut [0; 1]).expect_err("it hangs up");
    assert_eq!(told(&responses), (None, None));
}

#[tokio::test]
async fn a_paced_answer_is_whole_and_tells_its_time() {
    let rate = NonZeroU32::new(500).expect("not zero");
    let bedrock = FakeBedrock::builder().tokens_per_second(rate).start().await.expect("a port is free");
    let started = Instant::now();
    let mut body = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.into_body();
    let mut all = Vec::new();
    let mut reads = 0;
    while let Some(frame) = body.frame().await {
        all.extend_from_slice(&frame.expect("the connection holds").into_data().expect("a body has data"));
        reads += 1;
    }
    let took = started.elapsed();
    assert!(reads > 1, "it came in {reads} reads");
    let events = crate::support::events(&all);
    let latency = events[events.len() - 1].1["metrics"]["latencyMs"].as_u64().expect("a number");
    assert!(latency > 100 && took >= Duration::from_millis(latency), "{took:?}, {latency} ms");
}

#[tokio::test]
async fn a_split_paced_answer_has_the_same_bytes() {
    let plain = FakeBedrock::builder().start().await.expect("a port is free");
    let split = FakeBedrock::builder()
        .delay(Duration::from_micros(100))
        .split(NonZeroUsize::new(50).expect("not zero"))
        .start()
        .await
        .expect("a port is free");
    let (plain, split) = (ask(&plain, QUESTION).await, ask(&split, QUESTION).await);
    // Only the time in the metadata differs.
    let events = [plain.events(), split.events()];
    assert_eq!(events[0].len(), events[1].len());
    assert_eq!(events[0][..events[0].len() - 1], events[1][..events[1].len() - 1]);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_stream() {
    let bedrock = FakeBedrock::builder().delay(FOREVER).start().await.expect("a port is free");
    let response = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await;
    assert_eq!(bedrock.open_streams(), 1);
    drop(response);
    tokio::time::timeout(Duration::from_secs(10), async {
        while bedrock.open_streams() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the server notices");
}

#[tokio::test]
async fn dropping_it_frees_the_port_and_ends_its_streams() {
    let bedrock = FakeBedrock::builder().delay(FOREVER).start().await.expect("a port is free");
    let address = bedrock.addr();
    let mut body = open(&bedrock, request(&bedrock, MODEL_PATH, QUESTION)).await.into_body();
    drop(bedrock);

    let error = TcpStream::connect(address).expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    while let Some(Ok(_)) = body.frame().await {}
    let again = FakeBedrock::builder().listen(address).start().await.expect("the port is free again");
    assert_eq!(again.addr(), address);
}

#[tokio::test]
async fn many_at_once_and_one_port_only_once() {
    let mut all = Vec::new();
    for _ in 0..20 {
        all.push(FakeBedrock::start().await.expect("a port is free"));
    }
    for bedrock in &all {
        assert_eq!(ask(bedrock, QUESTION).await.status, 200);
    }
    let taken = all[0].addr();
    let error = FakeBedrock::builder().listen(taken).start().await.expect_err("the port is taken");
    assert!(matches!(error, StartError::Listen { address, .. } if address == taken), "{error:?}");
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
}

#[tokio::test]
async fn the_url_is_one_that_can_be_called() {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let bedrock = FakeBedrock::builder().listen(everywhere).start().await.expect("a port is free");
    assert_eq!(bedrock.url(), format!("http://127.0.0.1:{}", bedrock.addr().port()));
}

#[test]
fn it_runs_without_the_tests_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bedrock = runtime.block_on(FakeBedrock::start()).expect("a port is free");
    drop(runtime);
    TcpStream::connect(bedrock.addr()).expect("it still listens");
}

#[tokio::test]
async fn requests_are_kept_for_assertions() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let mut sent = request(&bedrock, &format!("{MODEL_PATH}?x=1"), QUESTION);
    sent.headers_mut().insert("authorization", http::HeaderValue::from_static("Bearer hush"));
    drop(open(&bedrock, sent).await);
    ask(&bedrock, "nonsense").await;

    let kept = bedrock.requests();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].method, http::Method::POST);
    assert_eq!(kept[0].uri.to_string(), format!("{MODEL_PATH}?x=1"));
    assert_eq!(kept[0].headers["content-type"], "application/json");
    assert_eq!(kept[0].body, QUESTION);
    assert_eq!(kept[0].model_id.as_deref(), Some("anthropic.claude-3-5-sonnet-20240620-v1:0"));
    assert_eq!(kept[1].body, "nonsense");
    assert!(!format!("{kept:?}").contains("hush"), "secrets are not printed");
}
