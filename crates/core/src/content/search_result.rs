use alloc::string::String;
use alloc::vec::Vec;

use super::document::CitationsConfig;

object! {
    /// A search result that the model may cite (`SearchResultBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{SearchResultBlock, ToolResultBlock};
    ///
    /// // From a search of the program's own, as the result of a tool call.
    /// let hit = SearchResultBlock::new("https://example.com/mars", "Mars", ["Mars has two moons."]).cited();
    /// let result = ToolResultBlock::new("tooluse_1", hit);
    /// assert!(serde_json::to_string(&result)?.contains(r#""citations":{"enabled":true}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SearchResultBlock {
        /// Its source, such as a URL.
        "source" => source: String,
        /// Its title.
        "title" => title: String,
        /// Its content.
        "content" => content: Vec<SearchResultContent>,
        /// Whether the model should cite it.
        "citations" => citations: Option<CitationsConfig>,
    }
}

impl SearchResultBlock {
    /// A result with this source, title and pieces of text.
    pub fn new<T: Into<String>>(
        source: impl Into<String>,
        title: impl Into<String>,
        content: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            source: source.into(),
            title: title.into(),
            content: content.into_iter().map(SearchResultContent::new).collect(),
            ..Self::default()
        }
    }

    /// Asks the model to cite it.
    #[must_use]
    pub fn cited(mut self) -> Self {
        self.citations = Some(CitationsConfig::enabled());
        self
    }
}

object! {
    /// One piece of a search result.
    pub struct SearchResultContent {
        /// The text.
        "text" => text: String,
    }
}

impl SearchResultContent {
    /// The given text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}
