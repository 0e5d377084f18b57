//! What hostile streams cost, measured with a counting allocator instead of a clock.

use allocation_counter::measure;
use bedrock_stream_core::answer::{Chunk, Error, OrderViolation, SkippedEvent};
use bedrock_stream_core::converse::{Chunker, Event};

use bedrock_stream_core::frame::Limits;

use super::steps::steps;
use super::wire::{STOP, USAGE, decode, event, stream};

#[test]
fn a_million_blocks_that_never_stop_use_bounded_memory() {
    let mut chunker = Chunker::new();
    let mut told = 0;
    let info = measure(|| {
        for index in 0..MILLION {
            match chunker.apply(text_delta(index)) {
                Ok(()) => {}
                Err(Error::Skipped(SkippedEvent::Unexpected {
                    reason: OrderViolation::TooManyBlocks { .. },
                    ..
                })) => told += 1,
                Err(error) => panic!("{error}"),
            }
            while chunker.next_chunk().is_some() {}
        }
    });
    let refused = chunker.ending().skipped_events as u32;
    assert!(told == 1 && refused > MILLION - 100_000, "{told} {refused}");
    assert!(info.bytes_max < 1024 * 1024, "{info:?}");
    // The first blocks are still open, and are reported.
    let Err(Error::Incomplete(incomplete)) = chunker.finish() else { panic!() };
    assert_eq!(incomplete.open_blocks.len() as u32, MILLION - refused);
    assert!(incomplete.to_string().len() < 200);
}

#[test]
fn a_million_consecutive_blocks_leave_nothing_behind() {
    let mut chunker = Chunker::new();
    let info = measure(|| {
        for index in 0..MILLION {
            chunker.apply(text_delta(index)).unwrap();
            chunker.apply(stop(index)).unwrap();
            while chunker.next_chunk().is_some() {}
        }
    });
    assert!(info.bytes_max < 4096, "{info:?}");
}

#[test]
fn c9_tool_input_in_100_000_pieces_costs_no_more_per_piece_than_in_1000() {
    let cost = |pieces: u32| {
        let mut chunker = Chunker::new();
        let start = r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}"#;
        chunker.apply(decode("contentBlockStart", start).unwrap()).unwrap();
        let info = measure(|| {
            for piece in 0..pieces {
                let piece = if piece == 0 { "[0" } else { ",12345678" };
                chunker.apply(tool_delta(piece)).unwrap();
                while chunker.next_chunk().is_some() {}
            }
            chunker.apply(tool_delta("]")).unwrap();
            chunker.apply(stop(0)).unwrap();
        });
        chunker.next_chunk().unwrap();
        let Some(Chunk::ToolCallEnd { input, .. }) = chunker.next_chunk() else { panic!() };
        assert_eq!(input.as_str().len(), pieces as usize * 9 - 6);
        (info.count_total as f64 / f64::from(pieces), info.bytes_total as f64 / f64::from(pieces))
    };
    let (few, many) = (cost(1000), cost(100_000));
    assert!(many.0 <= few.0 * 1.5 && many.1 <= few.1 * 1.5, "{few:?} {many:?}");
}

#[test]
fn endless_arguments_use_bounded_memory() {
    let mut chunker = Chunker::new();
    let start = |index: u32| {
        let start = r#""start":{"toolUse":{"toolUseId":"a","name":"f"}}"#;
        decode("contentBlockStart", &format!("{{\"contentBlockIndex\":{index},{start}}}")).unwrap()
    };
    let piece = "1".repeat(1 << 20);
    let mut told = 0;
    let info = measure(|| {
        for index in 0..3 {
            chunker.apply(start(index)).unwrap();
        }
        for number in 0..80 {
            match chunker.apply(tool_delta_of(number % 2, &piece)) {
                Ok(()) => {}
                Err(Error::Skipped(SkippedEvent::Unexpected {
                    reason: OrderViolation::StateLimit { held, limit: HELD, .. },
                    ..
                })) => {
                    assert!(held <= HELD);
                    told += 1;
                }
                Err(error) => panic!("{error}"),
            }
            while chunker.next_chunk().is_some() {}
        }
    });
    // One error per block; the rest is only counted. The blocks themselves use a little memory, so the last piece does
    // not fit.
    assert_eq!((told, chunker.ending().skipped_events), (2, 80 - 63));
    assert!(info.bytes_max < 3 * HELD as u64, "{info:?}");

    // Only the calls that lost a piece become unusable; a block that ends frees its memory.
    let mut inputs = Vec::new();
    for index in 0..3 {
        chunker.apply(stop(index)).unwrap();
        chunker.apply(start(index)).unwrap();
        chunker.apply(tool_delta_of(index, "[1]")).unwrap();
        chunker.apply(stop(index)).unwrap();
        while let Some(chunk) = chunker.next_chunk() {
            if let Chunk::ToolCallEnd { input, .. } = chunk {
                inputs.push(input.is_usable());
            }
        }
    }
    assert_eq!(inputs, [false, true, false, true, true, true]);

    // The same bytes, read by a decoder.
    let mut script = String::new();
    let start =
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}"#;
    script += &format!("{start}\n");
    for _ in 0..70 {
        let delta = format!(r#"{{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"{piece}"}}}}}}"#);
        script += &format!("contentBlockDelta {delta}\n");
    }
    let steps = steps(&stream(&format!("{script}{STOP}{USAGE}")));
    assert_eq!(steps.iter().filter(|step| step.is_err()).count(), 1);
    let [.., Ok(Chunk::ToolCallEnd { input, .. }), Ok(Chunk::Stop { .. }), Ok(Chunk::Done(done))] =
        &steps[..]
    else {
        panic!()
    };
    assert!(!input.is_usable());
    assert_eq!(done.skipped_events, 70 - 63);
}

#[test]
fn c12_endless_metadata_uses_bounded_memory() {
    let mut payload = "{".to_owned();
    for member in 0..100_000 {
        payload += &format!("\"m{member}\":{member},");
    }
    payload.pop();
    payload += "}";
    let mut chunker = Chunker::new();
    let mut refused = 0;
    let info = measure(|| {
        for number in 0..60 {
            // A different name each time, so that nothing is replaced.
            let payload = payload.replace("\"m", &format!("\"{number}m"));
            match chunker.apply(decode("metadata", &payload).unwrap()) {
                Ok(()) => assert_eq!(refused, 0),
                Err(Error::Skipped(SkippedEvent::Unexpected {
                    reason: OrderViolation::StateLimit { limit: HELD, .. },
                    ..
                })) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert!(refused > 50, "{refused}");
    assert!(info.bytes_max < 2 * HELD as u64, "{info:?}");
    // Small members count by the memory they use, however many there are.
    let mut chunker = Chunker::new();
    for number in 0..10_000 {
        chunker.apply(decode("metadata", &format!("{{\"m{number}\":1}}")).unwrap()).unwrap();
    }
}

#[test]
fn c12_ids_and_names_of_open_blocks_count_towards_the_limit() {
    let mut chunker = Chunker::with_limits(Limits::default().with_max_state_len(1 << 20));
    let id = "i".repeat(1 << 18);
    let mut told = 0;
    let info = measure(|| {
        for index in 0..100 {
            let start = format!(
                r#"{{"contentBlockIndex":{index},"start":{{"toolUse":{{"toolUseId":"{id}","name":"f"}}}}}}"#
            );
            if let Err(error) = chunker.apply(decode("contentBlockStart", &start).unwrap()) {
                assert!(error.to_string().contains("the limit is 1048576"), "{error}");
                told += 1;
            }
            // Events for a call that could not start are only counted.
            let _ = chunker.apply(tool_delta_of(index, "1"));
            while chunker.next_chunk().is_some() {}
        }
    });
    assert_eq!(told, 97);
    assert_eq!(chunker.ending().skipped_events, 2 * 97);
    assert!(info.bytes_max < 3 << 20, "{info:?}");
}

#[test]
fn a_hundred_thousand_unknown_members_cost_no_more_per_member() {
    // If each member's position were found by a linear search, this test would take minutes.
    let mut payload = "{".to_owned();
    for member in 0..100_000 {
        payload += &format!("\"m{member}\":{member},");
    }
    payload.pop();
    payload += "}";
    let script = format!("metadata {payload}\nmetadata {payload}\n{STOP}{USAGE}");
    let steps = steps(&stream(&script));
    let [.., Ok(Chunk::Done(done))] = &steps[..] else { panic!() };
    assert_eq!(done.other.len(), 100_000);
    assert_eq!(done.other.iter().next_back().unwrap().0, "m99999");
}

#[test]
fn deep_nesting_in_raw_json_uses_no_stack() {
    let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
    for (name, payload) in [
        ("messageStop", format!("{{\"additionalModelResponseFields\":{deep}}}")),
        ("messageStart", format!("{{\"later\":{deep}}}")),
        ("messageStart", format!("{{\"p\":{deep}}}")),
        ("contentBlockDelta", format!("{{\"delta\":{{\"later\":{deep}}}}}")),
        ("contentBlockDelta", format!("{{\"delta\":{{\"text\":{deep}}}}}")),
        ("later", deep.clone()),
        ("later", format!("{{\"p\":1,\"a\":{deep}}}")),
    ] {
        if let Ok(event) = decode(name, &payload) {
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }
    let input = serde_json::to_string(&deep).unwrap();
    let script = format!(
        r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolUse":{{"toolUseId":"a","name":"f"}}}}}}
        contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":{input}}}}}}}
        {STOP}{USAGE}"#
    );
    let steps = steps(&stream(&script));
    let [.., Ok(Chunk::ToolCallEnd { input, .. }), Ok(Chunk::Stop { .. }), Ok(Chunk::Done(_))] = &steps[..]
    else {
        panic!()
    };
    assert_eq!(input.as_str(), deep);
    assert!(!input.is_usable() && input.parse::<serde_json::Value>().is_err());
}

#[test]
fn a_start_or_a_delta_with_a_hundred_thousand_members_uses_linear_memory() {
    for (name, open, member, close) in [
        ("contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{", "\"text\":\"a\"", "}}"),
        ("contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{", "\"x\":1", "}}"),
        ("contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"toolResult\":[", "{}", "]}}"),
        (
            "contentBlockStart",
            "{\"contentBlockIndex\":0,\"start\":{",
            "\"toolUse\":{\"toolUseId\":\"a\",\"name\":\"f\"}",
            "}}",
        ),
        ("metadata", "{\"usage\":{\"cacheDetails\":[", "{}", "]}}"),
    ] {
        let payload = format!("{open}{}{close}", vec![member; 100_000].join(","));
        let bytes = event(name, &payload);
        let info = measure(|| drop(steps(&bytes)));
        assert!(info.bytes_max < 100 * bytes.len() as u64, "{name} {member}: {} {info:?}", bytes.len());
    }
}

fn text_delta(index: u32) -> Event {
    decode("contentBlockDelta", &format!(r#"{{"contentBlockIndex":{index},"delta":{{"text":"a"}}}}"#))
        .unwrap()
}

fn tool_delta(piece: &str) -> Event {
    tool_delta_of(0, piece)
}

fn tool_delta_of(index: u32, piece: &str) -> Event {
    let piece = serde_json::to_string(piece).unwrap();
    let payload = format!(r#"{{"contentBlockIndex":{index},"delta":{{"toolUse":{{"input":{piece}}}}}}}"#);
    decode("contentBlockDelta", &payload).unwrap()
}

fn stop(index: u32) -> Event {
    decode("contentBlockStop", &format!("{{\"contentBlockIndex\":{index}}}")).unwrap()
}

/// The maximum number of bytes that a chunker keeps, by default.
const HELD: usize = 64 << 20;
const MILLION: u32 = 1_000_000;
