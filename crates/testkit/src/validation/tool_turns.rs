//! Checks that tool results match tool calls, with the order and the messages of Bedrock.
//!
//! Source: its refusals, as users report them.

use bedrock_stream_core::content::{ContentBlock, Message, Role, ToolUseBlock};

use super::invalid_request::InvalidRequest;

/// Checks that each tool result of the user answers a call in the message before, and that each such call has a result.
/// System messages are ignored.
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
            let calls: Vec<&ToolUseBlock> = before.into_iter().flat_map(calls_of).collect();
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
    // Nothing follows the last message, so its calls have no results.
    let last = before.into_iter().filter(|message| message.role == Role::Assistant);
    let ids: Vec<String> = last.flat_map(calls_of).map(|call| call.tool_use_id.clone()).collect();
    if ids.is_empty() {
        Ok(())
    } else {
        Err(InvalidRequest::MissingToolResults { message: messages.len(), ids })
    }
}

/// The calls of a message that wait for a result of the user.
fn calls_of(message: &Message) -> impl Iterator<Item = &ToolUseBlock> {
    blocks(message).filter_map(|block| match block {
        ContentBlock::ToolUse(call) if !call.runs_at_bedrock() => Some(call),
        _ => None,
    })
}

/// The blocks of a message, with blocks of several members taken apart.
fn blocks(message: &Message) -> impl Iterator<Item = &ContentBlock> {
    message.content.iter().flat_map(ContentBlock::members)
}
