use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use bedrock_stream_core::content::{ImageDelta, ImageFormat, ToolResultDelta, ToolResultStatus};
use bedrock_stream_core::converse::{
    BlockStart, Delta, ImageStart, ReasoningDelta, ToolResultStart, ToolUseDelta, ToolUseStart,
};
use bedrock_stream_core::json::{Blob, Fields, Json, Member, Scanner};
use serde_json::Error;

use super::citation::citation;
use crate::decode::members::{members_of, take, take_text};

/// The start of a content block, with any content that it already contains.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StartedBlock {
    /// The start event, for kinds of blocks that have one in Converse.
    pub(super) start: BlockStart,
    /// The content that it already contains.
    pub(super) deltas: Vec<Delta>,
    /// The unknown members of the block.
    pub(super) unknown: Fields,
    /// Whether the kind of the block is unknown.
    pub(super) is_unknown: bool,
}

/// The fast way for the start of an empty text, of empty reasoning or of a call, as Anthropic writes it: member by member, one
/// takes as long as six deltas. `None`: it has to be read by [`block_start`], which is the oracle here. Returns the block's
/// index too.
pub(super) fn scan_start(payload: &str) -> Option<(u32, StartedBlock)> {
    let mut scanner = Scanner::new(payload.as_bytes());
    scanner.literal(br#"{"type":"content_block_start","index":"#)?;
    let index = scanner.index()?;
    scanner.literal(br#","content_block":{"type":""#)?;
    let mut started = StartedBlock::default();
    if scanner.literal(br#"text","text":"""#).is_some() {
        started.deltas.push(Delta::Text(String::new()));
    } else if scanner.literal(br#"thinking","thinking":"""#).is_some() {
        started.deltas.push(ReasoningDelta::Text(String::new()).into());
        // It is not always there.
        let _ = scanner.literal(br#","signature":"""#);
    } else {
        scanner.literal(br#"tool_use","id":"#)?;
        let id = scanner.string_of(payload)?;
        scanner.literal(br#","name":"#)?;
        started.start = ToolUseStart::new(id, scanner.string_of(payload)?).into();
        scanner.literal(br#","input":{}"#)?;
    }
    scanner.literal(b"}")?;
    scanner.spaces();
    (scanner.rest() == b"}").then_some((index, started))
}

/// Reads the `content_block` of a `content_block_start`.
pub(super) fn block_start(block: &Json) -> Result<StartedBlock, Error> {
    let mut members = members_of(block.as_str())?;
    let kind = take_text(&mut members, "type")?;
    let mut started = StartedBlock::default();
    match &*kind {
        "text" => {
            started.deltas.push(take_text(&mut members, "text")?.into());
            for cited in take::<Vec<Json>>(&mut members, "citations")?.unwrap_or_default() {
                match citation(&cited) {
                    Some(cited) => started.deltas.push(cited.into()),
                    None => started.unknown.push("citations".into(), cited),
                }
            }
        }
        "thinking" => {
            started.deltas.push(ReasoningDelta::Text(take_text(&mut members, "thinking")?).into());
            let signature = take_text(&mut members, "signature")?;
            if !signature.is_empty() {
                started.deltas.push(ReasoningDelta::Signature(signature).into());
            }
        }
        "redacted_thinking" => match Blob::from_base64(&take_text(&mut members, "data")?) {
            Some(data) => started.deltas.push(ReasoningDelta::RedactedContent(data).into()),
            None => return Ok(StartedBlock::unknown(kind, block)),
        },
        "image" => match image(&mut members) {
            Some((format, data)) => {
                let mut start = ImageStart::default();
                start.format = format;
                started.start = start.into();
                started.deltas.push(ImageDelta::new(data).into());
            }
            None => return Ok(StartedBlock::unknown(kind, block)),
        },
        kind if kind.ends_with("tool_use") => {
            let id = take_text(&mut members, "id")?;
            let mut start = ToolUseStart::new(id, take_text(&mut members, "name")?);
            start.kind = (kind != "tool_use").then(|| kind.into());
            started.start = start.into();
            if let Some(input) = members.take("input").filter(|input| !is_empty_object(input)) {
                started.deltas.push(ToolUseDelta::new(input.as_str()).into());
            }
        }
        kind if kind.ends_with("tool_result") => {
            let mut start = ToolResultStart::new(take_text(&mut members, "tool_use_id")?).kind(kind);
            let content = members.take("content");
            let is_error = take::<bool>(&mut members, "is_error")?;
            start.status = match is_error {
                Some(true) => Some(ToolResultStatus::Error),
                Some(false) => Some(ToolResultStatus::Success),
                None => content.as_ref().is_some_and(is_error_object).then_some(ToolResultStatus::Error),
            };
            started.start = start.into();
            started.deltas.extend(content.map(|content| vec![result_part(content)].into()));
        }
        _ => return Ok(StartedBlock::unknown(kind, block)),
    }
    started.unknown.extend(members);
    Ok(started)
}

impl StartedBlock {
    /// A block of an unknown kind, or one that Converse cannot represent.
    fn unknown(kind: String, block: &Json) -> Self {
        let mut unknown = Fields::new();
        let name = if kind.is_empty() { "content_block".into() } else { kind };
        unknown.extend([Member { name, value: block.clone() }]);
        Self { unknown, is_unknown: true, ..Self::default() }
    }
}

/// The format and the bytes of an image that the payload contains.
fn image(members: &mut Fields) -> Option<(Option<ImageFormat>, Blob)> {
    let mut source = members_of(members.value("source")?.as_str()).ok()?;
    let media_type = take::<String>(&mut source, "media_type").ok()?;
    let data = Blob::from_base64(&take_text(&mut source, "data").ok()?)?;
    if data.as_ref().is_empty() || take_text(&mut source, "type").ok()? != "base64" || !source.is_empty() {
        return None;
    }
    members.take("source");
    Some((media_type.as_deref().and_then(ImageFormat::from_media_type), data))
}

/// Whether the arguments in a start are empty: the real ones follow, or there are none.
fn is_empty_object(input: &Json) -> bool {
    members_of(input.as_str()).is_ok_and(|members| members.is_empty()) && !input.as_str().contains('"')
}

/// Whether a result is an error, such as `web_search_tool_result_error`.
fn is_error_object(content: &Json) -> bool {
    let kind = members_of(content.as_str()).and_then(|mut members| take_text(&mut members, "type"));
    kind.is_ok_and(|kind| kind.ends_with("_error"))
}

/// A complete result: text, or any other JSON unchanged.
fn result_part(content: Json) -> ToolResultDelta {
    let mut only = Fields::new();
    only.push("".into(), content.clone());
    match take(&mut only, "") {
        Ok(Some(text)) => ToolResultDelta::Text(text),
        _ => ToolResultDelta::Json(content),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{block_start, scan_start};
    use crate::decode::members::{members_of, take};
    use bedrock_stream_tests::{check_scan, escaped_text};

    /// Asserts that a payload that is scanned is read the same member by member. Returns whether it is scanned.
    fn check(payload: &str) -> bool {
        let scanned = scan_start(payload);
        if let Some((index, started)) = &scanned {
            let mut members = members_of(payload).unwrap();
            let kind: Option<String> = take(&mut members, "type").unwrap();
            assert_eq!(kind.as_deref(), Some("content_block_start"), "{payload}");
            assert_eq!(take(&mut members, "index").unwrap(), Some(*index), "{payload}");
            assert_eq!(*started, block_start(&members.take("content_block").unwrap()).unwrap(), "{payload}");
            assert!(members.is_empty(), "{payload}");
        }
        scanned.is_some()
    }

    #[test]
    fn the_usual_starts_are_scanned() {
        for block in [
            r#"{"type":"text","text":""}"#,
            r#"{"type":"thinking","thinking":"","signature":""}"#,
            r#"{"type":"thinking","thinking":""}"#,
            r#"{"type":"tool_use","id":"toolu_1","name":"a","input":{}}"#,
        ] {
            for spaces in ["", "   "] {
                let payload =
                    format!(r#"{{"type":"content_block_start","index":7,"content_block":{block}{spaces}}}"#);
                assert!(check(&payload), "{payload}");
            }
        }
    }

    #[test]
    fn any_other_start_is_left_to_the_other() {
        for block in [
            r#"{"type":"text","text":"a"}"#,
            r#"{"type":"text","text":"","citations":[]}"#,
            r#"{"type":"thinking","thinking":"","signature":"a"}"#,
            r#"{"type":"server_tool_use","id":"a","name":"a","input":{}}"#,
            r#"{"type":"tool_use","id":"a","name":"a","input":{"a":1}}"#,
            r#"{"type":"tool_use","id":"a","name":"a","input":{},"new":1}"#,
            r#"{"type":"tool_use","id":"a","name":"a"}"#,
            r#"{"type":"new"}"#,
        ] {
            let payload = format!(r#"{{"type":"content_block_start","index":7,"content_block":{block}}}"#);
            assert_eq!(scan_start(&payload), None, "{payload}");
        }
    }

    /// Starts, most with one character changed: whatever is scanned is read the same.
    #[test]
    fn agrees_with_the_other() {
        let call = |(id, name): (String, String)| {
            format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{{}}}}"#)
        };
        let block = prop_oneof![
            Just(r#"{"type":"text","text":""}"#.into()),
            Just(r#"{"type":"thinking","thinking":"","signature":""}"#.into()),
            (escaped_text(), escaped_text()).prop_map(call),
        ];
        let payload = (0..200_u32, block).prop_map(|(index, block)| {
            format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#)
        });
        check_scan(payload, check);
    }
}
