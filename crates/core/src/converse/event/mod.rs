//! The events of ConverseStream, read from messages and written as messages. `delta_ref`, `delta_scan` and `block_scan` read the
//! most common ones without serde.

mod block_events;
mod block_scan;
mod delta_ref;
mod delta_scan;
mod event;
mod event_encoder;
mod message_events;
mod metadata;
mod unknown_event;

pub use block_events::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, ImageStart, ReasoningDelta,
    ToolResultStart, ToolUseDelta, ToolUseStart,
};
pub(crate) use delta_ref::{DeltaRef, PlainDelta};
pub(crate) use delta_scan::scan_delta;
#[doc(hidden)]
pub use delta_scan::{PADDING, TextDelta, TextDeltaKind};
pub(crate) use event::CONTENT_BLOCK_START;
pub use event::Event;
pub use event_encoder::{EncodeEventError, EventEncoder};
pub use message_events::{MessageStart, MessageStop};
pub use metadata::Metadata;
pub use unknown_event::UnknownEvent;
