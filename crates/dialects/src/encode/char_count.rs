/// The number of characters of a text that grows, in which each of them is counted once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CharCount {
    /// How many bytes of the text have been counted.
    bytes: usize,
    chars: u64,
}

impl CharCount {
    /// Counts what was appended to the text since the last call, and returns how many characters it has.
    pub(super) fn of(&mut self, text: &str) -> u64 {
        self.chars += text.get(self.bytes..).unwrap_or_default().chars().count() as u64;
        self.bytes = text.len();
        self.chars
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::CharCount;

    #[test]
    fn characters_are_counted_as_the_text_grows() {
        let (mut text, mut count) = (String::new(), CharCount::default());
        for piece in ["", "Hé", "", "llo", "€🦀", "\u{301}"] {
            text += piece;
            assert_eq!(count.of(&text), text.chars().count() as u64);
            assert_eq!(count.of(&text), text.chars().count() as u64, "nothing is counted twice");
        }
    }
}
