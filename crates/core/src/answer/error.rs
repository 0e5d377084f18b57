use alloc::boxed::Box;

use super::event_too_long::EventTooLong;
use super::exception::Exception;
use super::incomplete::Incomplete;
use super::skipped::SkippedEvent;
use super::unknown_dialect::UnknownDialect;
use super::unmodeled_error::UnmodeledError;
use crate::error_kind::ErrorKind;
use crate::frame;

/// Why a decoder returned no chunk. Every variant except [`Error::Skipped`] is final: it ends the stream, and every
/// later call returns it again.
///
/// ```
/// use bedrock_stream_core::ErrorKind;
/// use bedrock_stream_core::converse::ChunkDecoder;
///
/// let error = ChunkDecoder::new().finish().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Incomplete);
/// assert!(error.is_final() && error.is_retryable());
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not an event stream, or are damaged.
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
    /// A server-sent event is longer than the caller's limit.
    #[error(transparent)]
    EventTooLong(#[from] EventTooLong),
    /// The stream ended, and nothing in it identified its dialect.
    #[error(transparent)]
    UnknownDialect(#[from] UnknownDialect),
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
            Self::EventTooLong(_) => ErrorKind::TooLong,
            Self::UnknownDialect(_) => ErrorKind::Dialect,
        }
    }

    /// Whether the same request may succeed if it is sent again. A damaged or incomplete stream may; bytes that never
    /// were an event stream, or a message that is too long, may not. Whether to retry is the caller's decision, since
    /// text that was shown to a user cannot be taken back.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Exception(exception) => exception.is_retryable(),
            Self::UnmodeledError(error) => error.is_retryable(),
            Self::Incomplete(_) => true,
            Self::Frame(error) => {
                !matches!(error, frame::Error::TooLong { .. }) && error.looks_like().is_none()
            }
            Self::Skipped(_) | Self::EventTooLong(_) | Self::UnknownDialect(_) => false,
        }
    }

    /// The HTTP status that corresponds to the error, where there is one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Exception(exception) => exception.http_status(),
            _ => None,
        }
    }
}
