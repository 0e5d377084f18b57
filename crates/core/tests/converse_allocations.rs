//! What reading an event costs, measured with a counting allocator (C2 and C11).

#![cfg(feature = "converse")]

use allocation_counter::measure;
use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_core::converse::{ChunkDecoder, Event};
use bedrock_stream_core::frame::{Header, Message, encode};

#[test]
fn c2_padding_is_skipped_without_allocating() {
    for (name, payload) in [
        ("messageStart", r#"{"role":"assistant"P}"#),
        ("contentBlockStart", r#"{"contentBlockIndex":0P,"start":{"toolUse":{"name":"f","toolUseId":"t"}}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}P}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"citation":{"title":"T"}}P}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0P}"#),
        ("messageStop", r#"{"additionalModelResponseFields":{}P,"stopReason":"end_turn"}"#),
        ("metadata", r#"{"metrics":{"latencyMs":1}P,"usage":{"inputTokens":1}}"#),
    ] {
        let cost = |padding: &str| {
            let bytes = event(name, &payload.replace('P', padding));
            let (message, _) = Message::parse(&bytes).unwrap().unwrap();
            let mut decoded = None;
            let info = measure(|| decoded = Some(Event::decode(&message).unwrap()));
            (info.count_total, info.bytes_total, decoded)
        };
        let bare = cost("");
        for len in [2, 30, 61] {
            assert_eq!(cost(&format!("{}\"", &PADDING[..PREFIX + len])), bare, "{name}");
        }
        let other = |len| cost(&format!(",\"p\":\"{}\"", "x".repeat(len)));
        assert_eq!(other(1), other(1000), "{name}");
    }
    // These have no other members, so nothing at all is allocated.
    let bytes = event("contentBlockStop", &format!("{{\"contentBlockIndex\":0{PADDING}}}"));
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    assert_eq!(measure(|| drop(Event::decode(&message))).count_total, 0);
}

#[test]
fn c11_a_delta_costs_one_allocation() {
    for delta in [
        r#"{"text":"Hello"}"#,
        r#"{"toolUse":{"input":"{\"a\":1"}}"#,
        r#"{"reasoningContent":{"text":"hm"}}"#,
    ] {
        let mut stream = event(
            "contentBlockStart",
            r#"{"contentBlockIndex":0,"start":{"toolUse":{"name":"f","toolUseId":"t"}}}"#,
        );
        let payload = format!("{{\"contentBlockIndex\":0,\"delta\":{delta}{PADDING}}}");
        for _ in 0..1000 {
            stream.extend(event("contentBlockDelta", &payload));
        }
        let mut decoder = ChunkDecoder::new();
        let mut input = &stream[..];
        // Until the first deltas have been read, the decoder's own buffers grow.
        for _ in 0..100 {
            decoder.next_from(&mut input).unwrap().unwrap();
        }
        let mut count = 0;
        let info = measure(|| {
            while let Some(chunk) = decoder.next_from(&mut input).unwrap() {
                assert!(!matches!(chunk, Chunk::Unknown { .. }));
                count += 1;
            }
        });
        assert_eq!(count, 902);
        // A tool's arguments are also kept, in a string that doubles as it grows.
        let growths = if delta.contains("toolUse") { 8 } else { 0 };
        assert!(info.count_total <= count + growths, "{delta}: {info:?}");
    }
}

#[test]
fn c11_a_lent_delta_costs_no_allocation() {
    for delta in [
        r#"{"text":"Hello"}"#,
        r#"{"text":"\"short\" waves.\n"}"#,
        r#"{"toolUse":{"input":"{\"a\":1"}}"#,
        r#"{"reasoningContent":{"text":"hm"}}"#,
    ] {
        let start = r#"{"contentBlockIndex":0,"start":{"toolUse":{"name":"f","toolUseId":"t"}}}"#;
        let mut stream = event("contentBlockStart", start);
        let payload = format!("{{\"contentBlockIndex\":0,\"delta\":{delta}{PADDING}}}");
        for _ in 0..1000 {
            stream.extend(event("contentBlockDelta", &payload));
        }
        let mut decoder = ChunkDecoder::new();
        let mut input = &stream[..];
        for _ in 0..100 {
            decoder.next_from(&mut input).unwrap().unwrap();
        }
        let (mut count, mut len) = (0, 0);
        let info = measure(|| {
            let mut take = |chunk: ChunkRef<'_>| {
                count += 1;
                len += match chunk {
                    ChunkRef::Text { text, .. } | ChunkRef::Reasoning { text, .. } => text.len(),
                    ChunkRef::ToolCallDelta { arguments_delta, .. } => arguments_delta.len(),
                    chunk => panic!("{chunk:?} is not lent"),
                };
            };
            while let Some(()) = decoder.next_with(&mut input, &mut take).unwrap() {}
        });
        assert_eq!(count, 902);
        assert!(len >= 902 * 2, "{len}");
        // A tool's arguments are kept, in a text that doubles as it grows; escapes are kept in a buffer that is reused.
        let growths = if delta.contains("toolUse") { 8 } else { 1 };
        assert!(info.count_total <= growths, "{delta}: {info:?}");
    }
}

#[test]
fn a_long_text_keeps_the_buffer_that_it_arrived_in() {
    const LEN: usize = 16 * 1024 * 1024;
    let long = |len| {
        let text = "x".repeat(len);
        event(
            "contentBlockDelta",
            &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}{PADDING}}}"#),
        )
    };
    // The second one is decoded while the block is open, and needs a new buffer.
    for stream in [long(LEN), [long(100), long(LEN)].concat()] {
        let mut decoder = ChunkDecoder::new();
        let mut text = String::new();
        let info = measure(|| {
            for mut read in stream.chunks(READ) {
                while let Some(chunk) = decoder.next_from(&mut read).unwrap() {
                    if let Chunk::Text { text: piece, .. } = chunk {
                        text = piece;
                    }
                }
            }
        });
        assert_eq!(text.len(), LEN);
        // A sixteenth was there when the whole was reserved; see the same test of frames.
        assert!(info.bytes_max <= (LEN + LEN / 8) as u64, "{info:?}");
        assert!(text.capacity() <= LEN + 1024, "{}", text.capacity());
        assert_eq!(decoder.buffer_capacity(), 0);
    }
    // One that would be far shorter than its buffer is copied, and leaves the buffer to the next message.
    let escaped = event(
        "contentBlockDelta",
        &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"\n{}"}}}}"#, "x".repeat(LEN)),
    );
    let stream = [escaped, long(100_000)].concat();
    let mut decoder = ChunkDecoder::new();
    let mut last = String::new();
    for mut read in stream.chunks(READ) {
        while let Some(chunk) = decoder.next_from(&mut read).unwrap() {
            if let Chunk::Text { text, .. } = chunk {
                last = text;
            }
        }
    }
    assert_eq!((last.len(), last.capacity()), (100_000, 100_000));
    assert!(decoder.buffer_capacity() > LEN);
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", name),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let mut bytes = Vec::new();
    encode(headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}

const PADDING: &str = ",\"p\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678\"";
/// The number of bytes before the padding's own characters.
const PREFIX: usize = ",\"p\":\"".len();
const READ: usize = 16 * 1024;
