use core::time::Duration;

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
    /// How long the first event is awaited. `None`: as long as the timeouts allow.
    pub(crate) first_event: Option<Duration>,
    /// Whether exceptions and errors are returned as ordinary messages.
    pub(crate) raw_messages: bool,
}
