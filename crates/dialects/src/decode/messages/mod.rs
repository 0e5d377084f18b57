//! Anthropic's Messages, the same payloads in an event stream and as server-sent events: the order of events, the content
//! block that a start holds, the pieces that follow, and what a text cites.
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
