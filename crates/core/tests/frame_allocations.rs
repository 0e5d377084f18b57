//! Allocations per message (F9), and the cost of hostile input, measured with a counting allocator.

#![cfg(feature = "alloc")]

use allocation_counter::{AllocationInfo, measure};
use bedrock_stream_core::frame::{Decoder, Error, Header, Message, Value, encode, encode_into};

#[test]
fn f9_no_allocation_for_messages_within_one_read() {
    let stream = bedrock_like(1000);
    let mut decoder = Decoder::new();
    let info = measure(|| {
        let mut input = &stream[..];
        let mut count = 0;
        while let Some(message) = decoder.next_from(&mut input).unwrap() {
            count += usize::from(message.envelope().is_ok());
        }
        assert_eq!(count, 1000);
        assert_eq!(decoder.finish(), Ok(()));
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn f9_no_allocation_in_steady_state_with_reads_of_16_kib() {
    let stream = bedrock_like(20_000);
    let (first, rest) = stream.split_at(1024 * 1024);
    for form in [lend as fn(&mut Decoder, &[u8]) -> usize, push] {
        let mut decoder = Decoder::new();
        let mut taken = 0;
        for read in first.chunks(READ) {
            taken += form(&mut decoder, read);
        }
        let info = measure(|| {
            for read in rest.chunks(READ) {
                taken += form(&mut decoder, read);
            }
        });
        assert_eq!(taken, 20_000);
        assert_eq!(info.count_total, 0);
    }
}

#[test]
fn f9_no_allocation_per_message_byte_by_byte() {
    let stream = bedrock_like(200);
    for form in [lend as fn(&mut Decoder, &[u8]) -> usize, push] {
        let mut decoder = Decoder::new();
        let warm = stream.chunks(1).map(|byte| form(&mut decoder, byte)).sum::<usize>();
        let info = measure(|| {
            let again = stream.chunks(1).map(|byte| form(&mut decoder, byte)).sum::<usize>();
            assert_eq!((warm, again), (200, 200));
        });
        assert_eq!(info.count_total, 0);
    }
}

#[test]
fn f9_functions_that_need_no_allocator_use_none() {
    let headers = headers();
    let mut out = [0; 1024];
    let info = measure(|| {
        let len = encode_into(&headers, b"payload", &mut out).unwrap();
        let (message, _) = Message::parse(&out[..len]).unwrap().unwrap();
        assert_eq!(message.headers().count(), headers.len());
        assert!(message.envelope().is_ok());
        let again = encode_into(message.headers(), message.payload(), &mut [0; 1024]).unwrap();
        assert_eq!(again, len);
        assert!(Message::parse(b"<html><body></body></html>").is_err());
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn f8_encode_allocates_once_and_no_more_than_the_message_needs() {
    let headers = headers();
    let mut out = Vec::new();
    let info = measure(|| encode(&headers, &[0; 5000], &mut out).unwrap());
    assert_eq!(info.count_total, 1);
    assert!(info.bytes_total <= out.len() as u64, "{info:?}");
    let info = measure(|| assert!(encode([Header::string("", "")], &[0; 5000], &mut out).is_err()));
    assert_eq!(info.count_total, 0);
}

#[test]
fn f1_a_declared_length_of_24_mib_allocates_under_4_kib() {
    let mut bytes = message(&vec![0; 24 * 1024 * 1024 - 16]);
    bytes.truncate(12);
    for form in [lend as fn(&mut Decoder, &[u8]) -> usize, push] {
        let mut decoder = Decoder::new();
        let info = measure(|| {
            form(&mut decoder, &bytes);
        });
        assert!(info.bytes_total < 4096, "{info:?}");
        assert!(matches!(decoder.finish(), Err(Error::Truncated { have: 12, .. })));
    }
}

#[test]
fn f7_pushing_byte_by_byte_costs_linear_memory_and_copies() {
    let allocated = |len: usize| -> AllocationInfo {
        let bytes = message(&vec![7; len]);
        measure(|| {
            let mut decoder = Decoder::new();
            let taken: usize = bytes.chunks(1).map(|byte| push(&mut decoder, byte)).sum();
            assert_eq!(taken, 1);
        })
    };
    for len in [256 * 1024, 1024 * 1024] {
        // Each growth copies what the buffer held, so this bounds the copies too.
        let info = allocated(len);
        assert!(info.bytes_total <= 3 * len as u64, "{info:?}");
        assert!(info.count_total <= 16, "{info:?}");
    }
}

#[test]
fn a_16_mib_message_in_reads_of_16_kib_peaks_an_eighth_over_its_length_if_lent() {
    const LEN: usize = 16 * 1024 * 1024;
    let mut stream = message(&vec![7; LEN]);
    stream.extend(bedrock_like(100));
    let lend = lend as fn(&mut Decoder, &[u8]) -> usize;
    // What is pushed after the message's end moves it once more.
    for (form, moved) in [(lend, 0), (push, LEN)] {
        let info = measure(|| {
            let mut decoder = Decoder::new();
            let taken: usize = stream.chunks(READ).map(|read| form(&mut decoder, read)).sum();
            assert_eq!(taken, 101);
            assert!(decoder.buffer_capacity() <= LEN + 2 * READ, "{}", decoder.buffer_capacity());
        });
        // While the buffer is reallocated, the old and the new one exist together; the last time is at a sixteenth.
        assert!(info.bytes_max <= (LEN + moved.max(LEN / 8) + 3 * READ) as u64, "{info:?}");
        assert!(info.bytes_total <= (LEN + moved + LEN / 4 + 3 * READ) as u64, "{info:?}");
    }
}

#[test]
fn headers_cost_nothing_however_many_there_are() {
    let many = vec![Header::new("n", Value::Bool(true)); 40_000];
    let mut bytes = Vec::new();
    encode(&many, b"", &mut bytes).unwrap();
    let info = measure(|| {
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert_eq!(message.headers().count(), 40_000);
        assert_eq!(message.header("none"), None);
        assert!(message.envelope().is_err());
    });
    assert_eq!(info.count_total, 0);
}

/// Reads all messages that a read completes, by lending it to the decoder.
fn lend(decoder: &mut Decoder, mut read: &[u8]) -> usize {
    let mut taken = 0;
    while let Some(message) = decoder.next_from(&mut read).unwrap() {
        taken += usize::from(!message.as_bytes().is_empty());
    }
    taken
}

/// Reads all messages that a read completes, by pushing it.
fn push(decoder: &mut Decoder, read: &[u8]) -> usize {
    decoder.push(read);
    let mut taken = 0;
    while let Some(message) = decoder.next_message().unwrap() {
        taken += usize::from(!message.as_bytes().is_empty());
    }
    taken
}

/// Messages with Bedrock's headers and payloads of similar, varying lengths.
fn bedrock_like(count: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    for index in 0..count {
        encode(headers(), &vec![b'x'; 60 + index * 37 % 90], &mut stream).unwrap();
    }
    stream
}

fn message(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode([Header::string(":message-type", "event")], payload, &mut bytes).unwrap();
    bytes
}

const fn headers() -> [Header<'static>; 3] {
    [
        Header::string(":event-type", "contentBlockDelta"),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ]
}

const READ: usize = 16 * 1024;
