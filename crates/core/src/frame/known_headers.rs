use super::error::HeaderError;
use super::header::check_headers;

/// The last header block that was checked. Most messages of a stream have the same one, and comparing takes a tenth of
/// the time of checking.
#[derive(Clone, Debug)]
pub(super) struct KnownHeaders {
    block: [u8; CAPACITY],
    len: usize,
    /// Whether `block` is the header block of the last message, which may have been too long to keep.
    is_last: bool,
}

impl KnownHeaders {
    /// Checks a whole header block and returns whether it is the same as the last one; on failure, returns where the
    /// invalid header starts in the block, in bytes.
    #[inline]
    pub(super) fn check(&mut self, block: &[u8]) -> Result<bool, (usize, HeaderError)> {
        if block == &self.block[..self.len] && self.is_last {
            return Ok(true);
        }
        check_headers(block)?;
        self.is_last = block.len() <= CAPACITY;
        if let Some(known) = self.block.get_mut(..block.len()) {
            known.copy_from_slice(block);
            self.len = block.len();
        }
        Ok(false)
    }
}

impl Default for KnownHeaders {
    fn default() -> Self {
        Self { block: [0; CAPACITY], len: 0, is_last: false }
    }
}

/// In bytes. The headers of Bedrock's events have at most 88.
const CAPACITY: usize = 128;
