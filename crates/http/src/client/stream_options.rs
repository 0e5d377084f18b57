#[cfg(feature = "dialects")]
use bedrock_stream_dialects::Dialect;

/// How the stream of an answer is to be read, where that is the caller's choice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamOptions {
    /// The dialect, if the caller knows it.
    #[cfg(feature = "dialects")]
    pub(crate) dialect: Option<Dialect>,
    /// Which of several choices is read.
    #[cfg(feature = "dialects")]
    pub(crate) choice: u32,
    /// Whether exceptions and errors are messages like any other.
    pub(crate) raw_messages: bool,
}
