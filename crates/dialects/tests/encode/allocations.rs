//! A chunk is written without allocation if the output has room.

use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_core::content::Role;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{ConverseEncoder, Encode};

use super::wire::{DIALECTS, encoder};

#[test]
fn a_plain_delta_allocates_nothing() {
    for dialect in DIALECTS {
        // Responses keeps what it wrote, in texts that double now and then.
        let most = if dialect == Dialect::Responses { 12 } else { 0 };
        check(&mut *encoder(dialect), &mut *encoder(dialect), most);
    }
    check(&mut ConverseEncoder::new(), &mut ConverseEncoder::new(), 0);
}

/// Writes chunks with `encoder`, and chunks that are lent with `lending`; `most`: the allocations of 100 deltas.
fn check(encoder: &mut dyn Encode, lending: &mut dyn Encode, most: u64) {
    let mut out = Vec::with_capacity(1 << 20);
    let start = [
        Chunk::start(Role::Assistant),
        Chunk::reasoning(0, "hm"),
        Chunk::reasoning_signature(0, "c2ln"),
        Chunk::block_end(0),
        Chunk::text(1, "a"),
    ];
    let text = Chunk::text(1, "Hello, \"world\"\n");
    let call = [Chunk::block_end(1), Chunk::tool_call_start(2, "call_1", "get_weather", None)];
    let arguments = Chunk::tool_call_delta(2, "call_1", "{\"city\": \"Par");
    for (before, delta) in [(&start[..], text), (&call, arguments)] {
        for chunk in before {
            encoder.encode(chunk, &mut out);
            lending.encode(chunk, &mut out);
        }
        // What is written once, such as the part of an event that all deltas have in common.
        encoder.encode(&delta, &mut out);
        lending.encode(&delta, &mut out);
        let owned = allocation_counter::measure(|| (0..100).for_each(|_| encoder.encode(&delta, &mut out)));
        let lent = ChunkRef::from(&delta);
        let lent = allocation_counter::measure(|| (0..100).for_each(|_| lending.encode_ref(&lent, &mut out)));
        assert!(owned.count_total <= most && lent.count_total <= most, "{lending:?}: {owned:?}, {lent:?}");
    }
}
