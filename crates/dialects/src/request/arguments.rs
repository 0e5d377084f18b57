//! The arguments of tool calls, as OpenAI's dialects write them.

use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::json::Json;

use super::error::Problem;
use super::field::Field;
use crate::encode::json_writer;

/// Arguments that are JSON in a string. None at all are an empty object, as some clients write it; anything else that is no
/// object is an error, since the model would read something that was never said.
pub(super) fn read(field: &Field<'_>) -> Result<ToolInput, Problem> {
    let text = field.string()?;
    if text.trim().is_empty() {
        return Ok(ToolInput::Empty);
    }
    let json = Json::from_text(&text).ok().filter(|json| json.as_str().starts_with('{'));
    let json = json.ok_or_else(|| field.invalid("it must be a JSON object, as a string"))?;
    if json.is_readable() { Ok(ToolInput::Json(json)) } else { Err(field.invalid("it is nested too deeply")) }
}

/// The arguments of the function that a custom tool became, for this free text.
pub(super) fn custom(text: &str) -> ToolInput {
    let mut out = Vec::from(*br#"{"input":"#);
    json_writer::string(&mut out, text);
    out.push(b'}');
    // It is JSON by construction.
    let json = String::from_utf8(out).ok().and_then(|text| Json::from_text(&text).ok());
    ToolInput::Json(json.unwrap_or_default())
}
