use bedrock_stream_core::converse::TextDeltaKind;
use bedrock_stream_core::json::{Quoted, Scanner};

/// A payload that contains only a piece of text, reasoning or arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScannedDelta<'a> {
    pub(super) block: u32,
    pub(super) kind: TextDeltaKind,
    /// The payload is such a piece only if its escapes are valid.
    pub(super) text: Quoted<'a>,
}

/// The fast path for a payload that contains only a piece of text, reasoning or arguments, as nearly every payload
/// does. `None`: it must be read member by member, as by [`piece`](super::delta::piece), which serves as the oracle
/// here.
pub(super) fn scan_delta(payload: &str) -> Option<ScannedDelta<'_>> {
    scan_usual(payload).or_else(|| scan_members(payload))
}

/// The same for members in Anthropic's own order, without spaces: comparing whole names takes half the time of finding them.
fn scan_usual(payload: &str) -> Option<ScannedDelta<'_>> {
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.literal(br#"{"type":"content_block_delta","index":"#)?;
    let block = scanner.index()?;
    scanner.literal(br#","delta":{"type":""#)?;
    let kind = if scanner.literal(br#"text_delta","text":"#).is_some() {
        TextDeltaKind::Text
    } else if scanner.literal(br#"input_json_delta","partial_json":"#).is_some() {
        TextDeltaKind::ToolInput
    } else {
        scanner.literal(br#"thinking_delta","thinking":"#)?;
        TextDeltaKind::Reasoning
    };
    let text = scanner.quoted_of(payload)?;
    (scanner.rest() == b"}}").then_some(ScannedDelta { block, kind, text })
}

/// The fast way for the end of a block that says nothing but the block's index, as Anthropic writes it: an answer of many calls has
/// many. `None`: it has to be read member by member.
pub(super) fn scan_stop(payload: &str) -> Option<u32> {
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.literal(br#"{"type":"content_block_stop","index":"#)?;
    let index = scanner.index()?;
    scanner.spaces();
    (scanner.rest() == b"}").then_some(index)
}

/// [`scan_delta`] for members in any order.
fn scan_members(payload: &str) -> Option<ScannedDelta<'_>> {
    let (mut is_delta, mut block, mut piece) = (false, None, None);
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.object(|scanner, name| {
        match name {
            b"\"type\"" if !is_delta => {
                scanner.literal(b"\"content_block_delta\"")?;
                is_delta = true;
            }
            b"\"index\"" if block.is_none() => block = Some(scanner.index()?),
            b"\"delta\"" if piece.is_none() => piece = Some(scan_piece(scanner, payload)?),
            _ => return None,
        }
        Some(())
    })?;
    let (kind, text) = piece.filter(|_| is_delta && scanner.rest().is_empty())?;
    Some(ScannedDelta { block: block?, kind, text })
}

/// The value of `delta`.
fn scan_piece<'a>(scanner: &mut Scanner<'a>, payload: &'a str) -> Option<(TextDeltaKind, Quoted<'a>)> {
    let (mut kind, mut text) = (None, None);
    scanner.object(|scanner, name| {
        let of = match name {
            b"\"type\"" if kind.is_none() => {
                kind = Some(match scanner.plain_string()? {
                    b"\"text_delta\"" => TextDeltaKind::Text,
                    b"\"input_json_delta\"" => TextDeltaKind::ToolInput,
                    b"\"thinking_delta\"" => TextDeltaKind::Reasoning,
                    _ => return None,
                });
                return Some(());
            }
            b"\"text\"" => TextDeltaKind::Text,
            b"\"partial_json\"" => TextDeltaKind::ToolInput,
            b"\"thinking\"" => TextDeltaKind::Reasoning,
            _ => return None,
        };
        if text.is_some() {
            return None;
        }
        text = Some((of, scanner.quoted_of(payload)?));
        Some(())
    })?;
    text.filter(|(of, _)| Some(*of) == kind)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use bedrock_stream_core::converse::{ContentBlockDelta, Delta, TextDelta, ToolUseDelta};
    use proptest::prelude::*;

    use super::{scan_delta, scan_members, scan_stop, scan_usual};
    use crate::decode::members::{members_of, take};
    use crate::decode::messages::delta::{Piece, piece};
    use bedrock_stream_tests::{check_scan, escaped_text};

    /// Reads a payload member by member.
    fn read(payload: &str) -> Option<ContentBlockDelta> {
        let mut members = members_of(payload).ok()?;
        let kind: Option<String> = take(&mut members, "type").ok()?;
        let mut event = ContentBlockDelta::default();
        event.content_block_index = take(&mut members, "index").ok()?;
        let (delta, other) = match piece(&members.take("delta")?).ok()? {
            Piece::Known(delta, other) => (delta, other),
            Piece::Arguments(piece, other) => (Delta::from(ToolUseDelta::new(piece)), other),
            Piece::Unknown(_) => return None,
        };
        event.delta = Some(delta);
        (kind? == "content_block_delta" && members.is_empty() && other.is_empty()).then_some(event)
    }

    /// Asserts that a payload that the scan reads is read the same member by member. Returns whether the scan reads it.
    fn check(payload: &str) -> bool {
        let scanned: Option<ContentBlockDelta> = scan_delta(payload).and_then(|delta| {
            let text = delta.text.into_string()?;
            Some(TextDelta { block: delta.block, kind: delta.kind, text }.into())
        });
        if scanned.is_some() {
            assert_eq!(scanned, read(payload), "{payload}");
        }
        if let Some(usual) = scan_usual(payload) {
            assert_eq!(Some(usual), scan_members(payload), "{payload}");
        }
        scanned.is_some()
    }

    #[test]
    fn the_usual_payloads_are_scanned() {
        for delta in [
            r#"{"type":"text_delta","text":"a\n\ud83d é"}"#,
            r#"{"text":"","type":"text_delta"}"#,
            r#"{ "type" : "input_json_delta" , "partial_json" : "{\"a\"" }"#,
            r#"{"type":"thinking_delta","thinking":"hm"}"#,
        ] {
            for payload in [
                format!(r#"{{"type":"content_block_delta","index":3,"delta":{delta}}}"#),
                format!(r#"{{"delta":{delta},"index":3,"type":"content_block_delta"    }}"#),
            ] {
                assert!(check(&payload), "{payload}");
            }
        }
    }

    #[test]
    fn anthropic_s_own_order_is_compared_at_once() {
        for delta in [
            r#"{"type":"text_delta","text":"a\n\ud83d é"}"#,
            r#"{"type":"input_json_delta","partial_json":""}"#,
            r#"{"type":"thinking_delta","thinking":"hm"}"#,
        ] {
            let payload = format!(r#"{{"type":"content_block_delta","index":12,"delta":{delta}}}"#);
            assert!(scan_usual(&payload).is_some() && check(&payload), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_other() {
        for payload in [
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","new":1}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"new":1}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"index":1}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","thinking":"b"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","text":"b"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","thinking":"b"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","text":"a"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"text":"a"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}"#,
            r#"{"index":0,"delta":{"type":"text_delta","text":"a"}}"#,
            r#"{"type":"message_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}} x"#,
        ] {
            assert_eq!(scan_delta(payload), None, "{payload}");
        }
    }

    /// Ends of blocks, most with one character changed: if the scan reads one, it reads the same.
    #[test]
    fn a_stop_agrees_with_the_other() {
        let check = |payload: &str| {
            let scanned = scan_stop(payload);
            if scanned.is_some() {
                let mut members = members_of(payload).unwrap();
                let kind: Option<String> = take(&mut members, "type").unwrap();
                assert_eq!(take(&mut members, "index").unwrap(), scanned, "{payload}");
                assert!(kind.as_deref() == Some("content_block_stop") && members.is_empty(), "{payload}");
            }
            scanned.is_some()
        };
        let spaces = prop::sample::select(&["", " ", "      "][..]);
        let payload = (0..200_u32, spaces).prop_map(|(index, spaces)| {
            format!(r#"{{"type":"content_block_stop","index":{index}{spaces}}}"#)
        });
        check_scan(payload, check);
    }

    /// Payloads, most with one character changed: if the scan reads one, it reads the same.
    #[test]
    fn agrees_with_the_other() {
        let text = escaped_text();
        let names = prop::sample::select(
            &[("text_delta", "text"), ("input_json_delta", "partial_json"), ("thinking_delta", "thinking")][..],
        );
        let payload = (text, names, 0..200_u32, any::<bool>()).prop_map(
            |(text, (kind, name), index, is_sorted)| {
                if is_sorted {
                    format!(r#"{{"delta":{{"{name}":"{text}","type":"{kind}"}},"index":{index},"type":"content_block_delta"}}"#)
                } else {
                    format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{name}":"{text}"}} }}"#)
                }
            },
        );
        check_scan(payload, check);
    }
}
