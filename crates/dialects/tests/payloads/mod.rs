//! What the tests of the dialects share: the payloads of a recorded stream, and what a decoder makes of them.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use bedrock_stream_core::answer::{Chunk, Done, Error};
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::{Dialect, PayloadDecoder};
use serde_json::{Value, json};

/// A payload and its event's name.
pub(crate) type Payload = (Option<String>, String);

/// The files of a folder of the shared data whose names begin like this and end in that, sorted. `None`: there is no such data
/// here.
pub(crate) fn recordings(folder: &str, prefix: &str, extension: &str) -> Option<Vec<PathBuf>> {
    let folder = bedrock_stream_tests::shared(folder)?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            name(path).starts_with(prefix) && path.extension().is_some_and(|found| found == extension)
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are recordings of {prefix}");
    Some(files)
}

/// A file's name without its extension.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The payloads of a stream of server-sent events, by the rules that recordings need.
pub(crate) fn sse_payloads(text: &str) -> Vec<Payload> {
    let mut payloads = Vec::new();
    let (mut event, mut data) = (None, Vec::new());
    for line in text.lines().chain([""]) {
        if let Some(value) = line.strip_prefix("event:") {
            event = Some(value.trim().to_owned());
        } else if let Some(value) = line.strip_prefix("data:") {
            data.push(value.strip_prefix(' ').unwrap_or(value));
        } else if line.is_empty() {
            if !data.is_empty() {
                payloads.push((event.clone(), data.join("\n")));
            }
            (event, data) = (None, Vec::new());
        }
    }
    payloads
}

/// The payloads of the `chunk` messages of an event stream.
pub(crate) fn invoke_payloads(mut bytes: &[u8]) -> Vec<Payload> {
    let mut payloads = Vec::new();
    while !bytes.is_empty() {
        let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let (total, headers) = (length(0), length(4));
        let message: Value = serde_json::from_slice(&bytes[12 + headers..total - 4]).unwrap();
        let payload = Blob::from_base64(message["bytes"].as_str().unwrap()).unwrap();
        payloads.push((None, String::from_utf8(payload.0).unwrap()));
        bytes = &bytes[total..];
    }
    payloads
}

/// What a decoder made of an answer.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) errors: Vec<Error>,
    /// How it ended, as far as that is known if it is not complete.
    pub(crate) ending: Done,
    pub(crate) is_complete: bool,
}

/// Decodes payloads to the end of the stream. Panics if the chunks are not in the shape that every answer has.
pub(crate) fn decode(mut decoder: PayloadDecoder, payloads: &[Payload]) -> Outcome {
    let mut outcome =
        Outcome { chunks: Vec::new(), errors: Vec::new(), ending: Done::default(), is_complete: false };
    for (event, payload) in payloads {
        decoder.apply(event.as_deref(), payload);
        drain(&mut decoder, PayloadDecoder::next_chunk, &mut outcome);
    }
    outcome.ending = decoder.ending();
    drain(&mut decoder, PayloadDecoder::finish, &mut outcome);
    outcome.is_complete = decoder.is_done();
    check_shape(&outcome);
    if let Some(Chunk::Done(done)) = outcome.chunks.last() {
        outcome.ending = (**done).clone();
    }
    outcome
}

/// [`decode`] in a given dialect.
pub(crate) fn decode_as(dialect: Dialect, payloads: &[Payload]) -> Outcome {
    decode(PayloadDecoder::new(Some(dialect)), payloads)
}

fn drain(
    decoder: &mut PayloadDecoder,
    next: impl Fn(&mut PayloadDecoder) -> Result<Option<Chunk>, Error>,
    outcome: &mut Outcome,
) {
    loop {
        let item = next(decoder);
        assert_eq!(decoder.raw_stop_reason(), decoder.ending().raw_stop_reason.as_deref());
        match item {
            Ok(Some(chunk)) => outcome.chunks.push(chunk),
            Ok(None) => return,
            Err(error) => {
                let is_final = error.is_final();
                if outcome.errors.last() != Some(&error) || !is_final {
                    outcome.errors.push(error);
                }
                if is_final {
                    return;
                }
            }
        }
    }
}

/// Start comes first, once; a block begins before its pieces and ends once; Stop comes when every block has ended; Done comes
/// last, after a Stop.
fn check_shape(outcome: &Outcome) {
    let chunks = &outcome.chunks;
    let mut open: Vec<(u32, &str)> = Vec::new();
    let mut is_stopped = false;
    for (position, chunk) in chunks.iter().enumerate() {
        let kind = match chunk {
            Chunk::ToolCallStart { .. } | Chunk::ToolCallDelta { .. } | Chunk::ToolCallEnd { .. } => "call",
            _ => "content",
        };
        assert_eq!(position == 0, matches!(chunk, Chunk::Start { .. }), "{chunks:?}");
        match chunk {
            Chunk::BlockStart { block, .. } | Chunk::ToolCallStart { block, .. } => {
                assert!(!open.iter().any(|(open, _)| open == block), "block {block} is open: {chunks:?}");
                open.push((*block, kind));
            }
            Chunk::BlockEnd { block, .. } | Chunk::ToolCallEnd { block, .. } => {
                let found = open.iter().position(|open| *open == (*block, kind));
                open.remove(found.unwrap_or_else(|| panic!("block {block} is not open: {chunks:?}")));
            }
            Chunk::Text { block, .. }
            | Chunk::Reasoning { block, .. }
            | Chunk::ReasoningSignature { block, .. }
            | Chunk::ReasoningRedacted { block, .. }
            | Chunk::ToolCallDelta { block, .. } => {
                assert!(open.contains(&(*block, kind)), "block {block} is not open: {chunks:?}");
            }
            Chunk::Stop { .. } => {
                assert!(open.is_empty() && !is_stopped, "{chunks:?}");
                is_stopped = true;
            }
            Chunk::Done(_) => assert!(is_stopped && position + 1 == chunks.len(), "{chunks:?}"),
            _ => {}
        }
    }
    assert_eq!(matches!(chunks.last(), Some(Chunk::Done(_))), outcome.is_complete, "{outcome:?}");
}

impl Outcome {
    /// All of its text.
    pub(crate) fn text(&self) -> String {
        self.chunks
            .iter()
            .filter_map(|chunk| if let Chunk::Text { text, .. } = chunk { Some(&**text) } else { None })
            .collect()
    }

    /// All of its reasoning.
    pub(crate) fn reasoning(&self) -> String {
        self.chunks
            .iter()
            .filter_map(|chunk| if let Chunk::Reasoning { text, .. } = chunk { Some(&**text) } else { None })
            .collect()
    }

    /// Its tool calls, as the expected files have them.
    pub(crate) fn tool_calls(&self) -> Value {
        self.chunks
            .iter()
            .filter_map(|chunk| match chunk {
                Chunk::ToolCallEnd { id, name, input, .. } => {
                    Some(json!({"id": **id, "name": **name, "arguments": input.as_str()}))
                }
                _ => None,
            })
            .collect()
    }

    /// Its usage in the vendor's members.
    pub(crate) fn vendor_usage(&self) -> Value {
        self.ending.vendor_usage.as_ref().map_or(Value::Null, |usage| usage.parse().unwrap())
    }

    /// The vendor's stop reason.
    pub(crate) fn raw_stop_reason(&self) -> Option<&str> {
        self.ending.raw_stop_reason.as_deref()
    }
}
