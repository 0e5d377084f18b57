//! What a message or a tool's result shows the model: images, documents and search results.

use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::{
    CitationsConfig, DocumentBlock, DocumentContent, DocumentFormat, DocumentSource, ImageBlock,
    SearchResultBlock,
};

use crate::request::document::of_media_type;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::media;

pub(super) fn read_image(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<ImageBlock, Problem> {
    let source = object.require("source")?;
    let mut members = source.object()?;
    let kind = members.require("type")?;
    let image = match &*kind.string()? {
        "base64" => media::image_of(&members.require("media_type")?, &members.require("data")?)?,
        "url" => return Err(media::by_url(&source, "image")),
        "file" => return Err(source.unsupported("Bedrock has no files: send the image as base64")),
        _ => return Err(kind.invalid("it must be base64")),
    };
    members.finish(&mut draft.left_out);
    Ok(image)
}

pub(super) fn read_document(
    draft: &mut Draft<'_>,
    object: &mut Object<'_>,
) -> Result<DocumentBlock, Problem> {
    let source = object.require("source")?;
    let mut members = source.object()?;
    let kind = members.require("type")?;
    let (source, format) = match &*kind.string()? {
        "base64" => {
            let media_type = members.require("media_type")?;
            let format = of_media_type(&media_type.string()?).ok_or_else(|| {
                media_type
                    .invalid("Bedrock takes documents of pdf, csv, doc, docx, xls, xlsx, html, txt and md")
            })?;
            (DocumentSource::Bytes(media::base64(&members.require("data")?)?), format)
        }
        "text" => {
            members.take("media_type");
            (DocumentSource::Text(members.require_string("data")?), DocumentFormat::Txt)
        }
        "content" => {
            (DocumentSource::Content(read_parts(draft, &members.require("content")?)?), DocumentFormat::Txt)
        }
        "url" => return Err(media::by_url(&source, "document")),
        "file" => return Err(source.unsupported("Bedrock has no files: send the document as base64")),
        _ => return Err(kind.invalid("it must be base64, text or content")),
    };
    members.finish(&mut draft.left_out);
    let title = object.string("title")?;
    let mut document = DocumentBlock::new(draft.documents.assign(title.as_deref()), source).format(format);
    document.context = object.string("context")?.filter(|context| !context.is_empty());
    document.citations = read_citations_config(draft, object)?;
    Ok(document)
}

/// The pieces of a document that is given as content.
fn read_parts(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<Vec<DocumentContent>, Problem> {
    if field.type_of() == Type::Text {
        return Ok([DocumentContent::Text(field.string()?)].into());
    }
    texts(draft, field).map(|texts| texts.into_iter().map(DocumentContent::Text).collect())
}

/// The texts of a list of blocks, which must be text.
fn texts(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<Vec<String>, Problem> {
    let mut texts = Vec::new();
    for part in field.list()? {
        let mut part = part.object()?;
        let kind = part.require("type")?;
        if kind.string()? != "text" {
            return Err(kind.unsupported("Bedrock takes only text here"));
        }
        texts.push(part.require_string("text")?);
        part.finish(&mut draft.left_out);
    }
    Ok(texts)
}

pub(super) fn read_search_result(
    draft: &mut Draft<'_>,
    object: &mut Object<'_>,
) -> Result<SearchResultBlock, Problem> {
    let source = object.require_string("source")?;
    let title = object.require_string("title")?;
    let content = texts(draft, &object.require("content")?)?;
    let mut result = SearchResultBlock::new(source, title, content);
    result.citations = read_citations_config(draft, object)?;
    Ok(result)
}

fn read_citations_config(
    draft: &mut Draft<'_>,
    object: &mut Object<'_>,
) -> Result<Option<CitationsConfig>, Problem> {
    let Some(field) = object.take("citations") else { return Ok(None) };
    let mut config = field.object()?;
    let is_enabled = config.boolean("enabled")?.unwrap_or(false);
    config.finish(&mut draft.left_out);
    Ok(is_enabled.then(CitationsConfig::enabled))
}
