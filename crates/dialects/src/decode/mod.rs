//! Decodes payloads of any dialect into chunks.
//!
//! [`PayloadDecoder`] is the entry point. It detects the dialect (`dialect.rs`) and passes each payload to that
//! dialect's `PayloadReader`, in a file or folder of its own, which reports starts, pieces and ends to the
//! `ChunkWriter`. The writer applies the rules of Converse's chunker; `ending` collects the content of the answer's
//! `Done`.

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
mod steps;
mod titan;

pub(crate) use members::{Members, all_members_of, members_of};
pub use payload_decoder::PayloadDecoder;
