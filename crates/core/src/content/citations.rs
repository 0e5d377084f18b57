use alloc::string::String;
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

union! {
    /// A piece of the model's text.
    pub enum CitationGeneratedContent {
        /// Text.
        "text" => Text(String),
    }
}
