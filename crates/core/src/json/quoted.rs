use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use super::unquote::{unquote, unquote_into};

/// A JSON string as it was written, with its quotes: what [`Scanner::quoted_of`](super::Scanner::quoted_of) consumes
/// without copying it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    source: &'a str,
    has_escapes: bool,
}

impl<'a> Quoted<'a> {
    /// `source` begins and ends with a quote.
    pub(super) const fn new(source: &'a str, has_escapes: bool) -> Self {
        Self { source, has_escapes }
    }

    /// The text. It is borrowed from where it was written or, if it has escapes, from `buffer`, which is cleared first; a long
    /// one with escapes is owned, so that the buffer stays small. `None`: an escape is invalid.
    #[inline]
    pub fn text<'b>(self, buffer: &'b mut String) -> Option<Cow<'b, str>>
    where
        'a: 'b,
    {
        if !self.has_escapes {
            return Some(Cow::Borrowed(self.plain()));
        }
        if self.source.len() > MAX_BUFFERED {
            return unquote(self.source).map(Cow::Owned);
        }
        buffer.clear();
        unquote_into(self.source, buffer)?;
        Some(Cow::Borrowed(buffer))
    }

    /// The text, owned. `None`: an escape is invalid.
    #[inline]
    pub fn into_string(self) -> Option<String> {
        if self.has_escapes { unquote(self.source) } else { Some(self.plain().to_string()) }
    }

    fn plain(self) -> &'a str {
        &self.source[1..self.source.len() - 1]
    }
}

/// The longest string with escapes that is read into the caller's buffer, in bytes.
const MAX_BUFFERED: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::MAX_BUFFERED;
    use crate::json::Scanner;

    proptest! {
        #[test]
        fn the_text_is_that_of_the_owned_form(
            string in "\"([a-zé€😀]|\\\\[\"\\\\/bfnrtux]|\\\\u[0-9a-f]{4}){0,6}\"?",
        ) {
            let mut buffer = String::from("of the last");
            if let Some(quoted) = Scanner::new(string.as_bytes()).quoted_of(&string) {
                let expected = quoted.into_string();
                let text = quoted.text(&mut buffer).map(Cow::into_owned);
                prop_assert_eq!(text, expected);
            }
        }
    }

    #[test]
    fn a_long_string_with_escapes_does_not_fill_the_buffer() {
        for (len, is_owned) in [(MAX_BUFFERED - 4, false), (MAX_BUFFERED - 3, true)] {
            let string = format!("\"\\n{}\"", "a".repeat(len));
            let mut buffer = String::new();
            let text = Scanner::new(string.as_bytes()).quoted_of(&string).unwrap().text(&mut buffer).unwrap();
            assert_eq!(matches!(text, Cow::Owned(_)), is_owned);
            assert_eq!(text.len(), len + 1);
        }
    }
}
