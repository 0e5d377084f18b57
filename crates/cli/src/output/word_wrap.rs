use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Breaks a text into lines between words while it arrives, in pieces of any size. The last word is held back until it is
/// complete, since only then is it known whether it fits. A word wider than a line is left to the terminal.
#[derive(Debug, Default)]
pub(crate) struct WordWrap {
    /// How many columns of the line are used.
    column: usize,
    /// The space before the word, dropped at a line break.
    space: String,
    word: String,
    /// Whether the start of this word was written already, because it is wider than a line.
    is_wide: bool,
}

impl WordWrap {
    /// Appends the next piece to `out`, in lines of at most `columns`, or without a limit.
    pub(crate) fn push(&mut self, text: &str, columns: Option<usize>, out: &mut String) {
        let Some(columns) = columns else {
            self.flush(None, out);
            return self.pass(text, None, out);
        };
        for c in text.chars() {
            match c {
                '\n' => {
                    self.end_word(columns, out);
                    self.end_line();
                    out.push('\n');
                }
                ' ' | '\t' => {
                    self.end_word(columns, out);
                    self.space.push(c);
                    if self.space.len() > columns {
                        self.end_space(columns, out);
                    }
                }
                c => {
                    if self.word.chars().last().is_some_and(|last| may_break(last, c)) {
                        self.end_word(columns, out);
                    }
                    self.word.push(c);
                    if self.is_wide || self.word.width() > columns {
                        self.place(columns, out);
                        self.is_wide = true;
                    }
                }
            }
        }
    }

    /// Appends what was held back.
    pub(crate) fn flush(&mut self, columns: Option<usize>, out: &mut String) {
        self.end_word(columns.unwrap_or(usize::MAX), out);
    }

    /// Appends a text as it is, and counts its columns.
    pub(crate) fn pass(&mut self, text: &str, columns: Option<usize>, out: &mut String) {
        self.flush(columns, out);
        self.end_space(columns.unwrap_or(usize::MAX), out);
        out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.width(),
            None => self.column = self.column.saturating_add(text.width()),
        }
    }

    /// Starts a new line.
    pub(crate) fn end_line(&mut self) {
        *self = Self::default();
    }

    fn end_word(&mut self, columns: usize, out: &mut String) {
        self.place(columns, out);
        self.is_wide = false;
    }

    fn place(&mut self, columns: usize, out: &mut String) {
        if self.word.is_empty() {
            return;
        }
        let wanted = self.column.saturating_add(self.space_width()).saturating_add(self.word.width());
        if wanted > columns && self.column > 0 && !self.is_wide {
            out.push('\n');
            self.column = 0;
            self.space.clear();
        }
        self.end_space(columns, out);
        out.push_str(&self.word);
        // A terminal wraps where a character does not fit.
        for c in self.word.chars() {
            let width = c.width().unwrap_or(0);
            self.column =
                if self.column.saturating_add(width) > columns { width } else { self.column + width };
        }
        self.word.clear();
    }

    fn end_space(&mut self, columns: usize, out: &mut String) {
        out.push_str(&self.space);
        self.column = self.column.saturating_add(self.space_width()).min(columns);
        self.space.clear();
    }

    /// The width of the space at the current column.
    fn space_width(&self) -> usize {
        let end = self.space.chars().fold(self.column, |column, c| match c {
            '\t' => (column / TAB).saturating_add(1).saturating_mul(TAB),
            _ => column.saturating_add(1),
        });
        end.saturating_sub(self.column)
    }
}

/// Whether a line may break between two characters without a space: next to a character of two columns, as in Chinese and
/// Japanese, but not before closing punctuation, after opening punctuation or inside an emoji.
fn may_break(before: char, after: char) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let is_part = after.width() == Some(0) || before == ZERO_WIDTH_JOINER;
    (is_wide(before) || is_wide(after))
        && !is_part
        && !after.is_ascii_punctuation()
        && !CLOSING.contains(after)
        && !OPENING.contains(before)
}

const TAB: usize = 8;
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const CLOSING: &str = "、。，．！？：；）」』】》〉…ー’”";
const OPENING: &str = "（「『【《〈‘“([{";

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, piece: usize, columns: usize) -> String {
        let mut wrap = WordWrap::default();
        let mut out = String::new();
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(piece) {
            wrap.push(&piece.iter().collect::<String>(), Some(columns), &mut out);
        }
        wrap.flush(Some(columns), &mut out);
        out
    }

    #[test]
    fn lines_break_between_words_whatever_the_pieces() {
        for (text, lines) in [
            ("The sky is blue.", "The sky is\nblue."),
            ("The sky\nis blue, today", "The sky\nis blue,\ntoday"),
            ("one two thr four", "one two\nthr four"),
            ("    fn a() {", "    fn a()\n{"),
            ("a\tb\tc", "a\tb\nc"),
            // Words wider than a line are left to the terminal, so that they can be copied in one piece.
            ("see https://example.org/x ok", "see\nhttps://example.org/x ok"),
            // Five of these characters fill ten columns.
            ("日本語日本語。", "日本語日本\n語。"),
            ("日本語日本。", "日本語日\n本。"),
            ("ab日本 語語語語", "ab日本 語\n語語語"),
            ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧\n👨‍👩‍👧"),
            (
                "e\u{301}e\u{301}e\u{301}e\u{301} e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
                "e\u{301}e\u{301}e\u{301}e\u{301}\ne\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            ),
        ] {
            for piece in 1..20 {
                assert_eq!(wrapped(text, piece, 10), lines, "{piece}");
            }
        }
    }

    #[test]
    fn only_the_last_word_is_held_back() {
        let mut wrap = WordWrap::default();
        let mut out = String::new();
        wrap.push("The sky", Some(80), &mut out);
        assert_eq!(out, "The");
        wrap.push(" is", Some(80), &mut out);
        assert_eq!(out, "The sky");
        wrap.flush(Some(80), &mut out);
        assert_eq!(out, "The sky is");
        wrap.push(&"x".repeat(1 << 20), Some(80), &mut out);
        wrap.push(&" ".repeat(1 << 20), Some(80), &mut out);
        assert!(wrap.word.capacity() < 1_000 && wrap.space.capacity() < 1_000);
    }

    #[test]
    fn text_without_spaces_is_not_held_back() {
        let mut wrap = WordWrap::default();
        let mut out = String::new();
        wrap.push("a b", None, &mut out);
        wrap.push(" cd", None, &mut out);
        assert_eq!(out, "a b cd");
    }
}
