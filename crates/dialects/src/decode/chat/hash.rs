/// The 64-bit FNV-1a hash. It need not resist attacks: a sender that forges two texts with the same hash could simply send one of
/// them.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
