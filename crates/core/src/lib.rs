//! Amazon Bedrock's ConverseStream, decoded without I/O: push bytes in, pull chunks out.
//!
//! This crate never reads a socket, a clock or a random number, and it is `no_std`, always. Its modules:
//!
//! - [`frame`]: the AWS event stream framing (`application/vnd.amazon.eventstream`), for every service that uses it.
//! - `answer` (feature `converse`, as are the three below): what every decoder of an answer returns, whatever the
//!   dialect: chunks, stop reasons, usage, the assembled response and the errors.
//! - `content`: the content of a conversation: messages, content blocks, tool input, media, citations.
//! - `converse`: ConverseStream itself: messages to events to chunks, and the request types.
//! - `json`: how JSON of an open, growing API is read and written.
//!
//! The whole loop, with any source of bytes:
//!
#![cfg_attr(feature = "converse", doc = "```")]
#![cfg_attr(not(feature = "converse"), doc = "```ignore")]
//! use bedrock_stream_core::answer::Error;
//! use bedrock_stream_core::converse::ChunkDecoder;
//!
//! fn read(body: impl IntoIterator<Item = Vec<u8>>) -> Result<String, Error> {
//!     let mut decoder = ChunkDecoder::new();
//!     let mut answer = String::new();
//!     for bytes in body {
//!         decoder.push(&bytes);
//!         while let Some(chunk) = decoder.next_chunk()? {
//!             answer.push_str(chunk.as_text().unwrap_or_default());
//!         }
//!     }
//!     // The body ended. Only `finish` knows whether the answer did too. It returns `Done`; decoders of server-sent events
//!     // may also return the last text here.
//!     while let Some(chunk) = decoder.finish()? {
//!         answer.push_str(chunk.as_text().unwrap_or_default());
//!     }
//!     Ok(answer)
//! }
//!
//! fn main() {
//!     assert!(read([]).is_err(), "a stream of zero messages is incomplete");
//! }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | none | [`frame::Message::parse`], [`frame::Headers`], [`frame::encode_into`]: no allocator needed |
//! | `alloc` | `frame::Decoder`, and encoding into a `Vec` |
//! | `converse` (default, implies `alloc`) | events, chunks, responses, requests, with serde |
//! | `schemars` | `ToolSpec::of` and `JsonSchema::of`: JSON Schemas of Rust types |
//! | `std` (default) | CPU detection for the checksum, and nothing else |

#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

#[macro_use]
mod constructors;
#[cfg(feature = "converse")]
#[macro_use]
pub mod json;
#[cfg(feature = "converse")]
pub mod answer;
#[cfg(feature = "converse")]
pub mod content;
#[cfg(feature = "converse")]
pub mod converse;
mod error_kind;
pub mod frame;

pub use error_kind::ErrorKind;
