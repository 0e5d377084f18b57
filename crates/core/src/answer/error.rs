use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use super::error_name::is_error_name;
use super::event_too_long::EventTooLong;
use super::exception::Exception;
use super::incomplete::{Incomplete, StreamPosition};
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

    /// The error as a sentence without the service's own words, without what a parser says of an event that it cannot read, and
    /// without damaged bytes: they may quote the request or the answer. For a log that must not have their contents. An
    /// exception's name, a code or an event's name stays in it if it [looks like one](is_error_name).
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Error, Exception};
    ///
    /// let exception = Exception::new("validationException", r#"{"message":"\"Jane Doe\" is no image"}"#);
    /// let error = Error::Exception(exception.into());
    /// assert!(error.to_string().contains("Jane Doe"));
    /// assert_eq!(error.summary(), "Bedrock ended the stream with validationException");
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Frame(error) => without_bytes(error),
            Self::Exception(exception) => {
                let name = name(&exception.name).unwrap_or("an exception");
                format!("Bedrock ended the stream with {name}")
            }
            Self::UnmodeledError(error) => {
                let code = error.code.as_deref().and_then(name).unwrap_or("an error outside its model");
                format!("Bedrock ended the stream with {code}")
            }
            Self::Skipped(SkippedEvent::Payload { event, .. }) => match name(event) {
                Some(name) => format!("the event `{name}` was skipped, its payload cannot be read"),
                None => "an event was skipped, its payload cannot be read".to_owned(),
            },
            Self::Skipped(SkippedEvent::Unexpected { name: event, reason, .. }) => match name(event) {
                Some(name) => format!("the event `{name}` was skipped: {reason}"),
                None => format!("an event was skipped: {reason}"),
            },
            Self::Incomplete(Incomplete { position: StreamPosition::InsideMessage(error), .. }) => {
                format!("the answer is incomplete: {}", without_bytes(error))
            }
            Self::Skipped(SkippedEvent::Message { .. })
            | Self::Incomplete(_)
            | Self::EventTooLong(_)
            | Self::UnknownDialect(_) => self.to_string(),
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

/// Where no message starts, the bytes may be a part of an answer, or of a proxy's page, and so may what would be their checksum.
fn without_bytes(error: &frame::Error) -> String {
    match error {
        frame::Error::PreludeChecksum { offset, .. } => {
            format!("no event stream message starts at byte {offset}")
        }
        error => error.to_string(),
    }
}

/// The text, if it looks like a name: all of them come from the service.
fn name(text: &str) -> Option<&str> {
    is_error_name(text).then_some(text)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::Error;
    use crate::answer::{
        Exception, Incomplete, OrderViolation, SkippedEvent, StreamPosition, UnmodeledError,
    };
    use crate::frame;

    #[test]
    fn a_summary_keeps_names_and_numbers_and_nothing_that_was_said() {
        // Where the checksum should be, there is a part of the text, too.
        let damaged = frame::Error::prelude_checksum(7, u32::from_be_bytes(*b", bo"), 2, *b"Jane Doe, bo");
        let json = crate::json::Json::from_text("{}").unwrap();
        for (error, kept) in [
            (Error::Frame(damaged), "byte 7"),
            (Incomplete::new(StreamPosition::InsideMessage(damaged), [].into()).into(), "byte 7"),
            (Error::Exception(Exception::new("aException", r#"{"message":"Jane"}"#).into()), "aException"),
            (Error::Exception(Exception::new("Jane Doe", "{}").into()), "an exception"),
            (Error::UnmodeledError(UnmodeledError::new("InternalError", "Jane")), "InternalError"),
            (Error::UnmodeledError(UnmodeledError::new("to Jane", "")), "an error outside its model"),
            (SkippedEvent::payload("metadata", "invalid type: \"Jane\"", "{}").into(), "metadata"),
            (SkippedEvent::payload("Jane's event", "", "{}").into(), "its payload"),
            (
                SkippedEvent::unexpected("Jane's event", json, OrderViolation::Repeated).into(),
                "an event was skipped: the message has already started",
            ),
        ] {
            assert!(error.to_string().contains("Jane"), "{error}");
            let summary = error.summary();
            assert!(summary.contains(kept) && !summary.contains("Jane"), "{error}: {summary}");
            assert!(!summary.contains("2c20626f"), "{summary}");
        }
    }
}
