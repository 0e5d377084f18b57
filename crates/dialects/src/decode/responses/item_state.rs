use alloc::borrow::{Cow, ToOwned};
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use core::mem;

use bedrock_stream_core::answer::OrderViolation;
use bedrock_stream_core::converse::ContentBlockDelta;
use bedrock_stream_core::json::{Blob, Json};

use super::annotation::citation;
use super::call_state::CallState;
use super::output_item::{ContentPart, ItemKind, OutputItem, PartKey};
use super::part_state::{PART_LEN, PartState};
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::members::shape_of;

/// An item of the output: the parts of it that were written, and their blocks.
///
/// Each part of a message is a block, each call is a block, and so is all of an item's reasoning.
#[derive(Debug, Default)]
pub(super) struct ItemState {
    /// What kind of item it is; `None` while that is unknown.
    kind: Option<ItemKind>,
    /// The open block of the item's reasoning.
    block: Option<u32>,
    parts: BTreeMap<PartKey, PartState>,
    call: CallState,
    /// The encrypted reasoning in the item's first event. It is written at the item's end if the final copy has none.
    encrypted: String,
    /// How many parts have text that was written.
    texts: usize,
    /// Whether the whole item has arrived.
    is_done: bool,
    /// Whether a copy that contradicts what was written has been reported.
    is_told: bool,
}

impl ItemState {
    pub(super) const fn is_open(&self) -> bool {
        !self.is_done
    }

    pub(super) const fn is_told(&self) -> bool {
        self.is_told
    }

    /// Whether it is a call that has been written.
    pub(super) fn is_written_call(&self) -> bool {
        self.call.block.is_some()
    }

    /// How many bytes it has been given besides [`ITEM_LEN`].
    pub(super) fn len(&self) -> usize {
        self.parts.len() * PART_LEN + self.encrypted.len()
    }

    /// Begins the item. Any content that it already contains is repeated when it is done.
    pub(super) fn begin(&mut self, item: &OutputItem, chunks: &mut ChunkWriter) {
        let kind = ItemKind::from(item);
        self.kind = Some(kind);
        if kind.is_call() && item.call_id.as_ref().is_some_and(|id| !id.is_empty()) {
            self.call.begin(kind, item, chunks);
        }
        let encrypted = item.encrypted_content.as_deref().unwrap_or_default();
        if !encrypted.is_empty() && chunks.keep(encrypted.len(), self.encrypted.len()) {
            encrypted.clone_into(&mut self.encrypted);
        }
    }

    /// Cuts off its open blocks, because another item replaces it.
    pub(super) fn cut_off(&self, chunks: &mut ChunkWriter) {
        let parts = self.parts.values().filter_map(|part| part.block);
        parts.chain(self.block).chain(self.call.block).for_each(|block| chunks.cut_off(Some(block)));
    }

    /// Whether this begins the same item, for the first time or again.
    pub(super) fn is_begun_by(&self, item: &OutputItem) -> bool {
        let Some(kind) = self.kind else { return true };
        !self.is_done && kind == ItemKind::from(item) && self.texts == 0 && self.call.is_call_of(item)
    }

    /// Writes a piece of a part.
    pub(super) fn text(
        &mut self,
        key: PartKey,
        piece: Cow<'_, str>,
        is_reasoning: bool,
        chunks: &mut ChunkWriter,
    ) {
        if piece.is_empty() {
            return;
        }
        // Nearly every event of an answer comes here, so its part is looked up once.
        let part = match self.parts.entry(key) {
            Entry::Occupied(part) => part.into_mut(),
            Entry::Vacant(place) if chunks.keep(PART_LEN, 0) => place.insert(PartState::default()),
            Entry::Vacant(_) => return,
        };
        self.texts += usize::from(part.text.is_empty());
        part.text.push(&piece);
        let is_of_item = self.kind == Some(ItemKind::Reasoning);
        let block = if is_of_item { &mut self.block } else { &mut part.block };
        let block = *block.get_or_insert_with(|| chunks.new_block());
        let is_reasoning = is_reasoning || is_of_item;
        if is_reasoning {
            chunks.reasoning_in(block, piece);
        } else {
            chunks.text_in(block, piece);
        }
    }

    /// Reads the whole text of a part and writes the missing rest.
    pub(super) fn whole_text(
        &mut self,
        key: PartKey,
        whole: &str,
        is_reasoning: bool,
        chunks: &mut ChunkWriter,
    ) {
        // Some servers send empty copies.
        if whole.is_empty() {
            return;
        }
        let (text, is_done) =
            self.parts.get(&key).map_or_else(Default::default, |part| (part.text, part.is_done));
        match text.rest_of(whole) {
            Some("") => {}
            Some(rest) if !is_done && !self.is_done => self.text(key, rest.into(), is_reasoning, chunks),
            _ if !mem::replace(&mut self.is_told, true) => {
                chunks.skip_unexpected(OrderViolation::Contradiction, true);
            }
            _ => {}
        }
    }

    /// Writes a source that a part cites.
    pub(super) fn annotation(&mut self, key: PartKey, annotation: Json, chunks: &mut ChunkWriter) {
        if !self.has_room_for(key, chunks) {
            return;
        }
        let block = self.block_of(key, self.kind == Some(ItemKind::Reasoning), chunks);
        self.parts.entry(key).or_default().annotations += 1;
        match citation(&annotation) {
            Some(citation) => chunks.event(ContentBlockDelta::new(block, citation)),
            None => chunks.unknown_member(Some(block), "annotation".to_owned(), annotation),
        }
    }

    /// Writes the probabilities of a part's tokens as unknown data, since no chunk has them. Later copies are ignored.
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

    /// Reads a whole part, writes the missing rest, and ends the part's block.
    pub(super) fn finish_part(&mut self, key: PartKey, copy: &Json, chunks: &mut ChunkWriter) {
        if !self.has_room_for(key, chunks) {
            return;
        }
        let is_done = self.parts.get(&key).is_some_and(|part| part.is_done);
        let part: ContentPart = match shape_of(copy) {
            Ok(part) => part,
            Err(_) if is_done => return,
            Err(_) => ContentPart::default(),
        };
        match part.words() {
            Some(words) => self.whole_text(key, words, false, chunks),
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
            chunks.unknown_members_in(block.or(self.block), part.other);
        }
        if let Some(block) = block {
            chunks.end_block(block);
        }
    }

    /// Writes a piece of a call's arguments or input.
    pub(super) fn input(&mut self, kind: ItemKind, piece: Cow<'_, str>, chunks: &mut ChunkWriter) {
        self.kind.get_or_insert(kind);
        self.call.input(piece, chunks);
    }

    /// Reads the whole arguments or input of a call, and writes the missing rest. `name` is the member that contains
    /// it.
    pub(super) fn whole_input(&mut self, kind: ItemKind, name: &str, whole: &str, chunks: &mut ChunkWriter) {
        self.kind.get_or_insert(kind);
        if !self.call.whole_input(whole, chunks) {
            self.tell(name, whole.into(), chunks);
        }
    }

    /// Reads the whole item, writes the missing rest, and ends its blocks. `copy` is the item's own JSON.
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
            ItemKind::FunctionCall | ItemKind::CustomToolCall => {
                if !self.call.finish(kind, item, chunks) {
                    self.tell("item", copy.clone(), chunks);
                }
            }
            ItemKind::Other => {
                let block = chunks.new_block();
                chunks.unknown_member(Some(block), "item".to_owned(), copy.clone());
                chunks.end_block(block);
            }
        }
        self.is_done = true;
    }

    /// Closes the item at the end of the response, if its end was never reported.
    pub(super) fn close(&mut self, is_completed: bool, chunks: &mut ChunkWriter) {
        if self.is_done {
            return;
        }
        match self.kind {
            Some(kind) if kind.is_call() => self.call.close(kind, is_completed, chunks),
            _ => {
                self.end_blocks(chunks);
                self.write_encrypted(String::new(), chunks);
            }
        }
    }

    /// Whether a later copy of the item is consistent with what was written. An empty copy is consistent with anything.
    pub(super) fn agrees(&self, item: &OutputItem) -> bool {
        let kind = ItemKind::from(item);
        if self.kind.is_some_and(|begun| begun != kind) {
            return false;
        }
        if kind.is_call() {
            return self.call.is_call_of(item) && self.call.agrees_with(item.input().unwrap_or_default());
        }
        let mut lacking = self.texts;
        let mut is_empty = true;
        for (key, copy) in item.parts() {
            let part: ContentPart = shape_of(copy).unwrap_or_default();
            let words = part.words().unwrap_or_default();
            let state = self.parts.get(&key);
            let (text, is_done) = state.map_or_else(Default::default, |part| (part.text, part.is_done));
            let is_done = is_done || self.is_done;
            let rest = text.rest_of(words);
            if !words.is_empty() && rest.is_none_or(|rest| is_done && !rest.is_empty()) {
                return false;
            }
            is_empty &= words.is_empty();
            lacking -= usize::from(!text.is_empty());
        }
        lacking == 0 || is_empty
    }

    fn finish_parts(&mut self, item: OutputItem, chunks: &mut ChunkWriter) {
        for (key, copy) in item.parts() {
            self.finish_part(key, copy, chunks);
        }
        chunks.unknown_members_in(None, item.other);
        self.end_blocks(chunks);
        self.write_encrypted(item.encrypted_content.unwrap_or_default(), chunks);
    }

    /// Writes the item's encrypted reasoning: that of the final copy, or else that of its first event.
    fn write_encrypted(&mut self, copy: String, chunks: &mut ChunkWriter) {
        let begun = mem::take(&mut self.encrypted);
        chunks.keep(0, begun.len());
        let encrypted = if copy.is_empty() { begun } else { copy };
        if !encrypted.is_empty() {
            let block = chunks.new_block();
            chunks.redacted_in(block, Blob(encrypted.into_bytes()));
            chunks.end_block(block);
        }
    }

    fn end_blocks(&mut self, chunks: &mut ChunkWriter) {
        let parts = self.parts.values_mut().filter_map(|part| part.block.take());
        parts.chain(self.block.take()).for_each(|block| chunks.end_block(block));
    }

    /// The block of a part, which begins with the part's first piece.
    fn block_of(&mut self, key: PartKey, is_reasoning: bool, chunks: &mut ChunkWriter) -> u32 {
        let block = if is_reasoning && self.kind == Some(ItemKind::Reasoning) {
            &mut self.block
        } else {
            &mut self.parts.entry(key).or_default().block
        };
        *block.get_or_insert_with(|| chunks.new_block())
    }

    /// Remembers the part, if there is room. Returns whether it is remembered.
    fn has_room_for(&mut self, key: PartKey, chunks: &mut ChunkWriter) -> bool {
        match self.parts.entry(key) {
            Entry::Occupied(_) => true,
            Entry::Vacant(place) => {
                let has_room = chunks.keep(PART_LEN, 0);
                if has_room {
                    place.insert(PartState::default());
                }
                has_room
            }
        }
    }

    /// Reports that a copy contradicts what was written.
    fn tell(&mut self, name: &str, copy: Json, chunks: &mut ChunkWriter) {
        if !mem::replace(&mut self.is_told, true) {
            chunks.unknown_member(None, name.to_owned(), copy);
        }
    }
}

/// The memory of an item besides its parts, in bytes.
pub(super) const ITEM_LEN: usize = 2 * size_of::<(u32, ItemState)>();

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::Limits;
    use bedrock_stream_core::json::Json;

    use super::ItemState;
    use crate::decode::chunk_writer::ChunkWriter;
    use crate::decode::responses::output_item::{OutputItem, PartKey};

    /// If all parts were counted for each copy, this would take minutes.
    #[test]
    fn a_copy_takes_as_long_as_the_copy_is() {
        const PARTS: u32 = 100_000;
        let mut chunks = ChunkWriter::new(Limits::default());
        let mut state = ItemState::default();
        for part in 0..PARTS {
            state.text(PartKey::Content(part), "a".into(), false, &mut chunks);
            while chunks.next_chunk().is_some() {}
            chunks.cut_off(None);
        }
        let copy = |text: &str| Json::from_text(text).and_then(|json| OutputItem::read(&json)).unwrap();
        let empty = copy(r#"{"type":"message","content":[]}"#);
        let short = copy(r#"{"type":"message","content":[{"type":"output_text","text":"a"}]}"#);
        for _ in 0..PARTS {
            assert!(state.agrees(&empty), "some servers send empty copies");
        }
        assert!(!state.agrees(&short), "it lacks parts");
    }
}
