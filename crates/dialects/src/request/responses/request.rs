use bedrock_stream_core::content::Role;

use super::item;
use super::tool;
use crate::Dialect;
use crate::request::converted_request::ConvertedRequest;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::finish::finish;
use crate::request::left_out::LeftOutReason;
use crate::request::openai;
use crate::request::options::Options;
use crate::request::output_format;
use crate::request::reasoning;
use crate::request::settings;

pub(in crate::request) fn read(mut body: Object<'_>, options: &Options) -> Result<ConvertedRequest, Problem> {
    let model = settings::model(&mut body)?;
    let mut draft = Draft::new(Dialect::Responses, model, options);
    for name in REPEATED {
        if let Some(field) = body.peek(name) {
            draft.request_members.set(name, field.to_json());
        }
    }
    draft.stream = body.boolean("stream")?.unwrap_or(false);
    if let Some(field) = body.take("stream_options") {
        let mut options = field.object()?;
        options.leave_out(&["include_obfuscation"], LeftOutReason::NoEffect, &mut draft.left_out);
        options.finish(&mut draft.left_out);
    }
    read_state(&mut body)?;
    // Tools come first, so that the calls in the input find their names.
    for tool in body.take("tools").map(|tools| tools.list()).transpose()?.into_iter().flatten() {
        tool::read(&mut draft, &tool)?;
    }
    if let Some(field) = body.take("tool_choice") {
        tool::read_choice(&mut draft, &field)?;
    }
    openai::parallel_tool_calls(&mut draft, &mut body)?;
    if let Some(field) = body.take("instructions") {
        draft.push_system(field.string()?, &field.path, None);
    }
    let input = body.require("input")?;
    if input.type_of() == Type::Text {
        draft.push_text(&Role::User, input.string()?, &input.path, None);
    } else {
        for field in input.list()? {
            item::read(&mut draft, &field)?;
        }
    }
    if let Some(field) = body.take("max_output_tokens") {
        settings::max_tokens(&mut draft, &field)?;
    }
    settings::temperature(&mut draft, body.take("temperature"))?;
    settings::top_p(&mut draft, body.take("top_p"))?;
    read_reasoning(&mut draft, body.take("reasoning"))?;
    read_text(&mut draft, body.take("text"))?;
    if let Some(field) = body.take("service_tier") {
        settings::service_tier(&mut draft, &field)?;
    }
    openai::top_logprobs(&mut body)?;
    read_include(&mut draft, body.take("include"))?;
    if let Some(field) = body.take("truncation") {
        if field.string()? != "disabled" {
            draft.refuse(&field, "Bedrock does not shorten a conversation: shorten the input yourself")?;
        }
    }
    for (name, message) in UNSUPPORTED {
        if let Some(field) = body.take(name) {
            draft.refuse(&field, message)?;
        }
    }
    openai::leave_out(&mut draft, &mut body)?;
    body.leave_out(&NO_EFFECT, LeftOutReason::NoEffect, &mut draft.left_out);
    body.finish(&mut draft.left_out);
    finish(draft, &input.path)
}

/// Nothing is kept between requests.
fn read_state(body: &mut Object<'_>) -> Result<(), Problem> {
    for name in ["previous_response_id", "conversation", "prompt"] {
        if let Some(field) = body.take(name) {
            return Err(field.unsupported("nothing is stored here: send the whole conversation as input"));
        }
    }
    match body.take("background") {
        Some(field) if field.boolean()? => {
            Err(field.unsupported("an answer is given while the client waits: stream it"))
        }
        _ => Ok(()),
    }
}

/// A summary is always returned, so it need not be requested.
fn read_reasoning(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    let mut members = field.object()?;
    if let Some(effort) = members.take("effort") {
        reasoning::read_effort(draft, &effort, true)?;
    }
    for name in ["summary", "generate_summary"] {
        members.string(name)?;
    }
    if let Some(mode) = members.take("mode") {
        if mode.string()? != "standard" {
            draft.refuse(&mode, "Bedrock has no other modes than standard")?;
        }
    }
    members.leave_out(&["context"], LeftOutReason::Unsupported, &mut draft.left_out);
    members.finish(&mut draft.left_out);
    Ok(())
}

fn read_text(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    let mut text = field.object()?;
    if let Some(format) = text.take("format") {
        let mut format = format.object()?;
        if output_format::read_kind(draft, &mut format)? {
            output_format::read_schema(draft, format)?;
        } else {
            format.finish(&mut draft.left_out);
        }
    }
    openai::verbosity(draft, &mut text)?;
    text.finish(&mut draft.left_out);
    Ok(())
}

/// What reasoning must be sent back by is always given; the rest is about what Bedrock has nothing of.
fn read_include(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    for item in field.list()? {
        if item.string()? != "reasoning.encrypted_content" {
            draft.left_out.push(&item.path, LeftOutReason::NoEffect);
        }
    }
    Ok(())
}

/// What a response repeats of its request.
const REPEATED: [&str; 12] = [
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "reasoning",
    "service_tier",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "truncation",
];

const UNSUPPORTED: [(&str, &str); 3] = [
    ("context_management", "Bedrock does not shorten a conversation: shorten the input yourself"),
    ("moderation", "Bedrock moderates by guardrails"),
    ("access_programs", "Bedrock has no such programs"),
];

/// Those of built-in tools and of what runs in the background, and a wish for the transport of images.
const NO_EFFECT: [&str; 3] = ["max_tool_calls", "background_options", "image"];
