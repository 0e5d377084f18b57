//! The tools of OpenAI's dialects: functions, and custom tools, which take free text.

use alloc::format;
use alloc::string::String;

use super::cache;
use super::chosen_tools::Choice;
use super::draft::Draft;
use super::error::Problem;
use super::field::{Field, Object};
use super::left_out::LeftOutReason;
use super::path::Path;
use super::tools;

/// Adds a function. `path`: where it is; `object`: its members.
pub(super) fn push_function(
    draft: &mut Draft<'_>,
    mut object: Object<'_>,
    namespace: Option<&str>,
    path: &Path,
) -> Result<(), Problem> {
    let name = tools::name(&object.require("name")?)?;
    let description = object.string("description")?;
    let schema = tools::schema(object.take("parameters").as_ref())?;
    let is_strict = object.boolean("strict")?.unwrap_or(false);
    finish(draft, object, path, |draft| {
        let name = draft.names.assign(namespace, &name, false);
        tools::spec(name, description, schema, is_strict)
    })
}

/// Adds a custom tool as a function with one string. A grammar is told to the model, which nothing holds to it.
pub(super) fn push_custom(
    draft: &mut Draft<'_>,
    mut object: Object<'_>,
    namespace: Option<&str>,
    path: &Path,
) -> Result<(), Problem> {
    let name = tools::name(&object.require("name")?)?;
    let mut description = object.string("description")?;
    if let Some(format) = object.take("format") {
        if let Some(grammar) = read_grammar(draft, format.object()?)? {
            draft.left_out.push(&format.path, LeftOutReason::Unsupported);
            let before = description.filter(|text| !text.is_empty()).map(|text| text + "\n\n");
            description = Some(before.unwrap_or_default() + &grammar);
        }
    }
    finish(draft, object, path, |draft| {
        let name = draft.names.assign(namespace, &name, true);
        tools::spec(name, description, tools::custom_schema(), false)
    })
}

/// Reads a choice that is a word. Both dialects have the same, and describe a tool each in its own way.
pub(super) fn choose_by_word(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let choice = match &*field.string()? {
        "auto" => Choice::Auto,
        "required" => Choice::Any,
        "none" => Choice::Nothing,
        _ => return Err(field.invalid("it must be auto, required, none, or a tool")),
    };
    draft.tools.choose(choice, &field.path);
    Ok(())
}

/// Why the choice `allowed_tools` is refused.
pub(super) const ALLOWED_TOOLS: &str = "Bedrock knows no allowed tools: give only those that may be called";

fn finish(
    draft: &mut Draft<'_>,
    mut object: Object<'_>,
    path: &Path,
    spec: impl FnOnce(&mut Draft<'_>) -> bedrock_stream_core::converse::ToolSpec,
) -> Result<(), Problem> {
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    object.leave_out(&["defer_loading", "output_schema"], LeftOutReason::NoEffect, &mut draft.left_out);
    object.leave_out(&["allowed_callers", "async"], LeftOutReason::Unsupported, &mut draft.left_out);
    object.finish(&mut draft.left_out);
    let spec = spec(draft);
    tools::push(draft, spec, path, mark);
    Ok(())
}

/// What the input of a custom tool must look like, in words. Chat Completions has the grammar in an object of its own.
fn read_grammar(draft: &mut Draft<'_>, mut format: Object<'_>) -> Result<Option<String>, Problem> {
    let kind = format.require("type")?;
    let grammar = match &*kind.string()? {
        "text" => None,
        "grammar" => {
            let mut inner = format.take("grammar").map(|grammar| grammar.object()).transpose()?;
            let grammar = inner.as_mut().unwrap_or(&mut format);
            let syntax = grammar.require_string("syntax")?;
            let definition = grammar.require_string("definition")?;
            if let Some(inner) = inner {
                inner.finish(&mut draft.left_out);
            }
            Some(format!("The input must match this {syntax} grammar:\n{definition}"))
        }
        _ => return Err(kind.invalid("it must be text or grammar")),
    };
    format.finish(&mut draft.left_out);
    Ok(grammar)
}
