/// FNV-1a of 64 bits. It need not withstand an attack: whoever forges two texts that hash alike may as well send one of them.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
