//! ConverseStream: events, chunks, the proof of completeness, the encoder, and recorded and hostile streams.

#![cfg(feature = "converse")]

mod chunk_decoder;
mod chunks;
mod completeness;
mod encoder;
mod event;
mod exception;
mod free_json;
mod hostile;
mod incidents;
mod json;
mod lent_deltas;
mod long_texts;
mod model;
mod open_shapes;
mod order;
mod properties;
mod recordings;
mod shared;
mod steps;
mod tool_input;
mod traps;
mod wire;
