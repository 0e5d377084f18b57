use alloc::collections::VecDeque;
use alloc::vec::Vec;

use bedrock_stream_core::answer::Chunk;

/// The chunks of blocks that wait for the end of the open block, since blocks of Messages never interleave.
#[derive(Debug, Default)]
pub(super) struct PendingBlocks {
    /// In the order in which they began.
    blocks: VecDeque<PendingBlock>,
    /// Roughly how many bytes they use.
    len: usize,
}

#[derive(Debug)]
struct PendingBlock {
    block: u32,
    chunks: Vec<Chunk>,
    is_ended: bool,
    len: usize,
}

impl PendingBlocks {
    /// Holds back a chunk of a block.
    pub(super) fn push(&mut self, block: u32, chunk: Chunk) {
        let len = chunk_len(&chunk);
        let open = self.blocks.iter().position(|pending| pending.block == block && !pending.is_ended);
        let is_end = matches!(chunk, Chunk::BlockEnd { .. } | Chunk::ToolCallEnd { .. });
        let position = match open {
            Some(position) => position,
            // The end of a block without content.
            None if is_end => return,
            None => {
                self.blocks.push_back(PendingBlock { block, chunks: Vec::new(), is_ended: false, len: 0 });
                self.blocks.len() - 1
            }
        };
        let pending = &mut self.blocks[position];
        pending.chunks.push(chunk);
        pending.is_ended = is_end;
        pending.len += len;
        self.len += len;
    }

    /// The chunks of the block that began first.
    pub(super) fn pop(&mut self) -> Option<Vec<Chunk>> {
        let pending = self.blocks.pop_front()?;
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
