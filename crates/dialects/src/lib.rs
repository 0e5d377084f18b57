//! Decodes model answers from Amazon Bedrock in dialects other than Converse, without I/O, into the chunks of
//! [`bedrock_stream_core::answer`]; and encodes such chunks again.
//!
//! A *dialect* is the format of the payloads: Anthropic's Messages, OpenAI's Chat Completions and Responses, and the
//! native format of each vendor. Payloads are carried in one of two ways:
//!
//! - [`InvokeDecoder`] reads `InvokeModelWithResponseStream`: an event stream whose `chunk` messages contain payloads.
//! - [`SseDecoder`] reads server-sent events, whose `data` is a payload.
//!
//! Both implement [`Decode`](bedrock_stream_core::answer::Decode) for any [`Dialect`]. Both are built on
//! [`PayloadDecoder`], which turns payloads into chunks.
//!
//! [`encode`] writes chunks as an answer in another dialect, and [`request_body`] a request. [`request`] reads a client's request in
//! another dialect as one to Converse.
//!
//! This crate never reads a socket, a clock or a random number, and it is `no_std`, always.

#![no_std]

extern crate alloc;

mod answer;
mod chunk_headers;
mod chunk_payload;
mod decode;
mod dialect;
pub mod encode;
mod invoke;
mod payload_text;
pub mod request;
pub mod request_body;
pub mod sse;
mod sse_decoder;

pub use decode::PayloadDecoder;
pub use dialect::{Dialect, ParseDialectError};
pub use invoke::{InvokeDecoder, Payload};
pub use sse_decoder::SseDecoder;
