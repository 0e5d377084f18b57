//! The memory that a body costs, whatever its frames are, measured with a counting allocator.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant, SystemTime};

use allocation_counter::measure;
use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{
    ChunkStream, Client, Config, ErrorDetail, MessageStream, Received, Retry, Timeout, Timeouts, Timer,
    Transport, TransportError,
};
use bytes::Bytes;
use http_body::{Body, Frame};

#[test]
fn millions_of_empty_frames_use_no_memory() {
    for started in [true, false] {
        let body = Frames::new(answer("Hi")).after_empty(1_000_000);
        let info = measure(|| assert_eq!(text(body, started), "Hi"));
        assert!(info.bytes_max < 64 * 1024, "started: {started}: {info:?}");
    }
}

#[test]
fn a_first_message_in_single_bytes_costs_a_small_multiple_of_its_length() {
    const LEN: usize = 1024 * 1024;
    let start = format!(r#"{{"role":"assistant","p":"{}"}}"#, "x".repeat(LEN));
    let whole = Bytes::from([event("messageStart", &start), answer("Hi")[START.len()..].to_vec()].concat());
    for started in [true, false] {
        let body = Frames::new(whole.to_vec()).in_parts_of(1);
        let info = measure(|| assert_eq!(text(body, started), "Hi"));
        // The bytes read so far are kept in addition to the decoder's own copy; either may double as it grows.
        assert!(info.bytes_max < 6 * LEN as u64, "started: {started}: {info:?}");
    }
}

#[test]
fn events_without_chunks_are_not_read_endlessly() {
    let empty = event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":""}}"#);
    let body = Frames::new(empty).repeated();
    let read = Arc::clone(&body.read);
    let info = measure(|| {
        let stream = block_on(ChunkStream::new(http::Response::new(body)).started()).unwrap();
        drop(stream);
    });
    assert!(read.load(Relaxed) < 1024 * 1024, "{read:?} bytes");
    assert!(info.bytes_max < 1024 * 1024, "{info:?}");
}

#[test]
fn endless_empty_frames_do_not_starve_other_tasks() {
    let endless = || Frames::new(Vec::new()).repeated();
    let mut chunks = ChunkStream::new(http::Response::new(endless()));
    pending_but_woken(|cx| Pin::new(&mut chunks).poll_next_inspect(cx, |_| {}).map(drop));
    let mut messages = MessageStream::new(http::Response::new(endless()));
    pending_but_woken(|cx| messages.poll_next_with(cx, |_| ()).map(drop));
    let mut started = Box::pin(ChunkStream::new(http::Response::new(endless())).started());
    pending_but_woken(|cx| started.as_mut().poll(cx).map(drop));
    let mut refused = http::Response::new(endless());
    *refused.status_mut() = http::StatusCode::BAD_REQUEST;
    let mut refused = Box::pin(bedrock_stream_http::check_response(refused, SystemTime::now()));
    pending_but_woken(|cx| refused.as_mut().poll(cx).map(drop));
    // After the end of the answer, nobody waits for them.
    let mut chunks = ChunkStream::new(http::Response::new(Frames::new(answer("Hi")).then_endless_empty()));
    let items = block_on(async {
        let mut items = Vec::new();
        while let Some(item) = chunks.next().await {
            items.push(item);
        }
        items
    });
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
}

#[tokio::test]
async fn empty_frames_do_not_reset_the_idle_timeout() {
    let idle = Duration::from_millis(200);
    let timeouts = Timeouts::none().idle(idle);
    let timer = || Timer::new(tokio::time::sleep);
    let body = Frames::new(START.clone()).then_endless_empty();
    let mut chunks = ChunkStream::new(http::Response::new(body)).with_timer(timer(), timeouts);
    assert!(matches!(chunks.next().await, Some(Ok(Chunk::Start { .. }))));
    let begin = Instant::now();
    let error = chunks.next().await.unwrap().unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }), "{error:?}");
    assert!(begin.elapsed() >= idle);

    // Before the first chunk, in an answer that does not stream, and in a refusal, whose head is sufficient.
    let client = |status| {
        let config = Config::builder().endpoint_url("http://x").bearer("k").retry(Retry::none());
        let config = config.timeouts(timeouts.total(Duration::from_secs(2)));
        Client::with_transport(config.build().unwrap(), Endless(status))
    };
    let request = bedrock_stream_http::converse::Request::new().user("Hi");
    let error = client(200).converse_stream("m", &request).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }), "{error:?}");
    let error = client(200).converse("m", &request).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }), "{error:?}");
    let error = client(400).converse("m", &request).await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 400);
}

/// A transport whose answers have endless empty frames.
struct Endless(u16);

impl Transport for Endless {
    type Body = Frames;

    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Frames>, TransportError> {
        Ok(http::Response::builder().status(self.0).body(Frames::new(Vec::new()).repeated())?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

/// A body that produces its frames when polled, and is never pending.
struct Frames {
    bytes: Bytes,
    part: usize,
    at: usize,
    empty_before: usize,
    /// What comes after the bytes.
    then: Then,
    read: Arc<AtomicUsize>,
}

#[derive(Clone, Copy)]
enum Then {
    End,
    Again,
    Empty,
}

impl Frames {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
            part: usize::MAX,
            at: 0,
            empty_before: 0,
            then: Then::End,
            read: Arc::default(),
        }
    }

    fn in_parts_of(self, part: usize) -> Self {
        Self { part, ..self }
    }

    fn after_empty(self, empty_before: usize) -> Self {
        Self { empty_before, ..self }
    }

    fn repeated(self) -> Self {
        Self { then: Then::Again, ..self }
    }

    fn then_endless_empty(self) -> Self {
        Self { then: Then::Empty, ..self }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        if self.empty_before > 0 {
            self.empty_before -= 1;
            return data(Bytes::new());
        }
        if self.at == self.bytes.len() {
            match self.then {
                Then::End => return Poll::Ready(None),
                Then::Again => self.at = 0,
                Then::Empty => return data(Bytes::new()),
            }
        }
        let end = self.at.saturating_add(self.part).min(self.bytes.len());
        // A separate buffer, as for a frame of HTTP/2.
        let bytes = Bytes::copy_from_slice(&self.bytes[self.at..end]);
        self.read.fetch_add(bytes.len(), Relaxed);
        self.at = end;
        data(bytes)
    }
}

/// Reads to the end, calling `next_inspect`.
fn text(body: Frames, started: bool) -> String {
    block_on(async {
        let (len, read) = (body.bytes.len(), Arc::clone(&body.read));
        let mut stream = ChunkStream::new(http::Response::new(body));
        if started {
            stream = stream.started().await.unwrap();
        }
        let (mut text, shown) = (String::new(), AtomicUsize::new(0));
        let see = |seen: Received<'_>| {
            if let Received::Bytes(bytes) = seen {
                shown.fetch_add(bytes.len(), Relaxed);
            }
        };
        while let Some(chunk) = stream.next_inspect(see).await {
            if let Chunk::Text { text: more, .. } = chunk.unwrap() {
                text.push_str(&more);
            }
        }
        assert_eq!((shown.into_inner(), read.load(Relaxed)), (len, len));
        text
    })
}

/// Polls as long as the future has been woken.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let flag = Arc::new(Flag::default());
    let waker = Waker::from(Arc::clone(&flag));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(flag.0.swap(false, Relaxed), "the future will never be woken");
    }
}

fn pending_but_woken(poll: impl FnOnce(&mut Context<'_>) -> Poll<()>) {
    let flag = Arc::new(Flag::default());
    assert!(poll(&mut Context::from_waker(&Waker::from(Arc::clone(&flag)))).is_pending());
    assert!(flag.0.load(Relaxed), "it must have asked to be polled again");
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

static START: std::sync::LazyLock<Vec<u8>> =
    std::sync::LazyLock::new(|| event("messageStart", r#"{"role":"assistant"}"#));

fn answer(text: &str) -> Vec<u8> {
    [
        START.clone(),
        event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}}}"#)),
        event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        event("messageStop", r#"{"stopReason":"end_turn"}"#),
        event("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#),
    ]
    .concat()
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [Header::string(":event-type", kind), Header::string(":message-type", "event")];
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}
