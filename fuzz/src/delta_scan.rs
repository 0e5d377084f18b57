use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_core::converse::{ChunkDecoder, Chunker, Event};
use bedrock_stream_core::frame::{Header, Message, encode};

/// For any payload of a block's event, the hand-written readers and serde agree: they read the same event, or both fail.
/// So do the decoder that lends an open block's text and the chunker, for a delta as it is and for one that is long enough
/// to keep the buffer that it arrived in.
pub fn delta_scan(payload: &[u8]) {
    let bytes = message("contentBlockDelta", payload);
    let text = std::str::from_utf8(payload).unwrap_or_default();
    let delta = serde_json::from_str(text).map(Event::ContentBlockDelta);
    assert_eq!(decode(&bytes), delta.ok());
    let start = serde_json::from_str(text).map(Event::ContentBlockStart);
    assert_eq!(decode(&message("contentBlockStart", payload)), start.ok());
    let stop = serde_json::from_str(text).map(Event::ContentBlockStop);
    assert_eq!(decode(&message("contentBlockStop", payload)), stop.ok());

    // The first delta opens the block, and the second one's chunk is returned directly.
    let plain = message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#);
    let stream = |bytes: &[u8]| [&plain[..], &plain, bytes, &plain].concat();
    let short = stream(&bytes);
    assert_eq!(lent(&short, short.len()), by_chunker(&short));

    // One in eight, because that takes as long as hundreds of short ones.
    if let (0, Some(text)) = (payload.len() % 8, start_of_text(payload)) {
        let (head, rest) = payload.split_at(text);
        let long = [head, &[b'x'; 64 << 10], rest].concat();
        let long = stream(&message("contentBlockDelta", &long));
        let expected = by_chunker(&long);
        assert_eq!(lent(&long, long.len()), expected);
        assert_eq!(lent(&long, 16 << 10), expected);
    }
}

/// Where the first member's text starts in a payload, in bytes.
fn start_of_text(payload: &[u8]) -> Option<usize> {
    let names = [&b"\"text\":\""[..], b"\"input\":\""];
    names.iter().find_map(|name| {
        let at = payload.windows(name.len()).position(|bytes| bytes == *name)?;
        Some(at + name.len())
    })
}

fn decode(message: &[u8]) -> Option<Event> {
    let (message, _) = Message::parse(message).unwrap().unwrap();
    Event::decode(&message).ok()
}

/// A message with the headers of an event, as Bedrock writes them.
fn message(event_type: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", event_type),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let mut bytes = Vec::new();
    encode(&headers, payload, &mut bytes).unwrap();
    bytes
}

/// What the decoder gives for a stream in reads of this length, lent.
fn lent(stream: &[u8], read_len: usize) -> Vec<Result<Chunk, Error>> {
    let mut decoder = ChunkDecoder::new();
    let mut items = Vec::new();
    for mut read in stream.chunks(read_len) {
        items.extend(core::iter::from_fn(|| {
            decoder.next_with(&mut read, |chunk| chunk.into_chunk()).transpose()
        }));
    }
    items
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
