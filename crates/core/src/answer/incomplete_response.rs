use alloc::boxed::Box;
use alloc::vec::Vec;

use super::response::Response;

/// An answer is not proven complete: [`Chunk::Done`](super::Chunk::Done) has not come.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
///
/// let mut answer = ResponseBuilder::new();
/// answer.push(&Chunk::text(0, "Half of"));
/// let error = answer.finish().unwrap_err();
/// assert_eq!((error.partial.text().as_str(), error.open_blocks.len()), ("Half of", 1));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the answer is not proven complete: its stream was not read to `Done`, or broke before")]
#[non_exhaustive]
pub struct IncompleteResponse {
    /// What has come of it.
    pub partial: Box<Response>,
    /// The indices of the content blocks that have begun and not ended.
    pub open_blocks: Vec<u32>,
}
