//! Anthropic's Text Completions, of Claude 2 and older.
//!
//! Source: "Anthropic Claude Text Completions API" in the Amazon Bedrock User Guide; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use super::known_members::COMPLETION;
use super::members::{Words, check, schema_type};
use crate::answer::Prompt;

pub(super) fn prompt(model_id: &str, body: &Value) -> Result<Prompt, BadRequest> {
    let name = model_id.rsplit("anthropic.").next().unwrap_or(model_id);
    if !["claude-v", "claude-instant"].iter().any(|legacy| name.starts_with(legacy)) {
        let name = name.rsplit_once("-v").map_or(name, |(name, _version)| name);
        let message =
            format!("\"{name}\" is not supported on this API. Please use the Messages API instead.");
        return Err(BadRequest::new(message));
    }
    if let Some(name) = check(body, COMPLETION, Words::Schema)?.first() {
        return Err(BadRequest::extraneous(name));
    }
    let text = body["prompt"].as_str().ok_or_else(|| {
        BadRequest::malformed(format_args!(
            "#/prompt: expected type: String, found: {}",
            schema_type(&body["prompt"])
        ))
    })?;
    let max_tokens = body["max_tokens_to_sample"]
        .as_u64()
        .ok_or_else(|| BadRequest::malformed("#: required key [max_tokens_to_sample] not found"))?;
    let Some((_, last)) = text.rsplit_once(HUMAN) else {
        let message = "prompt must start with \"\n\nHuman:\" turn after an optional system prompt";
        return Err(BadRequest::new(message));
    };
    if !last.contains(ASSISTANT) {
        return Err(BadRequest::new("prompt must end with \"\n\nAssistant:\" turn"));
    }
    Ok(Prompt { max_tokens: Some(max_tokens), ..Prompt::default() })
}

const HUMAN: &str = "\n\nHuman:";
const ASSISTANT: &str = "\n\nAssistant:";
