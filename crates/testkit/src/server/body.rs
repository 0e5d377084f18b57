use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::connection::ResetHandle;
use crate::fault::{End, EventType, OutgoingBody};

/// A paced response body. It is pull-based: when the client disconnects it is dropped, and nothing else has to be
/// stopped.
#[derive(Debug)]
pub(crate) struct PacedBody {
    segments: VecDeque<Segment>,
    start: Instant,
    pace: Pace,
    split: usize,
    drips: bool,
    end: End,
    reset_handle: ResetHandle,
    /// When the last delta was due. Delays start from there, which keeps the rate right when timers are coarse.
    due: Option<Instant>,
    pause: Option<Pin<Box<Sleep>>>,
    /// Whether the bytes written so far have had time to be flushed.
    flushed: bool,
    _open: OpenStream,
}

/// The body is aborted.
#[derive(Debug, thiserror::Error)]
#[error("the stream is aborted by a fault")]
pub(crate) struct Aborted;

/// How fast a body is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The delay before each delta except the first.
    pub(crate) delay: Duration,
    /// The speed factor for recorded bodies with arrival times.
    pub(crate) as_recorded: Option<f64>,
}

/// What a segment waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wait {
    #[default]
    Nothing,
    /// The delay since the last delta was due.
    Delay,
    /// A time since the start of the body.
    Until(Duration),
}

/// Bytes that can be written together.
#[derive(Debug)]
struct Segment {
    wait: Wait,
    bytes: Bytes,
}

impl PacedBody {
    pub(crate) fn new(
        outgoing: OutgoingBody,
        pace: Pace,
        reset_handle: ResetHandle,
        open: OpenStream,
    ) -> Self {
        Self {
            split: outgoing.split.map_or(usize::MAX, NonZeroUsize::get),
            drips: outgoing.drips,
            end: outgoing.end,
            segments: segments(outgoing, pace),
            start: Instant::now(),
            pace,
            reset_handle,
            due: None,
            pause: None,
            flushed: false,
            _open: open,
        }
    }

    fn start_pause(&mut self, wait: Wait) {
        let (since, time) = match wait {
            Wait::Nothing => return,
            Wait::Delay => (self.due.unwrap_or_else(Instant::now), self.pace.delay),
            Wait::Until(time) => (self.start, time),
        };
        self.due = since.checked_add(time);
        self.pause = Some(Box::pin(self.due.map_or_else(|| sleep(time), sleep_until)));
    }

    /// The HTTP library buffers bytes while the body has more; those before an abort must have been sent by then.
    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.flushed {
            self.flushed = true;
            self.pause = Some(Box::pin(sleep(FLUSH_TIME)));
        }
        self.poll_pause(cx)
    }

    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match self.end {
            End::Clean => Poll::Ready(None),
            // The body is dropped when the client leaves, so no waker is needed.
            End::Stall => Poll::Pending,
            End::Abort | End::Reset => {
                ready!(self.poll_flushed(cx));
                if self.end == End::Reset {
                    self.reset_handle.reset();
                }
                Poll::Ready(Some(Err(Aborted)))
            }
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let this = self.get_mut();
        loop {
            ready!(this.poll_pause(cx));
            let Some(segment) = this.segments.front_mut() else {
                return this.poll_end(cx);
            };
            let wait = std::mem::take(&mut segment.wait);
            if wait != Wait::Nothing {
                this.start_pause(wait);
                continue;
            }
            if this.drips && !std::mem::replace(&mut this.flushed, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            this.flushed = false;
            let bytes = segment.bytes.split_to(segment.bytes.len().min(this.split));
            if segment.bytes.is_empty() {
                this.segments.pop_front();
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.segments.is_empty() && self.end == End::Clean
    }
}

/// With a split size, messages without a pause between them are joined, so that a write may span several.
fn segments(outgoing: OutgoingBody, pace: Pace) -> VecDeque<Segment> {
    let mut segments: VecDeque<Segment> = VecDeque::new();
    let mut joined = BytesMut::new();
    let mut joined_wait = Wait::Nothing;
    let mut deltas = 0_usize;
    for message in outgoing.messages.into_iter().filter(|message| !message.bytes.is_empty()) {
        let is_delta = message.event_type == Some(EventType::Delta);
        deltas += usize::from(is_delta);
        let recorded = |speed: f64| {
            message.due.and_then(|due| Duration::try_from_secs_f64(due.as_secs_f64() / speed).ok())
        };
        let wait = match pace.as_recorded.and_then(recorded) {
            Some(time) => Wait::Until(time),
            None if is_delta && deltas > 1 && !pace.delay.is_zero() => Wait::Delay,
            None => Wait::Nothing,
        };
        if outgoing.split.is_none() {
            segments.push_back(Segment { wait, bytes: message.bytes });
            continue;
        }
        // Messages that were due together stay together.
        if wait != Wait::Nothing && !(wait == joined_wait && wait != Wait::Delay) {
            if !joined.is_empty() {
                segments.push_back(Segment { wait: joined_wait, bytes: joined.split().freeze() });
            }
            joined_wait = wait;
        }
        joined.extend_from_slice(&message.bytes);
    }
    if !joined.is_empty() {
        segments.push_back(Segment { wait: joined_wait, bytes: joined.freeze() });
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

const FLUSH_TIME: Duration = Duration::from_millis(20);
