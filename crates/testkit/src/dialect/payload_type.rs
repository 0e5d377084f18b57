use serde_json::Value;

use crate::fault::EventType;

/// The event type by which faults select a payload of any dialect; none if they cannot select it.
pub(crate) fn payload_type(payload: &Value) -> Option<EventType> {
    // The payloads of Text Completions all have the type `completion`, which does not tell one from another.
    if let Some(name) = payload["type"].as_str().filter(|name| *name != "completion") {
        return typed(name, payload);
    }
    if let Some(choices) = payload.get("choices").and_then(Value::as_array) {
        return match choices.first() {
            Some(choice) => choice_type(choice),
            None => (!payload["usage"].is_null()).then_some(EventType::Metadata),
        };
    }
    nova(payload).or_else(|| simple(payload))
}

/// Messages and Responses. Their usage comes with the stop reason, so neither has `metadata`.
fn typed(name: &str, payload: &Value) -> Option<EventType> {
    Some(match name {
        "message_start" | "response.created" => EventType::MessageStart,
        "content_block_start" if payload["content_block"]["type"] == "tool_use" => EventType::BlockStart,
        "response.output_item.added" if payload["item"]["type"] == "function_call" => EventType::BlockStart,
        "content_block_delta" => EventType::Delta,
        "content_block_stop" | "response.output_item.done" => EventType::BlockStop,
        "message_stop" | "response.completed" | "response.incomplete" => EventType::MessageStop,
        name if name.starts_with("response.") && name.ends_with(".delta") => EventType::Delta,
        _ => return None,
    })
}

/// Chat Completions, where the first choice counts, and models with the same format.
fn choice_type(choice: &Value) -> Option<EventType> {
    if ["finish_reason", "stop_reason"].iter().any(|name| !choice[name].is_null()) {
        return Some(EventType::MessageStop);
    }
    if choice["text"].as_str().is_some_and(|text| !text.is_empty()) {
        return Some(EventType::Delta);
    }
    let delta = &choice["delta"];
    let call = &delta["tool_calls"][0];
    if !call["id"].is_null() {
        return Some(EventType::BlockStart);
    }
    let has_text = |name: &str| delta[name].as_str().is_some_and(|text| !text.is_empty());
    if !call.is_null() || ["content", "reasoning", "reasoning_content", "refusal"].into_iter().any(has_text) {
        return Some(EventType::Delta);
    }
    (!delta["role"].is_null()).then_some(EventType::MessageStart)
}

fn nova(payload: &Value) -> Option<EventType> {
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"]
        .into_iter()
        .find(|name| payload.get(name).is_some())
        .and_then(EventType::of)
}

/// The dialects with one kind of payload, the last of which has the stop reason.
fn simple(payload: &Value) -> Option<EventType> {
    let is_last = !payload["completionReason"].is_null()
        || !payload["stop_reason"].is_null()
        || !payload["outputs"][0]["stop_reason"].is_null()
        || payload["is_finished"] == true;
    let is_text = ["outputText", "generation", "outputs", "completion", "text", "event_type"]
        .into_iter()
        .any(|name| payload.get(name).is_some());
    match (is_last, is_text) {
        (true, _) => Some(EventType::MessageStop),
        (false, true) => Some(EventType::Delta),
        (false, false) => None,
    }
}
