use std::fmt::{self, Write as _};

/// A value that clients or models may have chosen. It is quoted where it could be taken for more than one value, and cut off
/// where it is long.
pub(crate) struct LogValue<'a>(pub(crate) &'a str);

impl fmt::Display for LogValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, rest) = match self.0.char_indices().nth(MAX_VALUE_LEN) {
            Some((end, _)) => self.0.split_at(end),
            None => (self.0, ""),
        };
        if !value.is_empty() && value.chars().all(is_plain) {
            f.write_str(value)?;
        } else {
            write!(f, "{value:?}")?;
        }
        if rest.is_empty() { Ok(()) } else { f.write_char('…') }
    }
}

/// Whether a character neither ends a value nor looks different from what it is.
fn is_plain(character: char) -> bool {
    match character {
        ' ' | '=' | '"' => false,
        // These are blank, but count as printable.
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => false,
        '\\' | '\'' => true,
        _ => character.escape_debug().eq([character]),
    }
}

/// In characters: longer than any model's ARN.
const MAX_VALUE_LEN: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::LogValue;

    #[test]
    fn a_value_is_quoted_where_it_could_be_taken_for_several() {
        for (value, shown) in [
            ("anthropic.claude-v1:0", "anthropic.claude-v1:0"),
            ("größe", "größe"),
            ("it's\\u{1b}", "it's\\u{1b}"),
            ("", "\"\""),
            ("x in=9999 out=1", "\"x in=9999 out=1\""),
            ("a=b", "\"a=b\""),
            ("a\" id=1", "\"a\\\" id=1\""),
            ("a\\\" id=1", "\"a\\\\\\\" id=1\""),
            ("a\nb", "\"a\\nb\""),
            ("a\u{a0}b\u{2028}", "\"a\\u{a0}b\\u{2028}\""),
            ("a\u{2800}b", "\"a\u{2800}b\""),
            ("a\u{202e}b\u{1b}", "\"a\\u{202e}b\\u{1b}\""),
        ] {
            assert_eq!(LogValue(value).to_string(), shown);
        }
    }

    #[test]
    fn a_long_value_is_cut_off() {
        let long = "ä".repeat(3_000);
        assert_eq!(LogValue(&long).to_string(), format!("{}…", "ä".repeat(2_048)));
        assert_eq!(LogValue(&long[..4_096]).to_string(), "ä".repeat(2_048));
    }
}
