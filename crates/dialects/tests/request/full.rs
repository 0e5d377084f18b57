//! A request with all that there is.

use bedrock_stream_dialects::Dialect;
use serde_json::{Value, json};

/// A request of which nothing is refused.
pub(crate) fn full(dialect: Dialect) -> Value {
    match dialect {
        Dialect::Chat => chat(),
        Dialect::Responses => responses(),
        _ => messages(),
    }
}

fn messages() -> Value {
    json!({
        "model": CLAUDE, "max_tokens": 2000, "stream": true, "temperature": 0.5, "top_p": 0.9, "top_k": 4,
        "stop_sequences": ["END"], "service_tier": "auto", "metadata": {"user_id": "u"},
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "tools": [{"name": "f", "description": "d", "strict": true, "input_schema": {"type": "object"},
                   "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                {"type": "document", "title": "t", "context": "c", "citations": {"enabled": true},
                 "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
                {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "p"}]}},
                {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "p"}]}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "AAEC"},
                {"type": "text", "text": "b", "citations": [
                    {"type": "char_location", "cited_text": "x", "document_index": 0, "document_title": "t",
                     "start_char_index": 0, "end_char_index": 1}]},
                {"type": "tool_use", "id": "c1", "name": "f", "input": {"n": 1}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "c1", "is_error": false,
                 "content": [{"type": "text", "text": "r"}]}]},
        ],
    })
}

fn chat() -> Value {
    json!({
        "model": CLAUDE, "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.5, "top_p": 0.9,
        "max_completion_tokens": 2000, "stop": ["END"], "reasoning_effort": "low", "service_tier": "flex",
        "parallel_tool_calls": false, "user": "u", "verbosity": "medium",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
        "tools": [
            {"type": "function", "function": {"name": "f", "description": "d", "strict": true, "parameters": {"type": "object"}}},
            {"type": "custom", "custom": {"name": "g", "format": {"type": "text"}}}],
        "tool_choice": "auto",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "s"}]},
            {"role": "user", "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG}"), "detail": "low"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
                {"type": "input_audio", "input_audio": {"format": "mp3", "data": "AAEC"}}]},
            {"role": "assistant", "content": "b", "reasoning_content": "hm",
             "reasoning_details": [
                {"index": 0, "type": "reasoning.text", "text": "hm", "signature": "c2ln"},
                {"index": 1, "type": "reasoning.encrypted", "data": "AAEC"}],
             "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "t"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "r"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "r"}]},
        ],
    })
}

fn responses() -> Value {
    json!({
        "model": CLAUDE, "stream": true, "stream_options": {}, "temperature": 0.5, "top_p": 0.9, "max_output_tokens": 2000,
        "instructions": "s", "reasoning": {"effort": "low", "summary": "auto"}, "service_tier": "flex",
        "parallel_tool_calls": false, "store": false, "truncation": "disabled", "include": ["reasoning.encrypted_content"],
        "text": {"verbosity": "medium", "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        "tools": [
            {"type": "function", "name": "f", "description": "d", "strict": true, "parameters": {"type": "object"}},
            {"type": "custom", "name": "g", "format": {"type": "text"}},
            {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "h", "parameters": {"type": "object"}}]}],
        "tool_choice": "auto",
        "input": [
            {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "detail": "low", "image_url": format!("data:image/png;base64,{PNG}")},
                {"type": "input_file", "filename": "a.pdf", "file_data": PDF}]},
            {"type": "reasoning", "id": "rs_1", "summary": [],
             "encrypted_content": "eyJiZWRyb2NrX3N0cmVhbSI6MSwidGV4dCI6ImhtIiwic2lnbmF0dXJlIjoiYzJsbiJ9"},
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "b", "annotations": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}", "status": "completed"},
            {"type": "custom_tool_call", "call_id": "c2", "name": "g", "input": "t"},
            {"type": "function_call_output", "call_id": "c1", "output": "r"},
            {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "r"}]},
        ],
    })
}

/// The pointers to every value in one.
pub(crate) fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                open.extend(members.iter().map(|(name, value)| (format!("{pointer}/{name}"), value)));
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(at, value)| (format!("{pointer}/{at}"), value)));
            }
            _ => {}
        }
        if !pointer.is_empty() {
            found.push(pointer);
        }
    }
    found
}

pub(crate) const CLAUDE: &str = "us.anthropic.claude-sonnet-4-6";

/// A red dot.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
pub(crate) const PDF: &str = "JVBERi0xLjQK";
