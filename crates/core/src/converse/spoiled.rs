use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::event::Event;
use crate::frame::EnvelopeError;

/// An event that cannot be used without losing content or putting it in the wrong place. It is told once and counted in
/// `Done`; the stream goes on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpoiledEvent {
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
    #[error("the event `{}` was skipped: {reason}", event.name())]
    Unexpected {
        /// The event.
        event: Box<Event>,
        /// Why it has no place.
        reason: Misplaced,
    },
}

/// Why an event has no place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misplaced {
    /// A tool call or its result begins without an id, or a tool call without a name.
    #[error("a tool call or its result must begin with its id, a tool call also with its name")]
    Anonymous,
    /// A tool delta for a block that did not begin as a tool's.
    #[error("block {block} did not begin as this tool's")]
    NoStart {
        /// The block's index.
        block: u32,
    },
    /// The event names no block, and it is not the case that exactly one is open.
    #[error("it names no content block, and {open} are open")]
    NoIndex {
        /// How many blocks are open.
        open: usize,
    },
    /// The message begins or ends a second time.
    #[error("the message has begun or ended before")]
    Repeated,
    /// More content blocks are open than any model opens.
    #[error("{open} content blocks are open already")]
    TooManyBlocks {
        /// How many blocks are open.
        open: usize,
    },
    /// The arguments of the tool calls that are open are longer than any model makes them.
    #[error("{held} bytes of tool arguments are held already")]
    TooManyArguments {
        /// How long they are without this piece, in bytes.
        held: usize,
    },
    /// More metadata came than Bedrock sends.
    #[error("{count} metadata came already")]
    TooManyMetadata {
        /// How many came.
        count: u32,
    },
}
