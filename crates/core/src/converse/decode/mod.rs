//! From messages to chunks: the decoder that transports hold, and its two halves.

mod chunk_decoder;
mod chunk_queue;
mod chunker;
mod merged_metadata;
mod open_block;

pub use chunk_decoder::ChunkDecoder;
pub use chunker::Chunker;
