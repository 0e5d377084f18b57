use bedrock_stream_core::converse::Response;

use crate::error::Error;

/// A stream that could not be collected without loss, and what arrived of it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct CollectError {
    /// What went wrong: the error that ended the stream, or else its first spoiled event.
    pub error: Error,
    /// The response as far as it arrived. It must not be taken for a whole one.
    pub partial: Box<Response>,
}
