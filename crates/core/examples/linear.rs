//! Prints the time that hostile streams take at two sizes, and the ratio. Four times the bytes should take about four
//! times as long, or somewhat longer if only the smaller size fits the cache.
//!
//! `cargo run --release -p bedrock-stream-core --example linear`

use std::time::{Duration, Instant};

use bedrock_stream_core::frame::{Decoder, Header, Message, Value, encode};

fn main() {
    println!("{:<58} {:>11} {:>11} {:>6}", "case", "a quarter", "whole", "ratio");
    row("1 MiB message, 1 byte a push", &|part| {
        let bytes = message(&vec![7; MIB / part]);
        time(|| decode_in_pieces(&bytes, 1))
    });
    row("1 MiB message, 1 byte lent at a time", &|part| {
        let bytes = message(&vec![7; MIB / part]);
        time(|| {
            let mut decoder = Decoder::new();
            let taken = bytes.chunks(1).filter(|byte| matches!(decoder.next_from(&mut &**byte), Ok(Some(_))));
            assert_eq!(taken.count(), 1);
        })
    });
    row("16 MiB of headers with empty names, 16 KiB a push", &|part| {
        let bytes = framed(&vec![0; 16 * MIB / part]);
        time(|| decode_in_pieces(&bytes, 16 * 1024))
    });
    row("16 MiB of 3-byte headers: checked, iterated, looked up", &|part| {
        let bytes = framed(&b"\x01n\0".repeat(16 * MIB / part / 3));
        time(|| {
            let (message, _) = Message::parse(&bytes).unwrap().unwrap();
            assert_eq!(message.header("none"), None);
            assert!(message.envelope().is_err());
            assert_eq!(message.headers().count(), 16 * MIB / part / 3);
        })
    });
    row("16 MiB of damaged messages, 16 KiB a push", &|part| {
        let mut damaged = message(b"payload");
        damaged[20] ^= 1;
        let storm = damaged.repeat(16 * MIB / part / damaged.len());
        time(|| decode_in_pieces(&storm, 16 * 1024))
    });
    row("16 MiB of 16-byte messages in one push", &|part| {
        let stream = framed(&[]).repeat(MIB / part);
        time(|| decode_in_pieces(&stream, stream.len()))
    });
    row("16 MiB of 16-byte messages, pushed and pulled in turns", &|part| {
        let stream = framed(&[]).repeat(MIB / part);
        time(|| {
            // A backlog of half the stream stays in the buffer while each push is followed by one pull.
            let mut decoder = Decoder::new();
            let (backlog, rest) = stream.split_at(stream.len() / 2);
            decoder.push(backlog);
            for piece in rest.chunks(16) {
                decoder.push(piece);
                assert!(decoder.next_message().unwrap().is_some());
            }
        })
    });
    row("whether 1 MiB may end, asked at every byte", &|part| {
        let bytes = message(&vec![7; MIB / part]);
        time(|| {
            let mut decoder = Decoder::new();
            for byte in bytes.chunks(1) {
                decoder.push(byte);
                let _ = decoder.next_message();
                let _ = std::hint::black_box(decoder.finish());
            }
        })
    });
}

/// Measures a case at a quarter of its size and at full size.
fn row(name: &str, case: &dyn Fn(usize) -> Duration) {
    let (quarter, whole) = (case(4), case(1));
    let ratio = whole.as_secs_f64() / quarter.as_secs_f64();
    println!("{name:<58} {quarter:>11.1?} {whole:>11.1?} {ratio:>6.2}");
}

/// The fastest of a few runs.
fn time(mut run: impl FnMut()) -> Duration {
    let runs = (0..7).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    runs.min().unwrap_or_default()
}

/// Pushes a stream in pieces and reads the messages that they complete, continuing after an error.
fn decode_in_pieces(stream: &[u8], len: usize) {
    let mut decoder = Decoder::new();
    for piece in stream.chunks(len) {
        decoder.push(piece);
        while let Ok(Some(message)) = decoder.next_message() {
            std::hint::black_box(message);
        }
    }
}

fn message(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode([Header::new("n", Value::Bool(true))], payload, &mut bytes).unwrap();
    bytes
}

/// A message around a header block that the encoder would refuse.
fn framed(block: &[u8]) -> Vec<u8> {
    let mut bytes = ((16 + block.len()) as u32).to_be_bytes().to_vec();
    bytes.extend((block.len() as u32).to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(block);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

const MIB: usize = 1024 * 1024;
