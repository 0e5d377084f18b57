//! The targets that derive streams from their input, over random bytes. Checks that every kind of chunk and of error
//! was compared.

use std::collections::BTreeMap;

use bedrock_stream_fuzz::{compared_items, dialects, invoke_decoder, streamed_items};

#[test]
fn answers_follow_the_rules() {
    let compared = tally(compared_items, 20_000);
    assert_compared(&compared, &CHUNKS);
    assert_compared(&compared, &["tool_call_end: malformed", "tool_call_end: truncated"]);
    assert_compared(&compared, &["done: truncated", "done: prelude_checksum", "done: message_checksum"]);
    assert_compared(&compared, &["message", "payload", "unexpected"]);
    assert_compared(&compared, &["exception", "incomplete", "prelude_checksum", "message_checksum"]);
}

#[test]
fn async_answers_equal_those_of_the_decoder() {
    let compared = tally(streamed_items, 20_000);
    assert_compared(&compared, &CHUNKS);
    assert_compared(&compared, &["done: truncated", "done: transport"]);
    assert_compared(&compared, &["payload", "unexpected", "exception", "incomplete", "transport"]);
}

#[test]
fn any_sequence_of_payloads_upholds_the_guarantees() {
    let run = |data: &[u8]| {
        dialects(data);
        BTreeMap::new()
    };
    tally(run, 4000);
}

/// Free JSON with a number that fits into no type of Rust's is kept as its text.
#[test]
fn a_number_out_of_range_is_kept() {
    invoke_decoder(b"\0;11\n 0\n 0\n77777777777777777777777777777777777777777e000000555235439");
}

const CHUNKS: [&str; 18] = [
    "start",
    "block_start",
    "text",
    "reasoning",
    "reasoning_signature",
    "reasoning_redacted",
    "tool_call_start",
    "tool_call_delta",
    "tool_call_end",
    "tool_result_start",
    "tool_result",
    "image_start",
    "image",
    "citation",
    "block_end",
    "stop",
    "unknown",
    "done",
];

/// How often each kind of chunk and of error was compared, in this many streams derived from random bytes.
fn tally(compare: fn(&[u8]) -> BTreeMap<String, u64>, streams: u32) -> BTreeMap<String, u64> {
    let mut tally = BTreeMap::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    for _ in 0..streams {
        let len = 40 + 3 * usize::from(random());
        let data: Vec<u8> = (0..len).map(|_| random()).collect();
        for (name, count) in compare(&data) {
            *tally.entry(name).or_default() += count;
        }
    }
    tally
}

fn assert_compared(tally: &BTreeMap<String, u64>, names: &[&str]) {
    for name in names {
        assert!(
            tally.get(*name).is_some_and(|count| *count >= 10),
            "`{name}` was hardly compared: {tally:?}"
        );
    }
}
