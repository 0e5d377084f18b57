use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use metrics::{Histogram, Label};

use crate::stream::stream_stats::StreamStats;
use crate::telemetry::answer_facts::AnswerFacts;
use crate::telemetry::instrument::Instrument;
use crate::telemetry::subject::Subject;

/// Records an operation's metrics.
pub(super) struct Meter {
    /// The attributes that are known from the start.
    labels: Vec<Label>,
    /// Made when the second chunk arrives.
    per_chunk: Option<Histogram>,
}

impl Meter {
    pub(super) fn new(subject: &Subject) -> Self {
        let mut labels = vec![
            Label::new("gen_ai.operation.name", subject.operation.clone()),
            Label::from_static_parts("gen_ai.provider.name", "aws.bedrock"),
        ];
        labels.extend(
            subject.model.as_ref().map(|model| Label::new("gen_ai.request.model", Arc::clone(model))),
        );
        if let Some((host, port)) = &subject.server {
            labels.push(Label::new("server.address", Arc::clone(host)));
            labels.push(Label::new("server.port", port.to_string()));
        }
        Self { labels, per_chunk: None }
    }

    /// Chunks with content arrived together, the first of them this long after the one before it.
    pub(super) fn output_chunks(&mut self, gap: Option<Duration>, chunks: u64) {
        let Some(others) = chunks.checked_sub(1) else { return };
        let labels = &self.labels;
        let per_chunk = self
            .per_chunk
            .get_or_insert_with(|| histogram(Instrument::TIME_PER_OUTPUT_CHUNK, labels.clone()));
        if let Some(gap) = gap {
            per_chunk.record(gap);
        }
        if others > 0 {
            per_chunk.record_many(0.0, usize::try_from(others).unwrap_or(usize::MAX));
        }
    }

    pub(super) fn end(
        self,
        answer: &AnswerFacts,
        error: Option<&str>,
        elapsed: Option<Duration>,
        stats: &StreamStats,
    ) {
        let mut labels = self.labels;
        labels.extend(answer.model.as_ref().map(|model| Label::new("gen_ai.response.model", model.clone())));
        for (kind, count) in [("input", answer.tokens.input), ("output", answer.tokens.output)] {
            if let Some(count) = count {
                let kind = Label::from_static_parts("gen_ai.token.type", kind);
                let labels = labels.iter().cloned().chain([kind]).collect();
                histogram(Instrument::TOKEN_USAGE, labels).record(count as f64);
            }
        }
        for (instrument, time) in [
            (Instrument::TIME_TO_FIRST_CHUNK, stats.time_to_first_chunk),
            (Instrument::TIME_TO_FIRST_CONTENT, stats.time_to_first_content),
            (Instrument::TIME_PER_OUTPUT_TOKEN, time_per_output_token(answer, stats)),
        ] {
            if let Some(time) = time {
                histogram(instrument, labels.clone()).record(time);
            }
        }
        if let Some(elapsed) = elapsed {
            labels.extend(error.map(|error| Label::new("error.type", error.to_owned())));
            histogram(Instrument::OPERATION_DURATION, labels).record(elapsed);
        }
    }
}

fn time_per_output_token(answer: &AnswerFacts, stats: &StreamStats) -> Option<Duration> {
    let time = stats.time_to_last_content?.checked_sub(stats.time_to_first_content?)?;
    let others = answer.tokens.output?.checked_sub(1).filter(|others| *others > 0)?;
    (!time.is_zero()).then(|| time.div_f64(others as f64))
}

fn histogram(instrument: Instrument, labels: Vec<Label>) -> Histogram {
    metrics::histogram!(instrument.name, labels)
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("labels", &self.labels).finish_non_exhaustive()
    }
}
