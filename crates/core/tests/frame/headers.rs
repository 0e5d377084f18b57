//! Headers (F3).

use bedrock_stream_core::frame::{Error, Header, HeaderError, Limits, Message, Value, encode};

use super::every_type::every_type;
use super::model::parse_equals_model;
use super::split::split_equals_whole;
use super::wire::{framed, header};

#[test]
fn f3_all_ten_types_have_their_values() {
    let bytes = every_type();
    let (message, rest) = Message::parse(&bytes).unwrap().unwrap();
    assert!(rest.is_empty());
    let values: Vec<(&str, Value<'_>)> = message.headers().map(|found| (found.name, found.value)).collect();
    assert_eq!(
        values,
        [
            ("a", Value::Bool(true)),
            ("b", Value::Bool(false)),
            ("c", Value::Byte(-2)),
            ("d", Value::Short(-3)),
            ("e", Value::Integer(-4)),
            ("f", Value::Long(-5)),
            ("g", Value::ByteArray(b"\xff\0")),
            ("h", Value::String("\u{e9}")),
            ("i", Value::Timestamp(-6)),
            ("j", Value::Uuid(*b"0123456789abcdef")),
        ]
    );
    let names: Vec<&str> = values.iter().map(|(_, value)| value.type_name()).collect();
    assert_eq!(
        names,
        ["bool", "bool", "byte", "short", "integer", "long", "byte_array", "string", "timestamp", "uuid"]
    );
    assert_eq!(message.payload(), b"payload");
}

#[test]
fn f3_every_other_type_is_refused() {
    for code in 10..=255 {
        let bytes = framed(&[header(b"a", 0, &[]), header(b"b", code, &[0; 16])].concat(), b"");
        let error = HeaderError::unknown_type(code);
        assert_eq!(Message::parse(&bytes), Err(Error::header(0, 15, error)));
    }
}

#[test]
fn f3_names_have_1_to_255_bytes_of_utf_8() {
    for len in [1, 2, 127, 128, 254, 255] {
        let name = "n".repeat(len);
        let bytes = framed(&header(name.as_bytes(), 0, &[]), b"");
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert_eq!(message.header(&name), Some(Value::Bool(true)));
    }
    for (name, error) in [
        (&b""[..], HeaderError::EmptyName),
        (b"\xff", HeaderError::NameNotUtf8),
        (b"\xc3", HeaderError::NameNotUtf8),
        (b"\xed\xa0\x80", HeaderError::NameNotUtf8),
    ] {
        let bytes = framed(&header(name, 0, &[]), b"");
        assert_eq!(Message::parse(&bytes), Err(Error::header(0, 12, error)));
    }
}

#[test]
fn f3_string_values_are_utf_8_and_byte_arrays_are_anything() {
    for value in [&b"\x00\x01\xff"[..], b"\x00\x02\xc3\x28", b"\x00\x03\xed\xa0\x80", b"\x00\x01\x80"] {
        let bytes = framed(&header(b"a", 7, value), b"");
        let error = HeaderError::ValueNotUtf8;
        assert_eq!(Message::parse(&bytes), Err(Error::header(0, 12, error)));
        let bytes = framed(&header(b"a", 6, value), b"");
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert_eq!(message.header("a"), Some(Value::ByteArray(&value[2..])));
    }
}

#[test]
fn f3_empty_values_are_accepted() {
    let bytes = framed(&[header(b"a", 6, &[0, 0]), header(b"b", 7, &[0, 0])].concat(), b"");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.header("a"), Some(Value::ByteArray(b"")));
    assert_eq!(message.header("b"), Some(Value::String("")));
}

#[test]
fn f3_values_may_fill_the_block_and_blocks_may_exceed_128_kib() {
    let long = [&[0xff, 0xff][..], &[b'x'; 65_535]].concat();
    let block = [header(b"a", 7, &long), header(b"b", 6, &long), header(b"c", 7, &long)].concat();
    assert!(block.len() > 128 * 1024);
    let bytes = framed(&block, b"payload");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.headers().count(), 3);
    assert_eq!(message.header("c").and_then(Value::as_str).map(str::len), Some(65_535));
    split_equals_whole(&bytes, &[1000], Limits::default());
}

#[test]
fn f3_a_header_never_reads_past_its_block() {
    // The payload contains the bytes that the cut header lacks: a decoder that only checks for the end of the message
    // would read them from there.
    let bytes = every_type();
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    let starts: Vec<usize> = message
        .headers()
        .scan(0, |at, found| {
            let start = *at;
            *at += framed_len(found) - 16;
            Some(start)
        })
        .collect();
    let block = &bytes[12..bytes.len() - 4 - b"payload".len()];
    for len in 0..=block.len() {
        let cut = framed(&block[..len], &[b'1'; 70_000]);
        let expected = match starts.iter().rfind(|start| **start < len) {
            _ if starts.contains(&len) || len == block.len() => None,
            Some(start) => Some(Error::header(0, 12 + *start as u32, HeaderError::Overrun)),
            None => None,
        };
        assert_eq!(Message::parse(&cut).err(), expected, "a block of {len} bytes");
        parse_equals_model(&cut, u32::MAX);
    }
}

#[test]
fn f3_repeated_names_are_kept_and_lookup_returns_the_first() {
    let block = [header(b"a", 2, &[1]), header(b"b", 0, &[]), header(b"a", 2, &[2])].concat();
    let bytes = framed(&block, b"");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.headers().filter(|found| found.name == "a").count(), 2);
    assert_eq!(message.header("a"), Some(Value::Byte(1)));
    assert_eq!(message.header("c"), None);
}

/// The length of a message with only this header.
fn framed_len(header: Header<'_>) -> usize {
    let mut bytes = Vec::new();
    encode([header], b"", &mut bytes).unwrap();
    bytes.len()
}
