//! AWS event stream framing: bytes to [`Message`]s and back.
//!
//! One frame on the wire, all integers big-endian:
//!
//! ```text
//! u32 total length | u32 headers length | u32 prelude CRC | headers | payload | u32 message CRC
//! ```
//!
//! The prelude is verified as soon as its 12 bytes have arrived, and the message as soon as its last byte has. No
//! unverified byte is ever returned. Errors are final, since the specification requires that a stream with a bad
//! checksum be terminated.
//!
//! - [`Message::parse`] parses one message at the front of a slice, without an allocator.
//! - `Decoder` (feature `alloc`) accepts bytes however they are split.
//! - [`encode_into`] and `encode` (feature `alloc`) write a message.
//!
//! Source: the Smithy specification, "Amazon Event Stream Specification" (`amazon-eventstream`).

#[cfg(feature = "alloc")]
mod decoder;
mod encode;
mod envelope;
mod error;
mod header;
#[cfg(feature = "alloc")]
mod known_headers;
mod limits;
mod message;
mod prelude;
mod value;

#[cfg(feature = "alloc")]
pub use decoder::Decoder;
#[cfg(feature = "alloc")]
pub use encode::encode;
pub use encode::{EncodeError, encode_into};
#[cfg(feature = "converse")]
pub(crate) use envelope::{
    CONTENT_TYPE, ERROR_CODE, ERROR_MESSAGE, EVENT_TYPE, EXCEPTION_TYPE, MESSAGE_TYPE,
};
pub use envelope::{Envelope, EnvelopeError, MessageKind};
pub use error::{Error, HeaderError};
pub use header::{Header, Headers};
pub use limits::Limits;
pub use message::Message;
pub use value::Value;
