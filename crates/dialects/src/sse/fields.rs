use memchr::memchr2;

/// The kind of a line, as far as it is relevant here.
pub(super) enum Field {
    /// `data`, with the position of its value in the line.
    Data(usize),
    /// `event`, with the position of its value in the line.
    Event(usize),
    /// A comment, another field, or not a field.
    Other,
}

impl Field {
    /// Reads a nonempty line, without its line end.
    pub(super) fn of(line: &[u8]) -> Self {
        if let Some(value) = line.strip_prefix(DATA) {
            return value_start(value).map_or(Self::Other, |start| Self::Data(DATA.len() + start));
        }
        if let Some(value) = line.strip_prefix(EVENT) {
            return value_start(value).map_or(Self::Other, |start| Self::Event(EVENT.len() + start));
        }
        Self::Other
    }
}

/// The position of the value in the text after a field's name. A colon ends the name, and one space after it is not
/// part of the value; a line without a colon is a field without a value. `None`: the name continues.
fn value_start(rest: &[u8]) -> Option<usize> {
    match rest {
        [b':', b' ', ..] => Some(2),
        [b':', ..] => Some(1),
        [] => Some(0),
        _ => None,
    }
}

/// The position of the first CR or LF.
pub(super) fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', bytes)
}

pub(super) const DATA: &[u8] = b"data";
pub(super) const EVENT: &[u8] = b"event";
