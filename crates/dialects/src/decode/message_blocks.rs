use serde::de::Error as _;
use serde_json::Error;

use super::chunk_writer::ChunkWriter;

/// Maps the blocks of a message to those of the answer, in a dialect whose payloads number them.
///
/// Some proxies retry inside the stream. Another message then begins, whose blocks are numbered from 0 again: in the
/// answer they follow the earlier blocks.
#[derive(Debug, Default)]
pub(super) struct MessageBlocks {
    is_started: bool,
    /// Whether the message has had content since its start.
    has_content: bool,
    /// The index in the answer of the message's block 0.
    first: u64,
    /// The index after the highest one of the answer.
    next: u64,
}

/// The kind of a message's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// The first.
    First,
    /// A repeated start of a message that has no content yet, which is ignored.
    Again,
    /// The start of another message, which was reported: the blocks of the previous one are cut off.
    Another,
}

impl MessageBlocks {
    /// Starts a message.
    pub(super) fn begin(&mut self, chunks: &mut ChunkWriter) -> Begun {
        let begun = match (self.has_content, self.is_started) {
            (true, _) => Begun::Another,
            (false, true) => Begun::Again,
            (false, false) => Begun::First,
        };
        if begun == Begun::Another {
            chunks.restart();
            *self = Self { first: self.next, next: self.next, ..Self::default() };
        }
        self.is_started = true;
        chunks.start();
        begun
    }

    /// Records that the message has content, which starts it if it has not started.
    pub(super) fn note_content(&mut self, chunks: &mut ChunkWriter) {
        self.has_content = true;
        chunks.start();
    }

    /// The index in the answer of an event's block.
    pub(super) fn in_answer(
        &mut self,
        index: Option<u32>,
        chunks: &mut ChunkWriter,
    ) -> Result<Option<u32>, Error> {
        self.note_content(chunks);
        let Some(index) = index else { return Ok(None) };
        let block = self.first + u64::from(index);
        let in_answer = u32::try_from(block)
            .map_err(|_| Error::custom(format_args!("the index {index} is out of range")))?;
        self.next = self.next.max(block + 1);
        Ok(Some(in_answer))
    }
}
