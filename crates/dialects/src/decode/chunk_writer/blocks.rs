use alloc::borrow::Cow;
use alloc::string::String;

use bedrock_stream_core::answer::BlockKind;
use bedrock_stream_core::converse::{
    ContentBlockDelta, ContentBlockStart, ContentBlockStop, ReasoningDelta, TextDelta, TextDeltaKind,
    ToolUseDelta, ToolUseStart,
};
use bedrock_stream_core::json::Blob;

use super::ChunkWriter;
use super::held_delta::HeldDelta;

/// Content blocks and their pieces.
impl ChunkWriter {
    /// Writes a piece of text to the numbered block.
    pub(in crate::decode) fn text<'a>(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        if !text.is_empty() {
            let block = self.counted(BlockKind::Text);
            self.text_in(block, text);
        }
    }

    /// Writes a piece of reasoning to the numbered block.
    pub(in crate::decode) fn reasoning<'a>(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        if !text.is_empty() {
            let block = self.counted(BlockKind::Reasoning);
            self.reasoning_in(block, text);
        }
    }

    /// Returns the index for a new block, and ends the open numbered block.
    pub(in crate::decode) fn new_block(&mut self) -> u32 {
        self.end_counted();
        let block = self.next_block;
        self.next_block = block.saturating_add(1);
        block
    }

    /// The numbered block of that kind: the open one, or a new one.
    pub(in crate::decode) fn counted(&mut self, kind: BlockKind) -> u32 {
        match self.current {
            Some((block, current)) if current == kind => block,
            _ => {
                let block = self.new_block();
                self.current = Some((block, kind));
                block
            }
        }
    }

    /// Ends the open numbered block, if there is one.
    pub(in crate::decode) fn end_counted(&mut self) {
        if let Some((block, _)) = self.current.take() {
            self.end_block(block);
        }
    }

    pub(in crate::decode) fn text_in(&mut self, block: u32, text: Cow<'_, str>) {
        self.text_delta(block, TextDeltaKind::Text, text);
    }

    pub(in crate::decode) fn reasoning_in(&mut self, block: u32, text: Cow<'_, str>) {
        self.text_delta(block, TextDeltaKind::Reasoning, text);
    }

    /// Writes a piece of text, reasoning or arguments. This is equivalent to an event with such a delta, but faster, and
    /// nearly every piece is held instead of being allocated.
    #[inline]
    pub(in crate::decode) fn text_delta(&mut self, block: u32, kind: TextDeltaKind, text: Cow<'_, str>) {
        self.take_chunks();
        if text.len() <= HeldDelta::MAX_LEN {
            if let Some(chunk) = self.chunker.lend_text_delta(block, kind, &text) {
                self.held.hold(&chunk);
                return;
            }
        }
        let text = text.into_owned();
        match self.chunker.apply_text_delta(TextDelta { block, kind, text }) {
            Ok(Some(chunk)) => self.queue.push_back(chunk),
            Ok(None) => {}
            Err(error) => self.note(error),
        }
    }

    pub(in crate::decode) fn signature_in(&mut self, block: u32, signature: String) {
        self.event(ContentBlockDelta::new(block, ReasoningDelta::Signature(signature)));
    }

    pub(in crate::decode) fn redacted_in(&mut self, block: u32, data: Blob) {
        self.event(ContentBlockDelta::new(block, ReasoningDelta::RedactedContent(data)));
    }

    /// Starts a tool call in the block with that index.
    pub(in crate::decode) fn tool_call(&mut self, block: u32, start: ToolUseStart) {
        self.event(ContentBlockStart::new(block, start));
    }

    /// Writes a piece of the arguments of the call in that block.
    pub(in crate::decode) fn arguments_in(&mut self, block: u32, piece: Cow<'_, str>) {
        self.text_delta(block, TextDeltaKind::ToolInput, piece);
    }

    /// Writes a piece of arguments that does not identify its call. It belongs to the open call, if that is the only open
    /// block.
    pub(in crate::decode) fn arguments(&mut self, piece: Cow<'_, str>) {
        self.end_counted();
        let mut delta = ContentBlockDelta::new(0, ToolUseDelta::new(piece));
        delta.content_block_index = None;
        self.event(delta);
    }

    /// Ends a complete block.
    pub(in crate::decode) fn end_block(&mut self, block: u32) {
        self.event(ContentBlockStop::new(block));
    }
}
