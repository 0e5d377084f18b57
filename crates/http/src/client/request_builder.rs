use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::time::Duration;

use bedrock_stream_core::answer::Decode;
use bedrock_stream_core::frame::Limits;
use http::header::{HeaderName, HeaderValue};

use crate::client::answer::Answer;
use crate::client::call::Call;
use crate::client::into_body::IntoBody;
use crate::client::operation::Operation;
use crate::client::retry::Retry;
use crate::client::transport::Transport;
use crate::config::config::Config;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::stream::chunk_stream::ChunkStream;
use crate::stream::message_stream::MessageStream;
use crate::timeouts::timeouts::Timeouts;

/// A request, which is sent when it is awaited, and then gives an `O`: a [`ChunkStream`], an [`Answer`], a [`MessageStream`]
/// or an [`http::Response`].
///
/// ```
/// # use core::time::Duration;
/// # use bedrock_stream_http::{Client, Error, Retry, Transport, converse::Request};
/// # async fn run(client: Client<impl Transport>, request: Request) -> Result<(), Error> {
/// let chunks = client
///     .converse_stream("us.amazon.nova-lite-v1:0", &request)
///     .timeout(Duration::from_secs(60))
///     .retry(Retry::none())
///     .header("x-amzn-bedrock-trace", "ENABLED")
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// What is wrong with the body, the model id or a header is the await's error, and nothing is sent.
///
/// Cancellation: dropping the builder sends nothing. Dropping the future before it resolves cancels the request, with all of
/// its attempts; it cannot be resumed. What an operation that does not stream has begun, the service may finish, and ask a
/// price for, all the same.
#[must_use = "a request is sent when it is awaited"]
pub struct RequestBuilder<'a, T, O> {
    config: &'a Config,
    transport: &'a T,
    /// The operation and its body, or the first thing that is wrong with them.
    request: Result<(Operation, bytes::Bytes), Error>,
    timeouts: Timeouts,
    retry: Retry,
    run: Run<'a, T, O>,
}

/// What turns attempts into what is awaited.
type Run<'a, T, O> = Box<dyn FnOnce(Call<'a, T>) -> RequestFuture<'a, O> + Send + 'a>;

/// A request on its way.
type RequestFuture<'a, O> = Pin<Box<dyn Future<Output = Result<O, Error>> + Send + 'a>>;

impl<'a, T, O> RequestBuilder<'a, T, O> {
    fn new(
        (config, transport): (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
        run: impl FnOnce(Call<'a, T>) -> RequestFuture<'a, O> + Send + 'a,
    ) -> Self {
        let request = operation.and_then(|operation| {
            let body = body.into_body().map_err(|error| ErrorDetail::Request(error.to_string()))?;
            Ok((operation, body))
        });
        let (timeouts, retry) = (config.timeouts(), config.retry());
        Self { config, transport, request, timeouts, retry, run: Box::new(run) }
    }

    /// With another limit on the whole time, from the start of the request to the end of the answer:
    /// [`Timeouts::total`].
    pub const fn timeout(mut self, total: Duration) -> Self {
        self.timeouts.total = Some(total);
        self
    }

    /// With other timeouts than the configuration's, all of them, except [`Timeouts::connect`]: the HTTP client makes
    /// connections for more than one request, and keeps the configuration's.
    pub const fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// With other retries than the configuration's.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// With a header, which is signed where the request is. One of the same name is replaced.
    ///
    /// One that is not a header, or that the client sets itself, such as `authorization`, `host` and `content-length`, is the
    /// await's error: [`ErrorDetail::Header`].
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        self.request = self.request.and_then(|(operation, body)| {
            Ok((operation.header(name, value).map_err(ErrorDetail::Header)?, body))
        });
        self
    }

    /// The same request, read in another way.
    fn with_run<P>(
        self,
        run: impl FnOnce(Call<'a, T>) -> RequestFuture<'a, P> + Send + 'a,
    ) -> RequestBuilder<'a, T, P> {
        let Self { config, transport, request, timeouts, retry, run: _ } = self;
        RequestBuilder { config, transport, request, timeouts, retry, run: Box::new(run) }
    }
}

impl<'a, T: Transport, O> RequestBuilder<'a, T, O> {
    /// Asks for the answer's messages, not interpreted, in place of what the operation gives. It resolves once the head of the
    /// response is there; until then, what may pass is tried again as [`Retry`] says.
    ///
    /// An operation that does not answer with an event stream has no messages: the await gives [`ErrorDetail::Request`].
    pub fn messages(self) -> RequestBuilder<'a, T, MessageStream<T::Body>> {
        self.with_run(|call| Box::pin(call.messages()))
    }

    /// Asks for the response itself, in place of what the operation gives: for those who want the body's bytes, for instance to
    /// record them on their way to a [`ChunkStream`]. It resolves as [`messages`](Self::messages) does, if the response may be
    /// what the operation answers with; no timeout runs for the body.
    pub fn open(self) -> RequestBuilder<'a, T, http::Response<T::Body>> {
        self.with_run(|call| Box::pin(call.open()))
    }
}

impl<'a, T: Transport, D: Decode + Send + 'a> RequestBuilder<'a, T, ChunkStream<T::Body, D>> {
    /// The chunks that a decoder makes of the answer: each attempt has a new one.
    pub(crate) fn chunks(
        parts: (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
        decoder: impl Fn(Limits) -> D + Send + Sync + 'a,
    ) -> Self {
        Self::new(parts, operation, body, |call| Box::pin(call.chunks(decoder)))
    }
}

impl<'a, T: Transport> RequestBuilder<'a, T, Answer> {
    /// The whole answer of `Converse`.
    pub(crate) fn answer(
        parts: (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
    ) -> Self {
        Self::new(parts, operation, body, |call| Box::pin(call.answer()))
    }
}

impl<'a, T: Transport> RequestBuilder<'a, T, http::Response<T::Body>> {
    /// The response to any operation.
    pub(crate) fn response(parts: (&'a Config, &'a T), operation: Operation, body: impl IntoBody) -> Self {
        Self::new(parts, Ok(operation), body, |call| Box::pin(call.open()))
    }
}

impl<'a, T: Transport, O: 'a> IntoFuture for RequestBuilder<'a, T, O> {
    type Output = Result<O, Error>;
    type IntoFuture = RequestFuture<'a, O>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { config, transport, request, timeouts, retry, run } = self;
        match request {
            Ok((operation, body)) => run(Call::new(config, transport, operation, body, timeouts, retry)),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

impl<T, O> fmt::Debug for RequestBuilder<'_, T, O> {
    /// Neither the body nor the headers, which may hold what is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.request.as_ref().map(|(operation, _)| operation.path());
        f.debug_struct("RequestBuilder").field("path", &path).finish_non_exhaustive()
    }
}
