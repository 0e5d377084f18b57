use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use bedrock_stream_core::frame::Limits;

use super::error::Error;
use super::event::Event;
use super::event_reader::{EventReader, Found};

/// Decodes a stream's bytes, however they are split, into server-sent events.
///
/// There are two ways to feed it, which may be mixed: [`push`](Self::push) and [`next_event`](Self::next_event) copy
/// the bytes into the decoder's own buffer; [`next_from`](Self::next_from) borrows an event that is complete in the
/// caller's slice and has one `data` line, and copies only an incomplete one at its end.
///
/// [`Limits::message_len`] limits the length of an event's data. Any line other than `data` may have up to 64 KiB, or
/// less if the limit is lower. Memory grows with the bytes that arrive and is reused for the next event.
///
/// ```
/// use bedrock_stream_dialects::sse::Decoder;
///
/// let mut decoder = Decoder::new();
/// for byte in b"data: {}\nevent: ping\n\n" {
///     decoder.push(&[*byte]);
/// }
/// let event = decoder.next_event()?.expect("a whole event was pushed");
/// assert_eq!((event.name, event.data), (Some("ping"), "{}"));
/// assert_eq!(decoder.next_event()?, None);
/// assert_eq!(decoder.finish()?, None);
/// # Ok::<(), bedrock_stream_dialects::sse::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Decoder {
    reader: EventReader,
    /// The bytes that were pushed; those before `start` have been read.
    buffer: Vec<u8>,
    start: usize,
    /// The name and the data of an event with invalid UTF-8, as text.
    name: String,
    data: String,
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
        Self { reader: EventReader::new(limits), ..Self::default() }
    }

    /// Decodes the next event from the front of `input`, the stream's next bytes, and advances `input` past the bytes
    /// that were used. `None`: all of `input` was used and the event is not complete.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`]. Every later call returns it again and uses no more input.
    pub fn next_from<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Result<Option<Event<'s>>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.start < self.buffer.len() {
            match self.reader.read(&self.buffer[self.start..]) {
                Ok((used, found)) => {
                    let start = self.start;
                    self.start += used;
                    if let Some(found) = found {
                        let bytes = &self.buffer[start..];
                        return Ok(Some(lend(&self.reader, found, bytes, &mut self.name, &mut self.data)));
                    }
                }
                Err(error) => return Err(self.fail(error.into())),
            }
        }
        self.buffer.clear();
        self.start = 0;
        let bytes = *input;
        match self.reader.read(bytes) {
            Ok((used, found)) => {
                *input = &bytes[used..];
                Ok(found.map(|found| lend(&self.reader, found, bytes, &mut self.name, &mut self.data)))
            }
            Err(error) => Err(self.fail(error.into())),
        }
    }

    /// Adds the stream's next bytes to the decoder's own buffer. After an error they are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        // To keep the cost linear, the rest moves to the front only once that frees as much as it moves.
        if self.start >= self.buffer.len() - self.start {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Decodes the next event from the decoder's own buffer. `None`: push more.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`]. Every later call returns it again.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Call this when the stream has ended. Returns the remaining events, and then `None`: those still in the buffer,
    /// and a last one without its blank line if its data is a complete JSON object or `[DONE]`. The standard discards
    /// the latter, but nothing of it can be missing.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] if the stream ended inside an event, or inside any line; otherwise the same errors as
    /// [`next_event`](Self::next_event).
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.start == self.buffer.len() {
            let found = self.reader.end()?;
            return Ok(found.map(|found| lend(&self.reader, found, &[], &mut self.name, &mut self.data)));
        }
        match self.reader.read(&self.buffer[self.start..]) {
            Ok((used, found)) => {
                let start = self.start;
                self.start += used;
                let found = match found {
                    Some(found) => Some(found),
                    None => self.reader.end()?,
                };
                let bytes = &self.buffer[start..];
                Ok(found.map(|found| lend(&self.reader, found, bytes, &mut self.name, &mut self.data)))
            }
            Err(error) => Err(self.fail(error.into())),
        }
    }

    /// How many bytes of the stream have been read.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.reader.offset()
    }

    /// The capacity of the buffers, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.buffer.capacity() + self.reader.capacity() + self.name.capacity() + self.data.capacity()
    }

    /// Stores the final error and frees the buffers.
    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        self.reader.free();
        self.buffer = Vec::new();
        self.start = 0;
        self.name = String::new();
        self.data = String::new();
        error
    }
}

/// An event that was found in `bytes` or in the reader's own buffers. If it is not valid UTF-8, it is decoded into
/// `name_text` and `data_text`.
#[inline]
fn lend<'a>(
    reader: &'a EventReader,
    found: Found,
    bytes: &'a [u8],
    name_text: &'a mut String,
    data_text: &'a mut String,
) -> Event<'a> {
    let offset = found.offset;
    if let Some((name, data)) = found.fields.as_ref().and_then(|fields| both(bytes, fields)) {
        return Event { offset, name: (!name.is_empty()).then_some(name), data, is_lossy: false };
    }
    let (name, data) = match found.fields {
        Some((name, data)) => (&bytes[name], &bytes[data]),
        None => reader.fields(),
    };
    let (name, _) = text(name, name_text);
    let (data, is_lossy) = text(data, data_text);
    Event { offset, name: (!name.is_empty()).then_some(name), data, is_lossy }
}

/// The name and the data as text, if everything from one to the other is valid UTF-8: checking that once takes less time
/// than checking each.
#[inline]
fn both<'a>(bytes: &'a [u8], (name, data): &(Range<usize>, Range<usize>)) -> Option<(&'a str, &'a str)> {
    if name.is_empty() {
        return Some(("", core::str::from_utf8(&bytes[data.clone()]).ok()?));
    }
    let start = name.start.min(data.start);
    let text = core::str::from_utf8(&bytes[start..name.end.max(data.end)]).ok()?;
    let piece = |range: &Range<usize>| text.get(range.start - start..range.end - start);
    Some((piece(name)?, piece(data)?))
}

/// `bytes` as text, and whether they are not valid UTF-8; then the text is written to `buffer`.
#[inline]
fn text<'a>(bytes: &'a [u8], buffer: &'a mut String) -> (&'a str, bool) {
    match core::str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(_) => (replace_invalid(bytes, buffer), true),
    }
}

/// Writes the text to `buffer`, with U+FFFD for what is not valid UTF-8.
#[cold]
fn replace_invalid<'a>(bytes: &[u8], buffer: &'a mut String) -> &'a str {
    buffer.clear();
    for chunk in bytes.utf8_chunks() {
        buffer.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            buffer.push(char::REPLACEMENT_CHARACTER);
        }
    }
    buffer
}
