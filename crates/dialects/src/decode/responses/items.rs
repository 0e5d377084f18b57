use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

use bedrock_stream_core::answer::OrderViolation;
use bedrock_stream_core::json::Json;

use super::item_state::{ITEM_LEN, ItemState};
use super::output_item::OutputItem;
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::members::shape_of;

/// The items of a response's output, by `output_index`. Any number of them may be open at once.
#[derive(Debug, Default)]
pub(super) struct Items {
    items: BTreeMap<u32, ItemState>,
    /// Whether an event that names no item has been reported.
    is_unindexed_told: bool,
}

impl Items {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets all items, and gives back their memory.
    pub(super) fn clear(&mut self, chunks: &mut ChunkWriter) {
        let freed = self.items.values().map(|item| ITEM_LEN + item.len()).sum();
        chunks.keep(0, freed);
        self.items.clear();
    }

    /// Whether a call has been written.
    pub(super) fn have_call(&self) -> bool {
        self.items.values().any(ItemState::is_written_call)
    }

    /// The item with that index. Without an index, it is the only open item, or a new one if none is open. `None` if
    /// there is no room, or if it may be any of several; the event is then counted as skipped.
    pub(super) fn item(&mut self, index: Option<u32>, chunks: &mut ChunkWriter) -> Option<&mut ItemState> {
        let index = match index {
            Some(index) => index,
            None => self.unindexed(chunks)?,
        };
        match self.items.entry(index) {
            Entry::Occupied(item) => Some(item.into_mut()),
            Entry::Vacant(place) => chunks.keep(ITEM_LEN, 0).then(|| place.insert(ItemState::default())),
        }
    }

    /// Begins an item. If another item with that index was written, that is reported, and what was written stays.
    pub(super) fn begin(&mut self, index: Option<u32>, item: &OutputItem, chunks: &mut ChunkWriter) {
        let next = self.items.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        if let Some(state) = self.item(index.or(Some(next)), chunks) {
            if !state.is_begun_by(item) {
                state.cut_off(chunks);
                chunks.repeat();
                chunks.keep(0, state.len());
                *state = ItemState::default();
            }
            state.begin(item, chunks);
        }
    }

    /// Reads the output that the last event repeats. If it matches everything that arrived, the missing parts are
    /// written; otherwise it is reported as unknown data, and what was written stays.
    pub(super) fn complete(&mut self, output: &Json, chunks: &mut ChunkWriter) {
        let copies: Option<Vec<Json>> = shape_of(output).ok();
        let copies = copies.as_deref();
        let items: Option<Vec<OutputItem>> =
            copies.and_then(|copies| copies.iter().map(|copy| OutputItem::read(copy).ok()).collect());
        let agrees = |items: &[OutputItem]| {
            self.items.iter().all(|(index, state)| {
                let item = usize::try_from(*index).ok().and_then(|index| items.get(index));
                state.is_told() || item.is_some_and(|item| state.agrees(item))
            })
        };
        let items = match items {
            // Some servers send no copy.
            Some(items) if items.is_empty() => return,
            Some(items) if agrees(&items) => items,
            _ => return chunks.unknown_member(None, "output".to_owned(), output.clone()),
        };
        for (index, (item, copy)) in (0..).zip(items.into_iter().zip(copies.into_iter().flatten())) {
            if let Some(state) = self.item(Some(index), chunks) {
                if state.is_open() {
                    state.finish(item, copy, chunks);
                }
            }
        }
    }

    /// Closes all items at the end of the response.
    pub(super) fn close(&mut self, is_completed: bool, chunks: &mut ChunkWriter) {
        self.items.values_mut().for_each(|item| item.close(is_completed, chunks));
    }

    /// The index of the item for an event without an index.
    fn unindexed(&mut self, chunks: &mut ChunkWriter) -> Option<u32> {
        // Only a limited number is searched, so that finding one stays cheap even on a hostile stream.
        let items = self.items.iter().rev().take(MAX_SOUGHT);
        let mut open = items.filter(|(_, item)| item.is_open()).map(|(index, _)| *index);
        match (open.next(), open.next()) {
            (Some(index), None) => Some(index),
            (None, _) => Some(self.items.last_key_value().map_or(0, |(last, _)| last.saturating_add(1))),
            (Some(_), Some(_)) => {
                let open = open.count().saturating_add(2);
                let is_first = !core::mem::replace(&mut self.is_unindexed_told, true);
                chunks.skip_unexpected(OrderViolation::missing_index(open), is_first);
                None
            }
        }
    }
}

/// How many items are searched for the only open one.
const MAX_SOUGHT: usize = 1024;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::Limits;
    use bedrock_stream_core::json::Json;

    use super::Items;
    use crate::decode::chunk_writer::ChunkWriter;
    use crate::decode::responses::output_item::{OutputItem, PartKey};

    #[test]
    fn items_that_are_replaced_or_forgotten_give_back_their_memory() {
        const ROOM: usize = 1 << 20;
        let item = |text: &str| Json::from_text(text).and_then(|json| OutputItem::read(&json)).unwrap();
        let reasoning = item(r#"{"type":"reasoning","encrypted_content":"abc"}"#);
        let call = item(r#"{"type":"function_call","call_id":"c","name":"n"}"#);
        let part = Json::from_text(r#"{"type":"summary_text","text":"ab"}"#).unwrap();
        let mut chunks = ChunkWriter::new(Limits::default().with_max_state_len(ROOM));
        let mut items = Items::default();
        for begun in [&reasoning, &call, &reasoning] {
            items.begin(Some(0), begun, &mut chunks);
            let state = items.item(Some(0), &mut chunks).unwrap();
            state.text(PartKey::Summary(0), "a".into(), true, &mut chunks);
            state.finish_part(PartKey::Summary(1), &part, &mut chunks);
        }
        assert!(!chunks.keep(ROOM, 0), "something is kept");
        chunks.cut_off(None);
        items.clear(&mut chunks);
        assert!(chunks.keep(ROOM, 0), "nothing is kept");
    }
}
