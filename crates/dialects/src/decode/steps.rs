use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, Error};

use super::payload_decoder::PayloadDecoder;
use crate::dialect::Dialect;

/// What a decoder returns in one step, for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A chunk, as JSON.
    Chunk(String),
    /// An error: its kind and its message.
    Error(&'static str, String),
}

/// Every step of an answer with these payloads, including its end. It also checks that `Done` comes last and only once,
/// that a final error is repeated, and that the answer is done exactly if there was a `Done`.
pub(super) fn steps(dialect: Dialect, payloads: &[&str]) -> Vec<Step> {
    let mut decoder = PayloadDecoder::new(Some(dialect));
    let mut steps = Vec::new();
    for payload in payloads {
        decoder.apply(None, payload);
        drain(&mut decoder, PayloadDecoder::next_chunk, &mut steps);
    }
    drain(&mut decoder, PayloadDecoder::finish, &mut steps);
    let is_done = |step: &Step| matches!(step, Step::Chunk(json) if json.starts_with(r#"{"type":"done""#));
    let done = steps.iter().position(is_done);
    assert_eq!(done.is_some(), decoder.is_done(), "{steps:?}");
    assert!(done.is_none_or(|done| done + 1 == steps.len()), "nothing follows `Done`: {steps:?}");
    steps
}

/// The [`steps`] of these payloads as lines: a chunk's JSON, or an error's kind.
pub(super) fn lines(dialect: Dialect, payloads: &[&str]) -> Vec<String> {
    let line = |step| match step {
        Step::Chunk(json) => json,
        Step::Error(kind, _) => kind.into(),
    };
    steps(dialect, payloads).into_iter().map(line).collect()
}

fn drain(
    decoder: &mut PayloadDecoder,
    next: impl Fn(&mut PayloadDecoder) -> Result<Option<Chunk>, Error>,
    steps: &mut Vec<Step>,
) {
    loop {
        match next(decoder) {
            Ok(Some(chunk)) => {
                steps.push(Step::Chunk(serde_json::to_string(&chunk).expect("a chunk is JSON")));
            }
            Ok(None) => return,
            Err(error) => {
                let step = Step::Error(error.kind().as_str(), error.to_string());
                if error.is_final() {
                    assert_eq!(next(decoder).err().as_ref(), Some(&error), "a final error is repeated");
                    if steps.last() != Some(&step) {
                        steps.push(step);
                    }
                    return;
                }
                steps.push(step);
            }
        }
    }
}
