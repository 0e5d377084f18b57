use core::ops::Range;

use super::fields::{Field, line_end};

/// Lines up to a blank one, which are complete in some bytes and contain at most one line of data.
pub(super) struct Block {
    pub(super) len: usize,
    /// Whether the bytes end with its last CR, after which an LF may follow.
    pub(super) is_after_cr: bool,
    pub(super) name: Range<usize>,
    pub(super) data: Option<Range<usize>>,
}

impl Block {
    /// The block at the front of `bytes`. `None`: it is incomplete, has several lines of data, or exceeds a limit:
    /// `max_data` for the data, `max_line` for any other line, in bytes.
    pub(super) fn find(bytes: &[u8], max_data: usize, max_line: usize) -> Option<Self> {
        let mut at = 0;
        let mut name = 0..0;
        let mut data = None;
        loop {
            let end = at + line_end(&bytes[at..])?;
            let mut next = end + 1;
            if bytes[end] == b'\r' && bytes.get(next) == Some(&b'\n') {
                next += 1;
            }
            if end == at {
                let is_after_cr = bytes[end] == b'\r' && next == bytes.len() && next == end + 1;
                return Some(Self { len: next, is_after_cr, name, data });
            }
            match Field::of(&bytes[at..end]) {
                Field::Data(start) => {
                    if data.is_some() || end - at - start > max_data {
                        return None;
                    }
                    data = Some(at + start..end);
                }
                _ if end - at > max_line => return None,
                Field::Event(start) => name = at + start..end,
                Field::Other => {}
            }
            at = next;
        }
    }
}
