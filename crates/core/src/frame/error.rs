use core::fmt;

use crate::error_kind::ErrorKind;

/// Why bytes are not an event stream. Final: the specification says that a stream with an error must be terminated.
///
/// `offset` is where the message starts in the stream, in bytes. The same bytes always cause the same error, however
/// they are split.
///
/// ```
/// use bedrock_stream_core::ErrorKind;
/// use bedrock_stream_core::frame::Decoder;
///
/// let mut decoder = Decoder::new();
/// decoder.push(b"<html><head><title>502 Bad Gateway</title>");
/// let error = decoder.next_message().unwrap_err();
/// assert_eq!((error.kind(), error.offset()), (ErrorKind::PreludeChecksum, 0));
/// assert_eq!(error.looks_like(), Some("HTML or XML"));
/// // It is final: the same for ever.
/// assert_eq!(decoder.next_message(), Err(error));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The prelude does not match its checksum. Nearly always the bytes are not an event stream at all.
    #[error(
        "no event stream message starts at byte {offset}: the prelude's checksum says {wire:#010x}, its \
         bytes give {computed:#010x}; {}",
        PreludeDescription(prelude)
    )]
    #[non_exhaustive]
    PreludeChecksum {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// The checksum that was received.
        wire: u32,
        /// The checksum computed from the bytes that were received.
        computed: u32,
        /// The twelve bytes.
        prelude: [u8; 12],
    },
    /// The prelude is intact but its lengths contradict each other.
    #[error(
        "the message at byte {offset} declares {total} bytes, {headers} of them headers: a message has 16 bytes besides \
         its headers and its payload"
    )]
    #[non_exhaustive]
    Length {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// The declared length of the whole message, in bytes.
        total: u32,
        /// The declared length of the header block, in bytes.
        headers: u32,
        /// The twelve bytes.
        prelude: [u8; 12],
    },
    /// The message is longer than [`Limits`](super::Limits) allow.
    #[error("the message at byte {offset} declares {len} bytes, more than the limit of {limit}")]
    #[non_exhaustive]
    TooLong {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// The declared length of the whole message, in bytes.
        len: u32,
        /// The limit, in bytes.
        limit: u32,
    },
    /// The message does not match its checksum: it was damaged in transit.
    #[error(
        "the message at byte {offset} is damaged: its checksum is {wire:#010x}, but its bytes have {computed:#010x}"
    )]
    #[non_exhaustive]
    MessageChecksum {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// The checksum that was received.
        wire: u32,
        /// The checksum computed from the bytes that were received.
        computed: u32,
    },
    /// The checksums match, but a header is malformed.
    #[error("the message at byte {offset} has an invalid header {at} bytes in: {error}")]
    #[non_exhaustive]
    Header {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// Where the header starts in the message, in bytes.
        at: u32,
        /// What is wrong with it.
        error: HeaderError,
    },
    /// The stream ended inside a message.
    #[error("the stream ends inside the message at byte {offset}: {have} of at least {need} bytes arrived")]
    #[non_exhaustive]
    Truncated {
        /// Where the message starts, in bytes from the start of the stream.
        offset: u64,
        /// How many of its bytes arrived.
        have: u32,
        /// How many bytes it has; until its prelude has arrived, 12, the length of the prelude.
        need: u32,
    },
}

impl Error {
    /// What the bytes appear to be at the place where a message should start, if they are recognized ("HTML or XML",
    /// "JSON", ..): a proxy's error page, for example.
    #[must_use]
    pub fn looks_like(&self) -> Option<&'static str> {
        match self {
            Self::PreludeChecksum { prelude, .. } | Self::Length { prelude, .. } => looks_like(prelude),
            _ => None,
        }
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::PreludeChecksum { .. } => ErrorKind::PreludeChecksum,
            Self::Length { .. } => ErrorKind::Length,
            Self::TooLong { .. } => ErrorKind::TooLong,
            Self::MessageChecksum { .. } => ErrorKind::MessageChecksum,
            Self::Header { .. } => ErrorKind::Header,
            Self::Truncated { .. } => ErrorKind::Truncated,
        }
    }

    /// Where the faulty message starts, in bytes from the start of the stream.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match *self {
            Self::PreludeChecksum { offset, .. }
            | Self::Length { offset, .. }
            | Self::TooLong { offset, .. }
            | Self::MessageChecksum { offset, .. }
            | Self::Header { offset, .. }
            | Self::Truncated { offset, .. } => offset,
        }
    }
}

constructors! {
    impl Error {
        prelude_checksum => PreludeChecksum { offset: u64, wire: u32, computed: u32, prelude: [u8; 12] },
        length => Length { offset: u64, total: u32, headers: u32, prelude: [u8; 12] },
        too_long => TooLong { offset: u64, len: u32, limit: u32 },
        message_checksum => MessageChecksum { offset: u64, wire: u32, computed: u32 },
        header => Header { offset: u64, at: u32, error: HeaderError },
        truncated => Truncated { offset: u64, have: u32, need: u32 },
    }
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name is empty; the specification requires 1 to 255 bytes.
    #[error("its name is empty")]
    EmptyName,
    /// The name is not UTF-8.
    #[error("its name is not UTF-8")]
    NameNotUtf8,
    /// The value of a `string` is not UTF-8.
    #[error("its string value is not UTF-8")]
    ValueNotUtf8,
    /// The type is not one of the ten.
    #[error("its type is {code}, but only 0 to 9 are defined")]
    #[non_exhaustive]
    UnknownType {
        /// The type byte.
        code: u8,
    },
    /// The name or the value runs past the end of the header block.
    #[error("it runs past the end of the header block")]
    Overrun,
}

constructors! {
    impl HeaderError {
        unknown_type => UnknownType { code: u8 },
    }
}

fn looks_like(prelude: &[u8; 12]) -> Option<&'static str> {
    let text = prelude.trim_ascii_start();
    let starts = |prefix: &[u8]| text.starts_with(prefix);
    if starts(b"\x1f\x8b") {
        Some("gzip")
    } else if starts(b"\xff\xd8\xff") {
        Some("a JPEG image")
    } else if starts(b"\x89PNG") {
        Some("a PNG image")
    } else if starts(b"data:") || starts(b"event:") {
        Some("server-sent events")
    } else if starts(b"HTTP/") {
        Some("an HTTP response with its head")
    } else if starts(b"<") {
        Some("HTML or XML")
    } else if starts(b"{") || starts(b"[") {
        Some("JSON")
    } else {
        None
    }
}

/// Describes twelve bytes for a person.
struct PreludeDescription<'a>(&'a [u8; 12]);

impl fmt::Display for PreludeDescription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match looks_like(self.0) {
            Some(what) => write!(f, "its bytes, \"{}\", look like {what}", self.0.escape_ascii()),
            None => write!(f, "its bytes are \"{}\"", self.0.escape_ascii()),
        }
    }
}
