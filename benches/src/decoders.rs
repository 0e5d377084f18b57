use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bedrock_stream_core::converse::{ChunkDecoder, ResponseBuilder};
use bedrock_stream_core::frame::Decoder;
use bytes::{Buf, Bytes};
use bytes_utils::SegmentedBuf;

/// The floor: one pass of the checksum over each message. Gives something that depends on all of it.
#[must_use]
pub fn checksum_only(messages: &[&[u8]]) -> u32 {
    messages.iter().fold(0, |sum, message| sum ^ crc32fast::hash(message))
}

/// Our framer, borrowing, over reads of `read` bytes; gives the number of messages.
///
/// # Panics
///
/// If the stream is damaged.
#[must_use]
pub fn frames(stream: &[u8], read: usize) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for mut input in stream.chunks(read) {
        while let Some(message) = decoder.next_from(&mut input).expect("a good stream") {
            count += usize::from(!message.payload().is_empty());
        }
    }
    count
}

/// Our framer in its push/pull form, a byte a push; gives the number of messages.
///
/// # Panics
///
/// If the stream is damaged.
#[must_use]
pub fn frames_bytewise(stream: &[u8]) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for byte in stream {
        decoder.push(core::slice::from_ref(byte));
        while decoder.next_message().expect("a good stream").is_some() {
            count += 1;
        }
    }
    count
}

/// Bytes to chunks over reads of `read` bytes; gives the number of chunks.
///
/// # Panics
///
/// If the stream is damaged.
#[must_use]
pub fn chunks(stream: &[u8], read: usize) -> usize {
    let mut decoder = ChunkDecoder::new();
    let mut count = 0;
    for mut input in stream.chunks(read) {
        while let Some(chunk) = decoder.next_from(&mut input).expect("a good stream") {
            std::hint::black_box(&chunk);
            count += 1;
        }
    }
    count
}

/// Bytes to the assembled response; gives the length of the first tool call's arguments, in bytes.
///
/// # Panics
///
/// If the stream is damaged.
#[must_use]
pub fn assemble(stream: &[u8]) -> usize {
    let mut decoder = ChunkDecoder::new();
    let mut builder = ResponseBuilder::new();
    for mut input in stream.chunks(16 << 10) {
        while let Some(chunk) = decoder.next_from(&mut input).expect("a good stream") {
            builder.push(&chunk);
        }
    }
    builder.finish().tool_calls().next().map_or(0, |call| call.input.as_str().len())
}

/// The AWS SDK's framer buffered as the SDK's own receiver does; gives the number of
/// messages.
///
/// # Panics
///
/// If the stream is damaged.
#[must_use]
pub fn smithy_frames(reads: &[Bytes]) -> usize {
    let mut decoder = MessageFrameDecoder::new();
    let mut buffer = SegmentedBuf::new();
    let mut count = 0;
    for read in reads {
        buffer.push(read.clone());
        while buffer.has_remaining() {
            match decoder.decode_frame(&mut buffer).expect("a good stream") {
                DecodedFrame::Complete(message) => count += usize::from(!message.payload().is_empty()),
                DecodedFrame::Incomplete => break,
            }
        }
    }
    count
}

/// The stream as an HTTP client hands it over: a buffer for each read of `read` bytes.
#[must_use]
pub fn reads(stream: &[u8], read: usize) -> Vec<Bytes> {
    stream.chunks(read).map(Bytes::copy_from_slice).collect()
}
