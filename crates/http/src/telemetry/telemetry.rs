use core::time::Duration;
#[cfg(feature = "metrics")]
use std::time::Instant;

use bedrock_stream_core::answer::{Done, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::client::operation::Operation;
use crate::config::config::Config;
use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;
use crate::telemetry::answer_facts::AnswerFacts;
use crate::telemetry::error_name::error_name;
#[cfg(feature = "metrics")]
use crate::telemetry::meter::Meter;
use crate::telemetry::outcome::Outcome;
#[cfg(feature = "tracing")]
use crate::telemetry::span::Span;
use crate::telemetry::subject::Subject;
use crate::timeouts::timeout_state::TimeoutState;
use crate::timeouts::timer::Timer;

/// What an operation tells observers. It ends once, at the latest when it is dropped, which cancels the operation. The
/// default tells nothing.
#[derive(Debug, Default)]
pub(crate) struct Telemetry(Option<Box<Observed>>);

#[derive(Debug)]
struct Observed {
    #[cfg(feature = "tracing")]
    span: Span,
    #[cfg(feature = "metrics")]
    meter: Meter,
    #[cfg(feature = "tracing")]
    knows_dialect: bool,
    #[cfg(feature = "metrics")]
    clock: Option<(Timer, Instant)>,
    /// Whether there was an attempt: what is dropped before is not an operation.
    #[cfg(feature = "metrics")]
    is_sent: bool,
    answer: AnswerFacts,
}

impl Telemetry {
    pub(crate) fn start(
        operation: &Operation,
        config: &Config,
        body: &Bytes,
        clock: Option<&(Timer, TimeoutState)>,
    ) -> Self {
        #[cfg(feature = "tracing")]
        let wants_parameters = Span::is_wanted();
        #[cfg(not(feature = "tracing"))]
        let wants_parameters = false;
        // Only the metrics need a clock and, without a span, anything at all.
        #[cfg(not(feature = "metrics"))]
        if !wants_parameters {
            return Self::default();
        }
        let subject = Subject::new(operation, config, body, wants_parameters);
        #[cfg(not(feature = "metrics"))]
        let _ = clock;
        Self(Some(Box::new(Observed {
            #[cfg(feature = "tracing")]
            span: Span::new(&subject, config),
            #[cfg(feature = "metrics")]
            meter: Meter::new(&subject),
            #[cfg(feature = "tracing")]
            knows_dialect: subject.dialect.is_some(),
            #[cfg(feature = "metrics")]
            clock: clock.map(|(timer, state)| (timer.clone(), state.began())),
            #[cfg(feature = "metrics")]
            is_sent: false,
            answer: AnswerFacts::default(),
        })))
    }

    /// An attempt begins.
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "only a span has it"))]
    pub(crate) fn attempt(&mut self, attempt: u32) {
        if let Some(observed) = &mut self.0 {
            #[cfg(feature = "metrics")]
            {
                observed.is_sent = true;
            }
            #[cfg(feature = "tracing")]
            observed.span.attempt(attempt);
        }
    }

    /// The last attempt got a response.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, clippy::unused_self, reason = "only a span has it")
    )]
    pub(crate) fn answered(&self, attempt: u32, status: StatusCode, request_id: Option<&str>) {
        #[cfg(feature = "tracing")]
        if let Some(observed) = &self.0 {
            observed.span.answered(attempt, status, request_id);
        }
    }

    /// An attempt failed. Another follows after `wait`, or none.
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "only a span has it"))]
    pub(crate) fn failed(&mut self, attempt: u32, error: &Error, wait: Option<Duration>) {
        #[cfg(feature = "tracing")]
        if let Some(observed) = &self.0 {
            observed.span.failed(attempt, error, wait);
        }
        if wait.is_none() {
            self.end(Outcome::Failed(error), &StreamStats::default());
        }
    }

    /// There is no timer for another attempt.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "only a span has it"))]
    pub(crate) fn lacks_timer(&self) {
        #[cfg(feature = "tracing")]
        if let Some(observed) = &self.0 {
            observed.span.lacks_timer();
        }
    }

    /// The dialect, as far as the decoder knows it by now.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, clippy::unused_self, reason = "only a span has it")
    )]
    pub(crate) fn dialect(&mut self, dialect: Option<&'static str>) {
        #[cfg(feature = "tracing")]
        if let (Some(observed), Some(dialect)) = (&mut self.0, dialect) {
            if !observed.knows_dialect {
                observed.knows_dialect = true;
                observed.span.dialect(dialect);
            }
        }
    }

    /// Chunks with content arrived together, the first of them this long after the one before it.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(unused_variables, clippy::unused_self, reason = "only the metrics have it")
    )]
    pub(crate) fn output_chunks(&mut self, gap: Option<Duration>, chunks: u64) {
        #[cfg(feature = "metrics")]
        if let Some(observed) = &mut self.0 {
            observed.meter.output_chunks(gap, chunks);
        }
    }

    /// What a stream said about its answer.
    pub(crate) fn done(&mut self, done: &Done) {
        if let Some(observed) = &mut self.0 {
            observed.answer = AnswerFacts::of_done(done);
        }
    }

    /// What a whole answer said.
    pub(crate) fn whole(&mut self, response: &Response) {
        if let Some(observed) = &mut self.0 {
            observed.answer = AnswerFacts::of_response(response);
        }
    }

    /// What a whole answer in any dialect said.
    pub(crate) fn json(&mut self, body: &[u8], headers: &HeaderMap) {
        if let Some(observed) = &mut self.0 {
            observed.answer = AnswerFacts::of_json(body, headers);
        }
    }

    /// The operation ended. Only the first call counts.
    pub(crate) fn end(&mut self, outcome: Outcome<'_>, stats: &StreamStats) {
        let Some(observed) = self.0.take() else { return };
        let (error, failed) = match outcome {
            Outcome::Complete => (None, false),
            Outcome::Failed(error) => (Some(error_name(error)), true),
            Outcome::Cancelled => (Some(CANCELLED.into()), false),
        };
        let observed = *observed;
        let answer = &observed.answer;
        #[cfg(feature = "metrics")]
        if observed.is_sent || failed {
            let elapsed =
                observed.clock.as_ref().map(|(timer, began)| timer.now().saturating_duration_since(*began));
            observed.meter.end(answer, error.as_deref(), elapsed, stats);
        }
        #[cfg(feature = "tracing")]
        observed.span.end(answer, error.as_deref(), failed, stats);
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled, &StreamStats::default());
    }
}

/// The `error.type` of an operation that its caller dropped.
const CANCELLED: &str = "cancelled";
