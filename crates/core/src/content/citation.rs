use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

object! {
    /// A source that the model cites (`Citation`, and in a stream `CitationsDelta`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{Citation, CitationLocation, DocumentLocation};
    ///
    /// let citation: Citation = serde_json::from_str(
    ///     r#"{"title":"report","location":{"documentPage":{"documentIndex":0,"start":3,"end":4}}}"#,
    /// )?;
    /// assert_eq!(citation.title.as_deref(), Some("report"));
    /// assert_eq!(citation.location, Some(CitationLocation::DocumentPage(DocumentLocation::new(0, 3..4))));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Citation {
        /// The title of the document.
        "title" => title: Option<String>,
        /// The document's source.
        "source" => source: Option<String>,
        /// The cited content.
        "sourceContent" => source_content: Option<Vec<CitationSourceContent>>,
        /// Its location in the source.
        "location" => location: Option<CitationLocation>,
    }
}

impl Citation {
    /// An empty citation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

setters! {
    Citation {
        /// Sets the title of the document.
        title: impl Into<String>,
        /// Sets the document's source.
        source: impl Into<String>,
        /// Sets the cited content.
        source_content: Vec<CitationSourceContent>,
        /// Sets its location in the source.
        location: CitationLocation,
    }
}

union! {
    /// A piece of cited content.
    pub enum CitationSourceContent {
        /// Text.
        "text" => Text(String),
    }
}

union! {
    /// The location of cited content in its source.
    ///
    /// ```
    /// use bedrock_stream_core::content::CitationLocation;
    ///
    /// /// Where a reader looks it up.
    /// fn place(location: &CitationLocation) -> Option<String> {
    ///     match location {
    ///         CitationLocation::Web(page) => page.url.clone(),
    ///         CitationLocation::DocumentPage(pages) => Some(format!("page {}", pages.start?)),
    ///         _ => None,
    ///     }
    /// }
    ///
    /// let location = serde_json::from_str(r#"{"web":{"url":"https://example.com/mars"}}"#)?;
    /// assert_eq!(place(&location).as_deref(), Some("https://example.com/mars"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum CitationLocation {
        /// On a web page.
        "web" => Web(WebLocation),
        /// In a document, by characters.
        "documentChar" => DocumentChar(DocumentLocation),
        /// In a document, by pages.
        "documentPage" => DocumentPage(DocumentLocation),
        /// In a document, by chunks.
        "documentChunk" => DocumentChunk(DocumentLocation),
        /// In a search result.
        "searchResultLocation" => SearchResult(SearchResultLocation),
    }
}

object! {
    /// A page on the web.
    pub struct WebLocation {
        /// The page's URL.
        "url" => url: Option<String>,
        /// The page's domain.
        "domain" => domain: Option<String>,
    }
}

impl WebLocation {
    /// The page at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }
}

setters! {
    WebLocation {
        /// Sets the page's domain.
        domain: impl Into<String>,
    }
}

object! {
    /// A range of a document, in characters, pages or chunks.
    pub struct DocumentLocation {
        /// The index of the document in the request, from 0.
        "documentIndex" => document_index: Option<u32>,
        /// Where the range starts.
        "start" => start: Option<u32>,
        /// Where the range ends.
        "end" => end: Option<u32>,
    }
}

impl DocumentLocation {
    /// This range of the document with this index.
    #[must_use]
    pub fn new(document_index: u32, range: Range<u32>) -> Self {
        Self {
            document_index: Some(document_index),
            start: Some(range.start),
            end: Some(range.end),
            ..Self::default()
        }
    }
}

object! {
    /// A range of a search result's content blocks.
    pub struct SearchResultLocation {
        /// The index of the search result in the request, from 0.
        "searchResultIndex" => search_result_index: Option<u32>,
        /// Where the range starts.
        "start" => start: Option<u32>,
        /// Where the range ends.
        "end" => end: Option<u32>,
    }
}

impl SearchResultLocation {
    /// This range of the search result with this index.
    #[must_use]
    pub fn new(search_result_index: u32, range: Range<u32>) -> Self {
        Self {
            search_result_index: Some(search_result_index),
            start: Some(range.start),
            end: Some(range.end),
            ..Self::default()
        }
    }
}
