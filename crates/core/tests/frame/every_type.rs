use super::wire::{framed, header};

/// A message with a header of each type, with extreme values that reveal a wrong sign or byte order.
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
