use std::time::Duration;

use bedrock_stream_core::converse::Done;

use super::blocks::BlockSpan;
use super::damage::Damage;
use crate::output::Failure;

/// What a stream was, all in all.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) verdict: Verdict,
    /// What makes the run fail.
    pub(crate) failure: Option<Failure>,
    pub(crate) messages: u64,
    /// How many bytes the messages have.
    pub(crate) bytes: u64,
    /// How many messages say that they are this, in order of appearance.
    pub(crate) names: Vec<(String, u64)>,
    pub(crate) chunks: u64,
    pub(crate) spoiled: u64,
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

/// How many events are spoiled, as half a sentence.
pub(crate) fn spoiled_events(count: u64) -> String {
    match count {
        0 => "no event is spoiled".to_owned(),
        1 => "1 event is spoiled".to_owned(),
        count => format!("{} events are spoiled", grouped(count)),
    }
}

/// A time as a person reads it.
pub(crate) fn readable(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1_000.0;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 1_000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.2} s", millis / 1_000.0)
    }
}

/// A number with a comma after each three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_can_be_read() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let times = [0, 3_140, 312_400, 2_414_000].map(|micros| readable(Duration::from_micros(micros)));
        assert_eq!(times, ["0.0 ms", "3.1 ms", "312 ms", "2.41 s"]);
    }
}
