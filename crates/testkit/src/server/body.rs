use std::collections::VecDeque;
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::message::{Kind, WireMessage};

/// How a stream is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pacing {
    /// How long each delta but the first waits for the one before.
    pub(crate) delay: Duration,
    /// How many bytes each write has at most; none: a write for each message.
    pub(crate) split: Option<NonZeroUsize>,
}

/// A response body that takes its time. It is pulled: a client that goes away drops it, and nothing is left to stop.
#[derive(Debug)]
pub(crate) struct PacedBody {
    segments: VecDeque<Segment>,
    pacing: Pacing,
    /// When the last delta was due. Counting from there keeps the rate right when timers are coarse.
    due: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
    _open: OpenStream,
}

/// Bytes that may be written at one time.
#[derive(Debug)]
struct Segment {
    waits: bool,
    bytes: Bytes,
}

impl PacedBody {
    pub(crate) fn new(messages: Vec<WireMessage>, pacing: Pacing, open: OpenStream) -> Self {
        Self { segments: segments(messages, pacing), pacing, due: None, sleep: None, _open: open }
    }

    fn start_sleep(&mut self) {
        let due = self.due.unwrap_or_else(Instant::now).checked_add(self.pacing.delay);
        self.due = due;
        self.sleep = Some(Box::pin(due.map_or_else(|| sleep(self.pacing.delay), sleep_until)));
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        loop {
            if let Some(sleep) = &mut this.sleep {
                ready!(sleep.as_mut().poll(context));
                this.sleep = None;
            }
            let Some(segment) = this.segments.front_mut() else {
                return Poll::Ready(None);
            };
            if std::mem::take(&mut segment.waits) {
                this.start_sleep();
                continue;
            }
            let len = segment.bytes.len().min(this.pacing.split.map_or(usize::MAX, NonZeroUsize::get));
            let bytes = segment.bytes.split_to(len);
            if segment.bytes.is_empty() {
                this.segments.pop_front();
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.segments.is_empty()
    }
}

/// Where a split size is set, messages that no pause divides are joined, so that a write may hold several.
fn segments(messages: Vec<WireMessage>, pacing: Pacing) -> VecDeque<Segment> {
    let mut segments: VecDeque<Segment> = VecDeque::new();
    let mut joined = BytesMut::new();
    let mut joined_waits = false;
    let mut deltas = 0_usize;
    for message in messages.into_iter().filter(|message| !message.bytes.is_empty()) {
        deltas += usize::from(message.kind == Kind::Delta);
        let waits = message.kind == Kind::Delta && deltas > 1 && !pacing.delay.is_zero();
        if pacing.split.is_none() {
            segments.push_back(Segment { waits, bytes: message.bytes });
            continue;
        }
        if waits {
            segments.push_back(Segment { waits: joined_waits, bytes: joined.split().freeze() });
            joined_waits = true;
        }
        joined.extend_from_slice(&message.bytes);
    }
    if !joined.is_empty() {
        segments.push_back(Segment { waits: joined_waits, bytes: joined.freeze() });
    }
    segments
}

/// Counts a stream as open for as long as it lives.
#[derive(Debug)]
pub(crate) struct OpenStream(Arc<AtomicUsize>);

impl OpenStream {
    pub(crate) fn count(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counter))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
