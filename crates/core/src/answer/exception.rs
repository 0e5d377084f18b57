use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::ser::{Serialize, Serializer};

use crate::json::{Json, Key, Lenient};

/// An error that Bedrock sends inside the stream, after HTTP status 200. It ends the stream.
///
/// In dialects other than Converse, it is the vendor's error object, and its name is that object's `code` or `type`: the one whose
/// status is known, and the code if both are.
///
/// Source: the exceptions of `ConverseStreamOutput` in the Bedrock Runtime API; "Errors" of Anthropic's Messages API;
/// `ResponseError` of OpenAI's Responses API.
///
/// ```
/// use bedrock_stream_core::answer::Exception;
///
/// let exception = Exception::new("throttlingException", r#"{"message":"Too many tokens"}"#);
/// assert_eq!(exception.message.as_deref(), Some("Too many tokens"));
/// assert_eq!(exception.http_status(), Some(429));
/// assert!(exception.is_retryable());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exception {
    /// The `:exception-type`, in lower camel case, such as `throttlingException`; empty if it was omitted. For a
    /// vendor's error object, its `code` or `type`, such as `rate_limit_exceeded` or `overloaded_error`.
    pub name: String,
    /// A description for people: the payload's `message`, the `message` of its `error`, or its `error` if that is a
    /// string.
    pub message: Option<String>,
    /// The status from the model's provider (`modelStreamErrorException`).
    pub original_status_code: Option<u16>,
    /// The message from the model's provider (`modelStreamErrorException`).
    pub original_message: Option<String>,
    /// The payload, as it was sent.
    pub payload: Vec<u8>,
    /// Whether it came after `messageStop`, when the answer was already complete.
    pub after_stop: bool,
}

impl Exception {
    /// An exception with this name and this payload. The payload should be JSON, but anything is kept.
    #[must_use]
    pub fn new(name: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        let details: Details = core::str::from_utf8(&payload)
            .ok()
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        let Details { message, original_status_code, original_message } = details;
        Self {
            name: name.into(),
            message,
            original_status_code,
            original_message,
            payload,
            after_stop: false,
        }
    }

    /// The HTTP status of the same error when it comes before the stream, or `None` for an exception that this version
    /// does not know. If the name is a number from 400 to 599, that is the status.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self.name.as_str() {
            "modelStreamErrorException" | "ModelStreamErrorException" => {
                Some(self.original_status_code.unwrap_or(424))
            }
            name => known(name).map(|(status, _)| status),
        }
    }

    /// Whether the same request may succeed if it is sent again. `false` after `messageStop`: that answer was
    /// complete, and has been billed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.after_stop && known(&self.name).is_some_and(|(_, is_retryable)| is_retryable)
    }
}

/// The HTTP status of an exception, and whether the same request may succeed if it is sent again. A name may also begin with a
/// capital, as in a refusal.
fn known(name: &str) -> Option<(u16, bool)> {
    let mut name = String::from(name);
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Some(match &*name {
        "throttlingException" => (429, true),
        "serviceUnavailableException" => (503, true),
        "internalServerException" => (500, true),
        "modelStreamErrorException" => (424, true),
        "modelTimeoutException" => (408, true),
        "badGatewayException" => (502, true),
        "dependencyFailedException" => (424, false),
        "validationException" => (400, false),
        // Anthropic; OpenAI uses some of the same names.
        "overloaded_error" => (529, true),
        "rate_limit_error" => (429, true),
        "api_error" => (500, true),
        "timeout_error" => (504, true),
        "invalid_request_error" => (400, false),
        "authentication_error" => (401, false),
        "permission_error" => (403, false),
        "not_found_error" => (404, false),
        "request_too_large" => (413, false),
        // OpenAI.
        "server_error" | "internal_server_error" => (500, true),
        "rate_limit_exceeded" => (429, true),
        "server_is_overloaded" | "slow_down" | "service_unavailable_error" => (503, true),
        "vector_store_timeout" => (504, true),
        // vLLM, which serves OpenAI's API, too.
        "badRequestError" => (400, false),
        "notFoundError" => (404, false),
        "internalServerError" => (500, true),
        "serviceUnavailableError" => (503, true),
        "insufficient_quota" => (429, false),
        "invalid_api_key" => (401, false),
        "model_not_found" => (404, false),
        "invalid_prompt" | "context_length_exceeded" | "content_policy_violation" => (400, false),
        "invalid_image"
        | "invalid_image_format"
        | "invalid_base64_image"
        | "invalid_image_url"
        | "invalid_image_mode"
        | "image_too_large"
        | "image_too_small"
        | "image_parse_error"
        | "image_content_policy_violation"
        | "image_file_too_large"
        | "unsupported_image_media_type"
        | "empty_image_file"
        | "failed_to_download_image"
        | "image_file_not_found" => (400, false),
        number => {
            let status = number.parse().ok().filter(|status| (400..600).contains(status))?;
            (status, matches!(status, 408 | 429 | 500 | 502..=504 | 529))
        }
    })
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.name.is_empty() { "an exception without a name" } else { &self.name })?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        match (self.original_status_code, &self.original_message) {
            (Some(status), Some(message)) => write!(f, " (the model's provider: {status}, {message})"),
            (Some(status), None) => write!(f, " (the model's provider: {status})"),
            (None, Some(message)) => write!(f, " (the model's provider: {message})"),
            (None, None) => Ok(()),
        }
    }
}

/// The payload if it is JSON, else its text; an empty one is an empty object.
impl Serialize for Exception {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = if self.payload.is_empty() { "{}".into() } else { String::from_utf8_lossy(&self.payload) };
        match Json::from_text(&text) {
            Ok(json) => json.serialize(serializer),
            Err(_) => text.serialize(serializer),
        }
    }
}

/// The members of an exception's payload. Anything unexpected is ignored, so that the exception is always reported.
#[derive(Default)]
struct Details {
    message: Option<String>,
    original_status_code: Option<u16>,
    original_message: Option<String>,
}

impl<'de> serde::Deserialize<'de> for Details {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Details;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Details, A::Error> {
                let mut details = Details::default();
                let mut error = None;
                while let Some(Key(name)) = map.next_key()? {
                    let value: Json = map.next_value()?;
                    let text = || value.parse::<Lenient<String>>().ok().map(|Lenient(text)| text);
                    match &*name {
                        "message" | "Message" | "errorMessage" => details.message = text(),
                        "error" => error = text().or_else(|| message_of(&value)),
                        "originalMessage" => details.original_message = text(),
                        "originalStatusCode" => {
                            details.original_status_code =
                                value.parse::<Lenient<u16>>().ok().map(|Lenient(code)| code);
                        }
                        _ => {}
                    }
                }
                details.message = details.message.or(error);
                Ok(details)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The `message` of an object.
fn message_of(object: &Json) -> Option<String> {
    let members: BTreeMap<String, Json> = object.parse().ok()?;
    let Lenient(message) = members.get("message").or_else(|| members.get("Message"))?.parse().ok()?;
    Some(message)
}
