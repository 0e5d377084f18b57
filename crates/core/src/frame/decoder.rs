use alloc::vec::Vec;
#[cfg(feature = "converse")]
use core::{mem, ops::Range};

use crc32fast::Hasher;

use super::error::Error;
use super::header::check_headers;
use super::known_headers::KnownHeaders;
use super::limits::Limits;
#[cfg(feature = "converse")]
use super::message::CHECKSUM_LEN;
use super::message::Message;
use super::prelude::{PRELUDE_LEN, Prelude};

/// Decodes a stream's bytes, however they are split, into messages.
///
/// There are two ways to feed it, which may be mixed: [`push`](Self::push) and [`next_message`](Self::next_message)
/// copy the bytes into the decoder's own buffer; [`next_from`](Self::next_from) borrows a message that is complete in
/// the caller's slice, and copies only an incomplete one at its end.
///
/// Memory grows with the bytes that arrive, never because of a length field, and is reused for the next message.
///
/// ```
/// use bedrock_stream_core::frame::{Decoder, Header, encode};
///
/// let mut bytes = Vec::new();
/// encode(&[Header::string(":message-type", "event")], b"{}", &mut bytes)?;
///
/// let mut decoder = Decoder::new();
/// for byte in &bytes {
///     decoder.push(&[*byte]);
/// }
/// let message = decoder.next_message()?.expect("a whole message was pushed");
/// assert_eq!(message.payload(), b"{}");
/// assert_eq!(decoder.next_message()?, None);
/// decoder.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    limits: Limits,
    /// Bytes that arrived; those before `start` have been returned.
    buffer: Vec<u8>,
    start: usize,
    /// The offset of `start` in the stream, in bytes.
    offset: u64,
    /// The verified prelude of the message at `start`, once its twelve bytes have arrived.
    prelude: Option<Prelude>,
    known_headers: KnownHeaders,
    /// Never updated, and cloned for each message: creating a new one would detect the CPU's features again.
    hasher: Hasher,
    failed: Option<Error>,
}

impl Decoder {
    /// A decoder for a new stream, with the default [`Limits`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder for a new stream, with the caller's limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Decodes the next message from the front of `input`, the stream's next bytes, and advances `input` past the bytes
    /// that were used. `None`: all of `input` was used and the message is not complete.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Truncated`]. Every later call returns it again and uses no more input.
    #[inline]
    pub fn next_from<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Result<Option<Message<'s>>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.start < self.buffer.len() {
            return self.next_from_buffer(input);
        }
        self.buffer.clear();
        self.start = 0;
        let whole = match self.split_message(input) {
            Ok(whole) => whole,
            Err(error) => return Err(self.fail(error)),
        };
        if whole.is_none() {
            self.extend(input);
            *input = &[];
        }
        Ok(whole)
    }

    /// Adds the stream's next bytes to the decoder's own buffer. After an error they are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.extend(bytes);
        }
    }

    /// Decodes the next message from the decoder's own buffer. `None`: push more.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Truncated`]. Every later call returns it again.
    pub fn next_message(&mut self) -> Result<Option<Message<'_>>, Error> {
        // When bytes are pushed one at a time, nearly every call returns here.
        let needed = self.prelude.map_or(PRELUDE_LEN, |prelude| prelude.total_len as usize);
        if self.buffered() < needed && self.failed.is_none() {
            return Ok(None);
        }
        self.next_from(&mut &[][..])
    }

    /// Checks whether the stream may end here, including messages that are still in the buffer. It changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] anywhere inside a message; otherwise the error that decoding returned, or would return.
    pub fn finish(&self) -> Result<(), Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = &self.buffer[self.start..];
        let mut offset = self.offset;
        while let Some(bytes) = rest.first_chunk::<PRELUDE_LEN>() {
            let prelude = Prelude::verify(bytes, self.limits, offset)?;
            let Some((message, after)) = rest.split_at_checked(prelude.total_len as usize) else {
                return Err(Error::Truncated { offset, have: rest.len() as u32, need: prelude.total_len });
            };
            Message::check(message, prelude, offset, self.hasher.clone(), check_headers)?;
            offset += u64::from(prelude.total_len);
            rest = after;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(Error::Truncated { offset, have: rest.len() as u32, need: PRELUDE_LEN as u32 })
        }
    }

    /// How many bytes of the stream have been returned as messages: the offset of the next message.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The capacity of the buffer, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// A message that is complete at the front of `input`, with nothing buffered before it. If it is incomplete, its
    /// prelude is kept.
    fn split_message<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Message<'i>>, Error> {
        let Some(bytes) = input.first_chunk::<PRELUDE_LEN>() else {
            return Ok(None);
        };
        let prelude = Prelude::verify(bytes, self.limits, self.offset)?;
        let Some((bytes, rest)) = input.split_at_checked(prelude.total_len as usize) else {
            self.prelude = Some(prelude);
            return Ok(None);
        };
        let known = &mut self.known_headers;
        let repeats =
            Message::check(bytes, prelude, self.offset, self.hasher.clone(), |block| known.check(block))?;
        self.offset += u64::from(prelude.total_len);
        *input = rest;
        Ok(Some(Message::checked(bytes, prelude, repeats)))
    }

    /// The message that starts in the buffer, completed from `input`, of which no more than needed is used.
    fn next_from_buffer(&mut self, input: &mut &[u8]) -> Result<Option<Message<'_>>, Error> {
        let prelude = match self.prelude {
            Some(prelude) => prelude,
            None => {
                self.top_up(PRELUDE_LEN, input);
                let Some(bytes) = self.buffer[self.start..].first_chunk::<PRELUDE_LEN>() else {
                    return Ok(None);
                };
                match Prelude::verify(bytes, self.limits, self.offset) {
                    Ok(prelude) => *self.prelude.insert(prelude),
                    Err(error) => return Err(self.fail(error)),
                }
            }
        };
        let total = prelude.total_len as usize;
        self.top_up(total, input);
        if self.buffered() < total {
            return Ok(None);
        }
        let start = self.start;
        self.prelude = None;
        let message = &self.buffer[start..start + total];
        let known = &mut self.known_headers;
        let hasher = self.hasher.clone();
        let checked = Message::check(message, prelude, self.offset, hasher, |block| known.check(block));
        let repeats = match checked {
            Ok(repeats) => repeats,
            Err(error) => return Err(self.fail(error)),
        };
        self.start += total;
        self.offset += u64::from(prelude.total_len);
        let ends_buffer = self.start == self.buffer.len();
        let message = Message::checked(&self.buffer[start..start + total], prelude, repeats);
        Ok(Some(if ends_buffer { message.at_buffer_end() } else { message }))
    }

    /// A part of the payload, `payload_len` bytes long, of the last message, which must [end the
    /// buffer](Message::ends_buffer): the buffer itself, so that a long text is never in memory twice. It is a copy if it
    /// would keep much more memory than it needs.
    #[cfg(feature = "converse")]
    pub(crate) fn take_payload_part(&mut self, payload_len: usize, part: Range<usize>) -> Vec<u8> {
        let payload = self.buffer.len() - CHECKSUM_LEN - payload_len;
        let (start, end) = (payload + part.start, payload + part.end);
        if self.buffer.capacity() - part.len() > part.len() / MAX_UNUSED_SHARE {
            return self.buffer[start..end].to_vec();
        }
        let mut bytes = mem::take(&mut self.buffer);
        self.start = 0;
        bytes.truncate(end);
        bytes.drain(..start);
        bytes
    }

    fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Moves bytes from `input` to the buffer until it holds `len` bytes of the message, or `input` is used up.
    fn top_up(&mut self, len: usize, input: &mut &[u8]) {
        let lacking = len.saturating_sub(self.buffered());
        let (taken, rest) = input.split_at(lacking.min(input.len()));
        self.extend(taken);
        *input = rest;
    }

    /// Appends to the buffer, which doubles as it fills but never grows past the end of the arriving message. Once a
    /// sixteenth of that message is there, it has room for all of it.
    fn extend(&mut self, bytes: &[u8]) {
        // To keep the cost linear, the rest moves to the front only once that frees as much as it moves.
        if self.start >= self.buffered() {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let needed = self.buffer.len() + bytes.len();
        let capacity = self.buffer.capacity();
        if needed > capacity {
            // Bytes after a long message must not double the space that it needed.
            let end = self.prelude.map_or(0, |prelude| self.start.saturating_add(prelude.total_len as usize));
            let target = if 0 < end && capacity <= end {
                // Doubling would move nearly the whole of a long message for its last bytes.
                if end / 16 <= needed { end } else { (2 * capacity).min(end) }
            } else {
                (2 * capacity).max(MIN_CAPACITY)
            };
            self.buffer.reserve_exact(target.max(needed) - self.buffer.len());
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Stores the final error and frees the buffer.
    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        self.buffer = Vec::new();
        self.start = 0;
        error
    }
}

/// The buffer's initial capacity, in bytes: enough for a few of Bedrock's messages.
const MIN_CAPACITY: usize = 512;
/// A buffer is given away only if at most an eighth of it is unused.
#[cfg(feature = "converse")]
const MAX_UNUSED_SHARE: usize = 8;
