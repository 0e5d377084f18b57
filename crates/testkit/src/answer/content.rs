//! The content blocks of an answer.

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::{BlockStart, Delta, Event};

use crate::event;

/// The events between `messageStart` and `messageStop`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    pub(super) events: Vec<Event>,
    /// How many blocks were started; the last one is open if `open` is set.
    pub(super) blocks: u32,
    pub(super) open: Option<OpenBlock>,
}

/// The kind of the open block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenBlock {
    Text,
    Reasoning,
    /// Started by a `contentBlockStart`.
    Started,
}

impl Content {
    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        self.events.iter().cloned()
    }

    /// The event that closes the open block.
    pub(super) fn end(&self) -> Option<Event> {
        self.open.map(|_| event::block_stop(self.blocks.saturating_sub(1)))
    }

    /// The number of deltas, each of which counts as a token.
    pub(super) fn deltas(&self) -> u64 {
        self.events.iter().filter(|event| matches!(event, Event::ContentBlockDelta(_))).count() as u64
    }

    pub(super) fn stop_reason(&self) -> StopReason {
        let calls_tool = self.events.iter().any(|event| {
            let Event::ContentBlockStart(event) = event else { return false };
            matches!(event.start, Some(BlockStart::ToolUse(_)))
        });
        if calls_tool { StopReason::ToolUse } else { StopReason::EndTurn }
    }

    /// Closes the open block, and opens another.
    pub(super) fn begin(&mut self, block: OpenBlock) {
        self.events.extend(self.end());
        self.blocks += 1;
        self.open = Some(block);
    }

    pub(super) fn delta(&mut self, delta: Delta) {
        if self.open.is_none() {
            self.begin(OpenBlock::Started);
        }
        self.events.push(event::delta(self.blocks - 1, delta));
    }
}
