//! What the crate offers without any feature: parsing and writing frames in memory that the caller provides.

use bedrock_stream_core::frame::{
    EncodeError, Error, Header, Limits, Message, MessageKind, Value, encode_into,
};

#[test]
fn a_message_is_written_to_a_slice_and_parsed_from_it() {
    let headers = [
        Header::string(":message-type", "event"),
        Header::string(":event-type", "chunk"),
        Header::new("count", Value::Integer(3)),
    ];
    let mut out = [0; 256];
    let len = encode_into(&headers, b"{}", &mut out).unwrap();
    assert_eq!(encode_into(&headers, b"{}", &mut []), Err(EncodeError::buffer_too_small(len, 0)));

    let (message, rest) = Message::parse(&out[..len]).unwrap().unwrap();
    assert!(rest.is_empty());
    assert!(message.headers().eq(headers));
    assert_eq!(message.header("count"), Some(Value::Integer(3)));
    assert_eq!(message.payload(), b"{}");
    assert_eq!(message.as_bytes(), &out[..len]);
    assert_eq!(message.envelope().unwrap().kind, MessageKind::event("chunk"));
}

#[test]
fn messages_are_parsed_one_after_the_other() {
    let mut out = [0; 64];
    let first = encode_into([Header::string("n", "1")], b"a", &mut out).unwrap();
    let second = encode_into([Header::string("n", "2")], b"b", &mut out[first..]).unwrap();
    let mut rest = &out[..first + second];
    let mut payloads = [0; 2];
    for payload in &mut payloads {
        let (message, after) = Message::parse(rest).unwrap().unwrap();
        *payload = message.payload()[0];
        rest = after;
    }
    assert_eq!(&payloads, b"ab");
    assert_eq!(Message::parse(rest), Ok(None));
}

#[test]
fn damage_is_refused_and_an_incomplete_message_is_none() {
    let mut out = [0; 64];
    let len = encode_into([Header::string("n", "v")], b"payload", &mut out).unwrap();
    for have in 0..len {
        assert_eq!(Message::parse(&out[..have]), Ok(None));
    }
    let limit = len as u32 - 1;
    assert_eq!(
        Message::parse_with(&out, Limits::max_message_len(limit)),
        Err(Error::too_long(0, len as u32, limit))
    );
    out[len - 6] ^= 1;
    assert!(matches!(Message::parse(&out[..len]), Err(Error::MessageChecksum { .. })));
    out[0] ^= 1;
    assert!(matches!(Message::parse(&out[..len]), Err(Error::PreludeChecksum { .. })));
}

#[test]
fn a_slice_that_is_too_small_is_not_written_to() {
    let mut out = [0xaa; 20];
    let error = encode_into([Header::string("n", "v")], b"", &mut out).unwrap_err();
    assert_eq!(error, EncodeError::buffer_too_small(22, 20));
    assert_eq!(out, [0xaa; 20]);
}
