//! Requests of Anthropic's Messages.
//!
//! Source: `message_create_params.py` and the types that it names, of Anthropic's SDK 2.14.0.

mod citation;
mod content;
mod request;
mod source;
mod tool;
mod tool_result;

pub(super) use request::{THREAD, read, read_to_count};
