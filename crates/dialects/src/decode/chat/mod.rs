//! OpenAI's Chat Completions, and every other payload with `choices`.
//!
//! `payload` has the JSON types. `reader` has the rules of order and the proof of completeness: a finish reason for
//! every choice that began. `content`, `reasoning` and `reasoning_tags` read the pieces of content, and `calls` the
//! tool calls. `repeated_members` suppresses unknown members that repeat the same value. `plain_delta` is the fast path for
//! a payload that differs from the last one only in its content.

mod calls;
mod content;
mod hash;
mod json_extent;
mod payload;
mod plain_delta;
mod reader;
mod reasoning;
mod reasoning_tags;
mod repeated_members;
#[cfg(test)]
mod tests;
mod usage;

pub(super) use reader::ChatReader;
