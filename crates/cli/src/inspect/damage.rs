use super::diagnose::{diagnose, later_messages};
use super::diagnosis::Diagnosis;
use super::stream_error::StreamError;
use crate::output::format_offset;

/// Where a stream is damaged, and what the bytes there probably are.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    pub(crate) error: StreamError,
    pub(crate) diagnoses: Vec<Diagnosis>,
    /// The bytes around the damage, and the offset of the first.
    pub(crate) around: Vec<u8>,
    pub(crate) around_from: u64,
    pub(crate) flip: Option<BitFlipDump>,
}

/// The bytes around a wrong bit, the offset of the first, and the index of the one with the wrong bit.
#[derive(Clone, Debug)]
pub(crate) struct BitFlipDump {
    pub(crate) around: Vec<u8>,
    pub(crate) around_from: u64,
    pub(crate) at: usize,
}

impl BitFlipDump {
    /// The heading.
    pub(crate) fn title(&self) -> String {
        format!("around byte {}, which has the wrong bit:", format_offset(self.around_from + self.at as u64))
    }

    fn new(diagnoses: &[Diagnosis], recent: &[u8], base: u64) -> Option<Self> {
        let at = diagnoses.iter().find_map(|diagnosis| match diagnosis {
            Diagnosis::BitFlip { at, .. } => usize::try_from(at.checked_sub(base)?).ok(),
            _ => None,
        })?;
        // Aligned like a dump of the whole file.
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
    /// The heading.
    pub(crate) fn title(&self) -> String {
        let what = match (self.error.is_cut(), &self.error) {
            (true, StreamError::Message(_)) => "cut short, in the message",
            (true, StreamError::Event { .. }) => "cut short, in the event",
            (false, _) => "damage",
        };
        format!("{what} at byte {}", format_offset(self.error.offset()))
    }

    /// `recent`: the bytes of the stream from offset `base` on, which is shortly before the damaged message; `is_whole`: whether
    /// they reach the end of the input; `is_converse`: whether the messages before are of a ConverseStream answer.
    pub(crate) fn new(
        error: StreamError,
        recent: &[u8],
        base: u64,
        is_whole: bool,
        is_converse: bool,
    ) -> Self {
        let at = usize::try_from(error.offset().saturating_sub(base))
            .map_or(recent.len(), |at| at.min(recent.len()));
        // One line before the start of the message, and some after it.
        let from = at.saturating_sub(LINE);
        let to = recent.len().min(at + AFTER);
        let mut diagnoses = Vec::new();
        let mut flip = None;
        if let StreamError::Message(error) = &error {
            diagnoses = diagnose(error, &recent[at..]);
            flip = BitFlipDump::new(&diagnoses, recent, base);
            diagnoses.extend(later_messages(error, &recent[at..], is_whole, is_converse));
        }
        Self { error, diagnoses, flip, around: recent[from..to].to_vec(), around_from: base + from as u64 }
    }
}

const LINE: usize = 16;
const AFTER: usize = 6 * LINE;
