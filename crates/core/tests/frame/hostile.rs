//! Hostile streams end with the right error, in bounded memory. The copies they cause are counted in
//! `frame_allocations`; their running time is printed by the example `linear`.

use bedrock_stream_core::frame::{Decoder, EnvelopeError, Error, HeaderError, Limits, Message};

use super::split::split_equals_whole;
use super::wire::{framed, header, prelude};

#[test]
fn a_prelude_that_declares_24_mib_costs_under_4_kib() {
    let bytes = prelude(24 * 1024 * 1024, 0);
    let mut pushed = Decoder::new();
    pushed.push(&bytes);
    assert_eq!(pushed.next_message(), Ok(None));
    let mut lent = Decoder::new();
    assert_eq!(lent.next_from(&mut &bytes[..]), Ok(None));
    let mut unlimited = Decoder::with_limits(Limits::none());
    unlimited.push(&prelude(u32::MAX, 0));
    assert_eq!(unlimited.next_message(), Ok(None));
    for decoder in [pushed, lent, unlimited] {
        assert!(decoder.buffer_capacity() < 4096, "{}", decoder.buffer_capacity());
    }
}

#[test]
fn sixteen_mib_of_headers_with_empty_names_are_refused_at_the_first() {
    let bytes = framed(&vec![0; 16 * 1024 * 1024], b"");
    let error = Error::header(0, 12, HeaderError::EmptyName);
    assert_eq!(Message::parse(&bytes), Err(error));
    split_equals_whole(&bytes, &[16 * 1024], Limits::default());
}

#[test]
fn sixteen_mib_of_the_smallest_headers_cost_no_extra_memory() {
    let block: Vec<u8> = header(b"n", 0, &[]).repeat(16 * 1024 * 1024 / 3);
    let bytes = framed(&block, b"");
    let mut decoder = Decoder::new();
    let mut count = 0;
    for piece in bytes.chunks(16 * 1024) {
        decoder.push(piece);
        if let Some(message) = decoder.next_message().unwrap() {
            count = message.headers().count();
            assert_eq!(message.header("none"), None);
            assert_eq!(message.envelope(), Err(EnvelopeError::missing(":message-type")));
        }
    }
    assert_eq!(count, 16 * 1024 * 1024 / 3);
    assert!(decoder.buffer_capacity() <= bytes.len() + 16 * 1024);
}

#[test]
fn a_repeated_name_is_found_without_reading_the_rest() {
    let mut block = header(b":message-type", 7, b"\x00\x05event").repeat(50_000);
    block.extend(header(b"", 0, &[]));
    let bytes = framed(&block, b"");
    assert!(matches!(Message::parse(&bytes), Err(Error::Header { error: HeaderError::EmptyName, .. })));
    let bytes = framed(&block[..block.len() - 2], b"");
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(message.envelope(), Err(EnvelopeError::repeated(":message-type")));
}

#[test]
fn a_series_of_damaged_messages_ends_at_the_first() {
    let mut damaged = framed(&header(b"n", 0, &[]), b"payload");
    damaged[20] ^= 1;
    let storm = damaged.repeat(10_000);
    for len in [1, 7, 16 * 1024] {
        let mut decoder = Decoder::new();
        let mut errors = 0;
        for piece in storm.chunks(len) {
            decoder.push(piece);
            let mut input = piece;
            errors += usize::from(decoder.next_message().is_err() && decoder.next_from(&mut input).is_err());
        }
        let error = decoder.next_message().unwrap_err();
        assert!(matches!(error, Error::MessageChecksum { offset: 0, .. }));
        let before = if len < damaged.len() { (damaged.len() - 1) / len } else { 0 };
        assert_eq!(errors, storm.len().div_ceil(len) - before);
        assert_eq!(decoder.buffer_capacity(), 0);
    }
}

#[test]
fn a_long_series_of_the_smallest_messages_is_read_from_one_push() {
    let stream = framed(&[], b"").repeat(100_000);
    let mut decoder = Decoder::new();
    decoder.push(&stream);
    let mut count = 0;
    while let Some(message) = decoder.next_message().unwrap() {
        assert_eq!(message.as_bytes().len(), 16);
        count += 1;
        if count % 1000 == 0 {
            // A push while much is buffered must not move all of it each time; a stable capacity shows that it does
            // not.
            decoder.push(&[]);
        }
    }
    assert_eq!(count, 100_000);
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn one_byte_pushes_of_a_1_mib_message_grow_the_buffer_by_doubling() {
    let bytes = framed(&header(b"n", 7, b"\x00\x01v"), &vec![7; 1024 * 1024]);
    let mut decoder = Decoder::new();
    let mut capacities = vec![decoder.buffer_capacity()];
    for (index, byte) in bytes.iter().enumerate() {
        decoder.push(std::slice::from_ref(byte));
        assert_eq!(decoder.next_message().unwrap().is_some(), index + 1 == bytes.len());
        if decoder.buffer_capacity() != *capacities.last().unwrap() {
            capacities.push(decoder.buffer_capacity());
        }
    }
    assert!(capacities.len() <= 14, "{capacities:?}");
    assert_eq!(*capacities.last().unwrap(), bytes.len());
}

#[test]
fn interleaved_pushes_and_pulls_keep_the_order() {
    let mut stream = Vec::new();
    let mut ends = vec![0];
    for index in 0..2000_u32 {
        stream.extend(framed(&[], &vec![index as u8; index as usize % 97]));
        ends.push(stream.len());
    }
    for turn in 1..24_usize {
        let mut decoder = Decoder::new();
        let mut taken = 0;
        for (index, piece) in stream.chunks(61).enumerate() {
            if index * 7 % turn < turn / 2 {
                decoder.push(piece);
                // Only every few steps, so that a backlog builds up.
                if index % 5 != 0 {
                    continue;
                }
            }
            let mut input = if index * 7 % turn < turn / 2 { &[][..] } else { piece };
            while let Some(message) = decoder.next_from(&mut input).unwrap() {
                assert_eq!(message.as_bytes(), &stream[ends[taken]..ends[taken + 1]]);
                taken += 1;
            }
        }
        while let Some(message) = decoder.next_message().unwrap() {
            assert_eq!(message.as_bytes(), &stream[ends[taken]..ends[taken + 1]]);
            taken += 1;
        }
        assert_eq!(taken, 2000);
        assert_eq!(decoder.finish(), Ok(()));
    }
}
