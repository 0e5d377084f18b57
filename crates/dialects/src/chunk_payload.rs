use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::str::Utf8Error;

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};
use bedrock_stream_core::converse::PADDING;
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;
use memchr::memchr;

object! {
    /// The payload of a `chunk` message, which may be padded.
    ///
    /// Source: `PayloadPart` in the Bedrock Runtime API.
    struct PayloadPart: padded {
        /// The vendor's payload, as base64 text.
        "bytes" => bytes: Option<Json>,
    }
}

/// Why a `chunk` message has no payload.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChunkError {
    #[error("it is not UTF-8: {0}")]
    NotText(#[from] Utf8Error),
    #[error(transparent)]
    NotJson(#[from] serde_json::Error),
    #[error("its member `bytes` is missing")]
    NoBytes,
    #[error("its member `bytes` is not a string")]
    NotString,
    #[error("its member `bytes` is not base64: {0}")]
    NotBase64(DecodeError),
}

/// Decodes the vendor's payload in a `chunk` message into `payload`, whose memory is reused. Returns the other members
/// of the message as an object, if there are any.
pub(crate) fn decode_chunk(chunk: &[u8], payload: &mut Vec<u8>) -> Result<Option<Json>, ChunkError> {
    payload.clear();
    if let Some(bytes) = scan(chunk) {
        if BASE64.decode_vec(bytes, payload).is_ok() {
            return Ok(None);
        }
        payload.clear();
    }
    let mut part: PayloadPart = serde_json::from_str(core::str::from_utf8(chunk)?)?;
    let bytes = part.bytes.take().ok_or(ChunkError::NoBytes)?;
    let bytes: Cow<'_, str> = bytes.parse().map_err(|_| ChunkError::NotString)?;
    if let Err(error) = BASE64.decode_vec(bytes.as_bytes(), payload) {
        payload.clear();
        return Err(ChunkError::NotBase64(error));
    }
    if part.other.is_empty() { Ok(None) } else { Ok(Some(Json::from_value(&part)?)) }
}

/// The base64 text of a message as Bedrock writes it: `{"bytes":"..","p":".."}`, where the padding may be missing.
/// `None`: it must be parsed.
pub(crate) fn scan(chunk: &[u8]) -> Option<&[u8]> {
    let (bytes, rest) = until_quote(chunk.strip_prefix(br#"{"bytes":""#)?)?;
    if rest == b"}" {
        return Some(bytes);
    }
    let padding = rest.strip_prefix(br#","p":""#)?.strip_suffix(b"\"}")?;
    // Comparing takes a tenth of the time of looking at each byte.
    let is_usual = PADDING.as_bytes().get(..padding.len()) == Some(padding);
    (is_usual || padding.iter().all(u8::is_ascii_alphanumeric)).then_some(bytes)
}

/// The text before and after the next quote.
fn until_quote(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'"', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// Decodes like [`Blob`](bedrock_stream_core::json::Blob).
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use super::decode_chunk;

    #[test]
    fn the_payload_is_decoded_and_the_padding_is_dropped() {
        for (chunk, payload, other) in [
            (r#"{"bytes":"e30="}"#, "{}", None),
            (r#"{"bytes":"e30=","p":"abcDEF012"}"#, "{}", None),
            (r#"{"bytes":"","p":""}"#, "", None),
            (r#" { "p" : "ab" , "bytes" : "e30" } "#, "{}", None),
            (r#"{"bytes":"\u0065\/30"}"#, "{\u{fffd}\u{fffd}", None),
            (r#"{"bytes":null,"bytes":"e30="}"#, "{}", None),
            (r#"{"bytes":"e30=","later":1}"#, "{}", Some(r#"{"later":1}"#)),
        ] {
            let mut bytes = b"of the last".to_vec();
            let left =
                decode_chunk(chunk.as_bytes(), &mut bytes).unwrap_or_else(|error| panic!("{chunk}: {error}"));
            assert_eq!(String::from_utf8_lossy(&bytes), payload, "{chunk}");
            assert_eq!(left.as_ref().map(bedrock_stream_core::json::Json::as_str), other, "{chunk}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (chunk, reason) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("{}", "its member `bytes` is missing"),
            (r#"{"bytes":null}"#, "its member `bytes` is missing"),
            (r#"{"bytes":17}"#, "its member `bytes` is not a string"),
            (r#"{"bytes":"e30*"}"#, "its member `bytes` is not base64: Invalid symbol 42, offset 3."),
            (r#"{"bytes":"e30=","bytes":"e30="}"#, "`bytes`"),
            (r#"{"bytes":"e30=""#, "EOF while parsing"),
            (r#"{"bytes":"e30=","p":"a"#, "EOF while parsing"),
        ] {
            let error = decode_chunk(chunk.as_bytes(), &mut Vec::new()).expect_err(chunk).to_string();
            assert!(error.contains(reason), "{chunk}: {error}");
        }
        assert!(decode_chunk(b"{\"bytes\":\"\xff\"}", &mut Vec::new()).is_err());
    }
}
