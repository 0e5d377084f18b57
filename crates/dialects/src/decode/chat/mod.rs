//! OpenAI's Chat Completions, and every other payload with `choices`.
//!
//! `payload` has the JSON types, `reader` the order of things and the proof: a finish reason of every choice that began.
//! `content`, `reasoning` and `reasoning_tags` read its pieces, and `calls` its tool calls.
//! `plain_delta` is the fast way for a payload that differs from the last one in its content alone.

mod calls;
mod content;
mod json_extent;
mod payload;
mod plain_delta;
mod reader;
mod reasoning;
mod reasoning_tags;
#[cfg(test)]
mod tests;
mod usage;

pub(super) use reader::ChatReader;
