//! Amazon Bedrock's ConverseStream, InvokeModel, Chat Completions, Responses and Messages over [`reqwest`]: a [`Client`] whose
//! answers are streams of chunks.
//!
//! ```no_run
//! use std::io::Write as _;
//!
//! use bedrock_stream_reqwest::Client;
//! use bedrock_stream_reqwest::answer::Chunk;
//! use bedrock_stream_reqwest::converse::Request;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = Client::from_env()?;
//!     let request = Request::new().user("Why is the sky blue?");
//!     let mut chunks = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?;
//!     while let Some(chunk) = chunks.next().await {
//!         if let Chunk::Text { text, .. } = chunk? {
//!             print!("{text}");
//!             std::io::stdout().flush()?;
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! TLS is rustls with ring. Certificates are verified by the operating system through `rustls-platform-verifier`, which
//! reqwest uses anyway, so a company's proxy is trusted. For anything else, pass your own `reqwest::Client` to
//! [`Client::with_http_client`]. It must be of reqwest 0.13, which this crate builds with `rustls-no-provider`. Unless your program also
//! enables reqwest's feature `rustls`, install a crypto provider before you build the client, or reqwest panics:
//! `rustls::crypto::ring::default_provider().install_default()`.
//!
//! Proxies come from the environment, as reqwest reads it: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` for the hosts
//! that need none.
//!
//! # Tests without an account
//!
//! `bedrock-stream-testkit` is a fake Bedrock. An agent loop and its test:
//!
//! ```
//! use bedrock_stream_reqwest::answer::StopReason;
//! use bedrock_stream_reqwest::content::{Message, ToolResultBlock};
//! use bedrock_stream_reqwest::converse::{Request, ToolSpec};
//! use bedrock_stream_reqwest::{Auth, Client, Config};
//! use bedrock_stream_testkit::{FakeBedrock, answer};
//! use serde_json::json;
//!
//! async fn agent(client: &Client, question: &str) -> Result<String, Box<dyn std::error::Error>> {
//!     let mut request = Request::new().user(question).tool(ToolSpec::new("weather", json!({"type": "object"})));
//!     for _ in 0..20 {
//!         let response = client.converse_stream("model", &request).await?.collect().await?.into_response();
//!         if !response.stop_reason.as_ref().is_some_and(StopReason::is_finished) {
//!             return Err(format!("cut off, blocked or failed: {:?}", response.stop_reason).into());
//!         }
//!         let answers = response.tool_calls().map(|call| ToolResultBlock::new(&call.tool_use_id, "Clear sky."));
//!         let answers: Vec<_> = answers.collect();
//!         if answers.is_empty() {
//!             return Ok(response.text());
//!         }
//!         request = request.message(response.into_message()?).message(Message::tool_results(answers));
//!     }
//!     Err("no answer after 20 turns".into())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let bedrock = FakeBedrock::builder()
//!         .reply("model", answer().text("Let me look.").tool("weather", json!({"city": "Paris"})))
//!         .reply("model", answer().text("It is sunny in Paris."));
//!     let bedrock = bedrock.start().await?;
//!     let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
//!     assert_eq!(agent(&client, "How is the weather in Paris?").await?, "It is sunny in Paris.");
//!     let sent = bedrock.requests()[1].converse()?.messages.unwrap_or_default();
//!     assert_eq!(sent.len(), 3, "the question, the tool call, its result");
//!     Ok(())
//! }
//! ```
//!
//! # Connections
//!
//! Over HTTP/1.1 each open stream has its own connection. Over HTTP/2 up to 100
//! ([`ConfigBuilder::max_streams_per_connection`]) share one, or as many as the server allows; then another is opened, so no
//! stream waits for another to end. [`Pool`] has the details. Idle connections are reused, and closed after 90 s. HTTP/2
//! connections are probed with `PING`s ([`Timeouts::ping`]), so a dead one is noticed before [`Timeouts::idle`] elapses, and
//! not reused. A client passed to [`Client::with_http_client`] keeps its own settings and one HTTP/2 connection to a server; to
//! have several, pass its builder to [`Transport::new`], and the transport to [`Client::with_transport`].
//!
//! [`Client::with_http_client`]: bedrock_stream_http::Client::with_http_client
//! [`Client::with_transport`]: bedrock_stream_http::Client::with_transport
//!
//! # Credentials of roles and SSO
//!
//! `Client::from_env` reads environment variables, and static keys in the shared files. Everything else comes through AWS's own
//! `aws-config`: add it to `Cargo.toml` with its default features (one of them is the HTTP client without which it panics), and
//! this crate's feature `aws-types`:
//!
//! ```toml
//! aws-config = "1"
//! bedrock-stream-reqwest = { version = "0.1", features = ["aws-types"] }
//! ```
//!
//! Then build the configuration from what `aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await` returns:
//! `Config::builder().sdk_config(&sdk_config).build()?`.
//! "With a role or SSO" in the book's guide "Ten minutes to a chat" (`docs/chat.md`) is the whole program.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `dialects` (default) | the operations that stream in dialects other than Converse: InvokeModelWithResponseStream, Chat Completions, Responses, Messages |
//! | `sigv4` (default) | requests signed with AWS credentials; without it no signing code is built |
//! | `aws-credential-types` | credentials from any provider of the AWS SDK |
//! | `aws-types` | region, endpoint, credentials, timeouts and attempts from `aws_config::load_defaults` |
//! | `metrics` | tokens, durations and times to the first chunk of each operation, through the facade of the crate `metrics`, with the names of OpenTelemetry's conventions: `Instrument` |
//! | `schemars` | `ToolSpec::of` and `JsonSchema::of`: JSON Schemas of Rust types |
//! | `tracing` | a span for each request, and an event for each attempt; never a prompt, an answer or a secret |

mod client;
mod transport;

#[cfg(feature = "aws-credential-types")]
pub use bedrock_stream_http::AwsProvider;
#[cfg(feature = "metrics")]
pub use bedrock_stream_http::Instrument;
#[cfg(feature = "dialects")]
pub use bedrock_stream_http::dialects;
pub use bedrock_stream_http::{
    Answer, Attempt, Auth, BearerToken, BoxBody, BoxTransport, CollectError, Config, ConfigBuilder,
    ConfigError, Endpoint, EndpointError, EndpointVariant, Error, ErrorDetail, ErrorKind, HeaderError,
    IntoBody, JsonResponse, LabelError, MediaType, ModelIdError, Operation, Pool, Received, RequestBody,
    RequestBuilder, ResponseBody, Retry, Route, SecretMask, Serialized, ServiceError, StreamBody,
    StreamStats, TextStream, Timeout, Timeouts, Timer, TransportError, TransportErrorKind, UnexpectedBody,
    UrlError, answer, check_response, content, converse, frame, json,
};
#[cfg(feature = "sigv4")]
pub use bedrock_stream_http::{
    Credentials, CredentialsError, CredentialsFuture, ProvideCredentials, SignatureError, SigningScope, sign,
};
pub use client::{ChunkStream, Client, MessageStream};
pub use transport::Transport;

/// The examples of the README, compiled and run as this crate's own. Those of the guides are compiled in `tests/book`, all together.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
}
