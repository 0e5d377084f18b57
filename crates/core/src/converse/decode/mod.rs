//! From messages to chunks: [`ChunkDecoder`], which transports use, and the [`Chunker`]. The chunker has every rule
//! about the order of events and about the block that each belongs to; an `open_block` turns pieces into chunks.

mod chunk_decoder;
mod chunk_queue;
mod chunker;
mod ending;
mod merged_metadata;
mod open_block;
mod state_budget;

pub use chunk_decoder::ChunkDecoder;
pub use chunker::Chunker;
