//! Every rule about the order of events is in this file.
//!
//! These are the states and transitions of a stream. Text and reasoning open their block with the first delta; a tool
//! call, a tool result and an image open theirs with a start. Blocks are distinguished by index alone, so any number of
//! them may be open at once and interleave.
//!
//! ```text
//!   block N:              start / first delta                    stop
//!              (closed) ------------------------> (open) --------------------> (closed)
//!                  ^                              |  ^ |                           |
//!                  |                        delta |  | | start: another block of   |
//!                  |                              +--+ | that index is closed      |
//!                  +-----------------------------------+---------------------------+
//!
//!              a start or a delta that must be skipped: (skipped), until a stop or a start; further events are only counted
//!
//!   message:                 messageStop: Stop                    usage
//!              (content) ---------------------------> (stopped) ----------------> (done)
//!                  |  every open block is closed          |
//!                  |                                      | the stream ends or breaks
//!                  | usage: kept                          +---------------------> (done)
//!                  | the stream ends: incomplete          | content: skipped
//!                  | exception, error: final              | exception, error: final
//!                                                         (done) ignores whatever follows
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use super::chunk_queue::ChunkQueue;
use super::ending::Ending;
use super::merged_metadata::MergedMetadata;
use super::open_block::{OPEN_BLOCK_LEN, OpenBlock, unknown, unknown_members};
use super::state_budget::StateBudget;
use crate::answer::{
    Chunk, ChunkRef, Done, Error, Incomplete, OrderViolation, SkippedEvent, StopReason, StreamPosition, Tail,
};
use crate::content::Role;
use crate::converse::event::{
    BlockStart, CONTENT_BLOCK_START, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Event,
    MessageStart, MessageStop, Metadata, TextDelta, TextDeltaKind,
};
use crate::frame::{self, Limits};
use crate::json::{Json, Member};

/// Turns events into chunks, and knows whether the answer is complete.
///
/// Call [`next_chunk`](Self::next_chunk) until it returns `None` after every [`apply`](Self::apply), and
/// [`finish`](Self::finish) until it returns `None` when the stream ends.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_core::converse::{Chunker, Event};
///
/// let mut chunker = Chunker::new();
/// let stop: Event = serde_json::from_str(r#"{"messageStop":{"stopReason":"end_turn"}}"#)?;
/// chunker.apply(stop)?;
/// assert!(matches!(chunker.next_chunk(), Some(Chunk::Start { .. })));
/// assert!(matches!(chunker.next_chunk(), Some(Chunk::Stop { .. })));
/// assert!(chunker.is_stopped(), "only the usage can follow");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Chunker {
    queue: ChunkQueue,
    /// In the order of their indices.
    blocks: Vec<OpenBlock>,
    budget: StateBudget,
    /// Whether any event has arrived, skipped ones included.
    begun: bool,
    message_started: bool,
    ending: Ending,
    /// Whether a block started without an index. Later deltas without an index may belong to it, so no other block
    /// gets them.
    unindexed_block: bool,
    /// Whether a skipped event may have started a call: a delta without an index may belong to that call.
    lost_start: bool,
    reported: Reported,
    skipped_events: u64,
    verdict: Verdict,
}

/// Which losses were already reported, so that further ones are only counted.
#[derive(Clone, Debug, Default)]
struct Reported {
    /// Deltas without an index.
    unindexed: bool,
    /// More blocks than may be open.
    too_many_blocks: bool,
    /// Content after the stop.
    after_stop: bool,
}

#[derive(Clone, Debug, Default)]
enum Verdict {
    #[default]
    Open,
    Done,
    Failed(Error),
}

impl Chunker {
    /// A chunker for a new answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A chunker with the caller's limits, of which only `max_state_len` applies.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { budget: StateBudget::new(limits), ..Self::default() }
    }

    /// Processes the stream's next event, which may produce several chunks.
    ///
    /// # Errors
    ///
    /// [`Error::Skipped`] if the event is out of order: it is counted, and the stream goes on. [`Error::Exception`]
    /// and [`Error::UnmodeledError`] are final. After [`Chunk::Done`] every event is ignored.
    pub fn apply(&mut self, event: Event) -> Result<(), Error> {
        if !self.takes_events()? {
            return Ok(());
        }
        let after_stop = self.ending.is_stopped();
        match event {
            event @ (Event::ContentBlockDelta(_) | Event::ContentBlockStart(_)) if after_stop => {
                let is_first = !mem::replace(&mut self.reported.after_stop, true);
                self.skip_event(event, OrderViolation::AfterStop, is_first)
            }
            Event::ContentBlockDelta(event) => self.delta(event),
            Event::MessageStart(event) => self.message_start(event),
            Event::ContentBlockStart(event) => self.block_start(event),
            Event::ContentBlockStop(event) => {
                self.block_stop(event);
                Ok(())
            }
            Event::MessageStop(event) => self.message_stop(event),
            Event::Metadata(event) => self.metadata(event),
            Event::Exception(mut exception) => {
                exception.after_stop |= after_stop;
                Err(self.fail(Error::Exception(Box::new(exception))))
            }
            Event::Error(mut error) => {
                error.after_stop |= after_stop;
                Err(self.fail(Error::UnmodeledError(error)))
            }
            Event::Unknown(event) => {
                self.queue.push(Chunk::Unknown {
                    event: Some(event.name().into()),
                    member: None,
                    block: None,
                    value: event.payload.unwrap_or_default(),
                });
                Ok(())
            }
        }
    }

    /// [`apply`](Self::apply) for a delta that was scanned; the queue must be empty. The chunk is returned directly if
    /// the block is open and accepts the delta; everything else is left to `apply`.
    ///
    /// # Errors
    ///
    /// The same errors as `apply`.
    #[doc(hidden)]
    #[inline]
    pub fn apply_text_delta(&mut self, delta: TextDelta) -> Result<Option<Chunk>, Error> {
        if !self.takes_events()? {
            return Ok(None);
        }
        let len = delta.arguments_len();
        if self.budget.fits(len) {
            let block = self.position(delta.block).map(|position| &mut self.blocks[position]);
            if let Some(block) = block.filter(|block| block.takes_text(delta.kind)) {
                self.budget.add(len);
                return Ok(block.text_delta(delta.kind, delta.text, &mut self.queue));
            }
        }
        self.apply(Event::ContentBlockDelta(delta.into())).map(|()| None)
    }

    /// [`apply_text_delta`](Self::apply_text_delta) for a text that stays borrowed, and without its condition: the chunk
    /// follows whatever is in the queue. `None`: nothing was changed, and `apply_text_delta` must decide.
    #[doc(hidden)]
    #[inline]
    pub fn lend_text_delta<'a>(
        &'a mut self,
        block: u32,
        kind: TextDeltaKind,
        text: &'a str,
    ) -> Option<ChunkRef<'a>> {
        if text.is_empty() || !matches!(self.verdict, Verdict::Open) {
            return None;
        }
        match kind {
            TextDeltaKind::ToolInput => {
                let id = self.add_arguments(block, text)?;
                Some(ChunkRef::tool_call_delta(block, id, text))
            }
            TextDeltaKind::Text | TextDeltaKind::Reasoning => {
                let position = self.position(block)?;
                self.blocks[position].lends_text().then_some(match kind {
                    TextDeltaKind::Reasoning => ChunkRef::reasoning(block, text),
                    _ => ChunkRef::text(block, text),
                })
            }
        }
    }

    /// Adds a piece to the arguments of the open call with that index, and returns the call's id: the rules of
    /// [`apply_text_delta`](Self::apply_text_delta) for a text that stays borrowed. `None`: nothing was changed, and
    /// `apply_text_delta` must decide. The queue must be empty, and the last event must have been a delta that
    /// `apply_text_delta` returned the chunk of.
    #[inline]
    pub(crate) fn add_arguments(&mut self, index: u32, piece: &str) -> Option<&Arc<str>> {
        let position = self.position(index).filter(|_| self.budget.fits(piece.len()))?;
        let id = self.blocks[position].add_arguments(piece)?;
        self.budget.add(piece.len());
        Some(id)
    }

    /// Returns the next chunk. `None`: apply more events.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        self.queue.pop()
    }

    /// Call this when the stream has ended. Returns the remaining chunks, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if there was no `messageStop`; otherwise the final error, if there was one.
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next_chunk() {
            return Ok(Some(chunk));
        }
        match &self.verdict {
            Verdict::Done => Ok(None),
            Verdict::Failed(error) => Err(error.clone()),
            Verdict::Open if self.ending.is_stopped() => {
                self.give_done(None);
                Ok(self.next_chunk())
            }
            Verdict::Open => {
                let position = if !self.begun {
                    StreamPosition::BeforeStart
                } else if self.blocks.iter().all(OpenBlock::is_skipped) {
                    StreamPosition::BeforeMessageStop
                } else {
                    StreamPosition::InsideBlocks
                };
                Err(self.incomplete(position))
            }
        }
    }

    /// Call this when the stream broke; `tail` describes how. If the answer [is stopped](Self::is_stopped), at most its
    /// usage is lost: this returns the remaining chunks, [`Chunk::Done`] last, and then `None`. For any other answer it
    /// returns `None` at once, and the caller should report its own error.
    pub fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        if self.is_stopped() {
            self.give_done(Some(tail));
        }
        if self.is_done() { self.next_chunk() } else { None }
    }

    /// Counts an event that [`Event::decode`] could not read. Every open call may now lack a piece. If the event may
    /// have started a call, each later call that receives deltas without an index may also lack a piece.
    pub fn skip(&mut self, skipped: &SkippedEvent) {
        self.begun = true;
        self.skipped_events += 1;
        self.note_loss(None);
        self.lost_start |= match skipped {
            SkippedEvent::Payload { event, .. } => event == CONTENT_BLOCK_START,
            SkippedEvent::Message { .. } | SkippedEvent::Unexpected { .. } => true,
        };
    }

    /// Ends the block with that index, or every open block, because the rest will never come: another message or block
    /// has taken its place. The arguments of a tool call are then truncated, even if they happen to be JSON. For the
    /// decoders of other dialects.
    #[doc(hidden)]
    pub fn cut_off(&mut self, index: Option<u32>) {
        let blocks: Vec<OpenBlock> = match index {
            Some(index) => self.take(index).into_iter().collect(),
            None => {
                self.budget.release(self.blocks.iter().map(OpenBlock::len).sum());
                self.reported.too_many_blocks = false;
                mem::take(&mut self.blocks)
            }
        };
        self.queue.extend(blocks.into_iter().filter_map(OpenBlock::end_cut_off));
    }

    /// Accounts for a part of the memory that a decoder of another dialect keeps: it has `len` bytes now, and had `before`.
    ///
    /// # Errors
    ///
    /// [`OrderViolation::StateLimit`] if that exceeds the limit. This is counted as a skipped event.
    #[doc(hidden)]
    pub fn keep(&mut self, len: usize, before: usize) -> Result<(), OrderViolation> {
        self.budget.replace(before, len).inspect_err(|_| self.skipped_events += 1)
    }

    /// Whether the answer is over: [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.verdict, Verdict::Done)
    }

    /// Whether the answer is proven complete while its usage is still to come: after `messageStop`, before
    /// [`Chunk::Done`].
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.ending.is_stopped() && matches!(self.verdict, Verdict::Open)
    }

    /// The final error, if there was one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Error> {
        match &self.verdict {
            Verdict::Failed(error) => Some(error),
            Verdict::Open | Verdict::Done => None,
        }
    }

    /// What the stream has reported so far about how the answer ends: the stop reason, the usage and so on, as
    /// [`Chunk::Done`] would contain them. It is meant for a stream that broke before `Done`, and proves nothing. Empty
    /// once `Done` was returned.
    #[must_use]
    pub fn ending(&self) -> Done {
        self.ending.to_done(self.skipped_events).0
    }

    /// The stream ended inside a message, before the answer was complete.
    pub(crate) fn finish_truncated(&mut self, error: frame::Error) -> Error {
        self.incomplete(StreamPosition::InsideMessage(error))
    }

    /// Records that an event arrived. Returns whether events still count.
    fn takes_events(&mut self) -> Result<bool, Error> {
        match &self.verdict {
            Verdict::Open => {
                self.begun = true;
                Ok(true)
            }
            Verdict::Done => Ok(false),
            Verdict::Failed(error) => Err(error.clone()),
        }
    }

    /// Starts the message. If content came before, it has already started, and nothing is lost.
    fn message_start(&mut self, event: MessageStart) -> Result<(), Error> {
        if mem::replace(&mut self.message_started, true) {
            return self.skip_event(Event::MessageStart(event), OrderViolation::Repeated, true);
        }
        self.queue.start(event.role.unwrap_or(Role::Assistant));
        self.queue.extend(unknown_members(None, event.other));
        Ok(())
    }

    fn block_start(&mut self, event: ContentBlockStart) -> Result<(), Error> {
        let Some(index) = event.content_block_index else {
            // A start without content loses nothing.
            if event.start.as_ref().is_none_or(|start| *start == BlockStart::default()) {
                return Ok(());
            }
            self.unindexed_block = true;
            self.reported.unindexed = true;
            let reason = OrderViolation::MissingIndex { open: self.blocks.len() };
            return self.skip_event(Event::ContentBlockStart(event), reason, true);
        };
        let starts = event.start.as_ref().map_or(&[][..], BlockStart::members);
        if let Err(reason) = self.room_for(index, starts) {
            // The following events belong to the block that could not start, not to an earlier one with the same index.
            self.close_without_stop(index);
            let is_first = self.open_skipped(index, reason);
            return self.skip_event(Event::ContentBlockStart(event), reason, is_first);
        }
        if self.position(index).is_some_and(|position| self.blocks[position].is_skipped()) {
            self.close_without_stop(index);
        }
        for start in event.start.unwrap_or_default().into_members() {
            match start {
                BlockStart::Unknown(member) => self.unknown_member(index, member),
                start => {
                    self.close_without_stop(index);
                    if let Some(block) = OpenBlock::begin(index, start, &mut self.queue) {
                        self.open(block);
                    }
                }
            }
        }
        self.open_content(index);
        event.other.into_iter().for_each(|member| self.unknown_member(index, member));
        Ok(())
    }

    fn delta(&mut self, event: ContentBlockDelta) -> Result<(), Error> {
        let position = match self.place(&event) {
            Ok(position) => position,
            // A delta without content loses nothing.
            Err(OrderViolation::MissingIndex { .. }) if event.is_empty() => return Ok(()),
            Err(reason) => {
                if event.has_arguments() {
                    self.note_loss(event.content_block_index);
                }
                let is_first = self.report_delta(reason, &event);
                return self.skip_event(Event::ContentBlockDelta(event), reason, is_first);
            }
        };
        if event.content_block_index.is_none() {
            self.reported.unindexed = false;
            if self.lost_start && event.has_arguments() {
                self.blocks[position].note_loss();
            }
        }
        self.budget.add(event.arguments_len());
        let block = &mut self.blocks[position];
        if let Some(delta) = event.delta {
            block.delta(delta, &mut self.queue);
        }
        event.other.into_iter().for_each(|member| block.unknown(member, &mut self.queue));
        Ok(())
    }

    /// The position, among the open blocks, of the one that a delta belongs to. Opens it, unless its kind needs a
    /// start.
    fn place(&mut self, event: &ContentBlockDelta) -> Result<usize, OrderViolation> {
        let open = self.blocks.len();
        let index = match (event.content_block_index, &self.blocks[..]) {
            (Some(index), _) => index,
            (None, [block]) if !self.unindexed_block => block.index,
            (None, _) => return Err(OrderViolation::MissingIndex { open }),
        };
        let begun = self.position(index);
        let new_block = OpenBlock::content(index);
        let block = begun.map_or(&new_block, |position| &self.blocks[position]);
        if block.is_skipped() || !event.deltas().iter().all(|delta| block.takes(delta)) {
            return Err(OrderViolation::MissingStart { block: index });
        }
        let opened_len = if begun.is_none() { OPEN_BLOCK_LEN } else { 0 };
        self.budget.check(event.arguments_len() + opened_len)?;
        match begun {
            Some(position) => Ok(position),
            None if open >= MAX_OPEN_BLOCKS => Err(OrderViolation::TooManyBlocks { open }),
            None => Ok(self.open(new_block)),
        }
    }

    /// Records that a delta is skipped. Returns whether it is the first one of its loss, which must be reported.
    fn report_delta(&mut self, reason: OrderViolation, event: &ContentBlockDelta) -> bool {
        match event.content_block_index {
            None if matches!(reason, OrderViolation::MissingIndex { .. }) => {
                !mem::replace(&mut self.reported.unindexed, true)
            }
            // The only one that is open.
            None => self.blocks.first_mut().is_none_or(OpenBlock::mark_reported),
            Some(index) => match self.position(index) {
                Some(position) => self.blocks[position].mark_reported(),
                None => self.open_skipped(index, reason),
            },
        }
    }

    /// Remembers, if there is room, that a block's further events are skipped. Returns whether `reason` must still be
    /// reported.
    fn open_skipped(&mut self, index: u32, reason: OrderViolation) -> bool {
        if self.blocks.len() < MAX_OPEN_BLOCKS && self.budget.fits(OPEN_BLOCK_LEN) {
            self.open(OpenBlock::skipped(index));
            true
        } else if matches!(reason, OrderViolation::TooManyBlocks { .. } | OrderViolation::StateLimit { .. }) {
            !mem::replace(&mut self.reported.too_many_blocks, true)
        } else {
            true
        }
    }

    /// Whether a block can start like this.
    fn room_for(&self, index: u32, starts: &[BlockStart]) -> Result<(), OrderViolation> {
        if starts.iter().any(BlockStart::is_anonymous) {
            return Err(OrderViolation::MissingId);
        }
        let open = self.blocks.len();
        if self.position(index).is_none() && open >= MAX_OPEN_BLOCKS {
            return Err(OrderViolation::TooManyBlocks { open });
        }
        let names_len: usize = starts.iter().map(BlockStart::names_len).sum();
        self.budget.check(names_len + OPEN_BLOCK_LEN)
    }

    fn block_stop(&mut self, event: ContentBlockStop) {
        let index = match (event.content_block_index, &self.blocks[..]) {
            (Some(index), _) => Some(index),
            (None, [block]) if !self.unindexed_block => Some(block.index),
            // It ends a block without an index, or one of several. Those are closed when the message stops at the
            // latest, so nothing is lost.
            (None, blocks) => {
                self.unindexed_block &= !blocks.is_empty();
                None
            }
        };
        if event.content_block_index.is_none() && !self.unindexed_block {
            self.reported.unindexed = false;
        }
        match index.and_then(|index| self.take(index)) {
            Some(mut block) => {
                event.other.into_iter().for_each(|member| block.unknown(member, &mut self.queue));
                self.queue.extend(block.end());
            }
            None => self.queue.extend(unknown_members(index, event.other)),
        }
    }

    fn message_stop(&mut self, event: MessageStop) -> Result<(), Error> {
        if self.ending.is_stopped() {
            return self.skip_event(Event::MessageStop(event), OrderViolation::Repeated, true);
        }
        self.close_all(event.stop_reason == Some(StopReason::ToolUse));
        self.queue.push(Chunk::Stop { stop_reason: event.stop_reason.clone().unwrap_or_default() });
        self.ending.stop = Some(event);
        self.finish_if_proven();
        Ok(())
    }

    fn metadata(&mut self, event: Box<Metadata>) -> Result<(), Error> {
        let len = MergedMetadata::cost(&event);
        if let Err(reason) = self.budget.check(len) {
            return self.skip_event(Event::Metadata(event), reason, true);
        }
        self.budget.add(len);
        self.ending.metadata.merge(event);
        self.finish_if_proven();
        Ok(())
    }

    fn finish_if_proven(&mut self) {
        if self.ending.is_whole() {
            self.give_done(None);
        }
    }

    fn give_done(&mut self, tail: Option<Tail>) {
        let (mut done, unfit) = mem::take(&mut self.ending).to_done(self.skipped_events);
        done.tail = tail;
        self.queue.extend(unfit.into_iter().map(|member| unknown(None, member)));
        self.queue.push(Chunk::Done(Box::new(done)));
        self.verdict = Verdict::Done;
    }

    /// The block's position among the open ones.
    #[inline]
    fn position(&self, index: u32) -> Option<usize> {
        // It is nearly always the last.
        match &self.blocks[..] {
            [.., last] if last.index == index => Some(self.blocks.len() - 1),
            blocks => blocks.binary_search_by_key(&index, |block| block.index).ok(),
        }
    }

    /// Records that a piece was lost, from the block with that index or from any open block.
    #[doc(hidden)]
    pub fn note_loss(&mut self, index: Option<u32>) {
        let hit = self.blocks.iter_mut().filter(|block| index.is_none_or(|index| block.index == index));
        hit.for_each(OpenBlock::note_loss);
    }

    /// Opens a block, of an index that no open block has, and returns its position.
    fn open(&mut self, block: OpenBlock) -> usize {
        self.budget.add(block.len());
        if self.blocks.capacity() == 0 {
            // Most answers have one block open at a time, and an idle stream should not keep room for four.
            self.blocks.reserve_exact(1);
        }
        let position = self.blocks.partition_point(|open| open.index < block.index);
        self.blocks.insert(position, block);
        position
    }

    /// The position of the block with that index; opens a text or reasoning block if there is none.
    fn open_content(&mut self, index: u32) -> usize {
        self.position(index).unwrap_or_else(|| self.open(OpenBlock::content(index)))
    }

    /// Queues a member of a block that this version does not know.
    fn unknown_member(&mut self, index: u32, member: Member) {
        let position = self.open_content(index);
        self.blocks[position].unknown(member, &mut self.queue);
    }

    /// Closes the block with that index, if one is open, to make room for another.
    fn close_without_stop(&mut self, index: u32) {
        if let Some(block) = self.take(index) {
            self.queue.extend(block.end_without_stop(false));
        }
    }

    fn take(&mut self, index: u32) -> Option<OpenBlock> {
        let block = self.blocks.remove(self.position(index)?);
        self.budget.release(block.len());
        self.reported.too_many_blocks = false;
        Some(block)
    }

    /// Closes the blocks whose stop is missing, in the order of their indices. `is_whole`: the message stopped with
    /// `tool_use`.
    fn close_all(&mut self, is_whole: bool) {
        for block in self.blocks.drain(..) {
            self.budget.release(block.len());
            self.queue.extend(block.end_without_stop(is_whole));
        }
    }

    /// Counts an event that is out of order, and reports it if this loss was not reported before.
    fn skip_event(&mut self, event: Event, reason: OrderViolation, is_first: bool) -> Result<(), Error> {
        self.skipped_events += 1;
        if is_first {
            // An event's members are JSON, so writing it cannot fail; its name is always reported.
            let json = Json::from_value(&event).unwrap_or_default();
            let name = event.name().into();
            return Err(Error::Skipped(SkippedEvent::Unexpected { name, event: json, reason }));
        }
        Ok(())
    }

    fn incomplete(&mut self, position: StreamPosition) -> Error {
        let open = self.blocks.iter().filter(|block| !block.is_skipped());
        let open_blocks = open.map(|block| block.index).collect();
        self.fail(Error::Incomplete(Incomplete { position, open_blocks }))
    }

    fn fail(&mut self, error: Error) -> Error {
        self.verdict = Verdict::Failed(error.clone());
        error
    }
}

/// How many content blocks may be open at once, so that opening and closing one stays cheap even on a hostile stream.
/// Models open only a few.
const MAX_OPEN_BLOCKS: usize = 1024;
