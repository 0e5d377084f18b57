//! The rules F1 to F7, one by one.

use bedrock_stream_core::frame::{Decoder, Error, Header, HeaderError, Limits, Message, Value, encode};

use super::model::parse_equals_model;
use super::split::{Whole, split_equals_whole};
use super::wire::{crc32, framed, header, prelude};

#[test]
fn f1_the_prelude_is_judged_at_its_twelfth_byte() {
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
fn f1_the_checksum_is_judged_before_the_lengths_and_they_before_the_limit() {
    let mut bytes = prelude(u32::MAX, u32::MAX);
    assert_eq!(
        Message::parse(&bytes),
        Err(Error::Length { offset: 0, total: u32::MAX, headers: u32::MAX, prelude: bytes })
    );
    bytes[11] ^= 1;
    let computed = crc32(&bytes[..8]);
    assert_eq!(
        Message::parse(&bytes),
        Err(Error::PreludeChecksum { offset: 0, wire: computed ^ 1, computed, prelude: bytes })
    );
}

#[test]
fn f1_a_refused_length_leaves_no_memory_behind() {
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
fn f1_the_buffer_grows_by_what_arrived_and_never_past_the_message() {
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
                assert!(capacity <= (2 * arrived).max(512), "{capacity} after {arrived}");
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
fn f2_the_message_checksum_is_judged_before_the_headers() {
    let mut bytes = framed(&header(b"", 77, &[]), b"");
    assert!(matches!(Message::parse(&bytes), Err(Error::Header { error: HeaderError::EmptyName, .. })));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let computed = crc32(&bytes[..last - 3]);
    assert_eq!(
        Message::parse(&bytes),
        Err(Error::MessageChecksum { offset: 0, wire: computed ^ 1, computed })
    );
}

#[test]
fn f2_any_changed_bit_is_found_and_nothing_of_the_message_is_seen() {
    let bytes = every_type();
    for bit in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match Message::parse(&damaged) {
            Err(Error::PreludeChecksum { wire, computed, .. }) => {
                assert!(bit < 96);
                assert_ne!(wire, computed);
            }
            Err(Error::MessageChecksum { wire, computed, .. }) => {
                assert!(bit >= 96);
                assert_ne!(wire, computed);
            }
            other => panic!("bit {bit}: {other:?}"),
        }
        split_equals_whole(&damaged, &[1], Limits::default());
    }
}

#[test]
fn f2_each_message_of_a_push_is_verified_on_its_own() {
    let mut bytes = [every_type(), every_type()].concat();
    let second = bytes.len() / 2;
    bytes[second + 20] ^= 1;
    let mut decoder = Decoder::new();
    decoder.push(&bytes);
    assert_eq!(decoder.next_message().unwrap().unwrap().as_bytes(), every_type());
    let error = decoder.next_message().unwrap_err();
    assert!(matches!(error, Error::MessageChecksum { offset, .. } if offset == second as u64), "{error:?}");
}

#[test]
fn f2_headers_like_those_of_the_message_before_are_checked_all_the_same() {
    let sound = every_type();
    let block = &sound[12..sound.len() - 4 - b"payload".len()];
    let after_sound = |block: &[u8]| {
        // Twice, in case the first one is remembered though it was refused or did not fit.
        let stream = [&sound[..], &framed(block, b"11111111"), &framed(block, b""), &sound].concat();
        split_equals_whole(&stream, &[], Limits::default());
        split_equals_whole(&stream, &[100], Limits::default());
        parse_equals_model(&stream, u32::MAX);
    };
    for len in 0..block.len() {
        after_sound(&block[..len]);
        after_sound(&block[len..]);
        for flip in 1..=255 {
            let mut changed = block.to_vec();
            changed[len] ^= flip;
            after_sound(&changed);
        }
    }
    for byte in 0..=255 {
        after_sound(&[block, &[byte]].concat());
    }
    for len in 1..=255 {
        let long = header(&[b'n'; 255][..len], 0, &[]);
        after_sound(&long);
        after_sound(&[&long, &[0][..]].concat());
        after_sound(&[block, &long].concat());
    }
}

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
        let error = HeaderError::UnknownType { code };
        assert_eq!(Message::parse(&bytes), Err(Error::Header { offset: 0, at: 15, error }));
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
        assert_eq!(Message::parse(&bytes), Err(Error::Header { offset: 0, at: 12, error }));
    }
}

#[test]
fn f3_string_values_are_utf_8_and_byte_arrays_are_anything() {
    for value in [&b"\x00\x01\xff"[..], b"\x00\x02\xc3\x28", b"\x00\x03\xed\xa0\x80", b"\x00\x01\x80"] {
        let bytes = framed(&header(b"a", 7, value), b"");
        let error = HeaderError::ValueNotUtf8;
        assert_eq!(Message::parse(&bytes), Err(Error::Header { offset: 0, at: 12, error }));
        let bytes = framed(&header(b"a", 6, value), b"");
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert_eq!(message.header("a"), Some(Value::ByteArray(&value[2..])));
    }
}

#[test]
fn f3_empty_values_are_taken() {
    let bytes = framed(&[header(b"a", 6, &[0, 0]), header(b"b", 7, &[0, 0])].concat(), b"");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.header("a"), Some(Value::ByteArray(b"")));
    assert_eq!(message.header("b"), Some(Value::String("")));
}

#[test]
fn f3_values_go_up_to_what_the_block_holds_and_blocks_past_128_kib() {
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
    // The payload has what the cut header lacks: a decoder that looks only at the message's end would take it from there.
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
            Some(start) => {
                Some(Error::Header { offset: 0, at: 12 + *start as u32, error: HeaderError::Overrun })
            }
            None => None,
        };
        assert_eq!(Message::parse(&cut).err(), expected, "a block of {len} bytes");
        parse_equals_model(&cut, u32::MAX);
    }
}

#[test]
fn f3_repeated_names_are_kept_and_the_first_is_found() {
    let block = [header(b"a", 2, &[1]), header(b"b", 0, &[]), header(b"a", 2, &[2])].concat();
    let bytes = framed(&block, b"");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.headers().filter(|found| found.name == "a").count(), 2);
    assert_eq!(message.header("a"), Some(Value::Byte(1)));
    assert_eq!(message.header("c"), None);
}

#[test]
fn f4_the_default_limit_is_the_specifications_own_maximum() {
    const MAX: u32 = 16 + 128 * 1024 + 24 * 1024 * 1024;
    assert_eq!(Message::parse(&prelude(MAX, 0)), Ok(None));
    assert_eq!(Message::parse(&prelude(MAX, MAX - 16)), Ok(None));
    let too_long = Error::TooLong { offset: 0, len: MAX + 1, limit: MAX };
    assert_eq!(Message::parse(&prelude(MAX + 1, 0)), Err(too_long));
    assert_eq!(Limits::default(), Limits::max_message_len(MAX));
}

#[test]
fn f4_the_limit_can_be_lowered_raised_and_lifted() {
    let message = framed(&[], b"0123456789");
    for limit in 0..40 {
        let limits = Limits::max_message_len(limit);
        let result = Message::parse_with(&message, limits);
        if limit < 26 {
            assert_eq!(result, Err(Error::TooLong { offset: 0, len: 26, limit }));
        } else {
            assert!(result.unwrap().is_some());
        }
        split_equals_whole(&message, &[1], limits);
        split_equals_whole(&message, &[26], limits);
    }
    let huge = prelude(u32::MAX, 0);
    assert_eq!(Message::parse_with(&huge, Limits::none()), Ok(None));
    let need = u32::MAX;
    let mut decoder = Decoder::with_limits(Limits::none());
    decoder.push(&huge);
    assert_eq!(decoder.next_message(), Ok(None));
    assert_eq!(decoder.finish(), Err(Error::Truncated { offset: 0, have: 12, need }));
}

#[test]
fn f5_errors_are_final_and_count_from_the_streams_start() {
    let good = every_type();
    let mut stream = [&good[..], &good, &good].concat();
    let third = 2 * good.len();
    stream[third + 1] ^= 0x40;
    stream.extend_from_slice(&good);
    let prelude: [u8; 12] = stream[third..third + 12].try_into().unwrap();
    let error = Error::PreludeChecksum {
        offset: third as u64,
        wire: crc32(&good[..8]),
        computed: crc32(&prelude[..8]),
        prelude,
    };
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

#[test]
fn f6_truncated_at_every_offset_inside_a_message_12_included() {
    let message = every_type();
    let total = message.len();
    let stream = [&message[..], &message].concat();
    for len in 0..=stream.len() {
        let offset = (len / total * total) as u64;
        let have = (len % total) as u32;
        let need = if have < 12 { 12 } else { total as u32 };
        let expected = if have == 0 { Ok(()) } else { Err(Error::Truncated { offset, have, need }) };

        let mut decoder = Decoder::new();
        decoder.push(&stream[..len]);
        assert_eq!(decoder.finish(), expected, "pushed, nothing taken: {len}");
        while decoder.next_message().unwrap().is_some() {}
        assert_eq!(decoder.finish(), expected, "pushed: {len}");
        assert_eq!(decoder.finish(), expected, "asked again: {len}");

        let mut decoder = Decoder::new();
        let mut input = &stream[..len];
        while decoder.next_from(&mut input).unwrap().is_some() {}
        assert_eq!(decoder.finish(), expected, "lent: {len}");

        // The question changes nothing: what follows is decoded as if it had not been asked.
        let mut input = &stream[len..];
        let mut left = 0;
        while decoder.next_from(&mut input).unwrap().is_some() {
            left += 1;
        }
        assert_eq!(left, 2 - len / total, "after the question: {len}");
        assert_eq!(decoder.finish(), Ok(()));
    }
}

#[test]
fn f6_a_stream_of_no_bytes_may_end() {
    assert_eq!(Decoder::new().finish(), Ok(()));
    assert_eq!(Message::parse(&[]), Ok(None));
}

#[test]
fn f6_finish_gives_the_error_that_decoding_would_give() {
    let good = every_type();
    let mut stream = [&good[..], &good].concat();
    stream[good.len() + 30] ^= 1;
    let mut decoder = Decoder::new();
    decoder.push(&stream);
    let error = decoder.finish().unwrap_err();
    assert!(matches!(error, Error::MessageChecksum { .. }));
    assert!(decoder.next_message().unwrap().is_some());
    assert_eq!(decoder.next_message(), Err(error));
}

#[test]
fn f7_every_pair_of_cuts_gives_the_same() {
    let first = framed(&header(b"n", 7, b"\x00\x01v"), b"{}");
    let stream = [&first[..], &framed(&[], b""), &first].concat();
    let mut damaged = stream.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for bytes in [&stream, &damaged, &stream[..stream.len() - 1]] {
        for first in 0..=bytes.len() {
            for second in 0..=bytes.len() - first {
                split_equals_whole(bytes, &[first, second, bytes.len()], Limits::default());
            }
        }
    }
}

#[test]
fn f7_headers_are_the_same_from_the_buffer_and_from_the_input() {
    // The second message has other lengths, so a prelude kept from the first would show.
    let stream = [every_type(), framed(&[], b"tail"), every_type()].concat();
    let whole = Whole::parse(&stream, Limits::default());
    let mut decoder = Decoder::new();
    let mut index = 0;
    for piece in stream.chunks(50) {
        let mut input = piece;
        while let Some(message) = decoder.next_from(&mut input).unwrap() {
            let expected = whole.messages[index];
            assert!(message.headers().eq(expected.headers()));
            assert_eq!(message.payload(), expected.payload());
            index += 1;
        }
    }
    assert_eq!(index, 3);
}

#[test]
fn f7_a_message_that_began_in_the_buffer_takes_what_it_lacks_and_no_more() {
    let message = every_type();
    let stream = message.repeat(3);
    for cut in 1..message.len() {
        let mut decoder = Decoder::new();
        let mut input = &stream[..cut];
        assert_eq!(decoder.next_from(&mut input), Ok(None));
        assert!(input.is_empty());
        let mut input = &stream[cut..];
        let first = decoder.next_from(&mut input).unwrap().unwrap();
        assert_eq!(first.as_bytes(), message);
        assert_eq!(input, &stream[message.len()..]);
        // The next lies whole in the input, and is borrowed from there.
        let start = input.as_ptr();
        let second = decoder.next_from(&mut input).unwrap().unwrap();
        assert_eq!(second.as_bytes().as_ptr(), start);
        assert_eq!(second.as_bytes(), message);
    }
}

/// Preludes that must be refused, and how.
fn bad_preludes() -> Vec<([u8; 12], Error)> {
    let length = |total, headers| {
        let prelude = prelude(total, headers);
        (prelude, Error::Length { offset: 0, total, headers, prelude })
    };
    let too_long =
        |len| (prelude(len, 0), Error::TooLong { offset: 0, len, limit: 16 + 128 * 1024 + 24 * 1024 * 1024 });
    let checksum = |bytes: [u8; 12]| {
        let wire = u32::from_be_bytes(bytes[8..].try_into().unwrap());
        (bytes, Error::PreludeChecksum { offset: 0, wire, computed: crc32(&bytes[..8]), prelude: bytes })
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

/// A message with a header of each type, and the ends of their ranges that show a wrong sign or order.
fn every_type() -> Vec<u8> {
    let block = [
        header(b"a", 0, &[]),
        header(b"b", 1, &[]),
        header(b"c", 2, &[0xfe]),
        header(b"d", 3, &[0xff, 0xfd]),
        header(b"e", 4, &(-4_i32).to_be_bytes()),
        header(b"f", 5, &(-5_i64).to_be_bytes()),
        header(b"g", 6, b"\x00\x02\xff\0"),
        header(b"h", 7, b"\x00\x02\xc3\xa9"),
        header(b"i", 8, &(-6_i64).to_be_bytes()),
        header(b"j", 9, b"0123456789abcdef"),
    ];
    framed(&block.concat(), b"payload")
}

/// The length of a message that has this header alone.
fn framed_len(header: Header<'_>) -> usize {
    let mut bytes = Vec::new();
    encode([header], b"", &mut bytes).unwrap();
    bytes.len()
}
