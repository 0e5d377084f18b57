//! A payload of any dialect to chunks: one file a dialect, each a state machine that reads a payload's JSON and writes
//! chunks.

mod bedrock_members;
mod chat;
mod chunk_writer;
mod cohere;
mod completion;
mod ending;
mod failure;
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

pub use payload_decoder::PayloadDecoder;
