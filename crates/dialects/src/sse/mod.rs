//! Server-sent events: bytes to [`Event`]s.
//!
//! An event consists of lines and ends with a blank line. Only its fields `data` and `event` are read; comments, `id`,
//! `retry` and other fields are ignored.
//!
//! ```text
//! event: message_stop
//! data: {"type":"message_stop"}
//!
//! ```
//!
//! [`Decoder`] accepts bytes however they are split. It does not interpret the data, except at the end of a stream
//! whose last blank line is missing ([`Decoder::finish`]).
//!
//! Source: the HTML Standard, "Server-sent events", "Parsing an event stream" and "Interpreting an event stream".

mod block;
mod decoder;
mod error;
mod event;
mod event_reader;
mod fields;

pub use decoder::Decoder;
pub use error::Error;
pub use event::Event;
