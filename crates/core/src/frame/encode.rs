#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::borrow::Borrow;

use super::header::Header;
use super::limits::{FRAMING_LEN, MAX_HEADERS_LEN, MAX_PAYLOAD_LEN};
use super::value::Value;

/// Appends one message to `out`. The headers may be a slice of [`Header`]s or the
/// [`headers`](super::Message::headers) of another message.
///
/// # Errors
///
/// [`EncodeError`] if a length is not allowed by the specification; `out` is then unchanged.
///
/// ```
/// use bedrock_stream_core::frame::{Header, Message, encode};
///
/// let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "messageStart")];
/// let mut bytes = Vec::new();
/// encode(&headers, br#"{"role":"assistant"}"#, &mut bytes)?;
///
/// // A proxy writes a message again, with its headers as they came.
/// let (message, _) = Message::parse(&bytes)?.expect("it is whole");
/// let mut copy = Vec::new();
/// encode(message.headers(), message.payload(), &mut copy)?;
/// assert_eq!(copy, bytes);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "alloc")]
pub fn encode<'h, H>(headers: H, payload: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError>
where
    H: IntoIterator<Item: Borrow<Header<'h>>> + Clone,
{
    let (total, headers_len) = measure(headers.clone(), payload)?;
    let start = out.len();
    out.resize(start + total, 0);
    write(headers, headers_len, payload, &mut out[start..]);
    Ok(())
}

/// Writes one message to the front of `out` and returns its length in bytes, without an allocator.
///
/// # Errors
///
/// [`EncodeError`] if a length is not allowed by the specification or `out` is too small; nothing is then written.
/// [`EncodeError::BufferTooSmall`] says how long the message is.
///
/// ```
/// use bedrock_stream_core::frame::{EncodeError, Header, encode_into};
///
/// let headers = [Header::string(":event-type", "metadata")];
/// let mut buffer = [0; 64];
/// let len = encode_into(&headers, b"{}", &mut buffer)?;
/// let message = &buffer[..len];
///
/// let error = encode_into(&headers, b"{}", &mut [0; 8]).unwrap_err();
/// assert!(matches!(error, EncodeError::BufferTooSmall { need, have: 8, .. } if need == message.len()));
/// # Ok::<(), EncodeError>(())
/// ```
pub fn encode_into<'h, H>(headers: H, payload: &[u8], out: &mut [u8]) -> Result<usize, EncodeError>
where
    H: IntoIterator<Item: Borrow<Header<'h>>> + Clone,
{
    let (total, headers_len) = measure(headers.clone(), payload)?;
    let have = out.len();
    let out = out.get_mut(..total).ok_or(EncodeError::BufferTooSmall { need: total, have })?;
    write(headers, headers_len, payload, out);
    Ok(total)
}

/// Why a message cannot be written. `index` counts the headers from 0.
///
/// ```
/// use bedrock_stream_core::frame::{EncodeError, Header, encode_into};
///
/// let error = encode_into(&[Header::string("", "a value")], b"", &mut [0; 64]).unwrap_err();
/// assert!(matches!(error, EncodeError::HeaderName { index: 0, len: 0, .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A header's name is empty or longer than 255 bytes.
    #[error("the name of header {index} has {len} bytes; it must have 1 to 255")]
    #[non_exhaustive]
    HeaderName {
        /// The header's index.
        index: usize,
        /// The name's length, in bytes.
        len: usize,
    },
    /// A header's value is longer than 32,767 bytes.
    #[error("the value of header {index} has {len} bytes, more than the limit of 32767")]
    #[non_exhaustive]
    HeaderValue {
        /// The header's index.
        index: usize,
        /// The value's length, in bytes.
        len: usize,
    },
    /// The headers have more than 128 KiB in total.
    #[error("the headers have {len} bytes in total, more than the limit of 131072")]
    #[non_exhaustive]
    Headers {
        /// Their encoded length, in bytes, up to and including the header that exceeds the limit.
        len: usize,
    },
    /// The payload is longer than 24 MiB.
    #[error("the payload has {len} bytes, more than the limit of 25165824")]
    #[non_exhaustive]
    Payload {
        /// The payload's length, in bytes.
        len: usize,
    },
    /// The output slice is too small.
    #[error("the message has {need} bytes, but the buffer only {have}")]
    #[non_exhaustive]
    BufferTooSmall {
        /// The message's length, in bytes.
        need: usize,
        /// The buffer's length, in bytes.
        have: usize,
    },
}

constructors! {
    impl EncodeError {
        header_name => HeaderName { index: usize, len: usize },
        header_value => HeaderValue { index: usize, len: usize },
        headers => Headers { len: usize },
        payload => Payload { len: usize },
        buffer_too_small => BufferTooSmall { need: usize, have: usize },
    }
}

/// Checks every length; returns those of the message and of its header block.
fn measure<'h, H>(headers: H, payload: &[u8]) -> Result<(usize, u32), EncodeError>
where
    H: IntoIterator<Item: Borrow<Header<'h>>>,
{
    let mut headers_len = 0;
    for (index, header) in headers.into_iter().enumerate() {
        let Header { name, value } = *header.borrow();
        if name.is_empty() || name.len() > MAX_NAME_LEN {
            return Err(EncodeError::HeaderName { index, len: name.len() });
        }
        let value_len = match value {
            Value::Bool(_) => 0,
            Value::Byte(_) => 1,
            Value::Short(_) => 2,
            Value::Integer(_) => 4,
            Value::Long(_) | Value::Timestamp(_) => 8,
            Value::Uuid(_) => 16,
            Value::ByteArray(bytes) => 2 + check_value(index, bytes)?,
            Value::String(text) => 2 + check_value(index, text.as_bytes())?,
        };
        headers_len += 1 + name.len() + 1 + value_len;
        if headers_len > MAX_HEADERS_LEN as usize {
            return Err(EncodeError::Headers { len: headers_len });
        }
    }
    if payload.len() > MAX_PAYLOAD_LEN as usize {
        return Err(EncodeError::Payload { len: payload.len() });
    }
    Ok((FRAMING_LEN as usize + headers_len + payload.len(), headers_len as u32))
}

fn check_value(index: usize, value: &[u8]) -> Result<usize, EncodeError> {
    if value.len() > MAX_VALUE_LEN {
        return Err(EncodeError::HeaderValue { index, len: value.len() });
    }
    Ok(value.len())
}

/// Fills `out`, whose length is exactly the one that [`measure`] returned.
fn write<'h, H>(headers: H, headers_len: u32, payload: &[u8], out: &mut [u8])
where
    H: IntoIterator<Item: Borrow<Header<'h>>>,
{
    let total = out.len() as u32;
    let mut cursor = Cursor { out, at: 0 };
    cursor.put(&total.to_be_bytes());
    cursor.put(&headers_len.to_be_bytes());
    cursor.put_checksum();
    for header in headers {
        let Header { name, value } = *header.borrow();
        cursor.put(&[name.len() as u8]);
        cursor.put(name.as_bytes());
        match value {
            Value::Bool(true) => cursor.put(&[0]),
            Value::Bool(false) => cursor.put(&[1]),
            Value::Byte(byte) => cursor.put_value(2, &byte.to_be_bytes()),
            Value::Short(short) => cursor.put_value(3, &short.to_be_bytes()),
            Value::Integer(integer) => cursor.put_value(4, &integer.to_be_bytes()),
            Value::Long(long) => cursor.put_value(5, &long.to_be_bytes()),
            Value::ByteArray(bytes) => cursor.put_sized(6, bytes),
            Value::String(text) => cursor.put_sized(7, text.as_bytes()),
            Value::Timestamp(millis) => cursor.put_value(8, &millis.to_be_bytes()),
            Value::Uuid(bytes) => cursor.put_value(9, &bytes),
        }
    }
    cursor.put(payload);
    cursor.put_checksum();
}

struct Cursor<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Cursor<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.out[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    fn put_value(&mut self, code: u8, bytes: &[u8]) {
        self.put(&[code]);
        self.put(bytes);
    }

    fn put_sized(&mut self, code: u8, bytes: &[u8]) {
        self.put(&[code]);
        self.put(&(bytes.len() as u16).to_be_bytes());
        self.put(bytes);
    }

    /// The checksum of everything so far.
    fn put_checksum(&mut self) {
        let checksum = crc32fast::hash(&self.out[..self.at]);
        self.put(&checksum.to_be_bytes());
    }
}

const MAX_NAME_LEN: usize = 255;
const MAX_VALUE_LEN: usize = 32_767;
