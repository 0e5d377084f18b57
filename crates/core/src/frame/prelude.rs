use super::error::Error;
use super::limits::{FRAMING_LEN, Limits};

/// A verified prelude: its checksum fits and its lengths make sense.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prelude {
    /// Length of the whole message, in bytes: at least 16.
    pub(super) total_len: u32,
    /// Length of the header block, in bytes: at most `total_len - 16`.
    pub(super) headers_len: u32,
    /// The checksum of the first eight bytes, from which the message's goes on.
    pub(super) checksum: u32,
}

impl Prelude {
    /// Verifies the first twelve bytes of a message that starts at `offset` of its stream.
    pub(super) fn verify(bytes: &[u8; PRELUDE_LEN], limits: Limits, offset: u64) -> Result<Self, Error> {
        let [t0, t1, t2, t3, h0, h1, h2, h3, c0, c1, c2, c3] = *bytes;
        let wire = u32::from_be_bytes([c0, c1, c2, c3]);
        let computed = crc32fast::hash(&bytes[..8]);
        if wire != computed {
            return Err(Error::PreludeChecksum { offset, wire, computed, prelude: *bytes });
        }
        let total_len = u32::from_be_bytes([t0, t1, t2, t3]);
        let headers_len = u32::from_be_bytes([h0, h1, h2, h3]);
        if total_len < FRAMING_LEN || headers_len > total_len - FRAMING_LEN {
            return Err(Error::Length { offset, total: total_len, headers: headers_len, prelude: *bytes });
        }
        if total_len > limits.message_len() {
            return Err(Error::TooLong { offset, len: total_len, limit: limits.message_len() });
        }
        Ok(Self { total_len, headers_len, checksum: computed })
    }
}

/// Length of the prelude with its checksum, in bytes.
pub(super) const PRELUDE_LEN: usize = 12;
