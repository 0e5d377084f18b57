use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::ser::{Serialize, Serializer};

use crate::json::{Json, Key, Lenient};

/// An error that Bedrock sends inside the stream, after HTTP status 200. It ends the stream.
///
/// Source: the exceptions of `ConverseStreamOutput` in the Bedrock Runtime API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exception {
    /// The `:exception-type`, in lower camel case, such as `throttlingException`; empty if it was omitted.
    pub name: String,
    /// What Bedrock says, for a person.
    pub message: Option<String>,
    /// The status that the model's provider gave (`modelStreamErrorException`).
    pub original_status_code: Option<u16>,
    /// What the model's provider said (`modelStreamErrorException`).
    pub original_message: Option<String>,
    /// The payload, as it was sent.
    pub payload: Vec<u8>,
    /// Whether it came after `messageStop`, when the answer was complete already.
    pub after_stop: bool,
}

impl Exception {
    /// An exception from its name and its payload. The payload should be JSON, and is kept whatever it is.
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

    /// The HTTP status of the same error when it comes before the stream, or `None` for an exception that this
    /// version does not know.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        Some(match self.name.as_str() {
            "throttlingException" => 429,
            "serviceUnavailableException" => 503,
            "internalServerException" => 500,
            "modelStreamErrorException" => self.original_status_code.unwrap_or(424),
            "modelTimeoutException" => 408,
            "badGatewayException" => 502,
            "dependencyFailedException" => 424,
            "validationException" => 400,
            _ => return None,
        })
    }

    /// Whether the same request may succeed if it is sent again. `false` after `messageStop`: that answer was
    /// complete, and has been billed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.after_stop
            && matches!(
                self.name.as_str(),
                "throttlingException"
                    | "serviceUnavailableException"
                    | "internalServerException"
                    | "modelStreamErrorException"
                    | "modelTimeoutException"
                    | "badGatewayException"
            )
    }
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

/// The members of an exception's payload. Anything unexpected is ignored, so that the exception is reported in any
/// case.
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
                while let Some(Key(name)) = map.next_key()? {
                    let value: Json = map.next_value()?;
                    let text = || value.parse::<Lenient<String>>().ok().map(|Lenient(text)| text);
                    match &*name {
                        "message" | "Message" => details.message = text(),
                        "originalMessage" => details.original_message = text(),
                        "originalStatusCode" => {
                            details.original_status_code =
                                value.parse::<Lenient<u16>>().ok().map(|Lenient(code)| code);
                        }
                        _ => {}
                    }
                }
                Ok(details)
            }
        }
        deserializer.deserialize_map(Members)
    }
}
