use bedrock_stream_http::frame::{Header, encode};

pub(crate) fn answer() -> Vec<u8> {
    [
        event("messageStart", r#"{"p":"abc","role":"assistant"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello, "},"p":"abcd"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"world"},"p":"ab"}"#),
        event("contentBlockStop", r#"{"contentBlockIndex":0,"p":"abcdef"}"#),
        event("messageStop", r#"{"p":"ab","stopReason":"end_turn"}"#),
        metadata(),
    ]
    .concat()
}

pub(crate) fn bytes_of_start() -> usize {
    event("messageStart", r#"{"p":"abc","role":"assistant"}"#).len()
}

pub(crate) fn metadata() -> Vec<u8> {
    event(
        "metadata",
        r#"{"metrics":{"latencyMs":9},"p":"abc","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#,
    )
}

pub(crate) fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(":event-type", kind, "event", payload)
}

pub(crate) fn exception(kind: &str, payload: &str) -> Vec<u8> {
    frame(":exception-type", kind, "exception", payload)
}

pub(crate) fn frame(type_header: &str, kind: &str, message_type: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [
        Header::string(type_header, kind),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", message_type),
    ];
    encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    bytes
}
