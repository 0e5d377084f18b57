use alloc::collections::VecDeque;
use alloc::string::String;

use bedrock_stream_core::answer::{
    BlockKind, Chunk, Done, Error, Exception, OrderViolation, SkippedEvent, StopReason, Tail, UnmodeledError,
};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{
    Chunker, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, Event, MessageStart, MessageStop,
    ReasoningDelta, TextDelta, TextDeltaKind, ToolUseDelta, ToolUseStart, UnknownEvent,
};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::{Blob, Fields, Json};

use super::ending::Ending;
use super::merged_usage::MergedUsage;

/// Writes an answer's chunks for a dialect, under the rules of Converse's [`Chunker`]: a dialect says what begins, comes and
/// ends, and the chunker what is in order, how much may be kept, and what a damaged call is worth.
///
/// Blocks are named by an index. A dialect whose payloads number them uses those numbers; for any other, [`text`](Self::text)
/// and its like count them from 0 as they open, and adjacent pieces of one kind are one block.
#[derive(Debug)]
pub(super) struct ChunkWriter {
    chunker: Chunker,
    /// Chunks that come before those of the chunker.
    queue: VecDeque<Chunk>,
    is_started: bool,
    /// The index of the next block to be counted.
    next_block: u32,
    /// The counted block that is open, and takes more pieces of its kind.
    current: Option<(u32, BlockKind)>,
    /// What the payloads have said of the answer's end so far.
    pub(super) ending: Ending,
    /// The first rule of order that the payload at hand violates.
    violation: Option<OrderViolation>,
    /// Whether it was told that something cannot be kept: more of it is only counted.
    is_limit_told: bool,
    is_concluded: bool,
}

impl ChunkWriter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            chunker: Chunker::with_limits(limits),
            queue: VecDeque::new(),
            is_started: false,
            next_block: 0,
            current: None,
            ending: Ending::default(),
            violation: None,
            is_limit_told: false,
            is_concluded: false,
        }
    }

    /// The message begins, unless it has. Any chunk begins it too.
    pub(super) fn start(&mut self) {
        if !core::mem::replace(&mut self.is_started, true) {
            self.event(MessageStart::new(Role::Assistant));
        }
    }

    /// Another message begins inside the answer, which is told: every open block is cut off, and what the message before said
    /// of its end is no longer true, unless that was the proof.
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

    /// Tells that something begins again which has begun before.
    pub(super) fn repeat(&mut self) {
        self.start();
        self.event(MessageStart::new(Role::Assistant));
    }

    /// Ends the block of that index, if it is open, or every open block: its rest will never come.
    pub(super) fn cut_off(&mut self, block: Option<u32>) {
        self.chunker.cut_off(block);
    }

    /// Notes that a piece of the call in that block may be missing or wrong: its arguments must then not be used.
    pub(super) fn note_loss(&mut self, block: u32) {
        self.chunker.note_loss(Some(block));
    }

    /// A piece of text in the counted block.
    pub(super) fn text(&mut self, text: String) {
        if !text.is_empty() {
            let block = self.counted(BlockKind::Text);
            self.text_in(block, text);
        }
    }

    /// A piece of reasoning in the counted block.
    pub(super) fn reasoning(&mut self, text: String) {
        if !text.is_empty() {
            let block = self.counted(BlockKind::Reasoning);
            self.reasoning_in(block, text);
        }
    }

    /// The index for a new block of the dialect's own; ends the counted block that was open.
    pub(super) fn new_block(&mut self) -> u32 {
        self.end_counted();
        let block = self.next_block;
        self.next_block = block.saturating_add(1);
        block
    }

    /// The counted block of that kind: the open one, or a new one.
    pub(super) fn counted(&mut self, kind: BlockKind) -> u32 {
        match self.current {
            Some((block, current)) if current == kind => block,
            _ => {
                let block = self.new_block();
                self.current = Some((block, kind));
                block
            }
        }
    }

    /// Ends the counted block that is open, if one is.
    pub(super) fn end_counted(&mut self) {
        if let Some((block, _)) = self.current.take() {
            self.end_block(block);
        }
    }

    pub(super) fn text_in(&mut self, block: u32, text: String) {
        self.text_delta(TextDelta { block, kind: TextDeltaKind::Text, text });
    }

    pub(super) fn reasoning_in(&mut self, block: u32, text: String) {
        self.text_delta(TextDelta { block, kind: TextDeltaKind::Reasoning, text });
    }

    /// A piece of text, of reasoning or of a call's arguments: the same as an event with such a delta, but faster.
    pub(super) fn text_delta(&mut self, delta: TextDelta) {
        self.take_chunks();
        match self.chunker.apply_text_delta(delta) {
            Ok(chunk) => self.queue.extend(chunk),
            Err(error) => self.note(error),
        }
    }

    pub(super) fn signature_in(&mut self, block: u32, signature: String) {
        self.event(ContentBlockDelta::new(block, ReasoningDelta::Signature(signature)));
    }

    pub(super) fn redacted_in(&mut self, block: u32, data: Blob) {
        self.event(ContentBlockDelta::new(block, ReasoningDelta::RedactedContent(data)));
    }

    /// A tool call begins in the block of that index.
    pub(super) fn tool_call(&mut self, block: u32, start: ToolUseStart) {
        self.event(ContentBlockStart::new(block, start));
    }

    /// A piece of the arguments of the call in that block.
    pub(super) fn arguments_in(&mut self, block: u32, piece: String) {
        self.text_delta(TextDelta { block, kind: TextDeltaKind::ToolInput, text: piece });
    }

    /// A piece of arguments that does not say of which call; it belongs to the call that is open, if that is the only block.
    pub(super) fn arguments(&mut self, piece: String) {
        self.end_counted();
        let mut delta = ContentBlockDelta::new(0, ToolUseDelta::new(piece));
        delta.content_block_index = None;
        self.event(delta);
    }

    /// The block ended, whole.
    pub(super) fn end_block(&mut self, block: u32) {
        self.event(ContentBlockStop::new(block));
    }

    /// An event that the dialect does not know.
    pub(super) fn unknown_event(&mut self, name: &str, payload: Json) {
        self.event(UnknownEvent::new(name, payload));
    }

    /// A member of an event that the dialect does not know, of a block or of none.
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

    /// Members of a payload that the dialect does not know; a null one is an absent one.
    pub(super) fn unknown_members(&mut self, members: Fields) {
        self.unknown_members_in(None, members);
    }

    /// The same, of a block or of none.
    pub(super) fn unknown_members_in(&mut self, block: Option<u32>, members: Fields) {
        for member in members {
            if member.value != Json::default() {
                self.unknown_member(block, member.name, member.value);
            }
        }
    }

    /// Keeps a closing member of the answer, such as its `id`, in place of an earlier one of that name. The names are those
    /// that the dialect knows.
    pub(super) fn closing_member(&mut self, name: &'static str, value: Json) {
        let before = self.ending.other.value(name).map_or(0, |value| value.as_str().len());
        if self.keep(value.as_str().len(), before) {
            self.ending.other.set(name, value);
        }
    }

    /// Keeps a member of the vendor's usage, in place of an earlier one of that name.
    pub(super) fn usage_member(&mut self, name: String, value: Json) {
        let before = self.ending.merged_usage.len_of(&name);
        if self.keep(MergedUsage::len_with(&name, &value), before) {
            self.ending.merged_usage.set(name, value);
        }
    }

    /// Keeps the vendor's usage, in place of an earlier one. Returns whether there was room for it.
    pub(super) fn vendor_usage(&mut self, usage: Json) -> bool {
        let before = self.ending.vendor_usage.as_ref().map_or(0, |usage| usage.as_str().len());
        let is_kept = self.keep(usage.as_str().len(), before);
        if is_kept {
            self.ending.vendor_usage = Some(usage);
        }
        is_kept
    }

    /// Whether there is room for `more` bytes instead of `before`.
    pub(super) fn keep(&mut self, more: usize, before: usize) -> bool {
        match self.chunker.keep(more, before) {
            Ok(()) => true,
            Err(reason) => {
                if !core::mem::replace(&mut self.is_limit_told, true) {
                    self.violate(reason);
                }
                false
            }
        }
    }

    /// Why the model stopped, in Converse's word and in the vendor's. Once the stop was written with a reason, that stays.
    pub(super) fn set_stop_reason(&mut self, reason: Option<StopReason>, raw: Option<String>) {
        if !self.is_stopped() || self.ending.stop_reason.is_none() {
            self.ending.stop_reason = reason;
            self.ending.raw_stop_reason = raw;
        }
    }

    /// The answer is proven complete: ends every block and writes the stop, for the [`ending`](Self::ending)'s reason.
    pub(super) fn stop(&mut self) {
        self.end_counted();
        self.event(MessageStop::new(self.ending.stop_reason()));
    }

    /// Whether the stop was written.
    pub(super) const fn is_stopped(&self) -> bool {
        self.chunker.is_stopped() || self.chunker.is_done()
    }

    /// Nothing more comes: [`Chunk::Done`] is the last chunk, if the stop was written.
    pub(super) const fn conclude(&mut self) {
        self.is_concluded = true;
    }

    /// The service ended the stream with an error.
    pub(super) fn fail(&mut self, mut exception: Exception, is_proven: bool) {
        exception.after_stop = is_proven;
        self.event(exception);
    }

    /// The service ended the stream with an error outside its model.
    pub(super) fn fail_unmodeled(&mut self, mut error: UnmodeledError, is_proven: bool) {
        error.after_stop = is_proven;
        self.event(error);
    }

    /// Something violates a rule of order that the chunker cannot know.
    pub(super) fn violate(&mut self, violation: OrderViolation) {
        self.violation.get_or_insert(violation);
    }

    /// Whether the payload at hand violates a rule of order.
    pub(super) const fn is_violated(&self) -> bool {
        self.violation.is_some()
    }

    /// Counts a payload that was skipped whole.
    pub(super) fn skip(&mut self, skipped: &SkippedEvent) {
        self.chunker.skip(skipped);
    }

    /// Counts an event that may belong to any of several blocks, and tells it if it is the first.
    pub(super) fn skip_unindexed(&mut self, reason: OrderViolation, is_first: bool) {
        let skipped = SkippedEvent::unexpected(String::new(), Json::default(), reason);
        self.chunker.skip(&skipped);
        if is_first {
            self.violate(reason);
        }
    }

    pub(super) fn take_violation(&mut self) -> Option<OrderViolation> {
        self.violation.take()
    }

    pub(super) const fn failure(&self) -> Option<&Error> {
        self.chunker.failure()
    }

    /// Takes the next chunk.
    pub(super) fn next_chunk(&mut self) -> Option<Chunk> {
        let next = self.queue.pop_front().or_else(|| self.chunker.next_chunk());
        let mut chunk = match next {
            None if self.is_concluded && self.chunker.is_stopped() => self.chunker.finish().ok().flatten()?,
            next => next?,
        };
        if let Chunk::Done(done) = &mut chunk {
            self.ending.complete(done);
        }
        Some(chunk)
    }

    /// Whether [`Chunk::Done`] was given or is the last to come.
    pub(super) const fn is_done(&self) -> bool {
        self.chunker.is_done() || (self.is_concluded && self.chunker.is_stopped())
    }

    /// The stream ends here, complete or not; to be called when there is no chunk left.
    pub(super) fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        self.conclude();
        match self.next_chunk() {
            Some(chunk) => Ok(Some(chunk)),
            None => self.chunker.finish(),
        }
    }

    /// The stream of an answer that is stopped breaks here.
    pub(super) fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.take_chunks();
        self.queue.extend(self.chunker.finish_broken(tail));
        self.next_chunk()
    }

    /// What the payloads have said of the answer's end so far.
    pub(super) fn ending(&self) -> Done {
        let mut done = self.chunker.ending();
        self.ending.complete(&mut done);
        done
    }

    /// An event of Converse's, for a dialect that has the like.
    pub(super) fn event(&mut self, event: impl Into<Event>) {
        if let Err(error) = self.chunker.apply(event.into()) {
            self.note(error);
        }
    }

    /// Notes an error of the chunker's, which keeps a final one itself.
    fn note(&mut self, error: Error) {
        if let Error::Skipped(SkippedEvent::Unexpected { reason, .. }) = error {
            self.violate(reason);
        }
    }

    /// Takes the chunks that the chunker has: what is queued after it comes after them.
    fn take_chunks(&mut self) {
        while let Some(chunk) = self.chunker.next_chunk() {
            self.queue.push_back(chunk);
        }
    }
}
