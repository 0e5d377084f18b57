//! OpenAI's Chat Completions.
//!
//! Source: "Create chat completion" of OpenAI's API; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use super::openai::{self, Expected, Types};
use crate::answer::{Prompt, Tool};

pub(super) fn prompt(body: &Value) -> Result<Prompt, BadRequest> {
    prompt_with(body, &openai::TOOL_CHOICES)
}

/// The same of an invoked Mistral, which can also be made to call `any` tool.
pub(super) fn mistral_prompt(body: &Value) -> Result<Prompt, BadRequest> {
    let [none, auto, required] = openai::TOOL_CHOICES;
    prompt_with(body, &[none, auto, required, "any"])
}

/// `choices`: the words that `tool_choice` may be.
fn prompt_with(body: &Value, choices: &[&str]) -> Result<Prompt, BadRequest> {
    let messages = body.get("messages").ok_or_else(|| BadRequest::missing_parameter("messages"))?;
    let messages = messages
        .as_array()
        .ok_or_else(|| BadRequest::wrong_type("messages", "an array of objects", messages))?;
    if messages.is_empty() {
        return Err(openai::empty("messages"));
    }
    check_messages(messages)?;
    check_tools(body)?;
    let choice = &body["tool_choice"];
    openai::check_tool_choice(choice, choices)?;
    let max_tokens = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body[*name].as_u64());
    Ok(Prompt {
        tool: tool(body).filter(|_| choice != "none"),
        must_call: choice == "required" || choice == "any" || choice.is_object(),
        output_schema: body["response_format"]["json_schema"].get("schema").cloned(),
        max_tokens,
        ..Prompt::default()
    })
}

fn check_messages(messages: &[Value]) -> Result<(), BadRequest> {
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        if !message.is_object() {
            return Err(BadRequest::wrong_type(&format!("messages[{at}]"), "an object", message));
        }
        let role = openai::text(message, &format!("messages[{at}]"), "role")?;
        if !ROLES.contains(&role) {
            let param = format!("messages[{at}].role");
            let message = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
            );
            return Err(BadRequest::parameter(param, message));
        }
        let content = &message["content"];
        let may_be_absent = matches!(role, "assistant" | "function");
        if !may_be_absent || !content.is_null() {
            openai::check_content(content, &format!("messages[{at}].content"), PARTS)?;
        }
        if role == "function" {
            openai::text(message, &format!("messages[{at}]"), "name")?;
        }
        if role == "tool" {
            let id = openai::text(message, &format!("messages[{at}]"), "tool_call_id")?;
            let Some(answered) = open.iter().position(|open| *open == id) else {
                let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                               with 'tool_calls'.";
                return Err(BadRequest::parameter(format!("messages.[{at}].role"), message));
            };
            open.swap_remove(answered);
            continue;
        }
        unanswered(&open, at)?;
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        open = calls.filter_map(|call| call["id"].as_str()).collect();
    }
    unanswered(&open, messages.len())
}

fn unanswered(open: &[&str], at: usize) -> Result<(), BadRequest> {
    if open.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The \
         following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(BadRequest::parameter(format!("messages.[{at}].role"), message))
}

fn check_tools(body: &Value) -> Result<(), BadRequest> {
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        if openai::text(tool, &format!("tools[{at}]"), "type")? == "function" {
            openai::text(&tool["function"], &format!("tools[{at}].function"), "name")?;
        }
    }
    Ok(())
}

fn tool(body: &Value) -> Option<Tool> {
    let functions = || body["tools"].as_array().into_iter().flatten().filter_map(|tool| tool.get("function"));
    let chosen = &body["tool_choice"]["function"]["name"];
    let function = functions().find(|function| function["name"] == *chosen).or_else(|| functions().next())?;
    Some(Tool { name: function["name"].as_str()?.to_owned(), schema: function["parameters"].clone() })
}

/// Bedrock answers with one choice.
pub(super) fn check_choices(body: &Value) -> Result<(), BadRequest> {
    match body["n"].as_f64() {
        Some(choices) if choices > 1.0 => {
            let message = format!(
                "Invalid 'n': integer above maximum value. Expected a value <= 1, but got {} instead.",
                body["n"]
            );
            Err(BadRequest::parameter("n", message))
        }
        _ => Ok(()),
    }
}

/// The last ones are not OpenAI's: some models take them.
const PARTS: Types = &[
    ("text", &[("text", Expected::Text)]),
    ("image_url", &[("image_url", Expected::Object)]),
    ("input_audio", &[("input_audio", Expected::Object)]),
    ("refusal", &[("refusal", Expected::Text)]),
    ("audio", &[]),
    ("file", &[("file", Expected::Object)]),
    ("video_url", &[("video_url", Expected::Object)]),
    ("thinking", &[]),
];
/// `function` is older than `tool`.
const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];
