use alloc::string::String;

use bedrock_stream_core::json::{Fields, Json, Quoted, Scanner};

use super::payload::{ChatCall, ChatChoice, ChatDelta, ChatFunction, ChatPayload};

/// The fast path for a piece of text, reasoning or arguments. Nearly every payload differs from the previous one only
/// in its piece, so the JSON around the piece is remembered; a payload with the same surroundings need not be parsed
/// again. Parsing serves as the oracle.
#[derive(Debug)]
pub(super) struct PlainDelta {
    kind: PlainKind,
    /// The text before the piece; empty: nothing is remembered.
    before: String,
    /// The text after it, up to the padding, if there is any.
    after: String,
    /// The text after the padding.
    end: Option<String>,
}

/// The kind of a payload's piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainKind {
    Content,
    Reasoning,
    /// Arguments of the call with that index.
    Arguments(u32),
}

impl PlainDelta {
    pub(super) const fn new() -> Self {
        Self { kind: PlainKind::Content, before: String::new(), after: String::new(), end: None }
    }

    /// The piece of a payload that differs from the remembered one only in that piece. `None`, or if the piece's escapes are
    /// not valid: the payload must be parsed.
    pub(super) fn piece<'a>(&self, text: &'a str) -> Option<(PlainKind, Quoted<'a>)> {
        if self.before.is_empty() {
            return None;
        }
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.literal(self.before.as_bytes())?;
        let piece = scanner.quoted_of(text)?;
        scanner.literal(self.after.as_bytes())?;
        if let Some(end) = &self.end {
            scanner.plain_string()?;
            scanner.literal(end.as_bytes())?;
        }
        scanner.rest().is_empty().then_some((self.kind, piece))
    }

    /// Remembers a parsed payload, if reading it again would only write its piece. `chosen` is the choice being read.
    pub(super) fn remember(&mut self, text: &str, payload: &ChatPayload, chosen: u32) {
        let Some((kind, key, piece)) = piece_of(payload, chosen) else { return };
        // No string in the payload can contain a key with its quotes and colon, since the quotes would be escaped.
        let Some(start) = text.find(key).map(|at| at + key.len()) else { return };
        // The piece may have been written differently, such as with white space before it.
        let Some(after) = text[start..].strip_prefix(piece.as_str()) else { return };
        let (after, end) = match padding_of(&payload.other) {
            None => (after, None),
            Some((key, padding)) => {
                let Some(at) = after.find(key).map(|at| at + key.len()) else { return };
                let Some(end) = after[at..].strip_prefix(padding.as_str()) else { return };
                (&after[..at], Some(end))
            }
        };
        if text.len() - piece.as_str().len() <= MAX_LEN {
            self.kind = kind;
            self.before.clear();
            self.before.push_str(&text[..start]);
            self.after.clear();
            self.after.push_str(after);
            self.end = end.map(Into::into);
        }
    }
}

/// The piece of a payload, and its key, if everything else in the payload is read only once.
fn piece_of(payload: &ChatPayload, chosen: u32) -> Option<(PlainKind, &'static str, &Json)> {
    let Some([choice]) = payload.choices.as_deref() else { return None };
    let ChatChoice {
        index,
        delta: Some(delta),
        message: None,
        text: None,
        finish_reason: None,
        stop_reason: None,
        other,
    } = choice
    else {
        return None;
    };
    let known = [
        &payload.id,
        &payload.object,
        &payload.created,
        &payload.model,
        &payload.service_tier,
        &payload.system_fingerprint,
        &delta.role,
    ];
    let are_scalars = known.into_iter().flatten().all(|value| !value.as_str().starts_with(['{', '[']));
    let are_null = all_null(other) && all_null(&delta.other) && all_null_but_padding(&payload.other);
    if index.unwrap_or(0) != chosen || payload.usage.is_some() || !are_scalars || !are_null {
        return None;
    }
    let ChatDelta { content, reasoning, reasoning_content, .. } = delta;
    let is_other_absent = delta.refusal.is_none()
        && delta.reasoning_details.is_none()
        && delta.function_call.is_none()
        && (delta.tool_calls.is_none() || is_blank(content));
    if !is_other_absent {
        return None;
    }
    let piece = match delta.tool_calls.as_deref() {
        Some([call]) if is_blank(content) && is_blank(reasoning) && is_blank(reasoning_content) => {
            let (index, arguments) = arguments_of(call)?;
            (PlainKind::Arguments(index), "\"arguments\":", arguments)
        }
        Some(_) => return None,
        None if is_blank(reasoning) && is_blank(reasoning_content) => {
            (PlainKind::Content, "\"content\":", content.as_ref()?)
        }
        None if is_blank(content) && is_blank(reasoning_content) => {
            (PlainKind::Reasoning, "\"reasoning\":", reasoning.as_ref()?)
        }
        None if is_blank(content) && is_blank(reasoning) => {
            (PlainKind::Reasoning, "\"reasoning_content\":", reasoning_content.as_ref()?)
        }
        None => return None,
    };
    piece.2.as_str().starts_with('"').then_some(piece)
}

/// The arguments of a call that has nothing else, and the call's index.
fn arguments_of(call: &ChatCall) -> Option<(u32, &Json)> {
    let ChatCall {
        index: Some(index),
        id: None,
        kind,
        function: Some(ChatFunction { name: None, arguments: Some(arguments), other: function_other }),
        custom: None,
        other,
    } = call
    else {
        return None;
    };
    let is_function = kind.as_deref().is_none_or(|kind| kind == "function");
    (is_function && all_null(other) && all_null(function_other)).then_some((*index, arguments))
}

/// The padding next to the choices, and its key.
fn padding_of(members: &Fields) -> Option<(&'static str, &Json)> {
    ["\"obfuscation\":", "\"p\":"]
        .into_iter()
        .find_map(|key| Some((key, members.value(key.trim_matches(['"', ':']))?)))
}

fn all_null_but_padding(members: &Fields) -> bool {
    let mut paddings = 0;
    let is_nothing = |(name, value): (&str, &Json)| {
        let is_padding = matches!(name, "obfuscation" | "p") && value.as_str().starts_with('"');
        paddings += usize::from(is_padding);
        is_padding || *value == Json::default()
    };
    members.iter().all(is_nothing) && paddings <= 1
}

fn all_null(members: &Fields) -> bool {
    members.iter().all(|(_, value)| *value == Json::default())
}

/// Whether it is absent or an empty string.
fn is_blank(text: &Option<Json>) -> bool {
    text.as_ref().is_none_or(|text| text.as_str() == "\"\"")
}

/// The maximum length of a payload that is remembered, in bytes, without its piece.
const MAX_LEN: usize = 4096;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{PlainDelta, PlainKind};
    use crate::decode::chat::payload::ChatPayload;

    fn remembered(text: &str) -> PlainDelta {
        let mut plain = PlainDelta::new();
        plain.remember(text, &serde_json::from_str(text).unwrap(), 0);
        plain
    }

    #[test]
    fn a_payload_with_another_piece_is_known() {
        for (before, kind, after) in [
            (
                r#"{"id":"c","choices":[{"delta":{"content":"#,
                PlainKind::Content,
                r#"},"finish_reason":null}],"odd":null}"#,
            ),
            (r#"{"choices":[{"delta":{"reasoning":"#, PlainKind::Reasoning, r#","content":""}}]}"#),
            (r#"{"choices":[{"delta":{"content":null,"reasoning_content":"#, PlainKind::Reasoning, "}}]}"),
            (
                r#"{"choices":[{"delta":{"tool_calls":[{"index":3,"function":{"arguments":"#,
                PlainKind::Arguments(3),
                "}}]}}]}",
            ),
        ] {
            let plain = remembered(&format!("{before}\"a\"{after}"));
            let next = |piece| {
                let text = format!("{before}{piece}{after}");
                let (kind, piece) = plain.piece(&text)?;
                Some((kind, piece.into_string()?))
            };
            let known = |piece: &str| Some((kind, String::from(piece)));
            assert_eq!(next(r#""é""#), known("é"), "{before}");
            assert_eq!(next(r#""""#), known(""));
            assert_eq!(next(r#""b\n\"""#), known("b\n\""));
            for piece in ["\"\n\"", r#"", "x":""#, r#""a","x":"b""#, "null", "1", r#""\x""#] {
                assert_eq!(next(piece), None, "{piece:?}");
            }
            assert_eq!(plain.piece(&format!("{before}\"a\"")), None, "it is cut");
            assert_eq!(plain.piece(&format!("{before}\"a\"{after}x")), None);
        }
    }

    #[test]
    fn padding_may_differ() {
        for name in ["obfuscation", "p"] {
            let before = r#"{"choices":[{"delta":{"content":"#;
            let text = |padding| format!(r#"{before}"a"}}}}],"usage":null,"{name}":{padding},"model":"m"}}"#);
            let plain = remembered(&text(r#""ab""#));
            assert!(plain.piece(&text(r#""c""#)).is_some(), "{name}");
            assert!(plain.piece(&text(r#""""#)).is_some());
            for padding in [r#""\x""#, "1", r#""","x":"""#, r#"""#] {
                assert_eq!(plain.piece(&text(padding)), None, "{padding}");
            }
        }
    }

    #[test]
    fn what_says_more_is_not_remembered() {
        for text in [
            r#"{"choices":[]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"a"},"stop_reason":1}]}"#,
            r#"{"choices":[{"delta":{"content":"a"},"odd":1}]}"#,
            r#"{"choices":[{"delta":{"content":"a","reasoning":"a"}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"a","reasoning_content":"a"}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"a","reasoning_details":[]}}]}"#,
            r#"{"choices":[{"delta":{"reasoning_content":{"text":"a"}}}]}"#,
            r#"{"choices":[{"delta":{"content":"a","tool_calls":[]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"arguments":"a"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"a"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"a"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":{}}}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"usage":{}}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"error":{}}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"p":"a","obfuscation":"a"}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"p":1}"#,
            r#"{"p":"a","choices":[{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"delta":{"content" :"a"}}]}"#,
            r#"{"model":{"content":"a"},"choices":[{"delta":{"content" :"a"}}]}"#,
            r#"{"choices":[{"delta":{"content":["a"]}}]}"#,
        ] {
            assert!(remembered(text).before.is_empty(), "{text}");
        }
    }

    proptest! {
        /// Whatever is known is JSON, and parsing it gives the same piece.
        #[test]
        fn what_is_known_is_parsed_the_same(
            piece in "[ -~é😀\n]{0,20}",
            padding in "[ -~é]{0,6}",
            kind in 0..3_usize,
        ) {
            let (before, after) = [
                (r#"{"id":"c","choices":[{"delta":{"content":"#, r#"},"finish_reason":null}]"#),
                (r#"{"id":"c","choices":[{"delta":{"reasoning":"#, "}}]"),
                (r#"{"id":"c","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"#, "}}]}}]"),
            ][kind];
            let plain = remembered(&format!(r#"{before}"a"{after},"obfuscation":"ab"}}"#));
            let quoted = serde_json::to_string(&piece).unwrap();
            for piece in [quoted, format!("\"{piece}\"")] {
                let text = format!(r#"{before}{piece}{after},"obfuscation":"{padding}"}}"#);
                if let Some(known) = plain.piece(&text).and_then(|(_, piece)| piece.into_string()) {
                    let payload: ChatPayload = serde_json::from_str(&text).unwrap();
                    let delta = payload.choices.unwrap().remove(0).delta.unwrap();
                    let call = delta.tool_calls.map(|mut calls| calls.remove(0));
                    let arguments = call.and_then(|call| call.function?.arguments);
                    let parsed = delta.content.or(delta.reasoning).or(arguments).unwrap();
                    prop_assert_eq!(parsed.parse::<bedrock_stream_core::json::Lenient<String>>().unwrap().0, known);
                }
            }
        }
    }
}
