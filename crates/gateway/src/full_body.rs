use bytes::Bytes;

use crate::watch::Watch;

/// Bytes that are known before they are sent, and the watch that follows their request until they have been.
///
/// They are handed over in pieces, so that the connection takes the last of them only when it has room: a client that does not
/// read is noticed.
#[derive(Debug)]
pub(crate) struct FullBody {
    rest: Bytes,
    /// `None` once the bytes have been handed over.
    watch: Option<Watch>,
}

impl FullBody {
    pub(crate) fn new(bytes: Bytes, watch: Watch) -> Self {
        Self { rest: bytes, watch: Some(watch) }
    }

    pub(crate) fn watch(&mut self) -> Option<&mut Watch> {
        self.watch.as_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next piece.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        if self.rest.is_empty() {
            self.watch = None;
            return None;
        }
        Some(self.rest.split_to(self.rest.len().min(MAX_PIECE)))
    }
}

impl Drop for FullBody {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.as_mut().filter(|_| !self.rest.is_empty()) {
            watch.unsent();
        }
    }
}

const MAX_PIECE: usize = 16 * 1024;
