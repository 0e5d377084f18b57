//! `MessageStream` and `ChunkStream` over bodies of every kind, without a socket.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_http::converse::{Chunk, Error as StreamError};
use bedrock_stream_http::frame::{Header, Message, encode};
use bedrock_stream_http::{ChunkStream, Deadline, Deadlines, Error, MessageStream, Seen, Timer};
use bytes::Bytes;
use http_body::{Body, Frame};

#[tokio::test]
async fn any_split_of_the_body_gives_the_same_chunks() {
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
    // Where the metadata starts, a clean end is the end of an answer without usage.
    let stopped = whole.len() - metadata().len();
    for cut in (0..whole.len()).filter(|cut| *cut != stopped) {
        let items = chunks(Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..cut]))])).await;
        let Some(Err(error)) = items.last() else { panic!("no error at {cut}: {items:?}") };
        assert!(matches!(error.as_stream_error(), Some(StreamError::Incomplete(_))), "at {cut}: {error:?}");
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(!items.iter().any(|item| matches!(item, Ok(Chunk::Done(_)))), "Done at {cut}");
    }
    let items = chunks(Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..stopped]))])).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
}

#[tokio::test]
async fn a_body_that_breaks_is_an_error_unless_the_answer_is_done() {
    let whole = answer();
    let broken = |len: usize| Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..len])), Step::Break]);
    let items = chunks(broken(whole.len() - 1)).await;
    let Some(Err(error @ Error::Body { .. })) = items.last() else { panic!("{items:?}") };
    assert_eq!(
        error.to_string(),
        "the connection broke in the middle of the answer [request id r-1]: connection reset by the test"
    );
    assert!(error.is_retryable() && error.is_final());
    let items = chunks(broken(whole.len())).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
}

#[tokio::test]
async fn a_spoiled_event_does_not_end_the_stream() {
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
async fn a_damaged_message_is_given_once() {
    let mut bytes = answer();
    let len = bytes.len();
    bytes[len - 20] ^= 1;
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
async fn what_starts_with_a_final_error_never_starts() {
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
async fn everything_is_shown_on_the_way() {
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
                .next_with(|seen| match seen {
                    Seen::Bytes(part) => bytes.extend_from_slice(part),
                    Seen::Message(message) => messages.extend_from_slice(message.as_bytes()),
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
    // What is cut is shown too.
    let cut = &whole[..whole.len() - 3];
    let body = Scripted::new([Step::Data(Bytes::copy_from_slice(cut))]);
    let mut stream = ChunkStream::new(response(body));
    let mut bytes = Vec::new();
    let see = |bytes: &mut Vec<u8>, seen: Seen<'_>| {
        if let Seen::Bytes(part) = seen {
            bytes.extend_from_slice(part);
        }
    };
    while let Some(Ok(_)) = stream.next_with(|seen| see(&mut bytes, seen)).await {}
    assert_eq!(bytes, cut);
}

#[tokio::test(start_paused = true)]
async fn times_are_taken_by_the_timers_clock() {
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
    let mut stream = ChunkStream::new(response(body)).with_timer(tokio_timer(), Deadlines::default());
    while let Some(item) = stream.next().await {
        item.unwrap();
    }
    let stats = stream.stats();
    assert_eq!(stats.time_to_first_byte, Some(2 * second));
    assert_eq!(stats.time_to_first_chunk, Some(3 * second));
    assert_eq!(stats.longest_gap, Some(7 * second));
}

#[tokio::test(start_paused = true)]
async fn after_done_the_end_is_waited_for_briefly() {
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
            stream = stream.with_timer(tokio_timer(), Deadlines::default());
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
async fn an_idle_body_is_given_up() {
    let start = || Step::Data(event("messageStart", r#"{"role":"assistant"}"#).into());
    let delta = r#"{"contentBlockIndex":0,"delta":{"text":"x"}}"#;
    let delta = || Step::Data(event("contentBlockDelta", delta).into());
    let second = Duration::from_secs(1);
    let pauses = [start(), Step::Sleep(9 * second), delta(), Step::Sleep(9 * second), delta(), Step::Hang];
    for (deadlines, expected, after, chunk_count) in [
        (Deadlines::default().idle(10 * second), Deadline::Idle, 28, 3),
        (Deadlines::default().idle(8 * second), Deadline::Idle, 8, 1),
        (Deadlines::none().total(15 * second), Deadline::Total, 15, 2),
        (Deadlines::default(), Deadline::Idle, 318, 3),
    ] {
        let stream = ChunkStream::new(response(Scripted::new(pauses.clone())));
        let mut stream = stream.with_timer(tokio_timer(), deadlines);
        let begin = tokio::time::Instant::now();
        let mut items = Vec::new();
        while let Some(item) = stream.next().await {
            items.push(item);
        }
        assert_eq!(items.len(), chunk_count + 1, "{items:?}");
        let Some(Err(error @ Error::Deadline { deadline, .. })) = items.last() else { panic!("{items:?}") };
        assert_eq!(*deadline, expected);
        assert_eq!(error.request_id(), Some("r-1"));
        assert_eq!(begin.elapsed().as_secs(), after, "{error}");
    }
}

#[tokio::test]
async fn what_follows_done_is_bounded() {
    let endless = core::iter::repeat_n(Step::Data(Bytes::from(vec![0; 8 * 1024])), 1000);
    let body = Scripted::new([Step::Data(answer().into())].into_iter().chain(endless));
    let polls = Arc::clone(&body.polls);
    let items = chunks(body).await;
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))));
    assert!(polls.load(Relaxed) <= 10, "{polls:?} reads");
}

#[tokio::test]
async fn messages_are_the_exact_bytes() {
    let whole = answer();
    let steps = whole.chunks(50).map(|part| Step::Data(Bytes::copy_from_slice(part)));
    let mut messages = MessageStream::new(response(Scripted::new(steps)));
    assert_eq!(messages.request_id(), Some("r-1"));
    let mut bytes = Vec::new();
    while let Some(kind) =
        messages.next_with(|message: Message<'_>| bytes.extend_from_slice(message.as_bytes())).await
    {
        kind.unwrap();
    }
    assert_eq!(bytes, whole);

    let cut = Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..30]))]);
    let mut messages = MessageStream::new(response(cut));
    let error = messages.next_with(|_| ()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Frame { .. }), "{error:?}");
    assert!(messages.next_with(|_| ()).await.is_none());
}

fn tokio_timer() -> Timer {
    Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std())
}

/// A body that does what it is told.
struct Scripted {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    polls: Arc<AtomicUsize>,
    /// How often its end was read.
    ended: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum Step {
    Data(Bytes),
    Pending,
    Break,
    Hang,
    Sleep(Duration),
}

impl Scripted {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), sleep: None, polls: Arc::default(), ended: Arc::default() }
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.polls.fetch_add(1, Relaxed);
        if let Some(sleep) = &mut self.sleep {
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
        match self.steps.pop_front() {
            Some(Step::Data(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Some(Step::Pending) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Break) => Poll::Ready(Some(Err(io::Error::other("connection reset by the test")))),
            Some(Step::Sleep(duration)) => {
                self.sleep = Some(Box::pin(tokio::time::sleep(duration)));
                self.poll_frame(cx)
            }
            Some(Step::Hang) => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
            None => {
                self.ended.fetch_add(1, Relaxed);
                Poll::Ready(None)
            }
        }
    }
}

fn response(body: Scripted) -> http::Response<Scripted> {
    http::Response::builder().header("x-amzn-RequestId", "r-1").body(body).unwrap()
}

async fn chunks(body: Scripted) -> Vec<Result<Chunk, Error>> {
    let mut stream = ChunkStream::new(response(body));
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    items
}

fn text(items: &[Result<Chunk, Error>]) -> String {
    let text = |item: &Result<Chunk, Error>| match item {
        Ok(Chunk::Text { text, .. }) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

fn answer() -> Vec<u8> {
    [
        event("messageStart", r#"{"p":"abc","role":"assistant"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello, "},"p":"abcd"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"world"},"p":"ab"}"#),
        event("contentBlockStop", r#"{"contentBlockIndex":0,"p":"abcdef"}"#),
        event("messageStop", r#"{"p":"ab","stopReason":"end_turn"}"#),
        metadata(),
    ]
    .concat()
}

fn bytes_of_start() -> usize {
    event("messageStart", r#"{"p":"abc","role":"assistant"}"#).len()
}

fn metadata() -> Vec<u8> {
    event(
        "metadata",
        r#"{"metrics":{"latencyMs":9},"p":"abc","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#,
    )
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(":event-type", kind, "event", payload)
}

fn exception(kind: &str, payload: &str) -> Vec<u8> {
    frame(":exception-type", kind, "exception", payload)
}

fn frame(type_header: &str, kind: &str, message_type: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [
        Header::string(type_header, kind),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", message_type),
    ];
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}
