//! Requests of OpenAI's Chat Completions.
//!
//! Source: `completion_create_params.py` and the types that it names, of OpenAI's SDK 3.57.0; OpenRouter's `reasoning_details`,
//! LiteLLM's `thinking_blocks`.

mod content;
mod message;
mod reasoning;
mod request;
mod tool;

pub(super) use request::read;
