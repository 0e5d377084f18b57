//! ConverseStream: events, chunks, the proof of completeness, the encoder, and recorded and hostile streams.

#![cfg(feature = "converse")]

mod chunk_decoder;
mod chunker;
mod encoder;
mod event;
mod hostile;
mod json;
mod model;
mod properties;
mod recordings;
mod shared;
mod steps;
mod traps;
mod wire;
