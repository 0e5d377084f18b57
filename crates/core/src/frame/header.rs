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
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (header, rest) = split_header(self.rest).ok()?;
        self.rest = rest;
        Some(header)
    }
}

impl FusedIterator for Headers<'_> {}

/// Checks a whole header block; on failure, returns where the invalid header starts in the block, in bytes.
pub(super) fn check_headers(block: &[u8]) -> Result<(), (usize, HeaderError)> {
    let mut rest = block;
    while !rest.is_empty() {
        let at = block.len() - rest.len();
        (_, rest) = split_header(rest).map_err(|error| (at, error))?;
    }
    Ok(())
}

/// Reads one header from the front of a block.
fn split_header(block: &[u8]) -> Result<(Header<'_>, &[u8]), HeaderError> {
    let (&name_len, rest) = block.split_first().ok_or(HeaderError::Overrun)?;
    if name_len == 0 {
        return Err(HeaderError::EmptyName);
    }
    let (name, rest) = rest.split_at_checked(usize::from(name_len)).ok_or(HeaderError::Overrun)?;
    let name = core::str::from_utf8(name).map_err(|_| HeaderError::NameNotUtf8)?;
    let (&code, rest) = rest.split_first().ok_or(HeaderError::Overrun)?;
    let (value, rest) = split_value(code, rest)?;
    Ok((Header { name, value }, rest))
}

fn split_value(code: u8, rest: &[u8]) -> Result<(Value<'_>, &[u8]), HeaderError> {
    Ok(match code {
        0 => (Value::Bool(true), rest),
        1 => (Value::Bool(false), rest),
        2 => fixed(rest, |bytes| Value::Byte(i8::from_be_bytes(bytes)))?,
        3 => fixed(rest, |bytes| Value::Short(i16::from_be_bytes(bytes)))?,
        4 => fixed(rest, |bytes| Value::Integer(i32::from_be_bytes(bytes)))?,
        5 => fixed(rest, |bytes| Value::Long(i64::from_be_bytes(bytes)))?,
        6 => {
            let (bytes, rest) = split_sized(rest)?;
            (Value::ByteArray(bytes), rest)
        }
        7 => {
            let (bytes, rest) = split_sized(rest)?;
            let text = core::str::from_utf8(bytes).map_err(|_| HeaderError::ValueNotUtf8)?;
            (Value::String(text), rest)
        }
        8 => fixed(rest, |bytes| Value::Timestamp(i64::from_be_bytes(bytes)))?,
        9 => fixed(rest, Value::Uuid)?,
        code => return Err(HeaderError::UnknownType { code }),
    })
}

fn fixed<const N: usize>(
    rest: &[u8],
    value: impl FnOnce([u8; N]) -> Value<'static>,
) -> Result<(Value<'static>, &[u8]), HeaderError> {
    let (bytes, rest) = rest.split_first_chunk::<N>().ok_or(HeaderError::Overrun)?;
    Ok((value(*bytes), rest))
}

/// Reads a value that is preceded by its length, a `u16`.
fn split_sized(rest: &[u8]) -> Result<(&[u8], &[u8]), HeaderError> {
    let (len, rest) = rest.split_first_chunk().ok_or(HeaderError::Overrun)?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or(HeaderError::Overrun)
}
