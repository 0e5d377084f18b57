use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use bedrock_stream_core::answer::Chunk;

/// The chunks of blocks that wait for the end of the open block, since blocks of Messages never interleave.
#[derive(Debug, Default)]
pub(super) struct PendingBlocks {
    /// In the order in which they began.
    blocks: VecDeque<PendingBlock>,
    /// How many have been taken out, so that a block's number stays the same: its position and this.
    taken: usize,
    /// The numbers of those that are open. There may be many more that have ended.
    open: BTreeMap<u32, usize>,
    /// Roughly how many bytes they use.
    len: usize,
}

#[derive(Debug)]
struct PendingBlock {
    block: u32,
    chunks: Vec<Chunk>,
    len: usize,
}

impl PendingBlocks {
    /// Holds back a chunk of a block.
    pub(super) fn push(&mut self, block: u32, chunk: Chunk) {
        let len = chunk_len(&chunk);
        let is_end = matches!(chunk, Chunk::BlockEnd { .. } | Chunk::ToolCallEnd { .. });
        let open = if is_end { self.open.remove(&block) } else { self.open.get(&block).copied() };
        let number = match open {
            Some(number) => number,
            // The end of a block without content.
            None if is_end => return,
            None => {
                let number = self.taken + self.blocks.len();
                self.blocks.push_back(PendingBlock { block, chunks: Vec::new(), len: 0 });
                self.open.insert(block, number);
                number
            }
        };
        let pending = &mut self.blocks[number - self.taken];
        pending.chunks.push(chunk);
        pending.len += len;
        self.len += len;
    }

    /// The chunks of the block that began first.
    pub(super) fn pop(&mut self) -> Option<Vec<Chunk>> {
        let pending = self.blocks.pop_front()?;
        // Another block of the same index may have begun since this one ended.
        if self.open.get(&pending.block) == Some(&self.taken) {
            self.open.remove(&pending.block);
        }
        self.taken += 1;
        self.len -= pending.len;
        Some(pending.chunks)
    }

    /// Roughly how many bytes they use.
    pub(super) const fn len(&self) -> usize {
        self.len
    }
}

/// Roughly how many bytes a chunk uses.
fn chunk_len(chunk: &Chunk) -> usize {
    let content = match chunk {
        Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => text.len(),
        Chunk::ReasoningSignature { signature, .. } => signature.len(),
        Chunk::ReasoningRedacted { data, .. } => data.as_ref().len(),
        Chunk::ToolCallDelta { arguments_delta, .. } => arguments_delta.len(),
        Chunk::ToolCallEnd { input, .. } => input.as_str().len(),
        // Ids and names are shared with the decoder, but may outlive it.
        Chunk::ToolCallStart { id, name, .. } => id.len() + name.len(),
        Chunk::Citation { citation, .. } => {
            let mut json = Vec::new();
            crate::encode::json_writer::value(&mut json, citation);
            json.len()
        }
        _ => 0,
    };
    size_of::<Chunk>() + content
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bedrock_stream_core::answer::Chunk;

    use super::PendingBlocks;

    /// Searched for each chunk, this many blocks would take minutes.
    #[test]
    fn blocks_that_have_ended_cost_later_ones_nothing() {
        const BLOCKS: usize = 400_000;
        let mut pending = PendingBlocks::default();
        for _ in 0..BLOCKS {
            pending.push(1, Chunk::text(1, "a"));
            pending.push(1, Chunk::block_end(1));
        }
        for _ in 0..BLOCKS {
            assert_eq!(pending.pop(), Some([Chunk::text(1, "a"), Chunk::block_end(1)].into()));
        }
        assert_eq!((pending.pop(), pending.len(), pending.open.len()), (None, 0, 0));
    }

    #[test]
    fn blocks_are_told_apart_after_others_were_taken() {
        let mut pending = PendingBlocks::default();
        let text = |block| Chunk::text(block, "a");
        pending.push(1, text(1));
        pending.push(2, text(2));
        pending.push(1, Chunk::block_end(1));
        // A second block 1, after the first has ended.
        pending.push(1, text(1));
        assert_eq!(pending.pop(), Some([text(1), Chunk::block_end(1)].into()));
        pending.push(1, text(1));
        pending.push(2, text(2));
        // The end of a block without content.
        pending.push(3, Chunk::block_end(3));
        assert_eq!(pending.pop(), Some(Vec::from([text(2), text(2)])), "it is still open");
        // What comes next in it is another.
        pending.push(2, text(2));
        assert_eq!(pending.pop(), Some([text(1), text(1)].into()));
        assert_eq!(pending.pop(), Some([text(2)].into()));
        assert_eq!((pending.pop(), pending.len(), pending.open.len()), (None, 0, 0));
    }
}
