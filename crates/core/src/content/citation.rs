use alloc::string::String;
use alloc::vec::Vec;

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
