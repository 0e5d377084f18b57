use std::fmt;

use bedrock_stream_core::answer;

/// What a client concludes from an answer, in terms that fit every client.
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
            Self::Other { reason } => write!(f, "other: {reason}"),
        }
    }
}
