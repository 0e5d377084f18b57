//! Finds the single wrong bit that explains a wrong CRC-32.

/// One bit that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BitFlip {
    /// The byte it is in, counted from the first byte that the checksum covers; the checksum's own four bytes follow those.
    pub(crate) byte: usize,
    /// The bit in it, as a mask.
    pub(crate) mask: u8,
}

/// Finds the wrong bit in `len` bytes and their checksum, which follows them in big-endian order: `wire` is the checksum as
/// received, `computed` that of the bytes. `None`: more than one bit is wrong.
///
/// A wrong bit changes a CRC by a value that depends only on its distance from the end, so one pass backwards is enough.
/// The values are unique within half a gigabyte.
pub(crate) fn find(len: usize, wire: u32, computed: u32) -> Option<BitFlip> {
    let difference = wire ^ computed;
    if difference.count_ones() == 1 {
        let bytes = difference.to_be_bytes();
        let at = bytes.iter().position(|byte| *byte != 0)?;
        return Some(BitFlip { byte: len + at, mask: bytes[at] });
    }
    let mut amount = POLYNOMIAL;
    for byte in (0..len).rev() {
        for bit in (0..8).rev() {
            if amount == difference {
                return Some(BitFlip { byte, mask: 1 << bit });
            }
            amount = (amount >> 1) ^ if amount & 1 == 1 { POLYNOMIAL } else { 0 };
        }
    }
    None
}

/// The reflected polynomial of CRC-32 (ISO-HDLC).
const POLYNOMIAL: u32 = 0xedb8_8320;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::{Error, Message, encode};

    use super::*;

    #[test]
    fn every_single_bit_is_found_and_two_bits_are_never_mistaken_for_one() {
        let mut message = Vec::new();
        encode(&[], b"any payload", &mut message).expect("the message can be encoded");
        let covered = message.len() - 4;
        for at in 12..message.len() {
            for bit in 0..8 {
                message[at] ^= 1 << bit;
                let Err(Error::MessageChecksum { wire, computed, .. }) = Message::parse(&message) else {
                    panic!("bit {bit} of byte {at} goes unnoticed");
                };
                assert_eq!(find(covered, wire, computed), Some(BitFlip { byte: at, mask: 1 << bit }));
                let other = if at == 12 { 13 } else { 12 };
                message[other] ^= 0x81;
                if let Err(Error::MessageChecksum { wire, computed, .. }) = Message::parse(&message) {
                    assert_eq!(find(covered, wire, computed), None, "{at} {bit}");
                }
                message[other] ^= 0x81;
                message[at] ^= 1 << bit;
            }
        }
        assert_eq!(find(0, 5, 9), None);
    }
}
