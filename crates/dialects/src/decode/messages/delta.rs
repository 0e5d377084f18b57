use alloc::string::String;

use bedrock_stream_core::content::Citation;
use bedrock_stream_core::converse::{Delta, ReasoningDelta, ToolUseDelta};
use bedrock_stream_core::json::{Fields, Json};
use bedrock_stream_core::object;
use serde_json::Error;

use super::citation::citation;
use crate::decode::members::{members_of, take, take_text};

object! {
    /// A `content_block_delta` of a kind that most payloads are.
    struct UsualPayload {
        /// The event's name.
        "type" => kind: Option<String>,
        /// Which block.
        "index" => index: Option<u32>,
        /// The piece.
        "delta" => delta: Option<UsualDelta>,
    }
}

object! {
    /// The piece in it.
    struct UsualDelta {
        /// What it is a piece of.
        "type" => kind: Option<String>,
        /// Text.
        "text" => text: Option<String>,
        /// A tool call's arguments.
        "partial_json" => partial_json: Option<String>,
        /// Reasoning.
        "thinking" => thinking: Option<String>,
    }
}

/// Reads a payload that is a piece of text, reasoning or arguments and nothing else, in one pass over its text. `None`: it
/// has to be read member by member.
pub(super) fn usual_delta(payload: &str) -> Option<(u32, Delta)> {
    let payload: UsualPayload = serde_json::from_str(payload).ok()?;
    let (index, delta) = (payload.index?, payload.delta?);
    if payload.kind? != "content_block_delta" || !payload.other.is_empty() || !delta.other.is_empty() {
        return None;
    }
    let piece = match (&*delta.kind?, delta.text, delta.partial_json, delta.thinking) {
        ("text_delta", Some(text), None, None) => text.into(),
        ("input_json_delta", None, Some(piece), None) => ToolUseDelta::new(piece).into(),
        ("thinking_delta", None, None, Some(text)) => ReasoningDelta::Text(text).into(),
        _ => return None,
    };
    Some((index, piece))
}

/// What a delta is.
#[derive(Debug)]
pub(super) enum Piece {
    /// A piece of the block's content, and the members beside it that are unknown.
    Known(Delta, Fields),
    /// A piece of the arguments of a tool call, which may follow a start that is not known.
    Arguments(String, Fields),
    /// A kind of piece that is not known, and its name.
    Unknown(String),
}

/// Reads any delta.
pub(super) fn piece(delta: &Json) -> Result<Piece, Error> {
    let mut members = members_of(delta.as_str())?;
    let kind = take_text(&mut members, "type")?;
    let delta = match &*kind {
        "text_delta" => take_text(&mut members, "text")?.into(),
        "thinking_delta" => ReasoningDelta::Text(take_text(&mut members, "thinking")?).into(),
        "signature_delta" => match take_text(&mut members, "signature")? {
            signature if signature.is_empty() => Delta::default(),
            signature => ReasoningDelta::Signature(signature).into(),
        },
        "input_json_delta" => {
            return Ok(Piece::Arguments(take_text(&mut members, "partial_json")?, members));
        }
        "citations_delta" => match take::<Json>(&mut members, "citation")?.as_ref().map(citation) {
            None => Delta::default(),
            Some(Some(citation)) => Citation::into(citation),
            Some(None) => return Ok(Piece::Unknown(kind)),
        },
        _ => return Ok(Piece::Unknown(kind)),
    };
    Ok(Piece::Known(delta, members))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use bedrock_stream_core::converse::Delta;
    use bedrock_stream_core::json::Json;

    use super::{Piece, piece, usual_delta};

    fn read(delta: &str) -> Result<Piece, serde_json::Error> {
        piece(&Json::from_text(delta).expect("it is JSON"))
    }

    /// Both ways of reading a piece give the same, wherever the quick one reads it.
    #[test]
    fn one_pass_reads_what_two_read() {
        for delta in [
            r#"{"type":"text_delta","text":"a\n\ud83d"}"#,
            r#"{"text":"","type":"text_delta"}"#,
            r#"{ "type" : "input_json_delta" , "partial_json" : "{\"a\"" }"#,
            r#"{"type":"thinking_delta","thinking":"hm"}"#,
        ] {
            let payload = [r#"{"delta":"#, delta, r#","index":3,"type":"content_block_delta"    }"#].concat();
            let (index, quick) = usual_delta(&payload).expect(delta);
            assert_eq!(index, 3);
            match read(delta).expect(delta) {
                Piece::Known(slow, other) => {
                    assert_eq!((slow, other.is_empty()), (quick, true));
                }
                Piece::Arguments(text, _) => {
                    let Delta::ToolUse(quick) = quick else { panic!("{quick:?}") };
                    assert_eq!(quick.input, Some(text));
                }
                Piece::Unknown(kind) => panic!("{kind}"),
            }
        }
    }

    #[test]
    fn anything_else_is_left_to_the_other() {
        for payload in [
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","new":1}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"new":1}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","thinking":"b"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","text":"a"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}"#,
            r#"{"type":"message_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
        ] {
            assert_eq!(usual_delta(payload), None, "{payload}");
        }
    }

    #[test]
    fn a_piece_that_cannot_be_read_is_an_error_and_an_unknown_one_is_data() {
        assert!(read(r#"{"type":"text_delta","text":5}"#).is_err());
        assert!(read(r#"{"type":5,"text":"a"}"#).is_err());
        assert!(read("[]").is_err());
        for (delta, name) in
            [(r#"{"type":"compaction_delta","content":"s"}"#, "compaction_delta"), (r#"{"text":"a"}"#, "")]
        {
            let Ok(Piece::Unknown(kind)) = read(delta) else { panic!("{delta}") };
            assert_eq!(kind, name.to_string());
        }
    }
}
