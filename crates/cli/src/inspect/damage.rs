use bedrock_stream_core::frame::Error;

use super::finding::Finding;
use super::probe::probe;
use super::summary::grouped;

/// Where a stream is damaged, and what the bytes there probably are.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    pub(crate) error: Error,
    pub(crate) findings: Vec<Finding>,
    /// The bytes around the damage, and where the first of them stands in the stream.
    pub(crate) around: Vec<u8>,
    pub(crate) around_from: u64,
}

impl Damage {
    /// What is the matter, in a few words.
    pub(crate) fn title(&self) -> String {
        let what = if matches!(self.error, Error::Truncated { .. }) {
            "cut short, in the message"
        } else {
            "damage"
        };
        format!("{what} at byte {}", grouped(self.error.offset()))
    }

    /// `recent` are the stream's bytes from `base` on: some before the message at fault, and what there is of it and after.
    pub(crate) fn new(error: Error, recent: &[u8], base: u64) -> Self {
        let at = usize::try_from(error.offset().saturating_sub(base))
            .map_or(recent.len(), |at| at.min(recent.len()));
        // In lines of sixteen from the message's start, one line of what is before.
        let from = at.saturating_sub(LINE);
        let to = recent.len().min(at + AFTER);
        Self {
            error,
            findings: probe(&error, &recent[at..]),
            around: recent[from..to].to_vec(),
            around_from: base + from as u64,
        }
    }
}

const LINE: usize = 16;
const AFTER: usize = 6 * LINE;
