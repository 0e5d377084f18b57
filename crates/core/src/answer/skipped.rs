use alloc::string::String;
use alloc::vec::Vec;

use crate::frame::EnvelopeError;
use crate::json::Json;

/// An event that cannot be used without losing content or putting it in the wrong place. It is reported once and
/// counted in `Done`; the stream goes on. Further events for something whose loss was reported, such as the deltas of
/// a tool call that could not start, are only counted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SkippedEvent {
    /// The message has no usable type.
    #[error("a message was skipped: {error}")]
    Message {
        /// What is missing or ambiguous.
        error: EnvelopeError,
    },
    /// The payload is not valid JSON for the event.
    #[error("the event `{event}` was skipped, its payload cannot be read: {reason}")]
    Payload {
        /// The event's type.
        event: String,
        /// What is wrong, and where.
        reason: String,
        /// The payload, as it was sent.
        payload: Vec<u8>,
    },
    /// The event can be read but is out of order.
    #[error("the event `{name}` was skipped: {reason}")]
    Unexpected {
        /// The event's name.
        name: String,
        /// The event, as an object with one member of that name.
        event: Json,
        /// Which rule it violates.
        reason: OrderViolation,
    },
}

/// Which rule about the order of events an event violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderViolation {
    /// A tool call or its result begins without an id.
    #[error("a tool call or its result must begin with its id")]
    MissingId,
    /// A tool delta for a block that did not start as a tool call or a tool result. Later ones in the block are only
    /// counted.
    #[error("block {block} did not begin as this tool's")]
    MissingStart {
        /// The block's index.
        block: u32,
    },
    /// The event has no block index, and the number of open blocks is not one. More such deltas are only counted.
    #[error("it names no content block, and {open} are open")]
    MissingIndex {
        /// How many blocks are open.
        open: usize,
    },
    /// The message starts or stops a second time.
    #[error("the message has begun or ended before")]
    Repeated,
    /// Content that comes after `messageStop`. More of it is only counted.
    #[error("the message has stopped before")]
    AfterStop,
    /// More content blocks are open than any model opens. Until one ends, further blocks are only counted.
    #[error("{open} content blocks are open already")]
    TooManyBlocks {
        /// How many blocks are open.
        open: usize,
    },
    /// The decoder would have to keep more than [`Limits`](crate::frame::Limits) allow.
    #[error("{held} bytes of the answer are held already, and the limit is {limit}")]
    StateLimit {
        /// About how many bytes are kept.
        held: usize,
        /// How many may be kept.
        limit: usize,
    },
}
