//! Failures after the proof that an answer is complete, which only lose the usage.

use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Done, StopReason};
use bedrock_stream_http::{ChunkStream, Error, ErrorDetail, ErrorKind, Timeouts};
use bytes::Bytes;

use crate::body::{Scripted, Step, response, text};
use crate::events::{answer, event, exception, metadata};
use crate::times::tokio_timer;

const SECOND: Duration = Duration::from_secs(1);

fn stopped() -> Step {
    let whole = answer();
    Step::Data(Bytes::copy_from_slice(&whole[..whole.len() - metadata().len()]))
}

fn unknown() -> Step {
    Step::Data(event("later", "{}").into())
}

/// What these steps yield, and how long it takes.
async fn read(
    steps: impl IntoIterator<Item = Step>,
    timeouts: Timeouts,
) -> (Vec<Result<Chunk, Error>>, Duration) {
    let mut stream = ChunkStream::new(response(Scripted::new(steps))).with_timer(tokio_timer(), timeouts);
    let begin = tokio::time::Instant::now();
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    (items, begin.elapsed())
}

fn done(items: &[Result<Chunk, Error>]) -> &Done {
    assert!(items.iter().all(Result::is_ok), "{items:?}");
    assert_eq!(text(items), "Hello, world");
    let stop = items.iter().position(|item| matches!(item, Ok(Chunk::Stop { .. })));
    assert!(stop.is_some_and(|stop| stop < items.len() - 1), "{items:?}");
    let Some(Ok(Chunk::Done(done))) = items.last() else { panic!("{items:?}") };
    assert_eq!(done.stop_reason, StopReason::EndTurn);
    done
}

#[tokio::test(start_paused = true)]
async fn a_stall_after_the_stop_is_awaited_briefly_and_is_not_an_error() {
    for (timeouts, seconds) in [
        (Timeouts::default(), 10),
        (Timeouts::default().tail(3 * SECOND), 3),
        (Timeouts::default().tail(None), 300),
        (Timeouts::default().idle(2 * SECOND), 2),
        (Timeouts::none().total(4 * SECOND), 4),
    ] {
        let (items, took) = read([stopped(), Step::Hang], timeouts).await;
        let done = done(&items);
        assert_eq!((took.as_secs(), &done.usage), (seconds, &None));
        let tail = done.tail.as_ref().unwrap();
        assert_eq!(tail.kind, ErrorKind::Timeout);
        assert!(tail.message.contains("r-1"), "{tail:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_stop_itself_does_not_wait() {
    let stream = ChunkStream::new(response(Scripted::new([stopped(), Step::Hang])));
    let mut stream = stream.with_timer(tokio_timer(), Timeouts::default());
    let begin = tokio::time::Instant::now();
    while !matches!(stream.next().await, Some(Ok(Chunk::Stop { .. }))) {}
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn events_other_than_the_usage_do_not_prolong_the_wait() {
    // An unknown event every second, endlessly.
    let drip = (0..100).flat_map(|_| [Step::Sleep(SECOND), unknown()]);
    let (items, took) = read([stopped()].into_iter().chain(drip), Timeouts::default()).await;
    let done = items.last().unwrap().as_ref().unwrap();
    let Chunk::Done(done) = done else { panic!("{items:?}") };
    assert_eq!(done.tail.as_ref().unwrap().kind, ErrorKind::Timeout);
    assert!(took >= 10 * SECOND && took <= 11 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_late_usage_is_awaited_and_a_slow_caller_still_gets_it() {
    let (items, took) =
        read([stopped(), Step::Sleep(9 * SECOND), Step::Data(metadata().into())], Timeouts::default()).await;
    let done = done(&items);
    assert!(done.usage.is_some() && done.tail.is_none(), "{done:?}");
    assert_eq!(took, 9 * SECOND);

    for pause in [SECOND, 60 * SECOND] {
        let steps = [stopped(), Step::Sleep(SECOND), Step::Data(metadata().into())];
        let mut stream = ChunkStream::new(response(Scripted::new(steps)));
        stream = stream.with_timer(tokio_timer(), Timeouts::default());
        while !matches!(stream.next().await, Some(Ok(Chunk::Stop { .. }))) {}
        // The caller starts to wait, is busy elsewhere for a long time, and comes back.
        let _ = tokio::time::timeout(SECOND / 2, stream.next()).await;
        tokio::time::sleep(pause).await;
        let Some(Ok(Chunk::Done(done))) = stream.next().await else { panic!("no Done") };
        assert!(done.usage.is_some() && done.tail.is_none(), "{done:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn any_failure_after_the_stop_loses_only_the_usage() {
    let metadata = metadata();
    let cut = Step::Data(Bytes::copy_from_slice(&metadata[..20]));
    let mut damaged = metadata.clone();
    damaged[40] ^= 1;
    for (steps, kind) in [
        (vec![Step::Break], Some(ErrorKind::Transport)),
        (vec![cut.clone(), Step::Break], Some(ErrorKind::Transport)),
        (vec![cut.clone(), Step::Hang], Some(ErrorKind::Timeout)),
        (vec![cut], Some(ErrorKind::Truncated)),
        (vec![Step::Data(damaged.into())], Some(ErrorKind::MessageChecksum)),
        (
            vec![Step::Data(Bytes::from_static(b"<html>a proxy's page</html>"))],
            Some(ErrorKind::PreludeChecksum),
        ),
        (vec![], None),
    ] {
        let (items, _) = read([stopped()].into_iter().chain(steps.clone()), Timeouts::default()).await;
        let tail = done(&items).tail.as_ref();
        assert_eq!(tail.map(|tail| tail.kind), kind, "{tail:?}");

        // The answer is complete, and the rest is not read.
        let all = [stopped()].into_iter().chain(steps);
        let stream =
            ChunkStream::new(response(Scripted::new(all))).with_timer(tokio_timer(), Timeouts::default());
        let answer = stream.collect().await.unwrap();
        assert_eq!(answer.text(), "Hello, world");
        assert_eq!(answer.tail.as_ref().map(|tail| tail.kind), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_exception_after_the_stop_is_final_and_not_retryable() {
    for name in ["throttlingException", "internalServerException", "brandNewException"] {
        let late = Step::Data(exception(name, r#"{"message":"Too late."}"#).into());
        let (items, _) = read([stopped(), late, Step::Hang], Timeouts::default()).await;
        let Some(Err(error)) = items.last() else { panic!("{items:?}") };
        assert_eq!(error.code(), Some(name));
        assert!(error.is_final() && !error.is_retryable(), "{error:?}");
        assert!(items.iter().any(|item| matches!(item, Ok(Chunk::Stop { .. }))), "{items:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_stop_every_failure_is_an_error() {
    let whole = answer();
    let stop = event("messageStop", r#"{"p":"ab","stopReason":"end_turn"}"#).len() + metadata().len();
    let content = || Step::Data(Bytes::copy_from_slice(&whole[..whole.len() - stop]));
    let (items, took) = read([content(), Step::Hang], Timeouts::default()).await;
    assert!(
        matches!(items.last(), Some(Err(error)) if matches!(error.detail(), ErrorDetail::Timeout { .. })),
        "{items:?}"
    );
    assert_eq!(took, 300 * SECOND);
    let (items, _) = read([content(), Step::Break], Timeouts::default()).await;
    assert!(
        matches!(items.last(), Some(Err(error)) if matches!(error.detail(), ErrorDetail::Body { .. })),
        "{items:?}"
    );
}
