//! Single events, for streams that [`Answer`](crate::Answer) cannot build: each function returns one ConverseStream event.
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
    MessageStart::new(Role::Assistant).into()
}

/// `contentBlockStart`.
#[must_use]
pub fn block_start(block: u32, start: impl Into<BlockStart>) -> Event {
    ContentBlockStart::new(block, start).into()
}

/// `contentBlockStart` of a tool call.
#[must_use]
pub fn tool_start(block: u32, id: impl Into<String>, name: impl Into<String>) -> Event {
    block_start(block, ToolUseStart::new(id, name))
}

/// `contentBlockDelta`.
#[must_use]
pub fn delta(block: u32, delta: impl Into<Delta>) -> Event {
    ContentBlockDelta::new(block, delta).into()
}

/// A piece of text.
#[must_use]
pub fn text(block: u32, text: impl Into<String>) -> Event {
    delta(block, text.into())
}

/// A piece of reasoning.
#[must_use]
pub fn reasoning(block: u32, text: impl Into<String>) -> Event {
    delta(block, ReasoningDelta::Text(text.into()))
}

/// The signature of reasoning.
#[must_use]
pub fn signature(block: u32, signature: impl Into<String>) -> Event {
    delta(block, ReasoningDelta::Signature(signature.into()))
}

/// Reasoning that only the provider can read.
#[must_use]
pub fn redacted(block: u32, bytes: impl Into<Vec<u8>>) -> Event {
    delta(block, ReasoningDelta::RedactedContent(bytes.into().into()))
}

/// A piece of a tool call's arguments, as JSON text.
#[must_use]
pub fn tool_input(block: u32, input: impl Into<String>) -> Event {
    delta(block, ToolUseDelta::new(input))
}

/// A source for the block's text.
#[must_use]
pub fn citation(block: u32, citation: Citation) -> Event {
    delta(block, citation)
}

/// `contentBlockStop`.
#[must_use]
pub fn block_stop(block: u32) -> Event {
    ContentBlockStop::new(block).into()
}

/// `messageStop`.
#[must_use]
pub fn message_stop(stop_reason: StopReason) -> Event {
    MessageStop::new(stop_reason).into()
}

/// `metadata` with the tokens of the request and of the answer, and nothing else.
#[must_use]
pub fn usage(input_tokens: u64, output_tokens: u64) -> Event {
    Metadata::new().usage(tokens(input_tokens, output_tokens)).into()
}

/// An exception with this name, in lower camel case, such as `throttlingException`: the last event of its stream.
#[must_use]
pub fn exception(name: impl Into<String>, message: &str) -> Event {
    Exception::new(name, json!({ "message": message }).to_string()).into()
}

/// A message of type `error`: the last event of its stream.
#[must_use]
pub fn error(code: impl Into<String>, message: impl Into<String>) -> Event {
    UnmodeledError::new(code, message).into()
}

/// An event that the API does not have, to test how a client handles it.
#[must_use]
pub fn unknown(event_type: impl Into<String>, payload: impl Into<Json>) -> Event {
    UnknownEvent::new(event_type, payload).into()
}

/// Token counts as Bedrock sends them.
pub(crate) fn tokens(input_tokens: u64, output_tokens: u64) -> Usage {
    let mut usage =
        Usage::new(input_tokens, output_tokens).cache_read_input_tokens(0).cache_write_input_tokens(0);
    usage.other.set("serverToolUsage", json!({}));
    usage
}
