//! Amazon Bedrock's ConverseStream, InvokeModel, Chat Completions, Responses and Messages over [`hyper`] and `hyper-util`: a
//! [`Client`] whose answers are streams of chunks.
//!
//! ```no_run
//! use std::io::Write as _;
//!
//! use bedrock_stream_hyper::Client;
//! use bedrock_stream_hyper::answer::Chunk;
//! use bedrock_stream_hyper::converse::Request;
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
//! TLS is rustls with ring. Root certificates are the operating system's, loaded by `rustls-native-certs`, so those of a
//! company's proxy are included; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others. For anything else, pass your own client,
//! over any connector, to [`Client::with_http_client`].
//!
//! Proxies are not used: `HTTPS_PROXY` and its like have no effect. Where requests must go through one, use
//! `bedrock-stream-reqwest`, or pass a client over a connector that knows the proxy.
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
//! bedrock-stream-hyper = { version = "0.1", features = ["aws-types"] }
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
//! | `tls` (default) | HTTPS with rustls and ring; without it, only `http` endpoints or your own connector |
//! | `aws-credential-types` | credentials from any provider of the AWS SDK |
//! | `aws-types` | region, endpoint, credentials, timeouts and attempts from `aws_config::load_defaults` |
//! | `metrics` | tokens, durations and times to the first chunk of each operation, through the facade of the crate `metrics`, with the names of OpenTelemetry's conventions: `Instrument` |
//! | `schemars` | `ToolSpec::of` and `JsonSchema::of`: JSON Schemas of Rust types |
//! | `tracing` | a span for each request, and an event for each attempt; never a prompt, an answer or a secret |

mod client;
mod connector;
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
pub use connector::{Connection, HttpsConnector};
pub use transport::{HttpClient, Transport};
