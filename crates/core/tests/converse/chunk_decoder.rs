//! `ChunkDecoder`, which transports use: damage, exceptions and the end of the stream (C4 to C7, C11).

use bedrock_stream_core::answer::{Chunk, Error, StreamPosition};
use bedrock_stream_core::converse::{ChunkDecoder, Event};
use bedrock_stream_core::frame::{self, Limits};

use super::steps::{check, content_lines, steps, take};
use super::wire::{DONE, STOP, USAGE, event, stream};

#[test]
fn c4_damage_after_done_is_ignored() {
    let complete = stream(&format!("{STOP}{USAGE}"));
    for damage in [&b"<html>"[..], &[0xff; 100], &[0; 12], b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb"] {
        let bytes = [&complete, damage].concat();
        assert_eq!(content_lines(&steps(&bytes)), [DONE]);
        for size in 1..bytes.len() {
            let mut decoder = ChunkDecoder::new();
            let mut steps = Vec::new();
            for read in bytes.chunks(size) {
                decoder.push(read);
                take(&mut steps, || decoder.next_chunk());
            }
            take(&mut steps, || decoder.finish());
            assert_eq!(content_lines(&steps), [DONE]);
        }
    }
}

#[test]
fn c4_after_done_every_call_returns_none_and_consumes_its_input() {
    let complete = stream(&format!("{STOP}{USAGE}"));
    let mut decoder = ChunkDecoder::new();
    let mut input = &complete[..];
    while !matches!(decoder.next_from(&mut input), Ok(Some(Chunk::Done(_)))) {}
    assert!(decoder.is_done());
    for _ in 0..3 {
        let mut more = &[1, 2, 3][..];
        assert_eq!(decoder.next_from(&mut more), Ok(None));
        assert!(more.is_empty());
        decoder.push(&[0; 100]);
        assert_eq!(decoder.next_chunk(), Ok(None));
        assert_eq!(decoder.finish(), Ok(None));
    }
    assert!(decoder.buffer_capacity() < 100);
}

#[test]
fn c4_damage_before_the_proof_is_final() {
    let mut bytes = stream(USAGE);
    let at = bytes.len();
    let mut stop = stream(STOP);
    let last = stop.len() - 1;
    stop[last] ^= 1;
    bytes.extend(stop);
    bytes.extend(stream(STOP));
    let steps = steps(&bytes);
    let [Err(Error::Frame(error @ frame::Error::MessageChecksum { .. }))] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(error.offset(), at as u64);
}

#[test]
fn c5_a_stream_cut_inside_a_message_is_incomplete_before_message_stop_and_complete_after_it() {
    let bytes = stream(&format!("{STOP}{USAGE}"));
    let stop_len = stream(STOP).len();
    for cut in 1..bytes.len() {
        let steps = steps(&bytes[..cut]);
        if cut < stop_len {
            let [Err(Error::Incomplete(incomplete))] = &steps[..] else { panic!("{steps:?}") };
            assert!(matches!(
                incomplete.position,
                StreamPosition::InsideMessage(frame::Error::Truncated { .. })
            ));
        } else {
            let Some(Ok(Chunk::Done(done))) = steps.last() else { panic!("{steps:?}") };
            assert_eq!(done.tail.is_some(), cut > stop_len);
        }
    }
}

#[test]
fn c6_an_exception_as_the_first_message_is_the_whole_answer() {
    check("throttlingException {\"message\":\"slow down\"}", "exception throttlingException: slow down");
    check("error InternalError sorry", "error InternalError: sorry");
}

#[test]
fn c6_an_exception_inside_the_stream_is_final_and_later_messages_are_ignored() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            modelStreamErrorException {{"message":"m","originalStatusCode":503,"originalMessage":"o"}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"b"}}}}
            {STOP}{USAGE}"#
        ),
        r#"{"type":"text","block":0,"text":"a"}
        exception modelStreamErrorException: m (the model's provider: 503, o)"#,
    );
    check(
        &format!("{STOP}validationException {{\"message\":\"m\"}}\n{USAGE}"),
        "exception validationException: m",
    );
}

#[test]
fn c11_a_final_error_is_returned_by_every_later_call() {
    let text = stream(r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}"#);
    let complete = stream(&format!("{STOP}{USAGE}"));
    for bad in [
        stream("throttlingException {}"),
        stream("error X y"),
        b"HTTP/1.1 502 Bad Gateway".to_vec(),
        text[..50].to_vec(),
        Vec::new(),
    ] {
        let mut decoder = ChunkDecoder::new();
        decoder.push(&text);
        decoder.push(&bad);
        let mut steps = Vec::new();
        take(&mut steps, || decoder.finish());
        assert_eq!(content_lines(&steps).len(), 2);
        let error = steps.pop().unwrap().unwrap_err();
        assert!(error.is_final());
        for _ in 0..3 {
            assert_eq!(decoder.next_chunk().as_ref(), Err(&error));
            assert_eq!(decoder.finish().as_ref(), Err(&error));
            decoder.push(&complete);
            let mut input = &complete[..];
            assert_eq!(decoder.next_from(&mut input).as_ref(), Err(&error));
        }
        assert!(!decoder.is_done());
        // The error can be stored.
        assert_eq!(error.clone(), error);
    }
}

#[test]
fn c7_a_skipped_event_is_reported_once_and_decoding_continues() {
    check(
        &format!(
            r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":7}}}}
            contentBlockDelta oops
            contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"b"}}}}
            {STOP}metadata {{"usage":{{}}}}"#
        ),
        r#"{"type":"text","block":0,"text":"a"}
        skipped payload: contentBlockDelta
        skipped payload: contentBlockDelta
        {"type":"text","block":0,"text":"b"}
        {"type":"block_end","block":0}
        {"type":"done","stop_reason":"end_turn","usage":{},"skipped_events":2}"#,
    );
}

#[test]
fn c7_a_skipped_message_stop_proves_nothing() {
    check(
        &format!("messageStop {{\"stopReason\":5}}\n{USAGE}"),
        "skipped payload: messageStop\nincomplete BeforeMessageStop []",
    );
}

#[test]
fn c10_inspect_sees_the_exact_bytes_of_each_message_before_its_chunks() {
    let script = format!(
        r#"messageStart {{"role":"assistant"}}
        contentBlockDelta broken
        contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
        {STOP}{USAGE}"#
    );
    let bytes = stream(&script);
    for size in [1, 7, 100, bytes.len()] {
        let (mut decoder, mut seen, mut count) = (ChunkDecoder::new(), Vec::new(), 0);
        for mut read in bytes.chunks(size) {
            loop {
                match decoder.next_inspect(&mut read, |message| {
                    seen.extend_from_slice(message.as_bytes());
                    count += usize::from(Event::decode(message).is_ok());
                }) {
                    Ok(None) => break,
                    Ok(Some(_)) => {}
                    Err(error) => assert!(!error.is_final()),
                }
            }
        }
        assert!(decoder.is_done());
        assert_eq!((seen == bytes, count), (true, 4));
    }
}

#[test]
fn f4_the_callers_limits_apply() {
    let long = event("later", &format!("\"{}\"", "x".repeat(1000)));
    let mut decoder = ChunkDecoder::with_limits(Limits::max_message_len(500));
    decoder.push(&long);
    assert!(matches!(decoder.next_chunk(), Err(Error::Frame(frame::Error::TooLong { limit: 500, .. }))));
    let mut decoder = ChunkDecoder::new();
    decoder.push(&long);
    assert!(matches!(decoder.next_chunk(), Ok(Some(Chunk::Start { .. }))));
    assert!(matches!(decoder.next_chunk(), Ok(Some(Chunk::Unknown { .. }))));
}
