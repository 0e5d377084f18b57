//! Whose tool results answer whose calls, in the order and the words in which Bedrock says what is wrong.
//!
//! Source: its refusals, as users report them.

use bedrock_stream_core::content::{ContentBlock, Message, Role, ToolUseBlock};

use super::invalid_request::InvalidRequest;

/// Each result of the caller's answers a call of the message before, and each such call has a result. System messages
/// stand outside.
pub(super) fn check(messages: &[Message]) -> Result<(), InvalidRequest> {
    let mut before: Option<&Message> = None;
    for (message, of) in messages.iter().enumerate().filter(|(_, message)| message.role != Role::System) {
        if of.role == Role::User {
            let results: Vec<&str> = blocks(of)
                .filter_map(|block| match block {
                    ContentBlock::ToolResult(result) => Some(&*result.tool_use_id),
                    _ => None,
                })
                .collect();
            let calls: Vec<&ToolUseBlock> = before
                .into_iter()
                .flat_map(blocks)
                .filter_map(|block| match block {
                    ContentBlock::ToolUse(call) if !call.runs_at_bedrock() => Some(call),
                    _ => None,
                })
                .collect();
            if results.len() > calls.len() {
                return Err(InvalidRequest::TooManyToolResults { message });
            }
            let ids: Vec<String> = calls
                .into_iter()
                .map(|call| &call.tool_use_id)
                .filter(|id| !results.contains(&&***id))
                .cloned()
                .collect();
            if !ids.is_empty() {
                return Err(InvalidRequest::MissingToolResults { message, ids });
            }
        }
        before = Some(of);
    }
    Ok(())
}

/// A message's blocks; one that holds several gives each of them.
fn blocks(message: &Message) -> impl Iterator<Item = &ContentBlock> {
    message.content.iter().flat_map(ContentBlock::members)
}
