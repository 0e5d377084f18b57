use core::time::Duration;
use std::error::Error as StdError;
use std::sync::Arc;

use bedrock_stream_core::{converse, frame};

use crate::config_error::ConfigError;
use crate::deadlines::Deadline;
use crate::operation::ModelIdError;
use crate::service_error::ServiceError;
use crate::unexpected_body::UnexpectedBody;

/// Why a request has no answer, or not a whole one.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration lacks something, or is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The model id cannot be sent.
    #[error(transparent)]
    ModelId(#[from] ModelIdError),
    /// The request has no JSON: a number that is not finite, say.
    #[error("the request cannot be written as JSON: {cause}")]
    Request {
        /// What the serializer said.
        cause: String,
    },
    /// The endpoint's path prefix and the model id are too long together.
    #[error("the endpoint's path and the model id are longer together than a URI may be")]
    UriTooLong,
    /// The bearer token is empty or holds what no header may.
    #[error(
        "the bearer token is empty, or holds a space, a line break or another character that no header may: check \
         AWS_BEARER_TOKEN_BEDROCK"
    )]
    BearerToken,
    /// The provider has no credentials.
    #[cfg(feature = "sigv4")]
    #[error(transparent)]
    Credentials(#[from] crate::credentials::CredentialsError),
    /// The request cannot be signed.
    #[cfg(feature = "sigv4")]
    #[error(transparent)]
    Signature(#[from] crate::signature::SignatureError),
    /// The HTTP client cannot be set up: no root certificates, say.
    #[error("the HTTP client cannot be set up: {cause}")]
    Client {
        /// What it said, causes included.
        cause: String,
    },
    /// No response arrived: no connection, or it broke.
    #[error("no response from {endpoint}: {}", chain(&**cause))]
    Connection {
        /// Where the request went.
        endpoint: String,
        /// What the HTTP client said.
        cause: Cause,
    },
    /// The service refused the request.
    #[error("refused: {0}")]
    Refused(Box<ServiceError>),
    /// The status was 200, but the body is no event stream.
    #[error(transparent)]
    UnexpectedBody(Box<UnexpectedBody>),
    /// The connection broke while the body was read.
    #[error("the connection broke in the middle of the answer{}: {}", InBrackets(request_id), chain(&**cause))]
    Body {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What the HTTP client said.
        cause: Cause,
    },
    /// It took too long.
    #[error("{deadline} {after:?}{}", InBrackets(request_id))]
    Deadline {
        /// Which deadline passed.
        deadline: Deadline,
        /// How long it was.
        after: Duration,
        /// The id under which AWS knows the request, once a response told it.
        request_id: Option<Arc<str>>,
    },
    /// The body is not an event stream, or was damaged: from a [`MessageStream`](crate::MessageStream).
    #[error("{error}{}", InBrackets(request_id))]
    Frame {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What is wrong with the body.
        error: frame::Error,
    },
    /// What the decoder found, from a [`ChunkStream`](crate::ChunkStream): an exception, an incomplete or damaged
    /// stream, or a spoiled event, after which the stream goes on.
    #[error("{error}{}", InBrackets(request_id))]
    Stream {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What the decoder found.
        error: Box<converse::Error>,
    },
}

/// The error of an HTTP client, shared so that errors can be cloned.
pub type Cause = Arc<dyn StdError + Send + Sync>;
/// Any error, as a transport or a body gives it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Whether a stream ends with it. Only a spoiled event does not end its stream.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Stream { error, .. } => error.is_final(),
            _ => true,
        }
    }

    /// Whether the same request may succeed when it is sent again. It says nothing about what was answered so far, which
    /// another attempt answers anew.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connection { .. } | Self::Body { .. } => true,
            Self::Deadline { deadline, .. } => *deadline != Deadline::Total,
            Self::Refused(error) => error.is_retryable(),
            Self::Stream { error, .. } => error.is_retryable(),
            _ => false,
        }
    }

    /// The id under which AWS knows the request, if a response told it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => error.request_id.as_deref(),
            Self::UnexpectedBody(error) => error.request_id.as_deref(),
            Self::Body { request_id, .. }
            | Self::Deadline { request_id, .. }
            | Self::Frame { request_id, .. }
            | Self::Stream { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn as_service_error(&self) -> Option<&ServiceError> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// What the decoder found, if it is that.
    #[must_use]
    pub fn as_stream_error(&self) -> Option<&converse::Error> {
        match self {
            Self::Stream { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// An error and its causes as one sentence. Clients that repeat a cause in their own text are told once.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

struct InBrackets<'a>(&'a Option<Arc<str>>);

impl core::fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(id) => write!(f, " [request id {}]", id.escape_debug()),
            None => Ok(()),
        }
    }
}
