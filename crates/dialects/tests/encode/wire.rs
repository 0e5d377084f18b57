//! The three encoders, and what reads their bytes.

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_dialects::encode::{
    ChatEncoder, Encode, Failure, LeftOutContent, MessagesEncoder, ResponsesEncoder,
};
use bedrock_stream_dialects::{Dialect, SseDecoder};

pub(crate) const DIALECTS: [Dialect; 3] = [Dialect::Chat, Dialect::Responses, Dialect::Messages];

pub(crate) fn encoder(dialect: Dialect) -> Box<dyn Encode> {
    match dialect {
        Dialect::Chat => Box::new(ChatEncoder::new("chatcmpl-1", "m", 1_700_000_000).include_usage(true)),
        Dialect::Responses => Box::new(ResponsesEncoder::new("resp_1", "m", 1_700_000_000)),
        _ => Box::new(MessagesEncoder::new("msg_1", "m")),
    }
}

/// The bytes of these chunks, and of the end behind them: the same from chunks that are lent.
pub(crate) fn encode(dialect: Dialect, chunks: &[Chunk]) -> String {
    let by = |write: fn(&mut dyn Encode, &Chunk, &mut Vec<u8>)| {
        let mut encoder = encoder(dialect);
        let mut out = Vec::new();
        chunks.iter().for_each(|chunk| write(&mut *encoder, chunk, &mut out));
        encoder.finish(&mut out);
        (String::from_utf8(out).unwrap(), *encoder.left_out())
    };
    let owned = by(|encoder, chunk, out| encoder.encode(chunk, out));
    assert_eq!(by(|encoder, chunk, out| encoder.encode_ref(&chunk.into(), out)), owned);
    owned.0
}

pub(crate) fn whole(dialect: Dialect, chunks: &[Chunk]) -> Result<serde_json::Value, Failure> {
    whole_and_left_out(dialect, chunks).0
}

/// The answer as one object, and what that leaves out.
pub(crate) fn whole_and_left_out(
    dialect: Dialect,
    chunks: &[Chunk],
) -> (Result<serde_json::Value, Failure>, LeftOutContent) {
    let (json, left_out) = match dialect {
        Dialect::Chat => {
            let mut encoder = ChatEncoder::new("chatcmpl-1", "m", 1_700_000_000);
            (encoder.whole(chunks), *encoder.left_out())
        }
        Dialect::Responses => {
            let mut encoder = ResponsesEncoder::new("resp_1", "m", 1_700_000_000);
            (encoder.whole(chunks), *encoder.left_out())
        }
        _ => {
            let mut encoder = MessagesEncoder::new("msg_1", "m");
            (encoder.whole(chunks), *encoder.left_out())
        }
    };
    (json.map(|json| serde_json::from_str(&json).expect("it is JSON")), left_out)
}

/// Decodes the bytes of a stream to its end: the chunks, and the error that ended it. Panics where an event was skipped.
pub(crate) fn decode(dialect: Dialect, bytes: &str) -> (Vec<Chunk>, Option<Error>) {
    let mut decoder = SseDecoder::new(Some(dialect));
    decoder.push(bytes.as_bytes());
    let mut chunks = Vec::new();
    let mut next = |decoder: &mut SseDecoder, is_end: bool| {
        loop {
            match if is_end { decoder.finish() } else { decoder.next_chunk() } {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => return None,
                Err(error) if error.is_final() => return Some(error),
                Err(error) => panic!("{error}\n{bytes}"),
            }
        }
    };
    let failure = next(&mut decoder, false).or_else(|| next(&mut decoder, true));
    (chunks, failure)
}

/// The arguments of a custom tool's call where it has to be a call with one argument. What Python takes for the end of a line is
/// escaped.
pub(crate) fn custom_arguments(text: &str) -> String {
    let json = serde_json::json!({"input": text}).to_string();
    let escapes = [('\u{85}', "\\u0085"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    escapes.iter().fold(json, |json, (separator, escape)| json.replace(*separator, escape))
}

/// What reads as an end of an answer, in any dialect.
pub(crate) fn looks_complete(bytes: &str) -> bool {
    let finished =
        bytes.matches("\"finish_reason\":").count() != bytes.matches("\"finish_reason\":null").count();
    finished
        || [
            "[DONE]",
            "event: message_stop",
            "event: message_delta",
            "event: response.completed",
            "event: response.incomplete",
        ]
        .iter()
        .any(|end| bytes.contains(end))
}
