//! Requests of other dialects to Converse: [`messages`], [`chat`] and [`responses`] read the JSON that a client of these APIs sends, and
//! give a [`converse::Request`](bedrock_stream_core::converse::Request).
//!
//! Nothing is dropped in silence: what Bedrock does not get is listed in [`ConvertedRequest::left_out`], and what would change the answer
//! and cannot be carried is a [`RequestError`] that names the member, in the dialect's own shape. Not listed are members that ask for
//! what happens anyway, such as `n: 1` or `store: false`, and the parts of an earlier answer that say nothing to a model when they
//! are sent back: in Responses the ids, statuses and phases of items, summaries and reasoning beside `encrypted_content`, log probabilities.
//!
//! - Reasoning goes back to the model as it came, with its signature: in Messages as `thinking` and `redacted_thinking`, in Chat
//!   Completions in `reasoning_details` (also LiteLLM's `thinking_blocks`), in Responses in `encrypted_content`.
//! - Instructions in the middle of a conversation go to the system prompt, since Converse has no other place; their role is listed.
//! - Tools that Bedrock would refuse the names of get legal ones; [`ToolCallRestorer`] turns them back in the answer. Custom
//!   tools become functions with one string, and namespaces are flattened.
//! - How hard to think is said in the words of the model's family, which [`ModelFamily::of`] tells by its id. A model that takes a budget
//!   must be told how long its answer may be, too: if the client sets a limit, at most half of it is for thinking (but no budget is under 1,024
//!   tokens); if not, the limit is the budget and 4,096 tokens.
//! - Everything that [`Request::lint`](bedrock_stream_core::converse::Request::lint) knows Bedrock to refuse is refused here, and
//!   named as the client wrote it.
//!
//! ```
//! use bedrock_stream_dialects::request::{self, Options};
//!
//! let body = br#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[
//!     {"type":"image","source":{"type":"url","url":"https://example.com/cat.png"}}]}]}"#;
//! let error = request::messages(body, &Options::new()).unwrap_err();
//! assert_eq!(error.field.as_deref(), Some("messages.0.content.0.source"));
//! assert_eq!(error.http_status(), 400);
//! ```

mod additional_fields;
mod anthropic_beta;
mod arguments;
mod asked_reasoning;
mod betas;
mod cache;
mod chat;
mod chosen_tools;
mod conversation;
mod converted_request;
mod document;
mod draft;
mod error;
mod field;
mod finish;
mod left_out;
mod media;
mod messages;
mod model_family;
mod openai;
mod openai_tool;
mod options;
mod origins;
mod output_format;
mod path;
mod reasoning;
mod reasoning_style;
mod responses;
mod settings;
mod tool_call_restorer;
mod tool_names;
mod tools;

use alloc::string::{String, ToString};

use serde_json::value::RawValue;

pub use converted_request::{AnswerOptions, ConvertedRequest};
pub use error::{RequestError, RequestErrorReason};
pub use left_out::{LeftOutField, LeftOutFields, LeftOutReason};
pub use model_family::ModelFamily;
pub use options::Options;
pub use reasoning_style::{ReasoningStyle, ThinkingBudgets};
pub use tool_call_restorer::ToolCallRestorer;
pub use tool_names::{ClientTool, ToolNames};

use self::error::Problem;
use self::field::{Field, Object};
use self::path::Path;
use crate::Dialect;

/// Reads a request of Anthropic's Messages (`POST /v1/messages`).
///
/// A model of no known family is treated as Anthropic's.
///
/// # Errors
///
/// [`RequestError`]: it is not such a request, or Bedrock has no equivalent of a part of it.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{
///     "model": "claude",
///     "max_tokens": 100,
///     "system": "Be brief.",
///     "messages": [{"role": "user", "content": "How many moons has Mars?"}]
/// }"#;
/// let options = Options::new().model_id("us.anthropic.claude-haiku-4-5-20251001-v1:0");
/// let converted = request::messages(body, &options)?;
/// assert_eq!((&*converted.model, converted.stream), ("claude", false));
/// assert_eq!(converted.request.to_json()?, concat!(
///     r#"{"messages":[{"role":"user","content":[{"text":"How many moons has Mars?"}]}],"#,
///     r#""system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":100}}"#,
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn messages(body: &[u8], options: &Options) -> Result<ConvertedRequest, RequestError> {
    read(Dialect::Messages, body, |body| messages::read(body, options))
}

/// Reads a request of OpenAI's Chat Completions (`POST /v1/chat/completions`).
///
/// # Errors
///
/// [`RequestError`]: it is not such a request, or Bedrock has no equivalent of a part of it.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{
///     "model": "nova",
///     "stream": true,
///     "messages": [
///         {"role": "developer", "content": "Be brief."},
///         {"role": "user", "content": "How many moons has Mars?"}
///     ]
/// }"#;
/// let converted = request::chat(body, &Options::new().model_id("us.amazon.nova-lite-v1:0"))?;
/// assert!(converted.stream);
/// assert_eq!(converted.request.to_json()?, concat!(
///     r#"{"messages":[{"role":"user","content":[{"text":"How many moons has Mars?"}]}],"#,
///     r#""system":[{"text":"Be brief."}]}"#,
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn chat(body: &[u8], options: &Options) -> Result<ConvertedRequest, RequestError> {
    read(Dialect::Chat, body, |body| chat::read(body, options))
}

/// Reads a request of OpenAI's Responses (`POST /v1/responses`). Nothing is stored, so the input must hold all of the conversation.
///
/// # Errors
///
/// [`RequestError`]: it is not such a request, or Bedrock has no equivalent of a part of it.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{"model":"gpt-oss","instructions":"Be brief.","input":"How many moons has Mars?"}"#;
/// let converted = request::responses(body, &Options::new().model_id("openai.gpt-oss-20b-1:0"))?;
/// assert_eq!(converted.request.to_json()?, concat!(
///     r#"{"messages":[{"role":"user","content":[{"text":"How many moons has Mars?"}]}],"#,
///     r#""system":[{"text":"Be brief."}]}"#,
/// ));
/// // There is no memory to continue from, so this is refused.
/// let body = br#"{"model":"gpt-oss","previous_response_id":"resp_1","input":"And Venus?"}"#;
/// let error = request::responses(body, &Options::new()).unwrap_err();
/// assert_eq!(error.field.as_deref(), Some("previous_response_id"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn responses(body: &[u8], options: &Options) -> Result<ConvertedRequest, RequestError> {
    read(Dialect::Responses, body, |body| responses::read(body, options))
}

/// Reads a request to count the tokens of a conversation (`POST /v1/messages/count_tokens`).
///
/// # Errors
///
/// As for [`messages`].
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// // Without `max_tokens`, which `messages` demands.
/// let body = br#"{"model":"claude","messages":[{"role":"user","content":"How many moons has Mars?"}]}"#;
/// let converted = request::count_tokens(body, &Options::new())?;
/// assert!(converted.request.inference_config.is_none());
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
pub fn count_tokens(body: &[u8], options: &Options) -> Result<ConvertedRequest, RequestError> {
    read(Dialect::Messages, body, |body| messages::read_to_count(body, options))
}

/// The model that a request names, by which [`Options::model_id`] can be chosen.
///
/// # Errors
///
/// [`RequestError`]: the body is not a JSON object, or names no model.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
/// use bedrock_stream_dialects::Dialect;
///
/// let body = br#"{"model":"fast","messages":[{"role":"user","content":"Hello"}]}"#;
/// let model_id = match &*request::model(Dialect::Chat, body)? {
///     "fast" => "us.amazon.nova-lite-v1:0".to_owned(),
///     other => other.to_owned(),
/// };
/// let converted = request::chat(body, &Options::new().model_id(model_id))?;
/// # let _ = converted;
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
pub fn model(dialect: Dialect, body: &[u8]) -> Result<String, RequestError> {
    read(dialect, body, |mut body| settings::model(&mut body))
}

fn read<T>(
    dialect: Dialect,
    body: &[u8],
    read: impl FnOnce(Object<'_>) -> Result<T, Problem>,
) -> Result<T, RequestError> {
    let path = Path::body(dialect);
    let not_json =
        |message: String| Problem::new(path.clone(), RequestErrorReason::NotJson { message }).told(dialect);
    let text = core::str::from_utf8(body).map_err(|error| not_json(error.to_string()))?;
    let json: &RawValue = serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
    let field = Field { json, path: path.clone() };
    field.object().and_then(read).map_err(|problem| problem.told(dialect))
}
