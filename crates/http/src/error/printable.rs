use core::fmt::{self, Write};

/// Text from a server, made safe for logs: control and bidirectional formatting characters are escaped, so that it
/// cannot move the cursor, start a new line or be reordered.
pub(crate) struct Printable<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_control) {
            let (before, from) = rest.split_at(at);
            let mut chars = from.chars();
            let control = chars.next().unwrap_or_default();
            write!(self.0, "{before}{}", control.escape_debug())?;
            rest = chars.as_str();
        }
        self.0.write_str(rest)
    }
}

/// Whether a character is a control: C0, DEL, C1, the line and paragraph separators, and bidirectional formatting.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped_and_text_is_not() {
        let text = "a\nb\r\t\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{2066}\u{2028}\"é\\ 👍";
        let shown = Printable(text).to_string();
        assert_eq!(shown, r#"a\nb\r\t\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{2066}\u{2028}"é\ 👍"#);
        assert_eq!(Printable(format_args!("{}-{}", 1, "\u{85}")).to_string(), r"1-\u{85}");
    }
}
