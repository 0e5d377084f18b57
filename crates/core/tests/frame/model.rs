//! A second decoder, written from the specification and the rules F1 to F4 as simply as possible, as a reference for
//! the crate's own.

use bedrock_stream_core::frame::{Error, HeaderError, Limits, Message, Value};

use super::wire::crc32;

/// Asserts that the one-shot parse of a whole stream returns the model's messages and error.
pub(crate) fn parse_equals_model(input: &[u8], max_message_len: u32) {
    let whole = super::split::Whole::parse(input, Limits::max_message_len(max_message_len));
    let model = decode(input, max_message_len);
    assert_eq!(whole.messages.len(), model.messages.len());
    for (message, model) in whole.messages.iter().zip(&model.messages) {
        assert_same(*message, model);
    }
    assert_eq!(whole.end, model.end);
}

/// A message, as read by the model.
struct ModelMessage<'a> {
    headers: Vec<ModelHeader<'a>>,
    payload: &'a [u8],
    bytes: &'a [u8],
}

/// A header: its name, its type and the bytes of its value without their length field.
struct ModelHeader<'a> {
    name: &'a [u8],
    code: u8,
    value: &'a [u8],
}

struct Model<'a> {
    messages: Vec<ModelMessage<'a>>,
    end: Result<(), Error>,
}

fn assert_same(message: Message<'_>, model: &ModelMessage<'_>) {
    assert_eq!(message.as_bytes(), model.bytes);
    assert_eq!(message.payload(), model.payload);
    let mut headers = message.headers();
    for expected in &model.headers {
        let header = headers.next().expect("the model has this header");
        assert_eq!(header.name.as_bytes(), expected.name);
        assert_eq!(wire_value(header.value), (expected.code, expected.value.to_vec()));
    }
    assert_eq!(headers.next(), None);
    assert_eq!(headers.next(), None);
}

/// The type and the value's bytes, without their length field.
fn wire_value(value: Value<'_>) -> (u8, Vec<u8>) {
    match value {
        Value::Bool(true) => (0, vec![]),
        Value::Bool(false) => (1, vec![]),
        Value::Byte(byte) => (2, byte.to_be_bytes().to_vec()),
        Value::Short(short) => (3, short.to_be_bytes().to_vec()),
        Value::Integer(integer) => (4, integer.to_be_bytes().to_vec()),
        Value::Long(long) => (5, long.to_be_bytes().to_vec()),
        Value::ByteArray(bytes) => (6, bytes.to_vec()),
        Value::String(text) => (7, text.as_bytes().to_vec()),
        Value::Timestamp(millis) => (8, millis.to_be_bytes().to_vec()),
        Value::Uuid(bytes) => (9, bytes.to_vec()),
    }
}

fn decode(input: &[u8], limit: u32) -> Model<'_> {
    let mut messages = Vec::new();
    let mut at = 0;
    loop {
        match decode_one(&input[at..], at as u64, limit) {
            Ok(Some(message)) => {
                at += message.bytes.len();
                messages.push(message);
            }
            Ok(None) => return Model { messages, end: Ok(()) },
            Err(error) => return Model { messages, end: Err(error) },
        }
    }
}

/// `None`: there are no bytes at all.
fn decode_one(input: &[u8], offset: u64, limit: u32) -> Result<Option<ModelMessage<'_>>, Error> {
    if input.is_empty() {
        return Ok(None);
    }
    if input.len() < 12 {
        return Err(Error::truncated(offset, input.len() as u32, 12));
    }
    let number = |at: usize| u32::from_be_bytes(input[at..at + 4].try_into().unwrap());
    let prelude: [u8; 12] = input[..12].try_into().unwrap();
    let (total, headers, wire) = (number(0), number(4), number(8));
    let computed = crc32(&input[..8]);
    if wire != computed {
        return Err(Error::prelude_checksum(offset, wire, computed, prelude));
    }
    if u64::from(total) < 16 || u64::from(headers) + 16 > u64::from(total) {
        return Err(Error::length(offset, total, headers, prelude));
    }
    if total > limit {
        return Err(Error::too_long(offset, total, limit));
    }
    if (input.len() as u64) < u64::from(total) {
        return Err(Error::truncated(offset, input.len() as u32, total));
    }
    let bytes = &input[..total as usize];
    let wire = number(bytes.len() - 4);
    let computed = crc32(&bytes[..bytes.len() - 4]);
    if wire != computed {
        return Err(Error::message_checksum(offset, wire, computed));
    }
    let end = 12 + headers as usize;
    let mut list = Vec::new();
    let mut at = 12;
    while at < end {
        let (header, len) =
            decode_header(&bytes[at..end]).map_err(|error| Error::header(offset, at as u32, error))?;
        list.push(header);
        at += len;
    }
    Ok(Some(ModelMessage { headers: list, payload: &bytes[end..bytes.len() - 4], bytes }))
}

/// The header at the front of a block, and how many bytes it takes.
fn decode_header(block: &[u8]) -> Result<(ModelHeader<'_>, usize), HeaderError> {
    let range = |from: usize, to: usize| block.get(from..to).ok_or(HeaderError::Overrun);
    let name_end = 1 + usize::from(block[0]);
    if name_end == 1 {
        return Err(HeaderError::EmptyName);
    }
    let name = range(1, name_end)?;
    if std::str::from_utf8(name).is_err() {
        return Err(HeaderError::NameNotUtf8);
    }
    let code = range(name_end, name_end + 1)?[0];
    let mut start = name_end + 1;
    let len = match code {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        9 => 16,
        6 | 7 => {
            let len = range(start, start + 2)?;
            start += 2;
            usize::from(len[0]) << 8 | usize::from(len[1])
        }
        code => return Err(HeaderError::unknown_type(code)),
    };
    let value = range(start, start + len)?;
    if code == 7 && std::str::from_utf8(value).is_err() {
        return Err(HeaderError::ValueNotUtf8);
    }
    Ok((ModelHeader { name, code, value }, start + len))
}
