//! Cohere's Command and Command R.

mod payload;
mod reader;
#[cfg(test)]
mod tests;

pub(super) use reader::CohereReader;
