//! Anthropic's Messages.
//!
//! Source: "Create a Message" of Anthropic's API; its refusals, as users report them.

use http::HeaderMap;
use serde_json::Value;

use super::bad_request::BadRequest;
use super::message_blocks::{self, required_text};
use super::thinking;
use crate::answer::{Prompt, Tool};
use crate::excerpt::excerpt;

/// Checks the API's version header, which older clients replace by a member of the body.
pub(super) fn check_version(body: &Value, headers: &HeaderMap) -> Result<(), BadRequest> {
    if !headers.contains_key("anthropic-version") && body.get("anthropic_version").is_none() {
        return Err(BadRequest::new("anthropic-version: header is required"));
    }
    Ok(())
}

/// Checks the version member of the body, which is required by InvokeModel. The documentation has one value for it;
/// Anthropic's own SDK sends the date of the API's version instead (`anthropic` 2.13.0), so a date is accepted too.
pub(super) fn check_body_version(body: &Value) -> Result<(), BadRequest> {
    let version = body.get("anthropic_version").ok_or_else(|| BadRequest::required("anthropic_version"))?;
    match version.as_str() {
        Some(version) if version == BEDROCK_VERSION || is_date(version) => Ok(()),
        version => {
            let version = excerpt(version.unwrap_or_default(), MAX_VERSION_CHARS);
            Err(BadRequest::new(format!("Invalid API version: {version}")))
        }
    }
}

/// Whether a text is `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    text.len() == DATE.len()
        && text.bytes().zip(DATE.bytes()).all(|(byte, like)| match like {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// `headers`: those of the request, which may have a beta.
pub(super) fn prompt(body: &Value, headers: &HeaderMap) -> Result<Prompt, BadRequest> {
    let max_tokens = match &body["max_tokens"] {
        Value::Null => return Err(BadRequest::required("max_tokens")),
        // `99.0` is a whole number.
        number => number.as_f64().filter(|number| number.fract() == 0.0),
    };
    let max_tokens = max_tokens.ok_or_else(|| BadRequest::not_a("max_tokens", "integer"))?;
    if max_tokens < 1.0 {
        return Err(BadRequest::new("max_tokens: Input should be greater than or equal to 1"));
    }
    let max_tokens = max_tokens as u64;
    thinking::check(body, max_tokens, has_beta(body, headers, INTERLEAVED))?;
    conversation(body).map(|prompt| Prompt { max_tokens: Some(max_tokens), ..prompt })
}

/// Reads everything except `max_tokens`, which a request to count tokens does not have.
pub(super) fn conversation(body: &Value) -> Result<Prompt, BadRequest> {
    let messages = match &body["messages"] {
        Value::Null => return Err(BadRequest::required("messages")),
        messages => messages.as_array().ok_or_else(|| BadRequest::not_a("messages", "list"))?,
    };
    message_blocks::check_system(&body["system"])?;
    if messages.is_empty() {
        return Err(BadRequest::new("messages: at least one message is required"));
    }
    let mut calls = Calls::default();
    let mut previous = &Value::Null;
    for (at, message) in messages.iter().enumerate() {
        let role = &message["role"];
        if at > 0 && role == "system" && previous != "user" {
            let reason = "A 'system' message must follow a 'user' message";
            return Err(BadRequest::new(format!("messages.{at}.role: {reason}")));
        }
        previous = role;
        let content = check_message(at, message)?;
        // Adjacent messages of the user are one turn.
        let goes_on = role == "user" && messages.get(at + 1).is_some_and(|next| next["role"] == "user");
        calls.answer(at, content, goes_on)?;
        if !goes_on {
            calls = Calls::of(at, content);
        }
    }
    // Nothing follows the last message, so its calls have no results.
    calls.answer(messages.len(), &Value::Null, false)?;
    check_tools(body)?;
    if !body["tool_choice"].is_null() {
        message_blocks::check_tag(&body["tool_choice"], "tool_choice", &TOOL_CHOICES)?;
    }
    let choice = &body["tool_choice"]["type"];
    Ok(Prompt {
        tool: tool(body).filter(|_| choice != "none"),
        must_call: choice == "any" || choice == "tool",
        output_schema: body["output_config"]["format"].get("schema").cloned(),
        ..Prompt::default()
    })
}

/// Checks a message by itself. Returns its content.
fn check_message(at: usize, message: &Value) -> Result<&Value, BadRequest> {
    let is_known = match message["role"].as_str() {
        Some("user" | "assistant") => true,
        // In the middle only: what a conversation begins with is in `system`.
        Some("system") => at > 0,
        _ => false,
    };
    if !is_known {
        return Err(BadRequest::new(format!("messages.{at}.role: Input should be 'user' or 'assistant'")));
    }
    let content =
        message.get("content").ok_or_else(|| BadRequest::required(&format!("messages.{at}.content")))?;
    message_blocks::check_content(content, &format!("messages.{at}.content"))?;
    if content.as_str() == Some("") || content.as_array().is_some_and(Vec::is_empty) {
        return Err(BadRequest::new(format!("messages.{at}: all messages must have non-empty content")));
    }
    for (block, of) in content.as_array().into_iter().flatten().enumerate() {
        if of["type"] == "text" && of["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
            let reason = "text content blocks must contain non-whitespace text";
            return Err(BadRequest::new(format!("messages.{at}.content.{block}: {reason}")));
        }
    }
    Ok(content)
}

/// The tools that a message has called.
#[derive(Debug, Default)]
struct Calls<'b> {
    /// The message.
    at: usize,
    ids: Vec<&'b str>,
    answered: Vec<&'b str>,
}

impl<'b> Calls<'b> {
    fn of(at: usize, content: &'b Value) -> Self {
        let ids = blocks(content, "tool_use").filter_map(|call| call["id"].as_str()).collect();
        Self { at, ids, answered: Vec::new() }
    }

    /// Checks that the results in the message `at` are those of these calls, and none is missing unless the turn `goes_on`.
    fn answer(&mut self, at: usize, content: &'b Value, goes_on: bool) -> Result<(), BadRequest> {
        for id in blocks(content, "tool_result").filter_map(|result| result["tool_use_id"].as_str()) {
            if !self.ids.contains(&id) {
                return Err(BadRequest::new(format!(
                    "messages.{at}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` \
                     block must have a corresponding `tool_use` block in the previous message."
                )));
            }
            self.answered.push(id);
        }
        let unanswered: Vec<&str> =
            self.ids.iter().copied().filter(|id| !goes_on && !self.answered.contains(id)).collect();
        if unanswered.is_empty() {
            return Ok(());
        }
        Err(BadRequest::new(format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` \
             block must have a corresponding `tool_result` block in the next message.",
            self.at,
            unanswered.join(", ")
        )))
    }
}

fn blocks<'b>(content: &'b Value, kind: &'static str) -> impl Iterator<Item = &'b Value> {
    content.as_array().into_iter().flatten().filter(move |block| block["type"] == kind)
}

fn check_tools(body: &Value) -> Result<(), BadRequest> {
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        // Tools that the service runs have a type but no schema.
        let is_custom = tool.get("type").is_none_or(|kind| kind == "custom" || kind.is_null());
        let at = format!("tools.{at}");
        if !tool.is_object() {
            return Err(BadRequest::not_a(&at, "dictionary"));
        }
        // The servers of MCP have a name of their own.
        if is_custom || tool["mcp_server_name"].is_null() {
            required_text(tool, &at, "name")?;
        }
        match &tool["input_schema"] {
            Value::Null if is_custom => return Err(BadRequest::required(&format!("{at}.input_schema"))),
            Value::Null | Value::Object(_) => {}
            _ => return Err(BadRequest::not_a(&format!("{at}.input_schema"), "dictionary")),
        }
    }
    Ok(())
}

fn tool(body: &Value) -> Option<Tool> {
    let tools =
        || body["tools"].as_array().into_iter().flatten().filter(|tool| tool.get("input_schema").is_some());
    let chosen =
        tools().find(|tool| tool["name"] == body["tool_choice"]["name"]).or_else(|| tools().next())?;
    Some(Tool { name: chosen["name"].as_str()?.to_owned(), schema: chosen["input_schema"].clone() })
}

/// Whether a beta is asked for, in the header or in the body.
fn has_beta(body: &Value, headers: &HeaderMap, name: &str) -> bool {
    let headers = headers.get_all("anthropic-beta").into_iter().filter_map(|value| value.to_str().ok());
    let listed = body["anthropic_beta"].as_array().into_iter().flatten().filter_map(Value::as_str);
    headers.chain(listed).any(|betas| betas.contains(name))
}

const INTERLEAVED: &str = "interleaved-thinking";
const TOOL_CHOICES: [&str; 4] = ["any", "auto", "none", "tool"];
const BEDROCK_VERSION: &str = "bedrock-2023-05-31";
const DATE: &str = "YYYY-MM-DD";
const MAX_VERSION_CHARS: usize = 100;
