//! What the carriers themselves allocate.

use bedrock_stream_dialects::{Dialect, InvokeDecoder};

use super::wire::{TEXT, chunk};

#[test]
fn the_buffer_of_payloads_is_used_again() {
    let stream = chunk(TEXT).repeat(100);
    let mut decoder = InvokeDecoder::new(Some(Dialect::Titan));
    let mut input = &stream[..];
    let mut capacities = Vec::new();
    while decoder.next_payload(&mut input).unwrap().is_some() {
        capacities.push(decoder.buffer_capacity());
    }
    assert_eq!(capacities.len(), 100);
    assert!(capacities.iter().all(|capacity| *capacity == capacities[0]), "{capacities:?}");
}
