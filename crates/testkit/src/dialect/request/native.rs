//! The requests of models that are invoked and have their own dialect.
//!
//! Source: "Inference request parameters and response fields for foundation models" of Bedrock's user guide.

use bedrock_stream_core::converse::Request;
use serde_json::Value;

use super::bad_request::BadRequest;
use super::known_members::{COMMAND, COMMAND_R, DEEPSEEK, LLAMA, MISTRAL, TITAN};
use super::members::{Words, check, schema_type};
use crate::answer::Prompt;
use crate::dialect::vendor::Vendor;

pub(super) fn prompt(vendor: Vendor, model_id: &str, body: &Value) -> Result<Prompt, BadRequest> {
    if vendor == Vendor::Nova {
        return nova(body);
    }
    let (name, max_tokens) = match vendor {
        Vendor::Titan => ("inputText", &body["textGenerationConfig"]["maxTokenCount"]),
        Vendor::Llama => ("prompt", &body["max_gen_len"]),
        Vendor::Cohere if takes_message(model_id, body) => ("message", &body["max_tokens"]),
        _ => ("prompt", &body["max_tokens"]),
    };
    let Some(value) = body.get(name) else {
        return Err(BadRequest::malformed(format_args!("#: required key [{name}] not found")));
    };
    let members = match vendor {
        Vendor::Titan => TITAN,
        Vendor::Llama => LLAMA,
        Vendor::DeepSeek => DEEPSEEK,
        Vendor::Cohere if name == "message" => COMMAND_R,
        Vendor::Cohere => COMMAND,
        _ => MISTRAL,
    };
    if let Some(name) = check(body, members, Words::Schema)?.first() {
        return Err(BadRequest::extraneous(name));
    }
    match value {
        Value::String(text) if text.is_empty() => {
            Err(BadRequest::malformed(format_args!("#/{name}: expected minLength: 1, actual: 0")))
        }
        Value::String(_) => Ok(Prompt { max_tokens: max_tokens.as_u64(), ..Prompt::default() }),
        value => Err(BadRequest::malformed(format_args!(
            "#/{name}: expected type: String, found: {}",
            schema_type(value)
        ))),
    }
}

/// Whether a model of Cohere takes a message, as Command R does, or a prompt. Of others, the request tells.
fn takes_message(model_id: &str, body: &Value) -> bool {
    let is_named = |names: &[&str]| names.iter().any(|name| model_id.contains(name));
    match () {
        () if is_named(&["command-r", "command-a"]) => true,
        () if is_named(&["command-text", "command-light"]) => false,
        () => body.get("message").is_some(),
    }
}

/// Nova's request is that of Converse, except for some additional members.
fn nova(body: &Value) -> Result<Prompt, BadRequest> {
    let messages =
        body.get("messages").ok_or_else(|| BadRequest::malformed("#: required key [messages] not found"))?;
    let Some(messages) = messages.as_array().filter(|messages| !messages.is_empty()) else {
        return Err(BadRequest::malformed("#/messages: expected minimum item count: 1, found: 0"));
    };
    for (at, message) in messages.iter().enumerate() {
        check_content(&format!("#/messages/{at}/content"), &message["content"])?;
    }
    let request: Request = serde_json::from_value(body.clone()).map_err(BadRequest::malformed)?;
    Ok(Prompt::of(&request))
}

/// Whether a request asks Nova to reason: by default it does not.
pub(super) fn reasons(body: &Value) -> bool {
    [&body["reasoningConfig"], &body["inferenceConfig"]["reasoningConfig"]]
        .into_iter()
        .any(|config| config["type"] == "enabled")
}

/// Checks the content of one of Nova's messages.
fn check_content(at: &str, content: &Value) -> Result<(), BadRequest> {
    let wrong_type = |at: &str, expected: &str, value: &Value| {
        BadRequest::malformed(format_args!("{at}: expected type: {expected}, found: {}", schema_type(value)))
    };
    let blocks = content.as_array().ok_or_else(|| wrong_type(at, "JSONArray", content))?;
    for (block, of) in blocks.iter().enumerate() {
        let at = format!("{at}/{block}");
        let members = of.as_object().ok_or_else(|| wrong_type(&at, "JSONObject", of))?;
        let is_known = |name: &String| CONTENT.contains(&&**name);
        if !members.keys().any(is_known) {
            let name = members.keys().next().map_or("", String::as_str);
            return Err(BadRequest::malformed(format_args!(
                "{at}: extraneous key [{name}] is not permitted"
            )));
        }
    }
    Ok(())
}

/// What a block of Nova's content may be.
const CONTENT: [&str; 9] = [
    "text",
    "image",
    "document",
    "video",
    "audio",
    "toolUse",
    "toolResult",
    "reasoningContent",
    "cachePoint",
];
