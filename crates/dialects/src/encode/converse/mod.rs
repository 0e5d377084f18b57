//! Converse and ConverseStream.
//!
//! Source: `ConverseStreamOutput` and `ConverseResponse` in the Bedrock Runtime API.

mod delta_writer;
mod encoder;
mod whole;

pub use encoder::ConverseEncoder;
