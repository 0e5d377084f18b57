use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use bedrock_stream_core::converse::Constraint;

use super::messages;
use super::path::Path;
use crate::Dialect;
use crate::encode::json_writer;

/// Why a request cannot be converted for Bedrock. Its status is 400.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let error = request::chat(br#"{"model":"m","messages":7}"#, &Options::new()).unwrap_err();
/// assert_eq!((error.http_status(), error.field.as_deref()), (400, Some("messages")));
/// // The body that the client's package reads.
/// assert!(error.body(None).contains("invalid_request_error"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestError {
    /// The dialect of the request.
    pub dialect: Dialect,
    /// The member that is wrong, as the vendor of the dialect writes it: `messages[0].content` in OpenAI's dialects,
    /// `messages.0.content` in Anthropic's. `None`: the body as a whole.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: RequestErrorReason,
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestErrorReason {
    /// The body is not JSON.
    #[error("the request body is not JSON: {message}")]
    #[non_exhaustive]
    NotJson {
        /// What the parser says, with the line and the column.
        message: String,
    },
    /// A required member is missing.
    #[error("it is required")]
    Missing,
    /// An object has a member twice, and it is unknown which was meant.
    #[error("it is there twice")]
    Repeated,
    /// A value has the wrong type.
    #[error("it must be {expected}")]
    #[non_exhaustive]
    WrongType {
        /// The type that it must have, in words.
        expected: &'static str,
    },
    /// A value has the right type, but is not one that is allowed there.
    #[error("{message}")]
    #[non_exhaustive]
    Invalid {
        /// The values that are allowed there.
        message: Cow<'static, str>,
    },
    /// Bedrock has no equivalent of it.
    #[error("{message}")]
    #[non_exhaustive]
    Unsupported {
        /// What to do instead.
        message: Cow<'static, str>,
    },
    /// Bedrock is known to refuse it.
    #[error("{constraint}")]
    #[non_exhaustive]
    Constraint {
        /// What Bedrock refuses.
        constraint: Constraint,
    },
}

impl RequestErrorReason {
    /// [`NotJson`](Self::NotJson).
    #[must_use]
    pub fn not_json(message: impl Into<String>) -> Self {
        Self::NotJson { message: message.into() }
    }

    /// [`WrongType`](Self::WrongType).
    #[must_use]
    pub const fn wrong_type(expected: &'static str) -> Self {
        Self::WrongType { expected }
    }

    /// [`Invalid`](Self::Invalid).
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { message: message.into() }
    }

    /// [`Unsupported`](Self::Unsupported).
    #[must_use]
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported { message: message.into() }
    }

    /// [`Constraint`](Self::Constraint).
    #[must_use]
    pub const fn constraint(constraint: Constraint) -> Self {
        Self::Constraint { constraint }
    }
}

impl RequestError {
    /// An error of a request of this dialect.
    #[must_use]
    pub const fn new(dialect: Dialect, field: Option<String>, reason: RequestErrorReason) -> Self {
        Self { dialect, field, reason }
    }

    /// The HTTP status to answer with.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        400
    }

    /// The JSON to answer with, in the shape of the dialect. OpenAI's has the field as `param`, Anthropic's in the message. For a `thread`,
    /// Anthropic's has the error code after which the vendor's package sends the whole conversation instead.
    ///
    /// Source: `ThreadUnsupportedRequestErrorDetails` of Anthropic's SDK.
    #[must_use]
    pub fn body(&self, request_id: Option<&str>) -> String {
        let mut message = alloc::format!("{self}");
        if let Some(id) = request_id {
            message.push_str(" (request id ");
            message.push_str(id);
            message.push(')');
        }
        let mut out;
        if self.dialect == Dialect::Messages {
            out = br#"{"type":"error","error":{"type":"invalid_request_error","message":"#.to_vec();
            json_writer::string(&mut out, &message);
            if self.field.as_deref() == Some(messages::THREAD) {
                out.extend_from_slice(br#","details":{"error_code":"thread_unsupported_request"}"#);
            }
            out.extend_from_slice(b"},\"request_id\":");
            json_writer::optional_string(&mut out, request_id);
            out.push(b'}');
        } else {
            out = b"{\"error\":{\"message\":".to_vec();
            json_writer::string(&mut out, &message);
            out.extend_from_slice(b",\"type\":\"invalid_request_error\",\"param\":");
            json_writer::optional_string(&mut out, self.field.as_deref());
            out.extend_from_slice(b",\"code\":");
            json_writer::optional_string(&mut out, self.code());
            out.extend_from_slice(b",\"request_id\":");
            json_writer::optional_string(&mut out, request_id);
            out.extend_from_slice(b"}}");
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// What OpenAI calls it.
    const fn code(&self) -> Option<&'static str> {
        match self.reason {
            RequestErrorReason::Missing => Some("missing_required_parameter"),
            RequestErrorReason::WrongType { .. } => Some("invalid_type"),
            RequestErrorReason::Invalid { .. } => Some("invalid_value"),
            RequestErrorReason::Unsupported { .. } => Some("unsupported_parameter"),
            _ => None,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}

impl core::error::Error for RequestError {}

/// An error while a request is read.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    path: Path,
    reason: RequestErrorReason,
}

impl Problem {
    pub(super) const fn new(path: Path, reason: RequestErrorReason) -> Self {
        Self { path, reason }
    }

    pub(super) const fn missing(path: Path) -> Self {
        Self::new(path, RequestErrorReason::Missing)
    }

    pub(super) const fn wrong_type(path: Path, expected: &'static str) -> Self {
        Self::new(path, RequestErrorReason::WrongType { expected })
    }

    pub(super) fn invalid(path: Path, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(path, RequestErrorReason::invalid(message))
    }

    pub(super) fn unsupported(path: Path, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(path, RequestErrorReason::unsupported(message))
    }

    /// The error as the caller gets it.
    pub(super) fn told(self, dialect: Dialect) -> RequestError {
        RequestError { dialect, field: self.path.told(), reason: self.reason }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::Path;
    use super::Problem;
    use crate::Dialect;

    #[test]
    fn bodies_are_in_the_dialects_own_shape() {
        let told = |dialect: Dialect| {
            let path = Path::body(dialect).member("messages").item(0).member("content");
            Problem::wrong_type(path, "a string").told(dialect)
        };
        assert_eq!(
            told(Dialect::Chat).body(Some("r1")),
            r#"{"error":{"message":"messages[0].content: it must be a string (request id r1)","type":"invalid_request_error","param":"messages[0].content","code":"invalid_type","request_id":"r1"}}"#
        );
        assert_eq!(
            told(Dialect::Messages).body(None),
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.0.content: it must be a string"},"request_id":null}"#
        );
    }
}
