use std::num::NonZeroUsize;

use super::end::End;
use crate::wire::WireMessage;

/// A body that is about to be sent: what faults change.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) messages: Vec<WireMessage>,
    pub(crate) end: End,
    /// How many bytes each write has at most; none: a write for each message.
    pub(crate) split: Option<NonZeroUsize>,
    /// Whether each write is waited for.
    pub(crate) drips: bool,
}

impl Delivery {
    pub(crate) const fn new(messages: Vec<WireMessage>) -> Self {
        Self { messages, end: End::Clean, split: None, drips: false }
    }

    /// The bytes, if they come at all.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|message| &message.bytes).copied().collect()
    }

    /// Keeps the first so many bytes.
    pub(crate) fn truncate(&mut self, mut len: u64) {
        self.messages.retain_mut(|message| {
            let kept = usize::try_from(len).map_or(message.bytes.len(), |len| len.min(message.bytes.len()));
            message.bytes.truncate(kept);
            len -= kept as u64;
            kept > 0
        });
    }
}
