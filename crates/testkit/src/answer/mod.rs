//! Answers: built by hand, or generated from a request.

mod answer;
mod blocks;
mod content;
mod generated;
mod prompt;
mod prompt_values;
mod schema_value;
mod text;
mod transcript;

pub(crate) use self::answer::EVENT_STREAM;
pub use self::answer::{Answer, answer};
pub(crate) use self::prompt::{Prompt, Tool};
pub(crate) use self::transcript::Transcript;
