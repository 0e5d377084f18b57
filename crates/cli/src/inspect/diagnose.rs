//! Determines what damaged bytes probably are.

use bedrock_stream_core::frame::{Error, Message, MessageKind};
use bedrock_stream_core::json::Blob;
use serde_json::Value;

use super::bit_flip::{self, BitFlip};
use super::diagnosis::Diagnosis;
use crate::converse_event::is_converse_event;

/// Diagnoses damaged bytes, which begin at the start of the damaged message.
pub(crate) fn diagnose(error: &Error, bytes: &[u8]) -> Vec<Diagnosis> {
    let offset = error.offset();
    match *error {
        Error::Truncated { have, need, .. } => {
            vec![Diagnosis::CutShort {
                missing: u64::from(need.saturating_sub(have)),
                at_least: need == PRELUDE_LEN as u32,
            }]
        }
        Error::PreludeChecksum { wire, computed, .. } => {
            if let Some(flip) = flipped_prelude(offset, bytes, wire, computed) {
                return vec![flip];
            }
            let next = next_message(bytes, 1)
                .map(|next| Diagnosis::NextMessage { next: offset + next as u64, skipped: next as u64 });
            let known = known(error, bytes);
            if known.is_none() && next.is_none() {
                return vec![Diagnosis::NoNextMessage { searched: bytes.len() as u64 }];
            }
            known.into_iter().chain(next).collect()
        }
        Error::Length { .. } | Error::TooLong { .. } => {
            let mut diagnoses = vec![Diagnosis::ValidPrelude];
            diagnoses.extend(
                next_message(bytes, 1)
                    .map(|next| Diagnosis::NextMessage { next: offset + next as u64, skipped: next as u64 }),
            );
            diagnoses
        }
        Error::MessageChecksum { wire, computed, .. } => {
            let total = declared(bytes);
            let covered = total.saturating_sub(CHECKSUM_LEN);
            let mut diagnoses = Vec::new();
            if let Some(flip) = flip(offset, bytes, bit_flip::find(covered, wire, computed), covered) {
                diagnoses.push(flip);
            }
            diagnoses.extend(match next_message(bytes, 1) {
                Some(next) if next == total => Some(Diagnosis::ContentDamaged { next: offset + next as u64 }),
                Some(next) => {
                    Some(Diagnosis::LengthMismatch { next: offset + next as u64, end: offset + total as u64 })
                }
                None => None,
            });
            diagnoses
        }
        _ => Vec::new(),
    }
}

/// The messages that can be read after the damaged one, with which `bytes` begin. `is_whole`: whether `bytes` reach the end
/// of the input; `is_converse`: whether the messages before are of a ConverseStream answer.
pub(crate) fn later_messages(
    error: &Error,
    bytes: &[u8],
    is_whole: bool,
    is_converse: bool,
) -> Option<Diagnosis> {
    if matches!(error, Error::Truncated { .. }) {
        return None;
    }
    let mut rest = &bytes[next_message(bytes, 1)?..];
    let (mut messages, mut has_stop, mut is_answer) = (0, false, is_converse);
    while let Ok(Some((message, after))) = Message::parse(rest) {
        let kind = message.envelope().map(|envelope| envelope.kind);
        messages += 1;
        has_stop |= matches!(kind, Ok(MessageKind::Event { event_type: "messageStop", .. }));
        is_answer |= is_converse_event(&message);
        rest = after;
    }
    // The rest may continue beyond the bytes searched.
    let at_least = !is_whole && matches!(Message::parse(rest), Ok(None));
    (messages > 0).then_some(Diagnosis::LaterMessages {
        messages,
        at_least,
        has_stop: is_answer.then_some(has_stop),
    })
}

/// The wrong bit in the prelude, if the message is plausible with the bit corrected.
fn flipped_prelude(offset: u64, bytes: &[u8], wire: u32, computed: u32) -> Option<Diagnosis> {
    let covered = PRELUDE_LEN - CHECKSUM_LEN;
    let found = bit_flip::find(covered, wire, computed)?;
    let mut repaired = bytes.to_vec();
    *repaired.get_mut(found.byte)? ^= found.mask;
    // The message may be incomplete, but not damaged as well.
    Message::parse(&repaired).ok()?;
    flip(offset, bytes, Some(found), covered)
}

fn flip(offset: u64, bytes: &[u8], found: Option<BitFlip>, covered: usize) -> Option<Diagnosis> {
    let flip = found?;
    let headers =
        bytes.get(4..8).map_or(0, |len| len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)));
    let part = match flip.byte {
        0..4 => "message's length",
        4..8 => "headers' length",
        8..12 => "prelude's checksum",
        at if at >= covered => "checksum",
        at if at - PRELUDE_LEN < headers => "headers",
        _ => "payload",
    };
    let is = *bytes.get(flip.byte)?;
    Some(Diagnosis::BitFlip { at: offset + flip.byte as u64, flip, is, part })
}

/// The offset of the next valid prelude, at `from` or later.
fn next_message(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len().saturating_sub(PRELUDE_LEN - 1)).find(|at| is_prelude(&bytes[*at..]))
}

fn is_prelude(bytes: &[u8]) -> bool {
    bytes.get(..PRELUDE_LEN).is_some_and(|prelude| matches!(Message::parse(prelude), Ok(None)))
}

/// Recognizes bytes that are not messages.
fn known(error: &Error, bytes: &[u8]) -> Option<Diagnosis> {
    let start = &bytes[..bytes.len().min(LOOK_LEN)];
    if start.iter().all(|byte| *byte == 0) {
        return Some(Diagnosis::Zeros);
    }
    if start.starts_with(b"HTTP/") {
        let body = start.windows(4).position(|end| end == b"\r\n\r\n").map(|head| head + 4);
        if let Some(body) = body.filter(|body| is_prelude(&bytes[*body..])) {
            return Some(Diagnosis::HttpHead { body: error.offset() + body as u64 });
        }
    }
    let digits = start.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let is_size =
        |rest: &[u8]| rest.starts_with(b"\r\n") && (is_prelude(&rest[2..]) || digits == 0 || rest.len() < 14);
    if (1..=8).contains(&digits) && is_size(&start[digits..]) {
        return Some(Diagnosis::HttpChunks);
    }
    if is_base64(start) {
        return Some(Diagnosis::Base64);
    }
    let replaced = start.windows(3).filter(|bytes| *bytes == "\u{fffd}".as_bytes()).count();
    match error.looks_like() {
        Some("JSON") => Some(json(bytes).unwrap_or(Diagnosis::LooksLike("JSON"))),
        Some(what) => Some(Diagnosis::LooksLike(what)),
        None if replaced > 0 => Some(Diagnosis::LossyText { replaced }),
        None if is_text(start) => Some(Diagnosis::LooksLike("text")),
        None => None,
    }
}

fn is_base64(start: &[u8]) -> bool {
    // Sixteen characters of base64 are twelve bytes: a prelude.
    let text = start.get(..16).and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(Blob::from_base64).is_some_and(|bytes| is_prelude(bytes.as_ref()))
}

fn is_text(start: &[u8]) -> bool {
    let is_layout = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r');
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The last character may be incomplete.
        Err(error) if error.error_len().is_none() => {
            return error.valid_up_to() > 0 && is_text(&start[..error.valid_up_to()]);
        }
        Err(_) => return false,
    };
    text.len() >= PRELUDE_LEN && text.bytes().all(|byte| byte >= 0x20 && byte != 0x7f || is_layout(&byte))
}

/// An error body, recognized by the members that services use.
fn json(bytes: &[u8]) -> Option<Diagnosis> {
    let body: Value = serde_json::from_slice(&bytes[..bytes.len().min(MAX_JSON_LEN)]).ok()?;
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let code = text(&["__type", "code"]);
    let message = text(&["message", "Message", "errorMessage"]);
    (code.is_some() || message.is_some()).then_some(Diagnosis::JsonError { code, message })
}

/// The declared length of the message, in bytes.
fn declared(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |len| u32::from_be_bytes(*len) as usize)
}

const PRELUDE_LEN: usize = 12;
const CHECKSUM_LEN: usize = 4;
/// How many bytes are examined to tell what they are.
const LOOK_LEN: usize = 4096;
const MAX_JSON_LEN: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::{Decoder, Header, encode};

    use super::*;

    /// Two messages, and where the second starts.
    fn stream() -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        encode(&[Header::string(":event-type", "chunk")], b"{\"a\":1}", &mut bytes)
            .expect("the message can be encoded");
        let second = bytes.len();
        encode(&[], b"{}", &mut bytes).expect("the message can be encoded");
        (bytes, second)
    }

    fn found(bytes: &[u8]) -> Vec<Diagnosis> {
        let mut decoder = Decoder::new();
        decoder.push(bytes);
        let error = loop {
            match decoder.next_message() {
                Ok(Some(_)) => {}
                Ok(None) => break decoder.finish().expect_err("the bytes are damaged"),
                Err(error) => break error,
            }
        };
        diagnose(&error, &bytes[error.offset() as usize..])
    }

    #[test]
    fn a_single_wrong_bit_is_found_anywhere() {
        let (bytes, _) = stream();
        for (at, part) in [
            (2, "message's length"),
            (7, "headers' length"),
            (9, "prelude's checksum"),
            (14, "headers"),
            (34, "payload"),
            (40, "checksum"),
        ] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            let Diagnosis::BitFlip { at: found_at, flip, is, part: found_part } = found(&damaged)[0] else {
                panic!("{at}: {:?}", found(&damaged));
            };
            assert_eq!((found_at, flip.mask, is, found_part), (at as u64, 0x10, damaged[at], part));
        }
    }

    #[test]
    fn lost_and_added_bytes_are_counted() {
        let (bytes, second) = stream();
        let mut lost = bytes.clone();
        lost.drain(20..25);
        // The missing part is read from the next message, so both ends are known only if enough bytes follow.
        lost.extend_from_slice(&bytes);
        assert_eq!(found(&lost), [Diagnosis::LengthMismatch { next: second as u64 - 5, end: second as u64 }]);
        let mut damaged = bytes.clone();
        damaged[20] ^= 0xff;
        damaged[30] ^= 0xff;
        assert_eq!(found(&damaged), [Diagnosis::ContentDamaged { next: second as u64 }]);
        let mut added = bytes.clone();
        added.splice(second..second, *b"junk!");
        assert_eq!(found(&added), [Diagnosis::NextMessage { next: second as u64 + 5, skipped: 5 }]);
        assert_eq!(found(&bytes[..second + 5]), [Diagnosis::CutShort { missing: 7, at_least: true }]);
        assert_eq!(found(&bytes[..second + 12]), [Diagnosis::CutShort { missing: 6, at_least: false }]);
    }

    #[test]
    fn other_formats_are_named() {
        let (bytes, _) = stream();
        let first = |bytes: &[u8]| found(bytes).remove(0);
        let error = br#"{"__type":"AccessDeniedException","message":"No.\u001b"}"#;
        assert_eq!(
            first(error),
            Diagnosis::JsonError {
                code: Some("AccessDeniedException".into()),
                message: Some("No.\u{1b}".into())
            }
        );
        assert_eq!(
            first(error).to_string(),
            "this is JSON: an error body, AccessDeniedException: \"No.\\u{1b}\""
        );
        assert_eq!(first(b"{\"other\": true, }"), Diagnosis::LooksLike("JSON"));
        assert_eq!(first(b"<!doctype html><html>"), Diagnosis::LooksLike("HTML or XML"));
        assert_eq!(first(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48"), Diagnosis::LooksLike("gzip"));
        assert_eq!(first(b"upstream connect error or disconnect"), Diagnosis::LooksLike("text"));
        assert_eq!(first(&[0; 100]), Diagnosis::Zeros);
        let head = b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n";
        assert_eq!(first(&[head, &bytes[..]].concat()), Diagnosis::HttpHead { body: head.len() as u64 });
        assert_eq!(first(&[b"2f\r\n", &bytes[..]].concat()), Diagnosis::HttpChunks);
        let base64 = serde_json::to_string(&Blob::from(bytes.clone())).expect("it is a string");
        assert_eq!(first(base64.trim_matches('"').as_bytes()), Diagnosis::Base64);
        let mut binary = bytes;
        binary[3] = 0xf0;
        assert!(matches!(first(String::from_utf8_lossy(&binary).as_bytes()), Diagnosis::LossyText { .. }));
    }

    #[test]
    fn hostile_bytes_are_read_once() {
        let (bytes, _) = stream();
        let prelude = &bytes[..12];
        for bytes in
            [vec![0xff; 1 << 20], prelude.repeat(80_000), b"{".repeat(1 << 20), b"HTTP/\r\n\r\n".to_vec()]
        {
            let mut decoder = Decoder::new();
            decoder.push(&bytes);
            let error = decoder.next_message().err().or_else(|| decoder.finish().err());
            diagnose(&error.expect("none is a stream"), &bytes);
        }
    }
}
