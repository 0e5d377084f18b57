use arbitrary::{Arbitrary, Unstructured};
use bedrock_stream_core::frame::{EncodeError, Header, Limits, Message, Value, encode, encode_into};

use crate::model::parse_equals_model;
use crate::split::split_equals_whole;

/// Any headers and any payload are encoded exactly, through every API, and decode to the same values; or they are
/// refused for the right reason, and nothing is written.
pub fn frame_round_trip(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let long = "v".repeat(40_000);
    let names: Vec<String> = input.headers.iter().map(OwnedHeader::name).collect();
    let headers: Vec<Header<'_>> = input
        .headers
        .iter()
        .zip(&names)
        .map(|(header, name)| Header::new(name, header.value.borrow(&long)))
        .collect();

    let mut bytes = b"before".to_vec();
    let mut room = vec![0xaa; usize::from(input.room)];
    let into = encode_into(&headers, &input.payload, &mut room);
    match encode(&headers, &input.payload, &mut bytes) {
        Err(error) => {
            assert_eq!(Some(error), refusal(&headers), "the reason");
            assert_eq!(bytes, b"before");
            assert_eq!(into, Err(error));
            assert!(room.iter().all(|byte| *byte == 0xaa));
            assert_eq!(encode_into(&headers, &input.payload, &mut []), Err(error));
        }
        Ok(()) => {
            assert_eq!(None, refusal(&headers), "a refusal");
            let bytes = bytes.split_off(6);
            let too_small = EncodeError::buffer_too_small(bytes.len(), 0);
            assert_eq!(encode_into(&headers, &input.payload, &mut []), Err(too_small));
            if room.len() < bytes.len() {
                assert_eq!(into, Err(EncodeError::buffer_too_small(bytes.len(), room.len())));
                assert!(room.iter().all(|byte| *byte == 0xaa));
            } else {
                assert_eq!(into, Ok(bytes.len()));
                assert_eq!(room[..bytes.len()], bytes);
                assert!(room[bytes.len()..].iter().all(|byte| *byte == 0xaa));
            }
            assert_reads_back(&bytes, &headers, &input.payload);
            let lens: Vec<usize> = input.lens.iter().map(|&len| usize::from(len)).collect();
            split_equals_whole(&bytes, &lens, Limits::default());
            parse_equals_model(&bytes, u32::MAX);
        }
    }
}

fn assert_reads_back(bytes: &[u8], headers: &[Header<'_>], payload: &[u8]) {
    let (message, rest) = Message::parse(bytes).unwrap().unwrap();
    assert!(rest.is_empty());
    assert!(message.headers().eq(headers.iter().copied()));
    assert_eq!(message.payload(), payload);
    let mut again = Vec::new();
    encode(message.headers(), message.payload(), &mut again).unwrap();
    assert_eq!(again, bytes);
}

/// Why the headers cannot be encoded, according to the limits of the specification. The payload is never too long here.
fn refusal(headers: &[Header<'_>]) -> Option<EncodeError> {
    let mut total = 0;
    for (index, header) in headers.iter().enumerate() {
        if !(1..=255).contains(&header.name.len()) {
            return Some(EncodeError::header_name(index, header.name.len()));
        }
        let (len, sized) = match header.value {
            Value::Bool(_) => (0, false),
            Value::Byte(_) => (1, false),
            Value::Short(_) => (2, false),
            Value::Integer(_) => (4, false),
            Value::Long(_) | Value::Timestamp(_) => (8, false),
            Value::Uuid(_) => (16, false),
            Value::ByteArray(bytes) => (bytes.len(), true),
            Value::String(text) => (text.len(), true),
        };
        if sized && len > 32_767 {
            return Some(EncodeError::header_value(index, len));
        }
        total += 2 + header.name.len() + len + if sized { 2 } else { 0 };
        if total > 128 * 1024 {
            return Some(EncodeError::headers(total));
        }
    }
    None
}

#[derive(Arbitrary, Debug)]
struct Input {
    /// The length of the slice to write into.
    room: u16,
    /// How the message is split for the decoder.
    lens: Vec<u8>,
    headers: Vec<OwnedHeader>,
    payload: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct OwnedHeader {
    name: String,
    /// How often the name is repeated, minus one, so that long names occur.
    more: u8,
    value: OwnedValue,
}

impl OwnedHeader {
    fn name(&self) -> String {
        self.name.repeat(1 + usize::from(self.more) % 40)
    }
}

#[derive(Arbitrary, Debug)]
enum OwnedValue {
    Bool(bool),
    Byte(i8),
    Short(i16),
    Integer(i32),
    Long(i64),
    ByteArray(Vec<u8>),
    String(String),
    Timestamp(i64),
    Uuid([u8; 16]),
    /// A string of this length, up to 40,000 bytes.
    LongString(u16),
}

impl OwnedValue {
    fn borrow<'a>(&'a self, long: &'a str) -> Value<'a> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Byte(value) => Value::Byte(*value),
            Self::Short(value) => Value::Short(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Long(value) => Value::Long(*value),
            Self::ByteArray(value) => Value::ByteArray(value),
            Self::String(value) => Value::String(value),
            Self::Timestamp(value) => Value::Timestamp(*value),
            Self::Uuid(value) => Value::Uuid(*value),
            Self::LongString(len) => Value::String(&long[..usize::from(*len).min(long.len())]),
        }
    }
}
