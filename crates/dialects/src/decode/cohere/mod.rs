//! Cohere's Command and Command R.

mod payload;
mod reader;

pub(super) use reader::CohereReader;
