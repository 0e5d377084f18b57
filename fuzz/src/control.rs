//! The head of an input, which controls how the rest is used, so that each target is a function of bytes.

use bedrock_stream_core::frame::Limits;

/// How a stream is split and limited.
pub(crate) struct Control {
    /// The lengths of the pieces, in bytes, repeated.
    pub(crate) lens: Vec<usize>,
    /// The longest message, in bytes.
    pub(crate) limit: u32,
    /// A few bits for the target itself.
    pub(crate) bits: u8,
}

impl Control {
    /// Takes a control from the front of `data`. In the first byte, the low four bits are the number of lengths, the
    /// next two select the limit, and the last two are the target's. The lengths follow, one byte each. The rest is the
    /// stream.
    pub(crate) fn split(data: &[u8]) -> (Self, &[u8]) {
        let (&first, rest) = data.split_first().unwrap_or((&0, &[]));
        let count = usize::from(first & 0x0f).min(rest.len());
        let (lens, stream) = rest.split_at(count);
        let lens = lens.iter().map(|&len| usize::from(len)).collect();
        let limit = [DEFAULT_LIMIT, u32::MAX, 100, DEFAULT_LIMIT][usize::from(first >> 4 & 3)];
        (Self { lens, limit, bits: first >> 6 }, stream)
    }

    /// The control that [`split`](Self::split) takes from the front of the same bytes.
    pub(crate) fn join(lens: &[u8], bits: u8, stream: &[u8]) -> Vec<u8> {
        let mut data = vec![bits << 6 | lens.len() as u8];
        data.extend_from_slice(lens);
        data.extend_from_slice(stream);
        data
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits::max_message_len(self.limit)
    }
}

/// The longest message that the specification allows, in bytes: the core's default.
const DEFAULT_LIMIT: u32 = 16 + 128 * 1024 + 24 * 1024 * 1024;
