//! Known bugs of other gateways, a test each, named after the bug's number in the list of them and its issue. Those about requests
//! are in `tests/request/bugs.rs`; those about HTTP, and those that need a running gateway, in the gateway's `known_bugs.rs`.

mod ends;
mod errors;
mod reasoning;
mod responses;
mod tool_calls;
mod usage;

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::Failure;
use serde_json::Value;

use super::wire::encoder;

/// The data of every event.
pub(super) fn events(dialect: Dialect, chunks: &[Chunk]) -> Vec<Value> {
    let mut encoder = encoder(dialect);
    let events = chunks.iter().flat_map(|chunk| encoder.events(chunk));
    events
        .filter(|event| event.data != "[DONE]")
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

pub(super) fn done(stop_reason: StopReason) -> Chunk {
    Chunk::done(Done::new(stop_reason))
}

pub(super) fn call(block: u32, id: &str, arguments: &str) -> [Chunk; 3] {
    [
        Chunk::tool_call_start(block, id, "t", None),
        Chunk::tool_call_delta(block, id, arguments),
        Chunk::tool_call_end(block, id, "t", ToolInput::from_arguments(arguments, true)),
    ]
}

/// What a Converse stream of these events, cut off there, is in a dialect.
pub(super) fn converted(dialect: Dialect, events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut wire = EventEncoder::new();
    events.iter().for_each(|event| wire.encode(event, &mut bytes).unwrap());
    let mut decoder = ChunkDecoder::new();
    decoder.push(&bytes);
    let (mut encoder, mut out) = (encoder(dialect), Vec::new());
    loop {
        let next = match decoder.next_chunk() {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(chunk)) => encoder.encode(&chunk, &mut out),
            Ok(None) => break,
            Err(error) => {
                encoder.fail(&Failure::from(&error), &mut out);
                if error.is_final() {
                    break;
                }
            }
        }
    }
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}
