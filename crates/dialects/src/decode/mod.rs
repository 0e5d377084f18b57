//! From a payload of any dialect to chunks.
//!
//! [`PayloadDecoder`] is the entrance. It detects the dialect (`dialect.rs`) and hands each payload to that dialect's
//! `PayloadReader`, one file or folder each, which says to the `ChunkWriter` what begins, comes and ends. The writer has the rules
//! of Converse's chunker behind it; `ending` collects what the answer's `Done` will hold.

mod bedrock_members;
mod chat;
mod choices;
mod chunk_writer;
mod cohere;
mod completion;
mod ending;
mod failure;
mod foreign;
mod llama;
mod members;
mod merged_usage;
mod message_blocks;
mod messages;
mod mistral;
mod nova;
mod payload_decoder;
mod payload_reader;
mod responses;
#[cfg(test)]
mod scan_oracle;
#[cfg(test)]
mod steps;
mod titan;

pub use payload_decoder::PayloadDecoder;
