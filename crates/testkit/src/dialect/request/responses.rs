//! OpenAI's Responses.
//!
//! Source: "Create a model response" of OpenAI's API; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use super::openai::{self, Expected, Types};
use crate::answer::{Prompt, Tool};

pub(super) fn prompt(body: &Value) -> Result<Prompt, BadRequest> {
    match &body["input"] {
        Value::Null if GOES_ON.iter().chain(&["prompt"]).any(|name| !body[*name].is_null()) => {}
        Value::Null => return Err(BadRequest::missing_parameter("input")),
        Value::String(_) => {}
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                check_item(&format!("input[{at}]"), item)?;
            }
            // What came before is not in a request that goes on from a response, or in a conversation.
            if GOES_ON.iter().all(|name| body[*name].is_null()) {
                if items.is_empty() {
                    return Err(openai::empty("input"));
                }
                check_calls(items)?;
            }
        }
        input => return Err(BadRequest::wrong_type("input", "one of a string or array of items", input)),
    }
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        let at = format!("tools[{at}]");
        if openai::text(tool, &at, "type")? == "function" {
            openai::text(tool, &at, "name")?;
        }
    }
    let choice = &body["tool_choice"];
    openai::check_tool_choice(choice, &openai::TOOL_CHOICES)?;
    Ok(Prompt {
        tool: tool(body).filter(|_| choice != "none"),
        must_call: choice == "required" || choice.is_object(),
        output_schema: body["text"]["format"].get("schema").cloned(),
        max_tokens: body["max_output_tokens"].as_u64(),
        ..Prompt::default()
    })
}

/// The `call_id` of an item of one of these types.
fn call_id<'b>(item: &'b Value, types: [&str; 2]) -> Option<&'b str> {
    item["type"].as_str().filter(|kind| types.contains(kind))?;
    item["call_id"].as_str()
}

/// The type of an item. That of a message may be left out, and so may that of a reference.
fn item_type(item: &Value) -> &str {
    let is_reference = item["role"].is_null() && item["content"].is_null() && item["id"].is_string();
    item["type"].as_str().unwrap_or(if is_reference { "item_reference" } else { "message" })
}

/// Checks an item by itself.
fn check_item(at: &str, item: &Value) -> Result<(), BadRequest> {
    let default = if item_type(item) == "item_reference" { "item_reference" } else { "message" };
    openai::check_typed(item, at, ITEMS, Some(default))?;
    if item_type(item) == "message" {
        let role = openai::text(item, at, "role")?;
        if !ROLES.contains(&role) {
            return Err(openai::unknown_value(&format!("{at}.role"), role, &ROLES));
        }
        openai::check_content(&item["content"], &format!("{at}.content"), PARTS)?;
    }
    Ok(())
}

/// Checks that each output answers a call, and that each call has an output. Only of the client's own tools: the service's may run
/// without the client, and some pair their items in other ways.
fn check_calls(items: &[Value]) -> Result<(), BadRequest> {
    // A reference may stand for any item, and a compaction for many.
    if items.iter().any(|item| matches!(item_type(item), "item_reference" | "compaction")) {
        return Ok(());
    }
    let mut calls: Vec<&str> = Vec::new();
    for item in items {
        calls.extend(call_id(item, CALLS));
        if let Some(id) = call_id(item, OUTPUTS).filter(|id| !calls.contains(id)) {
            let message = format!("No tool call found for function call output with call_id {id}.");
            return Err(BadRequest::parameter("input", message));
        }
    }
    let is_answered = |id: &&str| items.iter().any(|item| call_id(item, OUTPUTS) == Some(*id));
    match calls.iter().find(|id| !is_answered(id)) {
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

/// The members of a request that goes on from earlier ones.
const GOES_ON: [&str; 2] = ["previous_response_id", "conversation"];
const ROLES: [&str; 4] = ["assistant", "system", "developer", "user"];
const CALLS: [&str; 2] = ["function_call", "custom_tool_call"];
const OUTPUTS: [&str; 2] = ["function_call_output", "custom_tool_call_output"];
const ITEMS: Types = &[
    ("message", &[("role", Expected::Text), ("content", Expected::Content)]),
    (
        "function_call",
        &[("call_id", Expected::Text), ("name", Expected::Text), ("arguments", Expected::Text)],
    ),
    ("function_call_output", &[("call_id", Expected::Text), ("output", Expected::Content)]),
    ("custom_tool_call", &[("call_id", Expected::Text), ("name", Expected::Text), ("input", Expected::Text)]),
    ("custom_tool_call_output", &[("call_id", Expected::Text), ("output", Expected::Content)]),
    ("reasoning", &[]),
    ("item_reference", &[("id", Expected::Text)]),
    ("additional_tools", &[]),
    ("apply_patch_call", &[("call_id", Expected::Text)]),
    ("apply_patch_call_output", &[("call_id", Expected::Text)]),
    ("code_interpreter_call", &[]),
    ("compaction", &[]),
    ("compaction_trigger", &[]),
    ("configuration_update", &[]),
    ("computer_call", &[("call_id", Expected::Text)]),
    ("computer_call_output", &[("call_id", Expected::Text)]),
    ("file_search_call", &[]),
    ("image_generation_call", &[]),
    ("local_shell_call", &[]),
    ("local_shell_call_output", &[]),
    ("mcp_approval_request", &[]),
    ("mcp_approval_response", &[]),
    ("mcp_call", &[]),
    ("mcp_list_tools", &[]),
    ("program", &[]),
    ("program_output", &[]),
    ("shell_call", &[("call_id", Expected::Text)]),
    ("shell_call_output", &[("call_id", Expected::Text)]),
    ("tool_search_call", &[]),
    ("tool_search_output", &[]),
    ("web_search_call", &[]),
];
const PARTS: Types = &[
    ("input_text", &[("text", Expected::Text)]),
    ("input_image", &[]),
    ("input_audio", &[]),
    ("output_text", &[("text", Expected::Text)]),
    ("refusal", &[("refusal", Expected::Text)]),
    ("input_file", &[]),
    ("computer_screenshot", &[]),
    ("summary_text", &[("text", Expected::Text)]),
    ("reasoning_text", &[("text", Expected::Text)]),
    ("encrypted_content", &[]),
];
