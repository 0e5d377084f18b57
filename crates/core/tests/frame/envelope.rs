//! The kind of a message, from the protocol's own headers.

use bedrock_stream_core::frame::{
    Envelope, EnvelopeError, Header, HeaderError, Limits, Message, MessageKind, Value, encode,
};

use super::shared::positives;
use super::split::Whole;

#[test]
fn specification_vectors_have_their_published_meaning() {
    for vector in positives().into_iter().flatten() {
        let Some(semantic) = &vector.semantic else { continue };
        let whole = Whole::parse(&vector.bytes, Limits::default());
        let envelope = whole.messages[0].envelope();
        let name = |name: &str| vector.name == format!("smithy_spec-{name}");
        if name("ClientErrorInput") || name("ClientUnexpectedErrorOutput") {
            // The vector's "failure" is the one that the message itself reports.
            let kind = envelope.unwrap().kind;
            assert!(matches!(kind, MessageKind::Exception { .. } | MessageKind::Error { .. }), "{kind:?}");
        } else if name("DuplexMissingMessageTypeInput") {
            // The specification requires that it be refused. Real encoders omit the header, and boto3 reads their
            // messages.
            assert!(matches!(envelope.unwrap().kind, MessageKind::Event { .. }));
        } else if name("DuplexMissingEventTypeInput") {
            assert_eq!(envelope, Err(EnvelopeError::missing(":event-type")));
        } else if name("DuplexMalformedMessageTypeInput") {
            let error = EnvelopeError::not_string(":message-type", "byte_array");
            assert_eq!(envelope, Err(error));
        } else if name("DuplexMalformedEventTypeInput") {
            let error = EnvelopeError::not_string(":event-type", "byte_array");
            assert_eq!(envelope, Err(error));
        } else {
            assert_eq!(semantic, "success", "{}", vector.name);
            let headers = vector.messages[0]["headers"].as_array().unwrap();
            let text = |name: &str| {
                headers.iter().find(|header| header[0] == name).map(|header| header[2].as_str().unwrap())
            };
            let event_type = text(":event-type").unwrap();
            let expected = Envelope::new(MessageKind::event(event_type), text(":content-type"));
            assert_eq!(envelope, Ok(expected), "{}", vector.name);
        }
    }
}

#[test]
fn published_messages_of_every_kind_are_recognized() {
    for vector in positives().into_iter().flatten() {
        let whole = Whole::parse(&vector.bytes, Limits::default());
        let envelope = whole.messages[0].envelope();
        let expected = match vector.name.as_str() {
            "botocore-error_event_message" => {
                Envelope::new(MessageKind::error(Some("code"), Some("message")), None)
            }
            "botocore-initial_response_three_chunks" => {
                Envelope::new(MessageKind::InitialResponse, Some("text/json"))
            }
            "smithy_swift-validInitialResponseMessageData" => {
                Envelope::new(MessageKind::InitialResponse, Some("application/x-amz-json-1.1"))
            }
            "smithy_typescript-exception" => {
                Envelope::new(MessageKind::exception(Some("Exception")), Some("application/octet-stream"))
            }
            "smithy_typescript-endEventMessage" => Envelope::new(MessageKind::event("End"), None),
            "aws_sdk_php-event-bedrock" => {
                assert_eq!(envelope, Err(EnvelopeError::missing(":event-type")));
                continue;
            }
            _ => continue,
        };
        assert_eq!(envelope, Ok(expected), "{}", vector.name);
    }
}

#[test]
fn every_kind_by_its_headers_in_any_order() {
    let cases: [(&[(&str, &str)], MessageKind<'_>); 13] = [
        (&[(":message-type", "event"), (":event-type", "chunk")], MessageKind::event("chunk")),
        (&[(":event-type", ""), (":message-type", "event")], MessageKind::event("")),
        (&[(":message-type", "event"), (":event-type", "initial-request")], MessageKind::InitialRequest),
        (&[(":event-type", "initial-response"), (":message-type", "event")], MessageKind::InitialResponse),
        (
            &[(":exception-type", "throttlingException"), (":message-type", "exception")],
            MessageKind::exception(Some("throttlingException")),
        ),
        (&[(":message-type", "exception")], MessageKind::exception(None)),
        (
            &[(":error-message", "m"), (":error-code", "c"), (":message-type", "error")],
            MessageKind::error(Some("c"), Some("m")),
        ),
        (&[(":message-type", "error"), (":error-code", "c")], MessageKind::error(Some("c"), None)),
        (&[(":message-type", "error")], MessageKind::error(None, None)),
        (&[(":message-type", "ping"), (":event-type", "x")], MessageKind::unknown("ping", Some("x"))),
        (&[(":message-type", "")], MessageKind::unknown("", None)),
        // The specification's names are case-sensitive.
        (&[(":message-type", "Event")], MessageKind::unknown("Event", None)),
        (
            &[("message-type", "error"), (":message-type", "exception"), (":Message-Type", "event")],
            MessageKind::exception(None),
        ),
    ];
    for (headers, kind) in cases {
        let mut list: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header::string(name, value)).collect();
        for content_type in [None, Some("application/json")] {
            list.extend(content_type.map(|value| Header::string(":content-type", value)));
            for _ in 0..list.len() {
                list.rotate_left(1);
                let bytes = encoded(&list);
                let (message, _) = Message::parse(&bytes).unwrap().unwrap();
                assert_eq!(message.envelope(), Ok(Envelope::new(kind, content_type)), "{list:?}");
            }
        }
    }
}

#[test]
fn a_message_without_headers_has_no_message_type() {
    let bytes = encoded(&[]);
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.envelope(), Err(EnvelopeError::missing(":message-type")));
}

#[test]
fn a_header_that_is_read_must_be_a_string() {
    let values = [
        Value::Bool(true),
        Value::Byte(1),
        Value::Short(1),
        Value::Integer(1),
        Value::Long(1),
        Value::ByteArray(b"event"),
        Value::Timestamp(1),
        Value::Uuid([1; 16]),
    ];
    for name in READ {
        for value in values {
            let mut headers = whole();
            headers.retain(|header| header.name != name);
            headers.push(Header::new(name, value));
            let bytes = encoded(&headers);
            let (message, _) = Message::parse(&bytes).unwrap().unwrap();
            let error = EnvelopeError::not_string(name, value.type_name());
            assert_eq!(message.envelope(), Err(error));
        }
    }
}

#[test]
fn a_header_that_is_read_must_not_be_repeated() {
    for name in READ {
        for value in ["event", "other"] {
            let mut headers = whole();
            headers.push(Header::string(name, value));
            let bytes = encoded(&headers);
            let (message, _) = Message::parse(&bytes).unwrap().unwrap();
            let error = EnvelopeError::repeated(name);
            assert_eq!(message.envelope(), Err(error), "{name}");
            assert!(error.to_string().contains(name));
        }
    }
}

#[test]
fn other_headers_may_be_of_any_type_and_repeated() {
    let mut headers = whole();
    headers.extend([Header::new("n", Value::Bool(true)), Header::new("n", Value::Long(1))]);
    headers.extend([Header::new(":date", Value::Timestamp(1)), Header::new(":date", Value::Timestamp(2))]);
    let bytes = encoded(&headers);
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.envelope().unwrap().kind, MessageKind::event("chunk"));
}

#[test]
fn error_messages_name_the_header_and_the_problem() {
    let missing = EnvelopeError::missing(":event-type");
    assert_eq!(missing.to_string(), "the message has no `:event-type` header");
    let not_string = EnvelopeError::not_string(":message-type", "uuid");
    assert_eq!(not_string.to_string(), "the message's `:message-type` header has the type uuid, not string");
    assert_eq!(HeaderError::unknown_type(10).to_string(), "its type is 10, but only 0 to 9 are defined");
}

/// One of each header that the envelope reads.
fn whole() -> Vec<Header<'static>> {
    let mut headers: Vec<Header<'_>> = READ.iter().map(|name| Header::string(name, "chunk")).collect();
    headers[0] = Header::string(READ[0], "event");
    headers
}

fn encoded(headers: &[Header<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(headers, b"{}", &mut bytes).unwrap();
    bytes
}

const READ: [&str; 2] = [":message-type", ":event-type"];

#[test]
fn an_invalid_detail_of_an_exception_or_an_error_is_left_out() {
    let exception = |details: &[Header<'static>]| {
        let mut headers = vec![Header::string(":message-type", "exception")];
        headers.extend_from_slice(details);
        headers
    };
    let named = MessageKind::exception(Some("throttlingException"));
    let nameless = MessageKind::exception(None);
    let name = Header::string(":exception-type", "throttlingException");
    let other = Header::string(":event-type", "x");
    for (headers, kind) in [
        (exception(&[name, other, other]), named),
        (exception(&[name, Header::new(":content-type", Value::Bool(true))]), named),
        (exception(&[name, name]), nameless),
        (exception(&[Header::new(":exception-type", Value::Long(1))]), nameless),
        (
            vec![
                Header::string(":message-type", "error"),
                Header::string(":error-code", "InternalError"),
                Header::new(":error-message", Value::Byte(1)),
            ],
            MessageKind::error(Some("InternalError"), None),
        ),
    ] {
        let bytes = encoded(&headers);
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert_eq!(message.envelope().map(|envelope| envelope.kind), Ok(kind));
    }
}
