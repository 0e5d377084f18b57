use bedrock_stream_dialects::Dialect;
use http::HeaderMap;
use serde_json::Value;

use super::bad_request::BadRequest;
use super::known_members::{CHAT, MESSAGES, RESPONSES};
use super::members::{Words, check};
use super::{chat, completion, message_blocks, messages, native, openai, responses, thinking};
use crate::answer::Prompt;
use crate::dialect::vendor::Vendor;

/// What a request asks for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) prompt: Prompt,
    /// Whether the body asks for a stream; Invoke says that in its path.
    pub(crate) is_streamed: bool,
    /// Whether Chat Completions should stream its usage.
    pub(crate) includes_usage: bool,
    /// Whether the body is the request for conversations, if the vendor has two kinds of request.
    pub(crate) is_chat: bool,
    /// The members at the top that the dialect does not know.
    pub(crate) unknown_members: Vec<String>,
    /// The whole request.
    pub(crate) body: Value,
}

impl Asked {
    /// Reads a request with server-sent events of this dialect.
    pub(crate) fn parse(dialect: Dialect, body: &[u8], headers: &HeaderMap) -> Result<Self, BadRequest> {
        let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::not_json(&error))?;
        let prompt = match dialect {
            Dialect::Messages => {
                messages::check_version(&json, headers)?;
                messages::prompt(&json, headers)?
            }
            Dialect::Responses => responses::prompt(&json)?,
            _ => {
                chat::check_choices(&json)?;
                chat::prompt(&json)?
            }
        };
        match dialect {
            Dialect::Messages if message_blocks::required_text(&json, "", "model")?.is_empty() => {
                return Err(BadRequest::required("model"));
            }
            Dialect::Messages => {}
            _ => openai::model(&json)?,
        }
        let unknown_members = match dialect {
            Dialect::Messages => check(&json, MESSAGES, Words::Anthropic)?,
            Dialect::Responses => check(&json, RESPONSES, Words::OpenAi)?,
            _ => check(&json, CHAT, Words::OpenAi)?,
        };
        let reasons = dialect != Dialect::Messages || thinking::is_asked(&json);
        let prompt = Prompt { reasons, ..prompt };
        Ok(Self { unknown_members, ..Self::new(prompt, json, body.len()) })
    }

    /// Reads a request that invokes a model of this vendor. `is_streamed`: whether its operation streams, if that is known.
    pub(crate) fn parse_invoke(
        vendor: Vendor,
        model_id: &str,
        is_streamed: Option<bool>,
        body: &[u8],
    ) -> Result<Self, BadRequest> {
        let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::malformed(&error))?;
        check_path_members(vendor, model_id, is_streamed, &json)?;
        let mut unknown_members = Vec::new();
        let prompt = match vendor {
            Vendor::Anthropic if vendor.answers_in(Some(&json)) == Dialect::Completion => {
                completion::prompt(model_id, &json)?
            }
            Vendor::Anthropic => {
                messages::check_body_version(&json)?;
                unknown_members = check(&json, MESSAGES, Words::Anthropic)?;
                messages::prompt(&json, &HeaderMap::new())?
            }
            Vendor::Jamba | Vendor::OpenAi => {
                if vendor == Vendor::OpenAi {
                    chat::check_choices(&json)?;
                }
                // Each model has members of its own.
                check(&json, CHAT, Words::OpenAi)?;
                chat::prompt(&json)?
            }
            Vendor::Mistral if json.get("messages").is_some() => chat::mistral_prompt(&json)?,
            vendor => native::prompt(vendor, model_id, &json)?,
        };
        let reasons = match vendor {
            Vendor::Anthropic => thinking::is_asked(&json),
            Vendor::Nova => native::reasons(&json),
            Vendor::OpenAi => true,
            // Their formats have no reasoning, or their models do not tell it.
            Vendor::Titan
            | Vendor::Llama
            | Vendor::Mistral
            | Vendor::Cohere
            | Vendor::Jamba
            | Vendor::DeepSeek => false,
        };
        let prompt = Prompt { reasons, ..prompt };
        Ok(Self { unknown_members, ..Self::new(prompt, json, body.len()) })
    }

    /// What is wrong with the first unknown member, if any is refused.
    pub(crate) fn refused_member(&self, dialect: Dialect) -> Option<BadRequest> {
        let name = self.unknown_members.first()?;
        Some(match dialect {
            Dialect::Chat => BadRequest::new(format!("Unrecognized request argument supplied: {name}")),
            Dialect::Responses => BadRequest::parameter(name, format!("Unknown parameter: '{name}'.")),
            _ => BadRequest::new(format!("{name}: Extra inputs are not permitted")),
        })
    }

    /// A request that is not read, since its answer is recorded.
    pub(crate) fn unread() -> Self {
        Self::new(Prompt::default(), Value::Null, 0)
    }

    fn new(prompt: Prompt, body: Value, body_len: usize) -> Self {
        Self {
            prompt: prompt.of_conversation(&body, body_len),
            is_streamed: body["stream"] == true,
            includes_usage: body["stream_options"]["include_usage"] == true,
            unknown_members: Vec::new(),
            is_chat: ["messages", "message"].iter().any(|name| body.get(*name).is_some()),
            body,
        }
    }
}

/// Checks `model` and `stream`, which the path says already. gpt-oss may repeat them there.
///
/// Source: "OpenAI models" in "Inference request parameters and response fields for foundation models".
fn check_path_members(
    vendor: Vendor,
    model_id: &str,
    is_streamed: Option<bool>,
    body: &Value,
) -> Result<(), BadRequest> {
    if vendor == Vendor::OpenAi {
        let is_of_path = |model: &str| model == model_id || model_id.rsplit('/').next() == Some(model);
        if body["model"].as_str().map_or(!body["model"].is_null(), |model| !is_of_path(model)) {
            return Err(BadRequest::malformed("#/model: the model of the body must be that of the path"));
        }
        if body["stream"].as_bool().is_some_and(|stream| is_streamed.is_some_and(|path| path != stream)) {
            return Err(BadRequest::malformed(
                "#/stream: the stream of the body must be that of the operation",
            ));
        }
        return Ok(());
    }
    let names: &[&str] = if vendor == Vendor::Cohere { &["model"] } else { &["model", "stream"] };
    match names.iter().find(|name| body.get(**name).is_some()) {
        Some(name) => Err(BadRequest::extraneous(name)),
        None => Ok(()),
    }
}
