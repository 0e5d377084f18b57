//! Members and parts that both of OpenAI's dialects have in common.

use alloc::string::String;

use super::draft::Draft;
use super::error::Problem;
use super::field::{Field, Object, Type};
use super::left_out::LeftOutReason;

/// Visits each part, or the text that stands for the only one.
pub(super) fn each_part(
    content: &Field<'_>,
    mut read: impl FnMut(&Field<'_>, Option<String>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    match content.type_of() {
        Type::Text => read(content, Some(content.string()?)),
        Type::List => content.list()?.try_for_each(|part| read(&part, None)),
        _ => Err(content.wrong_type("a string or a list of parts")),
    }
}

/// Takes `parallel_tool_calls`.
pub(super) fn parallel_tool_calls(draft: &mut Draft<'_>, body: &mut Object<'_>) -> Result<(), Problem> {
    if let Some(field) = body.take("parallel_tool_calls") {
        if !field.boolean()? {
            draft.tools.one_at_a_time(&field.path);
        }
    }
    Ok(())
}

/// Takes `detail`, which is about how OpenAI's models look at an image or a file. Only `auto` asks for nothing.
pub(super) fn detail(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<(), Problem> {
    if let Some(field) = object.take("detail") {
        if field.string()? != "auto" {
            draft.left_out.push(&field.path, LeftOutReason::Unsupported);
        }
    }
    Ok(())
}

/// Takes `verbosity`: the usual one says nothing.
pub(super) fn verbosity(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<(), Problem> {
    let Some(field) = object.take("verbosity") else { return Ok(()) };
    match &*field.string()? {
        "medium" => Ok(()),
        "low" | "high" => draft.refuse(&field, "Bedrock has no verbosity: say it in the instructions"),
        _ => Err(field.invalid("it must be low, medium or high")),
    }
}

/// Takes `top_logprobs`: only none can be had.
pub(super) fn top_logprobs(body: &mut Object<'_>) -> Result<(), Problem> {
    match body.take("top_logprobs") {
        Some(field) if field.integer()? != 0 => Err(field.unsupported(LOGPROBS)),
        _ => Ok(()),
    }
}

/// Leaves out what does not change the answer.
pub(super) fn leave_out(draft: &mut Draft<'_>, body: &mut Object<'_>) -> Result<(), Problem> {
    if let Some(store) = body.take("store") {
        // Nothing is stored, which is what `false` says.
        if store.boolean()? {
            draft.left_out.push(&store.path, LeftOutReason::NoEffect);
        }
    }
    body.leave_out(&NO_EFFECT, LeftOutReason::NoEffect, &mut draft.left_out);
    Ok(())
}

pub(super) const LOGPROBS: &str = "Bedrock tells no probabilities";

const NO_EFFECT: [&str; 6] = [
    "metadata",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
];
