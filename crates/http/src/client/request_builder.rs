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
use crate::client::json_response::JsonResponse;
use crate::client::operation::Operation;
use crate::client::retry::Retry;
use crate::client::route::Route;
use crate::client::stream_options::StreamOptions;
use crate::client::transport::Transport;
use crate::config::config::Config;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::stream::chunk_stream::ChunkStream;
use crate::stream::message_stream::MessageStream;
use crate::timeouts::timeouts::Timeouts;

/// A request, sent when awaited. Resolves to an `O`: a [`ChunkStream`], an [`Answer`], a [`JsonResponse`], a
/// [`MessageStream`] or an [`http::Response`].
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
/// If the body, the model id or a header is invalid, awaiting returns the error, and nothing is sent.
///
/// Not cancel safe: dropping the future before it resolves cancels the request and all its attempts; it cannot be resumed. The
/// service may still finish, and bill, an operation that does not stream. Dropping the builder sends nothing.
#[must_use = "a request is sent when it is awaited"]
pub struct RequestBuilder<'a, T, O> {
    config: &'a Config,
    transport: &'a T,
    /// The operation and its body, or the first error in them.
    request: Result<(Operation, bytes::Bytes), Error>,
    timeouts: Timeouts,
    retry: Retry,
    pub(super) options: StreamOptions,
    run: Run<'a, T, O>,
}

/// Turns a call into its output.
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
        let options = StreamOptions::default();
        Self { config, transport, request, timeouts, retry, options, run: Box::new(run) }
    }

    /// Sets [`Timeouts::total`]: from the start of the request to the end of the answer.
    pub const fn timeout(mut self, total: Duration) -> Self {
        self.timeouts.total = Some(total);
        self
    }

    /// Replaces all timeouts of the configuration except [`Timeouts::connect`]: connections are shared by requests, and keep
    /// the configuration's.
    pub const fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Replaces the retry policy of the configuration.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Adds a header, which is signed if the request is. Replaces one of the same name.
    ///
    /// If it is not a valid header, or one that the client sets itself, such as `authorization`, `host` or `content-length`,
    /// awaiting returns [`ErrorDetail::Header`].
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        self.request = self.request.and_then(|(operation, body)| {
            Ok((operation.header(name, value).map_err(ErrorDetail::Header)?, body))
        });
        self
    }

    /// Sets where Chat Completions, Responses or Messages are sent: [`Operation::route`].
    pub fn route(mut self, route: Route) -> Self {
        self.request = self.request.map(|(operation, body)| (operation.route(route), body));
        self
    }

    /// The operation, unless there is an error in the request.
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.request.as_ref().ok().map(|(operation, _)| operation)
    }

    /// Records that the request cannot be sent.
    pub(super) fn failed(mut self, detail: ErrorDetail) -> Self {
        self.request = self.request.and(Err(detail.into()));
        self
    }

    /// The same request with another output.
    fn with_run<P>(
        self,
        run: impl FnOnce(Call<'a, T>) -> RequestFuture<'a, P> + Send + 'a,
    ) -> RequestBuilder<'a, T, P> {
        let Self { config, transport, request, timeouts, retry, options, run: _ } = self;
        RequestBuilder { config, transport, request, timeouts, retry, options, run: Box::new(run) }
    }
}

impl<'a, T: Transport, O> RequestBuilder<'a, T, O> {
    /// Resolves to the messages of the answer's event stream, of which only exceptions and errors are interpreted, once the head
    /// of the response has arrived. Until then, transient failures are retried as [`Retry`] says.
    ///
    /// If the operation does not answer with an event stream, awaiting returns [`ErrorDetail::Request`].
    pub fn message_stream(self) -> RequestBuilder<'a, T, MessageStream<T::Body>> {
        self.with_run(|call| Box::pin(call.message_stream()))
    }

    /// Resolves to the response itself, at the same time as [`message_stream`](Self::message_stream), if its media type
    /// can be that of the operation. For callers that need the body's bytes, for example to record them before they
    /// reach a [`ChunkStream`]. No timeout applies to the body.
    pub fn open(self) -> RequestBuilder<'a, T, http::Response<T::Body>> {
        self.with_run(|call| Box::pin(call.open()))
    }
}

impl<'a, T: Transport, D: Decode + Send + 'a> RequestBuilder<'a, T, ChunkStream<T::Body, D>> {
    /// The chunks of the answer, with a new decoder for each attempt.
    pub(crate) fn chunks(
        parts: (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
        decoder: impl Fn(Limits, StreamOptions) -> D + Send + Sync + 'a,
    ) -> Self {
        Self::new(parts, operation, body, |call| Box::pin(call.chunks(decoder)))
    }

    /// Resolves this long after the head of the response arrived, even if no event has come by then; what fails later is not
    /// retried, and is an error of the stream. For a server that must not keep its own client waiting for a head.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use bedrock_stream_http::{Auth, Config, converse::Request};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// // Whatever the model does, a server can answer its own client after a second.
    /// let request = client.converse_stream("model", &request).first_event(Duration::from_secs(1));
    /// assert_eq!(request.await?.collect().await?.text(), "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub const fn first_event(mut self, wait: Duration) -> Self {
        self.options.first_event = Some(wait);
        self
    }
}

impl<'a, T: Transport> RequestBuilder<'a, T, Answer> {
    /// The answer of `Converse`.
    pub(crate) fn answer(
        parts: (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
    ) -> Self {
        Self::new(parts, operation, body, |call| Box::pin(call.answer()))
    }
}

impl<'a, T: Transport> RequestBuilder<'a, T, JsonResponse> {
    /// The JSON of an operation that does not stream.
    pub(crate) fn json(
        parts: (&'a Config, &'a T),
        operation: Result<Operation, Error>,
        body: impl IntoBody,
    ) -> Self {
        Self::new(parts, operation, body, |call| Box::pin(call.json()))
    }
}

impl<T: Transport> RequestBuilder<'_, T, MessageStream<T::Body>> {
    /// Returns exceptions and `error` messages as ordinary messages; see [`MessageStream::raw`].
    pub const fn raw(mut self) -> Self {
        self.options.raw_messages = true;
        self
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
        let Self { config, transport, request, timeouts, retry, options, run } = self;
        match request {
            Ok((operation, body)) => {
                run(Call::new(config, transport, operation, body, timeouts, retry, options))
            }
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

impl<T, O> fmt::Debug for RequestBuilder<'_, T, O> {
    /// Shows neither the body nor the headers, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.request.as_ref().map(|(operation, _)| operation.path());
        f.debug_struct("RequestBuilder").field("path", &path).finish_non_exhaustive()
    }
}
