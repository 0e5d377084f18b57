//! What server-sent events cost: counted, on an allocator that counts.

use allocation_counter::measure;
use bedrock_stream_dialects::sse::Decoder;

#[test]
fn no_allocation_for_events_that_lie_whole_in_the_read() {
    let stream =
        b"event: ping\ndata: {}\n\n: ping\r\n\r\ndata: {\"text\":\"x\"}\r\nevent: x\r\n\r\n".repeat(500);
    let mut decoder = Decoder::new();
    let info = measure(|| assert_eq!(lend(&mut decoder, &stream), 1000));
    assert_eq!(info.count_total, 0);
}

#[test]
fn no_allocation_in_steady_state_however_the_stream_is_read() {
    let stream = events(4000);
    let (first, rest) = stream.split_at(stream.len() / 4);
    for len in [16 * 1024, 100, 7, 1] {
        for form in [lend as fn(&mut Decoder, &[u8]) -> usize, push] {
            let mut decoder = Decoder::new();
            let mut taken: usize = first.chunks(len).map(|read| form(&mut decoder, read)).sum();
            let info =
                measure(|| taken += rest.chunks(len).map(|read| form(&mut decoder, read)).sum::<usize>());
            assert_eq!(taken, 4000);
            assert_eq!(info.count_total, 0, "reads of {len} bytes");
        }
    }
}

#[test]
fn a_byte_a_push_costs_memory_and_copies_linear_in_the_event() {
    for len in [256 * 1024, 1024 * 1024] {
        let stream = [&b"data: "[..], &vec![b'x'; len], b"\n\n"].concat();
        let info = measure(|| {
            let mut decoder = Decoder::new();
            let taken: usize = stream.chunks(1).map(|byte| push(&mut decoder, byte)).sum();
            assert_eq!(taken, 1);
        });
        // Each growth copies what the buffer held, so this bounds the copies too.
        assert!(info.bytes_total <= 5 * len as u64, "{info:?}");
        assert!(info.count_total <= 20, "{info:?}");
    }
}

/// Takes all events that a read completes, lending it.
fn lend(decoder: &mut Decoder, mut read: &[u8]) -> usize {
    let mut taken = 0;
    while let Some(event) = decoder.next_from(&mut read).unwrap() {
        taken += usize::from(!event.data.is_empty());
    }
    taken
}

/// Takes all events that a read completes, pushing it.
fn push(decoder: &mut Decoder, read: &[u8]) -> usize {
    decoder.push(read);
    let mut taken = 0;
    while let Some(event) = decoder.next_event().unwrap() {
        taken += usize::from(!event.data.is_empty());
    }
    taken
}

/// Events of usual lengths, which vary: of one line and of several, with names and without, with comments and invalid UTF-8.
fn events(count: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    for index in 0..count {
        let text = "x".repeat(60 + index * 37 % 90);
        let event = match index % 5 {
            0 => format!("event: content_block_delta\ndata: {{\"text\":\"{text}\"}}\n\n"),
            1 => format!("data: {{\"text\":\"{text}\"}}\n\n"),
            2 => format!(": ping\n\ndata: {text}\ndata: {text}\n\n"),
            3 => format!("data: {text}\r\nevent: response.output_text.delta\r\n\r\n"),
            _ => format!("id: {index}\ndata: {text}\u{7f}\n\n"),
        };
        stream.extend(event.bytes().map(|byte| if byte == 0x7f { 0xff } else { byte }));
    }
    stream
}
