//! Every published vector yields the values or the refusal that F1 to F6 require, in every split and every form.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bedrock_stream_core::frame::{EncodeError, Error, HeaderError, Limits, Message, Value, encode};
use serde_json::{Value as Json, json};

use super::shared::{Negative, negatives, positives};
use super::split::{Form, Whole, split_equals_whole};
use super::wire::{crc32, prelude};

#[test]
fn positive_vectors_yield_their_values() {
    for vector in positives().into_iter().flatten() {
        let whole = Whole::parse(&vector.bytes, Limits::default());
        assert_eq!(whole.end, Ok(()), "{}", vector.name);
        assert_eq!(whole.messages.len(), vector.messages.len(), "{}", vector.name);
        for (message, expected) in whole.messages.iter().zip(&vector.messages) {
            assert_eq!(headers_json(*message), expected["headers"], "{}", vector.name);
            assert_eq!(
                BASE64_STANDARD.encode(message.payload()),
                expected["payload"].as_str().unwrap(),
                "{}",
                vector.name
            );
            assert_eq!(expected["total_length"], message.as_bytes().len(), "{}", vector.name);
        }
    }
}

#[test]
fn f7_positive_vectors_are_the_same_in_every_split() {
    for vector in positives().into_iter().flatten() {
        for len in lens(vector.bytes.len()) {
            split_equals_whole(&vector.bytes, &[len], Limits::default());
        }
    }
}

#[test]
fn positive_vectors_with_trailing_bytes() {
    let tails: [(&[u8], EndAt); 4] = [
        (b"\0\0\0\x10\0\0", |offset| Err(Error::truncated(offset, 6, 12))),
        (&prelude(17, 0), |offset| Err(Error::truncated(offset, 12, 17))),
        (b"<!DOCTYPE html>", |offset| {
            let (wire, computed) = (u32::from_be_bytes(*b"E ht"), crc32(b"<!DOCTYP"));
            Err(Error::prelude_checksum(offset, wire, computed, *b"<!DOCTYPE ht"))
        }),
        (EMPTY_MESSAGE, |_| Ok(())),
    ];
    for vector in positives().into_iter().flatten() {
        for (tail, end) in &tails {
            let bytes = [&vector.bytes, *tail].concat();
            let whole = Whole::parse(&bytes, Limits::default());
            let more = usize::from(*tail == EMPTY_MESSAGE);
            assert_eq!(whole.messages.len(), vector.messages.len() + more, "{}", vector.name);
            assert_eq!(whole.end, end(vector.bytes.len() as u64), "{}", vector.name);
            for len in lens(bytes.len()) {
                split_equals_whole(&bytes, &[len], Limits::default());
            }
            if vector.messages.len() == 1 {
                let (message, rest) = Message::parse(&bytes).unwrap().unwrap();
                assert_eq!((message.as_bytes(), rest), (&vector.bytes[..], *tail), "{}", vector.name);
            }
        }
    }
}

#[test]
fn f8_positive_vectors_are_encoded_to_the_same_bytes() {
    for vector in positives().into_iter().flatten() {
        let mut bytes = Vec::new();
        for message in Whole::parse(&vector.bytes, Limits::default()).messages {
            encode(message.headers(), message.payload(), &mut bytes).unwrap();
        }
        assert_eq!(bytes, vector.bytes, "{}", vector.name);
    }
}

#[test]
fn negative_vectors_yield_their_refusal() {
    for vector in negatives().into_iter().flatten() {
        let whole = Whole::parse(&vector.bytes, Limits::default());
        let (messages, end) = expected(&vector);
        assert_eq!(whole.end, end, "{}", vector.name);
        assert_eq!(whole.messages.len(), messages, "{}", vector.name);
    }
}

#[test]
fn f7_negative_vectors_are_the_same_in_every_split() {
    for vector in negatives().into_iter().flatten() {
        let whole = Whole::parse(&vector.bytes, Limits::default());
        for len in lens(vector.bytes.len()) {
            for form in Form::ALL {
                // Byte by byte, 24 MiB in four forms takes minutes without optimization.
                if len > 1 || vector.bytes.len() < LONG || matches!(form, Form::Push | Form::Borrow) {
                    whole.assert_same_in_pieces(&vector.bytes, &[len], Limits::default(), form);
                }
            }
        }
    }
}

#[test]
fn negative_vectors_with_trailing_bytes() {
    for vector in negatives().into_iter().flatten() {
        let (messages, end) = expected(&vector);
        if matches!(end, Err(Error::Truncated { .. })) {
            continue; // The following bytes belong to the same message.
        }
        let bytes = [&vector.bytes, EMPTY_MESSAGE].concat();
        let whole = Whole::parse(&bytes, Limits::default());
        assert_eq!(whole.end, end, "{}", vector.name);
        assert_eq!(whole.messages.len(), messages + usize::from(end.is_ok()), "{}", vector.name);
        for len in lens(bytes.len()).into_iter().skip_while(|len| bytes.len() > LONG && *len == 1) {
            split_equals_whole(&bytes, &[len], Limits::default());
        }
    }
}

#[test]
fn f3_vectors_refused_by_other_policies_are_accepted_with_their_values() {
    for vector in negatives().into_iter().flatten() {
        let whole = Whole::parse(&vector.bytes, Limits::default());
        match vector.name.as_str() {
            "botocore-duplicate_header" => {
                let test = json!(["test", "integer", 1_634_952_294]);
                assert_eq!(headers_json(whole.messages[0]), json!([test, test]));
                assert_eq!(whole.messages[0].header("test"), Some(Value::Integer(1_634_952_294)));
            }
            "smithy_python-invalid_header_value_length" => {
                let value = whole.messages[0].header("too-long").unwrap();
                assert_eq!(value, Value::ByteArray(&[b'0'; 32_768]));
                let refused = encode(whole.messages[0].headers(), b"", &mut Vec::new());
                assert_eq!(refused, Err(EncodeError::header_value(0, 32_768)));
            }
            "smithy_python-invalid_payload_length" => {
                assert_eq!(whole.messages[0].payload().len(), 16 * 1024 * 1024 + 1);
            }
            _ => {}
        }
    }
}

/// One byte, eleven other lengths, and the whole stream.
fn lens(whole: usize) -> [usize; 13] {
    if whole < LONG {
        [1, 2, 3, 5, 7, 11, 12, 13, 16, 64, 1000, 16 * 1024, whole]
    } else {
        [1, 61, 100, 1000, 4096, 8191, 16 * 1024, 60_000, 64 * 1024, 1_000_000, 1 << 20, 10_000_000, whole]
    }
}

/// How many messages a negative vector has before its end, and how it ends: according to its `strict_crc_first` line if
/// F1 to F6 agree with that, otherwise according to F1 to F6.
fn expected(vector: &Negative) -> (usize, Result<(), Error>) {
    let words: Vec<&str> = vector.verdict.split(' ').collect();
    let number = |word: &str| -> u32 {
        match word.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).unwrap(),
            None => word.parse().unwrap(),
        }
    };
    let twelve = || vector.bytes[..12].try_into().unwrap();
    let have = vector.bytes.len() as u32;
    let error = match words[..] {
        ["OK(!)"] | ["DuplicateHeader", _] | ["HeaderValueTooLong", _] => return (1, Ok(())),
        ["PreludeCrc", "wire", wire, "computed", computed] => {
            Error::prelude_checksum(0, number(wire), number(computed), twelve())
        }
        ["MessageCrc", "wire", wire, "computed", computed] => {
            Error::message_checksum(0, number(wire), number(computed))
        }
        ["HeadersLengthOutOfRange", headers, ">", room] => {
            Error::length(0, number(room) + 16, number(headers), twelve())
        }
        ["MessageTooShort", total] => Error::length(0, number(total), 0, twelve()),
        ["HeadersLimit", _] => Error::header(0, 12, HeaderError::EmptyName),
        ["PayloadLimit", payload] => Error::truncated(0, have, number(payload) + 16),
        ["Incomplete", "need", need, "have", wire] => {
            assert_eq!(number(wire), have);
            Error::truncated(0, have, number(need))
        }
        _ => panic!("{}: what is {:?}?", vector.name, vector.verdict),
    };
    (0, Err(error))
}

/// The headers in the notation of the vectors' files.
fn headers_json(message: Message<'_>) -> Json {
    let header = |name: &str, value: Value<'_>| match value {
        Value::Bool(bool) => json!([name, format!("bool_{bool}"), bool]),
        Value::Byte(byte) => json!([name, "byte", byte]),
        Value::Short(short) => json!([name, "short", short]),
        Value::Integer(integer) => json!([name, "integer", integer]),
        Value::Long(long) => json!([name, "long", long]),
        Value::ByteArray(bytes) => json!([name, "byte_array", BASE64_STANDARD.encode(bytes)]),
        Value::String(text) => json!([name, "string", text]),
        Value::Timestamp(millis) => json!([name, "timestamp", millis]),
        Value::Uuid(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            json!([name, "uuid", parts.join("-")])
        }
    };
    message.headers().map(|found| header(found.name, found.value)).collect()
}

/// How a stream ends whose incomplete rest starts at this offset.
type EndAt = fn(u64) -> Result<(), Error>;

/// In bytes. Vectors of this length and more are cut into longer pieces.
const LONG: usize = 4 * 1024 * 1024;
/// The smallest message: no headers, no payload.
const EMPTY_MESSAGE: &[u8] = b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff";
