//! A chunk is written without allocation if the output has room.

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::content::Role;
use bedrock_stream_dialects::Dialect;

use super::wire::{DIALECTS, encoder};

#[test]
fn a_plain_delta_allocates_nothing() {
    for dialect in DIALECTS {
        let mut encoder = encoder(dialect);
        let mut out = Vec::with_capacity(1 << 20);
        let start = [
            Chunk::start(Role::Assistant),
            Chunk::reasoning(0, "hm"),
            Chunk::reasoning_signature(0, "c2ln"),
            Chunk::block_end(0),
            Chunk::text(1, "a"),
        ];
        start.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        let text = Chunk::text(1, "Hello, \"world\"\n");
        let ended = Chunk::block_end(1);
        let call = Chunk::tool_call_start(2, "call_1", "get_weather", None);
        let arguments = Chunk::tool_call_delta(2, "call_1", "{\"city\": \"Par");
        let measure = |encoder: &mut Box<dyn bedrock_stream_dialects::encode::Encode>,
                       chunk: &Chunk,
                       out: &mut Vec<u8>| {
            allocation_counter::measure(|| (0..100).for_each(|_| encoder.encode(chunk, out))).count_total
        };
        let of_text = measure(&mut encoder, &text, &mut out);
        encoder.encode(&ended, &mut out);
        encoder.encode(&call, &mut out);
        let of_arguments = measure(&mut encoder, &arguments, &mut out);
        // Responses keeps what it wrote, in texts that double now and then.
        let most = if dialect == Dialect::Responses { 12 } else { 0 };
        assert!(of_text <= most && of_arguments <= most, "{dialect}: {of_text}, {of_arguments}");
    }
}
