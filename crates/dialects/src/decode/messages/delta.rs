use alloc::string::String;

use bedrock_stream_core::content::Citation;
use bedrock_stream_core::converse::{Delta, ReasoningDelta};
use bedrock_stream_core::json::{Fields, Json};
use serde_json::Error;

use super::citation::citation;
use crate::decode::members::{members_of, take, take_text};

/// A delta, by its kind.
#[derive(Debug)]
pub(super) enum Piece {
    /// A piece of the block's content, and unknown members next to it.
    Known(Delta, Fields),
    /// A piece of a tool call's arguments, which may follow an unknown start.
    Arguments(String, Fields),
    /// An unknown kind of piece, by its name.
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

    use bedrock_stream_core::json::Json;

    use super::{Piece, piece};

    fn read(delta: &str) -> Result<Piece, serde_json::Error> {
        piece(&Json::from_text(delta).expect("it is JSON"))
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
