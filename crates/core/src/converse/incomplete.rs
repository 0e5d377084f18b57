use alloc::vec::Vec;
use core::fmt;

use crate::frame;

/// The stream ended without the proof that the answer is complete: without `messageStop`, or inside a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incomplete {
    /// Where it ended.
    pub position: Position,
    /// The content blocks that were open, by index.
    pub open_blocks: Vec<u32>,
}

/// Where a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Before the first event.
    BeforeStart,
    /// Inside the content: blocks were open.
    InsideBlocks,
    /// Between events, no block open: `messageStop` is what is missing.
    BeforeMessageStop,
    /// Inside a message.
    InsideMessage(frame::Error),
}

impl core::error::Error for Incomplete {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.position {
            Position::InsideMessage(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is incomplete: ")?;
        match &self.position {
            Position::BeforeStart => f.write_str("the stream ended before its first event"),
            Position::InsideBlocks => f.write_str("the stream ended inside its content"),
            Position::BeforeMessageStop => f.write_str("the stream ended without `messageStop`"),
            Position::InsideMessage(error) => error.fmt(f),
        }?;
        match &self.open_blocks[..] {
            [] => Ok(()),
            [block] => write!(f, " (content block {block} was open)"),
            blocks => write!(f, " ({} content blocks were open, the first is {})", blocks.len(), blocks[0]),
        }
    }
}
