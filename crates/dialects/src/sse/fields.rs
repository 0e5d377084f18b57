use memchr::memchr2;

/// What a line says, of what counts here.
pub(super) enum Field {
    /// `data`; where in the line its value starts.
    Data(usize),
    /// `event`; the same.
    Event(usize),
    /// A comment, another field, or no field.
    Other,
}

impl Field {
    /// Reads a line that is not empty, without its end.
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

/// Where the value starts in what follows a field's name. A colon ends the name, and one space after it is no part of the
/// value; a line without a colon is a field without a value. `None`: the name goes on.
fn value_start(rest: &[u8]) -> Option<usize> {
    match rest {
        [b':', b' ', ..] => Some(2),
        [b':', ..] => Some(1),
        [] => Some(0),
        _ => None,
    }
}

/// Where the first CR or LF is.
pub(super) fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', bytes)
}

pub(super) const DATA: &[u8] = b"data";
pub(super) const EVENT: &[u8] = b"event";
