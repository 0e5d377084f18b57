use bedrock_stream_core::content::{Role, ToolResultBlock, ToolUseBlock};

use super::content;
use super::reasoning;
use crate::request::arguments;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::left_out::LeftOutReason;
use crate::request::tools;

pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut message = field.object()?;
    let role = message.require("role")?;
    match &*role.string()? {
        "system" | "developer" => {
            draft.note_place_of_system(&role);
            content::read_system(draft, &message.require("content")?)?;
        }
        "user" => content::read_user(draft, &message.require("content")?)?,
        "assistant" => read_assistant(draft, &mut message)?,
        "tool" => read_tool(draft, &mut message, field)?,
        "function" => return Err(role.unsupported("it is deprecated: give tools, and their results as tool")),
        _ => return Err(role.invalid("it must be system, developer, user, assistant or tool")),
    }
    // Bedrock knows only one user and one assistant.
    message.leave_out(&["name"], LeftOutReason::Unsupported, &mut draft.left_out);
    message.finish(&mut draft.left_out);
    Ok(())
}

/// Reasoning comes first, as Claude wants it.
fn read_assistant(draft: &mut Draft<'_>, message: &mut Object<'_>) -> Result<(), Problem> {
    reasoning::read(draft, message)?;
    if let Some(content) = message.take("content") {
        content::read_assistant(draft, &content)?;
    }
    if let Some(refusal) = message.take("refusal") {
        draft.push_text(&Role::Assistant, refusal.string()?, &refusal.path, None);
    }
    if let Some(calls) = message.take("tool_calls") {
        for call in calls.list()? {
            read_call(draft, &call)?;
        }
    }
    for (name, sentence) in [
        ("function_call", "it is deprecated: give tool_calls"),
        ("audio", "Bedrock keeps no audio: give its text"),
    ] {
        if let Some(field) = message.take(name) {
            return Err(field.unsupported(sentence));
        }
    }
    message.leave_out(&["annotations"], LeftOutReason::Unsupported, &mut draft.left_out);
    Ok(())
}

fn read_call(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut call = field.object()?;
    let id = draft.call_id(&call.require("id")?)?;
    let kind = call.take("type");
    let word = kind.as_ref().map(Field::string).transpose()?;
    let (name, input, is_custom) = match word.as_deref() {
        None | Some("function") => {
            let mut function = call.require("function")?.object()?;
            let name = tools::name(&function.require("name")?)?;
            let input = arguments::read(&function.require("arguments")?)?;
            function.finish(&mut draft.left_out);
            (name, input, false)
        }
        Some("custom") => {
            let mut custom = call.require("custom")?.object()?;
            let name = tools::name(&custom.require("name")?)?;
            let input = arguments::custom(&custom.require_string("input")?);
            custom.finish(&mut draft.left_out);
            (name, input, true)
        }
        Some(_) => return Err(field.invalid("a tool call must be of the type function or custom")),
    };
    // What is left of a streamed call.
    call.take("index");
    call.finish(&mut draft.left_out);
    let name = draft.names.assign(None, &name, is_custom);
    draft.push_block(&Role::Assistant, ToolUseBlock::new(id, name, input), &field.path, None);
    Ok(())
}

fn read_tool(draft: &mut Draft<'_>, message: &mut Object<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut result = ToolResultBlock::default();
    result.tool_use_id = draft.call_id(&message.require("tool_call_id")?)?;
    let mut mark = crate::request::cache::mark(message, &mut draft.left_out)?;
    if let Some(content) = message.take("content") {
        if content.type_of() == Type::Text {
            let text = content.string()?;
            if !draft.is_blank(&text, &content.path) {
                result.content.push(text.into());
            }
        } else {
            for part in content.list()? {
                let (part, inner) = content::read_result_part(draft, &part)?;
                result.content.extend(part);
                mark = mark.or(inner);
            }
        }
    }
    draft.push_result(result, &field.path, mark);
    Ok(())
}
