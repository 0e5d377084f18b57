use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_core::converse::{ChunkDecoder, Chunker, ContentBlockDelta, Event};
use bedrock_stream_core::frame::{Header, Message, encode};

/// For any payload of a delta, the hand-written readers and serde agree: they read the same event, or both fail. So do
/// the decoder that lends an open block's text and the chunker.
pub fn delta_scan(payload: &[u8]) {
    let bytes = delta(payload);
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    let by_serde = std::str::from_utf8(payload)
        .ok()
        .and_then(|text| serde_json::from_str::<ContentBlockDelta>(text).ok())
        .map(Event::ContentBlockDelta);
    assert_eq!(Event::decode(&message).ok(), by_serde);

    // The first delta opens the block, and the second one's chunk is returned directly.
    let plain = delta(br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#);
    let stream = [&plain[..], &plain, &bytes, &plain].concat();
    assert_eq!(lent(&stream), by_chunker(&stream));
}

/// A message with a delta's headers.
fn delta(payload: &[u8]) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", "contentBlockDelta"),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let mut bytes = Vec::new();
    encode(&headers, payload, &mut bytes).unwrap();
    bytes
}

/// What the decoder gives for a stream, lent.
fn lent(mut stream: &[u8]) -> Vec<Result<Chunk, Error>> {
    let mut decoder = ChunkDecoder::new();
    core::iter::from_fn(|| decoder.next_with(&mut stream, |chunk| chunk.into_chunk()).transpose()).collect()
}

/// What the chunker gives for a stream's events.
fn by_chunker(mut stream: &[u8]) -> Vec<Result<Chunk, Error>> {
    let mut chunker = Chunker::new();
    let mut items = Vec::new();
    while let Some((message, rest)) = Message::parse(stream).unwrap() {
        match Event::decode(&message) {
            Ok(event) => items.extend(chunker.apply(event).err().map(Err)),
            Err(skipped) => {
                chunker.skip(&skipped);
                items.push(Err(skipped.into()));
            }
        }
        items.extend(core::iter::from_fn(|| chunker.next_chunk()).map(Ok));
        stream = rest;
    }
    items
}
