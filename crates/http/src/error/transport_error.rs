use core::fmt;
use std::error::Error as StdError;
use std::io;

use crate::error::cause::{BoxError, Cause};

/// Why a [`Transport`](crate::Transport) has no response, or why a body broke: what the HTTP client said, and what that
/// means for the request. Its text and its causes are those of the HTTP client.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    cause: Cause,
}

/// What the error of an HTTP client means for the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was there in time. It is told as [`Timeout::Connect`](crate::Timeout::Connect).
    ConnectTimeout,
    /// The service cannot have had the request: there was no connection, say. An operation that does not stream is asked
    /// again only then, and after a refusal.
    NotSent,
    /// The request must not be sent again: it has gone further than it should, by a redirect, say; or the service may be
    /// at work on it, as after a timeout of the HTTP client's own.
    NotRetryable,
    /// The HTTP client needs a tokio runtime, and there is none where the request is made.
    NoRuntime,
    /// Anything else. An operation that streams is asked again.
    Other,
}

impl TransportError {
    /// What an HTTP client said, and what it means.
    pub fn new(kind: TransportErrorKind, cause: impl Into<BoxError>) -> Self {
        Self { kind, cause: cause.into().into() }
    }

    /// What an HTTP client said, which means nothing in particular.
    pub fn other(cause: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Other, cause)
    }

    /// What it means for the request.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether TLS was refused, by either side.
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

/// Of an HTTP client that has nothing more to say.
impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self::new(kind, kind.to_string())
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectTimeout => "the connection took too long",
            Self::NotSent => "the request was not sent",
            Self::NotRetryable => "the request must not be sent again",
            Self::NoRuntime => "there is no tokio runtime here",
            Self::Other => "the HTTP client failed",
        })
    }
}
