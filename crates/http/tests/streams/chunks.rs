//! `ChunkStream`.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Error as StreamError, StopReason};
use bedrock_stream_http::frame::{Error as FrameError, Limits};
use bedrock_stream_http::{ChunkStream, ErrorDetail, ErrorKind, MessageStream, Received, StreamBody};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::iter;

use crate::body::{Scripted, Step, chunks, response, text};
use crate::events::{answer, bytes_of_start, event, exception, metadata};

#[tokio::test]
async fn any_split_of_the_body_yields_the_same_chunks() {
    let whole = answer();
    let expected = chunks(Scripted::new([Step::Data(whole.clone().into())])).await;
    assert_eq!(text(&expected), "Hello, world");
    assert!(matches!(expected.last(), Some(Ok(Chunk::Done(_)))));
    for size in [1, 2, 3, 7, 11, 12, 13, 64, 100, 1000] {
        let steps =
            whole.chunks(size).flat_map(|part| [Step::Pending, Step::Data(Bytes::copy_from_slice(part))]);
        let split = chunks(Scripted::new(steps)).await;
        assert_eq!(format!("{split:?}"), format!("{expected:?}"), "in parts of {size} bytes");
    }
}

#[tokio::test]
async fn every_cut_is_an_error_and_the_last_item() {
    let whole = answer();
    // From the start of the metadata on, the answer is proven, and a cut only loses the usage.
    let stopped = whole.len() - metadata().len();
    for cut in 0..stopped {
        let items = chunks(Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..cut]))])).await;
        let Some(Err(error)) = items.last() else { panic!("no error at {cut}: {items:?}") };
        assert!(matches!(error.as_stream_error(), Some(StreamError::Incomplete(_))), "at {cut}: {error:?}");
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(!items.iter().any(|item| matches!(item, Ok(Chunk::Done(_)))), "Done at {cut}");
    }
    for cut in stopped..whole.len() {
        let items = chunks(Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..cut]))])).await;
        let Some(Ok(Chunk::Done(done))) = items.last() else { panic!("no Done at {cut}: {items:?}") };
        let tail = (cut > stopped).then_some(ErrorKind::Truncated);
        assert_eq!(done.tail.as_ref().map(|tail| tail.kind), tail, "at {cut}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_is_an_error_unless_the_answer_is_done() {
    let whole = answer();
    let broken = |len: usize| Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..len])), Step::Break]);
    let items = chunks(broken(whole.len() - metadata().len() - 1)).await;
    let Some(Err(error)) = items.last() else { panic!("{items:?}") };
    assert!(matches!(error.detail(), ErrorDetail::Body { .. }), "{error:?}");
    assert_eq!(
        error.with_causes(),
        "the connection broke in the middle of the answer [request id r-1]: connection reset by the test"
    );
    assert!(error.is_retryable() && error.is_final());
    let items = chunks(broken(whole.len())).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
}

#[tokio::test]
async fn the_ending_of_a_broken_stream_is_in_the_partial_response() {
    let whole = answer();
    let mut bytes = whole[..whole.len() - metadata().len()].to_vec();
    bytes.extend(exception("throttlingException", r#"{"message":"Slow down"}"#));
    let steps = || [Step::Data(bytes.clone().into())];
    let error = ChunkStream::new(response(Scripted::new(steps()))).collect().await.unwrap_err();
    assert!(matches!(error.error.detail(), ErrorDetail::Stream(_)), "{error}");
    assert_eq!(error.partial.text(), "Hello, world");
    assert_eq!(error.partial.stop_reason, Some(StopReason::EndTurn));

    let mut stream = ChunkStream::new(response(Scripted::new(steps())));
    while stream.next().await.is_some() {}
    assert_eq!(stream.ending().stop_reason, StopReason::EndTurn);
}

#[tokio::test]
async fn a_skipped_event_does_not_end_the_stream() {
    let mut bytes = event("messageStart", r#"{"role":"assistant"}"#);
    bytes.extend(event("contentBlockDelta", "not JSON"));
    bytes.extend(&answer()[bytes_of_start()..]);
    let steps = || Scripted::new([Step::Data(bytes.clone().into())]);
    let items = chunks(steps()).await;
    assert_eq!(text(&items), "Hello, world");
    let errors: Vec<_> = items.iter().filter_map(|item| item.as_ref().err()).collect();
    assert!(matches!(errors[..], [error] if !error.is_final()), "{errors:?}");
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))));

    let error = ChunkStream::new(response(steps())).collect().await.unwrap_err();
    assert!(!error.error.is_final());
}

#[tokio::test]
async fn a_damaged_message_is_reported_once() {
    let mut bytes = answer();
    // In `messageStop`, without which there is no proof.
    let stop = bytes.len() - metadata().len() - 20;
    bytes[stop] ^= 1;
    let items = chunks(Scripted::new([Step::Data(bytes.into())])).await;
    let errors = items.iter().filter(|item| item.is_err()).count();
    assert_eq!(errors, 1, "{items:?}");
    assert!(matches!(items.last(), Some(Err(error)) if error.is_final()));
}

#[tokio::test]
async fn an_exception_is_the_last_item() {
    let mut bytes = event("messageStart", r#"{"role":"assistant"}"#);
    bytes.extend(exception("throttlingException", r#"{"message":"Slow down"}"#));
    bytes.extend(answer());
    let items = chunks(Scripted::new([Step::Data(bytes.into())])).await;
    assert_eq!(items.len(), 2);
    let Some(Err(error)) = items.last() else { panic!("{items:?}") };
    assert!(error.is_retryable());
    assert!(error.to_string().contains("Slow down") && error.to_string().contains("r-1"), "{error}");
}

#[tokio::test]
async fn a_stream_that_starts_with_a_final_error_never_starts() {
    let refused = exception("validationException", r#"{"message":"No."}"#);
    let error =
        ChunkStream::new(response(Scripted::new([Step::Data(refused.into())]))).started().await.unwrap_err();
    assert!(!error.is_retryable());
    let error = ChunkStream::new(response(Scripted::new([]))).started().await.unwrap_err();
    assert!(matches!(error.as_stream_error(), Some(StreamError::Incomplete(_))), "{error:?}");

    let body = Scripted::new([Step::Data(answer().into())]);
    let mut started = ChunkStream::new(response(body)).started().await.unwrap();
    assert!(matches!(started.next().await, Some(Ok(Chunk::Start { .. }))), "the first chunk is still there");
}

#[tokio::test]
async fn the_first_chunk_does_not_wait_for_the_second() {
    let body =
        Scripted::new([Step::Data(event("messageStart", r#"{"role":"assistant"}"#).into()), Step::Hang]);
    let stream = ChunkStream::new(response(body)).started();
    assert!(tokio::time::timeout(Duration::from_secs(5), stream).await.unwrap().is_ok());
}

#[tokio::test]
async fn an_event_without_a_chunk_starts_the_stream() {
    let empty = r#"{"contentBlockIndex":0,"delta":{"text":""}}"#;
    let steps = [Step::Data(event("contentBlockDelta", empty).into()), Step::Hang];
    let stream = ChunkStream::new(response(Scripted::new(steps))).started();
    assert!(tokio::time::timeout(Duration::from_secs(5), stream).await.unwrap().is_ok());
}

#[tokio::test]
async fn everything_received_can_be_inspected() {
    let (whole, rest) = (answer(), event("later", "{}"));
    let all = [&whole[..], &rest, b"and more"].concat();
    for size in [1, 7, 100, all.len()] {
        for started in [false, true] {
            let steps = all.chunks(size).map(|part| Step::Data(Bytes::copy_from_slice(part)));
            let mut stream = ChunkStream::new(response(Scripted::new(steps)));
            if started {
                stream = stream.started().await.unwrap();
            }
            let (mut bytes, mut messages, mut items) = (Vec::new(), Vec::new(), Vec::new());
            while let Some(item) = stream
                .next_inspect(|seen| match seen {
                    Received::Bytes(part) => bytes.extend_from_slice(part),
                    Received::Message(message) => messages.extend_from_slice(message),
                    _ => {}
                })
                .await
            {
                items.push(item);
            }
            assert_eq!(bytes, all, "in parts of {size} bytes");
            assert_eq!(messages, whole);
            assert_eq!(text(&items), "Hello, world");
            let stats = stream.stats();
            assert_eq!((stats.bytes, stats.messages), (all.len() as u64, 6));
            assert_eq!(stats.chunks, items.len() as u64);
            assert_eq!(stats.time_to_first_byte, None, "there is no clock");
        }
    }
    // Incomplete data is shown too.
    let cut = &whole[..whole.len() - 3];
    let body = Scripted::new([Step::Data(Bytes::copy_from_slice(cut))]);
    let mut stream = ChunkStream::new(response(body));
    let mut bytes = Vec::new();
    let see = |bytes: &mut Vec<u8>, seen: Received<'_>| {
        if let Received::Bytes(part) = seen {
            bytes.extend_from_slice(part);
        }
    };
    while let Some(Ok(_)) = stream.next_inspect(|seen| see(&mut bytes, seen)).await {}
    assert_eq!(bytes, cut);
}

#[tokio::test]
async fn reading_after_done_is_bounded() {
    let endless = core::iter::repeat_n(Step::Data(Bytes::from(vec![0; 8 * 1024])), 1000);
    let body = Scripted::new([Step::Data(answer().into())].into_iter().chain(endless));
    let polls = Arc::clone(&body.polls);
    let items = chunks(body).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))));
    assert!(polls.load(Relaxed) <= 10, "{polls:?} reads");
}

#[tokio::test]
async fn any_stream_of_bytes_can_be_decoded() {
    let whole = answer();
    let parts = || whole.chunks(50).map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part)));
    let chunks = ChunkStream::from_stream(iter(parts()));
    assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world");
    // A stream that is not `Unpin`, whose error type does not implement `Error`, and which has a head.
    let stream = Box::pin(iter(parts()).then(async |part| part.map_err(|_| "text")));
    let response =
        http::Response::builder().header("x-amzn-requestid", "r-7").body(StreamBody::new(stream)).unwrap();
    let answer = ChunkStream::new(response).collect().await.unwrap();
    assert_eq!((&*answer.text(), answer.request_id.as_deref()), ("Hello, world", Some("r-7")));
    assert_eq!((answer.stats.bytes, answer.stats.messages), (whole.len() as u64, 6));
    let mut messages = MessageStream::from_stream(iter(parts()));
    let mut bytes = Vec::new();
    while let Some(message) = messages.next().await {
        bytes.extend_from_slice(&message.unwrap());
    }
    assert_eq!(bytes, whole);
}

#[tokio::test]
async fn limits_apply_to_chunks_too() {
    let long = event("messageStart", &format!(r#"{{"role":"assistant","p":"{}"}}"#, "x".repeat(500)));
    let body = || {
        response(Scripted::new([
            Step::Data(long.clone().into()),
            Step::Data(answer()[bytes_of_start()..].to_vec().into()),
        ]))
    };
    let mut chunks = ChunkStream::with_limits(body(), Limits::max_message_len(400));
    let error = chunks.next().await.unwrap().unwrap_err();
    assert!(
        matches!(error.as_stream_error(), Some(StreamError::Frame(FrameError::TooLong { .. }))),
        "{error:?}"
    );
    let chunks = ChunkStream::with_limits(body(), Limits::max_message_len(1000)).started().await.unwrap();
    assert_eq!(chunks.collect().await.unwrap().text(), "Hello, world");
}
