//! Any stream, split in any way, yields the same chunks and the same errors, and is never wrongly reported as complete.

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::model::event;
use super::shared::recordings;
use super::steps::{Step, steps, take};
use super::wire::{self, decode_bytes};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn c4_c7_any_split_of_any_stream_yields_the_same(
        stream in stream(), cut in any::<prop::sample::Index>(), sizes in vec(0_usize..300, 1..5), damage in any::<u8>(),
    ) {
        let at = cut.index(stream.len() + 1);
        let mut damaged = stream.clone();
        if let Some(byte) = damaged.get_mut(at) {
            *byte ^= damage;
        }
        for bytes in [&stream[..], &stream[..at], &damaged] {
            let whole = steps(bytes);
            check_rules(&whole);
            for size in SIZES {
                same_in_reads(bytes, &[size], &whole);
            }
            same_in_reads(bytes, &sizes, &whole);
        }
    }

    #[test]
    fn any_bytes_end_in_an_error(bytes in vec(any::<u8>(), 0..200)) {
        let steps = steps(&bytes);
        prop_assert!(matches!(&steps[..], [Err(_)]), "{steps:?}");
    }
}

#[test]
fn f7_any_split_of_every_recording_yields_the_same() {
    for recording in recordings().unwrap_or_default() {
        let whole = steps(&recording.bytes);
        for size in SIZES {
            same_in_reads(&recording.bytes, &[size], &whole);
        }
    }
}

/// Reads the stream in pieces of these sizes, cyclically, with each form of the decoder.
fn same_in_reads(bytes: &[u8], sizes: &[usize], whole: &[Step]) {
    let (mut pushed, mut lent, mut mixed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut by_push, mut by_lending, mut by_turns) =
        (ChunkDecoder::new(), ChunkDecoder::new(), ChunkDecoder::new());
    let mut goes_on = [true; 3];
    let mut rest = bytes;
    let mut turn = 0;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        // A read may be empty, but not forever.
        let size = sizes.next().copied().unwrap_or(1).max(usize::from(turn % 4 == 3));
        let (read, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        turn += 1;

        by_push.push(read);
        goes_on[0] = goes_on[0] && take(&mut pushed, || by_push.next_chunk());
        let mut input = read;
        goes_on[1] = goes_on[1] && take(&mut lent, || by_lending.next_from(&mut input));
        assert!(!goes_on[1] || input.is_empty());
        let mut input = read;
        goes_on[2] = goes_on[2]
            && if turn % 2 == 0 {
                by_turns.push(read);
                take(&mut mixed, || by_turns.next_chunk())
            } else {
                take(&mut mixed, || by_turns.next_from(&mut input))
            };
    }
    let ends = [(&mut pushed, &mut by_push), (&mut lent, &mut by_lending), (&mut mixed, &mut by_turns)];
    for ((steps, decoder), goes_on) in ends.into_iter().zip(goes_on) {
        if goes_on {
            take(steps, || decoder.finish());
        }
        assert_eq!(steps, whole);
    }
}

/// What holds for every stream.
fn check_rules(steps: &[Step]) {
    let (mut open, mut skipped) = (Vec::new(), 0);
    for step in steps {
        let Ok(chunk) = step else {
            skipped += 1;
            continue;
        };
        match chunk {
            Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => assert!(!text.is_empty()),
            Chunk::ToolCallStart { block, id, .. } => {
                assert!(!id.is_empty());
                assert!(!open.iter().any(|(index, _)| index == block), "{block} is open");
                open.push((*block, (id.clone(), String::new())));
            }
            Chunk::ToolCallDelta { block, id, arguments_delta, .. } => {
                assert!(!arguments_delta.is_empty());
                let (_, call) = open.iter_mut().find(|(index, _)| index == block).unwrap();
                assert_eq!(&call.0, id);
                call.1 += arguments_delta;
            }
            Chunk::ToolCallEnd { block, id, input, .. } => {
                let place = open.iter().position(|(index, _)| index == block).unwrap();
                let (_, call) = open.remove(place);
                assert_eq!(&call.0, id);
                // Only a call that was never finished can have empty text here.
                let is_empty = call.1.is_empty() && input.is_usable();
                let text = if is_empty { "{}" } else { call.1.trim_matches([' ', '\n', '\r', '\t']) };
                assert_eq!(input.as_str().trim_matches([' ', '\n', '\r', '\t']), text);
            }
            Chunk::Done(done) => {
                assert!(open.is_empty());
                // Further events of the same loss are counted but not reported.
                assert!(done.skipped_events >= skipped && (done.skipped_events > 0) == (skipped > 0));
            }
            _ => {}
        }
        assert!(serde_json::to_string(chunk).unwrap().starts_with("{\"type\":\""));
    }
}

/// Plausible events in any order, arbitrary events, and some that must be skipped.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let plausible = (select(PLAUSIBLE.to_vec()), 0_u32..3)
        .prop_map(|((name, payload), index)| wire::event(name, &payload.replace('#', &index.to_string())));
    let any = (event(), any::<u64>()).prop_map(|(event, seed)| {
        let mut bytes = Vec::new();
        EventEncoder::padded(seed).encode(&event, &mut bytes).unwrap();
        bytes
    });
    let last = select(vec![
        Vec::new(),
        wire::stream(wire::STOP),
        wire::stream(&format!("{}{}", wire::STOP, wire::USAGE)),
    ]);
    (vec(prop_oneof![6 => plausible, 1 => any], 0..12), last).prop_map(|(messages, last)| {
        // Most exceptions are left out, because one in the middle would hide everything after it.
        let messages = messages.into_iter().enumerate().filter(|(place, bytes)| {
            place % 5 == 4 || !matches!(decode_bytes(bytes), Ok(Event::Exception(_) | Event::Error(_)))
        });
        messages.flat_map(|(_, bytes)| bytes).chain(last).collect()
    })
}

const PLAUSIBLE: [(&str, &str); 20] = [
    ("messageStart", r#"{"role":"assistant"}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{"toolUse":{"toolUseId":"b","name":"g"}}}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{"toolUse":{"name":"g"}}}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{"toolResult":{"toolUseId":"a"}}}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{"image":{"format":"png"}}}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":#,"start":{}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"text":"a"},"p":"abcdefg"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"text":""}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"toolUse":{"input":"[1,"}}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"toolUse":{"input":"2]"}},"p":"ab"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"reasoningContent":{"text":"r"}}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"reasoningContent":{"signature":"s"}}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"toolResult":[{"text":"t"}]}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":#,"delta":{"text":"a","toolUse":{"input":"{}"}}}"#),
    ("contentBlockDelta", r#"{"delta":{"text":"whose"}}"#),
    ("contentBlockDelta", "broken #"),
    ("contentBlockStop", r#"{"contentBlockIndex":#}"#),
    ("contentBlockStop", "{}"),
    ("metadata", r#"{"metrics":{"latencyMs":#}}"#),
];

/// The sizes of reads: one byte, and 11 others.
const SIZES: [usize; 12] = [1, 2, 3, 5, 7, 11, 12, 13, 16, 64, 255, 4096];
