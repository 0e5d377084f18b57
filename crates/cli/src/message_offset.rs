/// Where a stream's messages start, for those who see the messages alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MessageOffset {
    last: u64,
    next: u64,
}

impl MessageOffset {
    /// The next message comes by.
    pub(crate) fn advance(&mut self, message: &[u8]) {
        self.last = self.next;
        self.next += message.len() as u64;
    }

    /// Where the last one that came by starts, in bytes from the start of the stream.
    pub(crate) const fn last(&self) -> u64 {
        self.last
    }
}
