use std::hint::black_box;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::{Buf as _, Bytes};
use bytes_utils::SegmentedBuf;
use serde::Deserialize;

use crate::typed_encoder::ChatChunk;

/// The core of a gateway made of common crates: messages by `aws-smithy-eventstream`, deltas of text by typed serde, and
/// for each a typed chunk of Chat Completions by `serde_json`. The other events are read and dropped. Returns the number
/// of bytes.
#[must_use]
pub fn typed_gateway(pieces: &[Bytes]) -> usize {
    let mut decoder = MessageFrameDecoder::new();
    let mut buffer = SegmentedBuf::new();
    let mut chunk = ChatChunk::of_text();
    let mut count = 0;
    for piece in pieces {
        buffer.push(piece.clone());
        let mut out = Vec::new();
        while buffer.has_remaining() {
            match decoder.decode_frame(&mut buffer).expect("a good stream") {
                DecodedFrame::Complete(message) => {
                    if let Some(text) = text(&message) {
                        chunk.set_text(text);
                        out.extend_from_slice(b"data: ");
                        serde_json::to_writer(&mut out, &chunk).expect("it can be written");
                        out.extend_from_slice(b"\n\n");
                    }
                }
                DecodedFrame::Incomplete => break,
            }
        }
        count += black_box(out).len();
    }
    count
}

fn text(message: &Message) -> Option<String> {
    let is_delta = message.headers().iter().any(|header| {
        header.name().as_str() == ":event-type"
            && header.value().as_string().is_ok_and(|value| value.as_str() == "contentBlockDelta")
    });
    if !is_delta {
        black_box(serde_json::from_slice::<serde_json::Value>(message.payload()).ok());
        return None;
    }
    let event: DeltaEvent = serde_json::from_slice(message.payload()).expect("a good stream");
    black_box(event.block);
    event.delta.text
}

#[derive(Deserialize)]
struct DeltaEvent {
    #[serde(rename = "contentBlockIndex")]
    block: u32,
    delta: Delta,
}

#[derive(Deserialize)]
struct Delta {
    text: Option<String>,
}
