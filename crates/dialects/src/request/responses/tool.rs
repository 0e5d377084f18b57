use alloc::string::String;

use crate::request::chosen_tools::Choice;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::left_out::LeftOutReason;
use crate::request::openai_tool::{ALLOWED_TOOLS, choose_by_word, push_custom, push_function};
use crate::request::tools;

/// Reads a tool. The tools of a namespace are tools beside the others.
pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut tool = field.object()?;
    let kind = tool.require("type")?;
    if kind.string()? != "namespace" {
        return read_one(draft, &kind, tool, None, field);
    }
    let namespace = tools::name(&tool.require("name")?)?;
    for inner in tool.require("tools")?.list()? {
        let mut object = inner.object()?;
        let kind = object.require("type")?;
        read_one(draft, &kind, object, Some(&namespace), &inner)?;
    }
    tool.leave_out(&["description"], LeftOutReason::Unsupported, &mut draft.left_out);
    tool.finish(&mut draft.left_out);
    Ok(())
}

fn read_one(
    draft: &mut Draft<'_>,
    kind: &Field<'_>,
    tool: Object<'_>,
    namespace: Option<&str>,
    field: &Field<'_>,
) -> Result<(), Problem> {
    match &*kind.string()? {
        "function" => push_function(draft, tool, namespace, &field.path),
        "custom" => push_custom(draft, tool, namespace, &field.path),
        _ => draft.refuse(kind, BUILT_IN),
    }
}

pub(super) fn read_choice(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    if field.type_of() == Type::Text {
        return choose_by_word(draft, field);
    }
    let mut choice = field.object()?;
    let kind = choice.require("type")?;
    match &*kind.string()? {
        "function" | "custom" => {}
        "allowed_tools" => {
            return draft.refuse(&kind, ALLOWED_TOOLS);
        }
        _ => return draft.refuse(&kind, BUILT_IN),
    }
    let name = tools::name(&choice.require("name")?)?;
    let namespace: Option<String> = choice.string("namespace")?;
    choice.finish(&mut draft.left_out);
    let name = draft.names.assign(namespace.as_deref(), &name, false);
    draft.tools.choose(Choice::Tool(name), &field.path);
    Ok(())
}

const BUILT_IN: &str = "Bedrock has no built-in tools of OpenAI's: give a function or a custom tool";
