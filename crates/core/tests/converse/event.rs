//! What a message says it is, and payloads that are not its event's: C1 and C7.

use bedrock_stream_core::converse::{ErrorMessage, Event, Json, MessageStop, Role, SpoiledEvent};
use bedrock_stream_core::frame::{EnvelopeError, Header, Value, encode};

use super::wire::{decode, decode_bytes, error, message};

#[test]
fn c1_the_order_of_the_headers_and_headers_that_are_not_read_mean_nothing() {
    let headers = [
        Header::new("x", Value::Bool(true)),
        Header::string(":message-type", "event"),
        Header::new("x", Value::Uuid([7; 16])),
        Header::new(":date", Value::Timestamp(1)),
        Header::string(":event-type", "messageStart"),
    ];
    for turn in 0..headers.len() {
        let mut turned = headers;
        turned.rotate_left(turn);
        let mut bytes = Vec::new();
        encode(turned, b"{\"role\":\"user\"}", &mut bytes).unwrap();
        let Ok(Event::MessageStart(start)) = decode_bytes(&bytes) else { panic!("{turn}") };
        assert_eq!(start.role, Some(Role::User));
    }
}

#[test]
fn c1_the_message_type_decides_before_the_event_type() {
    let both = [(":event-type", "messageStop"), (":exception-type", "throttlingException")];
    let bytes = message(&[&both[..], &[(":message-type", "exception")]].concat(), b"{\"message\":\"m\"}");
    let Ok(Event::Exception(exception)) = decode_bytes(&bytes) else { panic!() };
    assert_eq!((&*exception.name, exception.message.as_deref()), ("throttlingException", Some("m")));

    let bytes = message(&[&both[..], &[(":message-type", "event")]].concat(), b"{}");
    assert_eq!(decode_bytes(&bytes), Ok(Event::MessageStop(MessageStop::default())));
}

#[test]
fn c1_an_unknown_message_type_is_unknown() {
    for (headers, name) in [
        (&[(":message-type", "trailer")][..], "trailer"),
        (&[(":message-type", "trailer"), (":event-type", "messageStop")], "messageStop"),
        (&[(":message-type", "")], ""),
    ] {
        let Ok(Event::Unknown(event)) = decode_bytes(&message(headers, b"[1.0]")) else {
            panic!("{headers:?}")
        };
        assert_eq!(event.message_type.as_deref(), Some(headers[0].1));
        assert_eq!(event.name(), name);
        assert_eq!(event.payload, Some(Json::from_text("[1.0]").unwrap()));
    }
}

#[test]
fn c1_what_does_not_say_what_it_is_is_spoiled() {
    let spoiled = |error| Err(SpoiledEvent::Message { error });
    let of = |headers: &[Header<'_>]| {
        let mut bytes = Vec::new();
        encode(headers, b"{}", &mut bytes).unwrap();
        decode_bytes(&bytes)
    };
    let event = Header::string(":message-type", "event");
    let start = Header::string(":event-type", "messageStart");
    let number = |name| Header::new(name, Value::Integer(1));
    assert_eq!(of(&[]), spoiled(EnvelopeError::Missing { name: ":message-type" }));
    assert_eq!(of(&[start]), spoiled(EnvelopeError::Missing { name: ":message-type" }));
    assert_eq!(of(&[event]), spoiled(EnvelopeError::Missing { name: ":event-type" }));
    assert_eq!(
        of(&[number(":message-type"), start]),
        spoiled(EnvelopeError::NotString { name: ":message-type", type_name: "integer" })
    );
    assert_eq!(
        of(&[event, number(":event-type")]),
        spoiled(EnvelopeError::NotString { name: ":event-type", type_name: "integer" })
    );
    assert_eq!(of(&[event, start, event]), spoiled(EnvelopeError::Repeated { name: ":message-type" }));
    assert_eq!(of(&[start, event, start]), spoiled(EnvelopeError::Repeated { name: ":event-type" }));
}

#[test]
fn c1_an_error_message_has_its_code_and_its_text() {
    let Ok(Event::Error(event)) = decode_bytes(&error("InternalError", "Try \u{fc}ber again")) else {
        panic!()
    };
    assert_eq!(event.code.as_deref(), Some("InternalError"));
    assert_eq!(event.message.as_deref(), Some("Try \u{fc}ber again"));
    let Ok(Event::Error(event)) = decode_bytes(&message(&[(":message-type", "error")], b"garbage")) else {
        panic!()
    };
    assert_eq!(event, ErrorMessage::default());

    // Some senders put it into the payload.
    let payload = br#"{"code":"not this","message":"in the payload","retry":1.0}"#;
    let bytes = message(&[(":message-type", "error"), (":error-code", "c")], payload);
    let Ok(Event::Error(event)) = decode_bytes(&bytes) else { panic!() };
    assert_eq!((event.code.as_deref(), event.message.as_deref()), (Some("c"), Some("in the payload")));
    assert_eq!(event.other.value("retry").unwrap().as_str(), "1.0");
}

#[test]
fn c7_a_payload_that_is_not_the_events_json_is_spoiled_and_kept() {
    for name in [
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
        "later",
    ] {
        for payload in
            [&b"{"[..], b"{}}", b"{} {}", b"not", b"{\"a\":\xff}", b"{\"a\":01}", b"\xef\xbb\xbf{}"]
        {
            let bytes = message(&[(":message-type", "event"), (":event-type", name)], payload);
            match decode_bytes(&bytes) {
                Err(SpoiledEvent::Payload { event, reason, payload: kept }) => {
                    assert_eq!((&*event, &*kept), (name, payload));
                    assert!(!reason.is_empty());
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    for payload in ["", "[]", "1", "null", "\"text\""] {
        let result = decode("contentBlockDelta", payload);
        assert!(matches!(result, Err(SpoiledEvent::Payload { .. })), "{payload}: {result:?}");
    }
}
