use alloc::borrow::Cow;

use bedrock_stream_core::converse::ToolUseStart;

use super::output_item::{ItemKind, OutputItem};
use super::written::Written;
use crate::decode::chunk_writer::ChunkWriter;

/// A call to a function or a custom tool: the parts of it that were written, and their block.
#[derive(Debug, Default)]
pub(super) struct CallState {
    /// Its block, once it has begun.
    pub(super) block: Option<u32>,
    id: Written,
    /// Its arguments or input.
    input: Written,
    /// Whether pieces of the input arrived before the call's id, so that they are left to the whole input.
    lacks_pieces: bool,
    /// Whether the whole input has arrived.
    is_input_done: bool,
    /// Whether the whole item has arrived.
    is_done: bool,
}

impl CallState {
    /// Begins the call, unless it has begun. A call without an id is reported as skipped.
    pub(super) fn begin(&mut self, kind: ItemKind, item: &OutputItem, chunks: &mut ChunkWriter) -> u32 {
        if let Some(block) = self.block {
            return block;
        }
        let id = item.call_id.as_deref().unwrap_or_default();
        let mut start = ToolUseStart::new(id, item.name.as_deref().unwrap_or_default());
        if kind == ItemKind::CustomToolCall {
            start = start.kind("custom_tool_call");
        }
        let block = chunks.new_block();
        chunks.tool_call(block, start);
        self.block = Some(block);
        self.id.push(id);
        block
    }

    /// Whether a new item, or a copy, may be this call.
    pub(super) fn is_call_of(&self, item: &OutputItem) -> bool {
        let id = item.call_id.as_deref().unwrap_or_default();
        self.id.is_empty() || id.is_empty() || self.id.rest_of(id) == Some("")
    }

    /// A piece of the input.
    pub(super) fn input(&mut self, piece: Cow<'_, str>, chunks: &mut ChunkWriter) {
        match self.block {
            _ if piece.is_empty() => {}
            Some(block) => {
                self.input.push(&piece);
                chunks.arguments_in(block, piece);
            }
            None => self.lacks_pieces = true,
        }
    }

    /// Reads the whole input and writes the missing part. Returns whether it matches what was written.
    pub(super) fn whole_input(&mut self, whole: &str, chunks: &mut ChunkWriter) -> bool {
        let Some(block) = self.block else {
            self.lacks_pieces |= !whole.is_empty();
            return true;
        };
        self.is_input_done = true;
        if !self.agrees_with(whole) {
            // There is no way to know whether the pieces or the copy is right, so the call must not be made.
            chunks.note_loss(block);
            return false;
        }
        if let Some(rest) = self.input.rest_of(whole) {
            self.input(rest.into(), chunks);
        }
        true
    }

    /// Reads the whole call, writes the missing part, and ends its block. Returns whether it matches what was written.
    pub(super) fn finish(&mut self, kind: ItemKind, item: OutputItem, chunks: &mut ChunkWriter) -> bool {
        let block = self.begin(kind, &item, chunks);
        let whole = item.input().unwrap_or_default();
        if whole.is_empty() && self.lacks_pieces {
            chunks.note_loss(block);
        }
        let agrees = self.whole_input(whole, chunks) && self.is_call_of(&item);
        chunks.unknown_members_in(Some(block), item.other);
        self.is_done = true;
        // The stop ends a call that is cut off: its arguments are usable only if they are complete.
        if item.status.as_deref() != Some("incomplete") {
            chunks.end_block(block);
        }
        agrees
    }

    /// Closes the call at the end of the response, if its end was never reported.
    pub(super) fn close(&mut self, kind: ItemKind, is_completed: bool, chunks: &mut ChunkWriter) {
        match self.block {
            Some(block) if self.is_input_done => chunks.end_block(block),
            Some(block) if is_completed && kind == ItemKind::CustomToolCall => chunks.end_block(block),
            // The stop ends it: its arguments are usable only if they are complete.
            Some(_) => {}
            // Its id never arrived.
            None if self.lacks_pieces => drop(self.begin(kind, &OutputItem::default(), chunks)),
            None => {}
        }
    }

    /// Whether this may be the whole input. Some servers send empty copies.
    pub(super) fn agrees_with(&self, whole: &str) -> bool {
        let rest = self.input.rest_of(whole);
        whole.is_empty() || rest.is_some_and(|rest| rest.is_empty() || !self.is_done)
    }
}
