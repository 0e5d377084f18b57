//! The limit on the length of a message (F4).

use bedrock_stream_core::frame::{Decoder, Error, Limits, Message};

use super::split::split_equals_whole;
use super::wire::{framed, prelude};

#[test]
fn f4_the_default_limit_is_the_specifications_own_maximum() {
    const MAX: u32 = 16 + 128 * 1024 + 24 * 1024 * 1024;
    assert_eq!(Message::parse(&prelude(MAX, 0)), Ok(None));
    assert_eq!(Message::parse(&prelude(MAX, MAX - 16)), Ok(None));
    let too_long = Error::too_long(0, MAX + 1, MAX);
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
            assert_eq!(result, Err(Error::too_long(0, 26, limit)));
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
    assert_eq!(decoder.finish(), Err(Error::truncated(0, 12, need)));
}
