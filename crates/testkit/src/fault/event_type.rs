use super::named::named;

named! {
    /// The message of an answer that a fault changes. Every dialect has messages with the same role; some dialects lack one of them.
    ///
    /// ```
    /// use bedrock_stream_testkit::{Conclusion, EventType, Fault};
    ///
    /// assert_eq!("drop:message-stop".parse(), Ok(Fault::Drop(EventType::MessageStop)));
    /// assert_eq!(Fault::Drop(EventType::MessageStop).conclusion(), Conclusion::Incomplete);
    /// // Without it only the usage is missing.
    /// assert_eq!(Fault::Drop(EventType::Metadata).conclusion(), Conclusion::Complete);
    /// ```
    pub enum EventType {
        /// The `messageStart`; `message_start`, `response.created`, the chunk with the role.
        MessageStart => "message-start",
        /// The first `contentBlockStart`: the start of a tool call. In Responses an `output_item.added`, in Chat Completions the chunk
        /// with the call's id.
        BlockStart => "block-start",
        /// The delta in the middle of all deltas.
        Delta => "delta",
        /// The first `contentBlockStop`; the first `output_item.done`. Chat Completions has none.
        BlockStop => "block-stop",
        /// The `messageStop`, which proves the answer complete; `message_stop`, `response.completed`, the chunk with a finish reason.
        MessageStop => "message-stop",
        /// The `metadata`; the chunk with the usage in Chat Completions. In Messages and Responses the usage comes with the proof.
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
