use bedrock_stream_core::content::{ReasoningBlock, Role, ToolResultBlock, ToolUseBlock};

use super::content;
use super::tool;
use crate::encode::EncryptedReasoning;
use crate::request::arguments;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::left_out::LeftOutReason;
use crate::request::tools;

/// Reads an item of the input.
pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut item = field.object()?;
    let kind = item.take("type");
    let word = kind.as_ref().map(Field::string).transpose()?;
    match word.as_deref() {
        Some("message") => read_message(draft, &mut item)?,
        // The type of a message may be left out, and so may that of a reference.
        None if item.has("role") || !item.has("id") => read_message(draft, &mut item)?,
        Some("function_call") => read_call(draft, &mut item, field, false)?,
        Some("custom_tool_call") => read_call(draft, &mut item, field, true)?,
        Some("function_call_output" | "custom_tool_call_output") => read_output(draft, &mut item, field)?,
        Some("reasoning") => read_reasoning(draft, &mut item, field)?,
        Some("additional_tools") => {
            for inner in item.require("tools")?.list()? {
                tool::read(draft, &inner)?;
            }
            item.take("role");
        }
        None | Some("item_reference") => {
            return Err(field.unsupported("nothing is stored here: send the item itself"));
        }
        Some(_) => return draft.refuse(kind.as_ref().unwrap_or(field), OTHER_ITEM),
    }
    // Members that a response adds to its items, and that a client sends back.
    for name in ["id", "status"] {
        item.take(name);
    }
    item.finish(&mut draft.left_out);
    Ok(())
}

fn read_message(draft: &mut Draft<'_>, item: &mut Object<'_>) -> Result<(), Problem> {
    let role = item.require("role")?;
    let content = item.require("content")?;
    item.take("phase");
    match &*role.string()? {
        "system" | "developer" => {
            draft.note_place_of_system(&role);
            content::read_system(draft, &content)
        }
        "user" => content::read_message(draft, &Role::User, &content),
        "assistant" => content::read_message(draft, &Role::Assistant, &content),
        _ => Err(role.invalid("it must be user, assistant, system or developer")),
    }
}

fn read_call(
    draft: &mut Draft<'_>,
    item: &mut Object<'_>,
    field: &Field<'_>,
    is_custom: bool,
) -> Result<(), Problem> {
    let id = draft.call_id(&item.require("call_id")?)?;
    let name = tools::name(&item.require("name")?)?;
    let namespace = item.string("namespace")?;
    let input = if is_custom {
        arguments::custom(&item.require_string("input")?)
    } else {
        arguments::read(&item.require("arguments")?)?
    };
    item.leave_out(&["caller", "async"], LeftOutReason::NoEffect, &mut draft.left_out);
    let name = draft.names.assign(namespace.as_deref(), &name, is_custom);
    draft.push_block(&Role::Assistant, ToolUseBlock::new(id, name, input), &field.path, None);
    Ok(())
}

fn read_output(draft: &mut Draft<'_>, item: &mut Object<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut result = ToolResultBlock::default();
    result.tool_use_id = draft.call_id(&item.require("call_id")?)?;
    let output = item.require("output")?;
    if output.type_of() == Type::Text {
        let text = output.string()?;
        if !draft.is_blank(&text, &output.path) {
            result.content.push(text.into());
        }
    } else {
        for part in output.list()? {
            result.content.extend(content::read_result_part(draft, &part)?);
        }
    }
    // The call says them.
    for name in ["name", "namespace"] {
        item.take(name);
    }
    item.leave_out(&["caller"], LeftOutReason::NoEffect, &mut draft.left_out);
    draft.push_result(result, &field.path, None);
    Ok(())
}

/// Only the encrypted content counts: a client may drop or edit the rest.
fn read_reasoning(draft: &mut Draft<'_>, item: &mut Object<'_>, field: &Field<'_>) -> Result<(), Problem> {
    for name in ["summary", "content"] {
        item.take(name);
    }
    let encrypted = item.string("encrypted_content")?;
    match encrypted.as_deref().and_then(EncryptedReasoning::from_encrypted_content) {
        Some(EncryptedReasoning::Text { text, signature }) => {
            draft.push_reasoning(
                text,
                Some(signature).filter(|signature| !signature.is_empty()),
                &field.path,
            );
        }
        Some(EncryptedReasoning::Redacted(data)) if !data.0.is_empty() => {
            draft.push_block(&Role::Assistant, ReasoningBlock::Redacted(data), &field.path, None);
        }
        // None at all, or another vendor's.
        _ => draft.left_out.push(&field.path, LeftOutReason::Unsigned),
    }
    Ok(())
}

const OTHER_ITEM: &str =
    "Bedrock has no such item: it takes messages, function and custom tool calls, and reasoning";
