use super::message;
use super::tool;
use crate::Dialect;
use crate::request::converted_request::ConvertedRequest;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object};
use crate::request::finish::finish;
use crate::request::left_out::LeftOutReason;
use crate::request::openai;
use crate::request::options::Options;
use crate::request::output_format;
use crate::request::reasoning;
use crate::request::settings;

pub(in crate::request) fn read(mut body: Object<'_>, options: &Options) -> Result<ConvertedRequest, Problem> {
    let model = settings::model(&mut body)?;
    let mut draft = Draft::new(Dialect::Chat, model, options);
    draft.stream = body.boolean("stream")?.unwrap_or(false);
    read_stream_options(&mut draft, body.take("stream_options"))?;
    // Tools come first, so that the calls in the messages find their names.
    for tool in body.take("tools").map(|tools| tools.list()).transpose()?.into_iter().flatten() {
        tool::read(&mut draft, &tool)?;
    }
    if let Some(field) = body.take("tool_choice") {
        tool::read_choice(&mut draft, &field)?;
    }
    openai::parallel_tool_calls(&mut draft, &mut body)?;
    let messages = body.require("messages")?;
    for message in messages.list()? {
        message::read(&mut draft, &message)?;
    }
    read_max_tokens(&mut draft, &mut body)?;
    settings::temperature(&mut draft, body.take("temperature"))?;
    settings::top_p(&mut draft, body.take("top_p"))?;
    settings::top_k(&mut draft, body.take("top_k"))?;
    if let Some(field) = body.take("stop") {
        settings::stop_sequences(&mut draft, &field)?;
    }
    if let Some(field) = body.take("thinking") {
        reasoning::read_thinking(&mut draft, &field)?;
    }
    if let Some(field) = body.take("reasoning_effort") {
        reasoning::read_effort(&mut draft, &field, true)?;
    }
    if let Some(field) = body.take("response_format") {
        let mut format = field.object()?;
        if output_format::read_kind(&mut draft, &mut format)? {
            let schema = format.require("json_schema")?.object()?;
            output_format::read_schema(&mut draft, schema)?;
        }
        format.finish(&mut draft.left_out);
    }
    if let Some(field) = body.take("service_tier") {
        settings::service_tier(&mut draft, &field)?;
    }
    openai::verbosity(&mut draft, &mut body)?;
    read_unsupported(&mut draft, &mut body)?;
    openai::leave_out(&mut draft, &mut body)?;
    body.leave_out(&["seed"], LeftOutReason::NoEffect, &mut draft.left_out);
    body.finish(&mut draft.left_out);
    finish(draft, &messages.path)
}

fn read_stream_options(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    draft.include_usage = false;
    let Some(field) = field else { return Ok(()) };
    let mut options = field.object()?;
    draft.include_usage = options.boolean("include_usage")?.unwrap_or(false);
    options.leave_out(&["include_obfuscation"], LeftOutReason::NoEffect, &mut draft.left_out);
    options.finish(&mut draft.left_out);
    Ok(())
}

fn read_max_tokens(draft: &mut Draft<'_>, body: &mut Object<'_>) -> Result<(), Problem> {
    let (new, old) = (body.take("max_completion_tokens"), body.take("max_tokens"));
    if let (Some(new), Some(old)) = (&new, &old) {
        if new.integer()? != old.integer()? {
            return Err(old.invalid("it is the old name of max_completion_tokens, which says something else"));
        }
    }
    new.or(old).map_or(Ok(()), |field| settings::max_tokens(draft, &field))
}

/// Members that would change the answer and have no equivalent in Bedrock.
fn read_unsupported(draft: &mut Draft<'_>, body: &mut Object<'_>) -> Result<(), Problem> {
    if let Some(n) = body.take("n") {
        if n.integer()? != 1 {
            return Err(n.unsupported("Bedrock gives one answer to a request: send several requests"));
        }
    }
    if let Some(field) = body.take("logprobs") {
        if field.boolean()? {
            return Err(field.unsupported(openai::LOGPROBS));
        }
    }
    openai::top_logprobs(body)?;
    for name in ["frequency_penalty", "presence_penalty"] {
        if let Some(field) = body.take(name) {
            if field.number()? != 0.0 {
                draft.refuse(&field, "Bedrock has no penalties")?;
            }
        }
    }
    if let Some(field) = body.take("logit_bias") {
        if !field.object()?.is_empty() {
            draft.refuse(&field, "Bedrock has no biases")?;
        }
    }
    if let Some(field) = body.take("modalities") {
        for modality in field.list()? {
            if modality.string()? != "text" {
                return Err(modality.unsupported("the answer is text: Bedrock gives nothing else here"));
            }
        }
    }
    for (name, message) in GONE {
        if let Some(field) = body.take(name) {
            return Err(field.unsupported(message));
        }
    }
    for (name, message) in UNSUPPORTED {
        if let Some(field) = body.take(name) {
            draft.refuse(&field, message)?;
        }
    }
    Ok(())
}

/// Members that are refused even if the caller is lenient.
const GONE: [(&str, &str); 3] = [
    ("functions", "it is deprecated: give tools"),
    ("function_call", "it is deprecated: give a tool_choice"),
    ("audio", "the answer is text: Bedrock gives nothing else here"),
];

const UNSUPPORTED: [(&str, &str); 3] = [
    ("prediction", "Bedrock has no predicted outputs"),
    ("moderation", "Bedrock moderates by guardrails"),
    ("web_search_options", "Bedrock searches no web here: give a tool of your own"),
];
