use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::borrow::Cow;

use bedrock_stream_core::answer::{Chunk, Decode, Done, Error as DecodeError, Tail};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::Limits;
use futures_core::{FusedStream, Stream};
use http_body::Body;

use crate::client::answer::Answer;
use crate::error::attempts::Attempts;
use crate::error::cause::BoxError;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::stream::body_reader::{BodyReader, Decoded, ReadError};
use crate::stream::collect_error::CollectError;
use crate::stream::collector::Collector;
use crate::stream::drain::Drain;
use crate::stream::peeked::Peeked;
use crate::stream::received::Received;
use crate::stream::stream_body::StreamBody;
use crate::stream::stream_stats::StreamStats;
use crate::stream::text_stream::TextStream;
use crate::telemetry::Telemetry;
use crate::telemetry::outcome::Outcome;
use crate::timeouts::request_timeouts::RequestTimeouts;
use crate::timeouts::timeouts::Timeouts;
use crate::timeouts::timer::{Sleep, Timer};

/// The chunks of one answer, as a [`Stream`] over any HTTP client whose body is an [`http_body::Body`].
///
/// - The answer is complete if and only if [`Chunk::Done`] came. It is the last item.
/// - A final error is returned once, and ends the stream. A skipped event is an error that is not
///   [final](Error::is_final), after which the stream continues.
/// - After `Done` at most 64 KiB of the body are read, so that the connection can be reused: what has already arrived, and if
///   there is a [`Timer`] and the stream is polled once more, what arrives within 100 ms. Errors there are ignored.
/// - Dropping the stream cancels the request. Nothing is read ahead: a caller that does not poll stops the server.
///
/// `D` is the decoder of the answer's dialect, by default that of `ConverseStream`.
///
/// Over any body, here one that needs no network:
///
/// ```
/// use bedrock_stream_http::answer::Chunk;
/// use bedrock_stream_http::{ChunkStream, ErrorKind};
/// use bedrock_stream_testkit::answer;
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answer = answer().text("Let me look.").tool("weather", json!({"city": "Paris"}));
/// let mut chunks = ChunkStream::new(answer.http_response()?);
/// let mut calls = Vec::new();
/// while let Some(chunk) = chunks.next().await {
///     if let Chunk::ToolCallEnd { name, input, .. } = chunk? {
///         calls.push(format!("{name}({})", input.as_str()));
///     }
/// }
/// assert_eq!(calls, [r#"weather({"city":"Paris"})"#]);
///
/// // The same stream, cut before its `messageStop`, is an error and not an answer.
/// let mut messages = answer.messages()?;
/// messages.truncate(messages.len() - 2);
/// let body = bedrock_stream_testkit::ByteStream::from(messages);
/// let error = ChunkStream::new(http::Response::new(body)).collect().await.unwrap_err();
/// assert_eq!(error.error.kind(), ErrorKind::Incomplete);
/// # Ok(())
/// # }
/// ```
pub struct ChunkStream<B, D = ChunkDecoder> {
    pub(super) reader: BodyReader<B>,
    pub(super) decoder: D,
    state: State,
    /// What [`started`](Self::started) read, until it is returned. Boxed, because it is empty for most of a stream's life.
    peeked: Option<Box<Peeked>>,
    /// Whether chunks or an error have been given to the caller, so that the rest is not the answer.
    pub(super) is_begun: bool,
}

enum State {
    Reading,
    /// The stream broke after the proof; the remaining chunks are being returned.
    Broken(Tail),
    /// `Done` was returned.
    Draining(Drain),
    Ended,
}

impl<B> ChunkStream<B> {
    /// The chunks of a response body. Status and content type are not checked; see
    /// [`check_response`](crate::check_response).
    #[must_use]
    pub fn new(response: http::Response<B>) -> Self {
        Self::with_limits(response, Limits::default())
    }

    /// Like [`new`](Self::new), with other limits on the memory of the decoder.
    #[must_use]
    pub fn with_limits(response: http::Response<B>, limits: Limits) -> Self {
        Self::with_decoder(response, ChunkDecoder::with_limits(limits))
    }
}

impl<B, D: Decode> ChunkStream<B, D> {
    /// The chunks of a response body, decoded by another decoder, which must be at the start of an answer.
    #[must_use]
    pub fn with_decoder(response: http::Response<B>, decoder: D) -> Self {
        Self::of(BodyReader::new(response), decoder)
    }

    pub(crate) fn of(reader: BodyReader<B>, decoder: D) -> Self {
        Self { reader, decoder, state: State::Reading, peeked: None, is_begun: false }
    }

    /// Enforces [`idle`](Timeouts::idle), [`tail`](Timeouts::tail) and [`total`](Timeouts::total) from now on, and waits
    /// briefly for the end of the body after `Done`.
    #[must_use]
    pub fn with_timer(mut self, timer: Timer, timeouts: Timeouts) -> Self {
        self.reader = self.reader.with_timeouts(Some(RequestTimeouts::new(timer, timeouts)));
        self
    }

    /// Sets the context of this stream: the attempts that failed before it, and what the operation tells observers.
    pub(crate) fn set_call(&mut self, earlier: Attempts, mut telemetry: Telemetry) {
        telemetry.dialect(self.decoder.dialect_name());
        self.reader.set_call(earlier, telemetry);
    }

    /// Statistics of the stream so far.
    #[must_use]
    pub const fn stats(&self) -> StreamStats {
        self.reader.recorder().stats()
    }

    /// What a stream that broke before `Done` has reported about its end; see [`Decode::ending`].
    #[must_use]
    pub fn ending(&self) -> Done {
        self.decoder.ending()
    }

    /// The vendor's own word for why the model stopped, as soon as the stream has reported it; see
    /// [`Decode::raw_stop_reason`].
    #[must_use]
    pub fn raw_stop_reason(&self) -> Option<Cow<'_, str>> {
        self.decoder.raw_stop_reason()
    }

    /// AWS's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.reader.request_id().map(|id| &**id)
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.reader.close();
    }

    fn fail(&mut self, error: Error) -> Error {
        self.end();
        self.reader.recorder_mut().end(Outcome::Failed(&error));
        error
    }
}

impl<S> ChunkStream<StreamBody<S>> {
    /// The chunks of any [`Stream`] of `Result<Bytes, E>`; `E` becomes the error's [`source`](core::error::Error::source). It
    /// must be `Unpin`; wrap it in `Box::pin` if it is not. There is no request id, because that is in the response's head:
    /// use [`StreamBody`] to keep it.
    ///
    /// ```
    /// use bedrock_stream_http::ChunkStream;
    /// use bedrock_stream_testkit::answer;
    /// use futures_util::stream;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // The pieces may end anywhere.
    /// let pieces = answer().text("Hello to you.").split_every(100)?;
    /// let bytes = stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    /// assert_eq!(ChunkStream::from_stream(bytes).collect().await?.text(), "Hello to you.");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn from_stream(stream: S) -> Self {
        Self::new(http::Response::new(StreamBody::new(stream)))
    }
}

impl<B, D> ChunkStream<B, D>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    D: Decode,
{
    /// The next chunk. `None` comes after `Done`, or after a final error that has already been returned.
    ///
    /// So do not write `while let Some(Ok(chunk)) = chunks.next().await`: that loop ends at an error as it does at the end, and
    /// a broken answer passes for a whole one. Use `while let Some(chunk)`, and `chunk?` inside.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing, so it can be used in `select!`.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Stream`](crate::ErrorDetail::Stream), [`Body`](crate::ErrorDetail::Body) and [`Timeout`](crate::ErrorDetail::Timeout).
    pub async fn next(&mut self) -> Option<Result<Chunk, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Like [`next`](Self::next), but also calls `see` with everything that is received: all bytes of the body as they
    /// arrive, and each message before its chunks. After `Done` there are only bytes.
    ///
    /// The first call also passes on what [`started`](Self::started) received.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing and passes on nothing twice, so it can be used in
    /// `select!`.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn next_inspect(&mut self, mut see: impl FnMut(Received<'_>)) -> Option<Result<Chunk, Error>> {
        poll_fn(|cx| self.poll_next_inspect(cx, &mut see)).await
    }

    /// The poll form of [`next_inspect`](Self::next_inspect).
    pub fn poll_next_inspect(
        &mut self,
        cx: &mut Context<'_>,
        mut see: impl FnMut(Received<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        if let Some(mut peeked) = self.peeked.take() {
            peeked.show(&mut see);
            if let Some(item) = peeked.item.take() {
                self.record_given(Some(&item));
                return Poll::Ready(Some(item));
            }
        }
        self.poll_rest(cx, &mut see)
    }

    /// Waits for the first event. The stream still returns every chunk from the first on.
    ///
    /// The bytes received are kept for [`next_inspect`](Self::next_inspect) until the first chunk is asked for: the first
    /// message, and what was read together with it.
    ///
    /// Not cancel safe: dropping it before it resolves drops the stream, which cancels the request.
    ///
    /// # Errors
    ///
    /// The first item, if it is a final error: then there is no answer.
    pub async fn started(self) -> Result<Self, Error> {
        self.started_until(None).await
    }

    /// The same, but waits no longer than this.
    pub(crate) async fn started_until(mut self, mut until: Option<Sleep>) -> Result<Self, Error> {
        let mut peeked = Peeked::default();
        poll_fn(|cx| {
            let item = match self.poll_item(cx, &mut |received| peeked.record(received)) {
                Poll::Ready(Some(Err(error))) if error.is_final() => return Poll::Ready(Err(error)),
                Poll::Ready(item) => item,
                // The first event may yield no chunk, but is sufficient.
                Poll::Pending if peeked.has_messages() => None,
                Poll::Pending => match &mut until {
                    Some(until) => {
                        ready!(until.as_mut().poll(cx));
                        None
                    }
                    None => return Poll::Pending,
                },
            };
            peeked.item = item;
            Poll::Ready(Ok(()))
        })
        .await?;
        self.peeked = Some(Box::new(peeked));
        Ok(self)
    }

    /// Reads to the end, and returns what the non-streaming operation would have returned, with statistics and the request id.
    /// The length of the answer is not limited; if the server is not trusted, set [`Timeouts::total`].
    ///
    /// Not cancel safe: dropping the future before it resolves drops the stream and everything received. To keep that, call
    /// [`next`](Self::next) in a loop.
    ///
    /// # Errors
    ///
    /// [`CollectError`], with the partial response: if the stream ends with an error, or if an event was skipped, whose content
    /// the response then lacks. [`ErrorDetail::AlreadyRead`](crate::ErrorDetail::AlreadyRead), with nothing read: if a chunk or an
    /// error has been taken from the stream before, by [`next`](Self::next) or as a text, since the rest of an answer would look like the
    /// whole. Who needs both adds each chunk to a [`ResponseBuilder`](bedrock_stream_core::answer::ResponseBuilder).
    ///
    /// ```
    /// use bedrock_stream_http::ChunkStream;
    /// use bedrock_stream_testkit::answer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let chunks = ChunkStream::new(answer().text("Hello.").usage(5, 2).http_response()?);
    /// let answer = chunks.collect().await?;
    /// assert_eq!(answer.text(), "Hello.");
    /// assert_eq!(answer.stats.output_tokens, Some(2));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn collect(mut self) -> Result<Answer, CollectError> {
        let mut collector = Collector::default();
        if self.is_begun {
            collector.failed(ErrorDetail::AlreadyRead.into());
            return collector.finish(self.stats(), self.request_id(), || self.decoder.ending());
        }
        while let Some(read) = self.for_each_ready(|chunk| collector.push(&chunk)).await {
            if let Err(error) = read {
                collector.failed(error);
            }
        }
        collector.finish(self.stats(), self.request_id(), || self.decoder.ending())
    }

    /// The text of the answer as it arrives, and nothing else.
    #[must_use]
    pub const fn text_stream(self) -> TextStream<Self> {
        TextStream::new(self)
    }

    /// The items after those that [`started`](Self::started) read.
    fn poll_rest(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        let item = self.poll_item(cx, see);
        if let Poll::Ready(item) = &item {
            self.record_given(item.as_ref());
        }
        item
    }

    /// Whether the next item is to be decoded from the body's bytes.
    pub(super) const fn is_reading(&self) -> bool {
        matches!(self.state, State::Reading) && self.peeked.is_none()
    }

    pub(super) fn record_given(&mut self, item: Option<&Result<Chunk, Error>>) {
        self.is_begun |= item.is_some();
        if let Some(Ok(chunk)) = item {
            self.reader.recorder_mut().given(chunk);
        }
    }

    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        match self.state {
            State::Reading => self.poll_read(cx, see),
            State::Broken(ref tail) => {
                let chunk = self.decoder.finish_broken(tail.clone());
                if chunk.as_ref().is_none_or(|chunk| matches!(chunk, Chunk::Done(_))) {
                    self.end();
                }
                Poll::Ready(chunk.map(Ok))
            }
            State::Draining(_) => self.poll_drain(cx, see, true).map(|()| None),
            State::Ended => Poll::Ready(None),
        }
    }

    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
    ) -> Poll<Option<Result<Chunk, Error>>> {
        let Self { reader, decoder, .. } = self;
        // A chunk is written here at once: each result that it passed through would move it once more, which took longer
        // than decoding it.
        let mut slot = None;
        let next = ready!(reader.poll_decode(cx, |input, fresh, recorder| {
            if fresh {
                see(Received::Bytes(input));
            }
            let given = decoder.next_inspect_with(
                input,
                |message| {
                    recorder.message();
                    see(Received::Message(message));
                },
                |chunk| slot = Some(Ok(chunk.into_chunk())),
            )?;
            recorder.dialect(decoder.dialect_name());
            Ok(given.map_or(Decoded::NeedsMore { is_proven: decoder.is_stopped() }, Decoded::Item))
        }));
        Poll::Ready(match next {
            Some(Ok(())) => {
                if let Some(Ok(chunk)) = &slot {
                    self.decoded(cx, see, chunk);
                }
                slot
            }
            Some(Err(error)) => self.ended(cx, see, Some(error)),
            None => self.ended(cx, see, None),
        })
    }

    /// The item of a body that has ended, or of an error.
    pub(super) fn ended(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
        error: Option<ReadError<DecodeError>>,
    ) -> Option<Result<Chunk, Error>> {
        let next = match error {
            Some(ReadError::Body(error)) => {
                // After the proof, this costs only the usage.
                let tail = Tail::new(error.kind(), error.with_causes());
                return match self.decoder.finish_broken(tail.clone()) {
                    Some(chunk) => {
                        self.end();
                        if !matches!(chunk, Chunk::Done(_)) {
                            self.state = State::Broken(tail);
                        }
                        Some(Ok(chunk))
                    }
                    None => Some(Err(self.fail(error))),
                };
            }
            Some(ReadError::Decode(error)) => Err(error),
            None => self.decoder.finish(),
        };
        match next {
            Ok(Some(chunk)) => {
                self.decoded(cx, see, &chunk);
                Some(Ok(chunk))
            }
            Ok(None) => {
                self.end();
                None
            }
            Err(error) if error.is_final() => {
                let error = self.reader.error(error);
                Some(Err(self.fail(error)))
            }
            Err(error) => Some(Err(self.reader.error(error))),
        }
    }

    /// Records a chunk, and what follows from it.
    #[inline]
    fn decoded(&mut self, cx: &mut Context<'_>, see: &mut impl FnMut(Received<'_>), chunk: &Chunk) {
        let is_content = self.reader.recorder_mut().decoded(chunk);
        self.on_decoded(cx, see, is_content, matches!(chunk, Chunk::Done(_)));
    }

    /// Does what follows from chunks that were decoded: `is_content` if one of them is content, `is_done` if the last is `Done`.
    #[inline]
    pub(super) fn on_decoded(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
        is_content: bool,
        is_done: bool,
    ) {
        if is_content {
            // Content stops the tail timeout, which runs from the proof on: the dialect allows content after it, such as another
            // choice, and is then proven complete anew.
            self.reader.unproven();
        }
        if is_done {
            self.state = State::Draining(Drain::default());
            // Drain what has already arrived, since the caller may never poll again.
            let _ = self.poll_drain(cx, see, false);
        }
    }

    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        see: &mut impl FnMut(Received<'_>),
        wait: bool,
    ) -> Poll<()> {
        if let State::Draining(drain) = &mut self.state {
            ready!(drain.poll(cx, &mut self.reader, |bytes| see(Received::Bytes(bytes)), wait));
            self.end();
        }
        Poll::Ready(())
    }
}

impl<B, D> Stream for ChunkStream<B, D>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    D: Decode,
{
    type Item = Result<Chunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // There is no closure to receive the bytes.
        if let Some(item) = self.peeked.take().and_then(|peeked| peeked.item) {
            self.record_given(Some(&item));
            return Poll::Ready(Some(item));
        }
        self.poll_rest(cx, &mut |_| {})
    }
}

impl<B, D> FusedStream for ChunkStream<B, D>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    D: Decode,
{
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended) && self.peeked.is_none()
    }
}

/// The decoder is never pinned.
impl<B: Unpin, D> Unpin for ChunkStream<B, D> {}

impl<B, D> fmt::Debug for ChunkStream<B, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request_id = self.reader.request_id();
        f.debug_struct("ChunkStream").field("request_id", &request_id).finish_non_exhaustive()
    }
}
