//! Single events, for streams that no [`Answer`](crate::Answer) makes: each function gives one event of ConverseStream.
//!
//! `block` is the index of the content block.

use bedrock_stream_core::answer::{Exception, StopReason, UnmodeledError, Usage};
use bedrock_stream_core::content::{Citation, Role};
use bedrock_stream_core::converse::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, MessageStart, MessageStop,
    Metadata, ReasoningDelta, ToolUseDelta, ToolUseStart, UnknownEvent,
};
use bedrock_stream_core::json::Json;
use serde_json::json;

pub use bedrock_stream_core::converse::Event;

/// `messageStart` of the assistant.
#[must_use]
pub fn message_start() -> Event {
    let mut event = MessageStart::default();
    event.role = Some(Role::Assistant);
    Event::MessageStart(event)
}

/// `contentBlockStart`.
#[must_use]
pub fn block_start(block: u32, start: BlockStart) -> Event {
    let mut event = ContentBlockStart::default();
    event.content_block_index = Some(block);
    event.start = Some(start);
    Event::ContentBlockStart(event)
}

/// `contentBlockStart` of a tool call.
#[must_use]
pub fn tool_start(block: u32, id: impl Into<String>, name: impl Into<String>) -> Event {
    let mut tool = ToolUseStart::default();
    tool.tool_use_id = Some(id.into());
    tool.name = Some(name.into());
    block_start(block, BlockStart::ToolUse(tool))
}

/// `contentBlockDelta`.
#[must_use]
pub fn delta(block: u32, delta: Delta) -> Event {
    let mut event = ContentBlockDelta::default();
    event.content_block_index = Some(block);
    event.delta = Some(delta);
    Event::ContentBlockDelta(event)
}

/// A piece of text.
#[must_use]
pub fn text(block: u32, text: impl Into<String>) -> Event {
    delta(block, Delta::Text(text.into()))
}

/// A piece of reasoning.
#[must_use]
pub fn reasoning(block: u32, text: impl Into<String>) -> Event {
    delta(block, Delta::Reasoning(ReasoningDelta::Text(text.into())))
}

/// The signature of reasoning.
#[must_use]
pub fn signature(block: u32, signature: impl Into<String>) -> Event {
    delta(block, Delta::Reasoning(ReasoningDelta::Signature(signature.into())))
}

/// Reasoning that only the provider can read.
#[must_use]
pub fn redacted(block: u32, bytes: impl Into<Vec<u8>>) -> Event {
    delta(block, Delta::Reasoning(ReasoningDelta::RedactedContent(bytes.into().into())))
}

/// A piece of a tool call's arguments: characters of their JSON text.
#[must_use]
pub fn tool_input(block: u32, input: impl Into<String>) -> Event {
    delta(block, tool_input_delta(input))
}

/// A source for the block's text.
#[must_use]
pub fn citation(block: u32, citation: Citation) -> Event {
    delta(block, Delta::Citation(Box::new(citation)))
}

/// `contentBlockStop`.
#[must_use]
pub fn block_stop(block: u32) -> Event {
    let mut event = ContentBlockStop::default();
    event.content_block_index = Some(block);
    Event::ContentBlockStop(event)
}

/// `messageStop`.
#[must_use]
pub fn message_stop(stop_reason: StopReason) -> Event {
    let mut event = MessageStop::default();
    event.stop_reason = Some(stop_reason);
    Event::MessageStop(event)
}

/// `metadata` with the tokens of the request and of the answer, and nothing else.
#[must_use]
pub fn usage(input_tokens: u64, output_tokens: u64) -> Event {
    let mut metadata = Metadata::default();
    metadata.usage = Some(tokens(input_tokens, output_tokens));
    Event::Metadata(Box::new(metadata))
}

/// An exception of that name, in lower camel case, such as `throttlingException`: the last event of its stream.
#[must_use]
pub fn exception(name: impl Into<String>, message: &str) -> Event {
    Event::Exception(Exception::new(name, json!({ "message": message }).to_string()))
}

/// A message of type `error`: the last event of its stream.
#[must_use]
pub fn error(code: impl Into<String>, message: impl Into<String>) -> Event {
    let mut error = UnmodeledError::default();
    error.code = Some(code.into());
    error.message = Some(message.into());
    Event::Error(error)
}

/// An event that no version of the API has, to see what a client does with it.
#[must_use]
pub fn unknown(event_type: impl Into<String>, payload: impl Into<Json>) -> Event {
    let mut event = UnknownEvent::default();
    event.event_type = Some(event_type.into());
    event.payload = Some(payload.into());
    Event::Unknown(event)
}

pub(crate) fn tool_input_delta(input: impl Into<String>) -> Delta {
    let mut piece = ToolUseDelta::default();
    piece.input = Some(input.into());
    Delta::ToolUse(piece)
}

/// The counts as Bedrock sends them.
pub(crate) fn tokens(input_tokens: u64, output_tokens: u64) -> Usage {
    let mut usage = Usage::default();
    usage.input_tokens = Some(input_tokens);
    usage.output_tokens = Some(output_tokens);
    usage.total_tokens = Some(input_tokens.saturating_add(output_tokens));
    usage.cache_read_input_tokens = Some(0);
    usage.cache_write_input_tokens = Some(0);
    usage.other.set("serverToolUsage", json!({}));
    usage
}
