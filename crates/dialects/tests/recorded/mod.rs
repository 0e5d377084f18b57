//! What the tests over recordings share: the recorded bytes, and what a decoder makes of an answer.
#![allow(dead_code, unused_imports, reason = "not every test needs all of it")]

mod plain_reading;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bedrock_stream_core::answer::{Chunk, Decode, Done, Error};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::frame::Message;
use bedrock_stream_core::json::Blob;
use serde_json::Value;

pub(crate) use plain_reading::{PlainCall, PlainReading};

/// The recordings of a folder of the shared data of which `is_meant`, by their names. `None` where there is no such data.
pub(crate) fn recordings(folder: &str, is_meant: impl Fn(&str) -> bool) -> Option<Vec<Recording>> {
    let folder = bedrock_stream_tests::shared(folder)?;
    let mut recordings: Vec<Recording> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sse" || extension == "bin"))
        .filter(|path| is_meant(&name(path)))
        .map(|path| Recording {
            name: name(&path),
            bytes: std::fs::read(&path).unwrap(),
            folder: folder.clone(),
        })
        .collect();
    recordings.sort_by(|left, right| left.name.cmp(&right.name));
    Some(recordings)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// A recorded body.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    folder: PathBuf,
}

impl Recording {
    /// What was expected of it by others, under that extension.
    pub(crate) fn expected(&self, extension: &str) -> String {
        let path = self.folder.join("expected").join(&self.name).with_extension(extension);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The payloads of an event stream, as another decoder read its messages: the JSON of each `chunk`, and `None` for an
    /// exception.
    pub(crate) fn invoke_payloads(&self) -> Vec<Option<Value>> {
        let payload = |line: &str| {
            let message: Value = serde_json::from_str(line).unwrap();
            let payload: Value = serde_json::from_str(message["payload"].as_str().unwrap()).unwrap();
            let bytes = Blob::from_base64(payload["bytes"].as_str()?).unwrap();
            Some(serde_json::from_slice(bytes.as_ref()).unwrap())
        };
        self.expected("jsonl").lines().map(payload).collect()
    }

    /// Where each message of an event stream ends.
    pub(crate) fn message_ends(&self) -> Vec<usize> {
        let mut rest = &self.bytes[..];
        let mut ends = Vec::new();
        while let Some((_, after)) = Message::parse(rest).unwrap() {
            rest = after;
            ends.push(self.bytes.len() - rest.len());
        }
        ends
    }

    /// Where each server-sent event ends, and its data. The last may lack the line that ends it.
    pub(crate) fn event_ends(&self) -> Vec<(usize, Option<Value>)> {
        let text = std::str::from_utf8(&self.bytes).unwrap();
        let mut end = 0;
        let mut events = Vec::new();
        for event in text.split_inclusive("\n\n") {
            end += event.len();
            let data = event.lines().filter_map(|line| line.strip_prefix("data:")).collect::<String>();
            events.push((end, serde_json::from_str(&data).ok()));
        }
        events
    }
}

/// What a decoder made of an answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) chunks: Vec<Chunk>,
    /// The errors after which the stream went on.
    pub(crate) errors: Vec<Error>,
    /// The error that ended it.
    pub(crate) failure: Option<Error>,
}

/// A tool call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    pub(crate) arguments: String,
    /// Whether it may be used.
    pub(crate) is_usable: bool,
}

impl Answer {
    /// Decodes a whole stream, in pieces of that length.
    pub(crate) fn read<D: Decode>(mut decoder: D, bytes: &[u8], piece: usize) -> Self {
        let mut answer = Self::default();
        for mut piece in bytes.chunks(piece.max(1)) {
            if !answer.drain(&mut decoder, |decoder| decoder.next_from(&mut piece)) {
                return answer;
            }
        }
        answer.drain(&mut decoder, D::finish);
        let done = matches!(answer.chunks.last(), Some(Chunk::Done(_)));
        assert_eq!(done, decoder.is_done());
        answer
    }

    /// Reads chunks until there are none. Returns whether the stream continues.
    fn drain<D: Decode>(
        &mut self,
        decoder: &mut D,
        mut next: impl FnMut(&mut D) -> Result<Option<Chunk>, Error>,
    ) -> bool {
        loop {
            let item = next(decoder);
            if !matches!(item, Ok(None)) {
                let ending = decoder.ending();
                assert_eq!(decoder.raw_stop_reason().as_deref(), ending.raw_stop_reason.as_deref());
            }
            match item {
                Ok(Some(chunk)) => self.chunks.push(chunk),
                Ok(None) => return true,
                Err(error) if error.is_final() => {
                    self.failure = Some(error);
                    return false;
                }
                Err(error) => self.errors.push(error),
            }
        }
    }

    pub(crate) fn done(&self) -> Option<&Done> {
        match self.chunks.last() {
            Some(Chunk::Done(done)) => Some(done),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.chunks.iter().filter_map(Chunk::as_text).collect()
    }

    pub(crate) fn reasoning(&self) -> String {
        let piece = |chunk: &Chunk| match chunk {
            Chunk::Reasoning { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.chunks.iter().filter_map(piece).collect()
    }

    /// The signatures, joined in each block.
    pub(crate) fn signatures(&self) -> Vec<String> {
        let mut signatures = BTreeMap::<u32, String>::new();
        for chunk in &self.chunks {
            if let Chunk::ReasoningSignature { block, signature, .. } = chunk {
                signatures.entry(*block).or_default().push_str(signature);
            }
        }
        signatures.into_values().collect()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        let mut calls: Vec<(u32, Call)> = Vec::new();
        for chunk in &self.chunks {
            match chunk {
                Chunk::ToolCallStart { block, id, name, kind, .. } => {
                    let call = Call {
                        id: id.to_string(),
                        name: name.to_string(),
                        kind: kind.clone(),
                        ..Call::default()
                    };
                    calls.push((*block, call));
                }
                Chunk::ToolCallDelta { block, arguments_delta, .. } => {
                    let (_, call) = calls.iter_mut().rfind(|(at, _)| at == block).unwrap();
                    call.arguments.push_str(arguments_delta);
                }
                Chunk::ToolCallEnd { block, input, .. } => {
                    let (_, call) = calls.iter_mut().rfind(|(at, _)| at == block).unwrap();
                    call.is_usable = input.is_usable();
                    if !matches!(input, ToolInput::Empty) {
                        assert_eq!(call.arguments, input.as_str(), "the end has all of the arguments");
                    }
                }
                _ => {}
            }
        }
        calls.into_iter().map(|(_, call)| call).collect()
    }
}
