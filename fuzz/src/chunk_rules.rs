use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use bedrock_stream_core::answer::{Chunk, Error, StreamPosition};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::Limits;

use crate::random_stream::random_stream;
use crate::rules::{self, Failure, Item, Json};
use crate::split::{Whole, pieces};

/// Streams of Bedrock's events, usable or not, yield the chunks and errors that the rules predict, in any split.
pub fn chunk_rules(data: &[u8]) {
    let _ = compare(data);
}

/// Like [`chunk_rules`]; returns how often each kind of chunk and of error was compared.
pub fn compared_items(data: &[u8]) -> BTreeMap<String, u64> {
    compare(data).unwrap_or_default()
}

/// Like [`compared_items`], for a stream and the lengths of the pieces in which it arrives.
pub fn compared_items_of(stream: &[u8], lens: &[usize]) -> BTreeMap<String, u64> {
    let whole = Whole::parse(stream, Limits::default());
    let expected = rules::items(&whole.messages, whole.end);
    let actual = read(stream, lens);
    for index in 0..expected.len().max(actual.len()) {
        let (expected, actual) = (expected.get(index), actual.get(index));
        let same = matches!((expected, actual), (Some(expected), Some(actual)) if agree(expected, actual));
        assert!(
            same,
            "item {index} of this stream must be {}, but is {actual:?}:\n{}",
            expected.map_or_else(|| "missing".into(), |item| format!("{item:?}")),
            shown(&whole)
        );
    }
    let mut compared = BTreeMap::new();
    for item in &actual {
        *compared.entry(name(item)).or_default() += 1;
    }
    compared
}

fn compare(data: &[u8]) -> Result<BTreeMap<String, u64>> {
    let mut u = Unstructured::new(data);
    let lens: Vec<usize> = match u.int_in_range(0..=3)? {
        0 => vec![],
        1 => vec![1],
        _ => vec![u.int_in_range(0..=90)?, u.int_in_range(1..=20)?, u.int_in_range(0..=250)?],
    };
    let stream = random_stream(&mut u)?;
    Ok(compared_items_of(&stream, &lens))
}

/// Everything that the decoder returns for a stream.
fn read(stream: &[u8], lens: &[usize]) -> Vec<std::result::Result<Chunk, Error>> {
    let mut decoder = ChunkDecoder::new();
    let mut items = Vec::new();
    for (index, mut piece) in pieces(stream, lens).enumerate() {
        if index % 2 == 0 {
            decoder.push(piece);
            take(&mut items, || decoder.next_chunk());
        } else {
            take(&mut items, || decoder.next_from(&mut piece));
        }
    }
    take(&mut items, || decoder.finish());
    items
}

/// Takes items until there are no more, or up to the final item.
fn take(
    items: &mut Vec<std::result::Result<Chunk, Error>>,
    mut next: impl FnMut() -> std::result::Result<Option<Chunk>, Error>,
) {
    while !items.last().is_some_and(is_last) {
        match next().transpose() {
            Some(item) => items.push(item),
            None => return,
        }
    }
}

fn is_last(item: &std::result::Result<Chunk, Error>) -> bool {
    match item {
        Ok(chunk) => matches!(chunk, Chunk::Done(_)),
        Err(error) => error.is_final(),
    }
}

fn agree(expected: &Item, actual: &std::result::Result<Chunk, Error>) -> bool {
    match (expected, actual) {
        (Item::Chunk(tree), Ok(chunk)) => {
            let json = serde_json::to_string(chunk).expect("every chunk has JSON");
            tree.matches(&Json::read(&json).expect("what serde_json writes is JSON"))
        }
        (Item::Skipped(expected), Err(error)) => !error.is_final() && error.kind().as_str() == *expected,
        (Item::Failed(failure), Err(error)) => error.is_final() && failed_as(failure, error),
        _ => false,
    }
}

fn failed_as(failure: &Failure, actual: &Error) -> bool {
    match (failure, actual) {
        (
            Failure::Exception { name, message, original_status_code, original_message, after_proof },
            Error::Exception(exception),
        ) => {
            let status = match &**name {
                "throttlingException" => Some(429),
                "serviceUnavailableException" => Some(503),
                "internalServerException" => Some(500),
                "modelStreamErrorException" => Some(original_status_code.unwrap_or(424)),
                "modelTimeoutException" => Some(408),
                "badGatewayException" => Some(502),
                "dependencyFailedException" => Some(424),
                "validationException" => Some(400),
                _ => None,
            };
            actual.kind().as_str() == "exception"
                && exception.name == *name
                && exception.message == *message
                && exception.original_status_code.map(i128::from) == *original_status_code
                && exception.original_message == *original_message
                && actual.http_status().map(i128::from) == status
                && !(*after_proof && actual.is_retryable())
        }
        (Failure::Error { code, message, after_proof }, Error::UnmodeledError(error)) => {
            error.code == *code && error.message == *message && !(*after_proof && actual.is_retryable())
        }
        (Failure::Incomplete { open_blocks, inside_message }, Error::Incomplete(incomplete)) => {
            actual.kind().as_str() == "incomplete"
                && incomplete.open_blocks == *open_blocks
                && matches!(incomplete.position, StreamPosition::InsideMessage(_)) == *inside_message
        }
        (Failure::Frame(expected), Error::Frame(error)) => error == expected,
        _ => false,
    }
}

/// The type of a chunk, or the kind of an error.
fn name(item: &std::result::Result<Chunk, Error>) -> String {
    match item {
        Ok(chunk) => {
            let text = serde_json::to_string(chunk).expect("every chunk has JSON");
            let json = Json::read(&text).expect("what serde_json writes is JSON");
            let kind = json.get("type").and_then(Json::as_str).expect("every chunk has a type");
            let tail = json.get("tail").and_then(|tail| tail.get("kind"));
            match json.get("input_error").or(tail).and_then(Json::as_str) {
                Some(error) => format!("{kind}: {error}"),
                None => kind.into(),
            }
        }
        Err(error) => error.kind().as_str().into(),
    }
}

/// The stream in a readable form.
fn shown(stream: &Whole<'_>) -> String {
    let messages = stream.messages.iter().map(|message| {
        let headers: Vec<_> = message
            .headers()
            .filter(|header| header.name != ":content-type")
            .map(|header| format!("{}={:?}", header.name, header.value))
            .collect();
        format!("{} {}\n", headers.join(" "), String::from_utf8_lossy(message.payload()))
    });
    format!("{}{:?}", messages.collect::<String>(), stream.end)
}
