//! Requests of OpenAI's Responses.
//!
//! Source: `response_create_params.py` and the types that it names, of OpenAI's SDK 3.57.0.

mod content;
mod item;
mod request;
mod tool;

pub(super) use request::read;
