use bedrock_stream_core::converse::{ContentBlockDelta, Event};
use bedrock_stream_core::frame::{Header, Message, encode};

/// For any payload of a delta, the hand-written reader and serde agree: they read the same event, or both fail.
pub fn delta_scan(payload: &[u8]) {
    let mut bytes = Vec::new();
    let headers = [
        Header::string(":event-type", "contentBlockDelta"),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    encode(&headers, payload, &mut bytes).unwrap();
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    let by_serde = std::str::from_utf8(payload)
        .ok()
        .and_then(|text| serde_json::from_str::<ContentBlockDelta>(text).ok())
        .map(Event::ContentBlockDelta);
    assert_eq!(Event::decode(&message).ok(), by_serde);
}
