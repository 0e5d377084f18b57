use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

use crate::events::text;

/// The server's reply to one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) parts: Vec<Part>,
    /// Whether the head contains the length of the body.
    sized: bool,
    /// Whether there is any response.
    pub(crate) gone: bool,
}

/// A part of a reply's body.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Data(Bytes),
    Wait(Arc<Notify>),
    Sleep(Duration),
    /// Nothing more arrives, and the body does not end.
    Hang,
    /// HTTP/1.1 closes the connection before the body's end; HTTP/2 resets the stream.
    Abort,
    /// Endless text deltas. Counts the bytes that were handed to the HTTP server.
    Endless(Arc<AtomicUsize>),
}

impl Reply {
    pub(crate) fn event_stream(parts: impl IntoIterator<Item = Part>) -> Self {
        let headers = "content-type: application/vnd.amazon.eventstream\nx-amzn-requestid: r-1";
        Self { sized: false, parts: parts.into_iter().collect(), ..Self::whole(200, headers, b"") }
    }

    /// An answer sent in one piece.
    pub(crate) fn answer() -> Self {
        Self::event_stream([Part::data(crate::events::answer().concat())])
    }

    /// A body whose length is in the head. `headers` has one header per line.
    pub(crate) fn whole(status: u16, headers: &str, body: &[u8]) -> Self {
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        let parts = vec![Part::Data(Bytes::copy_from_slice(body))];
        Self { status, headers: headers.lines().map(header).collect(), parts, sized: true, gone: false }
    }

    /// Like [`whole`](Self::whole), but with these parts instead of the body.
    pub(crate) fn broken(status: u16, headers: &str, parts: impl IntoIterator<Item = Part>) -> Self {
        Self { parts: parts.into_iter().collect(), sized: false, ..Self::whole(status, headers, b"") }
    }

    /// HTTP/1.1 closes the connection without a response; HTTP/2 resets the stream.
    pub(crate) fn gone() -> Self {
        Self { gone: true, ..Self::event_stream([]) }
    }
}

impl Part {
    pub(crate) fn data(bytes: impl Into<Bytes>) -> Self {
        Self::Data(bytes.into())
    }
}

/// A reply's body, produced when the HTTP server polls it.
pub(crate) struct Script {
    parts: VecDeque<Part>,
    len: Option<u64>,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Notified when the body is dropped before its end.
    closed: Arc<Notify>,
}

/// One piece of a body.
type Item = Option<Result<Frame<Bytes>, &'static str>>;

impl Script {
    pub(crate) fn new(reply: &Reply, closed: Arc<Notify>) -> Self {
        let len = |part: &Part| match part {
            Part::Data(bytes) => bytes.len() as u64,
            _ => 0,
        };
        let len = reply.sized.then(|| reply.parts.iter().map(len).sum());
        let mut parts: VecDeque<_> = reply.parts.iter().cloned().collect();
        if matches!(parts.back(), Some(Part::Abort)) {
            // Data that was already written is sent first.
            parts.insert(parts.len() - 1, Part::Sleep(Duration::from_millis(20)));
        }
        Self { parts, len, waiting: None, closed }
    }

    /// The result of the next part. `None`: a wait has begun.
    fn next(&mut self) -> Option<Poll<Item>> {
        let Some(part) = self.parts.front().cloned() else {
            return Some(Poll::Ready(None));
        };
        match part {
            Part::Data(bytes) => {
                self.parts.pop_front();
                return Some(Poll::Ready(Some(Ok(Frame::data(bytes)))));
            }
            Part::Endless(count) => {
                let bytes = Bytes::from(text("What a long answer this is! ").repeat(64));
                count.fetch_add(bytes.len(), Relaxed);
                return Some(Poll::Ready(Some(Ok(Frame::data(bytes)))));
            }
            Part::Hang => return Some(Poll::Pending),
            Part::Abort => {
                self.parts.clear();
                return Some(Poll::Ready(Some(Err("as told"))));
            }
            Part::Wait(notify) => {
                self.parts.pop_front();
                self.waiting = Some(Box::pin(async move { notify.notified().await }));
            }
            Part::Sleep(duration) => {
                self.parts.pop_front();
                self.waiting = Some(Box::pin(tokio::time::sleep(duration)));
            }
        }
        None
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Item> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                std::task::ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            if let Some(next) = self.next() {
                return next;
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.len.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !self.parts.is_empty() || self.waiting.is_some() {
            self.closed.notify_one();
        }
    }
}
