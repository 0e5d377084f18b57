/// The part of a text that has been written: its length and a checksum, so that a later copy can be compared although
/// the text is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    len: usize,
    checksum: u64,
}

/// Nothing has been written.
impl Default for Written {
    fn default() -> Self {
        Self::new()
    }
}

impl Written {
    /// Nothing has been written.
    pub(super) const fn new() -> Self {
        Self { len: 0, checksum: FNV_OFFSET }
    }

    /// Records the next piece.
    pub(super) fn push(&mut self, piece: &str) {
        self.len += piece.len();
        for byte in piece.bytes() {
            self.checksum = (self.checksum ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The rest of `whole` after the text written so far; `None` if it begins differently.
    pub(super) fn rest_of(self, whole: &str) -> Option<&str> {
        let (before, rest) = whole.split_at_checked(self.len)?;
        let mut copy = Self::new();
        copy.push(before);
        (copy == self).then_some(rest)
    }
}

/// The parameters of the 64-bit FNV-1a checksum. It need not withstand an attack: a server that sends both copies of a
/// text can also send the same wrong text twice.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn the_rest_of_a_copy_is_what_was_not_written() {
        let mut written = Written::new();
        assert_eq!(written.rest_of("Héllo"), Some("Héllo"));
        written.push("H");
        written.push("é");
        assert_eq!(written.rest_of("Héllo"), Some("llo"));
        assert_eq!(written.rest_of("Hé"), Some(""));
        assert_eq!(written.rest_of("H"), None, "shorter");
        assert_eq!(written.rest_of("Hällo"), None, "another text");
        assert_eq!(written.rest_of("Ha\u{20ac}"), None, "another code point across the end");
    }
}
