//! Every rule about the order of events lives in this file.
//!
//! What a stream may do, and what it gives. Text and reasoning open their block with their first delta; a tool call, a
//! tool's result and an image open theirs with a start. Blocks are told apart by index alone, so any number of them may
//! be open at once and interleave.
//!
//! ```text
//!   block N:              start / first delta                    stop
//!              (closed) ------------------------> (open) --------------------> (closed)
//!                  ^                              |  ^ |                           |
//!                  |                        delta |  | | start: another block of   |
//!                  |                              +--+ | that index is closed      |
//!                  +-----------------------------------+---------------------------+
//!
//!   message:                     messageStop                       usage
//!              (content) ---------------------------> (stopped) ----------------> (done)
//!                  |  every open block is closed          |
//!                  |                                      | the stream ends
//!                  | usage: kept                          +---------------------> (done)
//!                  | the stream ends: incomplete
//!                  | exception, error: final              (done) ignores whatever follows
//! ```

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::block_events::{BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta};
use super::chunk::{Chunk, Done};
use super::delta_scan::Piece;
use super::error::Error;
use super::event::Event;
use super::incomplete::{Incomplete, Position};
use super::message_events::{MessageStart, MessageStop};
use super::metadata::{MergedMetadata, Metadata};
use super::open_block::{OpenBlock, unknown, unknown_members};
use super::spoiled::{Misplaced, SpoiledEvent};
use super::vocabulary::{Role, StopReason};
use crate::frame;

/// Turns events into chunks, and knows whether the answer is complete.
///
/// Call [`next_chunk`](Self::next_chunk) until it gives `None` after every [`apply`](Self::apply), and
/// [`finish`](Self::finish) until it gives `None` where the stream ends.
#[derive(Debug, Default)]
pub struct Chunker {
    queue: VecDeque<Chunk>,
    blocks: Vec<OpenBlock>,
    /// How long the arguments of the open blocks are together, in bytes.
    arguments_len: usize,
    /// Whether any event came, spoiled ones included.
    begun: bool,
    started: bool,
    stop: Option<MessageStop>,
    metadata: MergedMetadata,
    /// Whether a block has begun without saying which: deltas that do not say either belong to it, not to another.
    unplaced: bool,
    skipped_events: u64,
    verdict: Verdict,
}

#[derive(Debug, Default)]
enum Verdict {
    #[default]
    Open,
    Done,
    Failed(Error),
}

impl Chunker {
    /// A chunker at the start of an answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the stream's next event, which may give several chunks.
    ///
    /// # Errors
    ///
    /// [`Error::Spoiled`] if the event has no place where it stands: it is counted, and the stream goes on.
    /// [`Error::Exception`] and [`Error::ErrorMessage`] are final. After [`Chunk::Done`] every event is ignored.
    pub fn apply(&mut self, event: Event) -> Result<(), Error> {
        if !self.takes_events()? {
            return Ok(());
        }
        match event {
            Event::ContentBlockDelta(event) => {
                let chunk = self.delta(event)?;
                self.queue.extend(chunk);
                Ok(())
            }
            Event::MessageStart(event) => self.message_start(event),
            Event::ContentBlockStart(event) => self.block_start(event),
            Event::ContentBlockStop(event) => self.block_stop(event),
            Event::MessageStop(event) => self.message_stop(event),
            Event::Metadata(event) => self.metadata(event),
            Event::Exception(exception) => Err(self.fail(Error::Exception(Box::new(exception)))),
            Event::Error(error) => Err(self.fail(Error::ErrorMessage(error))),
            Event::Unknown(event) => {
                self.queue.push_back(Chunk::Unknown {
                    event: Some(event.name().into()),
                    member: None,
                    block: None,
                    value: event.payload.unwrap_or_default(),
                });
                Ok(())
            }
        }
    }

    /// [`apply`](Self::apply) for a delta of the commonest sorts. Its chunk comes straight back: nearly every event is such
    /// a delta, of a block that is open and takes it, and the queue would cost it a tenth of its time. The queue must be
    /// empty.
    #[inline]
    pub(crate) fn apply_piece(&mut self, piece: Piece) -> Result<Option<Chunk>, Error> {
        if !self.takes_events()? {
            return Ok(None);
        }
        let arguments_len = self.arguments_len + piece.arguments_len();
        let piece = match self.position(piece.block) {
            Some(position) if arguments_len <= MAX_ARGUMENTS_LEN => {
                match self.blocks[position].piece(piece) {
                    Ok(chunk) => {
                        self.arguments_len = arguments_len;
                        return Ok(chunk);
                    }
                    Err(piece) => piece,
                }
            }
            _ => piece,
        };
        self.delta(piece.into())
    }

    /// Takes the next chunk; `None`: apply more events.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        self.queue.pop_front()
    }

    /// The stream ends here. Gives what is left, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] without `messageStop`; the final error, if there was one.
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next_chunk() {
            return Ok(Some(chunk));
        }
        match &self.verdict {
            Verdict::Done => Ok(None),
            Verdict::Failed(error) => Err(error.clone()),
            Verdict::Open if self.stop.is_some() => {
                self.give_done();
                Ok(self.next_chunk())
            }
            Verdict::Open => {
                let position = if !self.begun {
                    Position::BeforeStart
                } else if self.blocks.is_empty() {
                    Position::BeforeMessageStop
                } else {
                    Position::InsideBlocks
                };
                Err(self.incomplete(position))
            }
        }
    }

    /// Counts an event that was spoiled before it came here: [`Event::decode`] could not read it.
    pub fn skip(&mut self) {
        self.begun = true;
        self.skipped_events += 1;
        self.damage(None);
    }

    /// Whether the answer is proven complete: [`Chunk::Done`] was given, or is the last of the chunks to come.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.verdict, Verdict::Done)
    }

    /// The final error, if there was one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Error> {
        match &self.verdict {
            Verdict::Failed(error) => Some(error),
            Verdict::Open | Verdict::Done => None,
        }
    }

    /// What the stream has told of its end so far: the stop reason, the usage and so on, as [`Chunk::Done`] will hold
    /// them. For a stream that broke before `Done` was due; it proves nothing. Empty once `Done` was given.
    #[must_use]
    pub fn ending(&self) -> Done {
        let stop = self.stop.clone().unwrap_or_default();
        Done::new(stop, self.metadata.as_metadata().clone(), self.skipped_events).0
    }

    /// The stream ended inside a message, so whatever came before, it is incomplete.
    pub(crate) fn finish_truncated(&mut self, error: frame::Error) -> Error {
        self.incomplete(Position::InsideMessage(error))
    }

    /// An event has come: whether it counts still.
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

    fn message_start(&mut self, event: MessageStart) -> Result<(), Error> {
        if mem::replace(&mut self.started, true) {
            return Err(self.misplaced(Event::MessageStart(event), Misplaced::Repeated));
        }
        self.queue.push_back(Chunk::Start { role: event.role.unwrap_or(Role::Assistant) });
        self.queue.extend(unknown_members(None, event.other));
        Ok(())
    }

    fn block_start(&mut self, event: ContentBlockStart) -> Result<(), Error> {
        let Some(index) = event.content_block_index else {
            // Without a word about what begins, nothing is lost.
            if event.start.as_ref().is_none_or(|start| *start == BlockStart::default()) {
                return Ok(());
            }
            self.unplaced = true;
            let reason = Misplaced::NoIndex { open: self.blocks.len() };
            return Err(self.misplaced(Event::ContentBlockStart(event), reason));
        };
        self.unplaced = false;
        let starts = event.start.as_ref().map_or(&[][..], BlockStart::members);
        if starts.iter().any(is_anonymous) {
            // What follows belongs to this nameless block, not to one that was open under its index.
            self.close_without_stop(index);
            return Err(self.misplaced(Event::ContentBlockStart(event), Misplaced::Anonymous));
        }
        if self.position(index).is_none() && self.blocks.len() >= MAX_OPEN_BLOCKS {
            let reason = Misplaced::TooManyBlocks { open: self.blocks.len() };
            return Err(self.misplaced(Event::ContentBlockStart(event), reason));
        }
        for start in event.start.unwrap_or_default().into_members() {
            match start {
                BlockStart::Unknown(member) => self.queue.push_back(unknown(Some(index), member)),
                start => {
                    self.close_without_stop(index);
                    self.blocks.extend(OpenBlock::begin(index, start, &mut self.queue));
                }
            }
        }
        if self.position(index).is_none() {
            self.blocks.push(OpenBlock::content(index));
        }
        self.queue.extend(unknown_members(Some(index), event.other));
        Ok(())
    }

    /// Gives the delta's chunk if there is just one, and queues them if there are more.
    fn delta(&mut self, event: ContentBlockDelta) -> Result<Option<Chunk>, Error> {
        let position = match self.place(&event) {
            Ok(position) => position,
            // Without a word about what comes, nothing is lost.
            Err(Misplaced::NoIndex { .. }) if event.is_empty() => return Ok(None),
            Err(reason) => {
                let deltas = event.delta.as_ref().map_or(&[][..], Delta::members);
                let has_arguments = deltas.iter().any(|delta| matches!(delta, Delta::ToolUse(_)));
                if has_arguments && (event.content_block_index.is_some() || !self.unplaced) {
                    self.damage(event.content_block_index);
                }
                return Err(self.misplaced(Event::ContentBlockDelta(event), reason));
            }
        };
        self.arguments_len += arguments_len(&event);
        let block = &mut self.blocks[position];
        let chunk = event.delta.and_then(|delta| block.delta(delta, &mut self.queue));
        if event.other.is_empty() {
            return Ok(chunk);
        }
        self.queue.extend(chunk);
        self.queue.extend(unknown_members(Some(block.index), event.other));
        Ok(None)
    }

    /// Where the block that a delta belongs to stands among the open ones. Opens it, unless it must have begun already.
    fn place(&mut self, event: &ContentBlockDelta) -> Result<usize, Misplaced> {
        let open = self.blocks.len();
        let index = match (event.content_block_index, &self.blocks[..]) {
            (Some(index), _) => index,
            (None, [block]) if !self.unplaced => block.index,
            (None, _) => return Err(Misplaced::NoIndex { open }),
        };
        let begun = self.position(index);
        let unbegun = OpenBlock::content(index);
        let block = begun.map_or(&unbegun, |position| &self.blocks[position]);
        let deltas = event.delta.as_ref().map_or(&[][..], Delta::members);
        if self.arguments_len + arguments_len(event) > MAX_ARGUMENTS_LEN {
            return Err(Misplaced::TooManyArguments { held: self.arguments_len });
        }
        match begun {
            _ if !deltas.iter().all(|delta| block.takes(delta)) => Err(Misplaced::NoStart { block: index }),
            Some(position) => Ok(position),
            None if open >= MAX_OPEN_BLOCKS => Err(Misplaced::TooManyBlocks { open }),
            None => {
                self.blocks.push(unbegun);
                Ok(open)
            }
        }
    }

    fn block_stop(&mut self, event: ContentBlockStop) -> Result<(), Error> {
        let index = match (event.content_block_index, &self.blocks[..]) {
            (Some(index), _) => Some(index),
            (None, [block]) if !self.unplaced => Some(block.index),
            // It ends a block that began without saying which, or one of several: those are closed at the latest where
            // the message stops, so nothing is lost.
            (None, _) => None,
        };
        self.unplaced = false;
        self.queue.extend(unknown_members(index, event.other));
        if let Some(block) = index.and_then(|index| self.take(index)) {
            self.queue.push_back(block.end());
        }
        Ok(())
    }

    fn message_stop(&mut self, event: MessageStop) -> Result<(), Error> {
        if self.stop.is_some() {
            return Err(self.misplaced(Event::MessageStop(event), Misplaced::Repeated));
        }
        self.close_all(event.stop_reason == Some(StopReason::ToolUse));
        self.stop = Some(event);
        self.finish_if_proven();
        Ok(())
    }

    fn metadata(&mut self, event: Box<Metadata>) -> Result<(), Error> {
        let count = self.metadata.count();
        if count >= MAX_METADATA {
            return Err(self.misplaced(Event::Metadata(event), Misplaced::TooManyMetadata { count }));
        }
        self.metadata.merge(*event);
        self.finish_if_proven();
        Ok(())
    }

    fn finish_if_proven(&mut self) {
        if self.stop.is_some() && self.metadata.has_usage() {
            self.give_done();
        }
    }

    fn give_done(&mut self) {
        self.close_all(false);
        let stop = self.stop.take().unwrap_or_default();
        let metadata = mem::take(&mut self.metadata).into_metadata();
        let (done, unfit) = Done::new(stop, metadata, self.skipped_events);
        self.queue.extend(unfit.into_iter().map(|member| unknown(None, member)));
        self.queue.push_back(Chunk::Done(Box::new(done)));
        self.verdict = Verdict::Done;
    }

    /// Where the block stands among the open ones. The last one opened is nearly always meant.
    fn position(&self, index: u32) -> Option<usize> {
        self.blocks.iter().rposition(|block| block.index == index)
    }

    /// A piece was lost, of the block of that index or of any that is open.
    fn damage(&mut self, index: Option<u32>) {
        let hit = self.blocks.iter_mut().filter(|block| index.is_none_or(|index| block.index == index));
        hit.for_each(OpenBlock::damage);
    }

    /// Closes the block of that index, if one is open, to make room for another.
    fn close_without_stop(&mut self, index: u32) {
        if let Some(block) = self.take(index) {
            self.queue.push_back(block.end_without_stop(false));
        }
    }

    fn take(&mut self, index: u32) -> Option<OpenBlock> {
        let block = self.blocks.remove(self.position(index)?);
        self.arguments_len -= block.arguments_len();
        Some(block)
    }

    /// Closes what is open, in the order of the indices: the stops are missing. `is_whole`: the message stopped for the
    /// sake of its tool calls.
    fn close_all(&mut self, is_whole: bool) {
        self.arguments_len = 0;
        self.blocks.sort_by_key(|block| block.index);
        let ends = self.blocks.drain(..).map(|block| block.end_without_stop(is_whole));
        self.queue.extend(ends);
    }

    fn misplaced(&mut self, event: Event, reason: Misplaced) -> Error {
        self.skipped_events += 1;
        Error::Spoiled(SpoiledEvent::Unexpected { event: Box::new(event), reason })
    }

    fn incomplete(&mut self, position: Position) -> Error {
        let mut open_blocks: Vec<u32> = self.blocks.iter().map(|block| block.index).collect();
        open_blocks.sort_unstable();
        self.fail(Error::Incomplete(Incomplete { position, open_blocks }))
    }

    fn fail(&mut self, error: Error) -> Error {
        self.verdict = Verdict::Failed(error.clone());
        error
    }
}

/// How long the pieces of a tool's arguments in it are, in bytes.
fn arguments_len(event: &ContentBlockDelta) -> usize {
    let len = |delta: &Delta| match delta {
        Delta::ToolUse(delta) => delta.input.as_ref().map_or(0, String::len),
        _ => 0,
    };
    event.delta.as_ref().map_or(&[][..], Delta::members).iter().map(len).sum()
}

/// Whether a tool call or its result begins without what later events need to name it by.
fn is_anonymous(start: &BlockStart) -> bool {
    let is_empty = |name: &Option<String>| name.as_ref().is_none_or(String::is_empty);
    match start {
        BlockStart::ToolUse(start) => is_empty(&start.tool_use_id) || is_empty(&start.name),
        BlockStart::ToolResult(start) => is_empty(&start.tool_use_id),
        _ => false,
    }
}

/// How many content blocks may be open at once, so that finding one stays cheap whatever is sent. No model opens more
/// than a few.
const MAX_OPEN_BLOCKS: usize = 1024;
/// How many bytes of arguments the open tool calls may have together: many times what any model writes in an answer. They
/// are held until their call is finished, so without it a stream that never ends one would fill the memory.
const MAX_ARGUMENTS_LEN: usize = 64 * 1024 * 1024;
/// How many metadata are merged: Bedrock sends one, and members that this version does not know are held to the end.
const MAX_METADATA: u32 = 1024;
