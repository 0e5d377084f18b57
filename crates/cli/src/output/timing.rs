use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bedrock_stream_core::answer::{Chunk, Done};

use super::numbers::{format_count, format_duration};

/// When the tokens of an answer arrived.
#[derive(Debug)]
pub(crate) struct Timing {
    start: Instant,
    /// When the first and the last token arrived.
    tokens: Option<(Instant, Instant)>,
}

impl Timing {
    /// For a request that is sent at `start`.
    pub(crate) const fn new(start: Instant) -> Self {
        Self { start, tokens: None }
    }

    /// Records a chunk that arrived at `now`.
    pub(crate) fn observe(&mut self, chunk: &Chunk, now: Instant) {
        if let Chunk::Text { .. }
        | Chunk::Reasoning { .. }
        | Chunk::ToolCallStart { .. }
        | Chunk::ToolCallDelta { .. } = chunk
        {
            let (first, _) = self.tokens.unwrap_or((now, now));
            self.tokens = Some((first, now));
        }
    }

    /// One line: the token counts, the time to the first token, and the tokens per second after it.
    pub(crate) fn summary(&self, done: &Done) -> String {
        let pace = self.token_rate(done.usage.as_ref().and_then(|usage| usage.output_tokens));
        match Self::token_counts(done) {
            cost if cost.is_empty() => pace,
            cost => format!("{cost}, {pace}"),
        }
    }

    /// The token counts that are known.
    pub(crate) fn token_counts(done: &Done) -> String {
        let usage = done.usage.as_ref();
        let input = (usage.and_then(|usage| usage.input_tokens), "in");
        let output = (usage.and_then(|usage| usage.output_tokens), "out");
        let tokens =
            |(count, what): (Option<u64>, &str)| Some(format!("{} tokens {what}", format_count(count?)));
        [input, output].into_iter().filter_map(tokens).collect::<Vec<_>>().join(", ")
    }

    /// The time to the first token and, given the number of output tokens, the tokens per second after it.
    pub(crate) fn token_rate(&self, output: Option<u64>) -> String {
        let Some((first, last)) = self.tokens else {
            return "no tokens came".to_owned();
        };
        let mut line = String::new();
        let _ = write!(line, "first token after {}", format_duration(first - self.start));
        // The interval starts at the first token, so only the others count.
        let others = output.unwrap_or(0).saturating_sub(1);
        if others > 0 && last - first > Duration::ZERO {
            let _ = write!(line, ", {:.1} tokens/s", others as f64 / (last - first).as_secs_f64());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::answer::Usage;

    use super::*;

    #[test]
    fn the_rate_counts_from_the_first_token() {
        let start = Instant::now();
        let mut timing = Timing::new(start);
        let mut done = Done::default();
        assert_eq!(timing.summary(&done), "no tokens came");
        let text = Chunk::text(0, "x");
        timing.observe(&Chunk::block_end(0), start + Duration::from_millis(100));
        timing.observe(&text, start + Duration::from_millis(250));
        assert_eq!(timing.summary(&done), "first token after 250 ms");
        timing.observe(&text, start + Duration::from_millis(2250));
        done.usage = Some(Usage::new(12_007, 21));
        assert_eq!(
            timing.summary(&done),
            "12,007 tokens in, 21 tokens out, first token after 250 ms, 10.0 tokens/s"
        );
    }
}
