//! The encoder writes exactly what it is given, or nothing at all (F8).

use bedrock_stream_core::frame::{Decoder, EncodeError, Header, Limits, Message, Value, encode, encode_into};

use super::split::split_equals_whole;
use super::wire::{framed, header};

#[test]
fn f8_all_ten_types_are_written_byte_for_byte() {
    let cases: [(Value<'_>, Vec<u8>); 15] = [
        (Value::Bool(true), header(b"n", 0, &[])),
        (Value::Bool(false), header(b"n", 1, &[])),
        (Value::Byte(i8::MIN), header(b"n", 2, &[0x80])),
        (Value::Byte(i8::MAX), header(b"n", 2, &[0x7f])),
        (Value::Short(i16::MIN), header(b"n", 3, &[0x80, 0])),
        (Value::Short(0x0102), header(b"n", 3, &[1, 2])),
        (Value::Integer(0x0102_0304), header(b"n", 4, &[1, 2, 3, 4])),
        (Value::Long(0x0102_0304_0506_0708), header(b"n", 5, &[1, 2, 3, 4, 5, 6, 7, 8])),
        (Value::Long(i64::MIN), header(b"n", 5, &[0x80, 0, 0, 0, 0, 0, 0, 0])),
        (Value::ByteArray(b"\xff\0"), header(b"n", 6, b"\x00\x02\xff\0")),
        (Value::ByteArray(b""), header(b"n", 6, b"\0\0")),
        (Value::String("\u{e9}"), header(b"n", 7, b"\x00\x02\xc3\xa9")),
        (Value::String(""), header(b"n", 7, b"\0\0")),
        (Value::Timestamp(-1), header(b"n", 8, &[0xff; 8])),
        (Value::Uuid(*b"0123456789abcdef"), header(b"n", 9, b"0123456789abcdef")),
    ];
    for (value, block) in &cases {
        let written = all_forms_agree(&[Header::new("n", *value)], b"payload").unwrap();
        assert_eq!(written, framed(block, b"payload"), "{value:?}");
        let (message, _) = Message::parse(&written).unwrap().unwrap();
        assert_eq!(message.header("n"), Some(*value));
    }
    let headers: Vec<Header<'_>> = cases.iter().map(|(value, _)| Header::new("n", *value)).collect();
    let blocks: Vec<u8> = cases.iter().flat_map(|(_, block)| block.clone()).collect();
    assert_eq!(all_forms_agree(&headers, b"").unwrap(), framed(&blocks, b""));
}

#[test]
fn f8_the_empty_message_is_the_published_one() {
    let written = all_forms_agree(&[], b"").unwrap();
    assert_eq!(written, b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff");
}

#[test]
fn f8_messages_are_appended() {
    let mut out = b"before".to_vec();
    encode([Header::string("a", "1")], b"x", &mut out).unwrap();
    encode([Header::string("b", "2")], b"y", &mut out).unwrap();
    assert_eq!(&out[..6], b"before");
    let mut decoder = Decoder::new();
    decoder.push(&out[6..]);
    assert_eq!(decoder.next_message().unwrap().unwrap().payload(), b"x");
    assert_eq!(decoder.next_message().unwrap().unwrap().payload(), b"y");
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn f8_names_have_1_to_255_bytes() {
    // Two bytes per character: the limit counts bytes.
    let name = "\u{e9}".repeat(128);
    assert!(all_forms_agree(&[Header::string(&name[..254], "v")], b"").is_ok());
    for (name, len) in [("", 0), (&*name, 256), (&*"n".repeat(70_000), 70_000)] {
        let headers = [Header::string("first", "v"), Header::string(name, "v")];
        assert_eq!(all_forms_agree(&headers, b""), Err(EncodeError::header_name(1, len)));
    }
    let name = "n".repeat(255);
    let written = all_forms_agree(&[Header::string(&name, "v")], b"").unwrap();
    assert_eq!(Message::parse(&written).unwrap().unwrap().0.header(&name), Some(Value::String("v")));
}

#[test]
fn f8_values_have_up_to_32767_bytes() {
    let long = "v".repeat(65_536 + 5);
    for len in [32_766, 32_767] {
        for value in [Value::String(&long[..len]), Value::ByteArray(&long.as_bytes()[..len])] {
            let written = all_forms_agree(&[Header::new("n", value)], b"p").unwrap();
            assert_eq!(Message::parse(&written).unwrap().unwrap().0.header("n"), Some(value));
        }
    }
    // 65,541 is 5 in sixteen bits: if the length wrapped around, the rest of the value would be read as headers.
    for len in [32_768, 65_535, 65_536, 65_541] {
        for value in [Value::String(&long[..len]), Value::ByteArray(&long.as_bytes()[..len])] {
            let headers = [Header::new("first", Value::Bool(true)), Header::new("n", value)];
            assert_eq!(all_forms_agree(&headers, b"p"), Err(EncodeError::header_value(1, len)));
        }
    }
}

#[test]
fn f8_header_blocks_have_up_to_128_kib() {
    const MAX: usize = 128 * 1024;
    let value = [0; 32_767];
    // Four headers of 32,767 + 5 bytes would be 16 bytes too many, so the last one is shorter.
    let block = |last: usize| {
        let whole = Header::new("n", Value::ByteArray(&value));
        [whole, whole, whole, Header::new("n", Value::ByteArray(&value[..last]))]
    };
    let fits = MAX - 3 * 32_772 - 5;
    let written = all_forms_agree(&block(fits), b"").unwrap();
    assert_eq!(written.len(), 16 + MAX);
    split_equals_whole(&written, &[4096], Limits::default());
    assert_eq!(all_forms_agree(&block(fits + 1), b""), Err(EncodeError::headers(MAX + 1)));

    let many = vec![Header::new("n", Value::Bool(true)); MAX / 3];
    assert!(all_forms_agree(&many, b"").is_ok());
    let many = vec![Header::new("n", Value::Bool(true)); MAX / 3 + 1];
    assert_eq!(all_forms_agree(&many, b""), Err(EncodeError::headers(3 * many.len())));
}

#[test]
fn f8_an_endless_list_of_headers_is_refused() {
    let endless = std::iter::repeat(Header::string("n", "v"));
    assert!(matches!(encode_into(endless, b"", &mut []), Err(EncodeError::Headers { .. })));
}

#[test]
fn f8_payloads_have_up_to_24_mib() {
    const MAX: usize = 24 * 1024 * 1024;
    let payload = vec![b'p'; MAX + 1];
    let headers = [Header::string(":message-type", "event")];
    let mut out = Vec::new();
    assert_eq!(encode(headers, &payload, &mut out), Err(EncodeError::payload(MAX + 1)));
    assert_eq!(out.capacity(), 0);
    assert_eq!(encode_into(headers, &payload, &mut []), Err(EncodeError::payload(MAX + 1)));
    encode(headers, &payload[..MAX], &mut out).unwrap();
    let (message, _) = Message::parse(&out).unwrap().unwrap();
    assert_eq!(message.payload().len(), MAX);
}

#[test]
fn f8_the_longest_message_passes_the_default_limit() {
    let value = [0; 32_767];
    let whole = Header::new("n", Value::ByteArray(&value));
    let headers = [whole, whole, whole, Header::new("n", Value::ByteArray(&value[..32_751]))];
    let payload = vec![b'p'; 24 * 1024 * 1024];
    let mut out = Vec::new();
    encode(headers, &payload, &mut out).unwrap();
    assert_eq!(out.len(), 16 + 128 * 1024 + 24 * 1024 * 1024);
    assert!(Message::parse(&out).unwrap().is_some());
    split_equals_whole(&out, &[1_000_000], Limits::default());
}

#[test]
fn f8_a_buffer_that_is_too_small_is_not_written_to() {
    let headers = [Header::string("name", "value")];
    let need = encode_into(headers, b"payload", &mut [0; 64]).unwrap();
    for have in 0..need {
        let mut out = vec![0xaa; have];
        let error = encode_into(headers, b"payload", &mut out).unwrap_err();
        assert_eq!(error, EncodeError::buffer_too_small(need, have));
        assert!(out.iter().all(|byte| *byte == 0xaa));
    }
    let mut out = vec![0xaa; need + 10];
    assert_eq!(encode_into(headers, b"payload", &mut out), Ok(need));
    assert!(out[need..].iter().all(|byte| *byte == 0xaa), "bytes after the message are not touched");
}

#[test]
fn f8_error_messages_contain_the_numbers() {
    let error = encode([Header::string("", "v")], b"", &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "the name of header 0 has 0 bytes; it must have 1 to 255");
    let error = encode_into([Header::string("n", "v")], b"", &mut [0; 5]).unwrap_err();
    assert_eq!(error.to_string(), "the message has 22 bytes, but the buffer only 5");
}

/// Encodes in every form and asserts that the results are the same, and that nothing is written on an error.
fn all_forms_agree(headers: &[Header<'_>], payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let mut appended = b"before".to_vec();
    let result = encode(headers, payload, &mut appended);
    let mut slice = vec![0xaa; 200_000];
    match result {
        Ok(()) => {
            let message = appended.split_off(6);
            let too_small = EncodeError::buffer_too_small(message.len(), 0);
            assert_eq!(encode_into(headers, payload, &mut []), Err(too_small));
            assert_eq!(encode_into(headers, payload, &mut slice), Ok(message.len()));
            assert_eq!(slice[..message.len()], message);
            Ok(message)
        }
        Err(error) => {
            assert_eq!(encode_into(headers, payload, &mut []), Err(error));
            assert_eq!(encode_into(headers, payload, &mut slice), Err(error));
            assert_eq!(appended, b"before");
            assert!(slice.iter().all(|byte| *byte == 0xaa));
            Err(error)
        }
    }
}
