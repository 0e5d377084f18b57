//! Anthropic's Messages.
//!
//! Source: `raw_*_event.py` and `message.py` of Anthropic's SDK; "Streaming messages" in Anthropic's documentation.

mod block_writer;
mod encoder;
mod pending_blocks;
mod whole;

pub use encoder::MessagesEncoder;
