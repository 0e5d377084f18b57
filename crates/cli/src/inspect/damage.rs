use bedrock_stream_core::frame::Error;

use super::diagnose::{diagnose, later_messages};
use super::diagnosis::Diagnosis;
use crate::output::format_offset;

/// Where a stream is damaged, and what the bytes there probably are.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    pub(crate) error: Error,
    pub(crate) diagnoses: Vec<Diagnosis>,
    /// The bytes around the damage, and where the first of them stands in the stream.
    pub(crate) around: Vec<u8>,
    pub(crate) around_from: u64,
    pub(crate) flip: Option<BitFlipDump>,
}

/// The bytes around the one that holds a wrong bit, where the first of them stands, and which of them it is.
#[derive(Clone, Debug)]
pub(crate) struct BitFlipDump {
    pub(crate) around: Vec<u8>,
    pub(crate) around_from: u64,
    pub(crate) at: usize,
}

impl BitFlipDump {
    /// What is shown, in a few words.
    pub(crate) fn title(&self) -> String {
        format!("around byte {}, which has the wrong bit:", format_offset(self.around_from + self.at as u64))
    }

    fn new(diagnoses: &[Diagnosis], recent: &[u8], base: u64) -> Option<Self> {
        let at = diagnoses.iter().find_map(|diagnosis| match diagnosis {
            Diagnosis::BitFlip { at, .. } => usize::try_from(at.checked_sub(base)?).ok(),
            _ => None,
        })?;
        // In lines as a dump of the whole file has them.
        let in_line = (base % LINE as u64) as usize + at % LINE;
        let from = at.saturating_sub(LINE + in_line % LINE);
        let to = recent.len().min(from + 3 * LINE);
        (at < to).then(|| Self {
            around: recent[from..to].to_vec(),
            around_from: base + from as u64,
            at: at - from,
        })
    }
}

impl Damage {
    /// What is the matter, in a few words.
    pub(crate) fn title(&self) -> String {
        let what = if matches!(self.error, Error::Truncated { .. }) {
            "cut short, in the message"
        } else {
            "damage"
        };
        format!("{what} at byte {}", format_offset(self.error.offset()))
    }

    /// `recent` are the stream's bytes from `base` on: some before the message at fault, and what there is of it and after;
    /// `is_whole`: all there is. `is_converse`: whether the messages before are of an answer.
    pub(crate) fn new(error: Error, recent: &[u8], base: u64, is_whole: bool, is_converse: bool) -> Self {
        let at = usize::try_from(error.offset().saturating_sub(base))
            .map_or(recent.len(), |at| at.min(recent.len()));
        // In lines of sixteen from the message's start, one line of what is before.
        let from = at.saturating_sub(LINE);
        let to = recent.len().min(at + AFTER);
        let mut diagnoses = diagnose(&error, &recent[at..]);
        let flip = BitFlipDump::new(&diagnoses, recent, base);
        diagnoses.extend(later_messages(&error, &recent[at..], is_whole, is_converse));
        Self { error, diagnoses, flip, around: recent[from..to].to_vec(), around_from: base + from as u64 }
    }
}

const LINE: usize = 16;
const AFTER: usize = 6 * LINE;
