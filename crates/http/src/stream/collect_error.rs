use core::fmt;

use bedrock_stream_core::answer::Response;

use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;

/// A stream that could not be collected without loss, and what arrived of it. Its text and its causes are those of the
/// error; `?` turns it into that where a function returns [`Error`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CollectError {
    /// What went wrong: the error that ended the stream, or else its first skipped event.
    pub error: Error,
    /// The response as far as it arrived. It must not be taken for a whole one.
    pub partial: Box<Response>,
    /// How it came.
    pub stats: StreamStats,
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for CollectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.error.source()
    }
}

impl From<CollectError> for Error {
    /// What went wrong. The part of the answer that had arrived is dropped.
    fn from(error: CollectError) -> Self {
        error.error
    }
}
