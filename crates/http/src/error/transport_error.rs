use core::fmt;
use std::error::Error as StdError;
use std::io;

use crate::error::cause::{BoxError, Cause};

/// Why a [`Transport`](crate::Transport) has no response, or why a body failed: the HTTP client's error, and what it means
/// for the request. Its text and its causes are the HTTP client's.
///
/// ```
/// use std::io;
///
/// use bedrock_stream_http::{TransportError, TransportErrorKind};
///
/// /// How a transport reports the errors of its HTTP client.
/// fn report(error: io::Error) -> TransportError {
///     match error.kind() {
///         // The request cannot have been billed, whatever the operation.
///         io::ErrorKind::ConnectionRefused => TransportError::new(TransportErrorKind::NotSent, error),
///         _ => TransportError::other(error),
///     }
/// }
///
/// assert_eq!(report(io::ErrorKind::ConnectionRefused.into()).kind(), TransportErrorKind::NotSent);
/// assert_eq!(report(io::ErrorKind::ConnectionReset.into()).kind(), TransportErrorKind::Other);
/// ```
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    cause: Cause,
}

/// What an HTTP client's error means for the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The connect timeout elapsed. Reported as [`Timeout::Connect`](crate::Timeout::Connect).
    ConnectTimeout,
    /// The service cannot have received the request, because there was no connection, for example. An operation that does
    /// not stream is retried only then, and after a refusal.
    NotSent,
    /// Must not be retried: a redirect was followed, or the service may be working on the request, as after a timeout of
    /// the HTTP client's own.
    NotRetryable,
    /// The HTTP client needs a tokio runtime, and the request was made outside one.
    NoRuntime,
    /// Anything else. An operation that streams is retried.
    Other,
}

impl TransportError {
    /// An HTTP client's error, and what it means for the request.
    pub fn new(kind: TransportErrorKind, cause: impl Into<BoxError>) -> Self {
        Self { kind, cause: cause.into().into() }
    }

    /// An HTTP client's error of kind [`Other`](TransportErrorKind::Other).
    pub fn other(cause: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Other, cause)
    }

    /// What the error means for the request.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether either side rejected the TLS handshake.
    pub(crate) fn is_failed_handshake(&self) -> bool {
        self.cause.is_failed_handshake()
    }

    pub(crate) const fn cause_mut(&mut self) -> &mut Cause {
        &mut self.cause
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

impl From<BoxError> for TransportError {
    fn from(cause: BoxError) -> Self {
        Self::other(cause)
    }
}

impl From<io::Error> for TransportError {
    fn from(cause: io::Error) -> Self {
        Self::other(cause)
    }
}

impl From<http::Error> for TransportError {
    fn from(cause: http::Error) -> Self {
        Self::other(cause)
    }
}

/// For an HTTP client without an error of its own.
impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self::new(kind, kind.to_string())
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectTimeout => "connecting timed out",
            Self::NotSent => "the request was not sent",
            Self::NotRetryable => "the request must not be retried",
            Self::NoRuntime => "there is no tokio runtime",
            Self::Other => "the HTTP client failed",
        })
    }
}
