use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::citation::Citation;

object! {
    /// The model's text with its sources (`CitationsContentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::answer::Response;
    /// use bedrock_stream_core::content::{Citation, CitationsBlock, ContentBlock, Message};
    ///
    /// let cited = CitationsBlock::new("Mars has two moons.", [Citation::new().title("report")]);
    /// let response = Response::from(Message::assistant(cited));
    /// // The text is not hidden in it.
    /// assert_eq!(response.text(), "Mars has two moons.");
    /// let [ContentBlock::Citations(block)] = response.content() else { panic!("one block") };
    /// assert_eq!(block.citations.as_ref().map(Vec::len), Some(1));
    /// ```
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
