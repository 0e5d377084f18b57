use core::iter::FusedIterator;

use super::error::HeaderError;
use super::value::Value;

/// One header: a name of 1 to 255 bytes and a value.
///
/// ```
/// use bedrock_stream_core::frame::{Header, Value};
///
/// let header = Header::string(":message-type", "event");
/// assert_eq!(header, Header::new(":message-type", Value::String("event")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name; those that start with `:` belong to the protocol.
    pub name: &'a str,
    /// The value.
    pub value: Value<'a>,
}

impl<'a> Header<'a> {
    /// A header. Its lengths are checked by [`encode_into`](super::encode_into).
    #[must_use]
    pub const fn new(name: &'a str, value: Value<'a>) -> Self {
        Self { name, value }
    }

    /// A header with a `string` value, the most common type.
    #[must_use]
    pub const fn string(name: &'a str, value: &'a str) -> Self {
        Self { name, value: Value::String(value) }
    }
}

/// The headers of a verified message, in wire order, repeated names included. Iterating cannot fail: the message was
/// checked before it was returned.
///
/// ```
/// use bedrock_stream_core::frame::{Header, Message, encode};
///
/// let mut bytes = Vec::new();
/// encode(&[Header::string("a", "1"), Header::string("b", "2")], b"", &mut bytes)?;
/// let (message, _) = Message::parse(&bytes)?.expect("it is whole");
/// let names: Vec<&str> = message.headers().map(|header| header.name).collect();
/// assert_eq!(names, ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    /// `block` must have passed [`check_headers`].
    pub(super) const fn new(block: &'a [u8]) -> Self {
        Self { rest: block }
    }

    /// The next header, whose text has not been read yet.
    pub(super) fn next_raw(&mut self) -> Option<RawHeader<'a>> {
        // Its text was checked with the message.
        let (header, rest) = split_header(self.rest, |_| true).ok()?;
        self.rest = rest;
        Some(header)
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_raw()?.read()
    }
}

impl FusedIterator for Headers<'_> {}

/// A header of a verified message, as its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawHeader<'a> {
    pub(super) name: &'a [u8],
    code: u8,
    value: &'a [u8],
}

impl<'a> RawHeader<'a> {
    fn read(self) -> Option<Header<'a>> {
        Some(Header { name: core::str::from_utf8(self.name).ok()?, value: self.value()? })
    }

    /// The value; always `Some` for a header that was checked.
    pub(super) fn value(self) -> Option<Value<'a>> {
        Some(match self.code {
            0 => Value::Bool(true),
            1 => Value::Bool(false),
            2 => Value::Byte(i8::from_be_bytes(self.fixed()?)),
            3 => Value::Short(i16::from_be_bytes(self.fixed()?)),
            4 => Value::Integer(i32::from_be_bytes(self.fixed()?)),
            5 => Value::Long(i64::from_be_bytes(self.fixed()?)),
            6 => Value::ByteArray(self.value),
            STRING => Value::String(core::str::from_utf8(self.value).ok()?),
            8 => Value::Timestamp(i64::from_be_bytes(self.fixed()?)),
            9 => Value::Uuid(self.fixed()?),
            _ => return None,
        })
    }

    fn fixed<const N: usize>(self) -> Option<[u8; N]> {
        self.value.try_into().ok()
    }
}

/// Checks a whole header block; on failure, returns where the invalid header starts in the block, in bytes.
pub(super) fn check_headers(block: &[u8]) -> Result<(), (usize, HeaderError)> {
    // Nearly every block is ASCII throughout, lengths included, and asking that once is much faster than checking
    // several short texts.
    let is_ascii = block.is_ascii();
    let is_text = |bytes: &[u8]| is_ascii || core::str::from_utf8(bytes).is_ok();
    let mut rest = block;
    while !rest.is_empty() {
        let at = block.len() - rest.len();
        (_, rest) = split_header(rest, is_text).map_err(|error| (at, error))?;
    }
    Ok(())
}

/// Splits one header from the front of a block. `is_text` says whether bytes are UTF-8.
fn split_header(
    block: &[u8],
    is_text: impl Fn(&[u8]) -> bool,
) -> Result<(RawHeader<'_>, &[u8]), HeaderError> {
    let (&name_len, rest) = block.split_first().ok_or(HeaderError::Overrun)?;
    if name_len == 0 {
        return Err(HeaderError::EmptyName);
    }
    let (name, rest) = rest.split_at_checked(usize::from(name_len)).ok_or(HeaderError::Overrun)?;
    if !is_text(name) {
        return Err(HeaderError::NameNotUtf8);
    }
    let (&code, rest) = rest.split_first().ok_or(HeaderError::Overrun)?;
    let (len, rest) = match code {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        6 | STRING => {
            let (len, rest) = rest.split_first_chunk().ok_or(HeaderError::Overrun)?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        9 => (16, rest),
        code => return Err(HeaderError::UnknownType { code }),
    };
    let (value, rest) = rest.split_at_checked(len).ok_or(HeaderError::Overrun)?;
    if code == STRING && !is_text(value) {
        return Err(HeaderError::ValueNotUtf8);
    }
    Ok((RawHeader { name, code, value }, rest))
}

/// The type code of a string.
const STRING: u8 = 7;
