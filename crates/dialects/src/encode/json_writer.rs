//! Appends JSON to bytes.
//!
//! Some readers of server-sent events split lines as Python's `str.splitlines` does: also at U+0085, U+2028 and U+2029. These
//! are escaped, so that an event's data stays on one line for them too.

use alloc::vec::Vec;

use bedrock_stream_core::json::Json;
use serde::Serialize;

/// Appends a string, in quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends the content of a string, without quotes.
pub(crate) fn escaped(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    // Of a long text, the pieces with something to escape are few.
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        if is_plain(piece.as_bytes()) {
            out.extend_from_slice(piece.as_bytes());
        } else {
            escape_each(out, piece);
        }
        rest = after;
    }
}

/// Whether nothing needs an escape. Eight bytes are looked at together, since most deltas are a word.
fn is_plain(text: &[u8]) -> bool {
    let mut may_be_separators = false;
    let mut is_special = |word: u64| {
        may_be_separators |= word & HIGH != 0 && has_lead(word);
        has_special(word)
    };
    let mut words = text.chunks_exact(8);
    if words.by_ref().any(|word| word.try_into().is_ok_and(|word| is_special(u64::from_le_bytes(word)))) {
        return false;
    }
    let rest = words.remainder();
    let last = match text.last_chunk::<8>() {
        // Some of them again.
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last),
        _ => rest.iter().fold(PLAIN, |word, byte| word << 8 | u64::from(*byte)),
    };
    !(is_special(last) || may_be_separators && has_separator(text))
}

/// Whether any of eight bytes is a control character, a quotation mark or a backslash. Source: "Determine if a word has a byte
/// less than n" and "zero byte" of Sean Anderson's "Bit Twiddling Hacks".
const fn has_special(word: u64) -> bool {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = word ^ (ONES * b'\\' as u64);
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH != 0
}

/// Whether any of eight bytes is 0xc2 or 0xe2, which differ in one bit: the first bytes of line separators, and of other characters.
const fn has_lead(word: u64) -> bool {
    let lead = (word | (ONES * 0x20)) ^ (ONES * 0xe2);
    lead.wrapping_sub(ONES) & !lead & HIGH != 0
}

/// Whether there is a line separator. It is searched to the end in any case, which the compiler does for many bytes at once.
fn has_separator(text: &[u8]) -> bool {
    let is_one = |three: &[u8]| {
        (three[0] == 0xe2) & (three[1] == 0x80) & (three[2] | 1 == 0xa9)
            | (three[0] == 0xc2) & (three[1] == 0x85)
    };
    text.windows(3).fold(text.ends_with(&[0xc2, 0x85]), |found, three| found | is_one(three))
}

/// The escape of the line separator that the text begins with, if any, and the separator's length.
const fn separator(text: &[u8]) -> Option<(&'static [u8], usize)> {
    match text {
        [0xc2, 0x85, ..] => Some((b"\\u0085", 2)),
        [0xe2, 0x80, 0xa8, ..] => Some((b"\\u2028", 3)),
        [0xe2, 0x80, 0xa9, ..] => Some((b"\\u2029", 3)),
        _ => None,
    }
}

/// [`escaped`] byte by byte.
fn escape_each(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len());
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let (escape, len): (&[u8], usize) = match byte {
            b'"' => (b"\\\"", 1),
            b'\\' => (b"\\\\", 1),
            b'\n' => (b"\\n", 1),
            b'\r' => (b"\\r", 1),
            b'\t' => (b"\\t", 1),
            0..=0x1f => {
                (&[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]], 1)
            }
            0xc2 | 0xe2 => match separator(&text.as_bytes()[at..]) {
                Some(separator) => separator,
                None => continue,
            },
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[written..at]);
        out.extend_from_slice(escape);
        written = at + len;
    }
    out.extend_from_slice(&text.as_bytes()[written..]);
}

/// Appends a string, or `null`.
pub(crate) fn optional_string(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a number.
pub(crate) fn number(out: &mut Vec<u8>, number: impl Into<u64>) {
    let mut number = number.into();
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends JSON unchanged, but on one line: line breaks, which can only be white space between tokens, become spaces, and line
/// separators, which can only be in strings, are escaped.
pub(crate) fn raw(out: &mut Vec<u8>, json: &Json) {
    let text = json.as_str().as_bytes();
    out.reserve(text.len());
    let mut written = 0;
    for (at, byte) in text.iter().enumerate() {
        let (instead, len): (&[u8], usize) = match byte {
            b'\n' | b'\r' => (b" ", 1),
            0xc2 | 0xe2 => match separator(&text[at..]) {
                Some(separator) => separator,
                None => continue,
            },
            _ => continue,
        };
        out.extend_from_slice(&text[written..at]);
        out.extend_from_slice(instead);
        written = at + len;
    }
    out.extend_from_slice(&text[written..]);
}

/// Appends a value as JSON on one line; `null` if it cannot be serialized.
pub(crate) fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    raw(out, &Json::from_value(value).unwrap_or_default());
}

/// Appends `,` unless this is the first of a list.
pub(crate) fn comma(out: &mut Vec<u8>, is_first: &mut bool) {
    if !core::mem::replace(is_first, false) {
        out.push(b',');
    }
}

const HEX: [u8; 16] = *b"0123456789abcdef";
/// The length of a piece of text that is looked at as a whole, in bytes.
const PIECE: usize = 32;
/// Eight times 1.
const ONES: u64 = u64::MAX / 255;
/// The highest bit of each byte.
const HIGH: u64 = ONES * 0x80;
/// Eight spaces.
const PLAIN: u64 = ONES * 0x20;

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use bedrock_stream_core::json::Json;

    use super::{escape_each, escaped, number, raw, string};

    /// How many lines a text has for a reader that breaks them wherever Unicode allows it, as Python's `splitlines` does.
    fn lines(text: &[u8]) -> usize {
        let breaks =
            |c: &char| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        1 + core::str::from_utf8(text).unwrap().chars().filter(breaks).count()
    }

    #[test]
    fn strings_and_numbers_are_those_of_serde() {
        let every: String = (0..0x2030).filter_map(char::from_u32).chain(['\u{10ffff}', '😀']).collect();
        for text in ["", "a", "\"", "\\", "\u{0}a\u{1f}\n", &every] {
            let mut out = Vec::new();
            string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            assert_eq!(lines(&out), 1, "{text:?}");
        }
        for value in [0, 9, 10, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(serde_json::from_slice::<u64>(&out).unwrap(), value);
        }
    }

    /// What looks at eight bytes at once does as what looks at each: for every byte at every place in texts of every length.
    #[test]
    fn eight_bytes_at_once_are_escaped_as_each_alone() {
        for len in (0..20).chain([31, 32, 33, 70]) {
            for at in 0..len {
                for c in
                    (0..=0x7f).chain([0x84, 0x85, 0xe9, 0x2027, 0x2028, 0x2029]).filter_map(char::from_u32)
                {
                    for fill in ['a', 'é', '~', '!', '\u{a8}', '—'] {
                        let text: String = (0..len).map(|place| if place == at { c } else { fill }).collect();
                        let (mut fast, mut plain) = (Vec::new(), Vec::new());
                        escaped(&mut fast, &text);
                        escape_each(&mut plain, &text);
                        assert_eq!(fast, plain, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn free_json_is_on_one_line() {
        let mut out = Vec::new();
        raw(&mut out, &Json::from_text("{\n\"a\":\r\n \"\\n\"}").unwrap());
        assert_eq!(out, b"{ \"a\":   \"\\n\"}");
        let separators = "[\"a\u{85}\u{2028}b\u{2029}\", \"«—»\"]";
        let mut out = Vec::new();
        raw(&mut out, &Json::from_text(separators).unwrap());
        assert_eq!(lines(&out), 1);
        assert!(out.ends_with("\\u2029\", \"«—»\"]".as_bytes()));
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read, serde_json::from_str::<serde_json::Value>(separators).unwrap());
    }
}
