use alloc::borrow::ToOwned;
use alloc::string::String;

use bedrock_stream_core::json::{Fields, Json};

use super::payload::{ChatChoice, ChatPayload};

/// The fast way for a piece of text. Nearly every payload is the one before it with another content, so what stands before and
/// after the content is remembered; a payload that begins and ends the same need not be parsed again. Parsing stays the oracle.
#[derive(Debug)]
pub(super) struct PlainDelta {
    /// What comes before the content, its opening quotation mark included; empty: nothing is remembered.
    before: String,
    /// What comes after it, its closing quotation mark included.
    after: String,
}

impl PlainDelta {
    pub(super) const fn new() -> Self {
        Self { before: String::new(), after: String::new() }
    }

    /// The content of a payload that differs from the remembered one in nothing else. `None`: it must be parsed.
    pub(super) fn content(&self, text: &str) -> Option<String> {
        if self.before.is_empty() {
            return None;
        }
        let content = text.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        let is_plain = content.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        is_plain.then(|| content.to_owned())
    }

    /// Remembers a payload that was parsed, if reading it once more would do nothing but write its content. `chosen` is the
    /// choice that is read.
    pub(super) fn remember(&mut self, text: &str, payload: &ChatPayload, chosen: u32) {
        let Some(content) = content_of(payload, chosen) else { return };
        let Some(start) = text.find(KEY) else { return };
        let start = start + KEY.len();
        // The content may have been written otherwise, such as with white space before it.
        let Some(after) = text[start..].strip_prefix(content.as_str()) else { return };
        if text.len() - content.as_str().len() <= MAX_LEN {
            self.before.clear();
            self.before.push_str(&text[..=start]);
            self.after.clear();
            self.after.push('"');
            self.after.push_str(after);
        }
    }
}

/// The content of a payload that has nothing else but what is read once. No other string in it can have the key `content`.
fn content_of(payload: &ChatPayload, chosen: u32) -> Option<&Json> {
    let Some([choice]) = payload.choices.as_deref() else { return None };
    let ChatChoice { index, delta, message: None, text: None, finish_reason: None, stop_reason: None, other } =
        choice
    else {
        return None;
    };
    let delta = delta.as_ref()?;
    let content = delta.content.as_ref().filter(|content| content.as_str().starts_with('"'))?;
    let is_other_absent = delta.refusal.is_none()
        && delta.reasoning.is_none()
        && delta.reasoning_content.is_none()
        && delta.reasoning_details.is_none()
        && delta.tool_calls.is_none()
        && delta.function_call.is_none()
        && payload.usage.is_none();
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
    let are_null = [&payload.other, other, &delta.other].into_iter().all(all_null);
    (index.unwrap_or(0) == chosen && is_other_absent && are_scalars && are_null).then_some(content)
}

fn all_null(members: &Fields) -> bool {
    members.iter().all(|(_, value)| *value == Json::default())
}

const KEY: &str = "\"content\":";

/// The longest payload that is remembered, in bytes, without its content.
const MAX_LEN: usize = 4096;

#[cfg(test)]
mod tests {
    use super::PlainDelta;

    fn remembered(text: &str) -> PlainDelta {
        let mut plain = PlainDelta::new();
        plain.remember(text, &serde_json::from_str(text).unwrap(), 0);
        plain
    }

    #[test]
    fn a_payload_with_another_content_is_known() {
        let plain =
            remembered(r#"{"id":"c","choices":[{"delta":{"content":"a"},"finish_reason":null}],"odd":null}"#);
        let next = |content| {
            plain.content(&alloc::format!(
                r#"{{"id":"c","choices":[{{"delta":{{"content":"{content}"}},"finish_reason":null}}],"odd":null}}"#
            ))
        };
        assert_eq!(next("é").as_deref(), Some("é"));
        assert_eq!(next("").as_deref(), Some(""));
        for content in [r#"b\n"#, "\n", r#"","x":""#] {
            assert_eq!(next(content), None, "{content:?}");
        }
        assert_eq!(plain.content(r#"{"id":"c","choices":[{"delta":{"content":""#), None, "it is cut");
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
            r#"{"choices":[{"delta":{"content":"a","tool_calls":[]}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"usage":{}}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"error":{}}"#,
            r#"{"choices":[{"delta":{"content" :"a"}}]}"#,
            r#"{"model":{"content":"a"},"choices":[{"delta":{"content" :"a"}}]}"#,
            r#"{"choices":[{"delta":{"content":["a"]}}]}"#,
        ] {
            assert!(remembered(text).before.is_empty(), "{text}");
        }
    }
}
