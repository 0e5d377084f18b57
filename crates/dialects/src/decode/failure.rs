use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bedrock_stream_core::answer::Exception;
use bedrock_stream_core::json::{Fields, Json};
use bedrock_stream_core::object;

object! {
    /// An error in a vendor's format, or the object around it.
    struct ErrorObject {
        /// The error's type; in the object around it, `error`.
        "type" => kind: Option<Json>,
        /// A code: a word or a number.
        "code" => code: Option<Json>,
        /// The message.
        "message" => message: Option<Json>,
        /// The message, as some of AWS's services name it.
        "Message" => capital_message: Option<Json>,
        /// The message, under another name.
        "errorMessage" => error_message: Option<Json>,
        /// The error itself, or its message.
        "error" => error: Option<Json>,
        /// A failed response.
        "response" => response: Option<Json>,
        /// Choices, one of which may have failed.
        "choices" => choices: Option<Json>,
        /// What Groq adds to a payload.
        "x_groq" => groq: Option<Json>,
    }
}

/// Reads an error from a payload, which either is the error or contains it in its member `error`, in any format used by
/// Anthropic, OpenAI or AWS. The exception's name is the error's type, or else its code.
pub(super) fn exception(payload: &str) -> Exception {
    let outer: ErrorObject =
        Json::from_text(payload).ok().and_then(|json| json.parse().ok()).unwrap_or_default();
    let response: ErrorObject =
        outer.response.as_ref().and_then(|json| json.parse().ok()).unwrap_or_default();
    let choices: Vec<ErrorObject> =
        outer.choices.as_ref().and_then(|json| json.parse().ok()).unwrap_or_default();
    let of_choice = choices.into_iter().find_map(|choice| choice.error);
    let groq: ErrorObject = outer.groq.as_ref().and_then(|json| json.parse().ok()).unwrap_or_default();
    let errors = [&outer.error, &response.error, &of_choice, &groq.error];
    let error = errors.into_iter().find_map(Option::as_ref);
    let inner: Option<ErrorObject> = error.and_then(|json| json.parse().ok());
    // The type of the object around an error is that of the event.
    let outer_kind = outer.kind.as_ref().filter(|_| inner.is_none());
    let inner = inner.unwrap_or_default();
    let name = [inner.kind.as_ref(), inner.code.as_ref(), outer_kind, outer.code.as_ref()]
        .into_iter()
        .filter_map(|word| word.and_then(word_of))
        .find(|word| word != "error" && !word.starts_with("response."));
    let mut exception = Exception::new(name.as_deref().unwrap_or("error"), payload);
    let sentence = [
        &inner.message,
        &inner.capital_message,
        &outer.message,
        &outer.capital_message,
        &outer.error_message,
    ]
    .into_iter()
    .flatten()
    .chain(error)
    .chain(outer.kind.is_none().then(|| Json::from_text(payload).ok()).flatten().as_ref())
    .find_map(|text| text.parse::<String>().ok());
    exception.message = sentence.or(exception.message);
    exception
}

/// A string or a number as text.
fn word_of(json: &Json) -> Option<String> {
    match json.parse::<serde_json::Value>().ok()? {
        serde_json::Value::String(text) if !text.is_empty() => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether an object in no known dialect is one of AWS's own errors: it has a message and no type.
pub(super) fn is_typeless_error(payload: &str) -> bool {
    let object: Option<ErrorObject> = Json::from_text(payload).ok().and_then(|json| json.parse().ok());
    object.is_some_and(|object| {
        object.kind.is_none()
            && (object.error.is_some()
                || object.message.is_some()
                || object.capital_message.is_some()
                || object.error_message.is_some())
    })
}

/// Whether the unknown members of a payload show that the answer failed: a non-null `error` or, in a payload without
/// any known member (`is_known` is false), a message, as in AWS's own errors.
pub(super) fn is_failed(members: &Fields, is_known: bool) -> bool {
    let has_sentence = |name| members.value(name).is_some_and(|sentence| sentence.as_str().starts_with('"'));
    members.value("error").is_some_and(|error| *error != Json::default())
        || (!is_known && ["message", "Message", "errorMessage"].into_iter().any(has_sentence))
}

#[cfg(test)]
mod tests {
    use super::{exception, is_typeless_error};

    #[test]
    fn every_shape_gives_a_name_and_a_sentence() {
        for (payload, name, message) in [
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                "overloaded_error",
                Some("Overloaded"),
            ),
            (
                r#"{"error":{"message":"m","type":null,"code":"rate_limit_exceeded"}}"#,
                "rate_limit_exceeded",
                Some("m"),
            ),
            (r#"{"error":{"message":"m","code":502},"choices":[]}"#, "502", Some("m")),
            (
                r#"{"choices":[{"finish_reason":"error","error":{"message":"m","code":502}}]}"#,
                "502",
                Some("m"),
            ),
            (r#"{"choices":[],"x_groq":{"id":"req_1","error":"m"}}"#, "error", Some("m")),
            (r#"{"type":"message_delta","error":{"message":"m"}}"#, "error", Some("m")),
            (r#"{"error":"m"}"#, "error", Some("m")),
            (
                r#"{"type":"error","code":"server_error","message":"m","param":null}"#,
                "server_error",
                Some("m"),
            ),
            (
                r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}"#,
                "server_error",
                Some("m"),
            ),
            (r#"{"Message":"m"}"#, "error", Some("m")),
            (r#"{"errorMessage":"m"}"#, "error", Some("m")),
            (r#""m""#, "error", Some("m")),
            ("17", "error", None),
            ("", "error", None),
        ] {
            let exception = exception(payload);
            assert_eq!((&*exception.name, exception.message.as_deref()), (name, message), "{payload}");
            assert_eq!(exception.payload, payload.as_bytes());
        }
    }

    #[test]
    fn a_sentence_without_a_type_is_an_error() {
        assert!(is_typeless_error(r#"{"message":"m"}"#));
        assert!(is_typeless_error(r#"{"error":{"message":"m"}}"#));
        assert!(!is_typeless_error(r#"{"type":"x","message":"m"}"#));
        assert!(!is_typeless_error(r#"{"messages":"m"}"#));
    }
}
