/// How long a message the decoder may be asked to hold: a guard of memory, not a rule of the protocol.
///
/// The specification says that services must enforce its size limits and that clients must not, so the default is the
/// longest message the specification allows (16 bytes of framing, 128 KiB of headers, 24 MiB of payload) and may be
/// raised or lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    max_message_len: u32,
}

impl Limits {
    /// No limit but that of the length field: 4 GiB a message. Memory still grows only by what arrives.
    #[must_use]
    pub const fn none() -> Self {
        Self { max_message_len: u32::MAX }
    }

    /// Refuses a message whose total length, in bytes, is more than `len`, as soon as its prelude has arrived.
    #[must_use]
    pub const fn max_message_len(len: u32) -> Self {
        Self { max_message_len: len }
    }

    pub(super) const fn message_len(self) -> u32 {
        self.max_message_len
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_message_len: FRAMING_LEN + MAX_HEADERS_LEN + MAX_PAYLOAD_LEN }
    }
}

/// The prelude and the message checksum, in bytes.
pub(super) const FRAMING_LEN: u32 = 16;
/// The longest header block that the specification allows, in bytes.
pub(super) const MAX_HEADERS_LEN: u32 = 128 * 1024;
/// The longest payload that the specification allows, in bytes.
pub(super) const MAX_PAYLOAD_LEN: u32 = 24 * 1024 * 1024;
