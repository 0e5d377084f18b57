//! What `Request::lint` finds: for each constraint, a request that violates it and a similar one that does not.

mod config;
mod content;
mod conversation;
mod table;

use bedrock_stream_core::converse::{Constraint, Request};
use serde_json::{Value, json};

/// The violations in a request, as paths and constraints.
fn lint(request: &Value) -> Vec<(String, Constraint)> {
    let request = Request::from_json(&request.to_string()).unwrap();
    request.lint().into_iter().map(|finding| (finding.path, finding.reason)).collect()
}

/// Checks that `good` has no violation, and `bad` exactly this one.
#[track_caller]
fn refused(good: Value, bad: Value, path: &str, reason: Constraint) {
    assert_eq!(lint(&good), [], "{good}");
    assert_eq!(lint(&bad), [(path.to_owned(), reason)], "{bad}");
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn assistant(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn text(role: &str) -> Value {
    json!({"role": role, "content": [{"text": "a"}]})
}

/// One user message with these blocks.
fn blocks(content: Value) -> Value {
    json!({"messages": [user(content)]})
}

fn call(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}})
}

fn result(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": "a"}]}})
}

/// A conversation with a tool.
fn tools(messages: Value) -> Value {
    json!({"messages": messages, "toolConfig": {"tools": [tool("f")]}})
}

fn tool(name: &str) -> Value {
    json!({"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}})
}

/// A call with these members, followed by its result.
fn called(tool_use: Value) -> Value {
    let id = tool_use["toolUseId"].as_str().unwrap().to_owned();
    tools(json!([text("user"), assistant(json!([{"toolUse": tool_use}])), user(json!([result(&id)]))]))
}

/// A call, followed by a result with these members.
fn answered(tool_result: Value) -> Value {
    tools(json!([text("user"), assistant(json!([call("a")])), user(json!([{"toolResult": tool_result}]))]))
}
