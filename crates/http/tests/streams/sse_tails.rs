//! The wait for the rest after the proof in server-sent events, on a paused clock: how long it lasts, and what is
//! returned without the rest.

use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Done};
use bedrock_stream_http::dialects::{Dialect, SseDecoder};
use bedrock_stream_http::{ChunkStream, Error, ErrorKind, Timeouts};

use crate::body::{Scripted, Step, response, text};
use crate::times::tokio_timer;

const SECOND: Duration = Duration::from_secs(1);
const HELLO: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello\"}}]}\n\n";
const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";

fn data(texts: &[&str]) -> Step {
    Step::Data(texts.concat().into())
}

/// What these bytes yield, and after how many seconds the last chunk came.
async fn read(dialect: Dialect, steps: impl IntoIterator<Item = Step>) -> (Vec<Result<Chunk, Error>>, u64) {
    let decoder = SseDecoder::new(Some(dialect));
    let stream = ChunkStream::with_decoder(response(Scripted::new(steps)), decoder);
    let mut stream = stream.with_timer(tokio_timer(), Timeouts::default());
    let begin = tokio::time::Instant::now();
    let (mut items, mut took) = (Vec::new(), 0);
    while let Some(item) = stream.next().await {
        took = begin.elapsed().as_secs();
        items.push(item);
    }
    (items, took)
}

fn done(items: &[Result<Chunk, Error>]) -> &Done {
    assert!(items.iter().all(Result::is_ok), "{items:?}");
    let stop = items.iter().position(|item| matches!(item, Ok(Chunk::Stop { .. })));
    assert_eq!(stop, Some(items.len() - 2), "{items:?}");
    let Some(Ok(Chunk::Done(done))) = items.last() else { panic!("{items:?}") };
    done
}

#[tokio::test(start_paused = true)]
async fn a_missing_usage_is_awaited_for_ten_seconds() {
    let comments = (0..40).flat_map(|_| [Step::Sleep(SECOND), data(&[": ping\n\n"])]);
    for (after, kind, seconds) in [
        (vec![Step::Hang], ErrorKind::Timeout, 10),
        (comments.collect(), ErrorKind::Timeout, 10),
        (vec![Step::Sleep(3 * SECOND), Step::Break], ErrorKind::Transport, 3),
        (vec![data(&["data: {\"choices\""])], ErrorKind::Truncated, 0),
    ] {
        let steps = [data(&[HELLO, FINISH])].into_iter().chain(after);
        let (items, took) = read(Dialect::Chat, steps).await;
        let done = done(&items);
        assert_eq!((text(&items), took), ("Hello".to_owned(), seconds), "{kind}");
        assert_eq!(done.tail.as_ref().map(|tail| tail.kind), Some(kind));
    }
}

#[tokio::test(start_paused = true)]
async fn content_after_the_proof_stops_the_wait_until_the_proof_holds_again() {
    let pause = || Step::Sleep(8 * SECOND);
    let again = data(&[HELLO, FINISH]);
    for between in
        [vec![again.clone()], vec![data(&[HELLO]), Step::Sleep(Duration::from_millis(1)), data(&[FINISH])]]
    {
        let steps = [again.clone(), pause()].into_iter().chain(between.clone());
        let steps = steps.chain([pause()]).chain(between).chain([pause(), data(&[USAGE])]);
        let (items, took) = read(Dialect::Chat, steps).await;
        let done = done(&items);
        assert_eq!((text(&items), took, &done.tail), ("HelloHelloHello".to_owned(), 24, &None));
        assert_eq!(done.usage.as_ref().unwrap().output_tokens, Some(2));
    }
    // A new choice also stops the wait, until it is finished.
    let choice = HELLO.replace("\"index\":0", "\"index\":1");
    let finish = FINISH.replace("\"index\":0", "\"index\":1");
    let steps =
        [again, pause(), data(&[&choice]), pause(), pause(), data(&[&finish]), pause(), data(&[USAGE])];
    let (items, took) = read(Dialect::Chat, steps).await;
    assert_eq!((took, &done(&items).tail), (32, &None));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stays_open_after_the_end_is_not_awaited() {
    let messages = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\",\"usage\":{\"input_tokens\":1}}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    for (dialect, body) in
        [(Dialect::Chat, [HELLO, FINISH, USAGE].concat()), (Dialect::Messages, messages.to_owned())]
    {
        let begin = tokio::time::Instant::now();
        let (items, took) = read(dialect, [data(&[&body]), Step::Hang]).await;
        assert_eq!((took, &done(&items).tail), (0, &None), "{dialect}");
        assert!(begin.elapsed() < SECOND, "{dialect}: {:?}", begin.elapsed());
    }
}

/// A wrong dialect would be wrong the next time, too, and each time the answer is paid.
#[tokio::test]
async fn what_is_read_as_the_wrong_dialect_is_not_asked_for_again() {
    for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect != Dialect::Chat) {
        let collected = async |steps: &[&[&str]]| {
            let body = Scripted::new(steps.iter().map(|texts| data(texts)));
            ChunkStream::with_decoder(response(body), SseDecoder::new(Some(dialect))).collect().await
        };
        let error = collected(&[&[HELLO, FINISH, USAGE, "data: [DONE]\n\n"]]).await.unwrap_err().error;
        let told = format!("it is in the dialect chat, but the answer is read as {dialect}");
        assert!(error.to_string().contains(&told) && !error.is_retryable(), "{error}");
        // Nothing at all is another matter.
        let error = collected(&[]).await.unwrap_err().error;
        assert!(error.kind() == ErrorKind::Incomplete && error.is_retryable(), "{dialect} {error}");
    }
    // Of this one something was read.
    let decoder = SseDecoder::new(Some(Dialect::Chat));
    let body = Scripted::new([data(&[HELLO, "data: {\"choices\":17}\n\n"])]);
    let error = ChunkStream::with_decoder(response(body), decoder).collect().await.unwrap_err().error;
    assert!(error.kind() == ErrorKind::Incomplete && error.is_retryable(), "{error}");
}
