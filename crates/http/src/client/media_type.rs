use core::fmt;

/// What an operation answers with, where all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/vnd.amazon.eventstream`: AWS's binary event stream.
    EventStream,
    /// `text/event-stream`: server-sent events.
    ServerSentEvents,
    /// `application/json`: one whole answer.
    Json,
}

impl MediaType {
    /// The media type as it stands in `content-type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventStream => "application/vnd.amazon.eventstream",
            Self::ServerSentEvents => "text/event-stream",
            Self::Json => "application/json",
        }
    }

    /// Whether the answer begins before all of it is made. Where it does not, the service may have made all of it, at a
    /// price, before anything of it is seen; so such a request is sent again only after a refusal.
    #[must_use]
    pub const fn streams(self) -> bool {
        match self {
            Self::EventStream | Self::ServerSentEvents => true,
            Self::Json => false,
        }
    }

    /// What a person calls it.
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
