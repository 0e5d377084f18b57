use super::error::Error;
use super::limits::{FRAMING_LEN, Limits};

/// A verified prelude: its checksum matches and its lengths are consistent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prelude {
    /// Length of the whole message, in bytes: at least 16.
    pub(super) total_len: u32,
    /// Length of the header block, in bytes: at most `total_len - 16`.
    pub(super) headers_len: u32,
}

impl Prelude {
    /// Verifies the first twelve bytes of a message that starts at `offset` in its stream.
    pub(super) fn verify(bytes: &[u8; PRELUDE_LEN], limits: Limits, offset: u64) -> Result<Self, Error> {
        let [t0, t1, t2, t3, h0, h1, h2, h3, c0, c1, c2, c3] = *bytes;
        let wire = u32::from_be_bytes([c0, c1, c2, c3]);
        let computed = checksum([t0, t1, t2, t3, h0, h1, h2, h3]);
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
        Ok(Self { total_len, headers_len })
    }
}

/// The CRC-32 of eight bytes, with a table for each. For eight bytes crc32fast is three times slower, and every
/// message pays.
fn checksum(bytes: [u8; 8]) -> u32 {
    let word = u64::from_le_bytes(bytes) ^ u64::from(u32::MAX);
    !(0..8).fold(0, |crc, at| crc ^ TABLES[7 - at][usize::from((word >> (8 * at)) as u8)])
}

/// The checksum of each byte value followed by 0 to 7 zeros.
static TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut zeros = 0;
        while zeros < 8 {
            let mut bit = 0;
            while bit < 8 {
                crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
                bit += 1;
            }
            tables[zeros][byte] = crc;
            zeros += 1;
        }
        byte += 1;
    }
    tables
};

/// Length of the prelude with its checksum, in bytes.
pub(super) const PRELUDE_LEN: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::checksum;

    proptest! {
        #[test]
        fn checksum_equals_that_of_crc32fast(bytes: [u8; 8]) {
            prop_assert_eq!(checksum(bytes), crc32fast::hash(&bytes));
        }
    }
}
