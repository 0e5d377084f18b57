use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::mem;

use bedrock_stream_core::converse::ToolUseStart;
use bedrock_stream_core::json::{Blob, Json};

use super::annotation::citation;
use super::output_item::{ContentPart, ItemKind, OutputItem, PartKey};
use super::part_state::{PART_LEN, PartState};
use super::written::Written;
use crate::decode::chunk_writer::ChunkWriter;

/// An item of the output: what was written of it, and into which blocks.
///
/// A part of a message is a block, a call is one, and so is an item's reasoning, whatever its parts.
#[derive(Debug)]
pub(super) struct ItemState {
    /// What it is; `None` while nothing told.
    kind: Option<ItemKind>,
    /// The block of the call, or the open one of the item's reasoning.
    block: Option<u32>,
    parts: BTreeMap<PartKey, PartState>,
    call_id: Written,
    /// The call's arguments or input.
    input: Written,
    /// Whether pieces of the input came before the call's id, and were left to the whole input.
    lacks_pieces: bool,
    /// Whether the whole input came.
    is_input_done: bool,
    /// Whether the whole item came.
    is_done: bool,
    /// Whether it was told that a copy contradicts what was written.
    is_told: bool,
}

impl ItemState {
    /// An item of which nothing is known.
    pub(super) const fn new() -> Self {
        Self {
            kind: None,
            block: None,
            parts: BTreeMap::new(),
            call_id: Written::new(),
            input: Written::new(),
            lacks_pieces: false,
            is_input_done: false,
            is_done: false,
            is_told: false,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        !self.is_done
    }

    pub(super) const fn is_told(&self) -> bool {
        self.is_told
    }

    /// Whether it is a call that was written.
    pub(super) fn is_written_call(&self) -> bool {
        self.kind.is_some_and(ItemKind::is_call) && self.block.is_some()
    }

    /// The item begins. What it may hold already comes again when it is done.
    pub(super) fn begin(&mut self, item: &OutputItem, chunks: &mut ChunkWriter) {
        let kind = ItemKind::from(item);
        self.kind = Some(kind);
        if kind.is_call() && item.call_id.as_ref().is_some_and(|id| !id.is_empty()) {
            self.start_call(kind, item, chunks);
        }
    }

    /// Another item takes its place: its open blocks are cut off.
    pub(super) fn cut_off(&self, chunks: &mut ChunkWriter) {
        let parts = self.parts.values().filter_map(|part| part.block);
        parts.chain(self.block).for_each(|block| chunks.cut_off(Some(block)));
    }

    /// Whether this begins the same item again.
    pub(super) fn is_begun_by(&self, item: &OutputItem) -> bool {
        let is_written = !self.input.is_empty() || self.parts.values().any(|part| !part.text.is_empty());
        !self.is_done && self.kind.is_none_or(|kind| kind == ItemKind::from(item)) && {
            let same_call = self.call_id.rest_of(item.call_id.as_deref().unwrap_or_default()) == Some("");
            if self.call_id.is_empty() { !is_written } else { same_call }
        }
    }

    /// A piece of a part.
    pub(super) fn text(&mut self, key: PartKey, piece: String, is_reasoning: bool, chunks: &mut ChunkWriter) {
        if piece.is_empty() || !self.has_room_for(key, chunks) {
            return;
        }
        let is_reasoning = is_reasoning || self.kind == Some(ItemKind::Reasoning);
        let block = self.block_of(key, is_reasoning, chunks);
        self.parts.entry(key).or_default().text.push(&piece);
        if is_reasoning {
            chunks.reasoning_in(block, piece);
        } else {
            chunks.text_in(block, piece);
        }
    }

    /// The whole text of a part: writes what is lacking. `name` and `copy` are the member that holds it.
    pub(super) fn whole_text(
        &mut self,
        key: PartKey,
        whole: &str,
        is_reasoning: bool,
        (name, copy): (&str, impl FnOnce() -> Json),
        chunks: &mut ChunkWriter,
    ) {
        // Some servers send the copies empty.
        if whole.is_empty() {
            return;
        }
        let (text, is_done) =
            self.parts.get(&key).map_or_else(Default::default, |part| (part.text, part.is_done));
        match text.rest_of(whole) {
            Some("") => {}
            Some(rest) if !is_done && !self.is_done => self.text(key, rest.to_owned(), is_reasoning, chunks),
            _ => self.tell(name, copy(), chunks),
        }
    }

    /// A source that a part cites.
    pub(super) fn annotation(&mut self, key: PartKey, annotation: Json, chunks: &mut ChunkWriter) {
        if !self.has_room_for(key, chunks) {
            return;
        }
        let block = self.block_of(key, self.kind == Some(ItemKind::Reasoning), chunks);
        self.parts.entry(key).or_default().annotations += 1;
        match citation(&annotation) {
            Some(citation) => chunks.citation_in(block, citation),
            None => chunks.unknown_member(Some(block), "annotation".to_owned(), annotation),
        }
    }

    /// The probabilities of a part's tokens, which no chunk has a place for. Later copies are ignored.
    pub(super) fn logprobs(
        &mut self,
        key: PartKey,
        logprobs: &[Json],
        is_copy: bool,
        chunks: &mut ChunkWriter,
    ) {
        if logprobs.is_empty() || !self.has_room_for(key, chunks) {
            return;
        }
        let part = self.parts.entry(key).or_default();
        if mem::replace(&mut part.has_logprobs, true) && is_copy {
            return;
        }
        let block = part.block.or(self.block);
        chunks.unknown_member(block, "logprobs".to_owned(), Json::from_value(logprobs).unwrap_or_default());
    }

    /// A whole part: writes what is lacking, and ends the part's block.
    pub(super) fn finish_part(&mut self, key: PartKey, copy: &Json, chunks: &mut ChunkWriter) {
        if !self.has_room_for(key, chunks) {
            return;
        }
        let is_done = self.parts.get(&key).is_some_and(|part| part.is_done);
        let part: ContentPart = match copy.parse() {
            Ok(part) => part,
            Err(_) if is_done => return,
            Err(_) => ContentPart::default(),
        };
        match part.words() {
            Some(words) => self.whole_text(key, words, false, ("part", || copy.clone()), chunks),
            None if part.is_known() || is_done => {}
            None => chunks.unknown_member(None, "part".to_owned(), copy.clone()),
        }
        let told = self.parts.get(&key).map_or(0, |part| part.annotations);
        for annotation in part.annotations.into_iter().flatten().skip(told) {
            if is_done || self.is_done {
                self.tell("part", copy.clone(), chunks);
                break;
            }
            self.annotation(key, annotation, chunks);
        }
        if is_done {
            return;
        }
        self.logprobs(key, part.logprobs.as_deref().unwrap_or_default(), true, chunks);
        let state = self.parts.entry(key).or_default();
        state.is_done = true;
        let block = state.block.take();
        if part.kind.is_some() {
            for member in part.other {
                chunks.unknown_member(block.or(self.block), member.name, member.value);
            }
        }
        if let Some(block) = block {
            chunks.end_block(block);
        }
    }

    /// A piece of a call's arguments or input.
    pub(super) fn input(&mut self, kind: ItemKind, piece: String, chunks: &mut ChunkWriter) {
        self.kind.get_or_insert(kind);
        match self.block {
            _ if piece.is_empty() => {}
            Some(block) => {
                self.input.push(&piece);
                chunks.arguments_in(block, piece);
            }
            None => self.lacks_pieces = true,
        }
    }

    /// The whole arguments or input of a call: writes what is lacking. `name` and `copy` are the member that holds it.
    pub(super) fn whole_input(
        &mut self,
        kind: ItemKind,
        whole: &str,
        (name, copy): (&str, impl FnOnce() -> Json),
        chunks: &mut ChunkWriter,
    ) {
        self.kind.get_or_insert(kind);
        let Some(block) = self.block else {
            self.lacks_pieces |= !whole.is_empty();
            return;
        };
        self.is_input_done = true;
        if whole.is_empty() {
            return;
        }
        match self.input.rest_of(whole) {
            Some("") => {}
            Some(rest) if !self.is_done => self.input(kind, rest.to_owned(), chunks),
            _ => {
                // Whether the pieces or the copy is right, nobody knows: the call must not be made.
                chunks.note_loss(block);
                self.tell(name, copy(), chunks);
            }
        }
    }

    /// The whole item: writes what is lacking, and ends its blocks. `copy` is the item's own JSON.
    pub(super) fn finish(&mut self, item: OutputItem, copy: &Json, chunks: &mut ChunkWriter) {
        let kind = ItemKind::from(&item);
        if self.is_done || self.kind.is_some_and(|begun| begun != kind) {
            if !self.agrees(&item) {
                self.tell("item", copy.clone(), chunks);
            }
            return;
        }
        self.kind = Some(kind);
        match kind {
            ItemKind::Message | ItemKind::Reasoning => self.finish_parts(item, chunks),
            ItemKind::FunctionCall | ItemKind::CustomToolCall => self.finish_call(kind, item, copy, chunks),
            ItemKind::Other => {
                let block = chunks.new_block();
                chunks.unknown_member(Some(block), "item".to_owned(), copy.clone());
                chunks.end_block(block);
            }
        }
        self.is_done = true;
    }

    /// The response is over, and the item was never said to be done.
    pub(super) fn close(&mut self, is_completed: bool, chunks: &mut ChunkWriter) {
        if self.is_done {
            return;
        }
        match (self.kind, self.block) {
            // The stop ends it: its arguments are usable only if they are whole.
            (Some(ItemKind::FunctionCall), Some(_)) if !self.is_input_done => {}
            (Some(ItemKind::CustomToolCall), Some(_)) if !self.is_input_done && !is_completed => {}
            (Some(_), Some(block)) => chunks.end_block(block),
            // Its id never came. The chunker tells that it is lost.
            (Some(kind), None) if kind.is_call() && self.lacks_pieces => {
                self.start_call(kind, &OutputItem::default(), chunks);
            }
            _ => {}
        }
    }

    /// Whether the item, as a later copy of it says, may be what was written: empty copies may be anything.
    pub(super) fn agrees(&self, item: &OutputItem) -> bool {
        let may_be = |written: Written, whole: &str, is_done: bool| {
            whole.is_empty() || written.rest_of(whole).is_some_and(|rest| rest.is_empty() || !is_done)
        };
        let kind = ItemKind::from(item);
        if self.kind.is_some_and(|begun| begun != kind) {
            return false;
        }
        if kind.is_call() {
            let id = item.call_id.as_deref().unwrap_or_default();
            return may_be(self.call_id, id, !self.call_id.is_empty())
                && may_be(self.input, item.input().unwrap_or_default(), self.is_done);
        }
        let mut lacking = self.parts.values().filter(|part| !part.text.is_empty()).count();
        let mut is_empty = true;
        for (key, copy) in item.parts() {
            let part: ContentPart = copy.parse().unwrap_or_default();
            let words = part.words().unwrap_or_default();
            let state = self.parts.get(&key);
            let (text, is_done) = state.map_or_else(Default::default, |part| (part.text, part.is_done));
            if !may_be(text, words, is_done || self.is_done) {
                return false;
            }
            is_empty &= words.is_empty();
            lacking -= usize::from(!text.is_empty());
        }
        lacking == 0 || is_empty
    }

    fn start_call(&mut self, kind: ItemKind, item: &OutputItem, chunks: &mut ChunkWriter) {
        if self.block.is_some() {
            return;
        }
        let id = item.call_id.as_deref().unwrap_or_default();
        let mut start = ToolUseStart::new(id, item.name.as_deref().unwrap_or_default());
        if kind == ItemKind::CustomToolCall {
            start = start.kind("custom_tool_call");
        }
        let block = chunks.new_block();
        chunks.tool_call(block, start);
        self.block = Some(block);
        self.call_id.push(id);
    }

    fn finish_parts(&mut self, item: OutputItem, chunks: &mut ChunkWriter) {
        for (key, copy) in item.parts() {
            self.finish_part(key, copy, chunks);
        }
        for member in item.other {
            chunks.unknown_member(None, member.name, member.value);
        }
        for part in self.parts.values_mut() {
            part.is_done = true;
            if let Some(block) = part.block.take() {
                chunks.end_block(block);
            }
        }
        if let Some(block) = self.block.take() {
            chunks.end_block(block);
        }
        if let Some(encrypted) = item.encrypted_content.filter(|encrypted| !encrypted.is_empty()) {
            let block = chunks.new_block();
            chunks.redacted_in(block, Blob(encrypted.into_bytes()));
            chunks.end_block(block);
        }
    }

    fn finish_call(&mut self, kind: ItemKind, item: OutputItem, copy: &Json, chunks: &mut ChunkWriter) {
        self.start_call(kind, &item, chunks);
        let Some(block) = self.block else { return };
        let whole = item.input().unwrap_or_default();
        if whole.is_empty() && self.lacks_pieces {
            chunks.note_loss(block);
        }
        self.whole_input(kind, whole, ("item", || copy.clone()), chunks);
        for member in item.other {
            chunks.unknown_member(Some(block), member.name, member.value);
        }
        // The stop ends a call that is cut off: its arguments are usable only if they are whole.
        if item.status.as_deref() != Some("incomplete") {
            chunks.end_block(block);
        }
    }

    /// The block of a part, which begins with its first piece.
    fn block_of(&mut self, key: PartKey, is_reasoning: bool, chunks: &mut ChunkWriter) -> u32 {
        let block = if is_reasoning && self.kind == Some(ItemKind::Reasoning) {
            &mut self.block
        } else {
            &mut self.parts.entry(key).or_default().block
        };
        *block.get_or_insert_with(|| chunks.new_block())
    }

    /// Whether there is room to know the part.
    fn has_room_for(&self, key: PartKey, chunks: &mut ChunkWriter) -> bool {
        self.parts.contains_key(&key) || chunks.keep(PART_LEN, 0)
    }

    /// Tells that a copy contradicts what was written.
    fn tell(&mut self, name: &str, copy: Json, chunks: &mut ChunkWriter) {
        if !mem::replace(&mut self.is_told, true) {
            chunks.unknown_member(None, name.to_owned(), copy);
        }
    }
}

/// What an item uses besides its parts, in bytes.
pub(super) const ITEM_LEN: usize = 2 * size_of::<(u32, ItemState)>();
