//! Anthropic's Messages, whose payloads are the same in an event stream and as server-sent events: the order of events,
//! the starts of content blocks, the pieces that follow, and citations.
//!
//! Source: "Streaming Messages" in Anthropic's API reference, and the types of its SDK.

mod block_start;
mod citation;
mod delta;
mod delta_scan;
mod reader;
#[cfg(test)]
mod tests;
mod usage;

pub(super) use reader::MessagesReader;
