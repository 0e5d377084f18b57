//! What the benchmarks decode, and the decoders they compare.

mod corpus;
mod decoders;

pub use corpus::Corpus;
pub use decoders::{assemble, checksum_only, chunks, frames, frames_bytewise, reads, smithy_frames};
