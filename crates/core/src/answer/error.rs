use alloc::boxed::Box;

use super::exception::Exception;
use super::incomplete::Incomplete;
use super::skipped::SkippedEvent;
use super::unmodeled_error::UnmodeledError;
use crate::error_kind::ErrorKind;
use crate::frame;

/// Why there is no chunk. All but [`Error::Skipped`] are final: they end the stream, and are given again on every later
/// call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not an event stream, or were damaged.
    #[error(transparent)]
    Frame(#[from] frame::Error),
    /// One event was skipped; the stream goes on.
    #[error(transparent)]
    Skipped(#[from] SkippedEvent),
    /// Bedrock ended the stream with an exception.
    #[error("Bedrock ended the stream with {0}")]
    Exception(Box<Exception>),
    /// Bedrock ended the stream with an error outside its model.
    #[error("Bedrock ended the stream with {0}")]
    UnmodeledError(UnmodeledError),
    /// The stream ended without the proof that the answer is complete.
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
}

impl Error {
    /// Whether the stream is over. `false` only for a skipped event.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Skipped(_))
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Frame(error) => error.kind(),
            Self::Skipped(SkippedEvent::Message { .. }) => ErrorKind::Message,
            Self::Skipped(SkippedEvent::Payload { .. }) => ErrorKind::Payload,
            Self::Skipped(SkippedEvent::Unexpected { .. }) => ErrorKind::Unexpected,
            Self::Exception(_) | Self::UnmodeledError(_) => ErrorKind::Exception,
            Self::Incomplete(_) => ErrorKind::Incomplete,
        }
    }

    /// Whether the same request may succeed if it is sent again. Damaged and incomplete streams may, but not what was
    /// never an event stream, or is too long; and what has been shown to a user cannot be taken back, so only the caller
    /// can decide.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Exception(exception) => exception.is_retryable(),
            Self::UnmodeledError(error) => error.is_retryable(),
            Self::Incomplete(_) => true,
            Self::Frame(error) => {
                !matches!(error, frame::Error::TooLong { .. }) && error.looks_like().is_none()
            }
            Self::Skipped(_) => false,
        }
    }

    /// The HTTP status that stands for the error, where there is one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Exception(exception) => exception.http_status(),
            _ => None,
        }
    }
}
