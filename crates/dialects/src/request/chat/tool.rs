use crate::request::chosen_tools::Choice;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Type};
use crate::request::openai_tool::{ALLOWED_TOOLS, choose_by_word, push_custom, push_function};
use crate::request::tools;

pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut tool = field.object()?;
    let kind = tool.require("type")?;
    match &*kind.string()? {
        "function" => {
            // LiteLLM's cache mark stands beside the function.
            let mut function = tool.require("function")?.object()?;
            function.adopt(&mut tool, "cache_control");
            push_function(draft, function, None, &field.path)?;
        }
        "custom" => {
            let custom = tool.require("custom")?.object()?;
            push_custom(draft, custom, None, &field.path)?;
        }
        _ => return draft.refuse(&kind, "Bedrock has no built-in tools of OpenAI's: give a function"),
    }
    tool.finish(&mut draft.left_out);
    Ok(())
}

pub(super) fn read_choice(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    if field.type_of() == Type::Text {
        return choose_by_word(draft, field);
    }
    let mut choice = field.object()?;
    let kind = choice.require("type")?;
    let tool = match &*kind.string()? {
        "function" => choice.require("function")?,
        "custom" => choice.require("custom")?,
        "allowed_tools" => {
            return draft.refuse(&kind, ALLOWED_TOOLS);
        }
        _ => return Err(kind.invalid("it must be function or custom")),
    };
    let mut tool = tool.object()?;
    let name = tools::name(&tool.require("name")?)?;
    tool.finish(&mut draft.left_out);
    choice.finish(&mut draft.left_out);
    let name = draft.names.assign(None, &name, false);
    draft.tools.choose(Choice::Tool(name), &field.path);
    Ok(())
}
