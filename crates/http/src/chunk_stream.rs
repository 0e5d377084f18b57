use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bedrock_stream_core::converse::{self, Chunk, ChunkDecoder, Done, Response, ResponseBuilder};
use futures_core::{FusedStream, Stream};
use http_body::Body;

use crate::body_reader::{BodyReader, ReadError};
use crate::collect_error::CollectError;
use crate::deadlines::Deadlines;
use crate::error::{BoxError, Error};
use crate::seen::Seen;
use crate::stream_stats::StreamStats;
use crate::timer::{Sleep, Timer};
use crate::watch::Watch;

/// The chunks of one answer, as a [`Stream`] over any HTTP client whose body is an [`http_body::Body`].
///
/// - The answer is complete if, and only if, [`Chunk::Done`] came. It is the last item.
/// - A final error is given once, and then the stream has ended. After a spoiled event, which is an error that
///   is not [final](Error::is_final), the stream goes on.
/// - After `Done` the rest of the body is read so that the connection can be used again, but briefly: what has arrived
///   already, before `Done` is given; and where there is a [`Timer`], what arrives within 100 ms, when the stream is
///   polled once more. Never more than 64 KiB; no error in it changes anything.
/// - Dropping the stream cancels the request. Nothing is read ahead: a caller that does not poll stops the server.
pub struct ChunkStream<B> {
    reader: BodyReader<B>,
    decoder: ChunkDecoder,
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
        Self::of(BodyReader::new(response))
    }

    pub(crate) fn of(reader: BodyReader<B>) -> Self {
        Self { reader, decoder: ChunkDecoder::new(), state: State::Reading }
    }

    /// Lets the stream keep deadlines, of which [`idle`](Deadlines::idle) and [`total`](Deadlines::total) concern it, from
    /// now on; and wait for the end of the body after `Done`, as far as it waits for that at all.
    #[must_use]
    pub fn with_timer(mut self, timer: Timer, deadlines: Deadlines) -> Self {
        self.reader = self.reader.watched(Some(Watch::new(timer, deadlines)));
        self
    }

    pub(crate) const fn reader_mut(&mut self) -> &mut BodyReader<B> {
        &mut self.reader
    }

    /// What the stream was like so far.
    #[must_use]
    pub const fn stats(&self) -> StreamStats {
        self.reader.meter().stats()
    }

    /// What the stream has told of its end so far, for one that broke before `Done`: [`ChunkDecoder::ending`].
    #[must_use]
    pub fn ending(&self) -> Done {
        self.decoder.ending()
    }

    /// The id under which AWS knows the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.reader.request_id().map(|id| &**id)
    }

    fn stream_error(&self, error: converse::Error) -> Error {
        self.reader.hide(Error::Stream {
            request_id: self.reader.request_id().cloned(),
            error: Box::new(error),
            earlier: self.reader.earlier(),
        })
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.reader.close();
    }

    fn fail(&mut self, error: Error) -> Error {
        self.end();
        self.reader.meter().error(&error);
        error
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

    /// The next chunk, as [`next`](Self::next) gives it, with `see` shown everything on the way there: all of the body's
    /// bytes as they arrive, and each message before its chunks. What follows `Done` is shown as bytes alone.
    ///
    /// What came while [`started`](Self::started) waited is shown by the first call.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn next_with(&mut self, mut see: impl FnMut(Seen<'_>)) -> Option<Result<Chunk, Error>> {
        poll_fn(|cx| self.poll_next_with(cx, &mut see)).await
    }

    /// The poll form of [`next_with`](Self::next_with).
    pub fn poll_next_with(
        &mut self,
        cx: &mut Context<'_>,
        mut see: impl FnMut(Seen<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        match self.state {
            State::Reading => self.poll_read(cx, &mut see),
            State::Draining { .. } => self.poll_drain(cx, &mut see, true).map(|()| None),
            State::Ended => Poll::Ready(None),
        }
    }

    /// Waits until the first event is there. The stream still gives everything, from its first chunk on.
    ///
    /// # Errors
    ///
    /// The first item, if it is a final error: then there is no answer at all.
    pub async fn started(mut self) -> Result<Self, Error> {
        let mut decoder = ChunkDecoder::new();
        let (mut messages, mut bytes) = (0_u64, 0);
        poll_fn(|cx| {
            loop {
                let arrived = match self.reader.poll_ahead(cx) {
                    Poll::Ready(Some(next)) => next?,
                    Poll::Ready(None) => {
                        return Poll::Ready(
                            decoder.finish().map_or_else(|error| self.judge(error), |_| Ok(())),
                        );
                    }
                    // An event may make no chunk, and need not wait for one that does.
                    Poll::Pending if messages > 0 => return Poll::Ready(Ok(())),
                    Poll::Pending => return Poll::Pending,
                };
                bytes += arrived.len();
                match decoder.next_with(&mut &arrived[..], |_| messages += 1) {
                    Ok(None) if messages > 0 && bytes > MAX_AHEAD => return Poll::Ready(Ok(())),
                    Ok(None) => {}
                    Ok(Some(_)) => {
                        self.reader.first_chunk();
                        return Poll::Ready(Ok(()));
                    }
                    Err(error) => return Poll::Ready(self.judge(error)),
                }
            }
        })
        .await?;
        Ok(self)
    }

    /// Only a final error keeps a stream from starting.
    fn judge(&self, error: converse::Error) -> Result<(), Error> {
        if error.is_final() { Err(self.stream_error(error)) } else { Ok(()) }
    }

    /// Reads to the end, and gives what the non-streaming operation would have given. The answer is kept however long it
    /// is; where the server is not trusted, [`Deadlines::total`] bounds it.
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
                Err(error) => {
                    if !error.is_final() {
                        builder.spoil();
                    }
                    if error.is_final() || failed.is_none() {
                        failed = Some(error);
                    }
                }
            }
        }
        match failed {
            None => Ok(builder.finish()),
            Some(error) => {
                builder.set_ending(self.decoder.ending());
                Err(CollectError { error, partial: Box::new(builder.finish()) })
            }
        }
    }

    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Seen<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        let Self { reader, decoder, .. } = self;
        let next = ready!(reader.poll_decode(cx, |input, fresh, meter| {
            if fresh {
                see(Seen::Bytes(input));
            }
            decoder.next_with(input, |message| {
                meter.message();
                see(Seen::Message(message));
            })
        }));
        let next = match next {
            Some(Err(ReadError::Body(error))) => return Poll::Ready(Some(Err(self.fail(error)))),
            Some(Err(ReadError::Decode(error))) => Err(error),
            Some(Ok(chunk)) => Ok(Some(chunk)),
            None => decoder.finish(),
        };
        Poll::Ready(match next {
            Ok(Some(chunk)) => {
                self.reader.first_chunk();
                self.reader.meter_mut().chunk(&chunk);
                if matches!(chunk, Chunk::Done(_)) {
                    self.state = State::Draining { allowed: MAX_DRAINED, until: None };
                    // What has arrived already need not wait for a caller who may never ask again.
                    let _ = self.poll_drain(cx, see, false);
                }
                Some(Ok(chunk))
            }
            Ok(None) => {
                self.end();
                None
            }
            Err(error) if error.is_final() => {
                let error = self.stream_error(error);
                Some(Err(self.fail(error)))
            }
            Err(error) => Some(Err(self.stream_error(error))),
        })
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, see: &mut impl FnMut(Seen<'_>), wait: bool) -> Poll<()> {
        if let State::Draining { allowed, until } = &mut self.state {
            if self.reader.poll_drain(cx, allowed, |bytes| see(Seen::Bytes(bytes))).is_pending() {
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
        self.poll_next_with(cx, |_| {})
    }
}

impl<B> FusedStream for ChunkStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl<B> fmt::Debug for ChunkStream<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkStream").field("request_id", &self.request_id()).finish_non_exhaustive()
    }
}

/// How much of a body that holds events without chunks is kept until the stream counts as started, in bytes.
const MAX_AHEAD: usize = 64 * 1024;
/// How much of a body is read after `Done`, in bytes.
const MAX_DRAINED: usize = 64 * 1024;
/// How long the end of a body is waited for after `Done`.
const DRAIN_TIME: Duration = Duration::from_millis(100);
