use core::time::Duration;

/// What a stream was like so far. The times need a [`Timer`](crate::Timer), whose clock they are taken by; the clients
/// have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStats {
    /// The bytes of the body that were read.
    pub bytes: u64,
    /// The messages that were decoded.
    pub messages: u64,
    /// The chunks that were given; none from a [`MessageStream`](crate::MessageStream).
    pub chunks: u64,
    /// From the start of the request, all attempts included, to the body's first byte.
    pub time_to_first_byte: Option<Duration>,
    /// From the start of the request, all attempts included, to the first chunk.
    pub time_to_first_chunk: Option<Duration>,
    /// The longest time between two reads that brought bytes. A caller who is slow to ask makes it longer.
    pub longest_gap: Option<Duration>,
}
