mod blocks;
mod closing_members;
mod held_delta;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{
    BlockKind, Chunk, ChunkRef, Done, Error, Exception, Incomplete, OrderViolation, SkippedEvent,
    StreamPosition, Tail, UnmodeledError,
};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{
    Chunker, ContentBlockDelta, Delta, Event, MessageStart, MessageStop, UnknownEvent,
};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::{Fields, Json};

use super::ending::Ending;
use held_delta::HeldDelta;

/// Writes an answer's chunks for a dialect, under the rules of Converse's [`Chunker`]: the dialect reports starts,
/// pieces and ends, and the chunker decides what is in order, how much may be kept, and whether the arguments of a
/// damaged call are usable.
///
/// Blocks are identified by an index. A dialect whose payloads number the blocks uses those numbers. For any other
/// dialect, [`text`](Self::text) and similar methods number the blocks from 0 as they open; adjacent pieces of one kind
/// are one block.
#[derive(Debug)]
pub(super) struct ChunkWriter {
    chunker: Chunker,
    /// Chunks that come before those of the chunker.
    queue: VecDeque<Chunk>,
    /// The chunk that comes between the two.
    held: HeldDelta,
    is_started: bool,
    /// The index of the next numbered block.
    next_block: u32,
    /// The open numbered block, which accepts more pieces of its kind.
    current: Option<(u32, BlockKind)>,
    /// What the payloads have reported so far about how the answer ends.
    pub(super) ending: Ending,
    /// The rules of order that the current payload violates, one for each thing lost.
    violations: Vec<OrderViolation>,
    /// The name of an event whose payload and carrier name none: the standard's for a server-sent event.
    pub(super) unnamed_event: &'static str,
    /// Whether reaching the limit has been reported: further losses are only counted.
    is_limit_told: bool,
    is_concluded: bool,
    /// Whether another choice of the answer is unfinished. One that begins after the stop takes the proof back.
    pub(super) has_open_choice: bool,
}

impl ChunkWriter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            chunker: Chunker::with_limits(limits),
            queue: VecDeque::new(),
            held: HeldDelta::new(),
            is_started: false,
            next_block: 0,
            current: None,
            ending: Ending::default(),
            violations: Vec::new(),
            unnamed_event: "message",
            is_limit_told: false,
            is_concluded: false,
            has_open_choice: false,
        }
    }

    /// Starts the message, unless it has started. Any chunk starts it too.
    pub(super) fn start(&mut self) {
        if !core::mem::replace(&mut self.is_started, true) {
            self.event(MessageStart::new(Role::Assistant));
        }
    }

    /// Starts another message inside the answer, and reports that. Every open block is cut off, and what the previous
    /// message reported about its end is discarded, unless that was the proof.
    pub(super) fn restart(&mut self) {
        self.start();
        if !self.is_stopped() {
            self.cut_off(None);
            self.current = None;
            let freed = self.ending.restart();
            self.keep(0, freed);
        }
        self.repeat();
    }

    /// Reports that something begins again which has begun before.
    pub(super) fn repeat(&mut self) {
        self.start();
        self.event(MessageStart::new(Role::Assistant));
    }

    /// Cuts off the block with that index, if it is open, or every open block.
    pub(super) fn cut_off(&mut self, block: Option<u32>) {
        self.chunker.cut_off(block);
    }

    /// Records that a piece of the call in that block may be missing or wrong, so its arguments must not be used.
    pub(super) fn note_loss(&mut self, block: u32) {
        self.chunker.note_loss(Some(block));
    }

    /// Writes an unknown event; `name` is empty if its payload has no type.
    pub(super) fn unknown_event(&mut self, name: &str, payload: Json) {
        let name = if name.is_empty() { self.unnamed_event } else { name };
        self.event(UnknownEvent::new(name, payload));
    }

    /// Writes an unknown member of an event, with its block if there is one.
    pub(super) fn unknown_member(&mut self, block: Option<u32>, name: String, value: Json) {
        if let Some(block) = block {
            let mut delta = ContentBlockDelta::new(block, Delta::default());
            delta.other.push(name.into(), value);
            self.event(delta);
            return;
        }
        self.start();
        self.take_chunks();
        if !self.chunker.is_done() && self.failure().is_none() {
            self.queue.push_back(Chunk::unknown_member(None, name, value));
        }
    }

    /// Writes the unknown members of a payload; a null member counts as absent.
    pub(super) fn unknown_members(&mut self, members: Fields) {
        self.unknown_members_in(None, members);
    }

    /// Writes unknown members, with their block if there is one.
    pub(super) fn unknown_members_in(&mut self, block: Option<u32>, members: Fields) {
        for member in members {
            if member.value != Json::default() {
                self.unknown_member(block, member.name, member.value);
            }
        }
    }

    /// Ends every block and writes the stop with the reason in [`ending`](Self::ending), because the answer is proven
    /// complete.
    pub(super) fn stop(&mut self) {
        self.end_counted();
        self.event(MessageStop::new(self.ending.stop_reason()));
    }

    /// Whether the stop has been written.
    pub(super) const fn is_stopped(&self) -> bool {
        self.chunker.is_stopped() || self.chunker.is_done()
    }

    /// Whether the stop has been written, and proves the answer complete.
    pub(super) const fn is_proven(&self) -> bool {
        self.is_stopped() && (self.chunker.is_done() || !self.has_open_choice)
    }

    /// Marks the end of the content: [`Chunk::Done`] is the last chunk, if the stop has been written.
    pub(super) const fn conclude(&mut self) {
        self.is_concluded = true;
    }

    /// Ends the stream with an exception from the service.
    pub(super) fn fail(&mut self, mut exception: Exception, is_proven: bool) {
        exception.after_stop = is_proven;
        self.event(exception);
    }

    /// Ends the stream with an error outside the service's model.
    pub(super) fn fail_unmodeled(&mut self, mut error: UnmodeledError, is_proven: bool) {
        error.after_stop = is_proven;
        self.event(error);
    }

    /// Reports the violation of a rule of order, by which one thing is lost.
    pub(super) fn violate(&mut self, violation: OrderViolation) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(violation);
        }
    }

    /// Whether the current payload violates a rule of order.
    pub(super) fn is_violated(&self) -> bool {
        !self.violations.is_empty()
    }

    /// Counts a payload that was skipped entirely.
    pub(super) fn skip(&mut self, skipped: &SkippedEvent) {
        self.chunker.skip(skipped);
    }

    /// Counts an event of which this is lost, and reports it if it is the first.
    pub(super) fn skip_unexpected(&mut self, reason: OrderViolation, is_first: bool) {
        let skipped = SkippedEvent::unexpected(String::new(), Json::default(), reason);
        self.chunker.skip(&skipped);
        if is_first {
            self.violate(reason);
        }
    }

    /// Takes the rules of order that the payload at hand violates.
    pub(super) fn take_violations(&mut self) -> Vec<OrderViolation> {
        core::mem::take(&mut self.violations)
    }

    pub(super) const fn failure(&self) -> Option<&Error> {
        self.chunker.failure()
    }

    /// Returns the next chunk.
    pub(super) fn next_chunk(&mut self) -> Option<Chunk> {
        let next = match self.queue.pop_front() {
            Some(chunk) => Some(chunk),
            None => self.held.take().map(ChunkRef::into_chunk),
        };
        let mut chunk = match next.or_else(|| self.chunker.next_chunk()) {
            None if self.is_done() => self.chunker.finish().ok().flatten()?,
            next => next?,
        };
        if let Chunk::Done(done) = &mut chunk {
            self.ending.complete(done);
        }
        Some(chunk)
    }

    /// Returns the next chunk, if its text can be borrowed. `None`: [`next_chunk`](Self::next_chunk) may have one.
    #[inline]
    pub(super) fn next_lent(&mut self) -> Option<ChunkRef<'_>> {
        if self.queue.is_empty() { self.held.take() } else { None }
    }

    /// Whether [`next_lent`](Self::next_lent) has a chunk.
    pub(super) fn has_lent(&self) -> bool {
        self.queue.is_empty() && self.held.is_held()
    }

    /// Whether [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    pub(super) const fn is_done(&self) -> bool {
        self.chunker.is_done() || (self.is_concluded && self.chunker.is_stopped() && !self.has_open_choice)
    }

    /// Ends the stream, complete or not. To be called when there is no chunk left.
    pub(super) fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        self.conclude();
        match self.next_chunk() {
            Some(chunk) => Ok(Some(chunk)),
            None if self.chunker.is_stopped() && self.has_open_choice => {
                Err(Incomplete::new(StreamPosition::BeforeMessageStop, Vec::new()).into())
            }
            None => self.chunker.finish(),
        }
    }

    /// Ends a broken stream whose answer is stopped.
    pub(super) fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.take_chunks();
        self.queue.extend(self.chunker.finish_broken(tail));
        self.next_chunk()
    }

    /// What the payloads have reported so far about how the answer ends.
    pub(super) fn ending(&self) -> Done {
        let mut done = self.chunker.ending();
        self.ending.complete(&mut done);
        done
    }

    /// The vendor's own stop reason, if the payloads have reported it.
    pub(super) fn raw_stop_reason(&self) -> Option<&str> {
        self.ending.raw_stop_reason.as_deref()
    }

    /// Applies an event of Converse, for a dialect that has similar ones.
    pub(super) fn event(&mut self, event: impl Into<Event>) {
        if let Err(error) = self.chunker.apply(event.into()) {
            self.note(error);
        }
    }

    /// Records an error from the chunker. The chunker keeps a final one itself.
    fn note(&mut self, error: Error) {
        if let Error::Skipped(SkippedEvent::Unexpected { reason, .. }) = error {
            self.violate(reason);
        }
    }

    /// Moves the held chunk and those of the chunker to the queue, so that later ones follow them.
    fn take_chunks(&mut self) {
        if self.held.is_held() {
            self.queue.extend(self.held.take().map(ChunkRef::into_chunk));
        }
        while let Some(chunk) = self.chunker.next_chunk() {
            self.queue.push_back(chunk);
        }
    }
}

/// How many violations of one payload are told; more are only counted.
const MAX_VIOLATIONS: usize = 1024;
