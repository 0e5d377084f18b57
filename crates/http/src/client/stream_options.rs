#[cfg(feature = "dialects")]
use bedrock_stream_dialects::Dialect;

/// The caller's options for reading the stream of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamOptions {
    /// The dialect, if the caller knows it.
    #[cfg(feature = "dialects")]
    pub(crate) dialect: Option<Dialect>,
    /// The index of the choice to read.
    #[cfg(feature = "dialects")]
    pub(crate) choice: u32,
    /// Whether exceptions and errors are returned as ordinary messages.
    pub(crate) raw_messages: bool,
}
