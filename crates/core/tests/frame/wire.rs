//! Hand-written frames, which can be wrong wherever a test needs it. The checksum is computed here: it shares no code
//! with the crate.

/// The prelude of a message with these declared lengths in bytes, with a correct checksum.
pub(crate) fn prelude(total: u32, headers: u32) -> [u8; 12] {
    let mut prelude = [0; 12];
    prelude[..4].copy_from_slice(&total.to_be_bytes());
    prelude[4..8].copy_from_slice(&headers.to_be_bytes());
    let checksum = crc32(&prelude[..8]);
    prelude[8..].copy_from_slice(&checksum.to_be_bytes());
    prelude
}

/// A message with any header block and two correct checksums.
pub(crate) fn framed(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = prelude((16 + headers.len() + payload.len()) as u32, headers.len() as u32).to_vec();
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
    bytes
}

/// One header as it is encoded in a block; `value` includes the length field, for types that have one.
pub(crate) fn header(name: &[u8], code: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![name.len() as u8];
    bytes.extend_from_slice(name);
    bytes.push(code);
    bytes.extend_from_slice(value);
    bytes
}

/// The CRC-32 of IEEE 802.3 and gzip, computed byte by byte.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ crc >> 1 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};
