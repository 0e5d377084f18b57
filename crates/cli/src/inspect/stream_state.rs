use std::time::{Duration, Instant};

use bedrock_stream_core::answer::{Chunk, Done, Error};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_testkit::ArrivalTimes;

use super::blocks::Blocks;
use super::damage::Damage;
use super::diagnosis::Diagnosis;
use super::outcome::Outcome;
use super::row::{Arrival, Row};
use super::stream_error::StreamError;
use super::summary::{Summary, TimeSummary, Verdict, skipped_events};
use crate::answer_decoder::AnswerDecoder;
use crate::carrier::Carrier;
use crate::dialect::From;
use crate::output::{Failure, Timing, format_offset};

/// What is known about the stream so far.
#[derive(Debug)]
pub(super) struct StreamState {
    pub(super) damaged: Option<StreamError>,
    /// The latest bytes of the stream, from a few before the incomplete message on, and the offset of the first.
    pub(super) recent: Vec<u8>,
    base: u64,
    /// How many bytes were pushed in all.
    pub(super) input: u64,
    /// Where the last whole message ends.
    pub(super) end: u64,
    pub(super) messages: u64,
    names: Vec<(String, u64)>,
    times: Option<ArrivalTimes>,
    last_arrival: Duration,
    longest_gap: Option<(Duration, u64)>,
    pub(super) carrier: Carrier,
    /// Its results are meaningless until the stream is known to be an answer.
    pub(super) answer: AnswerDecoder,
    blocks: Blocks,
    timing: Timing,
    epoch: Instant,
    chunks: u64,
    skipped: u64,
    /// The number of the message that proved the answer complete.
    proof: Option<u64>,
    done: Option<Done>,
    failure: Option<(Failure, String)>,
}

impl StreamState {
    /// `times`: the arrival times, if known.
    pub(super) fn new(times: Option<ArrivalTimes>) -> Self {
        let epoch = Instant::now();
        let carrier = Carrier::EventStream;
        Self {
            damaged: None,
            recent: Vec::new(),
            base: 0,
            input: 0,
            end: 0,
            messages: 0,
            names: Vec::new(),
            times,
            last_arrival: Duration::ZERO,
            longest_gap: None,
            carrier,
            answer: AnswerDecoder::new(carrier, From::Auto),
            blocks: Blocks::default(),
            timing: Timing::new(epoch),
            epoch,
            chunks: 0,
            skipped: 0,
            proof: None,
            done: None,
            failure: None,
        }
    }

    /// `rest`: the error after the last complete message.
    pub(super) fn finish(mut self, rest: Option<StreamError>, is_whole: bool) -> Summary {
        let mut ending = self.done.clone().unwrap_or_else(|| self.answer.ending());
        let error = self.damaged.or(rest);
        let is_answer = self.answer.is_answer();
        if is_answer {
            self.finish_answer(error, &mut ending);
        }
        let is_converse = self.answer.is_converse();
        let damage = error.map(|error| Damage::new(error, &self.recent, self.base, is_whole, is_converse));
        let verdict = self.verdict(damage.as_ref());
        let failure = match (&verdict, self.failure, error) {
            (Verdict::Broken(_), Some((failure, _)), _) => Some(failure),
            (Verdict::Broken(_), None, Some(error)) => Some(error.failure()),
            (Verdict::Broken(why), None, None) => Some(Failure::input(why)),
            _ if self.skipped > 0 => Some(Failure::input(skipped_events(self.skipped))),
            _ => None,
        };
        let output = ending.usage.as_ref().and_then(|usage| usage.output_tokens);
        let tokens = is_answer.then(|| self.timing.token_rate(output));
        let last_message = self.last_arrival;
        let longest_gap = self.longest_gap;
        let times = self.times.as_ref().and_then(|times| {
            Some(TimeSummary {
                first_byte: times.of(0)?,
                last_message,
                reads: times.reads(),
                longest_gap,
                tokens,
            })
        });
        let (blocks, unlisted_blocks) = self.blocks.into_spans();
        Summary {
            verdict,
            failure,
            carrier: self.carrier,
            dialect: self.answer.dialect(),
            messages: self.messages,
            bytes: self.end,
            input: self.input,
            is_whole,
            names: self.names,
            chunks: self.chunks,
            skipped: self.skipped,
            ending: is_answer.then_some(ending),
            blocks,
            unlisted_blocks,
            times,
            damage,
        }
    }

    /// Completes a row, whose message ends at `end`, and applies its `bytes` to the answer. `reason` describes why it
    /// produced no chunk, if it produced none.
    pub(super) fn row(&mut self, row: &mut Row<'_>, end: u64, bytes: &[u8], reason: impl FnOnce() -> String) {
        let number = self.messages;
        self.messages += 1;
        self.end = end;
        self.count(&row.name);
        self.forget_before(end.saturating_sub(KEPT));
        row.arrival = self.arrival(end.saturating_sub(1), number);
        let at = row.arrival.map(|arrival| arrival.at);
        self.apply(bytes, number, at, &mut row.outcomes, reason);
    }

    /// The bytes of the stream between two offsets, as far as they are buffered.
    pub(super) fn bytes(&self, from: u64, to: u64) -> &[u8] {
        let place = |offset: u64| {
            usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.recent.len())
        };
        self.recent.get(place(from)..place(to)).unwrap_or_default()
    }

    fn count(&mut self, name: &str) {
        let known = self.names.iter().any(|(known, _)| known == name);
        let name = if known || self.names.len() < MAX_NAMES { name } else { OTHERS };
        match self.names.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => self.names.push((name.to_owned(), 1)),
        }
    }

    fn forget_before(&mut self, offset: u64) {
        let len =
            usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.recent.len());
        self.recent.drain(..len);
        self.base += len as u64;
    }

    fn arrival(&mut self, last_byte: u64, number: u64) -> Option<Arrival> {
        let at = self.times.as_ref()?.of(last_byte)?;
        let gap = at.saturating_sub(self.last_arrival);
        self.last_arrival = at;
        if number > 0 && self.longest_gap.is_none_or(|(longest, _)| gap > longest) {
            self.longest_gap = Some((gap, number));
        }
        Some(Arrival { at, gap })
    }

    fn apply(
        &mut self,
        bytes: &[u8],
        number: u64,
        at: Option<Duration>,
        outcomes: &mut Vec<Outcome>,
        reason: impl FnOnce() -> String,
    ) {
        if self.failure.is_some() {
            return outcomes.push(Outcome::NoChunk("ignored: the stream has already failed".to_owned()));
        }
        if self.answer.is_done() {
            return outcomes.push(Outcome::NoChunk("ignored: the answer was already complete".to_owned()));
        }
        self.answer.push(bytes);
        loop {
            let next = self.answer.next_chunk();
            // The dialect may just have been detected from this event.
            let is_answer = self.answer.is_answer();
            match next {
                Ok(None) => break,
                Ok(Some(chunk)) if is_answer => self.chunk(chunk, number, at, outcomes),
                Err(error) if error.is_final() => {
                    outcomes.push(Outcome::Error(error.to_string()));
                    return self.fail(&error);
                }
                // A server-sent event that cannot be read is lost, even if the dialect is only known later.
                Err(error) if is_answer || self.carrier == Carrier::ServerSentEvents => {
                    self.skipped += 1;
                    outcomes.push(Outcome::Skipped(error.to_string()));
                }
                Ok(Some(_)) | Err(_) => {}
            }
        }
        if !self.answer.is_answer() {
            return;
        }
        if !self.answer.is_stopped() && !self.answer.is_done() {
            // Another choice may begin after the first has finished.
            self.proof = None;
        } else if self.proof.is_none() {
            self.proof = Some(number);
            let stops =
                |outcome: &Outcome| matches!(outcome, Outcome::Chunk { chunk, .. } if chunk == "stop");
            if !outcomes.iter().any(stops) {
                let proven = "the answer is proven complete; its usage may follow";
                outcomes.push(Outcome::NoChunk(proven.to_owned()));
            }
        }
        if outcomes.is_empty() {
            outcomes.push(Outcome::NoChunk(reason()));
        }
    }

    fn chunk(&mut self, chunk: Chunk, number: u64, at: Option<Duration>, outcomes: &mut Vec<Outcome>) {
        self.chunks += 1;
        if let Some(now) = at.and_then(|at| self.epoch.checked_add(at)) {
            self.timing.observe(&chunk, now);
        }
        self.blocks.apply(&chunk, number, at, outcomes);
        if let Chunk::Done(done) = chunk {
            self.done = Some(*done);
        }
    }

    /// Finishes the answer; `damage` is what ended the stream early, if anything did.
    fn finish_answer(&mut self, damage: Option<StreamError>, ending: &mut Done) {
        loop {
            let chunk = match damage {
                Some(damage) => Ok(self.answer.finish_broken(damage.tail())),
                None => self.answer.finish(),
            };
            match chunk {
                Ok(Some(Chunk::Done(done))) => {
                    self.chunks += 1;
                    *ending = (*done).clone();
                    self.done = Some(*done);
                }
                Ok(Some(_)) => self.chunks += 1,
                Ok(None) => return,
                Err(error) if error.is_final() => return self.fail(&error),
                Err(_) => self.skipped += 1,
            }
        }
    }

    fn fail(&mut self, error: &Error) {
        self.failure.get_or_insert_with(|| (Failure::from(error), error.to_string()));
    }

    fn verdict(&self, damage: Option<&Damage>) -> Verdict {
        let error = damage.map(|damage| &damage.error);
        let unit = match self.carrier {
            Carrier::EventStream => "message",
            Carrier::ServerSentEvents => "event",
        };
        if let Some(done) = &self.done {
            let number = self.proof.unwrap_or_default();
            let proof = format!("{} came in {unit} #{number}", proof_of(self.answer.dialect()));
            return Verdict::Complete(match (&done.usage, error) {
                (Some(_), None) => format!("{proof}, and the usage arrived"),
                (None, None) => format!("{proof}, but no usage arrived"),
                (Some(_), Some(_)) => {
                    format!("{proof}, and the usage arrived; the damage after it changes nothing")
                }
                (None, Some(_)) => format!("{proof}; the damage after it cost only the usage"),
            });
        }
        let before_proof = if self.answer.is_answer() { ", before the answer was complete" } else { "" };
        match (&self.failure, error) {
            (Some((_, why)), _) => Verdict::Broken(why.clone()),
            (None, Some(error)) if self.messages == 0 => {
                let found = damage.and_then(|damage| damage.diagnoses.first());
                Verdict::Broken(
                    found.map_or_else(|| format!("the first {unit} is damaged: {error}"), Diagnosis::verdict),
                )
            }
            (None, Some(error)) if error.is_cut() => {
                Verdict::Broken(format!("the stream was cut short{before_proof}"))
            }
            (None, Some(error)) => Verdict::Broken(format!(
                "the stream is damaged at byte {}{before_proof}",
                format_offset(error.offset())
            )),
            (None, None) if self.messages == 0 => {
                Verdict::Broken(format!("the stream is empty: no {unit} arrived"))
            }
            (None, None) => Verdict::Whole(format!(
                "the stream ended at the end of {}; only its service knows whether more should have arrived",
                if unit == "event" { "an event" } else { "a message" }
            )),
        }
    }
}

/// The proof that an answer is complete, in its dialect; `None` is Converse.
const fn proof_of(dialect: Option<Dialect>) -> &'static str {
    match dialect {
        None | Some(Dialect::Nova) => "`messageStop`",
        Some(Dialect::Messages) => "`message_stop`",
        Some(Dialect::Completion | Dialect::Llama | Dialect::Mistral) => "a `stop_reason`",
        Some(Dialect::Chat) => "a `finish_reason`",
        Some(Dialect::Responses) => "the final response",
        Some(Dialect::Titan) => "a `completionReason` or the `totalOutputTextTokenCount`",
        Some(Dialect::Cohere) => "`is_finished: true` or a `finish_reason`",
        // `Dialect` is non-exhaustive; a test demands an arm for each.
        Some(_) => NO_PROOF,
    }
}

const NO_PROOF: &str = "";

const OTHERS: &str = "others";
/// The message types that are counted separately.
const MAX_NAMES: usize = 30;
/// How many bytes of the last whole message are shown.
const KEPT: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proof_is_that_of_the_documentation() {
        const PAGE: &str = include_str!("../../../../docs/dialects.md");
        for dialect in Dialect::ALL {
            let name = format!("| `{dialect}` |");
            let row =
                PAGE.lines().find(|line| line.contains(&name)).unwrap_or_else(|| panic!("no row {name}"));
            let documented = row.split('|').nth(4).expect("the fourth column says what proves it");
            let proof = proof_of(Some(dialect));
            if dialect == Dialect::Responses {
                assert_eq!(proof, "the final response", "it may be either of two");
                continue;
            }
            let word =
                proof.split('`').nth(1).unwrap_or_else(|| panic!("{dialect}: {proof:?} names nothing"));
            assert!(documented.contains(&format!("`{word}")), "{dialect}: {word}, and {documented}");
        }
    }
}
