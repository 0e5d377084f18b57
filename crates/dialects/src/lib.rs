//! The dialects besides Converse that a model's answer on Amazon Bedrock streams in, decoded without I/O into the chunks of
//! [`bedrock_stream_core::answer`].
//!
//! A *dialect* is what the payloads look like: Anthropic's Messages, OpenAI's Chat Completions and Responses, and the
//! native payloads of each vendor. A payload is carried in one of two ways:
//!
//! - [`InvokeDecoder`] reads `InvokeModelWithResponseStream`: an event stream whose `chunk` messages hold payloads.
//! - [`SseDecoder`] reads server-sent events, whose `data` is a payload.
//!
//! Both implement [`Decode`](bedrock_stream_core::answer::Decode), and both take any [`Dialect`]. [`PayloadDecoder`] is what
//! they share: one payload in, chunks out.
//!
//! This crate never reads a socket, a clock or a random number, and it is `no_std`, always.

#![no_std]

extern crate alloc;

mod answer;
mod chunk_payload;
mod decode;
mod dialect;
pub mod encode;
mod invoke;
pub mod sse;
mod sse_decoder;

pub use decode::PayloadDecoder;
pub use dialect::{Dialect, ParseDialectError};
pub use invoke::{InvokeDecoder, Payload};
pub use sse_decoder::SseDecoder;
