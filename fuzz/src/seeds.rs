use bedrock_stream_core::frame::{Header, Value, encode};

use crate::carrier_seeds::{dialect_seeds, framer_seeds, invoke_seeds, sse_seeds};
use crate::control::Control;
use crate::request::request_seeds;
use crate::wire::{framed, header, prelude};

/// The seeds of a target, which are always the same; none if there is no such target.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "frame_split" | "frame_headers" => cut(&streams()),
        "event_round_trip" | "chunk_decoder" => cut(&answers()),
        "frame_round_trip" | "chunker" | "chunk_rules" | "chunk_stream" => plain(),
        "delta_scan" => deltas(),
        "partial_json" => ARGUMENTS
            .iter()
            .flat_map(|text| [1, 3].map(|bits| Control::join(&[], bits, text.as_bytes())))
            .collect(),
        "sse_framer" => framer_seeds(),
        "sse_decoder" => sse_seeds(),
        "invoke_decoder" => invoke_seeds(),
        "dialects" => dialect_seeds(),
        // Each is encoded in every dialect, several times.
        "encode" => dialect_seeds().into_iter().take(12).collect(),
        "request" => request_seeds(),
        _ => Vec::new(),
    }
}

/// Payloads of a block's events as Bedrock writes them, and variations of them.
fn deltas() -> Vec<Vec<u8>> {
    let deltas = [
        r#"{"text":"Hello"}"#,
        r#"{"text":"a \"quote\" \ud83d\ude00 \ud83d é"}"#,
        r#"{"toolUse":{"input":"{\"city\": \"Par"}}"#,
        r#"{"reasoningContent":{"text":"hm"}}"#,
        r#"{"reasoningContent":{"signature":"c2ln"}}"#,
        r#"{"text":"a","new":1}"#,
    ];
    let spellings = |delta: &str| {
        [
            format!(r#"{{"contentBlockIndex":0,"delta":{delta},"p":"abcdefghij"}}"#),
            format!(r#"{{"contentBlockIndex":12,"delta":{delta}}}"#),
            format!(r#"{{"delta":{delta}, "contentBlockIndex":0}}"#),
        ]
    };
    let starts_and_stops = [
        r#"{"contentBlockIndex":1,"p":"abcd","start":{"toolUse":{"name":"a","toolUseId":"t"}}}"#,
        r#"{"contentBlockIndex":12,"start":{"toolUse":{"toolUseId":"t\u00e9","name":"a"}}}"#,
        r#"{"contentBlockIndex":3,"p":"abcdefghij"}"#,
    ];
    let deltas = deltas.iter().flat_map(|delta| spellings(delta));
    deltas.chain(starts_and_stops.map(String::from)).map(String::into_bytes).collect()
}

/// Combines every stream with several controls.
fn cut(streams: &[Vec<u8>]) -> Vec<Vec<u8>> {
    const LENS: [&[u8]; 5] = [&[], &[1], &[12], &[7, 0, 31], &[255, 3]];
    let mut seeds = vec![Vec::new()];
    for (index, stream) in streams.iter().enumerate() {
        for (at, lens) in LENS.iter().enumerate() {
            seeds.push(Control::join(lens, ((index + at) % 4) as u8, stream));
        }
    }
    seeds
}

/// Streams of every kind that the rules distinguish.
fn streams() -> Vec<Vec<u8>> {
    let every_type = encoded(&every_type(), b"payload");
    let event = encoded(
        &[
            Header::string(":event-type", "contentBlockDelta"),
            Header::string(":content-type", "application/json"),
            Header::string(":message-type", "event"),
        ],
        br#"{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abcdefgh"}"#,
    );
    let exception = encoded(
        &[
            Header::string(":message-type", "exception"),
            Header::string(":exception-type", "throttlingException"),
        ],
        br#"{"message":"Too many requests"}"#,
    );
    let error = encoded(
        &[
            Header::string(":message-type", "error"),
            Header::string(":error-code", "InternalError"),
            Header::string(":error-message", "m"),
        ],
        b"",
    );
    let empty = framed(&[], b"");
    let mut damaged = every_type.clone();
    damaged[20] ^= 1;
    let mut bad_prelude = event.clone();
    bad_prelude[1] ^= 0x40;
    let repeated = framed(&header(b"n", 0, &[]).repeat(3), b"");
    let overrun = framed(&header(b"n", 7, b"\x00\x09v"), b"payload");
    vec![
        [&event[..], &empty, &every_type, &exception].concat(),
        [&event[..], &event, &event[..event.len() - 5]].concat(),
        [&event[..], &damaged, &event].concat(),
        [&empty[..], &bad_prelude].concat(),
        event[..12].to_vec(),
        prelude(24 * 1024 * 1024, 0).to_vec(),
        prelude(u32::MAX, 8).to_vec(),
        prelude(15, 0).to_vec(),
        prelude(20, 5).to_vec(),
        b"<!DOCTYPE html><html></html>".to_vec(),
        br#"{"message":"Forbidden"}"#.to_vec(),
        framed(&header(b"", 0, &[]), b""),
        framed(&header(b"\xff", 0, &[]), b""),
        framed(&header(b"n", 7, b"\x00\x01\xff"), b""),
        framed(&header(b"n", 10, b""), b""),
        framed(&[header(b"a", 6, &[0, 0]), header(b"b", 7, &[0, 0])].concat(), b""),
        [&repeated[..], &error].concat(),
        overrun,
        every_type,
        error,
        empty,
    ]
}

/// Answers of every kind: text, reasoning, interleaved tool calls, server tools, citations, images, unknown events,
/// exceptions, skipped events, and truncated answers.
fn answers() -> Vec<Vec<u8>> {
    let start = event("messageStart", r#"{"role":"assistant","p":"ab"}"#);
    let text =
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hi \u00e9\ud83d"},"p":"abc"}"#);
    let stop = event("contentBlockStop", r#"{"contentBlockIndex":0}"#);
    let end = event("messageStop", r#"{"stopReason":"end_turn","additionalModelResponseFields":{"a":1.0}}"#);
    let usage = event(
        "metadata",
        r#"{"usage":{"inputTokens":1,"outputTokens":28.0,"totalTokens":29},"metrics":{"latencyMs":5}}"#,
    );
    let exception = encoded(
        &[
            Header::string(":message-type", "exception"),
            Header::string(":exception-type", "modelStreamErrorException"),
        ],
        br#"{"message":"m","originalStatusCode":500,"originalMessage":"o"}"#,
    );
    let error = encoded(
        &[Header::string(":message-type", "error"), Header::string(":error-code", "InternalError")],
        b"",
    );
    let tools = [
        event(
            "contentBlockStart",
            r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"x","name":"f"}}}"#,
        ),
        event(
            "contentBlockStart",
            r#"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"y","name":"g"}}}"#,
        ),
        event("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":"}}}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{"}}}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"1}"}}}"#),
        event("contentBlockStop", r#"{"contentBlockIndex":1}"#),
    ]
    .concat();
    let others = [
        event("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"reasoningContent":{"text":"hm"}}}"#),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":3,"delta":{"reasoningContent":{"signature":"s"}}}"#,
        ),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":4,"delta":{"reasoningContent":{"redactedContent":"AQI="}}}"#,
        ),
        event(
            "contentBlockStart",
            r#"{"contentBlockIndex":5,"start":{"toolResult":{"toolUseId":"x","status":"success"}}}"#,
        ),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":5,"delta":{"toolResult":[{"text":"t"},{"json":{"b":[1e400,null]}}]}}"#,
        ),
        event("contentBlockStart", r#"{"contentBlockIndex":6,"start":{"image":{"format":"png"}}}"#),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":6,"delta":{"image":{"source":{"bytes":"AQID"}}}}"#,
        ),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"citation":{"title":"t","location":{"web":{"url":"u"}}}}}"#,
        ),
        event("contentBlockDelta", r#"{"contentBlockIndex":7,"delta":{"hologram":{"x":1}},"new":true}"#),
        event("somethingNew", r#"{"p":"abc","a":{"b":1.50}}"#),
    ]
    .concat();
    let skipped = [
        event("contentBlockDelta", "not JSON"),
        event("contentBlockDelta", r#"{"contentBlockIndex":9,"delta":{"toolUse":{"input":"{}"}}}"#),
        event("contentBlockStart", r#"{"contentBlockIndex":9,"start":{"toolUse":{"toolUseId":"z"}}}"#),
        encoded(&[Header::string(":event-type", "messageStop")], b"{}"),
    ]
    .concat();
    vec![
        [&start[..], &text, &stop, &end, &usage].concat(),
        [&start[..], &text, &tools, &end, &usage].concat(),
        [&start[..], &others, &stop, &usage, &end, &text].concat(),
        [&start[..], &skipped, &text, &end].concat(),
        [&start[..], &text, &exception, &text].concat(),
        [&start[..], &error].concat(),
        [&start[..], &text, &end, &usage[..usage.len() - 3]].concat(),
        [&start[..], &text, &stop].concat(),
        [&usage[..], &end, b"junk after the end"].concat(),
        [&end[..], &end, &start, &start].concat(),
        exception,
        error,
    ]
}

/// Bytes for `arbitrary`, which reads lengths from the end: counting up, counting down, and all equal.
fn plain() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new()];
    for len in [16_usize, 64, 200, 600] {
        seeds.push((0..len).map(|at| at as u8).collect());
        seeds.push((0..len).rev().map(|at| (at * 7) as u8).collect());
        seeds.push(vec![1; len]);
        seeds.push(vec![0xff; len]);
        seeds.push(b"name\0\x01\x07value\x03".iter().copied().cycle().take(len).collect());
    }
    seeds
}

fn event(event_type: &str, payload: &str) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", event_type),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    encoded(&headers, payload.as_bytes())
}

fn encoded(headers: &[Header<'_>], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(headers, payload, &mut bytes).expect("the seeds' lengths are within the limits");
    bytes
}

const fn every_type() -> [Header<'static>; 10] {
    [
        Header::new("a", Value::Bool(true)),
        Header::new("b", Value::Bool(false)),
        Header::new("c", Value::Byte(-2)),
        Header::new("d", Value::Short(-3)),
        Header::new("e", Value::Integer(-4)),
        Header::new("f", Value::Long(-5)),
        Header::new("g", Value::ByteArray(b"\xff\0")),
        Header::new("h", Value::String("\u{e9}")),
        Header::new("i", Value::Timestamp(-6)),
        Header::new("j", Value::Uuid(*b"0123456789abcdef")),
    ]
}

/// Tool call arguments: every kind of token, and invalid JSON.
const ARGUMENTS: [&str; 6] = [
    r#"{"city": "Paris", "days": -1.5e+3, "ok": [true, false, null], "deep": {"a": {"b": []}}}"#,
    r#""a \"quote\" \\ \u00e9 \ud83d\ude00 \ud83d""#,
    r#"{"a": 1,}"#,
    "[1, 2",
    "{'a': 1}",
    " 0 ",
];
