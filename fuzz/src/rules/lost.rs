use std::collections::BTreeSet;

/// The open blocks whose content is skipped, and of which that was told (C7: one error per thing lost).
#[derive(Debug, Default)]
pub(crate) struct Lost {
    indexes: BTreeSet<u32>,
    /// Whether one began without saying where.
    unplaced: bool,
}

impl Lost {
    pub(crate) fn add(&mut self, index: Option<u32>) {
        match index {
            Some(index) => drop(self.indexes.insert(index)),
            None => self.unplaced = true,
        }
    }

    /// The block at this index has ended, or another begins there.
    pub(crate) fn end(&mut self, index: u32) {
        self.indexes.remove(&index);
    }

    /// A block has ended: this, if there is one alone.
    pub(crate) fn end_only(&mut self) {
        if self.len() == 1 {
            *self = Self::default();
        }
    }

    pub(crate) fn has(&self, index: u32) -> bool {
        self.indexes.contains(&index)
    }

    pub(crate) fn has_unplaced(&self) -> bool {
        self.unplaced
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.indexes.len() + usize::from(self.unplaced)
    }
}
