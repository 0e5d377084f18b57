use alloc::string::String;

/// The text of a JSON string, from its source including the quotes. A lone surrogate escape reads as U+FFFD. `None`
/// if it is not a string; the source must be valid JSON.
pub(crate) fn unquote(source: &str) -> Option<String> {
    let mut text = String::with_capacity(source.len().saturating_sub(2));
    unquote_into(source, &mut text)?;
    Some(text)
}

/// [`unquote`] that appends to `text`; after `None`, a part may have been appended.
pub(super) fn unquote_into(source: &str, text: &mut String) -> Option<()> {
    let mut rest = source.strip_prefix('"')?.strip_suffix('"')?;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        text.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = split_unit(&mut rest)?;
                code_point(unit, &mut rest)
            }
            _ => return None,
        });
    }
    text.push_str(rest);
    Some(())
}

/// The code point that starts with `unit`. Also consumes the escape of the low surrogate, if there is one.
fn code_point(unit: u16, rest: &mut &str) -> char {
    let mut after = rest.strip_prefix("\\u").unwrap_or_default();
    let next = if (0xd800..0xdc00).contains(&unit) { split_unit(&mut after) } else { None };
    let mut decoded = char::decode_utf16([unit].into_iter().chain(next));
    match decoded.next() {
        Some(Ok(c)) => {
            if next.is_some() {
                *rest = after;
            }
            c
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// Consumes the four digits of a `\u` escape.
fn split_unit(rest: &mut &str) -> Option<u16> {
    let (digits, after) = rest.split_at_checked(4)?;
    // The parser would accept a sign.
    if digits.starts_with('+') {
        return None;
    }
    let unit = u16::from_str_radix(digits, 16).ok()?;
    *rest = after;
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn agrees_with_serde_json() {
        for source in [
            r#""""#,
            r#""plain""#,
            r#""a\"b\\c\/d\be\ff\ng\rh\ti""#,
            r#""\u00e9\ud83d\ude00 \u0000""#,
            "\"é😀 raw\"",
        ] {
            assert_eq!(unquote(source), Some(serde_json::from_str(source).unwrap()), "{source}");
        }
    }

    #[test]
    fn a_lone_surrogate_reads_as_the_replacement_character() {
        for (source, text) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""a\ude00b""#, "a\u{fffd}b"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        ] {
            assert_eq!(unquote(source).as_deref(), Some(text), "{source}");
        }
    }

    #[test]
    fn anything_but_a_string_is_none() {
        for source in ["1", "null", "{}", "\"", ""] {
            assert_eq!(unquote(source), None, "{source}");
        }
    }
}
