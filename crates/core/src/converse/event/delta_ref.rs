//! The first fast path for deltas: a block index of one or two digits, and the head compared as words. It copies nothing, so a
//! delta takes a third of the instructions that [`scan_delta`](super::delta_scan::scan_delta) needs. That one reads what
//! this one leaves, and is its oracle.

use alloc::vec::Vec;
use core::ops::Range;

use super::delta_scan::{PADDING, TextDeltaKind};
use crate::json::{plain_len, plain_len_of_word};

/// A delta that is only a piece of text, of reasoning or of a tool's arguments: a borrowed
/// [`TextDelta`](super::TextDelta).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeltaRef<'a> {
    pub(crate) block: u32,
    pub(crate) kind: TextDeltaKind,
    pub(crate) text: &'a str,
}

impl<'a> DeltaRef<'a> {
    /// Reads a delta's payload. A text with escapes is written to the front of `unescaped`, and borrowed from there. `None`: `scan_delta` must read it.
    #[inline]
    pub(crate) fn scan(payload: &'a [u8], unescaped: &'a mut Vec<u8>) -> Option<Self> {
        let (block, kind, rest) = split_head(payload)?;
        let (plain, after) = rest.split_at(plain_len(rest));
        let (text, after) =
            if after.first() == Some(&b'\\') { unescape(rest, unescaped)? } else { (plain, after) };
        if !is_end(kind, after) {
            return None;
        }
        // An escape is ASCII before and after, so checking the result checks the source.
        let text = core::str::from_utf8(text).ok()?;
        Some(Self { block, kind, text })
    }
}

/// A delta whose text has no escapes, by the place of the text in the payload: for a long payload, which is turned into
/// the text.
#[derive(Debug)]
pub(crate) struct PlainDelta {
    pub(crate) block: u32,
    pub(crate) kind: TextDeltaKind,
    /// Where the text is in the payload, in bytes. It is UTF-8.
    pub(crate) text: Range<usize>,
}

impl PlainDelta {
    /// Finds the text of a delta's payload. `None`: it has escapes, or `scan_delta` must read it.
    pub(crate) fn find(payload: &[u8]) -> Option<Self> {
        let (block, kind, rest) = split_head(payload)?;
        let start = payload.len() - rest.len();
        let (text, rest) = rest.split_at(plain_len(rest));
        let is_plain = is_end(kind, rest) && core::str::from_utf8(text).is_ok();
        is_plain.then_some(Self { block, kind, text: start..start + text.len() })
    }
}

/// The block and the kind of a delta, and the payload from the first character of the text.
#[inline]
fn split_head(payload: &[u8]) -> Option<(u32, TextDeltaKind, &[u8])> {
    let (head, rest) = payload.split_first_chunk()?;
    let (block, rest) = match block_index(head) {
        Some(block) => (block, rest),
        None => two_digit_index(payload)?,
    };
    Some(if let Some(rest) = rest.strip_prefix(b"\"text\":\"") {
        (block, TextDeltaKind::Text, rest)
    } else if let Some(rest) = rest.strip_prefix(b"\"toolUse\":{\"input\":\"") {
        (block, TextDeltaKind::ToolInput, rest)
    } else {
        (block, TextDeltaKind::Reasoning, rest.strip_prefix(b"\"reasoningContent\":{\"text\":\"")?)
    })
}

/// Writes the text at the front of `rest` to the front of `buffer`, which never becomes shorter, so that it need not be
/// filled again. Returns the text, and what follows it.
fn unescape<'a>(mut rest: &'a [u8], buffer: &'a mut Vec<u8>) -> Option<(&'a [u8], &'a [u8])> {
    if rest.len() > MAX_UNESCAPED {
        return None;
    }
    if buffer.len() < rest.len() {
        buffer.resize(rest.len(), 0);
    }
    // There is always room for `rest`: nothing that is written is longer than what it stands for.
    let mut len = 0;
    loop {
        let plain = match (rest.first_chunk(), buffer[len..].first_chunk_mut()) {
            (Some(word), Some(room)) => {
                // Those after the plain ones are overwritten next. A call to copy a few bytes takes longer than this.
                *room = *word;
                plain_len_of_word(*word)
            }
            _ => {
                let plain = plain_len(rest);
                buffer[len..len + plain].copy_from_slice(&rest[..plain]);
                plain
            }
        };
        len += plain;
        rest = &rest[plain..];
        if plain == 8 {
            continue;
        }
        let [b'\\', escape, after @ ..] = rest else { return Some((&buffer[..len], rest)) };
        buffer[len] = match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            // `\u` is rare.
            _ => return None,
        };
        len += 1;
        rest = after;
    }
}

/// The one digit in the head of a delta's payload; everything else in it must be as in [`HEAD`].
#[inline]
fn block_index(head: &[u8; HEAD.len()]) -> Option<u32> {
    let digit = head[DIGIT].wrapping_sub(b'0');
    // Without branches, so that the compiler compares words.
    let differs = (0..HEAD.len()).filter(|&at| at != DIGIT).fold(0, |bits, at| bits | (head[at] ^ HEAD[at]));
    (differs == 0 && digit <= 9).then_some(u32::from(digit))
}

/// An index of two digits, and what follows the head: an agent's answer can have more than ten blocks.
fn two_digit_index(payload: &[u8]) -> Option<(u32, &[u8])> {
    let (before, rest) = payload.split_at_checked(DIGIT)?;
    let (&[tens @ b'1'..=b'9', units @ b'0'..=b'9'], rest) = rest.split_first_chunk()? else { return None };
    let rest = rest.strip_prefix(&HEAD[DIGIT + 1..])?;
    (before == &HEAD[..DIGIT]).then_some((u32::from(tens - b'0') * 10 + u32::from(units - b'0'), rest))
}

/// Whether this ends a payload after its text: a quote and the braces, with Bedrock's padding before the last one or
/// without.
#[inline]
fn is_end(kind: TextDeltaKind, rest: &[u8]) -> bool {
    let end: &[u8] = match kind {
        TextDeltaKind::Text => b"\"}",
        TextDeltaKind::ToolInput | TextDeltaKind::Reasoning => b"\"}}",
    };
    let Some(rest) = rest.strip_prefix(end) else { return false };
    match rest.strip_prefix(b",\"p\":\"") {
        Some(padded) => {
            padded.strip_suffix(b"\"}").is_some_and(|padding| PADDING.as_bytes().starts_with(padding))
        }
        None => rest == b"}",
    }
}

const HEAD: &[u8; 32] = b"{\"contentBlockIndex\":0,\"delta\":{";
/// Where the index is in [`HEAD`].
const DIGIT: usize = 21;
/// The longest text with escapes and what follows it, in bytes, so that the buffer that a decoder keeps for them stays small.
const MAX_UNESCAPED: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use bedrock_stream_tests::{check_scan, escaped_text};
    use proptest::prelude::*;

    use super::super::delta_scan::{PADDING, TextDelta, scan_delta};
    use super::{DeltaRef, MAX_UNESCAPED};

    fn scan(payload: &str) -> Option<TextDelta> {
        let mut unescaped = Vec::from("the last text");
        let delta = DeltaRef::scan(payload.as_bytes(), &mut unescaped)?;
        Some(TextDelta { block: delta.block, kind: delta.kind, text: delta.text.to_string() })
    }

    /// Asserts that the plain scan reads the same, if this one reads it at all. Returns whether it does.
    fn check(payload: &str) -> bool {
        let delta = scan(payload);
        if delta.is_some() {
            assert_eq!(delta, scan_delta(payload.as_bytes()), "{payload}");
        }
        delta.is_some()
    }

    fn delta() -> impl Strategy<Value = String> {
        (escaped_text(), 0..3_usize).prop_map(|(text, kind)| match kind {
            0 => format!(r#"{{"text":"{text}"}}"#),
            1 => format!(r#"{{"toolUse":{{"input":"{text}"}}}}"#),
            _ => format!(r#"{{"reasoningContent":{{"text":"{text}"}}}}"#),
        })
    }

    fn payload(blocks: core::ops::Range<u32>) -> impl Strategy<Value = String> {
        let padding = prop::option::of((0..=PADDING.len()).prop_map(|len| &PADDING[..len]));
        (blocks, delta(), padding).prop_map(|(block, delta, padding)| {
            let padding = padding.map(|padding| format!(r#","p":"{padding}""#)).unwrap_or_default();
            format!(r#"{{"contentBlockIndex":{block},"delta":{delta}{padding}}}"#)
        })
    }

    #[test]
    fn agrees_with_the_plain_scan_on_changed_payloads() {
        check_scan(payload(0..100), check);
    }

    #[test]
    fn what_is_not_usual_is_left_to_the_plain_scan() {
        for payload in [
            "",
            "{",
            r#"{"contentBlockIndex":0,"delta":{"#,
            r#"{"contentBlockIndex":0,"delta":{}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"#,
            r#"{"contentBlockIndex":0,"delta":{"text":""#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a\"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a\""#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a\"}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"\x"}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"\u0041"}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"}} "#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"},"p":"b"}"#,
            r#"{"contentBlockIndex":/,"delta":{"text":"a"}}"#,
            r#"{"contentBlockIndex"::,"delta":{"text":"a"}}"#,
            r#"{"contentBlockIndex":01,"delta":{"text":"a"}}"#,
            r#"{"contentBlockIndex":1:,"delta":{"text":"a"}}"#,
            r#"{"contentBlockIndex":123,"delta":{"text":"a"}}"#,
            "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"\t\"}}",
        ] {
            assert_eq!(scan(payload), None, "{payload}");
        }
        // With its escape and its end.
        let long = |len| {
            let text = "a".repeat(len - 5);
            format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"\n{text}"}}}}"#)
        };
        assert!(check(&long(MAX_UNESCAPED)));
        assert!(!check(&long(MAX_UNESCAPED + 1)));
        assert_eq!(scan_delta(long(MAX_UNESCAPED + 1).as_bytes()).unwrap().text.len(), MAX_UNESCAPED - 3);
    }

    proptest! {
        #[test]
        fn reads_what_the_plain_scan_reads(payload in payload(0..100)) {
            let plain = scan_delta(payload.as_bytes());
            if payload.contains("\\u") {
                check(&payload);
            } else {
                prop_assert_eq!(scan(&payload), plain);
            }
        }
    }
}
