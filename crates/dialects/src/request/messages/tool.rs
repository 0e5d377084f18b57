use crate::request::cache;
use crate::request::chosen_tools::Choice;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::Field;
use crate::request::left_out::LeftOutReason;
use crate::request::tools;

/// Reads a tool. Bedrock supports only the client's own tools.
pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut tool = field.object()?;
    if let Some(kind) = tool.take("type") {
        if kind.string()? != "custom" {
            return draft.refuse(&kind, BUILT_IN);
        }
    }
    let name = tools::name(&tool.require("name")?)?;
    let description = tool.string("description")?;
    let schema = tools::schema(Some(&tool.require("input_schema")?))?;
    let is_strict = tool.boolean("strict")?.unwrap_or(false);
    let mark = cache::mark(&mut tool, &mut draft.left_out)?;
    // All tools are given to the model at once, and only the model calls them.
    tool.leave_out(&["eager_input_streaming", "defer_loading"], LeftOutReason::NoEffect, &mut draft.left_out);
    tool.leave_out(&["allowed_callers", "input_examples"], LeftOutReason::Unsupported, &mut draft.left_out);
    tool.finish(&mut draft.left_out);
    let at_bedrock = draft.names.assign(None, &name, false);
    tools::push(draft, tools::spec(at_bedrock, description, schema, is_strict), &field.path, mark);
    Ok(())
}

pub(super) fn read_choice(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut choice = field.object()?;
    let kind = choice.require("type")?;
    let read = match &*kind.string()? {
        "auto" => Choice::Auto,
        "any" => Choice::Any,
        "none" => Choice::Nothing,
        "tool" => {
            let name = choice.require("name")?;
            Choice::Tool(draft.names.assign(None, &tools::name(&name)?, false))
        }
        _ => return Err(kind.invalid("it must be auto, any, tool or none")),
    };
    draft.tools.choose(read, &field.path);
    if let Some(field) = choice.take("disable_parallel_tool_use") {
        if field.boolean()? {
            draft.tools.one_at_a_time(&field.path);
        }
    }
    choice.finish(&mut draft.left_out);
    Ok(())
}

const BUILT_IN: &str =
    "Bedrock has no built-in tools of Anthropic's: give a tool of your own, with an input_schema";
