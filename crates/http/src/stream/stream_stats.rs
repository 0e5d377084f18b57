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
    /// From the start of the request, all attempts included, to the first chunk, which is `Start`: the model has begun, and
    /// may not have said anything for a long time.
    pub time_to_first_chunk: Option<Duration>,
    /// From the start of the request, all attempts included, to the first content: a piece of text, of reasoning or of a
    /// tool call. This is the time to the first token.
    pub time_to_first_content: Option<Duration>,
    /// The same to the last content so far.
    pub time_to_last_content: Option<Duration>,
    /// The longest time between two reads that brought bytes. A caller who is slow to ask makes it longer.
    pub longest_gap: Option<Duration>,
    /// The tokens of the answer, reasoning included, once the service has told them.
    pub output_tokens: Option<u64>,
}

impl StreamStats {
    /// The speed of the answer: its tokens by the seconds from its first content to its last. `None` as long as the tokens
    /// are not told, without a [`Timer`](crate::Timer), and where all of the content came at once.
    #[must_use]
    pub fn output_tokens_per_second(&self) -> Option<f64> {
        let time = self.time_to_last_content?.checked_sub(self.time_to_first_content?)?;
        (!time.is_zero()).then_some(self.output_tokens? as f64 / time.as_secs_f64())
    }
}
