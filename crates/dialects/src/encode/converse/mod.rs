//! Converse and ConverseStream.
//!
//! Source: `ConverseStreamOutput` and `ConverseResponse` in the Bedrock Runtime API.

mod encoder;
mod whole;

pub use encoder::ConverseEncoder;
