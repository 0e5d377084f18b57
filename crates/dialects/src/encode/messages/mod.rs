//! Anthropic's Messages.
//!
//! Source: `raw_*_event.py` and `message.py` of Anthropic's SDK; "Streaming messages" in Anthropic's documentation.

mod encoder;
mod held;
#[cfg(test)]
mod tests;
mod whole;

pub use encoder::MessagesEncoder;
