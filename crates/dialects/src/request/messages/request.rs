use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{JsonSchema, OutputFormat};
use bedrock_stream_core::json::Json;

use super::content;
use super::tool;
use crate::Dialect;
use crate::request::anthropic_beta;
use crate::request::cache;
use crate::request::converted_request::ConvertedRequest;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::finish::finish;
use crate::request::left_out::LeftOutReason;
use crate::request::model_family::ModelFamily;
use crate::request::options::Options;
use crate::request::reasoning;
use crate::request::settings;

pub(in crate::request) fn read(body: Object<'_>, options: &Options) -> Result<ConvertedRequest, Problem> {
    if body.has("max_tokens") {
        return read_to_count(body, options);
    }
    Err(Problem::missing(body.path.member("max_tokens")))
}

/// Reads a request that only counts tokens: it has no answer, so it need not say how long that may be.
pub(in crate::request) fn read_to_count(
    mut body: Object<'_>,
    options: &Options,
) -> Result<ConvertedRequest, Problem> {
    let model = settings::model(&mut body)?;
    let mut draft = Draft::new(Dialect::Messages, model, options);
    if draft.traits.family == ModelFamily::Unknown {
        draft.traits.family = ModelFamily::Anthropic;
        if !options.has_reasoning_style() {
            draft.traits.reasoning = ModelFamily::Anthropic.reasoning();
        }
    }
    draft.stream = body.boolean("stream")?.unwrap_or(false);
    if let Some(field) = body.take("max_tokens") {
        settings::max_tokens(&mut draft, &field)?;
    }
    // Tools come first, so that the calls in the messages find their names.
    if let Some(field) = body.take("tools") {
        for tool in field.list()? {
            tool::read(&mut draft, &tool)?;
        }
    }
    if let Some(field) = body.take("tool_choice") {
        tool::read_choice(&mut draft, &field)?;
    }
    if let Some(field) = body.take("system") {
        content::read_system(&mut draft, &field)?;
    }
    let messages = body.require("messages")?;
    for message in messages.list()? {
        content::read_message(&mut draft, &message)?;
    }
    settings::temperature(&mut draft, body.take("temperature"))?;
    settings::top_p(&mut draft, body.take("top_p"))?;
    settings::top_k(&mut draft, body.take("top_k"))?;
    if let Some(field) = body.take("stop_sequences") {
        settings::stop_sequences(&mut draft, &field)?;
    }
    if let Some(field) = body.take("thinking") {
        reasoning::read_thinking(&mut draft, &field)?;
    }
    if let Some(field) = body.take("output_config") {
        let mut config = field.object()?;
        if let Some(effort) = config.take("effort") {
            reasoning::read_effort(&mut draft, &effort, false)?;
        }
        if let Some(format) = config.take("format") {
            read_format(&mut draft, &format)?;
        }
        config.finish(&mut draft.left_out);
    }
    // The name that it had as a beta.
    if let Some(format) = body.take("output_format") {
        read_format(&mut draft, &format)?;
    }
    if let Some(mark) = cache::mark(&mut body, &mut draft.left_out)? {
        mark_last(&mut draft, mark);
    }
    read_tier(&mut draft, body.take("service_tier"))?;
    for name in ["anthropic_beta", "betas"] {
        if let Some(field) = body.take(name) {
            anthropic_beta::read(&mut draft, &field)?;
        }
    }
    // The earlier turns would be missing: no wish of the caller makes that right.
    if let Some(field) = body.take(THREAD) {
        return Err(field.unsupported("nothing is stored here: send the whole conversation without a thread"));
    }
    for (name, message) in UNSUPPORTED {
        if let Some(field) = body.take(name) {
            draft.refuse(&field, message)?;
        }
    }
    if let Some(speed) = body.take("speed").filter(|speed| speed.json.get() != "\"standard\"") {
        draft.refuse(&speed, "Bedrock has no fast mode: leave it out")?;
    }
    body.string("anthropic_version")?;
    body.leave_out(&NO_EFFECT, LeftOutReason::NoEffect, &mut draft.left_out);
    body.finish(&mut draft.left_out);
    finish(draft, &messages.path)
}

/// The cache point of the whole request comes after its last block.
fn mark_last(draft: &mut Draft<'_>, mark: cache::Mark) {
    let role = draft.conversation.last_role().cloned().unwrap_or(Role::User);
    if let Some((point, path)) = draft.allowed_mark(Some(mark)) {
        draft.conversation.push_cache_point(&role, point, &path);
    }
}

fn read_format(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut format = field.object()?;
    let kind = format.require("type")?;
    if kind.string()? != "json_schema" {
        return Err(kind.invalid("it must be json_schema"));
    }
    let schema = format.require("schema")?;
    let text: Json = schema.json_object()?;
    draft.output.text_format = Some(OutputFormat::json_schema(JsonSchema::new(text.as_str())));
    draft.origins.note("outputConfig.textFormat", &schema.path);
    format.finish(&mut draft.left_out);
    Ok(())
}

fn read_tier(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    let word = if field.type_of() == Type::Text {
        field.string()?
    } else {
        return Err(field.wrong_type("a string"));
    };
    if matches!(&*word, "auto" | "standard_only") {
        return Ok(());
    }
    settings::service_tier(draft, &field)
}

/// The conversation that the server keeps. Anthropic's package goes on without one if the error says so:
/// [`RequestError::body`](crate::request::RequestError::body).
pub(in crate::request) const THREAD: &str = "thread";

/// Members without an equivalent in Bedrock.
const UNSUPPORTED: [(&str, &str); 6] = [
    ("container", "Bedrock has no containers"),
    ("mcp_servers", "Bedrock connects to no MCP servers: give their tools as tools of your own"),
    (
        "context_management",
        "Bedrock does not edit the conversation: leave it out, or shorten the messages yourself",
    ),
    ("compaction", "Bedrock does not summarize the conversation: ask the model for a summary"),
    ("fallbacks", "Bedrock asks no other model: send the request again with the other one"),
    ("inference_geo", "at Bedrock the model's id and the region say where it runs"),
];

/// Members that do not change the answer.
const NO_EFFECT: [&str; 6] =
    ["metadata", "user_profile_id", "workspace_id", "diagnostics", "billing_policy", "fallback_credit_token"];
