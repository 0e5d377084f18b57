use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::citation::Citation;

object! {
    /// The model's text with its sources (`CitationsContentBlock`).
    pub struct CitationsBlock {
        /// The text.
        "content" => content: Option<Vec<CitationGeneratedContent>>,
        /// The sources.
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
    /// A piece of the model's text.
    pub enum CitationGeneratedContent {
        /// Text.
        "text" => Text(String),
    }
}
