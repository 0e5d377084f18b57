use std::fmt;

use bedrock_stream_core::answer::Tail;
use bedrock_stream_core::frame;
use bedrock_stream_dialects::sse;

use crate::output::Failure;

/// The error that ended an incomplete stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamError {
    Message(frame::Error),
    /// An error in server-sent events; the event begins at `offset`.
    Event {
        error: sse::Error,
        offset: u64,
    },
}

impl StreamError {
    /// Where the incomplete message or event starts.
    pub(crate) const fn offset(&self) -> u64 {
        match self {
            Self::Message(error) => error.offset(),
            Self::Event { offset, .. } => *offset,
        }
    }

    /// Whether the stream just ended too early.
    pub(crate) const fn is_cut(&self) -> bool {
        matches!(
            self,
            Self::Message(frame::Error::Truncated { .. })
                | Self::Event { error: sse::Error::Truncated { .. }, .. }
        )
    }

    /// The tail of an answer that was proven complete.
    pub(crate) fn tail(&self) -> Tail {
        match *self {
            Self::Message(error) => error.into(),
            Self::Event { error, .. } => error.into(),
        }
    }

    /// Why the run fails.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Message(error) => Failure::from(error),
            Self::Event { error, .. } => Failure::from(error),
        }
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::Event { error, .. } => error.fmt(f),
        }
    }
}
