use std::num::NonZeroUsize;

use bedrock_stream_core::converse::EncodeEventError;

use super::Fault;
use super::end::End;
use crate::encoded_message::EncodedMessage;

/// A body that is about to be sent: what faults change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutgoingBody {
    pub(crate) messages: Vec<EncodedMessage>,
    pub(crate) end: End,
    /// How many bytes each write has at most; none: a write for each message.
    pub(crate) split: Option<NonZeroUsize>,
    /// Whether each write is waited for.
    pub(crate) drips: bool,
    /// The faults that found nothing to change.
    pub(crate) unapplied_faults: Vec<Fault>,
}

impl OutgoingBody {
    pub(crate) const fn new(messages: Vec<EncodedMessage>) -> Self {
        Self { messages, end: End::Clean, split: None, drips: false, unapplied_faults: Vec::new() }
    }

    /// Lets a fault change it, and notes whether it did.
    pub(crate) fn inject(&mut self, fault: Fault) -> Result<(), EncodeEventError> {
        let before = self.clone();
        fault.apply(self)?;
        if *self == before && fault.head_delay().is_zero() {
            self.unapplied_faults.push(fault);
        }
        Ok(())
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
