use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::citation::Citation;

object! {
    /// Text of the model's with its sources (`CitationsContentBlock`).
    pub struct CitationsBlock {
        /// What the model said.
        "content" => content: Option<Vec<CitationGeneratedContent>>,
        /// Where it has that from.
        "citations" => citations: Option<Vec<Citation>>,
    }
}

impl CitationsBlock {
    /// This text, from these sources.
    pub fn new(text: impl Into<String>, citations: impl IntoIterator<Item = Citation>) -> Self {
        Self {
            content: Some(vec![CitationGeneratedContent::Text(text.into())]),
            citations: Some(citations.into_iter().collect()),
            ..Self::default()
        }
    }
}

union! {
    /// A piece of what the model said with its sources.
    pub enum CitationGeneratedContent {
        /// Text.
        "text" => Text(String),
    }
}
