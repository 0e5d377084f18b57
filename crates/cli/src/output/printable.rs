use std::fmt;

/// A text from elsewhere as a person may see it: no control character reaches the terminal, where it could do anything.
/// Line breaks and tabs stay in a text of several lines; in a sentence they become spaces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Printable<'a> {
    Lines(&'a str),
    Sentence(&'a str),
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, layout): (_, fn(char) -> Option<char>) = match self {
            Self::Lines(text) => (text, |c| matches!(c, '\n' | '\t').then_some(c)),
            Self::Sentence(text) => (text, |c| matches!(c, '\n' | '\r' | '\t').then_some(' ')),
        };
        let mut rest = *text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| c.is_control()) {
            f.write_str(&rest[..at])?;
            match layout(c) {
                Some(c) => write!(f, "{c}")?,
                None => write!(f, "{}", c.escape_default())?,
            }
            rest = &rest[at + c.len_utf8()..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        let text = "a\tb\r\n\u{1b}[2Jé\u{9b}z";
        assert_eq!(Printable::Lines(text).to_string(), "a\tb\\r\n\\u{1b}[2Jé\\u{9b}z");
        assert_eq!(Printable::Sentence(text).to_string(), "a b  \\u{1b}[2Jé\\u{9b}z");
    }
}
