use std::time::{Duration, Instant};

use bedrock_stream_core::answer::{Chunk, Done, Error, SkippedEvent};
use bedrock_stream_core::converse::{Chunker, Event};
use bedrock_stream_core::frame::{self, Decoder};
use bedrock_stream_testkit::ArrivalTimes;

use super::blocks::Blocks;
use super::damage::Damage;
use super::diagnosis::Diagnosis;
use super::outcome::{Outcome, no_chunk_reason};
use super::row::{Arrival, Row};
use super::summary::{Summary, TimeSummary, Verdict, skipped_events};
use crate::converse_event::is_converse_event;
use crate::output::{Failure, Timing, format_offset};

/// Bytes in, rows out: explains a stream of any service, and summarizes it at the end.
#[derive(Debug)]
pub(crate) struct Inspector {
    decoder: Decoder,
    state: State,
}

/// What is known about the stream so far.
#[derive(Debug)]
struct State {
    damaged: Option<frame::Error>,
    /// The latest bytes of the stream, from a few before the incomplete message on, and the offset of the first.
    recent: Vec<u8>,
    base: u64,
    /// How many bytes were pushed in all.
    input: u64,
    messages: u64,
    names: Vec<(String, u64)>,
    times: Option<ArrivalTimes>,
    last_arrival: Duration,
    longest_gap: Option<(Duration, u64)>,
    /// Whether a ConverseStream event came. Otherwise the state of the answer means nothing.
    is_converse: bool,
    chunker: Chunker,
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

impl Inspector {
    /// `times`: the arrival times, if known.
    pub(crate) fn new(times: Option<ArrivalTimes>) -> Self {
        let epoch = Instant::now();
        let state = State {
            damaged: None,
            recent: Vec::new(),
            base: 0,
            input: 0,
            messages: 0,
            names: Vec::new(),
            times,
            last_arrival: Duration::ZERO,
            longest_gap: None,
            is_converse: false,
            chunker: Chunker::new(),
            blocks: Blocks::default(),
            timing: Timing::new(epoch),
            epoch,
            chunks: 0,
            skipped: 0,
            proof: None,
            done: None,
            failure: None,
        };
        Self { decoder: Decoder::new(), state }
    }

    /// Adds the next bytes of the stream. After damage, only as many are kept as a diagnosis needs.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let state = &mut self.state;
        state.input += bytes.len() as u64;
        self.decoder.push(bytes);
        let kept = if state.damaged.is_some() {
            MAX_SEARCHED.saturating_sub(state.recent.len())
        } else {
            usize::MAX
        };
        state.recent.extend_from_slice(&bytes[..bytes.len().min(kept)]);
    }

    /// Whether more bytes would add information.
    pub(crate) fn wants_more(&self) -> bool {
        self.state.damaged.is_none() || self.state.recent.len() < MAX_SEARCHED
    }

    /// The next message. `None`: push more bytes.
    pub(crate) fn next_row(&mut self) -> Option<Row<'_>> {
        let offset = self.decoder.offset();
        let state = &mut self.state;
        let message = match self.decoder.next_message() {
            Ok(message) => message?,
            Err(error) => {
                state.damaged = Some(error);
                return None;
            }
        };
        let number = state.messages;
        let mut row = Row::new(message, number, offset);
        state.messages += 1;
        state.is_converse |= is_converse_event(&message);
        state.count(&row.name);
        state.forget_before((offset + row.total as u64).saturating_sub(KEPT));
        row.arrival = state.arrival(offset + row.total as u64 - 1, number);
        let at = row.arrival.map(|arrival| arrival.at);
        state.apply(Event::decode(&message), number, at, &mut row.outcomes);
        Some(row)
    }

    /// Ends the stream here.
    pub(crate) fn finish(self) -> Summary {
        let is_whole = self.wants_more();
        let (bytes, rest) = (self.decoder.offset(), self.decoder.finish());
        self.state.finish(bytes, rest.err(), is_whole)
    }
}

impl State {
    /// `bytes`: the length of all whole messages; `rest`: the error of what follows them.
    fn finish(mut self, bytes: u64, rest: Option<frame::Error>, is_whole: bool) -> Summary {
        let mut ending = self.done.clone().unwrap_or_else(|| self.chunker.ending());
        let error = self.damaged.or(rest);
        if self.is_converse {
            self.finish_answer(error, &mut ending);
        }
        let damage =
            error.map(|error| Damage::new(error, &self.recent, self.base, is_whole, self.is_converse));
        let verdict = self.verdict(damage.as_ref());
        let failure = match (&verdict, self.failure, error) {
            (Verdict::Broken(_), Some((failure, _)), _) => Some(failure),
            (Verdict::Broken(_), None, Some(error)) => Some(Failure::from(&error)),
            (Verdict::Broken(why), None, None) => Some(Failure::input(why)),
            _ if self.skipped > 0 => Some(Failure::input(skipped_events(self.skipped))),
            _ => None,
        };
        let output = ending.usage.as_ref().and_then(|usage| usage.output_tokens);
        let tokens = self.is_converse.then(|| self.timing.token_rate(output));
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
            messages: self.messages,
            bytes,
            input: self.input,
            is_whole,
            names: self.names,
            chunks: self.chunks,
            skipped: self.skipped,
            ending: self.is_converse.then_some(ending),
            blocks,
            unlisted_blocks,
            times,
            damage,
        }
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
        event: Result<Event, SkippedEvent>,
        number: u64,
        at: Option<Duration>,
        outcomes: &mut Vec<Outcome>,
    ) {
        let ends = matches!(event, Ok(Event::Exception(_) | Event::Error(_)));
        if !self.is_converse && !ends {
            return;
        }
        if self.failure.is_some() {
            return outcomes.push(Outcome::NoChunk("ignored: the stream has already failed".to_owned()));
        }
        if self.chunker.is_done() {
            return outcomes.push(Outcome::NoChunk("ignored: the answer was already complete".to_owned()));
        }
        let no_chunk = event.as_ref().map(no_chunk_reason).unwrap_or_default();
        let applied = match event {
            Ok(event) => self.chunker.apply(event),
            Err(skipped) => {
                self.chunker.skip(&skipped);
                Err(skipped.into())
            }
        };
        while let Some(chunk) = self.chunker.next_chunk() {
            self.chunk(chunk, number, at, outcomes);
        }
        match applied {
            Ok(()) if outcomes.is_empty() => outcomes.push(Outcome::NoChunk(no_chunk)),
            Ok(()) => {}
            Err(error) if error.is_final() => {
                outcomes.push(Outcome::Error(error.to_string()));
                self.fail(&error);
            }
            Err(error) => {
                self.skipped += 1;
                outcomes.push(Outcome::Skipped(error.to_string()));
            }
        }
    }

    fn chunk(&mut self, chunk: Chunk, number: u64, at: Option<Duration>, outcomes: &mut Vec<Outcome>) {
        self.chunks += 1;
        if let Some(now) = at.and_then(|at| self.epoch.checked_add(at)) {
            self.timing.observe(&chunk, now);
        }
        self.blocks.apply(&chunk, number, at, outcomes);
        match chunk {
            Chunk::Stop { .. } => self.proof = Some(number),
            Chunk::Done(done) => self.done = Some(*done),
            _ => {}
        }
    }

    /// Finishes the answer; `damage` is what ended the stream early, if anything did.
    fn finish_answer(&mut self, damage: Option<frame::Error>, ending: &mut Done) {
        loop {
            let chunk = match damage {
                Some(damage) => Ok(self.chunker.finish_broken(damage.into())),
                None => self.chunker.finish(),
            };
            match chunk {
                Ok(Some(Chunk::Done(done))) => {
                    self.chunks += 1;
                    *ending = (*done).clone();
                    self.done = Some(*done);
                }
                Ok(Some(_)) => self.chunks += 1,
                Ok(None) => return,
                Err(error) => return self.fail(&error),
            }
        }
    }

    fn fail(&mut self, error: &Error) {
        self.failure.get_or_insert_with(|| (Failure::from(error), error.to_string()));
    }

    fn verdict(&self, damage: Option<&Damage>) -> Verdict {
        let error = damage.map(|damage| &damage.error);
        if let Some(done) = &self.done {
            let number = self.proof.unwrap_or_default();
            let proof = format!("`messageStop` came in message #{number}");
            return Verdict::Complete(match (&done.usage, error) {
                (Some(_), None) => format!("{proof}, and the usage came"),
                (None, None) => format!("{proof}, but no usage came"),
                (Some(_), Some(_)) => {
                    format!("{proof}, and the usage came; the damage after it changes nothing")
                }
                (None, Some(_)) => format!("{proof}; the damage after it cost only the usage"),
            });
        }
        let before_proof = if self.is_converse { ", before the answer was complete" } else { "" };
        match (&self.failure, error) {
            (Some((_, why)), _) => Verdict::Broken(why.clone()),
            (None, Some(error)) if self.messages == 0 => {
                let found = damage.and_then(|damage| damage.diagnoses.first());
                Verdict::Broken(found.map_or_else(
                    || format!("the first message is damaged: {error}"),
                    Diagnosis::verdict,
                ))
            }
            (None, Some(frame::Error::Truncated { .. })) => Verdict::Broken(format!("the stream was cut short{before_proof}")),
            (None, Some(error)) => {
                Verdict::Broken(format!("the stream is damaged at byte {}{before_proof}", format_offset(error.offset())))
            }
            (None, None) if self.messages == 0 => Verdict::Broken("the stream is empty: no message came".to_owned()),
            (None, None) => Verdict::Whole(
                "the stream ended at the end of a message; only its service knows whether more should have come".to_owned(),
            ),
        }
    }
}

const OTHERS: &str = "others";
/// The message types that are counted separately.
const MAX_NAMES: usize = 30;
/// How many bytes of the last whole message are shown.
const KEPT: u64 = 16;
/// How far to search for the next message, in bytes.
const MAX_SEARCHED: usize = 1 << 20;
