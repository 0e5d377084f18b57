//! Amazon Bedrock's streaming operations over any HTTP client: everything that does not depend on which client sends the
//! request. It opens no sockets and needs no runtime.
//!
//! - [`Config`]: endpoint, region and credentials, from code or the environment; builds signed requests.
//! - [`check_response`]: checks status and content type; a refusal becomes a [`ServiceError`].
//! - [`ChunkStream`], and below it [`MessageStream`]: decode any [`http_body::Body`].
//! - [`Client`]: all of this over a [`Transport`].
//!
//! Most programs use `bedrock-stream-reqwest` or `bedrock-stream-hyper`, whose `Client` is this one. With another HTTP client:
//!
//! ```
//! use std::error::Error;
//! use std::time::SystemTime;
//!
//! use bedrock_stream_http::answer::Chunk;
//! use bedrock_stream_http::converse::Request;
//! use bedrock_stream_http::{Auth, ChunkStream, Config, Operation, check_response};
//! use bedrock_stream_testkit::{ByteStream, answer};
//!
//! /// Your HTTP client; its response may have any `http_body::Body`.
//! async fn send(request: http::Request<bytes::Bytes>) -> Result<http::Response<ByteStream>, Box<dyn Error>> {
//!     assert_eq!(request.uri().path(), "/model/us.amazon.nova-lite-v1%3A0/converse-stream");
//!     Ok(answer().text("Hello to you.").http_response()?)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn Error>> {
//!     let config = Config::builder().region("us-east-1").auth(Auth::bearer("ABSK-your-key")).build()?;
//!     let body = serde_json::to_vec(&Request::new().user("Hello"))?;
//!     let (operation, now) = (Operation::converse_stream("us.amazon.nova-lite-v1:0")?, SystemTime::now());
//!     let request = config.request(&operation, body.into(), now).await?;
//!     let response = check_response(send(request).await?, now).await?;
//!
//!     let mut chunks = ChunkStream::new(response);
//!     let mut answer = String::new();
//!     while let Some(chunk) = chunks.next().await {
//!         if let Chunk::Text { text, .. } = chunk? {
//!             answer.push_str(&text);
//!         }
//!     }
//!     assert_eq!(answer, "Hello to you.");
//!     Ok(())
//! }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `dialects` (default) | the operations that stream in dialects other than Converse: InvokeModelWithResponseStream, Chat Completions, Responses, Messages |
//! | `sigv4` (default) | requests signed with AWS credentials; without it no signing code is built |
//! | `aws-credential-types` | credentials from any provider of the AWS SDK |
//! | `aws-types` | `ConfigBuilder::sdk_config`: region, endpoint, credentials, timeouts and attempts from `aws_config::load_defaults`, with its whole default chain; add `aws-config` yourself, with its default features, which include the HTTP client it needs (`docs/chat.md` has the program) |
//! | `pool` | `Pool`: several HTTP/2 connections to one server, for HTTP clients that keep only one, such as hyper's |
//! | `metrics` | tokens, durations and times to the first chunk of each operation, through the facade of the crate `metrics`, with the names of OpenTelemetry's conventions: `Instrument` |
//! | `schemars` | `ToolSpec::of` and `JsonSchema::of`: JSON Schemas of Rust types |
//! | `tracing` | a span for each request, with the names of OpenTelemetry's conventions for generative AI, and an event for each attempt; never a prompt, an answer or a secret |
//!
//! # Rust version
//!
//! 1.85. The newest releases of `sha2`, and of the AWS SDK crates behind the features `aws-credential-types` and `aws-types`,
//! need a newer compiler. With an older one, cargo chooses older releases by itself if `resolver.incompatible-rust-versions`
//! is `fallback`, as it is in edition 2024.

mod auth;
mod client;
mod config;
mod error;
mod stream;
mod telemetry;
mod timeouts;

#[cfg(feature = "aws-credential-types")]
pub use auth::AwsProvider;
pub use auth::{Auth, BearerToken};
#[cfg(feature = "sigv4")]
pub use auth::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};
#[cfg(feature = "sigv4")]
pub use auth::{SignatureError, SigningScope, sign};
pub use bedrock_stream_core::{ErrorKind, answer, content, converse, frame, json};
#[cfg(feature = "dialects")]
pub use bedrock_stream_dialects as dialects;
pub use client::answer::Answer;
pub use client::box_transport::{BoxBody, BoxTransport};
pub use client::client::Client;
pub use client::header::HeaderError;
pub use client::into_body::{IntoBody, Serialized};
pub use client::json_response::JsonResponse;
pub use client::media_type::MediaType;
pub use client::operation::{LabelError, ModelIdError, Operation};
#[cfg(feature = "pool")]
pub use client::pool::Pool;
#[cfg(feature = "pool")]
pub use client::request_body::RequestBody;
pub use client::request_builder::RequestBuilder;
pub use client::response::check_response;
#[cfg(feature = "pool")]
pub use client::response_body::ResponseBody;
pub use client::retry::Retry;
pub use client::route::Route;
pub use client::transport::Transport;
pub use config::config::Config;
pub use config::config_builder::ConfigBuilder;
pub use config::config_error::ConfigError;
pub use config::endpoint::{Endpoint, EndpointVariant};
pub use config::endpoint_error::{EndpointError, UrlError};
pub use error::attempts::Attempt;
pub use error::error::Error;
pub use error::error_detail::ErrorDetail;
pub use error::secret_mask::SecretMask;
pub use error::service_error::ServiceError;
pub use error::transport_error::{TransportError, TransportErrorKind};
pub use error::unexpected_body::UnexpectedBody;
pub use stream::chunk_stream::ChunkStream;
pub use stream::collect_error::CollectError;
pub use stream::message_stream::MessageStream;
pub use stream::received::Received;
pub use stream::stream_body::StreamBody;
pub use stream::stream_stats::StreamStats;
pub use stream::text_stream::TextStream;
#[cfg(feature = "metrics")]
pub use telemetry::instrument::Instrument;
pub use timeouts::timeouts::{Timeout, Timeouts};
pub use timeouts::timer::Timer;
