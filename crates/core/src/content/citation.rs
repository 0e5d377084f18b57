use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

object! {
    /// A source that the model cites (`Citation`, and in a stream `CitationsDelta`).
    pub struct Citation {
        /// The title of the document.
        "title" => title: Option<String>,
        /// Where the document is from.
        "source" => source: Option<String>,
        /// The cited content.
        "sourceContent" => source_content: Option<Vec<CitationSourceContent>>,
        /// Where in the source it is.
        "location" => location: Option<CitationLocation>,
    }
}

impl Citation {
    /// A source that is not described yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

setters! {
    Citation {
        /// Sets the title of the document.
        title: impl Into<String>,
        /// Says where the document is from.
        source: impl Into<String>,
        /// Sets the cited content.
        source_content: Vec<CitationSourceContent>,
        /// Says where in the source it stands.
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
    /// Where cited content is in its source.
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
        /// The page's address.
        "url" => url: Option<String>,
        /// The address's host.
        "domain" => domain: Option<String>,
    }
}

impl WebLocation {
    /// The page at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }
}

setters! {
    WebLocation {
        /// Sets the address's host.
        domain: impl Into<String>,
    }
}

object! {
    /// A range of a document, in characters, pages or chunks.
    pub struct DocumentLocation {
        /// Which document of the request, from 0.
        "documentIndex" => document_index: Option<u32>,
        /// Where the range starts.
        "start" => start: Option<u32>,
        /// Where the range ends.
        "end" => end: Option<u32>,
    }
}

impl DocumentLocation {
    /// This range of the document of this index.
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
        /// Which search result of the request, from 0.
        "searchResultIndex" => search_result_index: Option<u32>,
        /// Where the range starts.
        "start" => start: Option<u32>,
        /// Where the range ends.
        "end" => end: Option<u32>,
    }
}

impl SearchResultLocation {
    /// This range of the search result of this index.
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
