use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Decode};
use bedrock_stream_http::{ChunkStream, Error, StreamStats};
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
    /// A body with the same script, from its start, and counters of its own.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.steps.clone())
    }

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

/// The items of a stream of this body. Reading them borrowed must give the same ones.
pub(crate) async fn chunks(body: Scripted) -> Vec<Result<Chunk, Error>> {
    let lent = ChunkStream::new(response(body.again()));
    let mut stream = ChunkStream::new(response(body));
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    let (lent, stats) = lent_items(lent).await;
    assert_eq!(format!("{lent:?}"), format!("{items:?}"), "borrowed, the items are the same");
    assert_eq!(stats, stream.stats(), "and so are the statistics");
    items
}

/// The items of a stream, read by `for_each_ready`, and its statistics.
pub(crate) async fn lent_items<D: Decode>(
    mut stream: ChunkStream<Scripted, D>,
) -> (Vec<Result<Chunk, Error>>, StreamStats) {
    let mut items = Vec::new();
    loop {
        let before = items.len();
        match stream.for_each_ready(|chunk| items.push(Ok(chunk.into_chunk()))).await {
            Some(Ok(())) => assert!(items.len() > before, "a call without an error passes on something"),
            Some(Err(error)) => items.push(Err(error)),
            None => break,
        }
    }
    assert!(stream.next().await.is_none(), "the stream has ended");
    (items, stream.stats())
}

pub(crate) fn text(items: &[Result<Chunk, Error>]) -> String {
    let text = |item: &Result<Chunk, Error>| match item {
        Ok(Chunk::Text { text, .. }) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
