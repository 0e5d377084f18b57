//! OpenAI's Chat Completions.
//!
//! Source: `chat_completion_chunk.py` and `chat_completion.py` of OpenAI's SDK; OpenRouter's `reasoning_details`.

mod encoder;
mod members;
mod reasoning;
mod reasoning_member;
mod whole;

pub use encoder::ChatEncoder;
pub use reasoning_member::ReasoningMember;
