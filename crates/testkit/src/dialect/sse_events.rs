//! Splits server-sent events without changing their bytes.

use bytes::Bytes;

/// Whether a body is server-sent events: after a BOM it begins with a line end, a comment or a known field. An event
/// stream begins with its length, whose first byte is 0 or 1.
pub(crate) fn looks_like_events(body: &[u8]) -> bool {
    let body = body.strip_prefix(BOM).unwrap_or(body);
    body.starts_with(b"\n")
        || body.starts_with(b"\r")
        || body.starts_with(b":")
        || ["data:", "event:", "id:", "retry:"].iter().any(|field| body.starts_with(field.as_bytes()))
}

/// The events, each with the blank line that ends it. Only the last may lack one.
pub(crate) fn split_events(body: &Bytes) -> Vec<Bytes> {
    let mut events = Vec::new();
    let (mut start, mut line_start, mut at) = (0, 0, 0);
    while at < body.len() {
        let line_end = match &body[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => {
                at += 1;
                continue;
            }
        };
        let is_blank = at == line_start;
        at += line_end;
        line_start = at;
        if is_blank {
            events.push(body.slice(start..at));
            start = at;
        }
    }
    if start < body.len() {
        events.push(body.slice(start..));
    }
    events
}

/// The data of an event: its `data` lines, joined.
pub(crate) fn data(event: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(event.strip_prefix(BOM).unwrap_or(event));
    let lines: Vec<&str> = text
        .split(['\r', '\n'])
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| data.strip_prefix(' ').unwrap_or(data))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The data of a body's first event that has any.
pub(crate) fn first_data(body: &[u8]) -> Option<String> {
    split_events(&Bytes::copy_from_slice(body)).iter().find_map(|event| data(event))
}

const BOM: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_end_at_blank_lines_of_any_kind() {
        for (body, events) in [
            ("", vec![]),
            ("data: 1\n\ndata: 2\n\n", vec!["data: 1\n\n", "data: 2\n\n"]),
            ("data: 1\r\n\r\n: x\r\rdata: 2", vec!["data: 1\r\n\r\n", ": x\r\r", "data: 2"]),
            ("event: a\ndata: 1\r\n\ndata", vec!["event: a\ndata: 1\r\n\n", "data"]),
        ] {
            assert_eq!(split_events(&Bytes::from_static(body.as_bytes())), events, "{body:?}");
        }
    }

    #[test]
    fn data_is_joined() {
        assert_eq!(data(b"event: a\ndata: 1\ndata:2\n\n").as_deref(), Some("1\n2"));
        assert_eq!(data(b": data: 1\n\n"), None);
        assert_eq!(first_data(b": x\n\ndata: 1\r\n\r\n").as_deref(), Some("1"));
    }

    #[test]
    fn what_looks_like_events() {
        for body in ["data:1", "\u{feff}event: a", ":", "\n", "retry: 1"] {
            assert!(looks_like_events(body.as_bytes()), "{body:?}");
        }
        for body in [&b""[..], b"\0\0\0\x10", b"<html>", b"recorded", b"{}", b"database"] {
            assert!(!looks_like_events(body), "{body:?}");
        }
    }
}
