use bedrock_stream_core::converse::PADDING;
use bedrock_stream_core::json::Blob;
use serde_json::Value;

/// A payload, classified by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    Empty,
    /// JSON as it was sent, without its padding of `padding` bytes.
    Json {
        text: String,
        padding: usize,
        /// The content of the `bytes` of InvokeModelWithResponseStream, if it is text: usually JSON.
        inner: Option<String>,
    },
    Text(String),
    Binary(Vec<u8>),
}

impl Payload {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::Binary(bytes.to_vec());
        };
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
            return Self::Text(text.to_owned());
        }
        let (text, padding) = without_padding(text);
        Self::Json { inner: inner(&text), text, padding }
    }
}

/// JSON text without the member `p`, Bedrock's padding, and the length of the padding. The padding consists of letters
/// and digits in a fixed order, so no other member is mistaken for it.
fn without_padding(json: &str) -> (String, usize) {
    let whole = || (json.to_owned(), 0);
    let bytes = json.as_bytes();
    let (mut depth, mut in_string, mut at) = (0_usize, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' if !in_string && depth == 1 && bytes[at..].starts_with(b"\"p\":\"") => {
                let value = at + 5;
                let Some(len) = json[value..].find('"') else { return whole() };
                let end = value + len + 1;
                if !PADDING.starts_with(&json[value..value + len]) {
                    return whole();
                }
                let (mut before, mut after) = (&json[..at], &json[end..]);
                match (before.strip_suffix(','), after.strip_prefix(',')) {
                    (_, Some(rest)) => after = rest,
                    (Some(rest), None) => before = rest,
                    (None, None) => {}
                }
                return (format!("{before}{after}"), len);
            }
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    whole()
}

fn inner(json: &str) -> Option<String> {
    // This avoids parsing nearly every payload.
    if !json.contains("\"bytes\"") {
        return None;
    }
    let value: Value = serde_json::from_str(json).ok()?;
    let bytes = Blob::from_base64(value.get("bytes")?.as_str()?)?;
    String::from_utf8(bytes.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_padding_is_left_out() {
        for (json, text, padding) in [
            (r#"{"a":1,"p":"abc"}"#, r#"{"a":1}"#, 3),
            (r#"{"p":"abcd","a":"\"p\":\"abc\""}"#, r#"{"a":"\"p\":\"abc\""}"#, 4),
            (r#"{"p":"ab"}"#, "{}", 2),
            (r#"{"a":{"p":"abc"}}"#, r#"{"a":{"p":"abc"}}"#, 0),
            (r#"{"p":"page"}"#, r#"{"p":"page"}"#, 0),
            (r#"["p","x"]"#, r#"["p","x"]"#, 0),
        ] {
            assert_eq!(without_padding(json), (text.to_owned(), padding), "{json}");
        }
    }

    #[test]
    fn each_kind_of_payload_is_recognized() {
        assert_eq!(Payload::of(b""), Payload::Empty);
        assert_eq!(Payload::of(b"\xff"), Payload::Binary(vec![0xff]));
        assert_eq!(Payload::of(b"{"), Payload::Text("{".to_owned()));
        assert!(matches!(Payload::of(b"{} "), Payload::Json { inner: None, .. }));
        let Payload::Json { inner, .. } = Payload::of(br#"{"bytes":"eyJhIjoxfQ==","p":"ab"}"#) else {
            panic!("it is JSON");
        };
        assert_eq!(inner.as_deref(), Some(r#"{"a":1}"#));
        assert!(matches!(Payload::of(br#"{"bytes":"/w=="}"#), Payload::Json { inner: None, .. }));
        // Nested more deeply than the parser supports.
        assert!(matches!(Payload::of("[".repeat(100_000).as_bytes()), Payload::Text(_)));
    }
}
