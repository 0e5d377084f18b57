//! OpenAI's Chat Completions.
//!
//! Source: "Create chat completion" of OpenAI's API; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use crate::answer::{Prompt, Tool};

pub(super) fn prompt(body: &Value) -> Result<Prompt, BadRequest> {
    let messages = body.get("messages").ok_or_else(|| BadRequest::missing_parameter("messages"))?;
    let messages = messages
        .as_array()
        .ok_or_else(|| BadRequest::wrong_type("messages", "an array of objects", messages))?;
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty \
                       array instead.";
        return Err(BadRequest::parameter("messages", message));
    }
    check_messages(messages)?;
    check_tools(body)?;
    let choice = &body["tool_choice"];
    let max_tokens = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body[*name].as_u64());
    Ok(Prompt {
        tool: tool(body).filter(|_| choice != "none"),
        must_call: choice == "required" || choice.is_object(),
        output_schema: body["response_format"]["json_schema"].get("schema").cloned(),
        max_tokens,
        ..Prompt::default()
    })
}

fn check_messages(messages: &[Value]) -> Result<(), BadRequest> {
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !ROLES.contains(&role) {
            let param = format!("messages[{at}].role");
            let message = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'tool', and 'developer'."
            );
            return Err(BadRequest::parameter(param, message));
        }
        let content = &message["content"];
        let may_be_absent = role == "assistant" && (content.is_null() || message.get("tool_calls").is_some());
        if !content.is_string() && !content.is_array() && !may_be_absent {
            let param = format!("messages[{at}].content");
            return Err(BadRequest::wrong_type(&param, "one of a string or array of objects", content));
        }
        if role == "tool" {
            let id = message["tool_call_id"]
                .as_str()
                .ok_or_else(|| BadRequest::missing_parameter(&format!("messages[{at}].tool_call_id")))?;
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
        if tool["type"].is_null() {
            return Err(BadRequest::missing_parameter(&format!("tools[{at}].type")));
        }
        if tool["type"] == "function" && !tool["function"]["name"].is_string() {
            return Err(BadRequest::missing_parameter(&format!("tools[{at}].function.name")));
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

const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];
