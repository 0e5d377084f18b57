//! A long text keeps the buffer that its message arrived in. The oracle is the copy of a text that lies whole in a read.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_core::converse::ChunkDecoder;
use proptest::prelude::*;

use crate::wire::{event, message};

/// Every chunk and error of the reads.
fn read_all<'a>(
    reads: impl IntoIterator<Item = &'a [u8]>,
    mut next: impl FnMut(&mut ChunkDecoder, &mut &[u8]) -> Result<Option<Chunk>, Error>,
) -> Vec<Result<Chunk, Error>> {
    let mut decoder = ChunkDecoder::new();
    let mut items = Vec::new();
    for mut read in reads {
        while let Some(item) = next(&mut decoder, &mut read).transpose() {
            items.push(item);
        }
    }
    items.push(decoder.finish().map(|chunk| chunk.expect("the answer is not complete")));
    items
}

/// An event that may come between long texts: of an open block, a call, a stop.
fn short_event() -> impl Strategy<Value = Vec<u8>> {
    (0..3_u32, 0..4_usize).prop_map(|(block, kind)| match kind {
        0 => delta(block, r#"{"text":"a\nb"}"#, "}"),
        1 => delta(block, r#"{"toolUse":{"input":"1"}}"#, r#","p":"ab"}"#),
        2 => {
            let start = r#""start":{"toolUse":{"toolUseId":"t","name":"n"}}"#;
            event("contentBlockStart", &format!(r#"{{"contentBlockIndex":{block},{start}}}"#))
        }
        _ => event("contentBlockStop", &format!(r#"{{"contentBlockIndex":{block}}}"#)),
    })
}

/// The message of a delta with a long text: of each kind, with escapes, cut off, or damaged in one byte.
fn long_delta() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![4 => "[a-zé😀]{1,9}", 1 => r"[a-z]{1,9}\\[nx]"];
    let kind = prop_oneof![
        Just((r#"{"text":""#, r#""}"#)),
        Just((r#"{"toolUse":{"input":""#, r#""}}"#)),
        Just((r#"{"reasoningContent":{"text":""#, r#""}}"#)),
    ];
    let end = prop_oneof![4 => Just("}"), 2 => Just(r#","p":"abc"}"#), 1 => Just("")];
    let damage = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
    (0..3_u32, text, kind, end, damage, 0..MIN_KEPT_LEN).prop_map(
        |(block, text, (before, after), end, damage, over)| {
            let text = text.repeat((MIN_KEPT_LEN - 100 + over) / text.len());
            let mut bytes = delta(block, &[before, &text, after].concat(), end);
            if let Some((at, byte)) = damage {
                let payload = &mut bytes[12 + HEADERS_LEN..];
                let at = at.index(payload.len() - 4);
                payload[at] = byte;
                bytes = message(&HEADERS, &bytes[12 + HEADERS_LEN..bytes.len() - 4]);
            }
            bytes
        },
    )
}

/// The message of a delta; `end` ends its payload.
fn delta(block: u32, delta: &str, end: &str) -> Vec<u8> {
    message(&HEADERS, format!(r#"{{"contentBlockIndex":{block},"delta":{delta}{end}"#).as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_text_that_keeps_its_buffer_equals_its_copy(
        messages in prop::collection::vec(prop_oneof![1 => short_event(), 2 => long_delta()], 1..8),
        read in 1_000..100_000_usize,
        read_ends_with_message: bool,
    ) {
        let copied = read_all(messages.iter().map(Vec::as_slice), ChunkDecoder::next_from);
        let stream = messages.concat();
        let reads: Vec<&[u8]> = if read_ends_with_message {
            messages.iter().flat_map(|message| message.chunks(read)).collect()
        } else {
            stream.chunks(read).collect()
        };
        let reads = || reads.iter().copied();
        prop_assert!(read_all(reads(), ChunkDecoder::next_from) == copied);
        let lent = read_all(reads(), |decoder, read| decoder.next_with(read, |chunk| chunk.into_chunk()));
        prop_assert!(lent == copied);
        let pushed = read_all(reads(), |decoder, read| {
            decoder.push(std::mem::take(read));
            decoder.next_chunk()
        });
        prop_assert!(pushed == copied);
    }
}

const HEADERS: [(&str, &str); 3] =
    [(":event-type", "contentBlockDelta"), (":content-type", "application/json"), (":message-type", "event")];
/// In bytes.
const HEADERS_LEN: usize = 87;
/// From this length on, in bytes, a payload without escapes becomes the text.
const MIN_KEPT_LEN: usize = 64 * 1024;
