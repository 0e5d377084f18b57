use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_http::{BoxTransport, Client, Transport};
use http::HeaderValue;

use crate::access::Access;
use crate::alias::Alias;
use crate::api_keys::ApiKeys;
use crate::gateway::Gateway;
use crate::state::{Options, State};

/// The settings of a [`Gateway`].
///
/// ```
/// use bedrock_stream_gateway::Gateway;
/// use bedrock_stream_hyper::{Auth, Client, Config};
/// use bedrock_stream_testkit::{FakeBedrock, answer};
/// use bytes::Bytes;
/// use http_body_util::{BodyExt as _, Full};
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let bedrock = FakeBedrock::builder().reply("us.amazon.nova-lite-v1:0", answer().text("Two.")).start().await?;
/// let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
/// let mut gateway = Gateway::builder(client)
///     .alias("nova", "us.amazon.nova-lite-v1:0")
///     .api_key("a-key")
///     .max_streams(100)
///     .build();
///
/// // As a server would call it.
/// let body = r#"{"model":"nova","messages":[{"role":"user","content":"How many moons has Mars?"}]}"#;
/// let request = http::Request::post("/v1/chat/completions")
///     .header("authorization", "Bearer a-key")
///     .body(Full::<Bytes>::from(body))?;
/// let response = gateway.call(request).await?;
/// assert_eq!(response.status(), 200);
/// let answer: serde_json::Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
/// assert_eq!(answer["choices"][0]["message"]["content"], "Two.");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct GatewayBuilder {
    client: Client<BoxTransport>,
    keys: ApiKeys,
    options: Options,
}

impl Gateway {
    /// A gateway that calls Bedrock with this client, which sets region, endpoint, credentials, timeouts and retries.
    pub fn builder<T>(client: Client<T>) -> GatewayBuilder
    where
        T: Transport<Body: 'static> + 'static,
    {
        GatewayBuilder::new(client)
    }
}

impl GatewayBuilder {
    fn new<T>(client: Client<T>) -> Self
    where
        T: Transport<Body: 'static> + 'static,
    {
        let options = Options {
            aliases: BTreeMap::new(),
            guardrail: None,
            max_body: DEFAULT_MAX_BODY,
            max_streams: DEFAULT_MAX_STREAMS,
            body_timeout: Duration::from_secs(300),
            first_content: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            is_lenient: false,
            is_native: false,
            is_authenticated_elsewhere: false,
            cors: None,
            on_access: None,
        };
        Self { client: client.boxed(), keys: ApiKeys::new(), options }
    }

    /// Adds a key that clients may use, as `Authorization: Bearer` or `x-api-key`. Without any, every request is allowed; an empty one
    /// lets nobody in. Only `/healthz` needs none. [`ApiKeys::named`](crate::ApiKeys::named) gives a key a name for the log.
    pub fn api_key(mut self, key: impl AsRef<str>) -> Self {
        self.keys = self.keys.key(key);
        self
    }

    /// Sets all keys that clients may use. A key that has a name is told apart by it in the access log.
    pub fn api_keys(mut self, keys: ApiKeys) -> Self {
        self.keys = keys;
        self
    }

    /// Adds a name for a model: its id, an inference profile or an ARN, or an [`Alias`] that says more about it. Names without
    /// an alias are sent to Bedrock as they are.
    pub fn alias(mut self, name: impl Into<String>, model: impl Into<Alias>) -> Self {
        self.options.aliases.insert(name.into(), model.into());
        self
    }

    /// Sets the guardrail of each request that does not name another by the headers `X-Amzn-Bedrock-GuardrailIdentifier` and
    /// `X-Amzn-Bedrock-GuardrailVersion`, or as a request of `ConverseStream` by its own member. It is added to what is passed on
    /// byte for byte, too.
    pub fn guardrail(mut self, guardrail: GuardrailConfig) -> Self {
        self.options.guardrail = Some(guardrail);
        self
    }

    /// Sets how long a request's body may be, in bytes; 32 MiB by default. A longer one is refused with 413.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.options.max_body = bytes;
        self
    }

    /// Sets how many answers may be open at once; 1,024 by default. A further request is refused with 503 and `Retry-After`.
    /// Bodies that are still arriving are no open answers and have limits of their own: eight times as many requests, and together
    /// `max_streams` times [`max_body`](Self::max_body) bytes. Beyond these, too, a request is refused with 503.
    pub fn max_streams(mut self, streams: usize) -> Self {
        self.options.max_streams = streams;
        self
    }

    /// Sets how long a client may take to send a request's body; 300 s by default. Later it is refused with 408.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.options.body_timeout = timeout;
        self
    }

    /// Sets how long the first piece of content is awaited, from the head of Bedrock's answer on, before the status is
    /// sent; 10 s by default. Until then, an exception is an HTTP error.
    pub fn first_content(mut self, wait: Duration) -> Self {
        self.options.first_content = wait;
        self
    }

    /// Sets after how much silence a comment is sent to keep the client's connection alive; 15 s by default.
    pub fn keep_alive(mut self, after: Duration) -> Self {
        self.options.keep_alive = after;
        self
    }

    /// Leaves out what a request asks for and Bedrock does not have, such as web search, and says so in the header
    /// `x-bedrock-stream-left-out`. By default such a request is refused with 400.
    pub fn lenient(mut self, is_lenient: bool) -> Self {
        self.options.is_lenient = is_lenient;
        self
    }

    /// Passes a request to Bedrock's own Chat Completions, Responses or Messages where Bedrock serves the model in that dialect
    /// itself: OpenAI's models in the first two, Anthropic's in the last; [`Alias::native`] says it of others. The request goes
    /// on as it came, but for the model's name, and so do the answer's events, which are judged all the same. A request of
    /// Messages with a guardrail is converted. By default every request is converted, and goes to `ConverseStream`.
    pub fn native(mut self, is_native: bool) -> Self {
        self.options.is_native = is_native;
        self
    }

    /// Promises that whoever may not use the gateway does not reach it, because something else refuses them: a layer around it
    /// ([`Server::service`](crate::Server::service)), a proxy, or the network. [`Server::bind`](crate::Server::bind) then listens on
    /// any address without keys, too. By default it refuses to, since the gateway would be open to everyone.
    pub fn authenticated_elsewhere(mut self, is_authenticated_elsewhere: bool) -> Self {
        self.options.is_authenticated_elsewhere = is_authenticated_elsewhere;
        self
    }

    /// Allows web pages of this origin to use the gateway; `*` allows any origin. Without it browsers let no page of another origin read an
    /// answer, and a gateway without keys refuses pages that do not come from this machine.
    pub fn cors(mut self, origin: HeaderValue) -> Self {
        self.options.cors = Some(origin);
        self
    }

    /// Sets a callback for each request when it has ended: an access log. It must not block.
    pub fn on_access(mut self, log: impl Fn(&Access) + Send + Sync + 'static) -> Self {
        self.options.on_access = Some(Box::new(log));
        self
    }

    /// The gateway.
    #[must_use]
    pub fn build(self) -> Gateway {
        Gateway::of(State::new(self.client, self.keys, self.options))
    }
}

impl fmt::Debug for GatewayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayBuilder")
            .field("keys", &self.keys)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

const DEFAULT_MAX_BODY: usize = 32 << 20;
const DEFAULT_MAX_STREAMS: usize = 1_024;
