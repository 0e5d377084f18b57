use core::fmt;

/// The media type of an operation's successful response.
///
/// ```
/// use bedrock_stream_http::{MediaType, Operation};
///
/// let operation = Operation::converse_stream("us.amazon.nova-lite-v1:0")?;
/// assert_eq!(operation.media_type(), MediaType::EventStream);
/// assert_eq!(MediaType::EventStream.as_str(), "application/vnd.amazon.eventstream");
/// // A broken request for a whole answer may have been billed, so it is not retried.
/// assert!(!MediaType::Json.streams());
/// # Ok::<(), bedrock_stream_http::ModelIdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/vnd.amazon.eventstream`: AWS's binary event stream.
    EventStream,
    /// `text/event-stream`: server-sent events.
    ServerSentEvents,
    /// `application/json`: one complete answer.
    Json,
}

impl MediaType {
    /// The media type as in `content-type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventStream => "application/vnd.amazon.eventstream",
            Self::ServerSentEvents => "text/event-stream",
            Self::Json => "application/json",
        }
    }

    /// Whether the answer starts before it is finished. If not, the service may have generated and billed all of it before any
    /// of it arrives, so such a request is retried only after a refusal or a failed connection.
    #[must_use]
    pub const fn streams(self) -> bool {
        match self {
            Self::EventStream | Self::ServerSentEvents => true,
            Self::Json => false,
        }
    }

    /// A readable name.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::EventStream => "an event stream",
            Self::ServerSentEvents => "server-sent events",
            Self::Json => "JSON",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
