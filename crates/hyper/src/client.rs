use bedrock_stream_http::converse::{Request, Response};
use bedrock_stream_http::{Config, Error, Operation};
use bytes::Bytes;
use hyper_util::client::legacy::connect::Connect;

use crate::transport::{HttpClient, HttpsConnector, Transport};

/// The chunks of one answer.
pub type ChunkStream = bedrock_stream_http::ChunkStream<hyper::body::Incoming>;
/// The messages of one event stream.
pub type MessageStream = bedrock_stream_http::MessageStream<hyper::body::Incoming>;

/// A client of Bedrock's runtime over hyper. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client<C = HttpsConnector> {
    inner: bedrock_stream_http::Client<Transport<C>>,
}

impl Client {
    /// A client with connections of its own: rustls, HTTP/1.1 and HTTP/2, no proxies.
    ///
    /// # Errors
    ///
    /// [`Error::Client`]: no root certificates were found, say.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = Transport::new(&config)?;
        Ok(Self { inner: bedrock_stream_http::Client::new(config, transport) })
    }

    /// The same, configured by the environment alone: [`Config::from_env`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`], and as [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Config::from_env()?)
    }
}

impl<C> Client<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    /// A client over an HTTP client made elsewhere: with a connector, proxies, roots or pools of its own.
    #[must_use]
    pub fn with_http_client(config: Config, client: HttpClient<C>) -> Self {
        Self { inner: bedrock_stream_http::Client::new(config, Transport::from(client)) }
    }

    /// What requests are made with.
    #[must_use]
    pub const fn config(&self) -> &Config {
        self.inner.config()
    }

    /// Asks a model for a conversation's next message. Resolves once the first chunk is there; until then, what may pass is
    /// tried again as [`Retry`](bedrock_stream_http::Retry) says.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN.
    ///
    /// # Errors
    ///
    /// [`Error`]: everything that leaves the caller without a single chunk.
    pub async fn converse_stream(&self, model_id: &str, request: &Request) -> Result<ChunkStream, Error> {
        self.inner.converse_stream(model_id, request).await
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
    ) -> Result<ChunkStream, Error> {
        self.inner.converse_stream_raw(model_id, body).await
    }

    /// Asks a model for a conversation's next message, and waits until it is whole: the operation that does not stream.
    /// What may pass is tried again as [`Retry`](bedrock_stream_http::Retry) says.
    ///
    /// # Errors
    ///
    /// [`Error`]: everything that leaves the caller without a response.
    pub async fn converse(&self, model_id: &str, request: &Request) -> Result<Response, Error> {
        self.inner.converse(model_id, request).await
    }

    /// The same for a request that is JSON already, which is sent byte for byte.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub async fn converse_raw(
        &self,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<Response, Error> {
        self.inner.converse_raw(model_id, body).await
    }

    /// The messages of an operation that answers with an event stream, not interpreted. Resolves once the head of the response is
    /// there; until then, what may pass is tried again as [`Retry`](bedrock_stream_http::Retry) says.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn messages(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<MessageStream, Error> {
        self.inner.messages(operation, model_id, body).await
    }

    /// Sends an operation's request, and gives the response if it may be an event stream: for those who want the body's
    /// bytes themselves, for instance to record them on their way to a
    /// [`ChunkStream`](bedrock_stream_http::ChunkStream). Tried again as [`messages`](Self::messages) is.
    ///
    /// # Errors
    ///
    /// [`Error`]: a refusal, a body of another kind, no connection.
    pub async fn open(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<http::Response<hyper::body::Incoming>, Error> {
        self.inner.open(operation, model_id, body).await
    }
}
