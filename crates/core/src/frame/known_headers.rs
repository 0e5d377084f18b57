use super::error::HeaderError;
use super::header::check_headers;

/// The last header block that was checked. Most messages of a stream have the same one, and comparing takes a tenth of
/// the time of checking.
#[derive(Clone, Debug)]
pub(super) struct KnownHeaders {
    block: [u8; CAPACITY],
    len: usize,
}

impl KnownHeaders {
    /// Checks a whole header block; on failure, returns where the invalid header starts in the block, in bytes.
    pub(super) fn check(&mut self, block: &[u8]) -> Result<(), (usize, HeaderError)> {
        if block == &self.block[..self.len] {
            return Ok(());
        }
        check_headers(block)?;
        if let Some(known) = self.block.get_mut(..block.len()) {
            known.copy_from_slice(block);
            self.len = block.len();
        }
        Ok(())
    }
}

/// An empty block is valid.
impl Default for KnownHeaders {
    fn default() -> Self {
        Self { block: [0; CAPACITY], len: 0 }
    }
}

/// In bytes. The headers of Bedrock's events have at most 88.
const CAPACITY: usize = 128;
