//! OpenAI's Chat Completions, and every other payload with `choices`.

mod calls;
mod choices;
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
