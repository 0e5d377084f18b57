use bytes::Bytes;

use crate::corpus::Corpus;

/// How a stream is split into reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// All at once.
    Whole,
    /// Reads of 16 KiB, as from a socket.
    Reads,
    /// 1,400 bytes, as from a network packet.
    Packets,
    /// One message at a time, as Bedrock writes.
    Messages,
    /// One byte at a time.
    Bytes,
}

impl Split {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Whole, Self::Reads, Self::Packets, Self::Messages, Self::Bytes];

    /// Its name in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Reads => "16 KiB",
            Self::Packets => "1,400 bytes",
            Self::Messages => "a frame each",
            Self::Bytes => "a byte each",
        }
    }

    /// The pieces of a corpus.
    #[must_use]
    pub fn pieces(self, corpus: &Corpus) -> Vec<Bytes> {
        let every = |len: usize| {
            let at = (0..corpus.bytes.len()).step_by(len);
            at.map(|at| corpus.bytes.slice(at..corpus.bytes.len().min(at + len))).collect()
        };
        match self {
            Self::Whole => vec![corpus.bytes.clone()],
            Self::Reads => every(READ),
            Self::Packets => every(1_400),
            Self::Messages => corpus.messages.clone(),
            Self::Bytes => every(1),
        }
    }
}

/// The size of a read from a socket, in bytes.
pub const READ: usize = 16 << 10;
