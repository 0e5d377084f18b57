//! The messages of a request of any dialect. Each member is read wherever it occurs, whatever the dialect: no two dialects give
//! the same member different meanings.

use serde_json::Value;

use super::tool_result::ToolResult;

/// A message, or an item of Responses.
#[derive(Debug)]
pub(super) struct Said<'b> {
    pub(super) by: Speaker,
    /// Its texts, joined by spaces.
    pub(super) text: String,
    /// The id and the name of each tool call.
    pub(super) calls: Vec<(&'b str, &'b str)>,
    pub(super) results: Vec<ToolResult>,
    /// The whole message.
    pub(super) raw: &'b Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    System,
    User,
    Assistant,
}

/// Everything that a request's body says, in order.
pub(super) fn read(body: &Value) -> Vec<Said<'_>> {
    // `CountTokens` has a request inside.
    if let Some(converse) = body["input"].get("converse") {
        return read(converse);
    }
    let system = ["system", "instructions", "preamble"].into_iter().filter_map(|name| body.get(name));
    let mut said: Vec<Said<'_>> = system.map(|text| content(Speaker::System, text)).collect();
    let messages = body["messages"].as_array().or_else(|| body["chat_history"].as_array());
    said.extend(messages.into_iter().flatten().map(message));
    match &body["input"] {
        Value::Array(items) => said.extend(items.iter().map(item)),
        text @ Value::String(_) => said.push(content(Speaker::User, text)),
        _ => {}
    }
    for result in body["tool_results"].as_array().into_iter().flatten() {
        said.push(Said { results: vec![cohere_result(result)], ..content(Speaker::User, result) });
    }
    // The prompt of a model without messages, and the content of `ApplyGuardrail`; the `prompt` of Responses is an object.
    let prompts = ["prompt", "inputText", "message", "content"].into_iter().filter_map(|name| body.get(name));
    said.extend(prompts.filter(|text| !text.is_object()).flat_map(prompt));
    said
}

/// The prompt of a model without messages: one text, or Claude's turns, each after its marker.
fn prompt(text: &Value) -> Vec<Said<'_>> {
    let whole = content(Speaker::User, text);
    let mut turns = whole.text.split(HUMAN);
    let system = turns.next().unwrap_or_default().to_owned();
    let turns: Vec<&str> = turns.collect();
    if turns.is_empty() {
        return vec![whole];
    }
    let of = |by, said: &str| Said { text: said.trim().to_owned(), ..content(by, text) };
    let mut said = vec![of(Speaker::System, &system)];
    for turn in turns {
        let (user, answer) = turn.split_once(ASSISTANT).unwrap_or((turn, ""));
        said.extend([of(Speaker::User, user), of(Speaker::Assistant, answer)]);
    }
    said
}

fn message(message: &Value) -> Said<'_> {
    let role = message["role"].as_str().unwrap_or_default();
    let mut said = content(speaker(role), message.get("content").unwrap_or(&message["message"]));
    said.raw = message;
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        said.calls.extend(id_and_name(&call["id"], &call["function"]["name"]));
    }
    // The older calls of functions have no id, so their results have the name.
    if matches!(role, "tool" | "function") {
        let id = message["tool_call_id"].as_str().unwrap_or_default();
        let name = message["name"].as_str().filter(|_| role == "function").map(str::to_owned);
        let text = std::mem::take(&mut said.text);
        said.results = vec![ToolResult { id: id.to_owned(), text, name, ..ToolResult::default() }];
    }
    said
}

/// An item of Responses.
fn item(item: &Value) -> Said<'_> {
    let kind = item["type"].as_str().unwrap_or("message");
    if kind == "message" {
        return message(item);
    }
    let id = item["call_id"].as_str().unwrap_or_default();
    if kind.ends_with("_call_output") {
        let result = ToolResult { id: id.to_owned(), text: joined(&item["output"]), ..ToolResult::default() };
        return Said { results: vec![result], text: String::new(), ..content(Speaker::User, item) };
    }
    let calls = id_and_name(&item["call_id"], &item["name"]).into_iter().collect();
    Said { calls, text: String::new(), ..content(Speaker::Assistant, item) }
}

/// Content: a string, or a list of blocks.
fn content(by: Speaker, content: &Value) -> Said<'_> {
    let (mut calls, mut results) = (Vec::new(), Vec::new());
    for block in content.as_array().into_iter().flatten() {
        if let Some(call) = block.get("toolUse") {
            calls.extend(id_and_name(&call["toolUseId"], &call["name"]));
        } else if let Some(result) = block.get("toolResult") {
            results.push(ToolResult {
                id: result["toolUseId"].as_str().unwrap_or_default().to_owned(),
                text: joined(&result["content"]),
                is_error: result["status"] == "error",
                name: None,
            });
        }
        match block["type"].as_str() {
            Some("tool_use") => calls.extend(id_and_name(&block["id"], &block["name"])),
            Some("tool_result") => results.push(ToolResult {
                id: block["tool_use_id"].as_str().unwrap_or_default().to_owned(),
                text: joined(&block["content"]),
                is_error: block["is_error"] == true,
                name: None,
            }),
            _ => {}
        }
    }
    let between = if by == Speaker::System { "\n" } else { " " };
    Said { by, text: joined_by(between, content), calls, results, raw: content }
}

/// A tool result of Command R: the call that it answers, and its outputs.
fn cohere_result(result: &Value) -> ToolResult {
    let name = result["call"]["name"].as_str().map(str::to_owned);
    ToolResult { name, text: result["outputs"].to_string(), ..ToolResult::default() }
}

fn speaker(role: &str) -> Speaker {
    match role {
        "system" | "developer" | "SYSTEM" => Speaker::System,
        "assistant" | "CHATBOT" => Speaker::Assistant,
        _ => Speaker::User,
    }
}

fn id_and_name<'b>(id: &'b Value, name: &'b Value) -> Option<(&'b str, &'b str)> {
    Some((id.as_str()?, name.as_str()?))
}

/// The texts of some content, joined by spaces.
fn joined(content: &Value) -> String {
    joined_by(" ", content)
}

/// The texts of some content: a string, or a list of blocks, in which JSON blocks count as text too.
fn joined_by(between: &str, content: &Value) -> String {
    let text_of = |block: &Value| match (block, block.get("text"), block.get("json")) {
        (Value::String(text), _, _) | (_, Some(Value::String(text)), _) => Some(text.clone()),
        // In `ApplyGuardrail`, `text` is an object with the text in it.
        (_, Some(text), _) => text["text"].as_str().map(str::to_owned),
        (_, None, Some(json)) => Some(json.to_string()),
        _ => None,
    };
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks.iter().filter_map(text_of).collect::<Vec<_>>().join(between),
        _ => String::new(),
    }
}

const HUMAN: &str = "\n\nHuman:";
const ASSISTANT: &str = "\n\nAssistant:";
