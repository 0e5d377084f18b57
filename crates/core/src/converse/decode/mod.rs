//! From messages to chunks: [`ChunkDecoder`], which transports use, and the chunker.

mod chunk_decoder;
mod chunk_queue;
mod chunker;
mod merged_metadata;
mod open_block;

pub use chunk_decoder::ChunkDecoder;
pub use chunker::Chunker;
