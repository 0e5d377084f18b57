use std::collections::BTreeSet;

/// The blocks whose content is skipped, and of which that was told (C7: one error per thing lost).
#[derive(Debug, Default)]
pub(crate) struct Lost {
    indexes: BTreeSet<u32>,
    /// How many began without saying where.
    anywhere: usize,
}

impl Lost {
    /// A block is skipped. Whether that is news.
    pub(crate) fn add(&mut self, index: Option<u32>) -> bool {
        match index {
            Some(index) => self.indexes.insert(index),
            None => {
                self.anywhere += 1;
                true
            }
        }
    }

    /// The block at this index has ended, or another begins there.
    pub(crate) fn end(&mut self, index: u32) {
        self.indexes.remove(&index);
    }

    /// Whether a delta may belong to a skipped block.
    pub(crate) fn may_own(&self, index: Option<u32>) -> bool {
        match index {
            Some(index) => self.indexes.contains(&index),
            None => self.anywhere > 0 || !self.indexes.is_empty(),
        }
    }
}
