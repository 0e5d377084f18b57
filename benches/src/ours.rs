use std::hint::black_box;

use bedrock_stream_core::answer::{ChunkRef, Decode, Response, ResponseBuilder};
use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
use bedrock_stream_core::frame::Decoder;
use bytes::Bytes;

/// Our framer, borrowing from the pieces; returns the number of messages.
#[must_use]
pub fn frames(pieces: &[Bytes]) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for piece in pieces {
        let mut input = &piece[..];
        while let Some(message) = decoder.next_from(&mut input).expect("a good stream") {
            black_box(message.payload());
            count += 1;
        }
    }
    count
}

/// Our framer in its push and pull form; returns the number of messages.
#[must_use]
pub fn frames_pushed(pieces: &[Bytes]) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for piece in pieces {
        decoder.push(piece);
        while let Some(message) = decoder.next_message().expect("a good stream") {
            black_box(message.payload());
            count += 1;
        }
    }
    count
}

/// Messages to events; returns the number of events.
#[must_use]
pub fn events(pieces: &[Bytes]) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for piece in pieces {
        let mut input = &piece[..];
        while let Some(message) = decoder.next_from(&mut input).expect("a good stream") {
            count += usize::from(black_box(Event::decode(&message)).is_ok());
        }
    }
    count
}

/// Bytes to chunks; returns the number of chunks.
#[must_use]
pub fn chunks(pieces: &[Bytes]) -> usize {
    decoded(ChunkDecoder::new(), pieces)
}

/// Bytes to chunks that borrow their text; returns the number of chunks.
#[must_use]
pub fn lent_chunks(pieces: &[Bytes]) -> usize {
    decoded_lent(ChunkDecoder::new(), pieces)
}

/// Bytes of any dialect to chunks; returns the number of chunks.
#[must_use]
pub fn decoded(mut decoder: impl Decode, pieces: &[Bytes]) -> usize {
    let mut count = 0;
    for piece in pieces {
        let mut input = &piece[..];
        while let Some(chunk) = decoder.next_from(&mut input).expect("a good stream") {
            black_box(&chunk);
            count += 1;
        }
    }
    assert!(decoder.is_done(), "the answer is complete");
    count
}

/// The same to chunks that borrow their text.
#[must_use]
pub fn decoded_lent(mut decoder: impl Decode, pieces: &[Bytes]) -> usize {
    let mut count = 0;
    for piece in pieces {
        let mut input = &piece[..];
        let take = |chunk: ChunkRef<'_>| _ = black_box(&chunk);
        while let Some(()) = decoder.next_with(&mut input, take).expect("a good stream") {
            count += 1;
        }
    }
    assert!(decoder.is_done(), "the answer is complete");
    count
}

/// Bytes to the assembled response.
#[must_use]
pub fn respond(pieces: &[Bytes]) -> Response {
    let mut decoder = ChunkDecoder::new();
    let mut builder = ResponseBuilder::new();
    for piece in pieces {
        let mut input = &piece[..];
        while let Some(chunk) = decoder.next_from(&mut input).expect("a good stream") {
            builder.push(&chunk);
        }
    }
    builder.into_partial()
}

/// Events to bytes; returns the number of bytes.
#[must_use]
pub fn encode(events: &[Event]) -> usize {
    let mut encoder = EventEncoder::padded(7);
    let mut bytes = Vec::new();
    let mut count = 0;
    for event in events {
        bytes.clear();
        encoder.encode(event, &mut bytes).expect("the event is short");
        count += black_box(&bytes).len();
    }
    count
}
