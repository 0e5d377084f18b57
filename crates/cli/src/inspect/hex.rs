use std::fmt::Write as _;

/// A hex dump with ASCII: sixteen bytes per line if 76 columns are available, otherwise eight. `offset` is that of the first
/// byte.
pub(crate) fn dump(offset: u64, bytes: &[u8], columns: usize) -> Vec<String> {
    let per_line = if columns < 76 { 8 } else { 16 };
    let line = |(number, line): (usize, &[u8])| {
        let mut text = format!("{:08x} ", offset + (per_line * number) as u64);
        for at in 0..per_line {
            let gap = if at == 8 { "  " } else { " " };
            // Writing to a `String` never fails.
            let _ = match line.get(at) {
                Some(byte) => write!(text, "{gap}{byte:02x}"),
                None => write!(text, "{gap}  "),
            };
        }
        let printable = |byte: &u8| if (0x20..0x7f).contains(byte) { *byte as char } else { '.' };
        text + " |" + &line.iter().map(printable).collect::<String>() + "|"
    };
    bytes.chunks(per_line).enumerate().map(line).collect()
}

/// Where the byte at index `at` is in a dump: its line, and the column of its two digits.
pub(crate) fn digits(offset: u64, at: usize, columns: usize) -> (usize, usize) {
    let per_line = if columns < 76 { 8 } else { 16 };
    let (line, at) = (at / per_line, at % per_line);
    let begin = format!("{:08x} ", offset + (per_line * line) as u64).len();
    (line, begin + 1 + 3 * at + usize::from(at >= 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_sixteen_bytes() {
        let lines = dump(0x1f0, b"\0\x1b[31mHello, \xff\x7fabcd", 76);
        assert_eq!(
            lines,
            [
                "000001f0  00 1b 5b 33 31 6d 48 65  6c 6c 6f 2c 20 ff 7f 61 |..[31mHello, ..a|",
                "00000200  62 63 64                                         |bcd|",
            ]
        );
        assert_eq!(
            dump(0, b"abcdefghi", 75),
            ["00000000  61 62 63 64 65 66 67 68 |abcdefgh|", "00000008  69                      |i|",]
        );
        assert!(dump(0, &[], 76).is_empty());
        let bytes: Vec<u8> = (0..40).collect();
        for columns in [50, 80] {
            for (at, byte) in bytes.iter().enumerate() {
                let (line, column) = digits(7, at, columns);
                assert_eq!(dump(7, &bytes, columns)[line][column..column + 2], format!("{byte:02x}"));
            }
        }
    }
}
