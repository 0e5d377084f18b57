use bedrock_stream_core::frame::{Message, MessageKind};

/// Whether the message is an event of ConverseStream.
pub(crate) fn is_converse_event(message: &Message<'_>) -> bool {
    let kind = message.envelope().map(|envelope| envelope.kind);
    matches!(kind, Ok(MessageKind::Event { event_type, .. }) if EVENT_TYPES.contains(&event_type))
}

/// Without `metadata`, which other services also have.
const EVENT_TYPES: [&str; 5] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"];

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::{Header, encode};

    use super::*;

    #[test]
    fn metadata_alone_does_not_identify_converse() {
        for (event_type, expected) in [("messageStop", true), ("metadata", false), ("chunk", false)] {
            let headers =
                [Header::string(":message-type", "event"), Header::string(":event-type", event_type)];
            let mut bytes = Vec::new();
            encode(&headers, b"{}", &mut bytes).expect("the message can be encoded");
            let (message, _) = Message::parse(&bytes).expect("it is valid").expect("it is whole");
            assert_eq!(is_converse_event(&message), expected, "{event_type}");
        }
    }
}
