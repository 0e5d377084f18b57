use std::fmt;

/// Untrusted text made safe for a terminal: control characters, and characters that reorder the text around them, are
/// escaped. Line breaks and tabs are kept in `Lines`; in a `Sentence` they become spaces.
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
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_terminal_control(*c)) {
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

/// Whether a terminal acts on the character instead of showing it: the control characters of ASCII (C0 and DEL) and of
/// Unicode (C1), those that set the direction of text, and line and paragraph separators. Zero-width joiners are not
/// included: scripts and emoji need them.
pub(crate) fn is_terminal_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Escapes such characters in one line of JSON, which begins at `start` of the buffer. Outside strings, JSON contains none
/// of them except tabs, so the value stays the same.
pub(crate) fn escape_json(buffer: &mut Vec<u8>, start: usize) {
    let Some(Ok(json)) = buffer.get(start..).map(std::str::from_utf8) else { return };
    let is_escaped = |c: &char| *c != '\t' && is_terminal_control(*c);
    if !json.chars().any(|c| is_escaped(&c)) {
        return;
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_escaped(&c) {
            // All of them fit into four digits.
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    buffer.truncate(start);
    buffer.extend_from_slice(escaped.as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn control_characters_are_made_visible() {
        let text = "a\tb\r\n\u{1b}[2Jé\u{9b}z\u{7f}\u{202e}\u{2067}\u{2028}\u{2029}";
        let escaped = "\\u{7f}\\u{202e}\\u{2067}\\u{2028}\\u{2029}";
        assert_eq!(Printable::Lines(text).to_string(), format!("a\tb\\r\n\\u{{1b}}[2Jé\\u{{9b}}z{escaped}"));
        assert_eq!(Printable::Sentence(text).to_string(), format!("a b  \\u{{1b}}[2Jé\\u{{9b}}z{escaped}"));
        // Persian text and family emoji need these characters.
        let joined = "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645} \u{1f468}\u{200d}\u{1f469}";
        assert_eq!(Printable::Lines(joined).to_string(), joined);
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let all: String = (0..=0x2fff).filter_map(char::from_u32).chain("😀".chars()).collect();
        let value = serde_json::json!({ all.clone(): [all] });
        let mut line = b"before\x7f".to_vec();
        serde_json::to_writer(&mut line, &value).expect("it can be written");
        escape_json(&mut line, 7);
        assert!(line.starts_with(b"before\x7f"));
        let json = std::str::from_utf8(&line[7..]).expect("it stays UTF-8");
        assert!(!json.chars().any(is_terminal_control));
        assert_eq!(serde_json::from_str::<Value>(json).expect("it stays JSON"), value);
    }
}
