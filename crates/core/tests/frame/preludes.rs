//! What is checked at the prelude, and what its errors say (F1 and F5).

use bedrock_stream_core::frame::{Decoder, Error, HeaderError, Message};

use super::every_type::every_type;
use super::wire::{crc32, framed, prelude};

#[test]
fn f1_the_prelude_is_checked_at_its_twelfth_byte() {
    for (bytes, error) in bad_preludes() {
        for form in 0..2 {
            let mut decoder = Decoder::new();
            for (index, mut piece) in bytes.chunks(1).enumerate() {
                let result = if form == 0 {
                    decoder.push(piece);
                    decoder.next_message()
                } else {
                    decoder.next_from(&mut piece)
                };
                let expected = if index < 11 { Ok(None) } else { Err(error) };
                assert_eq!(result, expected, "byte {index} of {bytes:?}");
            }
            assert_eq!(decoder.finish(), Err(error));
        }
        assert_eq!(Message::parse(&bytes[..11]), Ok(None));
        assert_eq!(Message::parse(&bytes), Err(error));
    }
}

#[test]
fn f1_the_checksum_is_checked_before_the_lengths_and_those_before_the_limit() {
    let mut bytes = prelude(u32::MAX, u32::MAX);
    assert_eq!(Message::parse(&bytes), Err(Error::length(0, u32::MAX, u32::MAX, bytes)));
    bytes[11] ^= 1;
    let computed = crc32(&bytes[..8]);
    assert_eq!(Message::parse(&bytes), Err(Error::prelude_checksum(0, computed ^ 1, computed, bytes)));
}

#[test]
fn f1_a_refused_length_frees_all_memory() {
    for (bytes, error) in bad_preludes() {
        let mut decoder = Decoder::new();
        decoder.push(&bytes);
        assert_eq!(decoder.next_message(), Err(error));
        for _ in 0..1000 {
            decoder.push(&[0; 1000]);
        }
        assert_eq!(decoder.buffer_capacity(), 0);
    }
}

#[test]
fn f1_the_buffer_grows_with_the_received_bytes_and_never_past_the_message() {
    let message = framed(&[], &vec![7; 300_000]);
    for len in [1, 100, 16 * 1024] {
        let (mut pushed, mut lent) = (Decoder::new(), Decoder::new());
        let mut arrived = 0;
        for piece in message.chunks(len) {
            arrived += piece.len();
            pushed.push(piece);
            let _ = pushed.next_message().unwrap();
            let _ = lent.next_from(&mut &*piece).unwrap();
            for capacity in [pushed.buffer_capacity(), lent.buffer_capacity()] {
                // Once a sixteenth has arrived, the whole may be reserved.
                let is_reserved = 16 * arrived >= message.len();
                assert!(is_reserved || capacity <= (2 * arrived).max(512), "{capacity} after {arrived}");
                assert!(capacity <= message.len(), "{capacity} for {}", message.len());
            }
        }
    }
}

#[test]
fn f1_a_push_past_the_end_of_a_long_message_does_not_double_the_buffer() {
    let mut stream = framed(&[], &vec![7; 300_000]);
    let long = stream.len();
    stream.extend(framed(&[], &[7; 100_000]));
    let mut decoder = Decoder::new();
    for piece in stream.chunks(16 * 1024) {
        decoder.push(piece);
        while decoder.next_message().unwrap().is_some() {}
        assert!(decoder.buffer_capacity() <= long + 16 * 1024, "{}", decoder.buffer_capacity());
    }
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn f5_errors_are_final_and_count_from_the_streams_start() {
    let good = every_type();
    let mut stream = [&good[..], &good, &good].concat();
    let third = 2 * good.len();
    stream[third + 1] ^= 0x40;
    stream.extend_from_slice(&good);
    let prelude: [u8; 12] = stream[third..third + 12].try_into().unwrap();
    let error = Error::prelude_checksum(third as u64, crc32(&good[..8]), crc32(&prelude[..8]), prelude);
    let mut decoder = Decoder::new();
    decoder.push(&stream);
    assert!(decoder.next_message().unwrap().is_some());
    assert!(decoder.next_message().unwrap().is_some());
    for _ in 0..3 {
        assert_eq!(decoder.next_message(), Err(error));
        decoder.push(&good);
        let mut input = &good[..];
        assert_eq!(decoder.next_from(&mut input), Err(error));
        assert_eq!(input, good, "no input is used after an error");
        assert_eq!(decoder.finish(), Err(error));
        assert_eq!(decoder.offset(), third as u64);
    }
}

#[test]
fn f5_errors_are_small_plain_values() {
    fn plain<T: Copy + Eq + Send + Sync + std::error::Error + 'static>() -> usize {
        size_of::<T>()
    }
    assert!(plain::<Error>() <= 40, "{}", plain::<Error>());
    assert!(plain::<HeaderError>() <= 2);
}

#[test]
fn f5_parse_counts_from_its_slice() {
    let mut stream = [every_type(), every_type()].concat();
    let last = stream.len() - 1;
    stream[last] ^= 1;
    let (_, rest) = Message::parse(&stream).unwrap().unwrap();
    assert_eq!(Message::parse(rest).unwrap_err().offset(), 0);
}

#[test]
fn f5_a_prelude_error_says_what_the_bytes_look_like() {
    for (body, looks) in [
        ("<!DOCTYPE html><html>", Some("HTML or XML")),
        ("\r\n <?xml version=\"1.0\"?>", Some("HTML or XML")),
        (r#"{"message":"Too many requests"}"#, Some("JSON")),
        ("[{\"a\":1},{\"b\":2}]", Some("JSON")),
        ("event: message_start\n", Some("server-sent events")),
        ("data: {\"type\":\"x\"}\n", Some("server-sent events")),
        ("HTTP/1.1 502 Bad Gateway\r\n", Some("an HTTP response with its head")),
        ("upstream connect error", None),
    ] {
        let error = Message::parse(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::PreludeChecksum { offset: 0, prelude, .. }
            if prelude[..] == body.as_bytes()[..12]));
        assert_eq!(error.looks_like(), looks);
        let sentence = error.to_string();
        assert!(sentence.contains(&body.as_bytes()[..12].escape_ascii().to_string()), "{sentence}");
        assert_eq!(sentence.contains("look like"), looks.is_some(), "{sentence}");
    }
    let gzip = Message::parse(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x02").unwrap_err();
    assert_eq!(gzip.looks_like(), Some("gzip"));
}

/// Preludes that must be refused, and how.
fn bad_preludes() -> Vec<([u8; 12], Error)> {
    let length = |total, headers| {
        let prelude = prelude(total, headers);
        (prelude, Error::length(0, total, headers, prelude))
    };
    let too_long = |len| (prelude(len, 0), Error::too_long(0, len, 16 + 128 * 1024 + 24 * 1024 * 1024));
    let checksum = |bytes: [u8; 12]| {
        let wire = u32::from_be_bytes(bytes[8..].try_into().unwrap());
        (bytes, Error::prelude_checksum(0, wire, crc32(&bytes[..8]), bytes))
    };
    let mut flipped = prelude(100, 20);
    flipped[0] = 0xff;
    vec![
        length(0, 0),
        length(12, 0),
        length(15, 0),
        length(16, 1),
        length(100, 85),
        length(100, u32::MAX),
        length(u32::MAX, u32::MAX - 15),
        too_long(16 + 128 * 1024 + 24 * 1024 * 1024 + 1),
        too_long(u32::MAX),
        checksum(flipped),
        checksum([0; 12]),
        checksum([0xff; 12]),
        checksum(*b"<html><body>"),
    ]
}
