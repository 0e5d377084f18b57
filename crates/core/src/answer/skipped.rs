use alloc::string::String;
use alloc::vec::Vec;

use crate::frame::EnvelopeError;
use crate::json::Json;

/// An event that cannot be used without losing content or putting it in the wrong place. It is told once and counted in
/// `Done`; the stream goes on. What follows for something that was lost and told, such as the deltas of a tool call that
/// could not start, is only counted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SkippedEvent {
    /// The message does not say what it is.
    #[error("a message was skipped: {error}")]
    Message {
        /// What is missing or ambiguous.
        error: EnvelopeError,
    },
    /// The payload is not the JSON that the event has.
    #[error("the event `{event}` was skipped, its payload cannot be read: {reason}")]
    Payload {
        /// The event's type.
        event: String,
        /// What is wrong, and where.
        reason: String,
        /// The payload, as it was sent.
        payload: Vec<u8>,
    },
    /// The event can be read but has no place where it stands.
    #[error("the event `{name}` was skipped: {reason}")]
    Unexpected {
        /// The event's name.
        name: String,
        /// The event, as an object with one member of that name.
        event: Json,
        /// Why it has no place.
        reason: OrderViolation,
    },
}

/// Why an event has no place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderViolation {
    /// A tool call or its result begins without an id.
    #[error("a tool call or its result must begin with its id")]
    MissingId,
    /// A tool delta for a block that did not begin as a tool's. Those that follow it in the block are only counted.
    #[error("block {block} did not begin as this tool's")]
    MissingStart {
        /// The block's index.
        block: u32,
    },
    /// The event names no block, and it is not the case that exactly one is open. More deltas of the kind are only counted.
    #[error("it names no content block, and {open} are open")]
    MissingIndex {
        /// How many blocks are open.
        open: usize,
    },
    /// The message begins or ends a second time.
    #[error("the message has begun or ended before")]
    Repeated,
    /// Content that comes after `messageStop`. More of it is only counted.
    #[error("the message has stopped before")]
    AfterStop,
    /// More content blocks are open than any model opens. Until one ends, more of them are only counted.
    #[error("{open} content blocks are open already")]
    TooManyBlocks {
        /// How many blocks are open.
        open: usize,
    },
    /// It would make the decoder keep more than [`Limits`](crate::frame::Limits) allow.
    #[error("{held} bytes of the answer are held already, and the limit is {limit}")]
    StateLimit {
        /// How many bytes are held, about.
        held: usize,
        /// How many may be.
        limit: usize,
    },
}
