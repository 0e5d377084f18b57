/// How much memory a decoder may use for a stream. This is a guard against hostile streams, not a rule of the protocol.
///
/// `max_message_len` bounds one message. `max_state_len` bounds what a decoder of answers keeps from one message to
/// the next: the arguments of open tool calls, the ids and names of open blocks, metadata. It is 64 MiB by default;
/// anything beyond it is skipped, reported and counted. Both are in bytes of content; allocators may use up to twice
/// as much.
///
/// The specification says that services must enforce its size limits and that clients must not, so the default is the
/// longest message the specification allows (16 bytes of framing, 128 KiB of headers, 24 MiB of payload) and may be
/// raised or lifted.
///
/// ```
/// use bedrock_stream_core::converse::ChunkDecoder;
/// use bedrock_stream_core::frame::Limits;
///
/// let limits = Limits::max_message_len(1 << 20).with_max_state_len(4 << 20);
/// let mut decoder = ChunkDecoder::with_limits(limits);
/// # let mut bytes = Vec::new();
/// # bedrock_stream_core::frame::encode([].iter(), &vec![0; 2 << 20], &mut bytes)?;
/// // A message of 2 MiB is refused by its first twelve bytes.
/// decoder.push(&bytes[..12]);
/// assert!(decoder.next_chunk().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    max_message_len: u32,
    max_state_len: usize,
}

impl Limits {
    /// No limit except that of the length field, 4 GiB a message. Memory still grows only with the bytes that arrive.
    #[must_use]
    pub const fn none() -> Self {
        Self { max_message_len: u32::MAX, max_state_len: usize::MAX }
    }

    /// Refuses a message whose total length, in bytes, is more than `len`, as soon as its prelude has arrived.
    #[must_use]
    pub const fn max_message_len(len: u32) -> Self {
        Self { max_message_len: len, max_state_len: MAX_STATE_LEN }
    }

    /// Sets how many bytes a decoder of answers may keep from one message to the next.
    #[must_use]
    pub const fn with_max_state_len(self, len: usize) -> Self {
        Self { max_state_len: len, ..self }
    }

    /// The longest message, in bytes.
    #[must_use]
    pub const fn message_len(self) -> u32 {
        self.max_message_len
    }

    /// How many bytes a decoder of answers may keep from one message to the next.
    #[must_use]
    pub const fn state_len(self) -> usize {
        self.max_state_len
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::max_message_len(FRAMING_LEN + MAX_HEADERS_LEN + MAX_PAYLOAD_LEN)
    }
}

/// In bytes; many times what any model writes in an answer.
const MAX_STATE_LEN: usize = 64 * 1024 * 1024;
/// The prelude and the message checksum, in bytes.
pub(super) const FRAMING_LEN: u32 = 16;
/// The longest header block that the specification allows, in bytes.
pub(super) const MAX_HEADERS_LEN: u32 = 128 * 1024;
/// The longest payload that the specification allows, in bytes.
pub(super) const MAX_PAYLOAD_LEN: u32 = 24 * 1024 * 1024;
