//! Bugs that were reported for other event stream parsers: one test each, named after what it prevents.

use bedrock_stream_core::answer::{Chunk, Error, Exception};
use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
use bedrock_stream_core::frame::{self, Decoder, Header, Value, encode};

use super::steps::{check, content_lines, steps, take};
use super::traps::{TEXT, TEXT_CHUNK};
use super::wire::{DONE, STOP, USAGE, event, messages, stream};

#[test]
fn a_clean_end_after_the_answer_is_not_a_failure() {
    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(&format!("{STOP}{USAGE}")));
    let mut steps = Vec::new();
    assert!(take(&mut steps, || decoder.finish()));
    assert_eq!(content_lines(&steps), [DONE]);
}

#[test]
fn an_unreadable_message_is_not_retried_endlessly() {
    check(
        &format!("contentBlockDelta poison\n{TEXT}{STOP}metadata {{\"usage\":{{}}}}"),
        &format!(
            r#"skipped payload: contentBlockDelta
            {TEXT_CHUNK}
            {{"type":"block_end","block":0}}
            {{"type":"done","stop_reason":"end_turn","usage":{{}},"skipped_events":1}}"#
        ),
    );
}

#[test]
fn a_total_length_of_zero_does_not_loop() {
    let mut zero = vec![0; 8];
    let crc = crc32(&zero);
    zero.extend(crc.to_be_bytes());
    let mut decoder = ChunkDecoder::new();
    decoder.push(&zero);
    assert!(matches!(decoder.next_chunk(), Err(Error::Frame(frame::Error::Length { total: 0, .. }))));
}

#[test]
fn a_split_prelude_is_not_misread() {
    let bytes = stream(&format!("{TEXT}{STOP}{USAGE}"));
    let whole = steps(&bytes);
    for cut in 1..16 {
        let mut decoder = ChunkDecoder::new();
        let mut steps = Vec::new();
        for mut part in [&bytes[..cut], &bytes[cut..]] {
            take(&mut steps, || decoder.next_from(&mut part));
        }
        assert_eq!(steps, whole, "{cut}");
    }
}

#[test]
fn a_hostile_length_costs_twelve_bytes() {
    for (total, headers) in [(u32::MAX, 0), (u32::MAX, u32::MAX), (100, 101), (15, 0)] {
        let mut prelude = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        let crc = crc32(&prelude);
        prelude.extend(crc.to_be_bytes());
        let mut decoder = ChunkDecoder::new();
        decoder.push(&prelude);
        let error = decoder.next_chunk().unwrap_err();
        assert!(error.is_final() && matches!(error, Error::Frame(_)), "{error}");
        for _ in 0..100 {
            decoder.push(&[0; 10_000]);
            assert_eq!(decoder.next_chunk().as_ref(), Err(&error));
        }
        assert!(decoder.buffer_capacity() < 1024);
    }
}

#[test]
fn a_long_message_within_the_specification_is_accepted() {
    // Longer than 16 MiB, which several decoders used to assume as the limit.
    let text = "x".repeat(19_271_862);
    let bytes =
        event("contentBlockDelta", &format!("{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{text}\"}}}}"));
    let mut decoder = ChunkDecoder::new();
    for read in bytes.chunks(64 * 1024) {
        decoder.push(read);
    }
    assert!(matches!(decoder.next_chunk(), Ok(Some(Chunk::Start { .. }))));
    assert!(matches!(decoder.next_chunk(), Ok(Some(Chunk::BlockStart { .. }))));
    let Ok(Some(Chunk::Text { text: read, .. })) = decoder.next_chunk() else { panic!() };
    assert_eq!(read.len(), text.len());
}

#[test]
fn a_body_that_is_not_an_event_stream_is_described() {
    for (body, what) in [
        (&b"<!DOCTYPE html><html>"[..], "HTML"),
        (b"<?xml version=\"1.0\"?><Error/>", "XML"),
        (b"{\"message\":\"The security token is expired\"}", "JSON"),
        (b"data: {\"choices\":[]}\n\n", "server-sent events"),
        (b"event: error\ndata: {}\n\n", "server-sent events"),
    ] {
        let steps = steps(body);
        let [Err(error @ Error::Frame(frame::Error::PreludeChecksum { offset: 0, .. }))] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn text_injected_into_the_stream_is_reported_with_its_offset() {
    let first = stream(TEXT);
    let bytes = [&first[..], b"data: {\"error\":\"upstream\"}\n\n"].concat();
    let steps = steps(&bytes);
    let [.., Ok(Chunk::Text { .. }), Err(Error::Frame(error))] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((error.offset(), error.looks_like()), (first.len() as u64, Some("server-sent events")));
}

#[test]
fn a_header_that_is_not_a_string_does_not_end_the_headers() {
    let mut bytes = Vec::new();
    let headers = [
        Header::new("n", Value::Long(1)),
        Header::new("b", Value::ByteArray(b"\x07")),
        Header::string(":event-type", "contentBlockDelta"),
        Header::new(":at", Value::Timestamp(-1)),
        Header::string(":message-type", "event"),
    ];
    encode(headers, br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#, &mut bytes).unwrap();
    bytes.extend(stream(&format!("{STOP}{USAGE}")));
    assert_eq!(content_lines(&steps(&bytes))[0], TEXT_CHUNK);
}

#[test]
fn a_changed_byte_is_never_visible() {
    let bytes = stream(TEXT);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        damaged.extend(stream(&format!("{STOP}{USAGE}")));
        let steps = steps(&damaged);
        assert!(matches!(&steps[..], [Err(Error::Frame(_))]), "{at}: {steps:?}");
    }
}

#[test]
fn an_unknown_header_type_does_not_panic() {
    let mut bytes = Vec::new();
    encode([Header::new("x", Value::Bool(true))], b"", &mut bytes).unwrap();
    for code in 2..=u8::MAX {
        bytes[14] = code;
        let end = bytes.len() - 4;
        let crc = crc32(&bytes[..end]);
        bytes[end..].copy_from_slice(&crc.to_be_bytes());
        let steps = steps(&bytes);
        assert!(matches!(&steps[..], [Err(Error::Frame(frame::Error::Header { .. }))]), "{code}");
    }
}

#[test]
fn an_oversized_name_cannot_smuggle_a_header() {
    // 65536 + 5 bytes: if the length wrapped around, the rest would be read as headers.
    let name = "x".repeat(65_541);
    let mut out = b"before".to_vec();
    assert!(EventEncoder::new().encode(&Event::Exception(Exception::new(name, "{}")), &mut out).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn braces_in_text_do_not_cut_the_answer() {
    // Text that looks like an event is still text.
    let text = r#"}{"messageStop":{"stopReason":"end_turn"}}{"#;
    let quoted = serde_json::to_string(text).unwrap();
    let script = format!("contentBlockDelta {{\"contentBlockIndex\":0,\"delta\":{{\"text\":{quoted}}}}}");
    let steps = steps(&stream(&script));
    assert!(
        matches!(&steps[..], [.., Ok(Chunk::Text { text: read, .. }), Err(Error::Incomplete(_))] if read == text)
    );
}

#[test]
fn messages_may_share_a_read_or_span_several() {
    let script = format!("{TEXT}{TEXT}{STOP}{USAGE}");
    let bytes = stream(&script);
    let mut decoder = Decoder::new();
    decoder.push(&bytes);
    let mut count = 0;
    while decoder.next_message().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, messages(&script).len());
    let mut decoder = ChunkDecoder::new();
    let mut seen = Vec::new();
    for byte in &bytes {
        decoder.push(std::slice::from_ref(byte));
        take(&mut seen, || decoder.next_chunk());
    }
    assert_eq!(seen, steps(&bytes));
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}
