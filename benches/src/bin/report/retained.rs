use allocation_counter::measure as count;
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::{Header, encode};

use crate::table::Table;

/// The memory that a decoder retains for the worst known streams: heap bytes per byte received, after all chunks were taken.
/// Beyond the limit of `Limits` it keeps nothing more, however long the stream is.
pub(crate) fn measure(table: &Table) {
    let tiny = |number: usize| {
        let members: Vec<String> = (0..100_000).map(|member| format!("\"{number}m{member}\":1")).collect();
        event("metadata", &format!("{{{}}}", members.join(",")))
    };
    let few: Vec<u8> = tiny(0);
    let many: Vec<u8> = (0..40).flat_map(tiny).collect();
    let blocks: Vec<u8> = (0..1_000).flat_map(|index| start(index, "t")).collect();
    let arguments: Vec<u8> = start(0, "t")
        .into_iter()
        .chain((0..2_000).flat_map(|_| {
            let input = "1".repeat(1_000);
            let payload = format!(r#"{{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"{input}"}}}}}}"#);
            event("contentBlockDelta", &payload)
        }))
        .collect();
    for (what, stream, target) in [
        ("a metadata of tiny members", few, 16.0),
        ("40 such metadata, beyond the limit", many, 1.0),
        ("1,000 open tool calls", blocks, 1.0),
        ("arguments of a call without an end", arguments, 1.0),
    ] {
        table.count(&format!("kept of {what}"), "bytes received", retained(&stream), target);
    }
}

/// Retained heap bytes per byte of the stream.
fn retained(stream: &[u8]) -> f64 {
    let mut decoder = ChunkDecoder::new();
    let counted = count(|| {
        for read in stream.chunks(16 * 1024) {
            let mut read = read;
            // What cannot be kept is reported as an error, and the stream continues.
            while !matches!(decoder.next_from(&mut read), Ok(None)) {}
        }
    });
    assert!(!decoder.is_done());
    counted.bytes_current as f64 / stream.len() as f64
}

fn start(index: usize, id: &str) -> Vec<u8> {
    let start = format!(r#"{{"toolUse":{{"toolUseId":"{id}{index}","name":"f"}}}}"#);
    event("contentBlockStart", &format!(r#"{{"contentBlockIndex":{index},"start":{start}}}"#))
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", name),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let mut bytes = Vec::new();
    encode(&headers, payload.as_bytes(), &mut bytes).expect("the event is short enough");
    bytes
}
