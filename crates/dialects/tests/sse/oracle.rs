//! The oracle of the tests and of the fuzz targets: the simplest framer that follows the standard and the limits. It reads a
//! whole stream at once, line by line.

use bedrock_stream_core::answer::EventTooLong;
use bedrock_stream_dialects::sse::Error;

/// An event: its offset, its name and its data.
pub(crate) type OwnedEvent = (u64, Option<String>, String);

/// What a whole stream gives.
#[derive(Debug, PartialEq)]
pub(crate) struct Whole {
    pub(crate) events: Vec<OwnedEvent>,
    /// The event that lacks its empty line, but nothing else.
    pub(crate) last: Option<OwnedEvent>,
    pub(crate) end: Result<(), Error>,
}

/// Reads a stream under the limits of an event's data and of another line.
pub(crate) fn read(stream: &[u8], max_data: usize, max_line: usize) -> Whole {
    let mut whole = Whole { events: Vec::new(), last: None, end: Ok(()) };
    let text = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    // A byte order mark that is cut off is no line.
    let text = if b"\xef\xbb\xbf".starts_with(text) && text == stream { &[] } else { text };
    let mut rest = text;
    let mut event = Pending::new(0);
    while let Some((line, after, is_ended)) = next_line(rest) {
        if line.is_empty() && is_ended {
            let offset = (stream.len() - after.len()) as u64;
            if let Some(data) = event.data {
                whole.events.push((event.offset, lossy_name(&event.name), lossy(&data)));
            }
            event = Pending::new(offset);
        } else if let Err(limit) = event.take(line, is_ended, max_data, max_line) {
            whole.end = Err(EventTooLong::new(event.offset, limit as u32).into());
            return whole;
        }
        rest = after;
    }
    let is_whole = event.data.as_deref().is_some_and(|data| {
        let data = data.trim_ascii();
        let object: Result<serde_json::Map<String, serde_json::Value>, _> =
            serde_json::from_str(&String::from_utf8_lossy(data));
        data == b"[DONE]" || object.is_ok()
    });
    if is_whole {
        let name = if event.is_naming { None } else { lossy_name(&event.name) };
        whole.last = event.data.map(|data| (event.offset, name, lossy(&data)));
    } else if event.is_inside || event.data.is_some() || !event.name.is_empty() {
        let have = stream.len() - event.offset as usize;
        whole.end = Err(Error::Truncated { offset: event.offset, have });
    }
    whole
}

/// An event whose empty line did not come yet.
struct Pending {
    offset: u64,
    name: Vec<u8>,
    data: Option<Vec<u8>>,
    /// Whether the last line has no end.
    is_inside: bool,
    /// Whether it is that of the name.
    is_naming: bool,
}

impl Pending {
    fn new(offset: u64) -> Self {
        Self { offset, name: Vec::new(), data: None, is_inside: false, is_naming: false }
    }

    /// Takes a line that is not empty. An error is the limit that it exceeds.
    fn take(&mut self, line: &[u8], is_ended: bool, max_data: usize, max_line: usize) -> Result<(), usize> {
        self.is_inside = !is_ended;
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let is_field = is_ended || colon.is_some();
        if name == b"data" && is_field {
            let data = match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data
                }
                None => self.data.insert(Vec::new()),
            };
            data.extend_from_slice(value);
            return if data.len() > max_data { Err(max_data) } else { Ok(()) };
        }
        if !is_field && b"data".starts_with(line) {
            // It may become a line of data.
            return Ok(());
        }
        if line.len() > max_line {
            return Err(max_line);
        }
        if name == b"event" && is_field {
            self.name = value.to_vec();
            self.is_naming = !is_ended;
        }
        Ok(())
    }
}

/// The next line, what comes after its end, and whether it has one. Byte by byte.
fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    if bytes.is_empty() {
        return None;
    }
    for (index, byte) in bytes.iter().enumerate() {
        let after = match byte {
            b'\n' => &bytes[index + 1..],
            b'\r' => bytes[index + 1..].strip_prefix(b"\n").unwrap_or(&bytes[index + 1..]),
            _ => continue,
        };
        return Some((&bytes[..index], after, true));
    }
    Some((bytes, &[], false))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn lossy_name(name: &[u8]) -> Option<String> {
    (!name.is_empty()).then(|| lossy(name))
}
