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

/// A client of Bedrock Runtime over any [`Transport`]. The transport crates' `Client` is this one with their transport. As
/// cheap to clone as its transport; clones share its connections if the transport's do.
#[derive(Clone, Debug)]
pub struct Client<T> {
    config: Config,
    transport: T,
}

impl<T> Client<T>
where
    T: Transport + for<'a> TryFrom<&'a Config, Error = Error>,
{
    /// A client with the transport crate's default HTTP client: rustls, HTTP/1.1 and HTTP/2, no redirects.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Client`](crate::ErrorDetail::Client), if there are no root certificates, for example.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = T::try_from(&config)?;
        Ok(Self { config, transport })
    }

    /// Like [`new`](Self::new), configured from the environment by [`Config::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Config`](crate::ErrorDetail::Config), and the errors of [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Config::from_env()?)
    }
}

impl<T: Transport> Client<T> {
    /// A client over your own HTTP client, for example with other proxies or root certificates, or, with hyper, another
    /// connector.
    ///
    /// It should not follow redirects or decompress bodies. Its own read timeout would cut answers with long pauses. Set its
    /// connect timeout: [`Timeouts::connect`](crate::Timeouts::connect) does not apply to it.
    #[must_use]
    pub fn with_http_client(config: Config, client: impl Into<T>) -> Self {
        Self::with_transport(config, client.into())
    }

    /// A client over `transport`.
    #[must_use]
    pub const fn with_transport(config: Config, transport: T) -> Self {
        Self { config, transport }
    }

    /// The configuration.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// `ConverseStream`: asks a model for the next message of a conversation, and returns its chunks as they arrive.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN. `request` is a
    /// [`Request`](crate::converse::Request), or JSON that is sent [byte for byte](IntoBody).
    ///
    /// Resolves once the first event has arrived; until then, transient failures are retried as [`Retry`](crate::Retry) says.
    /// They include a connection that closes without a response or breaks before the first chunk, since a streaming service
    /// starts to answer when the model does. Fails if the caller would get no chunk at all.
    ///
    /// Dropping the future before it resolves cancels the request, and so does dropping the stream later.
    pub fn converse_stream(
        &self,
        model_id: &str,
        request: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body>> {
        let operation = Operation::converse_stream(model_id).map_err(Error::from);
        RequestBuilder::chunks(self.parts(), operation, request, |limits, _| {
            ChunkDecoder::with_limits(limits)
        })
    }

    /// `Converse`: asks a model for the next message of a conversation, and waits for all of it, without streaming. `model_id`
    /// and `request` as for [`converse_stream`](Self::converse_stream).
    ///
    /// Only refusals and failed connections are retried as [`Retry`](crate::Retry) says: once the request has been sent, the
    /// model may be working, which is billed. The head of the response arrives when the answer is finished, so
    /// [`first_byte`](crate::Timeouts::first_byte) must be long enough for that.
    ///
    /// Dropping the future before it resolves closes the connection or stream; the model may still finish, and be billed.
    pub fn converse(&self, model_id: &str, request: impl IntoBody) -> RequestBuilder<'_, T, Answer> {
        let operation = Operation::converse(model_id).map_err(Error::from);
        RequestBuilder::answer(self.parts(), operation, request)
    }

    /// Sends the request of any [`Operation`], and returns the response if its media type can be that of the operation.
    /// With [`message_stream`](RequestBuilder::message_stream), returns the messages of any AWS service's event stream.
    ///
    /// Resolves once the head of the response has arrived; until then, transient failures are retried as
    /// [`Retry`](crate::Retry) says. No timeout applies to the body. Its errors are those of [`Config::request`] and
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

    /// The same client with a boxed transport, for a program that chooses its transport at run time.
    #[must_use]
    pub fn boxed(self) -> Client<BoxTransport>
    where
        T: Transport<Body: 'static> + 'static,
    {
        Client { config: self.config, transport: BoxTransport::new(self.transport) }
    }

    pub(super) const fn parts(&self) -> (&Config, &T) {
        (&self.config, &self.transport)
    }
}
