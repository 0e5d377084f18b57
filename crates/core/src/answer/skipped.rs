use alloc::string::String;
use alloc::vec::Vec;

use crate::frame::EnvelopeError;
use crate::json::Json;

/// An event that could not be used without losing content or putting it in the wrong place. It is reported once and
/// counted in `Done`; the stream continues. Once a loss has been reported, further events that belong to it, such as
/// the deltas of a tool call that could not start, are only counted.
///
/// ```
/// use bedrock_stream_core::answer::{Error, SkippedEvent};
/// use bedrock_stream_core::converse::ChunkDecoder;
/// use bedrock_stream_core::frame::{Header, encode};
///
/// let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "contentBlockDelta")];
/// let mut bytes = Vec::new();
/// encode(&headers, b"{not JSON", &mut bytes)?;
///
/// let mut decoder = ChunkDecoder::new();
/// decoder.push(&bytes);
/// let error = loop {
///     match decoder.next_chunk() {
///         Ok(Some(_)) => {}
///         Ok(None) => panic!("the event was not skipped"),
///         Err(error) => break error,
///     }
/// };
/// assert!(!error.is_final(), "the stream continues");
/// let Error::Skipped(skipped) = error else { panic!("{error}") };
/// assert!(matches!(skipped, SkippedEvent::Payload { event, .. } if event == "contentBlockDelta"));
/// # Ok::<(), bedrock_stream_core::frame::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SkippedEvent {
    /// The message has no usable type.
    #[error("a message was skipped: {error}")]
    #[non_exhaustive]
    Message {
        /// What is missing or ambiguous.
        error: EnvelopeError,
    },
    /// The payload is not valid JSON for the event.
    #[error("the event `{event}` was skipped, its payload cannot be read: {reason}")]
    #[non_exhaustive]
    Payload {
        /// The event's type.
        event: String,
        /// What is wrong, and where.
        reason: String,
        /// The payload, as it was sent.
        payload: Vec<u8>,
    },
    /// The event can be read, but is out of order.
    #[error("the event `{name}` was skipped: {reason}")]
    #[non_exhaustive]
    Unexpected {
        /// The event's name.
        name: String,
        /// The event, as an object with one member of that name; `null` where the error before this one, about another part
        /// of the same event, has it.
        event: Json,
        /// Which rule it violates.
        reason: OrderViolation,
    },
}

impl SkippedEvent {
    /// A message has no usable type.
    #[must_use]
    pub const fn message(error: EnvelopeError) -> Self {
        Self::Message { error }
    }

    /// An event's payload cannot be read.
    #[must_use]
    pub fn payload(event: impl Into<String>, reason: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self::Payload { event: event.into(), reason: reason.into(), payload: payload.into() }
    }

    /// An event is out of order; `event` is an object with one member of that name.
    #[must_use]
    pub fn unexpected(name: impl Into<String>, event: Json, reason: OrderViolation) -> Self {
        Self::Unexpected { name: name.into(), event, reason }
    }
}

/// Which rule about the order of events an event violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderViolation {
    /// A tool call or its result begins without an id.
    #[error("a tool call or its result must begin with its id")]
    MissingId,
    /// A tool delta belongs to a block that did not start as a tool call or a tool result. Later ones in the block are
    /// only counted.
    #[error("block {block} did not start as a tool call or a tool result")]
    #[non_exhaustive]
    MissingStart {
        /// The block's index.
        block: u32,
    },
    /// The event has no block index, and the number of open blocks is not one. More such deltas are only counted.
    #[error("it names no content block, and {open} are open")]
    #[non_exhaustive]
    MissingIndex {
        /// How many blocks are open.
        open: usize,
    },
    /// The message starts or stops a second time.
    #[error("the message has already started or stopped")]
    Repeated,
    /// Content came after `messageStop`. Further content is only counted.
    #[error("the message has already stopped")]
    AfterStop,
    /// It repeats a text as a whole, as `response.output_text.done` does in Responses, and the pieces before it said something else: some
    /// of them were lost, or came in another order. What was written stays, and of each item only the first such event is reported.
    #[error("it repeats the text, and the pieces before it were another")]
    Contradiction,
    /// More content blocks are open than any model uses. Until one ends, further blocks are only counted.
    #[error("{open} content blocks are open already")]
    #[non_exhaustive]
    TooManyBlocks {
        /// How many blocks are open.
        open: usize,
    },
    /// The decoder would have to keep more than [`Limits`](crate::frame::Limits) allow.
    #[error("the decoder keeps {held} bytes of the answer already, and the limit is {limit}")]
    #[non_exhaustive]
    StateLimit {
        /// Roughly how many bytes are kept.
        held: usize,
        /// How many may be kept.
        limit: usize,
    },
}

constructors! {
    impl OrderViolation {
        missing_start => MissingStart { block: u32 },
        missing_index => MissingIndex { open: usize },
        too_many_blocks => TooManyBlocks { open: usize },
        state_limit => StateLimit { held: usize, limit: usize },
    }
}
