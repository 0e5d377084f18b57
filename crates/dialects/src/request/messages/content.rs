use alloc::vec::Vec;

use bedrock_stream_core::content::{CitationsBlock, ReasoningBlock, Role, ToolInput, ToolUseBlock};

use super::citation;
use super::source::{read_document, read_image, read_search_result};
use super::tool_result;
use crate::request::cache;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::left_out::LeftOutReason;
use crate::request::media;

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
        "system" => {
            draft.note_place_of_system(&role_field);
            return read_system(draft, &content);
        }
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
