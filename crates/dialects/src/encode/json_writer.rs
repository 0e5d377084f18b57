//! Appends JSON to bytes.

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
    out.reserve(text.len());
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1f => &[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]],
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[written..at]);
        out.extend_from_slice(escape);
        written = at + 1;
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

/// Appends JSON unchanged, but on one line: line breaks, which can only be white space between tokens, become spaces.
pub(crate) fn raw(out: &mut Vec<u8>, json: &Json) {
    out.extend(json.as_str().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
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

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use bedrock_stream_core::json::Json;

    use super::{number, raw, string};

    #[test]
    fn strings_and_numbers_are_those_of_serde() {
        let every: String = (0..0x2030).filter_map(char::from_u32).chain(['\u{10ffff}', '😀']).collect();
        for text in ["", "a", "\"", "\\", "\u{0}a\u{1f}\n", &every] {
            let mut out = Vec::new();
            string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            assert!(!out.contains(&b'\n') && !out.contains(&b'\r'));
        }
        for value in [0, 9, 10, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(serde_json::from_slice::<u64>(&out).unwrap(), value);
        }
    }

    #[test]
    fn free_json_is_on_one_line() {
        let mut out = Vec::new();
        raw(&mut out, &Json::from_text("{\n\"a\":\r\n \"\\n\"}").unwrap());
        assert_eq!(out, b"{ \"a\":   \"\\n\"}");
    }
}
