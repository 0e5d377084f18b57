//! The fast path for the start of a tool call and the end of a block, written as Bedrock writes them: through serde, the
//! two take as long as four pieces of the call's arguments, and most calls have few. Everything else is left to
//! `Event::parse`, which is the oracle here.

use alloc::string::String;

use super::block_events::{ContentBlockStart, ContentBlockStop, ToolUseStart};
use super::delta_scan::PADDING;
use crate::json::Scanner;

/// The `:event-type` of a header block with Bedrock's usual three headers, in its order.
pub(super) fn usual_event_type(headers: &[u8]) -> Option<&[u8]> {
    let (len, rest) = headers.strip_prefix(b"\x0b:event-type\x07\x00")?.split_first()?;
    let (event_type, rest) = rest.split_at_checked(usize::from(*len))?;
    (rest == OTHER_HEADERS).then_some(event_type)
}

/// Reads the end of a block.
pub(super) fn scan_stop(payload: &[u8]) -> Option<ContentBlockStop> {
    let mut scanner = Scanner::new(payload);
    let mut index = None;
    scanner.object(|scanner, name| match name {
        b"\"contentBlockIndex\"" => once(&mut index, scanner.index()?),
        b"\"p\"" => padding(scanner),
        _ => None,
    })?;
    index.filter(|_| scanner.rest().is_empty()).map(ContentBlockStop::new)
}

/// Reads the start of a tool call that has an id and a name and nothing else.
pub(super) fn scan_start(payload: &[u8]) -> Option<ContentBlockStart> {
    let mut scanner = Scanner::new(payload);
    let (mut index, mut call) = (None, None);
    scanner.object(|scanner, name| match name {
        b"\"contentBlockIndex\"" => once(&mut index, scanner.index()?),
        b"\"start\"" => once(&mut call, scan_call(scanner)?),
        b"\"p\"" => padding(scanner),
        _ => None,
    })?;
    let start = ContentBlockStart::new(index?, call?);
    scanner.rest().is_empty().then_some(start)
}

/// Reads the value of `start`.
fn scan_call(scanner: &mut Scanner<'_>) -> Option<ToolUseStart> {
    let mut call = None;
    scanner.object(|scanner, name| {
        let (mut id, mut tool): (Option<String>, Option<String>) = (None, None);
        if name != b"\"toolUse\"" {
            return None;
        }
        scanner.object(|scanner, name| match name {
            b"\"toolUseId\"" => once(&mut id, scanner.string()?),
            b"\"name\"" => once(&mut tool, scanner.string()?),
            _ => None,
        })?;
        once(&mut call, ToolUseStart::new(id?, tool?))
    })?;
    call
}

/// Reads Bedrock's own padding; in any other, a byte might not be UTF-8.
fn padding(scanner: &mut Scanner<'_>) -> Option<()> {
    let padding = scanner.plain_string()?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    PADDING.as_bytes().starts_with(padding).then_some(())
}

/// Sets a member, unless it is repeated, which is an error that serde reports.
fn once<T>(member: &mut Option<T>, value: T) -> Option<()> {
    member.is_none().then(|| *member = Some(value))
}

/// The headers after `:event-type`, as Bedrock writes and orders them.
const OTHER_HEADERS: &[u8] =
    b"\x0d:content-type\x07\x00\x10application/json\x0d:message-type\x07\x00\x05event";

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use bedrock_stream_tests::{check_scan, escaped_text};
    use proptest::prelude::*;

    use super::super::event::Event;
    use super::PADDING;
    use crate::frame::{Header, Message, encode};

    /// Asserts that serde reads the same as the scan, if the scan reads it at all. Returns whether it does.
    fn check_bytes(headers: &[Header<'_>], payload: &[u8]) -> bool {
        let mut bytes = Vec::new();
        encode(headers, payload, &mut bytes).unwrap();
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        let event = Event::scan_block(&message);
        if let Some(event) = &event {
            let text = String::from_utf8_lossy(payload);
            assert_eq!(Event::parse(&message).as_ref(), Ok(event), "{text}");
        }
        event.is_some()
    }

    fn usual_headers(name: &str) -> [Header<'_>; 3] {
        [
            Header::string(":event-type", name),
            Header::string(":content-type", "application/json"),
            Header::string(":message-type", "event"),
        ]
    }

    fn check(name: &str, payload: &str) -> bool {
        check_bytes(&usual_headers(name), payload.as_bytes())
    }

    /// An event's payload, with Bedrock's padding behind the index or without.
    fn payload(rest: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        let padding = prop::option::of((0..=PADDING.len()).prop_map(|len| &PADDING[..len]));
        (0..2_000_u32, padding, rest).prop_map(|(block, padding, rest)| {
            let padding = padding.map(|padding| format!(r#","p":"{padding}""#)).unwrap_or_default();
            format!(r#"{{"contentBlockIndex":{block}{padding}{rest}}}"#)
        })
    }

    #[test]
    fn what_bedrock_writes_is_scanned() {
        for payload in [
            r#"{"contentBlockIndex":1,"p":"abcd","start":{"toolUse":{"name":"cosine","toolUseId":"tooluse_1"}}}"#,
            r#"{"contentBlockIndex":12,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"w\u00e9"}},"p":"ab"}"#,
        ] {
            assert!(check("contentBlockStart", payload), "{payload}");
            assert!(!check("contentBlockStop", payload), "{payload}");
        }
        for payload in [r#"{"contentBlockIndex":0}"#, r#"{"contentBlockIndex":17,"p":"abcdefghij"}"#] {
            assert!(check("contentBlockStop", payload), "{payload}");
            assert!(!check("contentBlockStart", payload), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_left_to_serde() {
        for (name, payload) in [
            ("contentBlockStop", ""),
            ("contentBlockStop", "{}"),
            ("contentBlockStop", r#"{"p":"ab"}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":null}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":1.0}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":1,"new":2}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":1,"contentBlockIndex":1}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":1}}"#),
            ("contentBlockStart", r#"{"start":{"toolUse":{"name":"a","toolUseId":"t"}}}"#),
            ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{}}"#),
            ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{"toolUse":{"name":"a"}}}"#),
            ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t"}}}"#),
            ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{"toolResult":{"toolUseId":"t"}}}"#),
            (
                "contentBlockStart",
                r#"{"contentBlockIndex":1,"start":{"toolUse":{"name":"a","toolUseId":"t","type":"x"}}}"#,
            ),
            (
                "contentBlockStart",
                r#"{"contentBlockIndex":1,"start":{"toolUse":{"name":"a","toolUseId":"t","name":"a"}}}"#,
            ),
            ("contentBlockStop", r#"{"contentBlockIndex":1,"p":"ba"}"#),
            ("messageStop", r#"{"contentBlockIndex":1}"#),
        ] {
            assert!(!check(name, payload), "{payload}");
        }
        let [event_type, content_type, message_type] = usual_headers("contentBlockStop");
        for headers in [&[event_type, message_type][..], &[message_type, content_type, event_type]] {
            assert!(!check_bytes(headers, br#"{"contentBlockIndex":1}"#));
        }
    }

    #[test]
    fn what_is_not_utf_8_is_left_to_serde() {
        let start = br#"{"contentBlockIndex":1,"p":"ab","start":{"toolUse":{"name":"a","toolUseId":"t"}}}"#;
        let stop = br#"{"contentBlockIndex":1,"p":"ab"}"#;
        for (name, payload) in [("contentBlockStart", &start[..]), ("contentBlockStop", stop)] {
            assert!(check_bytes(&usual_headers(name), payload));
            for at in 0..payload.len() {
                let mut damaged = payload.to_vec();
                damaged[at] ^= 0x80;
                assert!(!check_bytes(&usual_headers(name), &damaged), "byte {at}");
            }
        }
    }

    #[test]
    fn the_ends_of_blocks_are_read_as_by_serde() {
        check_scan(payload(Just(String::new())), |payload| check("contentBlockStop", payload));
    }

    #[test]
    fn the_starts_of_calls_are_read_as_by_serde() {
        let start = (escaped_text(), escaped_text(), any::<bool>()).prop_map(|(id, name, is_sorted)| {
            let (id, name) = (format!(r#""toolUseId":"{id}""#), format!(r#""name":"{name}""#));
            let members = if is_sorted { [name, id] } else { [id, name] };
            format!(r#","start":{{"toolUse":{{{}}}}}"#, members.join(","))
        });
        check_scan(payload(start), |payload| check("contentBlockStart", payload));
    }
}
