use serde::de::Error as _;
use serde_json::Error;

use super::chunk_writer::ChunkWriter;

/// Where the blocks of a message are in the answer, in a dialect whose payloads number them.
///
/// Some proxies retry inside the stream. Another message then begins, and its blocks are numbered from 0 again: in the
/// answer they come after those before.
#[derive(Debug, Default)]
pub(super) struct MessageBlocks {
    is_started: bool,
    /// Whether the message has said anything since its start.
    has_content: bool,
    /// The index that the message's block 0 has in the answer.
    first: u64,
    /// The index after the highest one of the answer.
    next: u64,
}

/// Which start of a message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// The first.
    First,
    /// Another start of a message that has said nothing yet, which means nothing.
    Again,
    /// That of another message, which was told: the blocks of the one before are cut off.
    Another,
}

impl MessageBlocks {
    /// A message begins.
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

    /// The message says something. That begins it, if it has not begun.
    pub(super) fn note_content(&mut self, chunks: &mut ChunkWriter) {
        self.has_content = true;
        chunks.start();
    }

    /// The index that the block of an event has in the answer.
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
