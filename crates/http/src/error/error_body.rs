use serde_json::Value;

/// The content of an error's JSON, in any of the formats that Bedrock's services use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    /// Whether the JSON identifies itself as an error.
    pub(crate) is_error: bool,
}

impl ErrorBody {
    /// Reads AWS's `{"message", "__type" or "code"}`, OpenAI's `{"error":{"message","type","code"}}`, Anthropic's
    /// `{"type":"error","error":{"type","message"},"request_id"}`, and an `error` that is a string. OpenAI's `code` may be a
    /// number or null; then the `type` is the code.
    ///
    /// Source: the Smithy specification, "AWS restJson1 protocol"; OpenAI's and Anthropic's API references, "Errors".
    pub(crate) fn parse(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let text = |value: &Value, names: &[&str]| {
            let find = |name: &&str| match value.get(name)? {
                Value::String(text) if !text.is_empty() => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            names.iter().find_map(find)
        };
        let (of_error, is_error) = match json.get("error") {
            Some(Value::String(message)) => ((None, Some(message.clone())), true),
            Some(error @ Value::Object(_)) => ((text(error, &["code", "type"]), text(error, MESSAGES)), true),
            _ => ((None, None), false),
        };
        Self {
            code: text(&json, &["code", "__type"]).or(of_error.0),
            message: text(&json, MESSAGES).or(of_error.1),
            request_id: text(&json, &["request_id"]),
            is_error: is_error || json.get("__type").is_some(),
        }
    }
}

const MESSAGES: &[&str] = &["message", "Message", "errorMessage"];

#[cfg(test)]
mod tests {
    use super::ErrorBody;

    #[test]
    fn every_format_has_a_code_and_a_message() {
        for (body, code, message, request_id) in [
            (r#"{"message":"m","__type":"a#T:b"}"#, Some("a#T:b"), Some("m"), None),
            (r#"{"Message":"m","code":"C"}"#, Some("C"), Some("m"), None),
            (r#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#, Some("c"), Some("m"), None),
            (r#"{"error":{"message":"m","type":"t","code":null}}"#, Some("t"), Some("m"), None),
            (r#"{"error":{"message":"m","code":404}}"#, Some("404"), Some("m"), None),
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"req_1"}"#,
                Some("overloaded_error"),
                Some("m"),
                Some("req_1"),
            ),
            (r#"{"error":"m"}"#, None, Some("m"), None),
            (r#"{"error":null}"#, None, None, None),
            ("[]", None, None, None),
            ("<html>", None, None, None),
        ] {
            let parsed = ErrorBody::parse(body.as_bytes());
            assert_eq!(
                (parsed.code.as_deref(), parsed.message.as_deref(), parsed.request_id.as_deref()),
                (code, message, request_id),
                "{body}"
            );
        }
    }
}
