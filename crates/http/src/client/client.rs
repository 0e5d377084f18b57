use bedrock_stream_core::converse::Request;
use bytes::Bytes;

use crate::client::answer::Answer;
use crate::client::call::Call;
use crate::client::operation::Operation;
use crate::client::transport::{FromConfig, Transport};
use crate::config::config::Config;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::stream::chunk_stream::ChunkStream;
use crate::stream::message_stream::MessageStream;

/// A client of Bedrock's runtime over any [`Transport`]. Those of the transport crates are this one, over theirs. As cheap
/// to clone as its transport; where that shares its connections, so do clones.
#[derive(Clone, Debug)]
pub struct Client<T> {
    config: Config,
    transport: T,
}

impl<T: FromConfig> Client<T> {
    /// A client with an HTTP client of its own, as its crate describes it: rustls, HTTP/1.1 and HTTP/2, no redirects.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Client`]: no root certificates were found, say.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = T::from_config(&config)?;
        Ok(Self { config, transport })
    }

    /// The same, configured by the environment alone: [`Config::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Config`], and as [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Config::from_env()?)
    }
}

impl<T: Transport> Client<T> {
    /// A client over an HTTP client made elsewhere: with proxies, roots, pools or, over hyper, a connector of its own.
    ///
    /// It should follow no redirects and decompress nothing. A read timeout of its own cuts answers with long silences, and
    /// its own connect timeout is the only one: [`Timeouts::connect`](crate::Timeouts::connect) is not told to
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

    /// Asks a model for a conversation's next message. Resolves once the first chunk is there; until then, what may pass is
    /// tried again as [`Retry`](crate::Retry) says: also a connection that closes without a response, or breaks before the
    /// first chunk, since a service that streams begins to answer as soon as the model does.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN.
    ///
    /// Dropping the future before it resolves cancels the request, and so does dropping the stream later.
    ///
    /// # Errors
    ///
    /// [`Error`]: everything that leaves the caller without a single chunk.
    pub async fn converse_stream(
        &self,
        model_id: &str,
        request: &Request,
    ) -> Result<ChunkStream<T::Body>, Error> {
        self.converse_stream_raw(model_id, json(request)?).await
    }

    /// The same for a request that is JSON already, which is sent byte for byte.
    ///
    /// # Errors
    ///
    /// As [`converse_stream`](Self::converse_stream).
    pub async fn converse_stream_raw(
        &self,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<ChunkStream<T::Body>, Error> {
        Call::new(self, Operation::ConverseStream, model_id, body.into()).chunks().await
    }

    /// Asks a model for a conversation's next message, and waits until it is whole: the operation that does not stream.
    /// Only a refusal, or a connection that did not come, is tried again as [`Retry`](crate::Retry) says: once the request was
    /// sent, the model may be at work, and that is paid for.
    ///
    /// Dropping the future before it resolves cancels the request as far as the connection goes; the model may finish, and be
    /// paid for, all the same.
    ///
    /// # Errors
    ///
    /// [`Error`]: everything that leaves the caller without a response. The head of the response comes when all of the answer
    /// is made, so the timeout for the [`first_byte`](crate::Timeouts::first_byte) must allow for that.
    pub async fn converse(&self, model_id: &str, request: &Request) -> Result<Answer, Error> {
        self.converse_raw(model_id, json(request)?).await
    }

    /// The same for a request that is JSON already, which is sent byte for byte.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub async fn converse_raw(&self, model_id: &str, body: impl Into<Bytes> + Send) -> Result<Answer, Error> {
        Call::new(self, Operation::Converse, model_id, body.into()).response().await
    }

    /// The messages of an operation that answers with an event stream, not interpreted. Resolves once the head of the response is
    /// there; until then, what may pass is tried again as [`Retry`](crate::Retry) says.
    ///
    /// Dropping the future before it resolves cancels the request.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn messages(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<MessageStream<T::Body>, Error> {
        Call::new(self, operation, model_id, body.into()).messages().await
    }

    /// Sends an operation's request, and gives the response if it may be what the operation answers with: an event stream,
    /// or for [`Operation::Converse`] JSON. For those who want the body's bytes themselves, for instance to record them on
    /// their way to a [`ChunkStream`]. Tried again as [`messages`](Self::messages) is; no timeout runs for the body.
    ///
    /// Dropping the future before it resolves cancels the request, and so does dropping the body.
    ///
    /// # Errors
    ///
    /// As [`Config::request`] and [`check_response`](crate::check_response), and [`ErrorDetail::Connection`] and [`ErrorDetail::Timeout`].
    pub async fn open(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<http::Response<T::Body>, Error> {
        Call::new(self, operation, model_id, body.into()).open().await
    }

    pub(crate) const fn transport(&self) -> &T {
        &self.transport
    }
}

fn json(request: &Request) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(request).map_err(|error| ErrorDetail::Request(error.to_string()).into())
}
