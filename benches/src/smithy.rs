use std::hint::black_box;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bytes::{Buf, Bytes};
use bytes_utils::SegmentedBuf;

/// The AWS SDK's framer, buffered as in the SDK's own receiver. Returns the number of messages.
#[must_use]
pub fn smithy_frames(pieces: &[Bytes]) -> usize {
    let mut decoder = MessageFrameDecoder::new();
    let mut buffer = SegmentedBuf::new();
    let mut count = 0;
    for piece in pieces {
        buffer.push(piece.clone());
        while buffer.has_remaining() {
            match decoder.decode_frame(&mut buffer).expect("a good stream") {
                DecodedFrame::Complete(message) => {
                    black_box(message.payload());
                    count += 1;
                }
                DecodedFrame::Incomplete => break,
            }
        }
    }
    count
}
