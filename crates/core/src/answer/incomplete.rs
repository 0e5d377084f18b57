use alloc::vec::Vec;
use core::fmt;

use crate::frame;

/// The stream ended without the proof that the answer is complete: without `messageStop`, or inside a message.
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
    /// Between events, with no block open: only `messageStop` is missing.
    BeforeMessageStop,
    /// Inside a message.
    InsideMessage(frame::Error),
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
            StreamPosition::BeforeMessageStop => f.write_str("the stream ended without `messageStop`"),
            StreamPosition::InsideMessage(error) => error.fmt(f),
        }?;
        match &self.open_blocks[..] {
            [] => Ok(()),
            [block] => write!(f, " (content block {block} was open)"),
            blocks => write!(f, " ({} content blocks were open, the first is {})", blocks.len(), blocks[0]),
        }
    }
}
