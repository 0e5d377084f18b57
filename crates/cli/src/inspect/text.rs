//! Untrusted text, made safe for a terminal and fitted into columns.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use crate::output::is_terminal_control;

/// A text in which every character that could move the cursor, or hide or reorder other text, is escaped.
pub(crate) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut visible, c| {
        push_visible(&mut visible, c);
        visible
    })
}

/// At most `max_chars` characters of a text, escaped; `…` stands for the rest.
pub(crate) fn shown(text: &str, max_chars: usize) -> String {
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(end, _)| end);
    let mut out = visible(&text[..end]);
    if end < text.len() {
        out.push('…');
    }
    out
}

/// The start of a text, escaped, in at most `columns`; `…` stands for the rest.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let (mut lines, left) = wrap(text, columns, 1);
    let mut line = lines.pop().unwrap_or_default();
    if left > 0 {
        while width(&line) + 1 > columns && line.pop().is_some() {}
        line.push('…');
    }
    line
}

/// A text, escaped, in at most `lines` lines of `columns` columns; and how many of its bytes did not fit.
pub(crate) fn wrap(text: &str, columns: usize, lines: usize) -> (Vec<String>, usize) {
    let mut wrapped = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let start = line.len();
        push_visible(&mut line, c);
        let columns_of_c = width(&line[start..]);
        // A line has at least one character, even if it does not fit.
        if used + columns_of_c > columns && start > 0 {
            let next = line.split_off(start);
            wrapped.push(std::mem::replace(&mut line, next));
            used = 0;
            if wrapped.len() == lines {
                return (wrapped, text.len() - at);
            }
        }
        used += columns_of_c;
    }
    if !line.is_empty() || wrapped.is_empty() {
        wrapped.push(line);
    }
    (wrapped, 0)
}

/// The width of a text in columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        _ if is_terminal_control(c) || is_unseen(c) => {
            // Writing to a `String` never fails.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.push(c),
    }
}

/// Invisible characters, which are escaped to make the bytes visible.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_moves_the_cursor() {
        assert_eq!(visible("a\u{1b}[2J\u{9b}m\u{202e}é\t\u{7f}"), "a\\u{1b}[2J\\u{9b}m\\u{202e}é\\t\\u{7f}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("äöü", 3), "äöü");
    }

    #[test]
    fn lines_use_the_full_width() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdefg", 6), "abcde…");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語x", 6), "日本…");
        assert_eq!(fit("", 6), "");
        assert_eq!(wrap("abcdefg", 3, 2), (vec!["abc".to_owned(), "def".to_owned()], 1));
        assert_eq!(wrap("abc\u{1b}", 3, 9), (vec!["abc".to_owned(), "\\u{1b}".to_owned()], 0));
        assert_eq!(wrap("", 3, 9), (vec![String::new()], 0));
    }
}
