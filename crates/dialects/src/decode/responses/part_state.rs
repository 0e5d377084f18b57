use super::written::Written;

/// The state of a part of an item: how much of it was written.
#[derive(Debug, Default)]
pub(super) struct PartState {
    pub(super) text: Written,
    /// Its open block, unless it shares that of the other parts.
    pub(super) block: Option<u32>,
    /// How many annotations have been written.
    pub(super) annotations: usize,
    /// Whether the probabilities of its tokens have been written.
    pub(super) has_logprobs: bool,
    /// Whether the whole part has arrived.
    pub(super) is_done: bool,
}

/// The memory of a part, in bytes: the nodes of a map are at least half full.
pub(super) const PART_LEN: usize = 2 * size_of::<(super::output_item::PartKey, PartState)>();
