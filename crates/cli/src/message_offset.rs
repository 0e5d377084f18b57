/// The offset of the current message, computed from the messages alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MessageOffset {
    last: u64,
    next: u64,
}

impl MessageOffset {
    /// Moves on to the next message.
    pub(crate) fn advance(&mut self, message: &[u8]) {
        self.last = self.next;
        self.next += message.len() as u64;
    }

    /// Where that message starts, in bytes from the start of the stream.
    pub(crate) const fn last(&self) -> u64 {
        self.last
    }
}
