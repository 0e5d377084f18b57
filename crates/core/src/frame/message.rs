use core::fmt;

use crc32fast::Hasher;

use super::error::{Error, HeaderError};
use super::header::{Headers, check_headers};
use super::limits::Limits;
use super::prelude::{PRELUDE_LEN, Prelude};
use super::value::Value;

/// One message (one frame), borrowed from the bytes it arrived in. Its checksums and its headers have been verified.
///
/// ```
/// use bedrock_stream_core::frame::{Header, Message, encode_into};
///
/// let mut buffer = [0; 64];
/// let len = encode_into(&[Header::string(":event-type", "metadata")], b"{}", &mut buffer)?;
///
/// // Half of a message is no error: more bytes are needed.
/// assert_eq!(Message::parse(&buffer[..len / 2])?, None);
/// let (message, rest) = Message::parse(&buffer[..len])?.expect("it is whole");
/// assert_eq!(message.header(":event-type").and_then(|value| value.as_str()), Some("metadata"));
/// assert_eq!((message.payload(), rest), (&b"{}"[..], &b""[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    headers_len: usize,
    repeats_headers: bool,
    #[cfg_attr(not(feature = "converse"), expect(dead_code, reason = "only a decoder of answers asks"))]
    ends_buffer: bool,
}

/// Messages are equal if their bytes are.
impl PartialEq for Message<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Message<'_> {}

impl<'a> Message<'a> {
    /// Parses one message at the front of `input`. Returns the message and the bytes after it, or `None` while the
    /// message is incomplete. Offsets in errors count from the start of `input`.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Truncated`], with the default [`Limits`].
    pub fn parse(input: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, Error> {
        Self::parse_with(input, Limits::default())
    }

    /// Like [`parse`](Self::parse), with the caller's limits.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Truncated`].
    pub fn parse_with(input: &'a [u8], limits: Limits) -> Result<Option<(Self, &'a [u8])>, Error> {
        let Some(prelude) = input.first_chunk::<PRELUDE_LEN>() else {
            return Ok(None);
        };
        let prelude = Prelude::verify(prelude, limits, 0)?;
        let Some((bytes, rest)) = input.split_at_checked(prelude.total_len as usize) else {
            return Ok(None);
        };
        Self::check(bytes, prelude, 0, Hasher::new(), check_headers)?;
        Ok(Some((Self::checked(bytes, prelude, false), rest)))
    }

    /// Verifies a complete message of exactly `prelude.total_len` bytes, which starts at `offset` in its stream.
    /// `hasher` must be new; `check_headers` is [`check_headers`] or a caching form of it, whose result is returned.
    #[inline]
    pub(super) fn check<T>(
        bytes: &[u8],
        prelude: Prelude,
        offset: u64,
        mut hasher: Hasher,
        check_headers: impl FnOnce(&[u8]) -> Result<T, (usize, HeaderError)>,
    ) -> Result<T, Error> {
        let headers_len = prelude.headers_len as usize;
        let (covered, wire) = bytes.split_at(bytes.len() - CHECKSUM_LEN);
        let wire = wire.iter().fold(0, |crc, &byte| crc << 8 | u32::from(byte));
        hasher.update(covered);
        let computed = hasher.finalize();
        if wire != computed {
            return Err(Error::MessageChecksum { offset, wire, computed });
        }
        check_headers(&covered[PRELUDE_LEN..PRELUDE_LEN + headers_len]).map_err(|(at, error)| Error::Header {
            offset,
            at: (PRELUDE_LEN + at) as u32,
            error,
        })
    }

    /// The message in `bytes`, which must have passed [`check`](Self::check) with the same prelude.
    pub(super) const fn checked(bytes: &'a [u8], prelude: Prelude, repeats_headers: bool) -> Self {
        Self { bytes, headers_len: prelude.headers_len as usize, repeats_headers, ends_buffer: false }
    }

    /// The same message, at the end of its decoder's own buffer.
    #[cfg(feature = "alloc")]
    pub(super) const fn at_buffer_end(self) -> Self {
        Self { ends_buffer: true, ..self }
    }

    /// Whether it lies in its [`Decoder`](super::Decoder)'s own buffer, with nothing after it, so that the decoder can give
    /// the buffer away.
    #[cfg(feature = "converse")]
    pub(crate) const fn ends_buffer(&self) -> bool {
        self.ends_buffer
    }

    /// Whether the header block is known to be the same as that of the message that the same
    /// [`Decoder`](super::Decoder) returned before. For decoders that then need not look at it.
    #[doc(hidden)]
    #[must_use]
    pub const fn repeats_headers(&self) -> bool {
        self.repeats_headers
    }

    /// The header block as it was sent. For decoders that compare it with one that they have read.
    #[doc(hidden)]
    #[must_use]
    pub fn header_block(&self) -> &'a [u8] {
        &self.bytes[PRELUDE_LEN..PRELUDE_LEN + self.headers_len]
    }

    /// The headers, in wire order.
    #[must_use]
    pub fn headers(&self) -> Headers<'a> {
        Headers::new(&self.bytes[PRELUDE_LEN..PRELUDE_LEN + self.headers_len])
    }

    /// The value of the first header with that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Value<'a>> {
        self.headers().find(|header| header.name == name).map(|header| header.value)
    }

    /// The payload, as it was sent.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[PRELUDE_LEN + self.headers_len..self.bytes.len() - CHECKSUM_LEN]
    }

    /// The exact bytes of the whole message, framing included, as a proxy forwards them.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct List<'a>(Headers<'a>);
        impl fmt::Debug for List<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map().entries(self.0.clone().map(|header| (header.name, header.value))).finish()
            }
        }
        f.debug_struct("Message")
            .field("headers", &List(self.headers()))
            .field("payload_len", &self.payload().len())
            .finish_non_exhaustive()
    }
}

/// Length of the checksum after the payload, in bytes.
pub(super) const CHECKSUM_LEN: usize = 4;
