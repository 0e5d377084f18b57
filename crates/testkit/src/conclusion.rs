use std::fmt;
use std::str::FromStr;

use bedrock_stream_core::answer;

/// What a client concludes from an answer, in terms that fit every client.
///
/// ```
/// use bedrock_stream_testkit::{Conclusion, ExceptionKind, Fault, InjectionPoint};
///
/// let exception = ExceptionKind::ModelTimeout;
/// let fault = Fault::Raise { exception, at: InjectionPoint::Middle };
/// assert_eq!(fault.conclusion(), Conclusion::Exception { name: "modelTimeoutException".to_owned() });
/// // What a program in another language prints for `bedrock-stream judge`.
/// assert_eq!("exception modelTimeoutException".parse(), Ok(fault.conclusion()));
/// assert_eq!(Fault::Cut.conclusion().to_string(), "incomplete");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Conclusion {
    /// The answer is complete.
    Complete,
    /// The answer is complete except for an event that could not be used, which the client reported.
    Skipped,
    /// The stream ended without the proof that the answer is complete, between two messages or inside one.
    Incomplete,
    /// The bytes are not an event stream, or are damaged.
    Damaged,
    /// Bedrock ended the stream with an exception.
    Exception {
        /// Its name, in lower camel case.
        name: String,
    },
    /// Bedrock ended the stream with a message of type `error`.
    UnmodeledError {
        /// Its code.
        code: String,
    },
    /// The request was refused.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The content type of the response is not that of an event stream.
    NotAnEventStream,
    /// Nothing more came before the client's timeout.
    Stalled,
    /// The connection broke before the response or inside its body.
    Broken,
    /// Something failed, and the client does not say what. This is correct whenever something is wrong with the answer.
    Failed,
    /// Anything else; never a correct conclusion.
    Other {
        /// A description.
        reason: String,
    },
}

impl Conclusion {
    /// A conclusion that no other variant describes.
    pub fn other(reason: impl fmt::Display) -> Self {
        Self::Other { reason: reason.to_string() }
    }
}

/// The conclusion of the core's decoder.
impl From<&answer::Error> for Conclusion {
    fn from(error: &answer::Error) -> Self {
        match error {
            answer::Error::Frame(_) => Self::Damaged,
            answer::Error::Skipped(_) => Self::Skipped,
            answer::Error::Exception(exception) => Self::Exception { name: exception.name.clone() },
            answer::Error::UnmodeledError(error) => {
                Self::UnmodeledError { code: error.code.clone().unwrap_or_default() }
            }
            answer::Error::Incomplete(_) => Self::Incomplete,
            error => Self::other(error),
        }
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::Skipped => f.write_str("skipped"),
            Self::Incomplete => f.write_str("incomplete"),
            Self::Damaged => f.write_str("damaged"),
            Self::Exception { name } => write!(f, "exception {name}"),
            Self::UnmodeledError { code } => write!(f, "error message {code}"),
            Self::Refused { status } => write!(f, "refused {status}"),
            Self::NotAnEventStream => f.write_str("not an event stream"),
            Self::Stalled => f.write_str("stalled"),
            Self::Broken => f.write_str("broken"),
            Self::Failed => f.write_str("failed"),
            Self::Other { reason } => write!(f, "other: {reason}"),
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for Conclusion {
    type Err = UnknownConclusion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let after = |prefix: &str| text.strip_prefix(prefix).map(str::trim).filter(|rest| !rest.is_empty());
        if let Some(name) = after("exception ") {
            return Ok(Self::Exception { name: name.to_owned() });
        }
        if let Some(code) = after("error message ") {
            return Ok(Self::UnmodeledError { code: code.to_owned() });
        }
        if let Some(status) = after("refused ").and_then(|status| status.parse().ok()) {
            return Ok(Self::Refused { status });
        }
        if let Some(reason) = after("other: ") {
            return Ok(Self::other(reason));
        }
        let words = [
            Self::Complete,
            Self::Skipped,
            Self::Incomplete,
            Self::Damaged,
            Self::NotAnEventStream,
            Self::Stalled,
            Self::Broken,
            Self::Failed,
        ];
        let found = words.into_iter().find(|word| word.to_string() == text);
        found.ok_or_else(|| UnknownConclusion { text: text.to_owned() })
    }
}

/// The text does not name a conclusion.
///
/// ```
/// use bedrock_stream_testkit::Conclusion;
///
/// let error = "fine".parse::<Conclusion>().unwrap_err();
/// assert_eq!(error.text, "fine");
/// assert!(error.to_string().contains("complete, skipped, incomplete"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no conclusion; there are complete, skipped, incomplete, damaged, exception NAME, error message CODE, refused STATUS, \
     not an event stream, stalled, broken, failed, other: REASON"
)]
#[non_exhaustive]
pub struct UnknownConclusion {
    /// What was said.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn every_conclusion_can_be_written_and_read() {
        let others = [Conclusion::Complete, Conclusion::Failed, Conclusion::other("it is late")];
        for conclusion in Fault::ALL.iter().map(|fault| fault.conclusion()).chain(others) {
            assert_eq!(conclusion.to_string().parse(), Ok(conclusion));
        }
        for text in
            ["", "Complete", "exception", "exception ", "refused", "refused soon", "complete ", "other: "]
        {
            let error = text.parse::<Conclusion>().expect_err(text);
            assert!(
                error.to_string().starts_with(&format!("{text:?} is no conclusion; there are ")),
                "{error}"
            );
        }
    }
}
