use bedrock_stream_core::json::{Quoted, Scanner};

use super::event::EventType;

/// An event that contains only a piece of text or of arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScannedDelta<'a> {
    pub(super) kind: EventType,
    pub(super) sequence_number: Option<u32>,
    pub(super) output_index: Option<u32>,
    pub(super) content_index: Option<u32>,
    pub(super) summary_index: Option<u32>,
    /// The event is such a piece only if its escapes are valid.
    pub(super) delta: Quoted<'a>,
}

/// The fast path for such an event, as nearly every event is. `None`: serde must read it as a
/// [`ResponsesEvent`](super::event::ResponsesEvent), which serves as the oracle here.
pub(super) fn scan_delta(payload: &str) -> Option<ScannedDelta<'_>> {
    scan_usual(payload).or_else(|| scan_members(payload))
}

/// The same for members in OpenAI's own order, without spaces: comparing whole names takes half the time of finding them.
fn scan_usual(payload: &str) -> Option<ScannedDelta<'_>> {
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.literal(br#"{"type":"response."#)?;
    let kind = if scanner.literal(br#"output_text.delta","#).is_some() {
        EventType::OutputTextDelta
    } else if scanner.literal(br#"function_call_arguments.delta","#).is_some() {
        EventType::FunctionCallArgumentsDelta
    } else if scanner.literal(br#"reasoning_text.delta","#).is_some() {
        EventType::ReasoningTextDelta
    } else {
        scanner.literal(br#"reasoning_summary_text.delta","#)?;
        EventType::ReasoningSummaryTextDelta
    };
    scanner.literal(br#""sequence_number":"#)?;
    let sequence_number = Some(scanner.index()?);
    scanner.literal(br#","item_id":"#)?;
    scanner.plain_string()?;
    scanner.literal(br#","output_index":"#)?;
    let output_index = Some(scanner.index()?);
    let number = |scanner: &mut Scanner<'_>, name: &[u8]| match scanner.literal(name) {
        Some(()) => scanner.index().map(Some),
        None => Some(None),
    };
    let content_index = number(&mut scanner, br#","content_index":"#)?;
    let summary_index = number(&mut scanner, br#","summary_index":"#)?;
    scanner.literal(br#","delta":"#)?;
    let delta = scanner.quoted_of(payload)?;
    // Neither is always there.
    let _ = scanner.literal(br#","logprobs":[]"#);
    if scanner.literal(br#","obfuscation":"#).is_some() {
        scanner.plain_string()?;
    }
    (scanner.rest() == b"}").then_some(ScannedDelta {
        kind,
        sequence_number,
        output_index,
        content_index,
        summary_index,
        delta,
    })
}

/// The same for members in any order.
fn scan_members(payload: &str) -> Option<ScannedDelta<'_>> {
    let (mut kind, mut delta) = (None, None);
    let (mut sequence_number, mut output_index, mut content_index, mut summary_index) =
        (None, None, None, None);
    let (mut has_id, mut has_logprobs, mut has_padding) = (false, false, false);
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.object(|scanner, name| {
        let number = match name {
            b"\"type\"" if kind.is_none() => {
                kind = Some(match scanner.plain_string()? {
                    b"\"response.output_text.delta\"" => EventType::OutputTextDelta,
                    b"\"response.reasoning_text.delta\"" => EventType::ReasoningTextDelta,
                    b"\"response.reasoning_summary_text.delta\"" => EventType::ReasoningSummaryTextDelta,
                    b"\"response.function_call_arguments.delta\"" => EventType::FunctionCallArgumentsDelta,
                    _ => return None,
                });
                return Some(());
            }
            b"\"delta\"" if delta.is_none() => {
                delta = Some(scanner.quoted_of(payload)?);
                return Some(());
            }
            b"\"item_id\"" if !has_id => {
                has_id = true;
                return scanner.plain_string().map(|_| ());
            }
            b"\"obfuscation\"" if !has_padding => {
                has_padding = true;
                return scanner.plain_string().map(|_| ());
            }
            b"\"logprobs\"" if !has_logprobs => {
                has_logprobs = true;
                return scanner.literal(b"[]");
            }
            b"\"sequence_number\"" => &mut sequence_number,
            b"\"output_index\"" => &mut output_index,
            b"\"content_index\"" => &mut content_index,
            b"\"summary_index\"" => &mut summary_index,
            _ => return None,
        };
        if number.is_some() {
            return None;
        }
        *number = Some(scanner.index()?);
        Some(())
    })?;
    if !scanner.rest().is_empty() {
        return None;
    }
    Some(ScannedDelta {
        kind: kind?,
        sequence_number,
        output_index,
        content_index,
        summary_index,
        delta: delta?,
    })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::{ScannedDelta, scan_delta, scan_members, scan_usual};
    use crate::decode::responses::event::ResponsesEvent;
    use bedrock_stream_tests::{check_scan, escaped_text};

    /// Asserts that serde reads the same as the scan, if the scan reads it at all. Returns whether it does.
    fn check(payload: &str) -> bool {
        if let Some(usual) = scan_usual(payload) {
            assert_eq!(Some(usual), scan_members(payload), "{payload}");
        }
        let Some(scanned) = scan_delta(payload) else { return false };
        let Some(delta) = scanned.delta.into_string() else { return false };
        let event: ResponsesEvent = serde_json::from_str(payload).unwrap();
        assert_eq!(event.delta, Some(delta), "{payload}");
        let read = ScannedDelta {
            kind: event.kind.clone(),
            sequence_number: event.sequence_number.as_ref().map(|number| number.parse().unwrap()),
            output_index: event.output_index,
            content_index: event.content_index,
            summary_index: event.summary_index,
            delta: scanned.delta,
        };
        assert_eq!(scanned, read, "{payload}");
        // It contains nothing else.
        let mut rest = event;
        rest.kind = ResponsesEvent::default().kind;
        (rest.sequence_number, rest.output_index, rest.content_index) = (None, None, None);
        (rest.summary_index, rest.delta) = (None, None);
        assert!(rest.logprobs.take().is_none_or(|logprobs| logprobs.is_empty()), "{payload}");
        assert_eq!(rest, ResponsesEvent::default(), "{payload}");
        true
    }

    #[test]
    fn the_usual_payloads_are_scanned() {
        for payload in [
            r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68","output_index":0,"content_index":0,"delta":"In\n","logprobs":[],"obfuscation":"ab"}"#,
            r#"{"content_index":0,"delta":" `","item_id":"msg_b9","logprobs":[],"obfuscation":"","output_index":1,"sequence_number":10,"type":"response.output_text.delta"}"#,
            r#"{"type": "response.reasoning_text.delta", "output_index": 0, "delta": "2"}"#,
            r#"{"type":"response.reasoning_summary_text.delta","summary_index":1,"delta":"é"}"#,
            r#"{"type":"response.function_call_arguments.delta","delta":"{\"city\"","item_id":"fc","output_index":1,"sequence_number":5}"#,
        ] {
            assert!(check(payload), "{payload}");
        }
    }

    #[test]
    fn openai_s_own_order_is_compared_at_once() {
        for payload in [
            r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68","output_index":0,"content_index":0,"delta":"In\n","logprobs":[],"obfuscation":"ab"}"#,
            r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68","output_index":0,"content_index":0,"delta":"é","logprobs":[]}"#,
            r#"{"type":"response.reasoning_text.delta","sequence_number":4,"item_id":"rs","output_index":0,"content_index":0,"delta":"a"}"#,
            r#"{"type":"response.reasoning_summary_text.delta","sequence_number":4,"item_id":"rs","output_index":0,"summary_index":1,"delta":"a","obfuscation":""}"#,
            r#"{"type":"response.function_call_arguments.delta","sequence_number":4,"item_id":"fc","output_index":1,"delta":"{\"city\""}"#,
        ] {
            assert!(scan_usual(payload).is_some() && check(payload), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_left_to_serde() {
        for payload in [
            r#"{"type":"response.output_text.delta","delta":"a","logprobs":[{"token":"a"}]}"#,
            r#"{"type":"response.output_text.delta","delta":"a","new":1}"#,
            r#"{"type":"response.output_text.delta","delta":"a","delta":"b"}"#,
            r#"{"type":"response.output_text.delta","delta":"a","item_id":"\x"}"#,
            r#"{"type":"response.output_text.delta","output_index":-1,"delta":"a"}"#,
            r#"{"type":"response.output_text.delta","output_index":1.0,"delta":"a"}"#,
            r#"{"type":"response.output_text.delta","output_index":0,"output_index":0,"delta":"a"}"#,
            r#"{"type":"response.output_text.done","delta":"a"}"#,
            r#"{"type":"response.output_text.delta"}"#,
            r#"{"type":"response.output_text.delta","delta":null}"#,
            r#"{"delta":"a"}"#,
        ] {
            assert_eq!(scan_delta(payload), None, "{payload}");
        }
    }

    /// Payloads, most with one character changed: if the scan still reads one, serde reads the same.
    #[test]
    fn agrees_with_serde() {
        let text = escaped_text();
        let kind = prop::sample::select(
            &["output_text", "reasoning_text", "reasoning_summary_text", "function_call_arguments"][..],
        );
        let payload = (text, kind, 0..2_000_u32, 0..3_u32).prop_map(
            |(text, kind, number, order)| {
                if order == 0 {
                    format!(r#"{{"type":"response.{kind}.delta","sequence_number":{number},"item_id":"m","output_index":1,"content_index":0,"delta":"{text}","logprobs":[],"obfuscation":"ab"}}"#)
                } else if order == 1 {
                    format!(r#"{{"content_index":0,"delta":"{text}","item_id":"m","logprobs":[],"obfuscation":"ab","output_index":1,"sequence_number":{number},"type":"response.{kind}.delta"}}"#)
                } else {
                    format!(r#"{{"type":"response.{kind}.delta","sequence_number":{number},"output_index":0,"summary_index":1,"delta":"{text}"}}"#)
                }
            },
        );
        check_scan(payload, check);
    }
}
