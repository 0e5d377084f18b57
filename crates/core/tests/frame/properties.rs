//! Properties of generated streams: splitting makes no difference, and a simple second decoder agrees.

use bedrock_stream_core::frame::{Header, Limits, Message, Value, encode, encode_into};
use proptest::collection::vec;
use proptest::prelude::*;

use super::model::parse_equals_model;
use super::split::split_equals_whole;
use super::wire::{crc32, framed, prelude};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_in_any_split_equal_the_one_shot_parse(
        stream in stream(), lens in vec(0_usize..80, 1..8), limit in limit(),
    ) {
        split_equals_whole(&stream, &lens, Limits::max_message_len(limit));
        parse_equals_model(&stream, limit);
    }

    #[test]
    fn any_header_block_with_valid_checksums_is_read_as_the_model_reads_it(
        block in vec(byte(), 0..80), payload in vec(any::<u8>(), 0..40), lens in vec(0_usize..40, 1..5),
    ) {
        let bytes = framed(&block, &payload);
        split_equals_whole(&bytes, &lens, Limits::default());
        parse_equals_model(&bytes, u32::MAX);
    }

    #[test]
    fn encoded_messages_decode_to_themselves(headers in headers(), payload in vec(any::<u8>(), 0..300)) {
        let headers: Vec<Header<'_>> = headers.iter().map(OwnedHeader::borrow).collect();
        let mut bytes = Vec::new();
        encode(&headers, &payload, &mut bytes).unwrap();
        let mut slice = vec![0; bytes.len()];
        prop_assert_eq!(encode_into(&headers, &payload, &mut slice), Ok(bytes.len()));
        prop_assert_eq!(&slice, &bytes);

        let (message, rest) = Message::parse(&bytes).unwrap().unwrap();
        prop_assert!(rest.is_empty());
        prop_assert!(message.headers().eq(headers.iter().copied()));
        prop_assert_eq!(message.payload(), payload);
        parse_equals_model(&bytes, u32::MAX);

        let mut again = Vec::new();
        encode(message.headers(), message.payload(), &mut again).unwrap();
        prop_assert_eq!(again, bytes);
    }
}

/// A header that owns its name and its value.
#[derive(Clone, Debug)]
pub(crate) struct OwnedHeader {
    name: String,
    value: OwnedValue,
}

#[derive(Clone, Debug)]
enum OwnedValue {
    Plain(Value<'static>),
    ByteArray(Vec<u8>),
    String(String),
}

impl OwnedHeader {
    pub(crate) fn borrow(&self) -> Header<'_> {
        let value = match &self.value {
            OwnedValue::Plain(value) => *value,
            OwnedValue::ByteArray(bytes) => Value::ByteArray(bytes),
            OwnedValue::String(text) => Value::String(text),
        };
        Header::new(&self.name, value)
    }
}

/// Headers of all ten types; names may repeat.
pub(crate) fn headers() -> impl Strategy<Value = Vec<OwnedHeader>> {
    let name = prop_oneof![
        4 => "\\PC{1,12}",
        4 => proptest::sample::select(vec![":message-type", ":event-type", "n"]).prop_map(str::to_owned),
        1 => (200_usize..=255).prop_map(|len| "n".repeat(len)),
    ];
    vec((name, value()).prop_map(|(name, value)| OwnedHeader { name, value }), 0..8)
}

fn value() -> impl Strategy<Value = OwnedValue> {
    prop_oneof![
        any::<bool>().prop_map(|value| OwnedValue::Plain(Value::Bool(value))),
        any::<i8>().prop_map(|value| OwnedValue::Plain(Value::Byte(value))),
        any::<i16>().prop_map(|value| OwnedValue::Plain(Value::Short(value))),
        any::<i32>().prop_map(|value| OwnedValue::Plain(Value::Integer(value))),
        any::<i64>().prop_map(|value| OwnedValue::Plain(Value::Long(value))),
        any::<i64>().prop_map(|value| OwnedValue::Plain(Value::Timestamp(value))),
        any::<[u8; 16]>().prop_map(|value| OwnedValue::Plain(Value::Uuid(value))),
        vec(any::<u8>(), 0..60).prop_map(OwnedValue::ByteArray),
        (16_000_usize..=16_400).prop_map(|len| OwnedValue::ByteArray(vec![0; len])),
        "\\PC{0,20}".prop_map(OwnedValue::String),
    ]
}

/// Bytes that often continue as frames do: a sequence of messages, intact, damaged or cut, and random bytes.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let message = || {
        (headers(), vec(any::<u8>(), 0..60)).prop_map(|(headers, payload)| {
            let headers: Vec<Header<'_>> = headers.iter().map(OwnedHeader::borrow).collect();
            let mut bytes = Vec::new();
            encode(&headers, &payload, &mut bytes).unwrap();
            bytes
        })
    };
    let part = prop_oneof![
        12 => message(),
        1 => (message(), any::<usize>()).prop_map(|(mut bytes, at)| {
            let at = at % bytes.len();
            bytes.truncate(at);
            bytes
        }),
        1 => (message(), any::<usize>(), 1..=255_u8).prop_map(|(mut bytes, at, flip)| {
            let at = at % bytes.len();
            bytes[at] ^= flip;
            bytes
        }),
        2 => (vec(byte(), 0..60), vec(any::<u8>(), 0..20)).prop_map(|(block, payload)| framed(&block, &payload)),
        1 => (any::<u32>(), any::<u32>()).prop_map(|(total, headers)| prelude(total, headers).to_vec()),
        1 => (0_u32..200, 0_u32..200).prop_map(|(total, headers)| prelude(total, headers).to_vec()),
        1 => vec(any::<u8>(), 0..60),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Bytes that occur in header blocks more often than others.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![4 => 0..=10_u8, 2 => Just(b'n'), 1 => any::<u8>()]
}

fn limit() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(16 + 128 * 1024 + 24 * 1024 * 1024), 1 => Just(u32::MAX), 1 => 0_u32..400]
}

#[test]
fn the_checksum_of_the_tests_agrees_with_crc32fast() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b""), 0);
}
