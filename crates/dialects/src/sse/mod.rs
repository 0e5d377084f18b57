//! Server-sent events: bytes to [`Event`]s.
//!
//! An event is some lines and an empty one. Of its fields, `data` and `event` count here; comments, `id`, `retry` and what
//! else there is are left out.
//!
//! ```text
//! event: message_stop
//! data: {"type":"message_stop"}
//!
//! ```
//!
//! [`Decoder`] takes bytes however they are split. It knows nothing of what the data is, except at the end of a stream
//! that lacks its last empty line ([`Decoder::finish`]).
//!
//! Source: the HTML Standard, "Server-sent events", "Parsing an event stream" and "Interpreting an event stream".

mod decoder;
mod error;
mod event;
mod event_reader;
mod fields;

pub use decoder::Decoder;
pub use error::Error;
pub use event::Event;
