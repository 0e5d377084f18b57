use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bedrock_stream_core::converse::{self, Chunk, ChunkDecoder, Response, ResponseBuilder};
use futures_core::{FusedStream, Stream};
use http_body::Body;

use crate::body_reader::{BodyReader, ReadError};
use crate::collect_error::CollectError;
use crate::deadlines::Deadlines;
use crate::error::{BoxError, Error};
use crate::timer::{Sleep, Timer};
use crate::watch::Watch;

/// The chunks of one answer, as a [`Stream`] over any HTTP client whose body is an [`http_body::Body`].
///
/// - The answer is complete if, and only if, [`Chunk::Done`] came. It is the last item.
/// - A final error is given once, and then the stream has ended. After a spoiled event, which is an error with
///   [`is_final`](Error::is_final)` == false`, the stream goes on.
/// - After `Done` the rest of the body is read so that the connection can be used again, but briefly: what has arrived
///   already, before `Done` is given; and where there is a [`Timer`], what arrives within 100 ms, when the stream is
///   polled once more. Never more than 64 KiB; no error in it changes anything.
/// - Dropping the stream cancels the request. Nothing is read ahead: a caller that does not poll stops the server.
pub struct ChunkStream<B> {
    reader: BodyReader<B>,
    decoder: ChunkDecoder,
    /// An item that was decoded before anybody asked for it.
    held: Option<Result<Chunk, Error>>,
    state: State,
}

enum State {
    Reading,
    /// `Done` was given.
    Draining {
        allowed: usize,
        until: Option<Sleep>,
    },
    Ended,
}

impl<B> ChunkStream<B> {
    /// The chunks of a response's body. The response is not judged: that is what [`accept`](crate::accept) is for.
    #[must_use]
    pub fn new(response: http::Response<B>) -> Self {
        Self {
            reader: BodyReader::new(response),
            decoder: ChunkDecoder::new(),
            held: None,
            state: State::Reading,
        }
    }

    /// Lets the stream keep deadlines, of which [`idle`](Deadlines::idle) and [`total`](Deadlines::total) concern it, from
    /// now on; and wait for the end of the body after `Done`, as far as it waits for that at all.
    #[must_use]
    pub fn with_timer(self, timer: Timer, deadlines: Deadlines) -> Self {
        self.watched(Watch::new(timer, deadlines))
    }

    pub(crate) fn watched(mut self, watch: Watch) -> Self {
        self.reader.set_watch(watch);
        self
    }

    /// The id under which AWS knows the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.reader.request_id().map(|id| &**id)
    }

    fn stream_error(&self, error: converse::Error) -> Error {
        Error::Stream { request_id: self.reader.request_id().cloned(), error: Box::new(error) }
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.reader.close();
    }
}

impl<B> ChunkStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    /// The next chunk. `None`: the stream has ended, by `Done` or by a final error.
    ///
    /// # Errors
    ///
    /// [`Error::Stream`], [`Error::Body`] and [`Error::Deadline`].
    pub async fn next(&mut self) -> Option<Result<Chunk, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Waits until the first item is there, which the stream then holds for the caller.
    ///
    /// # Errors
    ///
    /// The first item, if it is a final error: then there is no answer at all.
    pub async fn started(mut self) -> Result<Self, Error> {
        match self.next().await {
            Some(Err(error)) if error.is_final() => Err(error),
            first => {
                self.held = first;
                Ok(self)
            }
        }
    }

    /// Reads to the end, and gives what the non-streaming operation would have given.
    ///
    /// # Errors
    ///
    /// [`CollectError`], with what had arrived: where the stream ends with an error, and where an event was spoiled,
    /// since the response lacks what that event held.
    pub async fn collect(mut self) -> Result<Response, CollectError> {
        let mut builder = ResponseBuilder::new();
        let mut failed = None;
        while let Some(item) = self.next().await {
            match item {
                Ok(chunk) => builder.push(&chunk),
                // The end of a stream says more than an event that was spoiled on the way there.
                Err(error) if error.is_final() || failed.is_none() => failed = Some(error),
                Err(_) => {}
            }
        }
        let response = builder.finish();
        match failed {
            None => Ok(response),
            Some(error) => Err(CollectError { error, partial: Box::new(response) }),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Chunk, Error>>> {
        let Self { reader, decoder, .. } = self;
        let next = match ready!(reader.poll_decode(cx, |input| decoder.next_from(input))) {
            Some(Err(ReadError::Body(error))) => {
                self.end();
                return Poll::Ready(Some(Err(error)));
            }
            Some(Err(ReadError::Decode(error))) => Err(error),
            Some(Ok(chunk)) => Ok(Some(chunk)),
            None => decoder.finish(),
        };
        Poll::Ready(match next {
            Ok(Some(chunk)) => {
                if matches!(chunk, Chunk::Done(_)) {
                    self.state = State::Draining { allowed: MAX_DRAINED, until: None };
                    // What has arrived already need not wait for a caller who may never ask again.
                    let _ = self.poll_drain(cx, false);
                }
                Some(Ok(chunk))
            }
            Ok(None) => {
                self.end();
                None
            }
            Err(error) => {
                if error.is_final() {
                    self.end();
                }
                Some(Err(self.stream_error(error)))
            }
        })
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, wait: bool) -> Poll<()> {
        if let State::Draining { allowed, until } = &mut self.state {
            if self.reader.poll_drain(cx, allowed).is_pending() {
                match self.reader.timer() {
                    _ if !wait => return Poll::Pending,
                    Some(timer) => {
                        ready!(until.get_or_insert_with(|| timer.sleep(DRAIN_TIME)).as_mut().poll(cx));
                    }
                    None => {}
                }
            }
            self.end();
        }
        Poll::Ready(())
    }
}

impl<B> Stream for ChunkStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Item = Result<Chunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(item) = self.held.take() {
            return Poll::Ready(Some(item));
        }
        match self.state {
            State::Reading => self.poll_read(cx),
            State::Draining { .. } => self.poll_drain(cx, true).map(|()| None),
            State::Ended => Poll::Ready(None),
        }
    }
}

impl<B> FusedStream for ChunkStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    fn is_terminated(&self) -> bool {
        self.held.is_none() && matches!(self.state, State::Ended)
    }
}

impl<B> fmt::Debug for ChunkStream<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkStream").field("request_id", &self.request_id()).finish_non_exhaustive()
    }
}

/// How much of a body is read after `Done`, in bytes.
const MAX_DRAINED: usize = 64 * 1024;
/// How long the end of a body is waited for after `Done`.
const DRAIN_TIME: Duration = Duration::from_millis(100);
