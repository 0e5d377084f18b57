use super::named::named;

named! {
    /// The message of an answer that a fault changes.
    pub enum EventType {
        /// The `messageStart`.
        MessageStart => "message-start",
        /// The first `contentBlockStart`: the start of a tool call.
        BlockStart => "block-start",
        /// The delta in the middle of all deltas.
        Delta => "delta",
        /// The first `contentBlockStop`.
        BlockStop => "block-stop",
        /// The `messageStop`, which proves the answer complete.
        MessageStop => "message-stop",
        /// The `metadata`.
        Metadata => "metadata",
    }
}

impl EventType {
    /// The variant for an `:event-type`.
    pub(crate) fn of(event_type: &str) -> Option<Self> {
        Some(match event_type {
            "messageStart" => Self::MessageStart,
            "contentBlockStart" => Self::BlockStart,
            "contentBlockDelta" | "chunk" => Self::Delta,
            "contentBlockStop" => Self::BlockStop,
            "messageStop" => Self::MessageStop,
            "metadata" => Self::Metadata,
            _ => return None,
        })
    }
}
