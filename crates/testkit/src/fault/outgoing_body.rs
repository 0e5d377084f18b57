use std::num::NonZeroUsize;

use bedrock_stream_core::converse::EncodeEventError;

use super::Fault;
use super::end::End;
use crate::dialect::Carrier;
use crate::encoded_message::EncodedMessage;

/// A body about to be sent, to which faults are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutgoingBody {
    pub(crate) messages: Vec<EncodedMessage>,
    pub(crate) carrier: Carrier,
    pub(crate) end: End,
    /// The maximum size of a write; none: one write per message.
    pub(crate) split: Option<NonZeroUsize>,
    /// Whether each write waits for the one before to be flushed.
    pub(crate) drips: bool,
    /// The faults that found nothing to change.
    pub(crate) unapplied_faults: Vec<Fault>,
}

impl OutgoingBody {
    pub(crate) const fn new(messages: Vec<EncodedMessage>, carrier: Carrier) -> Self {
        Self { messages, carrier, end: End::Clean, split: None, drips: false, unapplied_faults: Vec::new() }
    }

    /// Applies a fault, and records it if it changed nothing.
    pub(crate) fn inject(&mut self, fault: Fault) -> Result<(), EncodeEventError> {
        let before = self.clone();
        fault.apply(self)?;
        if *self == before && fault.head_delay().is_zero() {
            self.unapplied_faults.push(fault);
        }
        Ok(())
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|message| &message.bytes).copied().collect()
    }

    /// Keeps the first `len` bytes.
    pub(crate) fn truncate(&mut self, mut len: u64) {
        self.messages.retain_mut(|message| {
            let kept = usize::try_from(len).map_or(message.bytes.len(), |len| len.min(message.bytes.len()));
            message.bytes.truncate(kept);
            len -= kept as u64;
            kept > 0
        });
    }
}
