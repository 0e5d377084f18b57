use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::{Blob, Json};

use super::body::{Body, list, text_of};
use super::error::RequestBodyError;
use super::members::{Object, Placed};

/// An image contained in the request.
pub(super) struct Image {
    /// Such as `image/png`.
    pub(super) media_type: String,
    /// The bytes in base64.
    pub(super) data: Json,
}

impl Image {
    /// Reads an `image`.
    pub(super) fn read(image: Placed) -> Result<Self, RequestBodyError> {
        let mut image = image.object()?;
        let format = image.need("format")?;
        let mut source = image.object("source")?;
        let data = source.need_or_place("bytes")?;
        source.finish()?;
        image.finish()?;
        Ok(Self { media_type: format!("image/{}", text_of(&format)), data })
    }

    /// As a URL that holds the bytes.
    pub(super) fn data_url(&self) -> String {
        data_url(&self.media_type, &self.data)
    }
}

/// A document contained in the request.
pub(super) struct Document {
    pub(super) name: Json,
    pub(super) source: DocumentSource,
}

pub(super) enum DocumentSource {
    /// A PDF, in base64.
    Pdf(Json),
    /// Plain text.
    Text(Json),
    /// Chunks of text.
    Chunks(Json),
}

impl Document {
    /// Reads a `document`, except its context and citations, which remain in it.
    pub(super) fn read(document: &mut Object) -> Result<Self, RequestBodyError> {
        let name = document.need("name")?;
        let format = document.take("format");
        let format = format.as_ref().map(text_of).unwrap_or_default();
        let is_plain = matches!(&*format, "" | "txt");
        let mut source = document.object("source")?;
        let read = if let Some(text) = source.take("text") {
            is_plain.then_some(DocumentSource::Text(text))
        } else if let Some(content) = source.placed("content") {
            let chunks = content.list()?.into_iter().map(text_chunk).collect::<Result<Vec<Body>, _>>()?;
            is_plain.then(|| DocumentSource::Chunks(list(chunks)))
        } else {
            let bytes = source.need_or_place("bytes")?;
            match &*format {
                "pdf" => Some(DocumentSource::Pdf(bytes)),
                "txt" => match utf8(&bytes) {
                    Some(text) => Some(DocumentSource::Text(text.into())),
                    None => return Err(document.unsupported("source")),
                },
                _ => None,
            }
        };
        source.finish()?;
        // The dialects support no documents but PDFs and plain text.
        let source = read.ok_or_else(|| document.unsupported("format"))?;
        Ok(Self { name, source })
    }
}

/// A piece of text of a document or of a search result.
pub(super) fn text_chunk(chunk: Placed) -> Result<Body, RequestBodyError> {
    let mut chunk = chunk.object()?;
    let body = Body::of_type("text").with("text", chunk.need("text")?);
    chunk.finish()?;
    Ok(body)
}

impl Object {
    /// Takes a required member. If the request has another one instead, such as a location instead of bytes, the error names
    /// that.
    pub(super) fn need_or_place(&mut self, name: &str) -> Result<Json, RequestBodyError> {
        match self.take(name) {
            Some(value) => Ok(value),
            None if self.is_empty() => self.need(name),
            None => Err(self.first_left()),
        }
    }
}

fn data_url(media_type: &str, data: &Json) -> String {
    format!("data:{media_type};base64,{}", text_of(data))
}

/// A PDF as a URL that holds its bytes.
pub(super) fn pdf_url(data: &Json) -> String {
    data_url("application/pdf", data)
}

fn utf8(base64: &Json) -> Option<String> {
    String::from_utf8(Blob::from_base64(&text_of(base64))?.0).ok()
}
