//! No unverified byte is visible (F2).

use bedrock_stream_core::frame::{Decoder, Error, HeaderError, Limits, Message};

use super::every_type::every_type;
use super::model::parse_equals_model;
use super::split::split_equals_whole;
use super::wire::{crc32, framed, header};

#[test]
fn f2_the_message_checksum_is_checked_before_the_headers() {
    let mut bytes = framed(&header(b"", 77, &[]), b"");
    assert!(matches!(Message::parse(&bytes), Err(Error::Header { error: HeaderError::EmptyName, .. })));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let computed = crc32(&bytes[..last - 3]);
    assert_eq!(Message::parse(&bytes), Err(Error::message_checksum(0, computed ^ 1, computed)));
}

#[test]
fn f2_any_changed_bit_is_detected_and_nothing_of_the_message_is_visible() {
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
fn f2_headers_similar_to_the_previous_messages_are_still_checked() {
    let sound = every_type();
    let block = &sound[12..sound.len() - 4 - b"payload".len()];
    let after_sound = |block: &[u8]| {
        // Twice, in case the first block is cached although it was refused or did not fit.
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
