use alloc::string::{FromUtf8Error, String};
use alloc::vec::Vec;

use base64::Engine as _;
use bedrock_stream_core::json::Json;

use crate::chunk_payload::{BASE64, ChunkError, decode_chunk, scan};

/// The payload of the last `chunk` message, whose memory is used for the next.
///
/// Nearly every payload of an answer begins as the one before, down to the delta's own words, and then so does its base64:
/// what has the same base64 need be neither decoded nor checked for UTF-8 again, which was a quarter of the time of a chunk.
#[derive(Debug)]
pub(crate) struct PayloadText {
    text: String,
    /// The base64 that the front of `text` was decoded from, as far as it is kept: whole groups of four digits, without `=`.
    known: [u8; KNOWN_LEN],
    known_len: usize,
    /// What was decoded last; its memory is used again.
    decoded: Vec<u8>,
}

/// Why a `chunk` message has no text.
#[derive(Debug)]
pub(crate) enum PayloadError {
    /// It has no payload.
    Chunk(ChunkError),
    /// Its payload is not UTF-8.
    NotUtf8(FromUtf8Error),
}

impl PayloadText {
    pub(crate) const fn new() -> Self {
        Self { text: String::new(), known: [0; KNOWN_LEN], known_len: 0, decoded: Vec::new() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// How many bytes of memory it holds, used or not.
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity() + self.decoded.capacity()
    }

    /// Reads the payload of a `chunk` message. Returns the message's other members, as an object, if it has any. After an
    /// error, there is no text.
    pub(crate) fn read(&mut self, chunk: &[u8]) -> Result<Option<Json>, PayloadError> {
        match self.read_from_known(chunk) {
            Some(()) => Ok(None),
            None => self.read_whole(chunk),
        }
    }

    /// The fast way for a short message as Bedrock writes it. `None`: nothing changed, and it has to be read by
    /// [`read_whole`](Self::read_whole), which is the oracle here.
    fn read_from_known(&mut self, chunk: &[u8]) -> Option<()> {
        let base64 = scan(chunk).filter(|base64| base64.len() <= SHORT_LEN)?;
        let same = common_groups(base64, &self.known[..self.known_len]);
        let mut kept = same * 3;
        // What is kept must be a text, and so must the rest.
        while !self.text.is_char_boundary(kept) {
            kept -= 3;
        }
        let (before, rest) = base64.split_at_checked(kept / 3 * 4)?;
        self.decoded.clear();
        BASE64.decode_vec(rest, &mut self.decoded).ok()?;
        let decoded = core::str::from_utf8(&self.decoded).ok()?;
        self.text.truncate(kept);
        self.text.push_str(decoded);
        // The last group may be short, or have `=`.
        let known_len = (base64.len().saturating_sub(1) & !3).min(KNOWN_LEN);
        if let Some(later) = base64.get(before.len()..known_len) {
            self.known[before.len()..known_len].copy_from_slice(later);
        }
        self.known_len = known_len;
        Some(())
    }

    /// The same for any message.
    fn read_whole(&mut self, chunk: &[u8]) -> Result<Option<Json>, PayloadError> {
        self.known_len = 0;
        let mut bytes = core::mem::take(&mut self.text).into_bytes();
        let read = decode_chunk(chunk, &mut bytes).map_err(PayloadError::Chunk);
        if read.is_err() {
            bytes.clear();
        }
        self.text = String::from_utf8(bytes).map_err(PayloadError::NotUtf8)?;
        read
    }
}

/// How many groups of four at the front are the same. The length of `known` is a multiple of four.
fn common_groups(mut text: &[u8], mut known: &[u8]) -> usize {
    let mut groups = 0;
    // Two groups at a time.
    while let (Some((first, text_rest)), Some((second, known_rest))) =
        (text.split_first_chunk::<8>(), known.split_first_chunk::<8>())
    {
        let differing = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*second);
        if differing != 0 {
            return groups + differing.trailing_zeros() as usize / 32;
        }
        groups += 2;
        (text, known) = (text_rest, known_rest);
    }
    match (text.first_chunk::<4>(), known.first_chunk::<4>()) {
        (Some(first), Some(second)) if first == second => groups + 1,
        _ => groups,
    }
}

/// How much of the base64 is kept; Anthropic's deltas have up to 124 digits before the delta's words.
const KNOWN_LEN: usize = 192;

/// Up to how many digits of base64 are read the fast way; longer payloads are decoded in place.
const SHORT_LEN: usize = 4096;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::cell::Cell;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    use super::{PayloadError, PayloadText};

    /// The text and the other members, or what is wrong.
    fn told(text: &PayloadText, read: Result<Option<super::Json>, PayloadError>) -> Result<String, String> {
        match read {
            Ok(other) => Ok(format!("{} {other:?}", text.as_str())),
            Err(PayloadError::Chunk(error)) => Err(error.to_string()),
            Err(PayloadError::NotUtf8(error)) => Err(error.to_string()),
        }
    }

    /// Messages of which each is like the one before, most with one character changed.
    fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let payload = prop_oneof![
            "[ab]{0,9}",
            "[€é😀a]{0,9}",
            "[a€]{60,90}",
            Just(
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#
                    .to_string()
            ),
        ];
        let change = prop::option::of((
            any::<prop::sample::Index>(),
            prop_oneof![Just(b'='), Just(b'"'), any::<u8>()],
        ));
        let chunk = (payload, 0..3_u32, change).prop_map(|(payload, padding, change)| {
            let mut base64 = STANDARD.encode(payload).into_bytes();
            if let Some((place, by)) = change.filter(|_| !base64.is_empty()) {
                let place = place.index(base64.len());
                base64[place] = by;
            }
            let rest: &[u8] = [&b"\"}"[..], b"\",\"p\":\"ab\"}", b"\",\"later\":1}"][padding as usize];
            [b"{\"bytes\":\"", &base64[..], rest].concat()
        });
        prop::collection::vec(chunk, 1..12)
    }

    /// Whatever came before, a message is read as if it were the first.
    #[test]
    fn what_is_known_changes_nothing() {
        let compared = Cell::new(0);
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(2_000) });
        let result = runner.run(&chunks(), |chunks| {
            let mut text = PayloadText::new();
            for chunk in chunks {
                let mut probe = PayloadText {
                    known: text.known,
                    known_len: text.known_len,
                    text: text.text.clone(),
                    ..PayloadText::new()
                };
                let is_fast = probe.known_len > 0 && probe.read_from_known(&chunk).is_some();
                compared.set(compared.get() + u32::from(is_fast));
                let read = text.read(&chunk);
                let given = told(&text, read);
                let mut plain = PayloadText::new();
                let read = plain.read_whole(&chunk);
                prop_assert_eq!(given, told(&plain, read), "{}", String::from_utf8_lossy(&chunk));
                prop_assert_eq!(text.as_str(), plain.as_str());
            }
            Ok(())
        });
        result.unwrap();
        assert!(compared.get() > 500, "the comparison was reached {} times", compared.get());
    }

    #[test]
    fn a_long_payload_is_decoded_in_place() {
        let payload = "é".repeat(4_000);
        let chunk = format!(r#"{{"bytes":"{}"}}"#, STANDARD.encode(&payload));
        let mut text = PayloadText::new();
        for _ in 0..2 {
            assert!(text.read(chunk.as_bytes()).unwrap().is_none());
            assert_eq!(text.as_str(), payload);
            assert_eq!(text.decoded.capacity(), 0);
        }
    }
}
