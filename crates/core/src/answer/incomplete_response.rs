use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::response::Response;

/// An answer is not proven complete, because [`Chunk::Done`](super::Chunk::Done) has not come, or it ended, but events of it were
/// skipped.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
///
/// let mut answer = ResponseBuilder::new();
/// answer.push(&Chunk::text(0, "Half of"));
/// let error = answer.finish().unwrap_err();
/// assert_eq!((error.partial.text().as_str(), error.open_blocks.len()), ("Half of", 1));
/// assert_eq!(error.skipped_events, 0, "it did not end");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", Sentence(self.skipped_events))]
#[non_exhaustive]
pub struct IncompleteResponse {
    /// What has come of it.
    pub partial: Box<Response>,
    /// The indices of the content blocks that have begun and not ended.
    pub open_blocks: Vec<u32>,
    /// How many events were skipped, if the answer ended. Their content is missing from it. 0: [`Chunk::Done`](super::Chunk::Done) has not
    /// come.
    pub skipped_events: u64,
}

/// What is wrong with the answer, by the number of events that were skipped.
struct Sentence(u64);

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str(
                "the answer is not proven complete: its stream was not read to `Done`, or broke before",
            ),
            1 => f.write_str("an event of the answer was skipped, so that a part of it is missing"),
            count => write!(f, "{count} events of the answer were skipped, so that parts of it are missing"),
        }
    }
}
