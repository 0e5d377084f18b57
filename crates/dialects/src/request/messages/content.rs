use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::{
    CitationsBlock, CitationsConfig, ContentBlock, DocumentBlock, DocumentContent, DocumentFormat,
    DocumentSource, ReasoningBlock, Role, SearchResultBlock, ToolInput, ToolUseBlock,
};

use super::citation;
use super::tool_result;
use crate::request::cache;
use crate::request::document::of_media_type;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Type};
use crate::request::left_out::LeftOutReason;
use crate::request::media;
use crate::request::object::Object;

/// Reads the system prompt: text, or blocks of text.
pub(super) fn read_system(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    if field.type_of() == Type::Text {
        draft.push_system(field.string()?, &field.path, None);
        return Ok(());
    }
    for block in field.list()? {
        let mut object = block.object()?;
        let kind = object.require("type")?;
        if kind.string()? != "text" {
            return Err(kind.invalid("the system prompt takes blocks of text"));
        }
        let text = object.require_string("text")?;
        let mark = cache::mark(&mut object, &mut draft.left_out)?;
        object.finish(&mut draft.left_out);
        draft.push_system(text, &block.path, mark);
    }
    Ok(())
}

pub(super) fn read_message(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut message = field.object()?;
    let role_field = message.require("role")?;
    let content = message.require("content")?;
    message.finish(&mut draft.left_out);
    let role = match &*role_field.string()? {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => return read_system(draft, &content),
        _ => return Err(role_field.invalid("it must be user, assistant or system")),
    };
    if content.type_of() == Type::Text {
        draft.push_text(&role, content.string()?, &content.path, None);
        return Ok(());
    }
    for block in content.list()? {
        read_block(draft, &role, &block)?;
    }
    Ok(())
}

fn read_block(draft: &mut Draft<'_>, role: &Role, field: &Field<'_>) -> Result<(), Problem> {
    let mut object = field.object()?;
    let kind = object.require("type")?;
    let word = kind.string()?;
    let expected = match &*word {
        "tool_use" | "thinking" | "redacted_thinking" => Some(Role::Assistant),
        "tool_result" | "image" | "document" | "search_result" => Some(Role::User),
        _ => None,
    };
    if expected.is_some_and(|expected| expected != *role) {
        return Err(kind.invalid("a message of this role has no such block"));
    }
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    match &*word {
        "text" => {
            let text = object.require_string("text")?;
            let citations = match object.take("citations") {
                Some(citations) => citation::read_all(draft, &citations)?,
                None => Vec::new(),
            };
            if citations.is_empty() || text.trim().is_empty() {
                draft.push_text(role, text, &field.path, mark);
            } else {
                draft.push_block(role, CitationsBlock::new(text, citations), &field.path, mark);
            }
        }
        "image" => {
            let block = read_image(draft, &mut object)?;
            draft.push_block(role, block, &field.path, mark);
        }
        "document" => {
            let block = read_document(draft, &mut object)?;
            draft.push_block(role, block, &field.path, mark);
        }
        "search_result" => {
            let block = read_search_result(draft, &mut object)?;
            draft.push_block(role, block, &field.path, mark);
        }
        "thinking" => {
            let text = object.require_string("thinking")?;
            let signature = object.string("signature")?.filter(|signature| !signature.is_empty());
            draft.push_reasoning(text, signature, &field.path);
        }
        "redacted_thinking" => {
            let data = media::base64(&object.require("data")?)?;
            draft.push_block(role, ReasoningBlock::Redacted(data), &field.path, None);
        }
        "tool_use" => {
            let call = read_call(draft, &mut object)?;
            draft.push_block(role, call, &field.path, mark);
        }
        "tool_result" => tool_result::read(draft, &mut object, field, mark)?,
        _ => return draft.refuse(&kind, OTHER_BLOCK),
    }
    object.finish(&mut draft.left_out);
    Ok(())
}

pub(super) fn read_image(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<ContentBlock, Problem> {
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
    Ok(image.into())
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

fn read_call(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<ToolUseBlock, Problem> {
    let id = draft.call_id(&object.require("id")?)?;
    let name = object.require_string("name")?;
    let input = object.require("input")?;
    let json = input.json_object()?;
    if !json.is_readable() {
        return Err(input.invalid("it is nested too deeply"));
    }
    object.leave_out(&["caller"], LeftOutReason::NoEffect, &mut draft.left_out);
    let name = draft.names.assign(None, &name, false);
    Ok(ToolUseBlock::new(id, name, ToolInput::Json(json)))
}

const OTHER_BLOCK: &str = "Bedrock has no such block";
