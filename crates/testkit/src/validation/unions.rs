//! Checks that the content of a request says something: Bedrock ignores members that it does not know, and refuses a block that then
//! has none.
//!
//! Source: its refusals, as users report them.

use serde_json::Value;

use super::invalid_request::InvalidRequest;
use super::shapes::{CONTENT_BLOCK, SYSTEM_CONTENT_BLOCK, Shape, TOOL_RESULT_CONTENT};

/// Checks the blocks of the messages, of their tool results and of the system prompt.
pub(super) fn check(request: &Value) -> Result<(), InvalidRequest> {
    each(&request["system"], "system", "SystemContentBlock", SYSTEM_CONTENT_BLOCK)?;
    for (message, of) in request["messages"].as_array().into_iter().flatten().enumerate() {
        let at = format!("messages.{message}.content");
        each(&of["content"], &at, "ContentBlock", CONTENT_BLOCK)?;
        for (block, of) in of["content"].as_array().into_iter().flatten().enumerate() {
            let at = format!("{at}.{block}.toolResult.content");
            each(&of["toolResult"]["content"], &at, "ToolResultContentBlock", TOOL_RESULT_CONTENT)?;
        }
    }
    Ok(())
}

fn each(blocks: &Value, at: &str, name: &'static str, shape: Shape) -> Result<(), InvalidRequest> {
    for (block, of) in blocks.as_array().into_iter().flatten().enumerate() {
        if shape.iter().all(|(member, _)| of[*member].is_null()) {
            let keys = shape.iter().map(|(member, _)| *member).collect();
            return Err(InvalidRequest::EmptyUnion { shape: name, at: format!("{at}.{block}"), keys });
        }
    }
    Ok(())
}
