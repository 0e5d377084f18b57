//! What the official SDKs demand of a stream, beyond that it is JSON: where an event is in a wrong place, they raise an error, or join
//! what does not belong together. Source: `lib/streaming/_deltas.py`, `lib/streaming/responses/_responses.py` and
//! `lib/streaming/chat/_completions.py` of OpenAI's package, `lib/streaming/_messages.py` of Anthropic's.

use std::collections::BTreeMap;

use bedrock_stream_dialects::Dialect;
use serde_json::Value;

/// An event of a stream.
#[derive(Debug)]
struct Event {
    name: Option<String>,
    data: String,
}

/// Checks a stream, whole or cut off. The error names the rule and the event that breaks it.
pub(crate) fn check(dialect: Dialect, bytes: &str) -> Result<(), String> {
    let events = read(bytes)?;
    match dialect {
        Dialect::Chat => chat(&events),
        Dialect::Responses => responses(&events),
        _ => messages(&events),
    }
}

fn read(bytes: &str) -> Result<Vec<Event>, String> {
    let events = bytes.split_terminator("\n\n").filter(|event| !event.starts_with(':'));
    let read = events.map(|event| {
        let lines: Vec<&str> = event.split('\n').collect();
        let (name, data) = match lines[..] {
            [data] => (None, data),
            [name, data] => (Some(name.strip_prefix("event: ").ok_or(event)?), data),
            _ => return Err(event),
        };
        Ok(Event {
            name: name.map(str::to_owned),
            data: data.strip_prefix("data: ").ok_or(event)?.to_owned(),
        })
    });
    read.collect::<Result<_, &str>>().map_err(|event| format!("no event: {event:?}"))
}

fn json(event: &Event) -> Result<Value, String> {
    serde_json::from_str(&event.data).map_err(|error| format!("{error}: {event:?}"))
}

fn rule(holds: bool, rule: &str, event: impl std::fmt::Debug) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{rule}: {event:?}")) }
}

fn chat(events: &[Event]) -> Result<(), String> {
    let mut roles = 0;
    let mut calls: Vec<&str> = Vec::new();
    let mut details: BTreeMap<u64, String> = BTreeMap::new();
    let mut annotations = 0;
    let (mut is_finished, mut has_usage, mut is_ended) = (false, false, false);
    let values: Vec<Value> = events
        .iter()
        .map(|event| if event.data == "[DONE]" { Ok(Value::Null) } else { json(event) })
        .collect::<Result<_, _>>()?;
    for (event, value) in events.iter().zip(&values) {
        rule(event.name.is_none(), "chunks have no name", event)?;
        rule(!is_ended, "nothing follows the end", event)?;
        if value.is_null() {
            rule(is_finished, "the end follows a finish reason", event)?;
            is_ended = true;
            continue;
        }
        if value.get("error").is_some() {
            rule(!is_finished, "no error follows a finish reason", event)?;
            is_ended = true;
            continue;
        }
        for name in ["id", "object", "created", "model"] {
            rule(
                value[name] == values[0][name] && !value[name].is_null(),
                "each chunk has the same head",
                event,
            )?;
        }
        rule(!has_usage, "the usage is in the last chunk", event)?;
        let choices = value["choices"].as_array().ok_or_else(|| format!("choices: {event:?}"))?;
        if choices.is_empty() {
            rule(
                is_finished && value["usage"].is_object(),
                "the chunk without choices has the usage",
                event,
            )?;
            has_usage = true;
            continue;
        }
        rule(!is_finished, "the chunk with the finish reason is the last with a choice", event)?;
        let (choice, delta) = (&choices[0], &choices[0]["delta"]);
        rule(
            choices.len() == 1 && choice["index"] == 0 && delta.is_object(),
            "one choice with a delta",
            event,
        )?;
        is_finished = choice["finish_reason"].is_string();
        if delta.get("role").is_some() {
            roles += 1;
        }
        rule(roles == 1, "the role comes first and once, since strings are joined", event)?;
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let index =
                call["index"].as_u64().ok_or_else(|| format!("entries of lists have an index: {event:?}"))?;
            let kind = if call.get("custom").is_some() { "custom" } else { "function" };
            if call.get("id").is_some() {
                rule(index == calls.len() as u64, "calls are counted from 0", event)?;
                rule(
                    call["type"] == kind && call[kind]["name"].is_string(),
                    "a call begins with its name",
                    event,
                )?;
                calls.push(kind);
            } else {
                let begun = usize::try_from(index).ok().and_then(|index| calls.get(index));
                rule(begun == Some(&kind), "a piece is of a call that has begun", event)?;
                rule(
                    call.get("type").is_none() && call[kind].get("name").is_none(),
                    "names are not repeated",
                    event,
                )?;
            }
        }
        for detail in delta["reasoning_details"].as_array().into_iter().flatten() {
            let index = detail["index"]
                .as_u64()
                .ok_or_else(|| format!("entries of lists have an index: {event:?}"))?;
            let kind = detail["type"].as_str().unwrap_or_default().to_owned();
            let next = details.len() as u64;
            rule(index <= next, "reasoning is counted without gaps", event)?;
            let is_new = !details.contains_key(&index);
            let known = details.entry(index).or_insert_with(|| kind.clone());
            rule(*known == kind, "an item of reasoning has one type", event)?;
            rule(is_new || kind != "reasoning.encrypted", "base64 is not joined", event)?;
        }
        for annotation in delta["annotations"].as_array().into_iter().flatten() {
            rule(annotation["index"] == annotations, "annotations are counted", event)?;
            annotations += 1;
        }
    }
    Ok(())
}

fn messages(events: &[Event]) -> Result<(), String> {
    let mut is_started = false;
    let mut next = 0;
    // The open block's type, and whether its signature has come.
    let mut open: Option<(String, bool)> = None;
    let (mut has_delta, mut is_ended) = (false, false);
    for event in events {
        let value = json(event)?;
        let kind = value["type"].as_str().unwrap_or_default();
        rule(event.name.as_deref() == Some(kind), "each event has its type's name", event)?;
        rule(!is_ended, "nothing follows the end", event)?;
        if kind == "ping" {
            continue;
        }
        rule(is_started || matches!(kind, "message_start" | "error"), "the message starts first", event)?;
        rule(!has_delta || kind == "message_stop", "only the stop follows message_delta", event)?;
        let is_current = value["index"] == next;
        match kind {
            "message_start" => {
                rule(!is_started, "the message starts once", event)?;
                is_started = true;
            }
            "content_block_start" => {
                rule(is_current && open.is_none(), "blocks are counted without gaps, one at a time", event)?;
                let block = &value["content_block"];
                open = Some((block["type"].as_str().unwrap_or_default().to_owned(), false));
            }
            "content_block_delta" => {
                let Some((block, has_signature)) = &mut open else {
                    return Err(format!("no open block: {event:?}"));
                };
                let delta = value["delta"]["type"].as_str().unwrap_or_default();
                let fits = match &**block {
                    "text" => matches!(delta, "text_delta" | "citations_delta"),
                    "thinking" => matches!(delta, "thinking_delta" | "signature_delta"),
                    "tool_use" => delta == "input_json_delta",
                    _ => false,
                };
                rule(is_current && fits, "a delta is of the open block, and of its kind", event)?;
                rule(!*has_signature, "a signature is whole, and comes last", event)?;
                *has_signature = delta == "signature_delta";
            }
            "content_block_stop" => {
                rule(is_current && open.take().is_some(), "an open block stops", event)?;
                next += 1;
            }
            "message_delta" => {
                rule(open.is_none(), "every block has stopped", event)?;
                rule(value["delta"]["stop_reason"].is_string(), "there is a stop reason", event)?;
                rule(value["usage"]["output_tokens"].is_u64(), "there is a usage", event)?;
                has_delta = true;
            }
            "message_stop" => {
                rule(has_delta, "message_delta comes first", event)?;
                is_ended = true;
            }
            "error" => is_ended = true,
            _ => return Err(format!("unknown: {event:?}")),
        }
    }
    Ok(())
}

/// An item of a response.
#[derive(Debug, Default)]
struct Item {
    id: Value,
    kind: String,
    has_part: bool,
    text: String,
    is_done: bool,
}

fn responses(events: &[Event]) -> Result<(), String> {
    let mut items: Vec<Item> = Vec::new();
    let mut id = Value::Null;
    let mut has_failed = false;
    let mut is_ended = false;
    for (number, event) in events.iter().enumerate() {
        let value = json(event)?;
        let kind = value["type"].as_str().unwrap_or_default();
        rule(event.name.as_deref() == Some(kind), "each event has its type's name", event)?;
        rule(value["sequence_number"] == number, "events are counted", event)?;
        rule(!is_ended, "nothing follows the end", event)?;
        rule(!has_failed || kind == "error", "the error follows response.failed", event)?;
        rule((number == 0) == (kind == "response.created"), "response.created comes first", event)?;
        if let Some(response) = value.get("response") {
            rule(number == 0 || response["id"] == id, "the id never changes", event)?;
            id = response["id"].clone();
        }
        match kind {
            "response.created" | "response.in_progress" => continue,
            "response.output_item.added" => {
                rule(value["output_index"] == items.len(), "items are counted", event)?;
                let item = &value["item"];
                let kind = item["type"].as_str().unwrap_or_default().to_owned();
                items.push(Item { id: item["id"].clone(), kind, ..Item::default() });
                continue;
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                let output = value["response"]["output"].as_array().map_or(&[][..], Vec::as_slice);
                rule(output.len() == items.len(), "the output has every item", event)?;
                for (item, whole) in items.iter().zip(output) {
                    rule(
                        whole["id"] == item.id && whole["type"] == item.kind,
                        "the items are the same",
                        event,
                    )?;
                    rule(item.is_done || kind == "response.failed", "every item is done", event)?;
                    let text = ["/content/0/text", "/summary/0/text", "/arguments", "/input"]
                        .iter()
                        .find_map(|pointer| whole.pointer(pointer)?.as_str());
                    rule(
                        text.unwrap_or_default() == item.text,
                        "the items have the text of their deltas",
                        event,
                    )?;
                }
                has_failed = kind == "response.failed";
                is_ended = !has_failed;
                continue;
            }
            "error" => {
                rule(has_failed && value["message"] == value["error"]["message"], "both shapes", event)?;
                is_ended = true;
                continue;
            }
            _ => {}
        }
        let index = value["output_index"].as_u64().and_then(|index| usize::try_from(index).ok());
        let item =
            index.and_then(|index| items.get_mut(index)).ok_or_else(|| format!("no item: {event:?}"))?;
        let told = value.get("item_id").or(value["item"].get("id"));
        rule(told == Some(&item.id), "an event names its item", event)?;
        rule(!item.is_done, "nothing follows the end of an item", event)?;
        let fits = match kind {
            "response.output_item.done" => {
                item.is_done = true;
                value["item"]["type"] == item.kind
            }
            "response.content_part.added" => {
                !std::mem::replace(&mut item.has_part, true) && item.kind == "message"
            }
            "response.reasoning_summary_part.added" => {
                !std::mem::replace(&mut item.has_part, true) && item.kind == "reasoning"
            }
            "response.output_text.delta" => {
                item.has_part && item.kind == "message" && value["logprobs"].is_array()
            }
            "response.output_text.annotation.added"
            | "response.output_text.done"
            | "response.content_part.done" => item.has_part && item.kind == "message",
            "response.reasoning_summary_text.delta"
            | "response.reasoning_summary_text.done"
            | "response.reasoning_summary_part.done" => item.has_part && item.kind == "reasoning",
            "response.function_call_arguments.delta" | "response.function_call_arguments.done" => {
                item.kind == "function_call"
            }
            "response.custom_tool_call_input.delta" | "response.custom_tool_call_input.done" => {
                item.kind == "custom_tool_call"
            }
            _ => false,
        };
        rule(fits, "an event is of its item's kind, after its part", event)?;
        if let Some(delta) = value["delta"].as_str() {
            item.text += delta;
        }
        for name in ["text", "arguments", "input"] {
            if let Some(whole) = value[name].as_str() {
                rule(whole == item.text, "the end has the text of the deltas", event)?;
            }
        }
    }
    Ok(())
}
