//! Timeouts and measured times, on a paused clock.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::{ChunkStream, ErrorDetail, MessageStream, Timeout, Timeouts, Timer};
use bytes::Bytes;

use crate::body::{Scripted, Step, response};
use crate::events::{answer, bytes_of_start, event, metadata};

#[tokio::test(start_paused = true)]
async fn times_are_measured_with_the_timers_clock() {
    let whole = answer();
    let start = bytes_of_start();
    let part = |bytes: &[u8]| Step::Data(Bytes::copy_from_slice(bytes));
    let second = Duration::from_secs(1);
    let body = Scripted::new([
        Step::Sleep(2 * second),
        part(&whole[..5]),
        Step::Sleep(second),
        part(&whole[5..start]),
        Step::Sleep(7 * second),
        part(&whole[start..]),
    ]);
    let mut stream = ChunkStream::new(response(body)).with_timer(tokio_timer(), Timeouts::default());
    while let Some(item) = stream.next().await {
        item.unwrap();
    }
    let stats = stream.stats();
    assert_eq!(stats.time_to_first_byte, Some(2 * second));
    assert_eq!(stats.time_to_first_chunk, Some(3 * second));
    assert_eq!(stats.time_to_first_content, Some(10 * second));
    assert_eq!(stats.longest_gap, Some(7 * second));
    assert_eq!(stats.output_tokens_per_second(), None, "all content arrived at once");
}

#[tokio::test(start_paused = true)]
async fn the_first_token_comes_after_the_start() {
    let second = Duration::from_secs(1);
    let slow = |piece: Vec<u8>| [Step::Sleep(second), Step::Data(piece.into())];
    let delta =
        |delta: &str| event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{delta}}}"#));
    let tool = r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}"#;
    for first in [
        delta(r#"{"text":"a"}"#),
        delta(r#"{"reasoningContent":{"text":"a"}}"#),
        event("contentBlockStart", tool),
    ] {
        for started in [false, true] {
            let whole = answer();
            let steps = [
                slow(whole[..bytes_of_start()].to_vec()),
                // An empty piece is not a token.
                slow(delta(r#"{"text":""}"#)),
                slow(first.clone()),
                slow(event("contentBlockStop", r#"{"contentBlockIndex":0}"#)),
                slow(event("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":"b"}}"#)),
                slow(event("messageStop", r#"{"stopReason":"end_turn"}"#)),
                slow(metadata()),
            ];
            let stream = ChunkStream::new(response(Scripted::new(steps.into_iter().flatten())));
            let mut stream = stream.with_timer(tokio_timer(), Timeouts::default());
            if started {
                stream = stream.started().await.unwrap();
            }
            let answer = stream.collect().await.unwrap();
            let stats = answer.stats;
            assert_eq!(stats.time_to_first_byte, Some(second));
            assert_eq!(stats.time_to_first_chunk, Some(second));
            assert_eq!(
                (stats.time_to_first_content, stats.time_to_last_content),
                (Some(3 * second), Some(5 * second))
            );
            assert_eq!((stats.output_tokens, stats.output_tokens_per_second()), (Some(2), Some(1.0)));
            assert_eq!(answer.request_id.as_deref(), Some("r-1"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_timeout_elapses_even_if_data_is_always_available() {
    let whole = answer();
    let second = Duration::from_secs(1);
    let body = Scripted::new(
        whole[..bytes_of_start()].chunks(1).map(|byte| Step::Data(Bytes::copy_from_slice(byte))),
    );
    let timeouts = Timeouts::none().total(5 * second);
    let mut stream = ChunkStream::new(response(body)).with_timer(tokio_timer(), timeouts);
    // The caller is slower than the network.
    tokio::time::sleep(6 * second).await;
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Total, .. }), "{error:?}");
    assert!(stream.next().await.is_none());

    // An answer that has arrived completely is complete, however late it is read.
    let body = Scripted::new([]);
    let mut messages = MessageStream::new(response(body)).with_timer(tokio_timer(), timeouts);
    tokio::time::sleep(6 * second).await;
    assert!(messages.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn after_done_the_end_is_awaited_briefly() {
    let slow_end = || Scripted::new([Step::Data(answer().into()), Step::Pending, Step::Pending]);
    let hanging = || Scripted::new([Step::Data(answer().into()), Step::Hang]);
    // `Done` itself never waits.
    for (body, timer, reads_to_the_end) in [
        (slow_end(), true, true),
        (slow_end(), false, false),
        (hanging(), true, false),
        (hanging(), false, false),
    ] {
        let counts = Arc::clone(&body.ended);
        let mut stream = ChunkStream::new(response(body));
        if timer {
            stream = stream.with_timer(tokio_timer(), Timeouts::default());
        }
        let begin = tokio::time::Instant::now();
        while !matches!(stream.next().await, Some(Ok(Chunk::Done(_)))) {}
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert!(stream.next().await.is_none());
        assert!(begin.elapsed() <= Duration::from_millis(101), "{:?}", begin.elapsed());
        assert_eq!(counts.load(Relaxed) == 1, reads_to_the_end);
        assert!(stream.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_body_causes_a_timeout() {
    let start = || Step::Data(event("messageStart", r#"{"role":"assistant"}"#).into());
    let delta = r#"{"contentBlockIndex":0,"delta":{"text":"x"}}"#;
    let delta = || Step::Data(event("contentBlockDelta", delta).into());
    let second = Duration::from_secs(1);
    let pauses = [start(), Step::Sleep(9 * second), delta(), Step::Sleep(9 * second), delta(), Step::Hang];
    for (timeouts, expected, after, chunk_count) in [
        (Timeouts::default().idle(10 * second), Timeout::Idle, 28, 4),
        (Timeouts::default().idle(8 * second), Timeout::Idle, 8, 1),
        (Timeouts::none().total(15 * second), Timeout::Total, 15, 3),
        (Timeouts::default(), Timeout::Idle, 318, 4),
    ] {
        let stream = ChunkStream::new(response(Scripted::new(pauses.clone())));
        let mut stream = stream.with_timer(tokio_timer(), timeouts);
        let begin = tokio::time::Instant::now();
        let mut items = Vec::new();
        while let Some(item) = stream.next().await {
            items.push(item);
        }
        assert_eq!(items.len(), chunk_count + 1, "{items:?}");
        let Some(Err(error)) = items.last() else { panic!("{items:?}") };
        let ErrorDetail::Timeout { timeout, .. } = error.detail() else { panic!("{items:?}") };
        assert_eq!(*timeout, expected);
        assert_eq!(error.request_id(), Some("r-1"));
        assert_eq!(begin.elapsed().as_secs(), after, "{error}");
    }
}

pub(crate) fn tokio_timer() -> Timer {
    Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std())
}
