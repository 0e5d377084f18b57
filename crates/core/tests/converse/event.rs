//! The declared type of a message, and payloads that do not fit its event: C1 and C7.

use bedrock_stream_core::answer::{SkippedEvent, UnmodeledError};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{Event, MessageStop};
use bedrock_stream_core::frame::{EnvelopeError, Header, Value, encode};
use bedrock_stream_core::json::Json;

use super::steps::{lines, steps};
use super::wire::{decode, decode_bytes, error, message};

#[test]
fn c1_header_order_and_other_headers_do_not_matter() {
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
fn c1_without_a_message_type_the_other_header_decides() {
    let event = [(":event-type", "messageStop")];
    let bytes = message(&event, b"{}");
    assert_eq!(decode_bytes(&bytes), Ok(Event::MessageStop(MessageStop::default())));
    let exception = [(":exception-type", "throttlingException")];
    for headers in [exception.to_vec(), [event, exception].concat()] {
        let Ok(Event::Exception(exception)) = decode_bytes(&message(&headers, b"{}")) else { panic!() };
        assert_eq!(exception.name, "throttlingException");
    }
}

#[test]
fn c1_a_whole_stream_without_message_types_is_read() {
    let events = [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
    ];
    let bytes: Vec<Vec<u8>> =
        events.map(|(name, payload)| message(&[(":event-type", name)], payload.as_bytes())).into();
    let lines = lines(&steps(&bytes.concat()));
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert_eq!(lines[5], r#"{"type":"done","stop_reason":"end_turn","skipped_events":0}"#);
}

#[test]
fn c2_a_repeated_member_is_not_silently_dropped() {
    let delta = |text: &str| format!(r#""delta":{{"toolUse":{{"input":"{text}"}}}}"#);
    for (name, payload, member) in [
        ("contentBlockDelta", format!(r#"{{"contentBlockIndex":0,{},{}}}"#, delta("a"), delta("b")), "delta"),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"toolUse":{"input":"a","input":"b"}}}"#.to_owned(),
            "input",
        ),
        (
            "contentBlockStop",
            r#"{"contentBlockIndex":0,"contentBlockIndex":1}"#.to_owned(),
            "contentBlockIndex",
        ),
        ("metadata", r#"{"usage":{"inputTokens":1},"usage":{"inputTokens":2}}"#.to_owned(), "usage"),
        ("messageStop", r#"{"stopReason":"end_turn","stopReason":null}"#.to_owned(), "stopReason"),
        ("metadata", r#"{"trace":{"guardrail":{"inputAssessment":{"g":{},"g":{}}}}}"#.to_owned(), "g"),
    ] {
        let Err(SkippedEvent::Payload { reason, .. }) = decode(name, &payload) else { panic!("{payload}") };
        assert!(reason.contains(&format!("the member `{member}` is repeated")), "{reason}");
    }
    // A null member counts as absent, so a value after it is no repetition; and each member of a union is kept.
    let payload = r#"{"contentBlockIndex":0,"delta":null,"delta":{"text":"a","text":"b"}}"#;
    let Ok(Event::ContentBlockDelta(event)) = decode("contentBlockDelta", payload) else { panic!() };
    assert_eq!(event.delta.unwrap().members().len(), 2);
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
fn c1_a_message_without_a_usable_type_is_skipped() {
    let skipped = |error| Err(SkippedEvent::message(error));
    let of = |headers: &[Header<'_>]| {
        let mut bytes = Vec::new();
        encode(headers, b"{}", &mut bytes).unwrap();
        decode_bytes(&bytes)
    };
    let event = Header::string(":message-type", "event");
    let start = Header::string(":event-type", "messageStart");
    let number = |name| Header::new(name, Value::Integer(1));
    assert_eq!(of(&[]), skipped(EnvelopeError::missing(":message-type")));
    assert_eq!(of(&[number(":event-type")]), skipped(EnvelopeError::not_string(":event-type", "integer")));
    let throttled = Header::string(":exception-type", "throttlingException");
    assert_eq!(of(&[throttled, throttled]), skipped(EnvelopeError::repeated(":exception-type")));
    assert_eq!(of(&[event]), skipped(EnvelopeError::missing(":event-type")));
    assert_eq!(
        of(&[number(":message-type"), start]),
        skipped(EnvelopeError::not_string(":message-type", "integer"))
    );
    assert_eq!(
        of(&[event, number(":event-type")]),
        skipped(EnvelopeError::not_string(":event-type", "integer"))
    );
    assert_eq!(of(&[event, start, event]), skipped(EnvelopeError::repeated(":message-type")));
    assert_eq!(of(&[start, event, start]), skipped(EnvelopeError::repeated(":event-type")));
}

#[test]
fn c1_an_error_message_keeps_its_code_and_text() {
    let Ok(Event::Error(event)) = decode_bytes(&error("InternalError", "Try \u{fc}ber again")) else {
        panic!()
    };
    assert_eq!(event.code.as_deref(), Some("InternalError"));
    assert_eq!(event.message.as_deref(), Some("Try \u{fc}ber again"));
    let Ok(Event::Error(event)) = decode_bytes(&message(&[(":message-type", "error")], b"garbage")) else {
        panic!()
    };
    assert_eq!(event, UnmodeledError::default());

    // Some senders put the code and the text into the payload.
    let payload = br#"{"code":"not this","message":"in the payload","retry":1.0}"#;
    let bytes = message(&[(":message-type", "error"), (":error-code", "c")], payload);
    let Ok(Event::Error(event)) = decode_bytes(&bytes) else { panic!() };
    assert_eq!((event.code.as_deref(), event.message.as_deref()), (Some("c"), Some("in the payload")));
    assert_eq!(event.other.value("retry").unwrap().as_str(), "1.0");
}

#[test]
fn c7_an_unreadable_payload_is_skipped_and_kept_in_the_error() {
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
                Err(SkippedEvent::Payload { event, reason, payload: kept, .. }) => {
                    assert_eq!((&*event, &*kept), (name, payload));
                    assert!(!reason.is_empty());
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    for payload in ["", "[]", "1", "null", "\"text\""] {
        let result = decode("contentBlockDelta", payload);
        assert!(matches!(result, Err(SkippedEvent::Payload { .. })), "{payload}: {result:?}");
    }
}
