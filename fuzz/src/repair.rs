//! Repairs lengths and checksums, so that damage reaches the layers above them.

use crate::wire::{crc32, prelude};

/// Turns the bytes into messages, one after another: invalid lengths are corrected, and checksums are recomputed. The lowest
/// bit of `bits` leaves the last checksum as it is.
pub(crate) fn repair(stream: &mut [u8], bits: u8) {
    let mut rest = stream;
    while rest.len() >= 16 {
        let number = |at: usize| u32::from_be_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        let total = match number(0) as usize {
            total if (16..=rest.len()).contains(&total) => total,
            _ => rest.len(),
        };
        let headers = match number(4) as usize {
            headers if headers <= total - 16 => headers,
            headers => headers % (total - 15),
        };
        let (message, after) = rest.split_at_mut(total);
        message[..12].copy_from_slice(&prelude(total as u32, headers as u32));
        if bits & 1 == 0 || !after.is_empty() {
            let checksum = crc32(&message[..total - 4]);
            message[total - 4..].copy_from_slice(&checksum.to_be_bytes());
        }
        rest = after;
    }
}
