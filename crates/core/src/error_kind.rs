use core::fmt;

/// The kind of an error, as one word. All crates of this workspace, and the program, use these words.
///
/// ```
/// use bedrock_stream_core::ErrorKind;
///
/// assert_eq!(ErrorKind::PreludeChecksum.as_str(), "prelude_checksum");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A prelude does not match its checksum: the bytes are damaged or are not an event stream.
    PreludeChecksum,
    /// A message does not match its checksum.
    MessageChecksum,
    /// The lengths in a prelude contradict each other.
    Length,
    /// A message is longer than the caller's limit.
    TooLong,
    /// A message's headers cannot be read.
    Header,
    /// The bytes end inside a message.
    Truncated,
    /// A message without a usable type was skipped.
    Message,
    /// A payload cannot be read: an event's, which was skipped, or that of a whole answer.
    Payload,
    /// An event that is out of order was skipped.
    Unexpected,
    /// The stream ended without the proof that the answer is complete.
    Incomplete,
    /// Bedrock ended the stream with an error.
    Exception,
    /// Bedrock or a proxy refused the request, or answered with something other than the requested stream.
    Refusal,
    /// The connection failed.
    Transport,
    /// A timeout elapsed.
    Timeout,
    /// The dialect of the messages could not be determined.
    Dialect,
    /// An input cannot be read or sent: a file, a request, its configuration or its credentials.
    Input,
    /// The user interrupted the program.
    Interrupted,
}

impl ErrorKind {
    /// The word for the kind, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreludeChecksum => "prelude_checksum",
            Self::MessageChecksum => "message_checksum",
            Self::Length => "length",
            Self::TooLong => "too_long",
            Self::Header => "header",
            Self::Truncated => "truncated",
            Self::Message => "message",
            Self::Payload => "payload",
            Self::Unexpected => "unexpected",
            Self::Incomplete => "incomplete",
            Self::Exception => "exception",
            Self::Refusal => "refusal",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Dialect => "dialect",
            Self::Input => "input",
            Self::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "converse")]
impl serde::Serialize for ErrorKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
