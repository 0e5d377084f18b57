use core::time::Duration;

use bedrock_stream_core::{ErrorKind, answer, frame};
use serde::{Serialize, Serializer};

use crate::client::header::HeaderError;
use crate::client::operation::{LabelError, ModelIdError};
use crate::config::config_error::ConfigError;
use crate::error::printable::Printable;
use crate::error::service_error::ServiceError;
use crate::error::transport_error::TransportError;
use crate::error::unexpected_body::UnexpectedBody;
use crate::timeouts::timeouts::Timeout;

/// What an [`Error`](crate::Error) is in detail. In JSON it is an object of what is not in the error's kind and message.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorDetail {
    /// The configuration lacks something, or is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The model id cannot be sent.
    #[error(transparent)]
    ModelId(#[from] ModelIdError),
    /// A label of the operation's path cannot be sent.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A header cannot be sent, or is not the caller's to give.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The request has no JSON: a number that is not finite, say. Or its operation does not answer as the caller wants to
    /// read it. With what is wrong, as the serializer said it.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// The endpoint's path prefix and the model id are too long together.
    #[error("the endpoint's path and the model id are longer together than a URI may be")]
    UriTooLong,
    /// The bearer token is empty or holds what no header may.
    #[error(
        "the bearer token is empty, or holds a space, a line break or another character that no header may: check \
         AWS_BEARER_TOKEN_BEDROCK"
    )]
    BearerToken,
    /// The provider has no credentials, and says why.
    #[cfg(feature = "sigv4")]
    #[error("no AWS credentials")]
    Credentials(#[source] crate::auth::CredentialsError),
    /// The request cannot be signed: something is wrong with the credentials, or with the region.
    #[cfg(feature = "sigv4")]
    #[error("{0}")]
    Signature(crate::auth::SignatureError),
    /// The HTTP client cannot be set up: no root certificates, say. With what it said, causes included.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// The HTTP client needs a tokio runtime, and there is none where the request is made.
    #[error(
        "there is no tokio runtime here, which this HTTP client needs: await the request inside one (#[tokio::main], \
         Runtime::block_on), or take bedrock-stream-http with a Transport for your runtime"
    )]
    NoRuntime,
    /// No response arrived: no connection, or it broke.
    #[error("no response from {endpoint}")]
    #[non_exhaustive]
    Connection {
        /// Where the request went.
        endpoint: String,
        /// What the HTTP client said.
        #[source]
        error: TransportError,
        /// Whether the request may be sent again. Not where an HTTP client has done with it what it should not, and not where
        /// the service may have had all of it and does not stream its answer: what it is at work on is paid for.
        retryable: bool,
    },
    /// The service refused the request.
    #[error("refused: {0}")]
    Refusal(Box<ServiceError>),
    /// The status was 200, but the body is no event stream, or no JSON where that was asked for.
    #[error("{0}")]
    UnexpectedBody(Box<UnexpectedBody>),
    /// The connection broke while the body was read.
    #[error("the connection broke in the middle of the answer")]
    #[non_exhaustive]
    Body {
        /// What the HTTP client said.
        #[source]
        error: TransportError,
        /// Whether the request may be sent again. Not where the answer does not stream, which is paid for by then.
        retryable: bool,
    },
    /// It took too long.
    #[error("{timeout} {after:?}, {elapsed:.1?} after the request began")]
    #[non_exhaustive]
    Timeout {
        /// Which timeout passed.
        timeout: Timeout,
        /// How long it was.
        after: Duration,
        /// How long the request had taken, all attempts included.
        elapsed: Duration,
    },
    /// The body is not an event stream, or was damaged: from a [`MessageStream`](crate::MessageStream).
    #[error("{0}")]
    Frame(frame::Error),
    /// What the decoder found, from a [`ChunkStream`](crate::ChunkStream): an exception, an incomplete or damaged
    /// stream, or a skipped event, after which the stream goes on.
    #[error("{}", Printable(.0))]
    Stream(Box<answer::Error>),
    /// The whole answer of an operation that does not stream is longer than allowed.
    #[error("the answer is longer than {limit} bytes, the most that the configuration allows")]
    #[non_exhaustive]
    TooLong {
        /// How long it may be, in bytes: [`ConfigBuilder::max_response_len`](crate::ConfigBuilder::max_response_len).
        limit: usize,
    },
    /// The whole answer of an operation that does not stream is JSON of another shape, or not JSON. With what the parser
    /// said.
    #[error("the answer is not a response of Converse: {}", Printable(.0))]
    Response(String),
}

impl ErrorDetail {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_)
            | Self::ModelId(_)
            | Self::Label(_)
            | Self::Header(_)
            | Self::Request(_)
            | Self::UriTooLong
            | Self::BearerToken => ErrorKind::Input,
            #[cfg(feature = "sigv4")]
            Self::Credentials(_) | Self::Signature(_) => ErrorKind::Input,
            Self::Client(_) | Self::NoRuntime | Self::Connection { .. } | Self::Body { .. } => {
                ErrorKind::Transport
            }
            Self::Refusal(_) | Self::UnexpectedBody(_) => ErrorKind::Refusal,
            Self::Timeout { .. } => ErrorKind::Timeout,
            Self::Frame(error) => error.kind(),
            Self::Stream(error) => error.kind(),
            Self::TooLong { .. } => ErrorKind::TooLong,
            Self::Response(_) => ErrorKind::Payload,
        }
    }
}

impl Serialize for ErrorDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Default, Serialize)]
        struct Members<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<u16>,
            /// There, as `null`, where a refusal has none.
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<Option<&'a str>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            timeout: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            after_seconds: Option<f64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            elapsed_seconds: Option<f64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            limit: Option<usize>,
        }
        let members = match self {
            Self::Frame(error) => return error.detail().serialize(serializer),
            Self::Stream(error) => return error.detail().serialize(serializer),
            Self::Refusal(refusal) => Members {
                status: Some(refusal.status.as_u16()),
                code: Some(refusal.code.as_deref()),
                ..Members::default()
            },
            // It is the answer's status that makes the next reader look twice.
            Self::UnexpectedBody(_) => Members { status: Some(200), code: Some(None), ..Members::default() },
            Self::Timeout { timeout, after, elapsed } => Members {
                timeout: Some(timeout.as_str()),
                after_seconds: Some(after.as_secs_f64()),
                elapsed_seconds: Some(elapsed.as_secs_f64()),
                ..Members::default()
            },
            Self::TooLong { limit } => Members { limit: Some(*limit), ..Members::default() },
            _ => Members::default(),
        };
        members.serialize(serializer)
    }
}
