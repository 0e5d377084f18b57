use bedrock_stream_core::converse::ChunkDecoder;

use crate::client::answer::Answer;
use crate::client::box_transport::BoxTransport;
use crate::client::into_body::IntoBody;
use crate::client::operation::Operation;
use crate::client::request_builder::RequestBuilder;
use crate::client::transport::Transport;
use crate::config::config::Config;
use crate::error::error::Error;
use crate::stream::chunk_stream::ChunkStream;

/// A client of Bedrock's runtime over any [`Transport`]. Those of the transport crates are this one, over theirs. As cheap
/// to clone as its transport; where that shares its connections, so do clones.
#[derive(Clone, Debug)]
pub struct Client<T> {
    config: Config,
    transport: T,
}

impl<T> Client<T>
where
    T: Transport + for<'a> TryFrom<&'a Config, Error = Error>,
{
    /// A client with an HTTP client of its own, as its crate describes it: rustls, HTTP/1.1 and HTTP/2, no redirects.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Client`](crate::ErrorDetail::Client): no root certificates were found, say.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = T::try_from(&config)?;
        Ok(Self { config, transport })
    }

    /// The same, configured by the environment alone: [`Config::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Config`](crate::ErrorDetail::Config), and as [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Config::from_env()?)
    }
}

impl<T: Transport> Client<T> {
    /// A client over an HTTP client made elsewhere: with proxies, roots, pools or, over hyper, a connector of its own.
    ///
    /// It should follow no redirects and decompress nothing. A read timeout of its own cuts answers with long silences, and
    /// its own deadline for a connection is the only one: [`Timeouts::connect`](crate::Timeouts::connect) is not told to
    /// it.
    #[must_use]
    pub fn with_http_client(config: Config, client: impl Into<T>) -> Self {
        Self::with_transport(config, client.into())
    }

    /// A client that sends by `transport`.
    #[must_use]
    pub const fn with_transport(config: Config, transport: T) -> Self {
        Self { config, transport }
    }

    /// What requests are made with.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// `ConverseStream`: asks a model for a conversation's next message, and gives its chunks as they come.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN. `request` is a
    /// [`Request`](crate::converse::Request), or JSON, which is sent [byte for byte](IntoBody).
    ///
    /// The await resolves once the first event is there; until then, what may pass is tried again as [`Retry`](crate::Retry)
    /// says: also a connection that closes without a response, or breaks before the first chunk, since a service that streams
    /// begins to answer as soon as the model does. Its errors are everything that leaves the caller without a single chunk.
    ///
    /// Dropping the future before it resolves cancels the request, and so does dropping the stream later.
    pub fn converse_stream(
        &self,
        model_id: &str,
        request: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body>> {
        let operation = Operation::converse_stream(model_id).map_err(Error::from);
        RequestBuilder::chunks(self.parts(), operation, request, ChunkDecoder::with_limits)
    }

    /// `Converse`: asks a model for a conversation's next message, and waits until it is whole: the operation that does not
    /// stream. `model_id` and `request` as for [`converse_stream`](Self::converse_stream).
    ///
    /// Only a refusal, or a connection that did not come, is tried again as [`Retry`](crate::Retry) says: once the request was
    /// sent, the model may be at work, and that is paid for. The head of the response comes when all of the answer is made, so
    /// the timeout for the [`first_byte`](crate::Timeouts::first_byte) must allow for that.
    ///
    /// Dropping the future before it resolves cancels the request as far as the connection goes; the model may finish, and be
    /// paid for, all the same.
    pub fn converse(&self, model_id: &str, request: impl IntoBody) -> RequestBuilder<'_, T, Answer> {
        let operation = Operation::converse(model_id).map_err(Error::from);
        RequestBuilder::answer(self.parts(), operation, request)
    }

    /// Sends any [`Operation`]'s request, and gives the response if it may be what the operation answers with. With
    /// [`messages`](RequestBuilder::messages), it gives the messages of any AWS service's event stream.
    ///
    /// The await resolves once the head of the response is there; until then, what may pass is tried again as
    /// [`Retry`](crate::Retry) says. No timeout runs for the body. Its errors are those of [`Config::request`] and
    /// [`check_response`](crate::check_response), [`ErrorDetail::Connection`](crate::ErrorDetail::Connection) and
    /// [`ErrorDetail::Timeout`](crate::ErrorDetail::Timeout).
    ///
    /// Dropping the future before it resolves cancels the request, and so does dropping the body.
    pub fn open(
        &self,
        operation: Operation,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, http::Response<T::Body>> {
        RequestBuilder::response(self.parts(), operation, body)
    }

    /// The same client, of the type that all boxed ones have: for a program that chooses its transport as it runs.
    #[must_use]
    pub fn boxed(self) -> Client<BoxTransport>
    where
        T: Transport<Body: 'static> + 'static,
    {
        Client { config: self.config, transport: BoxTransport::new(self.transport) }
    }

    const fn parts(&self) -> (&Config, &T) {
        (&self.config, &self.transport)
    }
}
