use alloc::vec::Vec;

/// The number of the next event, in decimal: it is written with every event, and always one more than the last.
#[derive(Clone, Debug)]
pub(super) struct SequenceNumber {
    /// As many as any `u64` has, with leading zeros.
    digits: [u8; DIGITS],
    /// Where the number begins in them.
    start: usize,
}

impl SequenceNumber {
    /// The first event's.
    pub(super) const fn new() -> Self {
        Self { digits: [b'0'; DIGITS], start: DIGITS - 1 }
    }

    /// Appends it, and counts on.
    pub(super) fn write_next(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.digits[self.start..]);
        for at in (0..DIGITS).rev() {
            if self.digits[at] < b'9' {
                self.digits[at] += 1;
                self.start = self.start.min(at);
                return;
            }
            self.digits[at] = b'0';
        }
    }
}

const DIGITS: usize = 20;

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::SequenceNumber;

    #[test]
    fn it_counts_on() {
        let mut number = SequenceNumber::new();
        for expected in 0..100_101_u64 {
            let mut out = Vec::new();
            number.write_next(&mut out);
            assert_eq!(out, expected.to_string().into_bytes());
        }
    }
}
