use alloc::string::String;
use core::fmt;

use super::stop_reason::StopReason;

/// Why [`Response::parse`](super::Response::parse) could not deserialize the text of an answer.
///
/// ```
/// use bedrock_stream_core::answer::{ParseTextError, Response, StopReason};
/// use bedrock_stream_core::content::Message;
///
/// let mut response = Response::from(Message::assistant(r#"{"city":"Par"#));
/// response.stop_reason = Some(StopReason::MaxTokens);
/// let error = response.parse::<serde_json::Value>().unwrap_err();
/// // Not the model's fault: its answer was cut off.
/// assert!(matches!(error, ParseTextError::NotJson { stop_reason: Some(StopReason::MaxTokens), .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTextError {
    /// The answer has no text.
    #[error("the answer has no text{}", InBrackets(stop_reason.as_ref()))]
    #[non_exhaustive]
    NoText {
        /// Why the model stopped, if that is known.
        stop_reason: Option<StopReason>,
    },
    /// The text is not JSON.
    #[error("the answer's text is not JSON: {reason}{}", InBrackets(stop_reason.as_ref()))]
    #[non_exhaustive]
    NotJson {
        /// What is wrong, and where.
        reason: String,
        /// Why the model stopped, if that is known.
        stop_reason: Option<StopReason>,
    },
    /// The text is JSON, but does not fit the type.
    #[error("the answer's JSON does not fit the type: {reason}{}", InBrackets(stop_reason.as_ref()))]
    #[non_exhaustive]
    Shape {
        /// What is wrong, and where.
        reason: String,
        /// Why the model stopped, if that is known.
        stop_reason: Option<StopReason>,
    },
    /// The JSON fits the type, but the model did not [finish](StopReason::is_finished): the answer was cut off, or a guardrail or a filter
    /// took something out of it, or the model failed, or it stopped for a reason that this version does not know, or is not known to be
    /// complete. What is there may be half of a number, or a mask in place of a name. [`Response::text`](super::Response::text) has it.
    #[error("the answer's JSON fits the type, but must not be used{}", InBrackets(stop_reason.as_ref()))]
    #[non_exhaustive]
    Stopped {
        /// Why the model stopped, if that is known.
        stop_reason: Option<StopReason>,
    },
}

/// Shows why the model stopped, unless it finished normally.
struct InBrackets<'a>(Option<&'a StopReason>);

impl fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str(" (it is not known to be complete)"),
            Some(StopReason::EndTurn) => Ok(()),
            Some(reason) => write!(f, " (the model stopped with `{}`)", reason.as_str()),
        }
    }
}
