use std::collections::BTreeSet;

/// The open blocks whose content is skipped, because an error was reported for them (C7: one error per thing lost).
#[derive(Debug, Default)]
pub(crate) struct SkippedBlocks {
    indexes: BTreeSet<u32>,
    /// Whether one started without an index.
    without_index: bool,
}

impl SkippedBlocks {
    pub(crate) fn add(&mut self, index: Option<u32>) {
        match index {
            Some(index) => drop(self.indexes.insert(index)),
            None => self.without_index = true,
        }
    }

    /// The block at this index has ended, or another one starts there.
    pub(crate) fn end(&mut self, index: u32) {
        self.indexes.remove(&index);
    }

    /// The only skipped block, if there is exactly one and its index is known.
    pub(crate) fn only(&self) -> Option<u32> {
        if self.len() == 1 { self.indexes.first().copied() } else { None }
    }

    /// A stop without an index came while nothing else is open.
    pub(crate) fn end_without_index(&mut self) {
        self.without_index &= !self.indexes.is_empty();
    }

    /// The message has stopped.
    pub(crate) fn end_all(&mut self) {
        self.indexes.clear();
    }

    pub(crate) fn has(&self, index: u32) -> bool {
        self.indexes.contains(&index)
    }

    pub(crate) fn has_without_index(&self) -> bool {
        self.without_index
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.indexes.len() + usize::from(self.without_index)
    }
}
