use bedrock_stream_core::converse::Blob;
use serde_json::Value;

/// What a payload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    Empty,
    Json {
        text: String,
        /// What is inside the `bytes` of InvokeModelWithResponseStream, if it is text: mostly JSON.
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
        Self::Json { text: text.to_owned(), inner: inner(text) }
    }
}

fn inner(json: &str) -> Option<String> {
    // Nearly every payload is spared the parsing.
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
    fn each_kind_is_known() {
        assert_eq!(Payload::of(b""), Payload::Empty);
        assert_eq!(Payload::of(b"\xff"), Payload::Binary(vec![0xff]));
        assert_eq!(Payload::of(b"{"), Payload::Text("{".to_owned()));
        assert!(matches!(Payload::of(b"{} "), Payload::Json { inner: None, .. }));
        let Payload::Json { inner, .. } = Payload::of(br#"{"bytes":"eyJhIjoxfQ==","p":"ab"}"#) else {
            panic!("it is JSON");
        };
        assert_eq!(inner.as_deref(), Some(r#"{"a":1}"#));
        assert!(matches!(Payload::of(br#"{"bytes":"/w=="}"#), Payload::Json { inner: None, .. }));
        // Deeper than the parser goes: no JSON that anyone could read.
        assert!(matches!(Payload::of("[".repeat(100_000).as_bytes()), Payload::Text(_)));
    }
}
