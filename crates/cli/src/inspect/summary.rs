use std::time::Duration;

use bedrock_stream_core::answer::Done;
use bedrock_stream_dialects::Dialect;

use super::blocks::BlockSpan;
use super::damage::Damage;
use crate::carrier::Carrier;
use crate::output::{Failure, format_count};

/// The summary of a stream.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) verdict: Verdict,
    /// Why the run fails, if it does.
    pub(crate) failure: Option<Failure>,
    pub(crate) carrier: Carrier,
    /// The dialect of the payloads; `None` for Converse.
    pub(crate) dialect: Option<Dialect>,
    /// How many messages or server-sent events there are.
    pub(crate) messages: u64,
    /// The total length of the messages.
    pub(crate) bytes: u64,
    /// How many bytes were read, including those that belong to no message; the input may be longer.
    pub(crate) input: u64,
    pub(crate) is_whole: bool,
    /// The number of messages of each type, in order of appearance.
    pub(crate) names: Vec<(String, u64)>,
    pub(crate) chunks: u64,
    pub(crate) skipped: u64,
    /// How the answer ended; none if the stream is not a model's answer.
    pub(crate) ending: Option<Done>,
    pub(crate) blocks: Vec<BlockSpan>,
    pub(crate) unlisted_blocks: u64,
    pub(crate) times: Option<TimeSummary>,
    pub(crate) damage: Option<Damage>,
}

/// Whether the stream is complete, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An answer that is proven complete.
    Complete(String),
    /// A stream of another service that ended between two messages. Only that service knows what this means.
    Whole(String),
    Broken(String),
}

/// Timing. All times are since the request was sent.
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

impl Summary {
    /// What the stream consists of.
    pub(crate) const fn units(&self) -> &'static str {
        match self.carrier {
            Carrier::EventStream => "messages",
            Carrier::ServerSentEvents => "events",
        }
    }
}

impl Verdict {
    /// The verdict in one word, and the reason.
    pub(crate) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Complete(why) => ("complete", why),
            Self::Whole(why) => ("whole", why),
            Self::Broken(why) => ("broken", why),
        }
    }
}

/// How many events were skipped, as a clause.
pub(crate) fn skipped_events(count: u64) -> String {
    match count {
        0 => "no event was skipped".to_owned(),
        1 => "1 event was skipped".to_owned(),
        count => format!("{} events were skipped", format_count(count)),
    }
}
