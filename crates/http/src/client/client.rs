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
///
/// ```
/// use bedrock_stream_http::answer::Chunk;
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Client, Config};
/// use bedrock_stream_reqwest::Transport;
/// use bedrock_stream_testkit::{FakeBedrock, answer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A fake in place of Bedrock; `Client::from_env()` is all that the real one needs.
/// let bedrock = FakeBedrock::builder().reply("*", answer().text("Hello to you.")).start().await?;
/// let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?;
///
/// let client: Client<Transport> = Client::new(config)?;
/// let mut chunks = client.converse_stream("us.amazon.nova-lite-v1:0", &Request::new().user("Hello")).await?;
/// let (mut text, mut stop_reason) = (String::new(), None);
/// while let Some(chunk) = chunks.next().await {
///     match chunk? {
///         Chunk::Text { text: piece, .. } => text.push_str(&piece),
///         Chunk::Done(done) => stop_reason = Some(done.stop_reason),
///         _ => {}
///     }
/// }
/// assert_eq!(text, "Hello to you.");
/// // There is a `Done`, so this is the whole answer.
/// assert_eq!(stop_reason.as_ref().map(|reason| reason.as_str()), Some("end_turn"));
/// # Ok(())
/// # }
/// ```
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
    ///
    /// Any HTTP client will do; see [`Transport`].
    ///
    /// ```
    /// use bedrock_stream_http::{Auth, Client, Config};
    ///
    /// let config = Config::builder().region("us-east-1").auth(Auth::bearer("my-bedrock-api-key")).build()?;
    /// let transport = bedrock_stream_reqwest::Transport::try_from(&config)?;
    /// let client = Client::with_transport(config, transport);
    /// assert_eq!(client.config().region(), Some("us-east-1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// Not cancel safe: dropping the future before it resolves cancels the request, and so does dropping the stream later.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.").usage(12, 3)).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().system("Answer in one word.").user("How many moons has Mars?");
    /// let answer = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?.collect().await?;
    /// assert_eq!(answer.text(), "Two.");
    /// assert_eq!(answer.usage.as_ref().and_then(|usage| usage.output_tokens), Some(3));
    /// # Ok(())
    /// # }
    /// ```
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
    /// The answer is proven complete by its stop reason, as a stream is by its `messageStop`. Without one it fails with
    /// [`ErrorDetail::Incomplete`](crate::ErrorDetail::Incomplete); JSON that is no Converse response at all, such as a
    /// proxy's error with status 200, is an [`ErrorDetail::UnexpectedBody`](crate::ErrorDetail::UnexpectedBody).
    /// [`open`](RequestBuilder::open) returns a body of the right media type unread.
    ///
    /// Not cancel safe: dropping the future before it resolves closes the connection or stream; the model may still finish,
    /// and be billed.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// let answer = client.converse("us.amazon.nova-lite-v1:0", &request).await?;
    /// assert_eq!(answer.text(), "Two.");
    /// // It can be sent back as the next turn.
    /// let request = request.message(answer.response.into_message()?).user("And Venus?");
    /// assert_eq!(request.messages.as_ref().map(|messages| messages.len()), Some(3));
    /// # Ok(())
    /// # }
    /// ```
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
    /// Not cancel safe: dropping the future before it resolves cancels the request, and so does dropping the body.
    ///
    /// A service's own event stream, message by message:
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, MediaType, Operation, converse::Request};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// // Any operation can be described; this is the path of ConverseStream.
    /// let operation = Operation::new("bedrock-runtime", MediaType::EventStream, ["model", "m", "converse-stream"])?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// let mut messages = client.open(operation.signing_name("bedrock"), &request).message_stream().await?;
    /// let mut types = Vec::new();
    /// let event_type = |message: bedrock_stream_http::frame::Message<'_>| {
    ///     message.header(":event-type").and_then(|value| value.as_str().map(str::to_owned))
    /// };
    /// while let Some(next) = messages.next_with(event_type).await {
    ///     types.extend(next?);
    /// }
    /// assert_eq!(types.first().map(String::as_str), Some("messageStart"));
    /// assert_eq!(types.last().map(String::as_str), Some("metadata"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(
        &self,
        operation: Operation,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, http::Response<T::Body>> {
        RequestBuilder::response(self.parts(), operation, body)
    }

    /// The same client with a boxed transport, for a program that chooses its transport at run time.
    ///
    /// ```
    /// use bedrock_stream_http::{Auth, BoxTransport, Client, Config};
    ///
    /// fn client(config: Config, uses_hyper: bool) -> Result<Client<BoxTransport>, bedrock_stream_http::Error> {
    ///     Ok(if uses_hyper {
    ///         bedrock_stream_hyper::Client::new(config)?.boxed()
    ///     } else {
    ///         bedrock_stream_reqwest::Client::new(config)?.boxed()
    ///     })
    /// }
    /// # let config = Config::builder().endpoint_url("http://127.0.0.1:1").auth(Auth::None).build()?;
    /// # assert!(client(config.clone(), true).is_ok() && client(config, false).is_ok());
    /// # Ok::<(), bedrock_stream_http::ConfigError>(())
    /// ```
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
