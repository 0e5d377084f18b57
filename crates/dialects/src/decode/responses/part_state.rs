use super::written::Written;

/// A part of an item: what was written of it.
#[derive(Debug, Default)]
pub(super) struct PartState {
    pub(super) text: Written,
    /// Its open block, unless it is one with the other parts'.
    pub(super) block: Option<u32>,
    /// How many annotations were written.
    pub(super) annotations: usize,
    /// Whether the probabilities of its tokens were told.
    pub(super) has_logprobs: bool,
    /// Whether the whole part came.
    pub(super) is_done: bool,
}

/// What a part uses, in bytes: the nodes of a map are at least half full.
pub(super) const PART_LEN: usize = 2 * size_of::<(super::output_item::PartKey, PartState)>();
