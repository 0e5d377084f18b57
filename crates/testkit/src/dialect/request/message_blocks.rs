//! The content blocks of Anthropic's Messages.
//!
//! Source: "Create a Message" of Anthropic's API; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;

/// What a required member of a block must be.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Text,
    Object,
    List,
    Any,
}
use Expected::{Any, List, Object, Text};

/// Checks the content of a message: a text, or a list of blocks. `at`: its path.
pub(super) fn check_content(content: &Value, at: &str) -> Result<(), BadRequest> {
    match content {
        Value::String(_) => Ok(()),
        Value::Array(blocks) => {
            blocks.iter().enumerate().try_for_each(|(block, of)| check(of, &format!("{at}.{block}")))
        }
        _ => Err(BadRequest::not_a(at, "string")),
    }
}

/// Checks the system prompt: a text, or a list of blocks of text.
pub(super) fn check_system(system: &Value) -> Result<(), BadRequest> {
    let blocks = match system {
        Value::Null | Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err(BadRequest::not_a("system", "list")),
    };
    for (at, block) in blocks.iter().enumerate() {
        let at = format!("system.{at}");
        if !block.is_object() {
            return Err(BadRequest::not_a(&at, "dictionary"));
        }
        if block["type"] != "text" {
            return Err(BadRequest::new(format!("{at}.type: Input should be 'text'")));
        }
        required_text(block, &at, "text")?;
    }
    Ok(())
}

/// A required member that is a text.
pub(super) fn required_text<'b>(parent: &'b Value, at: &str, name: &str) -> Result<&'b str, BadRequest> {
    let path = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match &parent[name] {
        Value::Null => Err(BadRequest::required(&path)),
        Value::String(text) => Ok(text),
        _ => Err(BadRequest::not_a(&path, "string")),
    }
}

/// The `type` of an object, which must be one of these.
pub(super) fn check_tag<'b>(value: &'b Value, at: &str, known: &[&str]) -> Result<&'b str, BadRequest> {
    if !value.is_object() {
        return Err(BadRequest::not_a(at, "dictionary"));
    }
    let tag = required_text(value, at, "type")?;
    if known.contains(&tag) { Ok(tag) } else { Err(BadRequest::unknown_tag(at, tag, known)) }
}

fn check(block: &Value, at: &str) -> Result<(), BadRequest> {
    let known: Vec<&str> = BLOCKS.iter().map(|(name, _)| *name).collect();
    let tag = check_tag(block, at, &known)?;
    let members = BLOCKS.iter().find(|(name, _)| *name == tag).map_or(&[][..], |(_, members)| *members);
    for (name, expected) in members {
        let (value, path) = (&block[*name], format!("{at}.{tag}.{name}"));
        let (fits, words) = match expected {
            Text => (value.is_string(), "string"),
            Object => (value.is_object(), "dictionary"),
            List => (value.is_array(), "list"),
            Any => (true, ""),
        };
        match value {
            Value::Null => return Err(BadRequest::required(&path)),
            _ if !fits => return Err(BadRequest::not_a(&path, words)),
            _ => {}
        }
    }
    match &block["content"] {
        Value::Null => Ok(()),
        content if tag == "tool_result" => check_content(content, &format!("{at}.tool_result.content")),
        _ => Ok(()),
    }
}

/// The types, each with its members that are required.
const BLOCKS: [(&str, &[(&str, Expected)]); 25] = [
    ("advisor_tool_result", &[("tool_use_id", Text)]),
    ("bash_code_execution_tool_result", &[("tool_use_id", Text), ("content", Any)]),
    ("code_execution_tool_result", &[("tool_use_id", Text), ("content", Any)]),
    ("compaction", &[]),
    ("container_upload", &[("file_id", Text)]),
    ("document", &[("source", Object)]),
    ("fallback", &[]),
    ("image", &[("source", Object)]),
    ("mcp_tool_listing", &[]),
    ("mcp_tool_result", &[("tool_use_id", Text)]),
    ("mcp_tool_use", &[("id", Text), ("name", Text), ("input", Any)]),
    ("redacted_thinking", &[("data", Text)]),
    ("search_result", &[("source", Text), ("title", Text), ("content", List)]),
    ("server_tool_use", &[("id", Text), ("name", Text), ("input", Any)]),
    ("text", &[("text", Text)]),
    ("text_editor_code_execution_tool_result", &[("tool_use_id", Text), ("content", Any)]),
    ("thinking", &[("signature", Text), ("thinking", Text)]),
    ("tool_addition", &[]),
    ("tool_reference", &[("tool_name", Text)]),
    ("tool_removal", &[]),
    ("tool_result", &[("tool_use_id", Text)]),
    ("tool_search_tool_result", &[("tool_use_id", Text), ("content", Any)]),
    ("tool_use", &[("id", Text), ("name", Text), ("input", Object)]),
    ("web_fetch_tool_result", &[("tool_use_id", Text), ("content", Any)]),
    ("web_search_tool_result", &[("tool_use_id", Text), ("content", Any)]),
];
