use alloc::vec::Vec;
use core::fmt;

use crate::frame;

/// The stream ended without the proof that the answer is complete: without the event that
/// says so (`messageStop` in Converse), or inside a message.
///
/// ```
/// use bedrock_stream_core::answer::{Error, StreamPosition};
/// use bedrock_stream_core::converse::{ChunkDecoder, ContentBlockDelta, EventEncoder};
///
/// let mut bytes = Vec::new();
/// EventEncoder::new().encode(&ContentBlockDelta::new(0, "Hel").into(), &mut bytes)?;
///
/// let mut decoder = ChunkDecoder::new();
/// decoder.push(&bytes);
/// while decoder.next_chunk()?.is_some() {}
/// // The connection ends here, without an error of its own.
/// let Err(Error::Incomplete(incomplete)) = decoder.finish() else { panic!("it is not complete") };
/// assert_eq!(incomplete.position, StreamPosition::InsideBlocks);
/// assert_eq!(incomplete.open_blocks, [0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incomplete {
    /// Where it ended.
    pub position: StreamPosition,
    /// The content blocks that were open, by index.
    pub open_blocks: Vec<u32>,
}

impl Incomplete {
    /// A stream that ended at `position` while these blocks were open.
    #[must_use]
    pub const fn new(position: StreamPosition, open_blocks: Vec<u32>) -> Self {
        Self { position, open_blocks }
    }
}

/// Where a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamPosition {
    /// Before the first event.
    BeforeStart,
    /// Inside the content: blocks were open.
    InsideBlocks,
    /// Between events, with no block open: only the event that ends the message is missing.
    BeforeMessageStop,
    /// Inside a message.
    InsideMessage(frame::Error),
    /// Inside a server-sent event.
    InsideEvent {
        /// How many bytes of the event had arrived.
        have: usize,
    },
}

impl core::error::Error for Incomplete {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.position {
            StreamPosition::InsideMessage(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is incomplete: ")?;
        match &self.position {
            StreamPosition::BeforeStart => f.write_str("the stream ended before its first event"),
            StreamPosition::InsideBlocks => f.write_str("the stream ended inside its content"),
            StreamPosition::BeforeMessageStop => f.write_str("the stream ended before the message did"),
            StreamPosition::InsideMessage(error) => error.fmt(f),
            StreamPosition::InsideEvent { have } => {
                write!(f, "the stream ended inside a server-sent event, {have} bytes after it began")
            }
        }?;
        match &self.open_blocks[..] {
            [] => Ok(()),
            [block] => write!(f, " (content block {block} was open)"),
            blocks => write!(f, " ({} content blocks were open, the first is {})", blocks.len(), blocks[0]),
        }
    }
}
