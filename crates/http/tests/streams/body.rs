use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::{ChunkStream, Error};
use bytes::Bytes;
use http_body::{Body, Frame};

/// A body that follows a script.
pub(crate) struct Scripted {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    pub(crate) polls: Arc<AtomicUsize>,
    /// How often its end was polled.
    pub(crate) ended: Arc<AtomicUsize>,
}

#[derive(Clone)]
pub(crate) enum Step {
    Data(Bytes),
    Pending,
    Trailers,
    Break,
    Hang,
    Sleep(Duration),
}

impl Scripted {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
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
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(http::HeaderMap::new())))),
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

pub(crate) fn response(body: Scripted) -> http::Response<Scripted> {
    http::Response::builder().header("x-amzn-RequestId", "r-1").body(body).unwrap()
}

pub(crate) async fn chunks(body: Scripted) -> Vec<Result<Chunk, Error>> {
    let mut stream = ChunkStream::new(response(body));
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    items
}

pub(crate) fn text(items: &[Result<Chunk, Error>]) -> String {
    let text = |item: &Result<Chunk, Error>| match item {
        Ok(Chunk::Text { text, .. }) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
