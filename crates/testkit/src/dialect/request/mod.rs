//! Requests of every dialect: what they ask, and what is wrong with them.

mod bad_request;
mod chat;
mod counts;
mod messages;
mod native;
mod responses;

use bedrock_stream_dialects::Dialect;
use serde_json::Value;

pub(crate) use self::bad_request::BadRequest;
pub(crate) use self::counts::{count_tokens, guardrail};
use super::vendor::Vendor;
use crate::answer::Prompt;

/// What a request asks.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) prompt: Prompt,
    /// Whether the body asks for a stream; Invoke says that in its path.
    pub(crate) is_streamed: bool,
    /// Whether Chat Completions shall stream its usage.
    pub(crate) includes_usage: bool,
    /// Whether the body is that of the vendor's conversations, where it has two kinds of request.
    pub(crate) is_chat: bool,
    /// The whole request.
    pub(crate) body: Value,
}

impl Asked {
    /// Reads a request with server-sent events of this dialect. `version`: the header `anthropic-version`.
    pub(crate) fn parse(dialect: Dialect, body: &[u8], version: Option<&str>) -> Result<Self, BadRequest> {
        let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::not_json(&error))?;
        let prompt = match dialect {
            Dialect::Messages => {
                messages::check_version(&json, version)?;
                messages::prompt(&json)?
            }
            Dialect::Responses => responses::prompt(&json)?,
            _ => chat::prompt(&json)?,
        };
        if json["model"].as_str().is_none_or(str::is_empty) {
            return Err(match dialect {
                Dialect::Messages => BadRequest::required("model"),
                _ => BadRequest::missing_parameter("model"),
            });
        }
        Ok(Self::new(prompt, json, body.len()))
    }

    /// Reads a request that invokes a model of this vendor.
    pub(crate) fn parse_invoke(vendor: Vendor, body: &[u8]) -> Result<Self, BadRequest> {
        let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::malformed(&error))?;
        // Both are said by the path.
        let names: &[&str] = if vendor == Vendor::Cohere { &["model"] } else { &["model", "stream"] };
        if let Some(name) = names.iter().find(|name| json.get(**name).is_some()) {
            return Err(BadRequest::malformed(format_args!("#: extraneous key [{name}] is not permitted")));
        }
        let prompt = match vendor {
            Vendor::Anthropic => {
                messages::check_body_version(&json)?;
                messages::prompt(&json)?
            }
            Vendor::Jamba | Vendor::OpenAi => chat::prompt(&json)?,
            Vendor::Mistral if json.get("messages").is_some() => chat::prompt(&json)?,
            vendor => native::prompt(vendor, &json)?,
        };
        Ok(Self::new(prompt, json, body.len()))
    }

    /// A request that nobody reads, since its answer is recorded.
    pub(crate) fn unread() -> Self {
        Self::new(Prompt::default(), Value::Null, 0)
    }

    fn new(prompt: Prompt, body: Value, body_len: usize) -> Self {
        Self {
            prompt: Prompt { input_tokens: body_len.div_ceil(4) as u64, ..prompt },
            is_streamed: body["stream"] == true,
            includes_usage: body["stream_options"]["include_usage"] == true,
            is_chat: ["messages", "message"].iter().any(|name| body.get(*name).is_some()),
            body,
        }
    }
}

/// The text of a content: a string, or the texts in a list of parts, joined by spaces.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join(" ")
        }
        _ => String::new(),
    }
}
