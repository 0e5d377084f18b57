use bedrock_stream_core::frame::{EncodeError, Limits, Message, MessageKind, encode};

use crate::control::Control;
use crate::model::parse_equals_model;
use crate::repair::repair;
use crate::split::{Whole, split_equals_whole};

/// Damaged messages with repaired lengths and checksums, so that the damage reaches the headers. The result is that of
/// the simple model decoder, in any split, and accepted messages can be read and written back.
pub fn frame_headers(data: &[u8]) {
    let (control, stream) = Control::split(data);
    let mut stream = stream.to_vec();
    repair(&mut stream, control.bits);
    split_equals_whole(&stream, &control.lens, control.limits());
    parse_equals_model(&stream, control.limit);
    for message in Whole::parse(&stream, Limits::none()).messages {
        read(message);
    }
}

/// Reads a message through every API, and writes it back.
fn read(message: Message<'_>) {
    for header in message.headers() {
        let first = message.headers().find(|other| other.name == header.name).unwrap();
        assert_eq!(message.header(header.name), Some(first.value));
        assert_eq!(header.value.as_str().is_some(), header.value.type_name() == "string");
    }
    if let Ok(envelope) = message.envelope() {
        let string = |name| message.header(name).and_then(|value| value.as_str());
        let implied = || {
            let is_exception = string(":exception-type").is_some();
            if is_exception { Some("exception") } else { string(":event-type").map(|_| "event") }
        };
        let message_type = string(":message-type").or_else(implied);
        let expected = match envelope.kind {
            MessageKind::Event { .. } | MessageKind::InitialRequest | MessageKind::InitialResponse => "event",
            MessageKind::Exception { .. } => "exception",
            MessageKind::Error { .. } => "error",
            MessageKind::Unknown { message_type, .. } => message_type,
            other => panic!("a kind of message that this target does not know: {other:?}"),
        };
        assert_eq!(message_type, Some(expected));
    }
    assert!(!format!("{message:?}").is_empty());
    let mut again = Vec::new();
    match encode(message.headers(), message.payload(), &mut again) {
        Ok(()) => assert_eq!(again, message.as_bytes()),
        Err(EncodeError::HeaderValue { len, .. }) => assert!(len > 32_767 && again.is_empty()),
        Err(EncodeError::Headers { len, .. }) => assert!(len > 128 * 1024 && again.is_empty()),
        Err(error) => panic!("what was decoded cannot be encoded: {error}"),
    }
}
