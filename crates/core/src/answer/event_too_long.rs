/// A server-sent event is longer than the caller's [`Limits`](crate::frame::Limits) allow. It is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server-sent event at byte {offset} is longer than the limit of {limit} bytes")]
#[non_exhaustive]
pub struct EventTooLong {
    /// Where the event starts, in bytes from the start of the stream.
    pub offset: u64,
    /// The limit, in bytes.
    pub limit: u32,
}

impl EventTooLong {
    /// The event that starts at this byte of the stream exceeds this limit, in bytes.
    #[must_use]
    pub const fn new(offset: u64, limit: u32) -> Self {
        Self { offset, limit }
    }
}
