use super::named::named;

named! {
    /// Which message of an answer a fault concerns.
    pub enum EventType {
        /// The `messageStart`.
        MessageStart => "message-start",
        /// The first `contentBlockStart`: where a tool call begins.
        BlockStart => "block-start",
        /// The delta in the middle of all deltas.
        Delta => "delta",
        /// The first `contentBlockStop`.
        BlockStop => "block-stop",
        /// The `messageStop`, before which nothing is complete.
        MessageStop => "message-stop",
        /// The `metadata`.
        Metadata => "metadata",
    }
}

impl EventType {
    /// What a message of this event type is.
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
