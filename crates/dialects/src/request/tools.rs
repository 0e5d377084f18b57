//! The tools of a request, and which of them the model must call.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::ContentBlock;
use bedrock_stream_core::converse::{Tool, ToolChoice, ToolConfig, ToolSpec};
use bedrock_stream_core::json::Json;
use serde_json::json;

use super::cache::Mark;
use super::chosen_tools::{Choice, Tools};
use super::draft::Draft;
use super::error::Problem;
use super::field::Field;
use super::left_out::LeftOutReason;
use super::model_family::ModelFamily;
use super::path::Path;

/// Adds a tool.
pub(super) fn push(draft: &mut Draft<'_>, spec: ToolSpec, path: &Path, mark: Option<Mark>) {
    draft.tools.tools.push((Tool::Spec(spec), path.clone()));
    let Some((point, path)) = mark else { return };
    if draft.traits.family.has_tool_cache_points() {
        draft.tools.tools.push((Tool::CachePoint(point), path));
    } else {
        draft.left_out.push(&path, LeftOutReason::NoEffect);
    }
}

/// A tool of this name at Bedrock. The strict mode is named only where it is on, since not every model knows it.
pub(super) fn spec(name: String, description: Option<String>, schema: Json, is_strict: bool) -> ToolSpec {
    let mut spec = ToolSpec::new(name, schema);
    spec.description = description.filter(|description| !description.is_empty());
    spec.strict = is_strict.then_some(true);
    spec
}

/// The name of a tool, which must not be empty.
pub(super) fn name(field: &Field<'_>) -> Result<String, Problem> {
    let name = field.string()?;
    if name.is_empty() { Err(field.invalid("it must not be empty")) } else { Ok(name) }
}

/// A tool's schema as it was sent; Bedrock wants one that says that it is an object's.
pub(super) fn schema(field: Option<&Field<'_>>) -> Result<Json, Problem> {
    let Some(field) = field else { return Ok(no_arguments()) };
    let schema = field.json_object()?;
    if !schema.is_readable() {
        return Err(field.invalid("it is nested too deeply"));
    }
    let object = field.object()?;
    if object.is_empty() {
        return Ok(no_arguments());
    }
    if object.has("type") {
        return Ok(schema);
    }
    let members = schema.as_str().trim_start().strip_prefix('{').unwrap_or_default();
    Ok(Json::from_text(&alloc::format!("{{\"type\":\"object\",{members}")).unwrap_or(schema))
}

/// The schema of a function that a custom tool becomes.
pub(super) fn custom_schema() -> Json {
    json!({
        "type": "object",
        "properties": {"input": {"type": "string"}},
        "required": ["input"],
        "additionalProperties": false,
    })
    .into()
}

/// The tool configuration. One is needed where the conversation has tool calls, and a choice makes sense only with tools.
pub(super) fn finish(draft: &mut Draft<'_>) -> Result<Option<ToolConfig>, Problem> {
    let Tools { mut tools, choice, one_at_a_time } = core::mem::take(&mut draft.tools);
    let called = called_tools(draft);
    let has_history = !called.is_empty();
    let has_tools = !tools.is_empty();
    let (choice, choice_path) = match choice {
        Some((choice, path)) => (choice, Some(path)),
        None => (Choice::Auto, None),
    };
    if !has_tools {
        let path = draft.body.member("tools");
        let named = |name: String| (ToolSpec::new(name, no_arguments()).into(), path.clone());
        tools = called.into_iter().map(named).collect();
    }
    if choice == Choice::Nothing && !has_history {
        tools.clear();
    }
    let is_forced = matches!(choice, Choice::Any | Choice::Tool(_));
    if let Some(path) = one_at_a_time {
        // Claude refuses this beside a choice of Converse's.
        if has_tools && !tools.is_empty() && !is_forced && draft.traits.family == ModelFamily::Anthropic {
            draft.additional.set("tool_choice", json!({"type": "auto", "disable_parallel_tool_use": true}));
        } else {
            let reason = if has_tools { LeftOutReason::Unsupported } else { LeftOutReason::NoEffect };
            draft.left_out.push(&path, reason);
        }
    }
    if let (Choice::Tool(name), Some(path), true) = (&choice, &choice_path, has_tools) {
        let is_chosen = |tool: &Tool| matches!(tool, Tool::Spec(spec) if spec.name == *name);
        if !tools.iter().any(|(tool, _)| is_chosen(tool)) {
            return Err(Problem::invalid(path.clone(), "none of the tools has this name"));
        }
    }
    let tool_choice = match (choice, &choice_path) {
        (Choice::Any, _) if has_tools => Some(ToolChoice::any()),
        (Choice::Tool(name), _) if has_tools => Some(ToolChoice::tool(name)),
        (Choice::Any | Choice::Tool(_), Some(path)) => {
            draft.left_out.push(path, LeftOutReason::NoEffect);
            None
        }
        // Converse cannot say that tools may not be called, and needs them because of the calls before.
        (Choice::Nothing, Some(path)) if has_history => {
            draft.left_out.push(path, LeftOutReason::Unsupported);
            None
        }
        _ => None,
    };
    if tools.is_empty() {
        return Ok(None);
    }
    if let Some(path) = &choice_path {
        draft.origins.note("toolConfig.toolChoice", path);
    }
    let (tools, paths): (Vec<_>, Vec<_>) = tools.into_iter().unzip();
    draft.origins.tools = paths;
    let mut config = ToolConfig::new(tools);
    config.tool_choice = tool_choice;
    Ok(Some(config))
}

/// The names of the tools that the conversation calls.
fn called_tools(draft: &Draft<'_>) -> BTreeSet<String> {
    let calls = draft.conversation.blocks().filter_map(|block| match block {
        ContentBlock::ToolUse(call) => Some(call.name.clone()),
        _ => None,
    });
    calls.collect()
}

fn no_arguments() -> Json {
    json!({"type": "object", "properties": {}}).into()
}
