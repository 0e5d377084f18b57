//! Where a stream may end, and that it may be split anywhere (F6 and F7).

use bedrock_stream_core::frame::{Decoder, Error, Limits, Message};

use super::every_type::every_type;
use super::split::{Whole, split_equals_whole};
use super::wire::{framed, header};

#[test]
fn f6_truncated_at_every_offset_inside_a_message_12_included() {
    let message = every_type();
    let total = message.len();
    let stream = [&message[..], &message].concat();
    for len in 0..=stream.len() {
        let offset = (len / total * total) as u64;
        let have = (len % total) as u32;
        let need = if have < 12 { 12 } else { total as u32 };
        let expected = if have == 0 { Ok(()) } else { Err(Error::truncated(offset, have, need)) };

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

        // Calling `finish` changes nothing: later bytes are decoded as if it had not been called.
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
fn f6_finish_returns_the_error_that_decoding_would_return() {
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
fn f7_every_pair_of_cuts_yields_the_same() {
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
    // The second message has different lengths, so that reusing the first message's prelude would be noticed.
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
fn f7_a_buffered_message_takes_only_the_bytes_it_lacks() {
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
        // The next message is complete in the input, and is borrowed from it.
        let start = input.as_ptr();
        let second = decoder.next_from(&mut input).unwrap().unwrap();
        assert_eq!(second.as_bytes().as_ptr(), start);
        assert_eq!(second.as_bytes(), message);
    }
}
