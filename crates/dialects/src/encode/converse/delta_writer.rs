use alloc::vec::Vec;

use bedrock_stream_core::converse::TextDeltaKind;
use bedrock_stream_core::frame::{EncodeError, Header, encode};

use crate::encode::json_writer::{escaped, number};

/// Writes the messages of deltas, which are nearly all of an answer, as `EventEncoder` does: but without an allocation for
/// each, if the output has room.
#[derive(Debug, Default)]
pub(super) struct DeltaWriter {
    /// The last short payload; its memory is used again.
    payload: Vec<u8>,
}

impl DeltaWriter {
    /// Appends the message of a piece of text, of reasoning or of a call's arguments to `out`, which is unchanged after an
    /// error.
    pub(super) fn write(
        &mut self,
        block: u32,
        kind: TextDeltaKind,
        text: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let (before, after): (&[u8], &[u8]) = match kind {
            TextDeltaKind::Text => (b",\"delta\":{\"text\":\"", b"\"}}"),
            TextDeltaKind::ToolInput => (b",\"delta\":{\"toolUse\":{\"input\":\"", b"\"}}}"),
            TextDeltaKind::Reasoning => (b",\"delta\":{\"reasoningContent\":{\"text\":\"", b"\"}}}"),
        };
        let payload = &mut self.payload;
        payload.clear();
        payload.extend_from_slice(b"{\"contentBlockIndex\":");
        number(payload, block);
        payload.extend_from_slice(before);
        escaped(payload, text);
        payload.extend_from_slice(after);
        let encoded = encode(&HEADERS, payload, out);
        if payload.capacity() > MAX_KEPT {
            *payload = Vec::new();
        }
        encoded
    }
}

const HEADERS: [Header<'static>; 3] = [
    Header::string(":event-type", "contentBlockDelta"),
    Header::string(":content-type", "application/json"),
    Header::string(":message-type", "event"),
];
/// The most memory that is kept between two messages, in bytes.
const MAX_KEPT: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bedrock_stream_core::converse::{Event, EventEncoder, TextDelta, TextDeltaKind};
    use bedrock_stream_core::frame::Message;
    use proptest::prelude::*;

    use super::DeltaWriter;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

        #[test]
        fn a_delta_is_the_message_of_its_event(text in ".{0,40}", block in 0..200_u32, kind in 0..3_usize) {
            let kind = [TextDeltaKind::Text, TextDeltaKind::ToolInput, TextDeltaKind::Reasoning][kind];
            let event = Event::ContentBlockDelta(TextDelta { block, kind, text: text.clone() }.into());
            let (mut expected, mut written) = (Vec::new(), Vec::new());
            EventEncoder::new().encode(&event, &mut expected).unwrap();
            DeltaWriter::default().write(block, kind, &text, &mut written).unwrap();
            let (expected, _) = Message::parse(&expected).unwrap().unwrap();
            let (message, rest) = Message::parse(&written).unwrap().unwrap();
            prop_assert!(rest.is_empty());
            prop_assert!(message.headers().eq(expected.headers()));
            prop_assert_eq!(Event::decode(&message).unwrap(), event);
            // The encoders also escape what some readers take for the end of a line, and `\b` as `\u0008`.
            if !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
                prop_assert_eq!(message.payload(), expected.payload());
            }
        }
    }

    #[test]
    fn a_delta_that_is_too_long_is_an_error_and_changes_nothing() {
        let mut out = Vec::new();
        let text = "a".repeat(25 << 20);
        let mut writer = DeltaWriter::default();
        assert!(writer.write(0, TextDeltaKind::Text, &text, &mut out).is_err());
        assert!(out.is_empty());
    }
}
