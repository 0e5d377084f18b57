//! The fast path for deltas. Nearly every event of an answer is a piece of text, reasoning or tool arguments, written
//! the same way each time. Reading those by hand is several times faster than serde, which reads everything else and
//! serves as the oracle here. A [`TextDelta`] is also a third of the size of a [`ContentBlockDelta`], which matters
//! because it is moved several times. `Chunker::apply_text_delta` then returns its chunk without the queue, which would
//! take a tenth of the time. After that, all deltas take the same path, however they were read:
//! `OpenBlock::text_delta`.
//!
//! The scan may be stricter than serde, but never more lenient, and must read the same event: the tests here, the one
//! in `chunk_decoder.rs` and the fuzz target `delta_scan` compare the two. A new shape is worth a branch only if it
//! appears hundreds of times in an answer.

use alloc::string::String;

use super::block_events::{ContentBlockDelta, Delta, ReasoningDelta, ToolUseDelta};
use crate::json::{Fields, Scanner};

/// A delta that is only a piece of text, of reasoning or of a tool's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct TextDelta {
    /// The block's index.
    pub block: u32,
    /// What kind of piece it is.
    pub kind: TextDeltaKind,
    /// The piece.
    pub text: String,
}

impl TextDelta {
    /// The length of its tool arguments, in bytes; 0 for other kinds.
    pub(crate) fn arguments_len(&self) -> usize {
        match self.kind {
            TextDeltaKind::ToolInput => self.text.len(),
            TextDeltaKind::Text | TextDeltaKind::Reasoning => 0,
        }
    }
}

/// The kind of a [`TextDelta`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum TextDeltaKind {
    /// Text.
    Text,
    /// A tool call's arguments.
    ToolInput,
    /// Reasoning.
    Reasoning,
}

/// Reads a delta that is written exactly as Bedrock writes it. `None` for anything else, which serde must read.
#[inline]
pub(crate) fn scan_delta(payload: &[u8]) -> Option<TextDelta> {
    let mut rest = Scanner::new(payload);
    rest.literal(b"{\"contentBlockIndex\":")?;
    let block = rest.index()?;
    rest.literal(b",\"delta\":{")?;
    let (kind, text) = if rest.literal(b"\"text\":").is_some() {
        (TextDeltaKind::Text, rest.string()?)
    } else if rest.literal(b"\"toolUse\":{\"input\":").is_some() {
        let input = rest.string()?;
        rest.literal(b"}")?;
        (TextDeltaKind::ToolInput, input)
    } else {
        rest.literal(b"\"reasoningContent\":{\"text\":")?;
        let text = rest.string()?;
        rest.literal(b"}")?;
        (TextDeltaKind::Reasoning, text)
    };
    rest.literal(b"}")?;
    if rest.literal(b",\"p\":\"").is_some() {
        let padding = rest.rest().strip_suffix(b"\"}")?;
        if PADDING.as_bytes().get(..padding.len())? != padding {
            return None;
        }
    } else if rest.rest() != b"}" {
        return None;
    }
    Some(TextDelta { block, kind, text })
}

impl From<TextDelta> for ContentBlockDelta {
    fn from(TextDelta { block, kind, text }: TextDelta) -> Self {
        let delta = match kind {
            TextDeltaKind::Text => Delta::Text(text),
            TextDeltaKind::ToolInput => {
                Delta::ToolUse(ToolUseDelta { input: Some(text), other: Fields::new() })
            }
            TextDeltaKind::Reasoning => Delta::Reasoning(ReasoningDelta::Text(text)),
        };
        Self { content_block_index: Some(block), delta: Some(delta), other: Fields::new() }
    }
}

/// The member `p` of Bedrock's events, which hides their length, is a prefix of this.
///
/// Source: observed responses of Bedrock.
#[doc(hidden)]
pub const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests {
    use alloc::format;

    use bedrock_stream_tests::{check_scan, escaped_text};
    use proptest::prelude::*;

    use super::{PADDING, scan_delta};
    use crate::converse::ContentBlockDelta;

    /// Asserts that serde reads the same as the scan, if the scan reads it at all. Returns whether it does.
    fn check(payload: &str) -> bool {
        let event = scan_delta(payload.as_bytes()).map(ContentBlockDelta::from);
        if let Some(event) = &event {
            assert_eq!(
                serde_json::from_str::<ContentBlockDelta>(payload).as_ref().unwrap(),
                event,
                "{payload}"
            );
        }
        event.is_some()
    }

    #[test]
    fn deltas_as_bedrock_writes_them_are_scanned() {
        for delta in [
            r#"{"text":"Hello, \"w\u00f6rld\" \ud83d\ude00 é"}"#,
            r#"{"text":""}"#,
            r#"{"toolUse":{"input":"{\"city\": \"Par"}}"#,
            r#"{"reasoningContent":{"text":"hmm"}}"#,
        ] {
            for padding in ["", r#","p":"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP""#] {
                let payload = format!(r#"{{"contentBlockIndex":12,"delta":{delta}{padding}}}"#);
                assert!(scan_delta(payload.as_bytes()).is_some(), "{payload}");
                check(&payload);
            }
        }
    }

    #[test]
    fn invalid_json_is_left_to_serde() {
        for (index, delta, rest) in [
            ("01", r#"{"text":"a"}"#, "}"),
            ("", r#"{"text":"a"}"#, "}"),
            ("4294967296", r#"{"text":"a"}"#, "}"),
            ("0", r#"{"text":"\x"}"#, "}"),
            ("0", r#"{"text":"\u+123"}"#, "}"),
            ("0", "{\"text\":\"tab\t\"}", "}"),
            ("0", r#"{"text":"a"}"#, r#","p":"\x"}"#),
            ("0", r#"{"text":"a"}"#, "} }"),
            ("0", r#"{"text":"a","text":"b"}"#, "}"),
            ("0", r#"{"text":"a\"}"#, "}"),
        ] {
            let payload = format!(r#"{{"contentBlockIndex":{index},"delta":{delta}{rest}"#);
            assert!(scan_delta(payload.as_bytes()).is_none(), "{payload}");
        }
    }

    /// Payloads as Bedrock writes them, most with one character changed: whatever the scan still reads, serde reads
    /// the same.
    #[test]
    fn agrees_with_serde() {
        let delta = (escaped_text(), 0..3_usize).prop_map(|(text, kind)| match kind {
            0 => format!(r#"{{"text":"{text}"}}"#),
            1 => format!(r#"{{"toolUse":{{"input":"{text}"}}}}"#),
            _ => format!(r#"{{"reasoningContent":{{"text":"{text}"}}}}"#),
        });
        let padding = (0..PADDING.len()).prop_map(|len| &PADDING[..len]);
        let payload = (0..2_000_u32, delta, prop::option::of(padding)).prop_map(|(block, delta, padding)| {
            let padding = padding.map(|padding| format!(r#","p":"{padding}""#)).unwrap_or_default();
            format!(r#"{{"contentBlockIndex":{block},"delta":{delta}{padding}}}"#)
        });
        check_scan(payload, check);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_on_texts(text in "[ -~é😀\u{1}\n]{0,40}", escaped in "([a-z]|\\\\[\"\\\\/bfnrtux]|\\\\u[dD0][8-9a-f+][0-9]{2}){0,12}") {
            let quoted = serde_json::to_string(&text).unwrap();
            for text in [quoted, format!("\"{escaped}\"")] {
                let payload = format!(r#"{{"contentBlockIndex":0,"delta":{{"text":{text}}},"p":"ab"}}"#);
                check(&payload);
                if serde_json::from_str::<ContentBlockDelta>(&payload).is_ok() {
                    prop_assert!(scan_delta(payload.as_bytes()).is_some(), "{}", payload);
                }
            }
        }
    }
}
