//! Decodes messages in a program without a standard library, a C library or a system allocator.
//!
//! The exit status is 0 if an intact message decodes to its values and every damaged one is refused; otherwise it tells
//! which check failed. With the argument `damaged`, the message that should be intact is damaged, so the program must
//! fail.
//!
//! The library has no `unsafe`. This program needs some: it makes its own system calls, has its own allocator and its
//! own start-up code.

#![no_std]
#![no_main]

#[cfg(feature = "alloc")]
mod heap;
mod machine;

use bedrock_stream_core::frame::{Error, Header, Message, MessageKind, Value, encode_into};

/// Runs all checks and returns the exit status.
fn run(damage: bool) -> u8 {
    let headers = [
        Header::string(":message-type", "event"),
        Header::string(":event-type", "chunk"),
        Header::new("count", Value::Long(-3)),
    ];
    let mut bytes = [0; 256];
    let Ok(len) = encode_into(&headers, b"payload", &mut bytes) else {
        return 10;
    };
    if damage {
        bytes[len - 6] ^= 1;
    }
    let bytes = &mut bytes[..len];
    match Message::parse(bytes) {
        Ok(Some((message, []))) => {
            if message.payload() != b"payload" || message.header("count") != Some(Value::Long(-3)) {
                return 11;
            }
            let kind = message.envelope().map(|envelope| envelope.kind);
            if !matches!(kind, Ok(MessageKind::Event { event_type: "chunk", .. })) {
                return 12;
            }
        }
        Err(Error::MessageChecksum { .. }) => return REFUSED,
        _ => return 13,
    }
    #[cfg(feature = "alloc")]
    if let Err(status) = stream(bytes) {
        return status;
    }
    #[cfg(feature = "converse")]
    if let Err(status) = answer() {
        return status;
    }
    bytes[len - 6] ^= 1;
    if !matches!(Message::parse(bytes), Err(Error::MessageChecksum { offset: 0, .. })) {
        return 14;
    }
    0
}

/// Decodes the message twice, one byte at a time, and then a damaged copy.
#[cfg(feature = "alloc")]
fn stream(message: &[u8]) -> Result<(), u8> {
    use bedrock_stream_core::frame::{Decoder, encode};

    let mut decoder = Decoder::new();
    for _ in 0..2 {
        let mut found = false;
        for byte in message {
            decoder.push(&[*byte]);
            if let Some(decoded) = decoder.next_message().map_err(|_| 20)? {
                let mut again = alloc::vec::Vec::new();
                encode(decoded.headers(), decoded.payload(), &mut again).map_err(|_| 21)?;
                found = again == message;
            }
        }
        if !found {
            return Err(22);
        }
    }
    decoder.push(&message[..12]);
    if !matches!(decoder.finish(), Err(Error::Truncated { have: 12, .. })) {
        return Err(23);
    }
    decoder.push(&[0xff; 256]);
    let first = decoder.next_message().err();
    if !matches!(first, Some(Error::MessageChecksum { .. })) || decoder.next_message().err() != first {
        return Err(24);
    }
    Ok(())
}

/// Decodes a complete answer to its text and its proof of completeness, and a broken one to its error.
#[cfg(feature = "converse")]
fn answer() -> Result<(), u8> {
    use bedrock_stream_core::answer::Chunk;
    use bedrock_stream_core::converse::ChunkDecoder;
    use bedrock_stream_core::frame::encode;

    let mut stream = alloc::vec::Vec::new();
    for (event_type, payload) in [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
    ] {
        let headers = [Header::string(":message-type", "event"), Header::string(":event-type", event_type)];
        encode(headers, payload.as_bytes(), &mut stream).map_err(|_| 30)?;
    }
    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream);
    let (mut hello, mut done) = (false, false);
    while let Some(chunk) = decoder.next_chunk().map_err(|_| 31)? {
        hello |= matches!(&chunk, Chunk::Text { block: 0, text, .. } if text == "Hello");
    }
    while let Some(chunk) = decoder.finish().map_err(|_| 32)? {
        done |= matches!(chunk, Chunk::Done(_));
    }
    let mut cut = ChunkDecoder::new();
    cut.push(&stream[..stream.len() - 1]);
    while cut.next_chunk().map_err(|_| 33)?.is_some() {}
    if hello && done && cut.finish().is_err() { Ok(()) } else { Err(34) }
}

/// The exit status if the message that should be intact is refused.
const REFUSED: u8 = 2;

#[cfg(feature = "alloc")]
extern crate alloc;
