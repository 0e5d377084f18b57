//! OpenAI's Chat Completions.
//!
//! Source: `chat_completion_chunk.py` and `chat_completion.py` of OpenAI's SDK; OpenRouter's `reasoning_details`.

mod encoder;
mod reasoning;
#[cfg(test)]
mod tests;
mod whole;

pub use encoder::{ChatEncoder, ReasoningMember};
