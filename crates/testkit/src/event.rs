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
///
/// ```
/// use bedrock_stream_testkit::event;
/// use serde_json::json;
///
/// assert_eq!(serde_json::to_value(event::message_start())?, json!({"messageStart": {"role": "assistant"}}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn message_start() -> Event {
    MessageStart::new(Role::Assistant).into()
}

/// `contentBlockStart`.
///
/// ```
/// use bedrock_stream_core::converse::ToolUseStart;
/// use bedrock_stream_testkit::event;
///
/// // What `tool_start` does. Other kinds of blocks have no function of their own.
/// let event = event::block_start(0, ToolUseStart::new("call-1", "weather"));
/// assert_eq!(event, event::tool_start(0, "call-1", "weather"));
/// ```
#[must_use]
pub fn block_start(block: u32, start: impl Into<BlockStart>) -> Event {
    ContentBlockStart::new(block, start).into()
}

/// `contentBlockStart` of a tool call.
///
/// A tool call whose arguments never come to an end:
///
/// ```
/// use bedrock_stream_core::converse::ToolUseStart;
/// use bedrock_stream_testkit::{answer, event};
///
/// let answer = answer()
///     .event(event::tool_start(0, "call-1", "weather"))
///     .event(event::tool_input(0, "{\"city\":"))
///     .event(event::block_stop(0));
/// let response = answer.response()?;
/// assert_eq!(response.tool_calls().count(), 1);
/// assert!(response.tool_calls().all(|call| !call.input.is_usable()));
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[must_use]
pub fn tool_start(block: u32, id: impl Into<String>, name: impl Into<String>) -> Event {
    block_start(block, ToolUseStart::new(id, name))
}

/// `contentBlockDelta`.
///
/// ```
/// use bedrock_stream_core::converse::Delta;
/// use bedrock_stream_testkit::event;
///
/// assert_eq!(event::delta(0, Delta::Text("Hello".to_owned())), event::text(0, "Hello"));
/// ```
#[must_use]
pub fn delta(block: u32, delta: impl Into<Delta>) -> Event {
    ContentBlockDelta::new(block, delta).into()
}

/// A piece of text.
///
/// ```
/// use bedrock_stream_testkit::event;
/// use serde_json::json;
///
/// assert_eq!(
///     serde_json::to_value(event::text(0, "Hello"))?,
///     json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hello"}}})
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn text(block: u32, text: impl Into<String>) -> Event {
    delta(block, text.into())
}

/// A piece of reasoning.
///
/// ```
/// use bedrock_stream_testkit::event;
/// use serde_json::json;
///
/// assert_eq!(
///     serde_json::to_value(event::reasoning(0, "They greet me."))?,
///     json!({"contentBlockDelta": {
///         "contentBlockIndex": 0,
///         "delta": {"reasoningContent": {"text": "They greet me."}},
///     }})
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
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
///
/// Two calls at once, whose arguments come by turns:
///
/// ```
/// use bedrock_stream_testkit::{answer, event};
///
/// let answer = answer()
///     .event(event::tool_start(0, "call-1", "weather"))
///     .event(event::tool_start(1, "call-2", "weather"))
///     .event(event::tool_input(0, r#"{"city":"#))
///     .event(event::tool_input(1, r#"{"city":"#))
///     .event(event::tool_input(0, r#""Paris"}"#))
///     .event(event::tool_input(1, r#""Rome"}"#))
///     .event(event::block_stop(0))
///     .event(event::block_stop(1));
/// let response = answer.response()?;
/// let inputs: Vec<_> = response.tool_calls().map(|call| call.input.as_str()).collect();
/// assert_eq!(inputs, [r#"{"city":"Paris"}"#, r#"{"city":"Rome"}"#]);
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[must_use]
pub fn tool_input(block: u32, input: impl Into<String>) -> Event {
    delta(block, ToolUseDelta::new(input))
}

/// A source for the block's text.
///
/// ```
/// use bedrock_stream_core::content::{Citation, ContentBlock};
/// use bedrock_stream_testkit::{answer, event};
///
/// // A block that begins with its source.
/// let answer = answer()
///     .event(event::citation(0, Citation::new().title("report")))
///     .event(event::text(0, "Mars has two moons."))
///     .event(event::block_stop(0));
/// let response = answer.response()?;
/// assert!(matches!(response.content(), [ContentBlock::Citations(_)]));
/// assert_eq!(response.text(), "Mars has two moons.");
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
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
///
/// ```
/// use bedrock_stream_core::answer::StopReason;
/// use bedrock_stream_testkit::event;
/// use serde_json::json;
///
/// assert_eq!(
///     serde_json::to_value(event::message_stop(StopReason::MaxTokens))?,
///     json!({"messageStop": {"stopReason": "max_tokens"}})
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn message_stop(stop_reason: StopReason) -> Event {
    MessageStop::new(stop_reason).into()
}

/// `metadata` with the tokens of the request and of the answer, and nothing else.
///
/// ```
/// use bedrock_stream_testkit::event::{self, Event};
///
/// let Event::Metadata(metadata) = event::usage(12, 3) else { panic!("it is metadata") };
/// assert_eq!(metadata.usage.and_then(|usage| usage.total_tokens), Some(15));
/// ```
#[must_use]
pub fn usage(input_tokens: u64, output_tokens: u64) -> Event {
    Metadata::new().usage(tokens(input_tokens, output_tokens)).into()
}

/// An exception with this name, in lower camel case, such as `throttlingException`: the last event of its stream.
///
/// In the middle of a block, which stays open:
///
/// ```
/// use bedrock_stream_core::answer::Error;
/// use bedrock_stream_testkit::{answer, event};
///
/// let answer = answer().text("The sky is").event(event::exception("modelTimeoutException", "It took too long."));
/// let Err(Error::Exception(exception)) = answer.response() else { panic!("there is an exception") };
/// assert_eq!(exception.name, "modelTimeoutException");
/// ```
#[must_use]
pub fn exception(name: impl Into<String>, message: &str) -> Event {
    Exception::new(name, json!({ "message": message }).to_string()).into()
}

/// A message of type `error`: the last event of its stream.
///
/// ```
/// use bedrock_stream_core::answer::Error;
/// use bedrock_stream_testkit::{answer, event};
///
/// let answer = answer().text("Mars has").event(event::error("InternalError", "Something broke."));
/// let Err(Error::UnmodeledError(error)) = answer.response() else { panic!("there is an error") };
/// assert_eq!(error.code.as_deref(), Some("InternalError"));
/// ```
#[must_use]
pub fn error(code: impl Into<String>, message: impl Into<String>) -> Event {
    UnmodeledError::new(code, message).into()
}

/// An event that the API does not have, to test how a client handles it.
///
/// A client must not fail at an event that its version does not know:
///
/// ```
/// use bedrock_stream_testkit::{answer, event};
/// use serde_json::json;
///
/// let answer = answer().event(event::unknown("moonPhase", json!({"phase": "full"}))).text("Hello.");
/// assert_eq!(answer.response()?.text(), "Hello.");
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
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
