use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bedrock_stream_core::answer;
use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame::{Decoder, Limits, Message, MessageKind};
use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use http_body::Body;

use crate::error::cause::BoxError;
use crate::error::error::Error;
use crate::stream::body_reader::{BodyReader, Decoded, ReadError};
use crate::stream::stream_body::StreamBody;
use crate::stream::stream_stats::StreamStats;
use crate::telemetry::outcome::Outcome;
use crate::timeouts::request_timeouts::RequestTimeouts;
use crate::timeouts::timeouts::Timeouts;
use crate::timeouts::timer::Timer;

/// The messages of an event stream, from any service and any HTTP client whose body is an [`http_body::Body`].
///
/// [`next_with`](Self::next_with) passes each message by reference. As a [`Stream`] it yields each message's exact wire
/// bytes, verified and copied, for [`Message::parse`] or a proxy.
///
/// An exception or an `error` message, with which a service ends its stream, is an error,
/// [`ErrorDetail::Stream`](crate::ErrorDetail::Stream), unless the stream is [`raw`](Self::raw).
///
/// An error is returned once, and ends the stream. Dropping the stream cancels the request.
///
/// ```
/// use bedrock_stream_http::{ErrorKind, MessageStream};
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answer = answer().text("Hello").exception("throttlingException", "Slow down.");
/// let mut messages = MessageStream::new(answer.http_response()?);
/// let mut payloads = 0;
/// let error = loop {
///     match messages.next_with(|message| message.payload().len()).await {
///         Some(Ok(len)) => payloads += len,
///         Some(Err(error)) => break error,
///         None => panic!("the service reported an error"),
///     }
/// };
/// assert!(payloads > 0);
/// assert_eq!((error.kind(), error.code()), (ErrorKind::Exception, Some("throttlingException")));
///
/// // A proxy passes everything on, the exception too.
/// let mut messages = MessageStream::new(answer.http_response()?).raw();
/// let mut passed_on = Vec::new();
/// while let Some(bytes) = messages.next().await {
///     passed_on.extend_from_slice(&bytes?);
/// }
/// assert_eq!(passed_on, answer.to_bytes()?);
/// # Ok(())
/// # }
/// ```
pub struct MessageStream<B> {
    reader: BodyReader<B>,
    decoder: Decoder,
    raw: bool,
    ended: bool,
}

impl<B> MessageStream<B> {
    /// The messages of a response body. Status and content type are not checked; see
    /// [`check_response`](crate::check_response).
    #[must_use]
    pub fn new(response: http::Response<B>) -> Self {
        Self::with_limits(response, Limits::default())
    }

    /// Like [`new`](Self::new), with another limit on the length of a message.
    #[must_use]
    pub fn with_limits(response: http::Response<B>, limits: Limits) -> Self {
        Self::of(BodyReader::new(response), limits)
    }

    pub(crate) fn of(reader: BodyReader<B>, limits: Limits) -> Self {
        Self { reader, decoder: Decoder::with_limits(limits), raw: false, ended: false }
    }

    /// Returns exceptions and `error` messages as ordinary messages, for a proxy or a recording.
    #[must_use]
    pub const fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    /// Enforces [`idle`](Timeouts::idle) and [`total`](Timeouts::total) from now on.
    #[must_use]
    pub fn with_timer(mut self, timer: Timer, timeouts: Timeouts) -> Self {
        self.reader = self.reader.with_timeouts(Some(RequestTimeouts::new(timer, timeouts)));
        self
    }

    /// Statistics of the stream so far.
    #[must_use]
    pub const fn stats(&self) -> StreamStats {
        self.reader.recorder().stats()
    }

    /// AWS's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.reader.request_id().map(|id| &**id)
    }
}

impl<S> MessageStream<StreamBody<S>> {
    /// The messages of any [`Stream`] of `Result<Bytes, E>`. It must be `Unpin`; wrap it in `Box::pin` if it is not.
    #[must_use]
    pub fn from_stream(stream: S) -> Self {
        Self::new(http::Response::new(StreamBody::new(stream)))
    }
}

impl<B> MessageStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    /// The next message's exact wire bytes, verified and copied. `None`: the stream ended after a whole message.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing, so it can be used in `select!`.
    ///
    /// # Errors
    ///
    /// As [`next_with`](Self::next_with).
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Passes the next message to `f`, and returns its result. `None`: the stream ended after a whole message.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing, so it can be used in `select!`.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Frame`](crate::ErrorDetail::Frame), [`Stream`](crate::ErrorDetail::Stream) for the service's own errors,
    /// [`Body`](crate::ErrorDetail::Body) and [`Timeout`](crate::ErrorDetail::Timeout).
    pub async fn next_with<R>(&mut self, mut f: impl FnMut(Message<'_>) -> R) -> Option<Result<R, Error>> {
        poll_fn(|cx| self.poll_next_with(cx, &mut f)).await
    }

    /// The poll form of [`next_with`](Self::next_with).
    pub fn poll_next_with<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut f: impl FnMut(Message<'_>) -> R,
    ) -> Poll<Option<Result<R, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let Self { reader, decoder, raw, ended } = self;
        let next = ready!(reader.poll_decode(cx, |input, _, recorder| {
            Ok::<_, Error>(match decoder.next_from(input)? {
                Some(message) => {
                    recorder.message();
                    if let Some(error) = service_error(&message).filter(|_| !*raw) {
                        return Err(error.into());
                    }
                    Decoded::Item(f(message))
                }
                // Only a caller that interprets the messages knows what proves an answer complete.
                None => Decoded::NeedsMore { is_proven: false },
            })
        }));
        let error = match next {
            Some(Ok(given)) => return Poll::Ready(Some(Ok(given))),
            Some(Err(ReadError::Body(error))) => Some(error),
            Some(Err(ReadError::Decode(error))) => Some(reader.error(error)),
            None => decoder.finish().err().map(|error| reader.error(error)),
        };
        *ended = true;
        reader.close();
        reader.recorder_mut().end(error.as_ref().map_or(Outcome::Complete, Outcome::Failed));
        Poll::Ready(error.map(Err))
    }
}

/// The error with which the service ends the stream, if the message is an exception or an error.
fn service_error(message: &Message<'_>) -> Option<answer::Error> {
    let kind = message.envelope().ok()?.kind;
    if !matches!(kind, MessageKind::Exception { .. } | MessageKind::Error { .. }) {
        return None;
    }
    match Event::decode(message).ok()? {
        Event::Exception(exception) => Some(answer::Error::Exception(Box::new(exception))),
        Event::Error(error) => Some(answer::Error::UnmodeledError(error)),
        _ => None,
    }
}

impl<B> Stream for MessageStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_with(cx, |message| Bytes::copy_from_slice(message.as_bytes()))
    }
}

impl<B> FusedStream for MessageStream<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<B> fmt::Debug for MessageStream<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream").field("request_id", &self.request_id()).finish_non_exhaustive()
    }
}
