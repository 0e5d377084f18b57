use alloc::string::ToString;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{EventTooLong, Tail};

/// Why no event was returned.
///
/// ```
/// use bedrock_stream_dialects::sse::{Decoder, Error};
///
/// let mut decoder = Decoder::new();
/// decoder.push(b"data: {}\n\ndata: {\"cut");
/// assert!(decoder.next_event()?.is_some() && decoder.next_event()?.is_none());
/// assert_eq!(decoder.finish(), Err(Error::Truncated { offset: 10, have: 11 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The event's data, or another of its lines, is longer than the limit.
    #[error(transparent)]
    TooLong(#[from] EventTooLong),
    /// The stream ended inside an event: before its blank line, and its data is not complete either; or inside another
    /// line.
    #[error("the stream ended inside the server-sent event at byte {offset}, {have} bytes after it began")]
    Truncated {
        /// Where the event starts, in bytes from the start of the stream.
        offset: u64,
        /// How many bytes of it had arrived.
        have: usize,
    },
}

impl Error {
    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong(_) => ErrorKind::TooLong,
            Self::Truncated { .. } => ErrorKind::Truncated,
        }
    }
}

impl From<Error> for Tail {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}
