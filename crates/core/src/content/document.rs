use alloc::string::String;
use alloc::vec::Vec;

use super::media_source::S3Location;
use crate::json::Blob;

object! {
    /// A document (`DocumentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{DocumentBlock, DocumentFormat, Message};
    ///
    /// let report = DocumentBlock::new("report", b"%PDF-1.4".to_vec()).format(DocumentFormat::Pdf).cited();
    /// let message = Message::user("What does it say?").with(report);
    /// assert_eq!(message.content.len(), 2);
    /// ```
    pub struct DocumentBlock {
        /// Its format.
        "format" => format: Option<DocumentFormat>,
        /// Its name, which is shown to the model.
        "name" => name: String,
        /// Its content, or the location of the content.
        "source" => source: DocumentSource,
        /// Context for the model about the document.
        "context" => context: Option<String>,
        /// Whether the model should cite it.
        "citations" => citations: Option<CitationsConfig>,
    }
}

impl DocumentBlock {
    /// A document with this name and content.
    pub fn new(name: impl Into<String>, source: impl Into<DocumentSource>) -> Self {
        Self { name: name.into(), source: source.into(), ..Self::default() }
    }

    /// Asks the model to cite it.
    #[must_use]
    pub fn cited(mut self) -> Self {
        self.citations = Some(CitationsConfig::enabled());
        self
    }
}

setters! {
    DocumentBlock {
        /// Sets its format.
        format: DocumentFormat,
        /// Sets the context that the model needs to understand it.
        context: impl Into<String>,
    }
}

union! {
    /// A document's content, or the location of the content.
    ///
    /// ```
    /// use bedrock_stream_core::content::{DocumentBlock, DocumentContent, DocumentSource};
    ///
    /// // In chunks, each of which the model can cite by its index.
    /// let chunks = ["First page.", "Second page."].map(|page| DocumentContent::Text(page.to_owned()));
    /// let report = DocumentBlock::new("report", DocumentSource::Content(chunks.to_vec())).cited();
    /// // As one text.
    /// let note = DocumentBlock::new("note", "Buy milk.");
    /// assert_eq!(note.source, DocumentSource::Text("Buy milk.".to_owned()));
    /// # let _ = report;
    /// ```
    pub enum DocumentSource {
        /// The bytes, base64 in JSON.
        "bytes" => Bytes(Blob),
        /// In S3.
        "s3Location" => S3Location(S3Location),
        /// Plain text.
        "text" => Text(String),
        /// Text in chunks, to which citations refer by index.
        "content" => Content(Vec<DocumentContent>),
    }
}

impl From<Vec<u8>> for DocumentSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<&str> for DocumentSource {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

union! {
    /// One piece of a document.
    pub enum DocumentContent {
        /// Text.
        "text" => Text(String),
    }
}

object! {
    /// Whether the model should cite the document.
    pub struct CitationsConfig {
        /// Whether it should cite it.
        "enabled" => enabled: bool,
    }
}

impl CitationsConfig {
    /// A configuration with citations enabled.
    #[must_use]
    pub fn enabled() -> Self {
        Self { enabled: true, ..Self::default() }
    }
}

string_enum! {
    /// The format of a document.
    pub enum DocumentFormat {
        /// PDF.
        "pdf" => Pdf,
        /// Comma-separated values.
        "csv" => Csv,
        /// Word 97-2003 (`.doc`).
        "doc" => Doc,
        /// Word.
        "docx" => Docx,
        /// Excel 97-2003 (`.xls`).
        "xls" => Xls,
        /// Excel.
        "xlsx" => Xlsx,
        /// HTML.
        "html" => Html,
        /// Plain text.
        "txt" => Txt,
        /// Markdown.
        "md" => Md,
    }
}
