//! Frames written by hand, so that they can be wrong where a test wants them wrong. The checksum is this file's own: it
//! shares no code with the crate.

/// The prelude, with its right checksum, of a message of these declared lengths in bytes.
pub(crate) fn prelude(total: u32, headers: u32) -> [u8; 12] {
    let mut prelude = [0; 12];
    prelude[..4].copy_from_slice(&total.to_be_bytes());
    prelude[4..8].copy_from_slice(&headers.to_be_bytes());
    let checksum = crc32(&prelude[..8]);
    prelude[8..].copy_from_slice(&checksum.to_be_bytes());
    prelude
}

/// A message around any header block, with both checksums right.
pub(crate) fn framed(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = prelude((16 + headers.len() + payload.len()) as u32, headers.len() as u32).to_vec();
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
    bytes
}

/// One header as it stands in a block; `value` includes the length field of a type that has one.
pub(crate) fn header(name: &[u8], code: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![name.len() as u8];
    bytes.extend_from_slice(name);
    bytes.push(code);
    bytes.extend_from_slice(value);
    bytes
}

/// A message with a header of each type, and the ends of their ranges that show a wrong sign or order.
pub(crate) fn every_type() -> Vec<u8> {
    let block = [
        header(b"a", 0, &[]),
        header(b"b", 1, &[]),
        header(b"c", 2, &[0xfe]),
        header(b"d", 3, &[0xff, 0xfd]),
        header(b"e", 4, &(-4_i32).to_be_bytes()),
        header(b"f", 5, &(-5_i64).to_be_bytes()),
        header(b"g", 6, b"\x00\x02\xff\0"),
        header(b"h", 7, b"\x00\x02\xc3\xa9"),
        header(b"i", 8, &(-6_i64).to_be_bytes()),
        header(b"j", 9, b"0123456789abcdef"),
    ];
    framed(&block.concat(), b"payload")
}

/// CRC-32 as IEEE 802.3 and gzip have it, a byte at a time.
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
