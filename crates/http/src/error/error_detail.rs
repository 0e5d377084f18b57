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

/// The details of an [`Error`](crate::Error). Its JSON object has the information that is not in the error's kind and
/// message.
///
/// ```
/// use bedrock_stream_http::{Error, ErrorDetail, ErrorKind, Operation};
///
/// /// What a program tells its user.
/// fn advice(error: &Error) -> &'static str {
///     match error.detail() {
///         ErrorDetail::Config(_) => "set up AWS first",
///         ErrorDetail::Refusal(refusal) if refusal.status == 403 => "ask for access to this model",
///         ErrorDetail::Timeout { .. } => "try again later",
///         ErrorDetail::Stream(_) => "the answer is incomplete",
///         _ if error.is_retryable() => "try again",
///         _ => "tell us about it",
///     }
/// }
///
/// let error = Error::from(bedrock_stream_http::ConfigError::NoRegion);
/// assert_eq!(advice(&error), "set up AWS first");
/// assert_eq!(error.kind(), ErrorKind::Input);
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorDetail {
    /// The configuration is incomplete or invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The model id cannot be sent.
    #[error(transparent)]
    ModelId(#[from] ModelIdError),
    /// A label of the operation's path cannot be sent.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A header cannot be sent, or may not be set by the caller.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The request cannot be serialized, for example because its temperature is not a finite number; or the operation does not answer
    /// in the requested form. Contains the reason.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// The endpoint's path prefix and the model id together are too long for a URI.
    #[error("the endpoint's path and the model id together are too long for a URI")]
    UriTooLong,
    /// The bearer token is empty, or contains a character that is not allowed in a header.
    #[error(
        "the bearer token is empty, or contains a space, a line break or another character that is not allowed in a \
         header: check AWS_BEARER_TOKEN_BEDROCK"
    )]
    BearerToken,
    /// The provider has no credentials. Contains its error.
    #[cfg(feature = "sigv4")]
    #[error("no AWS credentials")]
    Credentials(#[source] crate::auth::CredentialsError),
    /// The request cannot be signed with these credentials or for this region.
    #[cfg(feature = "sigv4")]
    #[error("{0}")]
    Signature(crate::auth::SignatureError),
    /// The HTTP client cannot be set up, for example because there are no root certificates. Contains its error and
    /// causes.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// The HTTP client needs a tokio runtime, and the request was made outside one.
    #[error(
        "this HTTP client needs a tokio runtime, and there is none: await the request inside one (#[tokio::main], \
         Runtime::block_on), or use bedrock-stream-http with a Transport for your runtime"
    )]
    NoRuntime,
    /// No response arrived: there was no connection, or it broke.
    #[error("no response from {endpoint}")]
    #[non_exhaustive]
    Connection {
        /// Where the request went.
        endpoint: String,
        /// The HTTP client's error.
        #[source]
        error: TransportError,
        /// Whether the request may be sent again. `false` if the HTTP client followed a redirect or timed out by itself, and
        /// if the service may be working on an operation that does not stream, which is billed.
        retryable: bool,
    },
    /// The service refused the request.
    #[error("refused: {0}")]
    Refusal(Box<ServiceError>),
    /// The status was 200, but the body is not the event stream or JSON that was requested, or is JSON and no Converse response.
    #[error("{0}")]
    UnexpectedBody(Box<UnexpectedBody>),
    /// The connection broke while the body was being read.
    #[error("the connection broke in the middle of the answer")]
    #[non_exhaustive]
    Body {
        /// The HTTP client's error.
        #[source]
        error: TransportError,
        /// Whether the request may be sent again. `false` if the operation does not stream: it has been billed by then.
        retryable: bool,
    },
    /// A timeout elapsed.
    #[error("{timeout} {after:?}, {elapsed:.1?} after the request started")]
    #[non_exhaustive]
    Timeout {
        /// Which timeout.
        timeout: Timeout,
        /// Its length.
        after: Duration,
        /// The time since the start of the request, all attempts included.
        elapsed: Duration,
    },
    /// The body is not an event stream, or was damaged: from a [`MessageStream`](crate::MessageStream).
    #[error("{0}")]
    Frame(frame::Error),
    /// The decoder's error, from a [`ChunkStream`](crate::ChunkStream): an exception, an incomplete or damaged
    /// stream, or a skipped event, after which the stream goes on.
    #[error("{}", Printable(.0))]
    Stream(Box<answer::Error>),
    /// The answer of an operation that does not stream is longer than allowed.
    #[error("the answer is longer than the configured limit of {limit} bytes")]
    #[non_exhaustive]
    TooLong {
        /// The limit in bytes: [`ConfigBuilder::max_response_len`](crate::ConfigBuilder::max_response_len).
        limit: usize,
    },
    /// A `Converse` response without a stop reason, which proves it complete. It may have been billed.
    #[error("the answer is incomplete: it has no stop reason, with which every Converse response ends")]
    Incomplete,
    /// From [`collect`](crate::ChunkStream::collect): chunks of the answer, or an error, had been taken from the stream before, so only
    /// the rest of it could be collected.
    #[error(
        "a part of the answer has been taken from the stream already, so it cannot be collected as a whole: call `collect` first, or \
         add each chunk to a `ResponseBuilder`"
    )]
    AlreadyRead,
    /// The answer of an operation that does not stream is not JSON, or does not have the expected structure. Contains
    /// the parser's error.
    #[error("the answer is not a valid Converse response: {}", Printable(.0))]
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
            | Self::BearerToken
            | Self::AlreadyRead => ErrorKind::Input,
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
            Self::Incomplete => ErrorKind::Incomplete,
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
            /// `null` if a refusal has none.
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
            // The status 200 is what distinguishes this case.
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
