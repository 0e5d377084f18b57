//! OpenAI's Responses.
//!
//! Source: "Create a model response" of OpenAI's API; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use crate::answer::{Prompt, Tool};

pub(super) fn prompt(body: &Value) -> Result<Prompt, BadRequest> {
    let input = body.get("input").ok_or_else(|| BadRequest::missing_parameter("input"))?;
    match input {
        Value::String(_) => {}
        // A request that continues a response or a conversation does not contain what came before.
        Value::Array(_)
            if ["previous_response_id", "conversation"].iter().any(|name| body[*name].is_string()) => {}
        Value::Array(items) => check_items(items)?,
        _ => return Err(BadRequest::wrong_type("input", "one of a string or array of items", input)),
    }
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        let missing = ["type", "name"]
            .into_iter()
            .find(|name| !tool[*name].is_string() && (*name == "type" || tool["type"] == "function"));
        if let Some(name) = missing {
            return Err(BadRequest::missing_parameter(&format!("tools[{at}].{name}")));
        }
    }
    let choice = &body["tool_choice"];
    Ok(Prompt {
        tool: tool(body).filter(|_| choice != "none"),
        must_call: choice == "required" || choice.is_object(),
        output_schema: body["text"]["format"].get("schema").cloned(),
        max_tokens: body["max_output_tokens"].as_u64(),
        ..Prompt::default()
    })
}

fn is_output(item: &Value) -> bool {
    item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"))
}

fn check_items(items: &[Value]) -> Result<(), BadRequest> {
    let mut calls: Vec<&str> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let kind = item["type"].as_str().unwrap_or("message");
        if kind == "message" && !item["role"].is_string() {
            return Err(BadRequest::missing_parameter(&format!("input[{at}].role")));
        }
        let Some(id) = item["call_id"].as_str() else { continue };
        if !is_output(item) {
            calls.push(id);
        } else if !calls.contains(&id) {
            let message = format!("No tool call found for function call output with call_id {id}.");
            return Err(BadRequest::parameter("input", message));
        }
    }
    let unanswered =
        calls.iter().find(|id| !items.iter().any(|item| is_output(item) && item["call_id"] == **id));
    match unanswered {
        Some(id) => {
            Err(BadRequest::parameter("input", format!("No tool output found for function call {id}.")))
        }
        None => Ok(()),
    }
}

fn tool(body: &Value) -> Option<Tool> {
    let tools = || body["tools"].as_array().into_iter().flatten().filter(|tool| tool["type"] == "function");
    let chosen =
        tools().find(|tool| tool["name"] == body["tool_choice"]["name"]).or_else(|| tools().next())?;
    Some(Tool { name: chosen["name"].as_str()?.to_owned(), schema: chosen["parameters"].clone() })
}
