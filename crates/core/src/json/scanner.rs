use alloc::string::{String, ToString};

use super::quoted::Quoted;
use super::unquote;

/// A hand-written reader for JSON in a known layout. It is several times faster than serde, which reads everything
/// else. Each method consumes the front of the text, or returns `None`; then serde must read the text from its start.
///
/// It is stricter than serde, and never more lenient.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    /// A scanner of this text.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// The text that has not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Consumes these bytes.
    #[inline]
    pub fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// Consumes any number of spaces.
    #[inline]
    pub fn spaces(&mut self) {
        while let [b' ', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    /// Consumes an integer of up to nine digits, which cannot overflow.
    #[inline]
    pub fn index(&mut self) -> Option<u32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at(digits);
        if digits == 0 || digits > 9 || digits > 1 && number[0] == b'0' {
            return None;
        }
        self.0 = rest;
        Some(number.iter().fold(0, |index, digit| index * 10 + u32::from(digit - b'0')))
    }

    /// Consumes an object. `value` consumes each value; it receives the member's name in quotes. There may be spaces
    /// between the parts.
    #[inline]
    pub fn object(&mut self, mut value: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.literal(b"{")?;
        loop {
            self.spaces();
            let name = self.plain_string()?;
            self.spaces();
            self.literal(b":")?;
            self.spaces();
            value(self, name)?;
            self.spaces();
            if self.literal(b",").is_none() {
                return self.literal(b"}");
            }
        }
    }

    /// Consumes a string that has no escapes, and returns it with its quotes.
    #[inline]
    pub fn plain_string(&mut self) -> Option<&'a [u8]> {
        let (quoted, has_escapes) = self.quoted()?;
        (!has_escapes).then_some(quoted)
    }

    /// Consumes a string, and returns it unescaped.
    #[inline]
    pub fn string(&mut self) -> Option<String> {
        let (quoted, has_escapes) = self.quoted()?;
        let quoted = core::str::from_utf8(quoted).ok()?;
        if has_escapes { unquote(quoted) } else { Some(quoted[1..quoted.len() - 1].to_string()) }
    }

    /// [`string`](Self::string) of a scanner that reads `text`, whose UTF-8 is then not checked a second time.
    #[inline]
    pub fn string_of(&mut self, text: &'a str) -> Option<String> {
        self.quoted_of(text)?.into_string()
    }

    /// [`string_of`](Self::string_of) without a copy: its escapes have not been checked yet.
    #[inline]
    pub fn quoted_of(&mut self, text: &'a str) -> Option<Quoted<'a>> {
        let start = text.len().checked_sub(self.0.len())?;
        let (quoted, has_escapes) = self.quoted()?;
        Some(Quoted::new(text.get(start..start + quoted.len())?, has_escapes))
    }

    /// A string's source with its quotes, and whether it has escapes. Only the quotes are checked.
    #[inline]
    fn quoted(&mut self) -> Option<(&'a [u8], bool)> {
        if *self.0.first()? != b'"' {
            return None;
        }
        let mut at = 1;
        let mut has_escapes = false;
        loop {
            at += plain_len(self.0.get(at..)?);
            match self.0.get(at)? {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    at += 2;
                }
                _ => return None,
            }
        }
        let (quoted, rest) = self.0.split_at(at + 1);
        self.0 = rest;
        Some((quoted, has_escapes))
    }
}

/// How many bytes at the front are neither a quote, nor a backslash, nor a control character. Checks eight at a time.
#[inline]
pub(crate) fn plain_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk() {
        match plain_len_of_word(*word) {
            8 => at += 8,
            len => return at + len,
        }
    }
    let tail = &bytes[at..];
    at + tail.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(tail.len())
}

/// [`plain_len`] of eight bytes.
#[inline]
pub(crate) fn plain_len_of_word(word: [u8; 8]) -> usize {
    let word = u64::from_le_bytes(word);
    // A byte below n has its top bit set in `word - n * ONES`, unless it had it before or a borrow came from a lower byte;
    // so the lowest match is always right.
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let hits = (zero_in(word ^ (ONES * 0x22)) | zero_in(word ^ (ONES * 0x5c)) | control) & (ONES * 0x80);
    hits.trailing_zeros() as usize / 8
}

const ONES: u64 = 0x0101_0101_0101_0101;

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{Scanner, plain_len};

    #[test]
    fn an_object_is_read_in_any_order() {
        let read = |text: &str| {
            let (mut number, mut string) = (None, None);
            let mut scanner = Scanner::new(text.as_bytes());
            scanner.object(|scanner, name| {
                match name {
                    b"\"n\"" => number = Some(scanner.index()?),
                    b"\"s\"" => string = Some(scanner.string()?),
                    _ => return None,
                }
                Some(())
            })?;
            scanner.rest().is_empty().then_some((number, string))
        };
        let expected = Some((Some(17), Some(String::from("a\n"))));
        assert_eq!(read(r#"{"n":17,"s":"a\n"}"#), expected);
        assert_eq!(read(r#"{ "s" : "a\n", "n" : 17 }"#), expected);
        for text in
            ["{}", r#"{"n":17"#, r#"{"n":17,}"#, r#"{"n":1.0}"#, r#"{"n":17}}"#, r#"{"\u006e":17}"#, "[]"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn string_and_string_of_agree(
            before in "[a-z]{0,3}",
            string in "\"([a-zé€😀]|\\\\[\"\\\\/bfnrtux]|\\\\u[0-9a-f]{4}){0,6}\"?",
            after in "[a-zé\"]{0,3}",
        ) {
            let text = [before.as_str(), &string, &after].concat();
            let scanner = || {
                let mut scanner = Scanner::new(text.as_bytes());
                scanner.literal(before.as_bytes()).map(|()| scanner)
            };
            let (mut checked, mut trusted) = (scanner().unwrap(), scanner().unwrap());
            let expected = checked.string();
            prop_assert_eq!(trusted.string_of(&text), expected.clone());
            if expected.is_some() {
                prop_assert_eq!(trusted.rest(), checked.rest());
            }
        }

        #[test]
        fn plain_len_agrees_with_a_simple_loop(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'a'), Just(b'"'), Just(0x1f), Just(0x21), Just(0x5b), Just(0x5d)], 0..64)) {
            let plain: Vec<u8> = vec![b'a'; 24];
            for bytes in [bytes.clone(), [plain, bytes].concat()] {
                let expected = bytes.iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count();
                prop_assert_eq!(plain_len(&bytes), expected);
            }
        }
    }
}
