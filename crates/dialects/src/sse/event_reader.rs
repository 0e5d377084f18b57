use alloc::vec::Vec;
use core::ops::Range;

use bedrock_stream_core::answer::EventTooLong;
use bedrock_stream_core::frame::Limits;
use serde::de::IgnoredAny;

use super::block::Block;
use super::error::Error;
use super::fields::{DATA, EVENT, line_end};

/// Finds events in a stream's bytes. An event that is complete in the bytes is returned as a position there; of any
/// other event, only the name and the data are buffered.
#[derive(Debug)]
pub(super) struct EventReader {
    /// The maximum length of an event's data, in bytes.
    max_data: u32,
    /// How many bytes of the stream have been read.
    offset: u64,
    /// Where the current event starts, or the lines that may become one.
    event_offset: u64,
    /// How many bytes of the byte order mark were read; also 3 if there is none.
    bom: usize,
    /// Whether the last byte was a CR, which forms one line end with an LF.
    is_after_cr: bool,
    line: Line,
    /// The length of the line so far, in bytes. In a `data` line, the part after the colon does not count.
    line_len: usize,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// Whether the event in the buffers was returned, so that they may be reused for the next.
    is_found: bool,
}

/// An event.
pub(super) struct Found {
    /// Where it starts in the stream.
    pub(super) offset: u64,
    /// The positions of its name and data in the bytes; `None`: they are in [`EventReader::fields`].
    pub(super) fields: Option<(Range<usize>, Range<usize>)>,
}

/// The state of the line that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Its bytes so far may be the start of a field's name.
    Name([u8; EVENT.len()]),
    /// It is a `data` line. Whether the colon was the last byte, so that a space is skipped.
    Data { is_after_colon: bool },
    /// It is an `event` line. The same flag.
    Event { is_after_colon: bool },
    /// It is ignored.
    Other,
}

impl EventReader {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            max_data: limits.message_len(),
            offset: 0,
            event_offset: 0,
            bom: 0,
            is_after_cr: false,
            line: Line::START,
            line_len: 0,
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
            is_found: false,
        }
    }

    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn capacity(&self) -> usize {
        self.name.capacity() + self.data.capacity()
    }

    /// The name and the data of the event that was found, if it was not complete in the bytes.
    pub(super) fn fields(&self) -> (&[u8], &[u8]) {
        (&self.name, &self.data)
    }

    /// Reads the stream's next bytes up to the end of an event. Returns how many were used: all of them if there is no
    /// event.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(usize, Option<Found>), EventTooLong> {
        self.clear_found();
        let mut at = 0;
        // A block that is not complete in `bytes` is read line by line, so no byte is examined more than twice.
        let mut may_be_whole = true;
        while at < bytes.len() {
            if self.skip_byte(bytes[at]) {
                at += 1;
                self.offset += 1;
                continue;
            }
            if may_be_whole && self.is_fresh() {
                if let Some(block) = Block::find(&bytes[at..], self.max_data as usize, self.max_line()) {
                    let offset = self.event_offset;
                    self.offset += block.len as u64;
                    self.event_offset = self.offset;
                    self.is_after_cr = block.is_after_cr;
                    let start = at;
                    at += block.len;
                    if let Some(data) = block.data {
                        let moved = |range: Range<usize>| range.start + start..range.end + start;
                        let fields = Some((moved(block.name), moved(data)));
                        return Ok((at, Some(Found { offset, fields })));
                    }
                    continue;
                }
                may_be_whole = false;
            }
            at += self.read_piece(&bytes[at..])?;
            if self.is_found {
                return Ok((at, Some(self.found())));
            }
            // After a blank line, the next block may be complete.
            may_be_whole |= self.event_offset == self.offset;
        }
        Ok((at, None))
    }

    /// Ends the stream. Returns the last event, if only its blank line is missing.
    pub(super) fn end(&mut self) -> Result<Option<Found>, Error> {
        self.clear_found();
        // A line without its end may be cut anywhere, and what would have followed it is unknown.
        let is_inside = !matches!(self.line, Line::Name(_)) || self.line_len > 0;
        if self.has_data && is_whole(&self.data) {
            if matches!(self.line, Line::Event { .. }) {
                self.name.clear();
            }
            self.is_found = true;
            return Ok(Some(self.found()));
        }
        if is_inside || self.has_data || !self.name.is_empty() {
            let have = usize::try_from(self.offset - self.event_offset).unwrap_or(usize::MAX);
            return Err(Error::Truncated { offset: self.event_offset, have });
        }
        Ok(None)
    }

    fn found(&self) -> Found {
        Found { offset: self.event_offset, fields: None }
    }

    fn clear_found(&mut self) {
        if self.is_found {
            self.is_found = false;
            self.clear();
        }
    }

    /// Prepares for the next block.
    fn clear(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
        self.line = Line::START;
        self.line_len = 0;
        self.event_offset = self.offset;
    }

    /// Frees the buffers; nothing may be read afterwards.
    pub(super) fn free(&mut self) {
        self.name = Vec::new();
        self.data = Vec::new();
    }

    /// Whether nothing of a block has been buffered yet, so it may be complete in the next bytes.
    fn is_fresh(&self) -> bool {
        self.line_len == 0 && self.line == Line::START && !self.has_data && self.name.is_empty()
    }

    /// Whether this byte is skipped: in the byte order mark at the stream's start, or an LF after a CR.
    fn skip_byte(&mut self, byte: u8) -> bool {
        if self.bom < BOM.len() {
            if byte == BOM[self.bom] {
                self.bom += 1;
                return true;
            }
            // It was not a byte order mark, so its bytes are the start of a line, but not of any field that is read.
            if self.bom > 0 {
                self.line = Line::Other;
                self.line_len = self.bom;
            }
            self.bom = BOM.len();
        }
        let is_line_feed = core::mem::take(&mut self.is_after_cr) && byte == b'\n';
        if is_line_feed && self.event_offset == self.offset {
            self.event_offset += 1;
        }
        is_line_feed
    }

    /// Reads the front of `bytes`, which must not be empty, at most to the end of the line. Returns how many bytes were
    /// used.
    fn read_piece(&mut self, bytes: &[u8]) -> Result<usize, EventTooLong> {
        let used = match self.line {
            Line::Name(name) => {
                if !matches!(bytes[0], b'\n' | b'\r') {
                    self.read_name(name, bytes[0])?;
                    self.offset += 1;
                    return Ok(1);
                }
                0
            }
            Line::Data { .. } | Line::Event { .. } | Line::Other => {
                let end = line_end(bytes).unwrap_or(bytes.len());
                self.read_value(&bytes[..end])?;
                end
            }
        };
        self.offset += used as u64;
        let Some(&end) = bytes.get(used) else { return Ok(used) };
        self.offset += 1;
        self.is_after_cr = end == b'\r';
        self.end_line()?;
        Ok(used + 1)
    }

    /// Reads a byte that may belong to a field's name.
    fn read_name(&mut self, mut name: [u8; EVENT.len()], byte: u8) -> Result<(), EventTooLong> {
        let len = self.line_len;
        self.line_len += 1;
        if byte == b':' {
            if &name[..len] == DATA {
                self.line = Line::Data { is_after_colon: true };
                return self.begin_data();
            }
            self.line = Line::Other;
            if &name[..len] == EVENT {
                self.line = Line::Event { is_after_colon: true };
                self.name.clear();
            }
        } else if let Some(place) = name.get_mut(len) {
            *place = byte;
            self.line = Line::Name(name);
            if DATA.starts_with(&name[..=len]) {
                return Ok(());
            }
        } else {
            self.line = Line::Other;
        }
        self.check_line()
    }

    /// Reads bytes after a field's name, or of a line that is ignored.
    fn read_value(&mut self, piece: &[u8]) -> Result<(), EventTooLong> {
        if piece.is_empty() {
            return Ok(());
        }
        let value = match self.line {
            Line::Data { is_after_colon: true } | Line::Event { is_after_colon: true } => {
                piece.strip_prefix(b" ").unwrap_or(piece)
            }
            _ => piece,
        };
        if let Line::Data { is_after_colon } = &mut self.line {
            *is_after_colon = false;
            return self.push_data(value);
        }
        self.line_len = self.line_len.saturating_add(piece.len());
        self.check_line()?;
        if let Line::Event { is_after_colon } = &mut self.line {
            *is_after_colon = false;
            self.name.extend_from_slice(value);
        }
        Ok(())
    }

    /// Ends a line. A blank one ends the block.
    fn end_line(&mut self) -> Result<(), EventTooLong> {
        if let Line::Name(name) = self.line {
            match &name[..self.line_len] {
                b"" if self.has_data => self.is_found = true,
                b"" => self.clear(),
                DATA => self.begin_data()?,
                EVENT => self.name.clear(),
                _ => self.check_line()?,
            }
        } else if self.line == Line::Other {
            self.check_line()?;
        }
        self.line = Line::START;
        self.line_len = 0;
        Ok(())
    }

    /// Starts another line of data.
    fn begin_data(&mut self) -> Result<(), EventTooLong> {
        if core::mem::replace(&mut self.has_data, true) { self.push_data(b"\n") } else { Ok(()) }
    }

    /// Appends to the data. The buffer doubles as it fills, but never grows past the limit.
    fn push_data(&mut self, bytes: &[u8]) -> Result<(), EventTooLong> {
        let len = self.data.len() + bytes.len();
        if len > self.max_data as usize {
            return Err(EventTooLong::new(self.event_offset, self.max_data));
        }
        if len > self.data.capacity() {
            let target = (2 * self.data.capacity()).max(MIN_CAPACITY).min(self.max_data as usize).max(len);
            self.data.reserve_exact(target - self.data.len());
        }
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    const fn max_line(&self) -> usize {
        if self.max_data < MAX_LINE_LEN { self.max_data as usize } else { MAX_LINE_LEN as usize }
    }

    fn check_line(&self) -> Result<(), EventTooLong> {
        if self.line_len > self.max_line() {
            return Err(EventTooLong::new(self.event_offset, self.max_line() as u32));
        }
        Ok(())
    }
}

impl Default for EventReader {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Line {
    /// Nothing of it has been read yet.
    const START: Self = Self::Name([0; EVENT.len()]);
}

/// Whether such data is complete: a JSON object, or `[DONE]`.
fn is_whole(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    data == b"[DONE]" || (data.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(data).is_ok())
}

/// The maximum length of a line other than `data`, in bytes: many times the length that any server writes.
const MAX_LINE_LEN: u32 = 64 * 1024;
/// The data buffer's initial capacity, in bytes: enough for a few typical events.
const MIN_CAPACITY: usize = 512;
/// U+FEFF, which may be at the start of a stream.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
