use std::time::Duration;

use bedrock_stream_core::answer::Done;

use super::blocks::BlockSpan;
use super::damage::Damage;
use crate::output::{Failure, format_count};

/// What a stream was, all in all.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) verdict: Verdict,
    /// What makes the run fail.
    pub(crate) failure: Option<Failure>,
    pub(crate) messages: u64,
    /// How many bytes the messages have.
    pub(crate) bytes: u64,
    /// How many bytes came, those of no message included; the input may have more, if it was not read as a whole.
    pub(crate) input: u64,
    pub(crate) is_whole: bool,
    /// How many messages say that they are this, in order of appearance.
    pub(crate) names: Vec<(String, u64)>,
    pub(crate) chunks: u64,
    pub(crate) skipped: u64,
    /// What the stream told of its end; none of one that is no answer of ConverseStream.
    pub(crate) ending: Option<Done>,
    pub(crate) blocks: Vec<BlockSpan>,
    pub(crate) unlisted_blocks: u64,
    pub(crate) times: Option<TimeSummary>,
    pub(crate) damage: Option<Damage>,
}

/// Whether the stream is what it should be, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An answer of ConverseStream that is proven complete.
    Complete(String),
    /// A stream of another kind that ended between two messages: what that means only its service knows.
    Whole(String),
    Broken(String),
}

/// Where the time went. All times count from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeSummary {
    pub(crate) first_byte: Duration,
    pub(crate) last_message: Duration,
    pub(crate) reads: usize,
    /// The longest wait after the first message, and the message that ended it.
    pub(crate) longest_gap: Option<(Duration, u64)>,
    /// Tokens and their rate, in words.
    pub(crate) tokens: Option<String>,
}

impl Verdict {
    /// One word, and the sentence behind it.
    pub(crate) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Complete(why) => ("complete", why),
            Self::Whole(why) => ("whole", why),
            Self::Broken(why) => ("broken", why),
        }
    }
}

/// How many events were skipped, as half a sentence.
pub(crate) fn skipped_events(count: u64) -> String {
    match count {
        0 => "no event was skipped".to_owned(),
        1 => "1 event was skipped".to_owned(),
        count => format!("{} events were skipped", format_count(count)),
    }
}
