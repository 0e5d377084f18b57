//! Amazon Bedrock's ConverseStream over [`hyper`] and `hyper-util`: a [`Client`] whose answers are streams of chunks.
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
//! TLS is rustls with ring. Root certificates are the operating system's, by way of `rustls-native-certs`, so that the
//! authority of a company's proxy is among them; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others. For anything else,
//! [`Client::with_http_client`] takes a client made elsewhere, over any connector.
//!
//! # Connections
//!
//! Over HTTP/1.1 each open stream has a connection. Over HTTP/2 up to 100 share one
//! ([`ConfigBuilder::max_streams_per_connection`]), or as many as the server allows, if that is fewer; then another is
//! opened, so no stream waits for another's end. [`Pool`] says how. Idle connections are used again, and closed after 90 s.
//! HTTP/2 connections are probed by `PING`s ([`Timeouts::ping`]), so one that went silent is noticed before
//! [`Timeouts::idle`] is over, and is not used again. An HTTP client made elsewhere, by way of
//! [`Client::with_http_client`], keeps one HTTP/2 connection to a server and its own settings; [`Transport::new`] takes what
//! it is built from instead, and [`Client::with_transport`] takes the transport.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `sigv4` (default) | requests signed with AWS credentials; without it nothing that signs is built |
//! | `tls` (default) | HTTPS; without it `http` endpoints alone, or a connector of your own, and neither rustls nor ring |
//! | `aws-credential-types` | credentials from any provider of the AWS SDK's kind |
//! | `aws-types` | region, endpoint and credentials of `aws_config::load_defaults` |
//! | `tracing` | a span for each request, and an event for each attempt; never a prompt, an answer or a secret |

mod client;
mod connector;
mod transport;

#[cfg(feature = "aws-credential-types")]
pub use bedrock_stream_http::AwsProvider;
pub use bedrock_stream_http::{
    Answer, Attempt, Auth, BearerToken, BoxBody, BoxTransport, CollectError, Config, ConfigBuilder,
    ConfigError, Deadline, Deadlines, Endpoint, EndpointError, Error, ErrorDetail, ErrorKind, HeaderError,
    IntoBody, LabelError, MediaType, ModelIdError, Operation, Pool, RequestBody, RequestBuilder,
    ResponseBody, Retry, Seen, ServiceError, StreamBody, StreamStats, TextStream, Timer, TransportError,
    TransportErrorKind, UnexpectedBody, UrlError, Variant, accept, answer, content, converse, frame, json,
};
#[cfg(feature = "sigv4")]
pub use bedrock_stream_http::{
    Credentials, CredentialsError, CredentialsFuture, ProvideCredentials, SignatureError, SigningScope, sign,
};
pub use client::{ChunkStream, Client, MessageStream};
pub use connector::{Connection, HttpsConnector};
pub use transport::{HttpClient, Transport};
