//! The payloads of models that are invoked and have a dialect of their own.

use bedrock_stream_core::answer::{Chunk, Done, Response, StopReason};
use bedrock_stream_core::converse::Event;
use bedrock_stream_dialects::Dialect;
use serde_json::{Value, json};

/// Amazon Nova's: events as Converse's, with each delta of text in a block of its own.
pub(super) fn nova(events: &[Event]) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut block = 0_u32;
    for event in events {
        let Ok(mut payload) = serde_json::to_value(event) else { continue };
        match event {
            Event::ContentBlockDelta(_) => {
                let delta = &mut payload["contentBlockDelta"];
                delta["contentBlockIndex"] = block.into();
                let is_text = delta["delta"].get("text").is_some();
                payloads.push(payload.to_string());
                if is_text {
                    payloads.push(json!({"contentBlockStop": {"contentBlockIndex": block}}).to_string());
                    block += 1;
                }
                continue;
            }
            Event::ContentBlockStart(_) => payload["contentBlockStart"]["contentBlockIndex"] = block.into(),
            Event::ContentBlockStop(_) => {
                // The blocks of text have ended already.
                if payloads.last().is_some_and(|last: &String| last.contains("contentBlockStop")) {
                    continue;
                }
                payload["contentBlockStop"]["contentBlockIndex"] = block.into();
                block += 1;
            }
            Event::Metadata(_) => {
                let metadata = payload["metadata"].take();
                let usage = &metadata["usage"];
                payload = json!({"metadata": {
                    "usage": nova_usage(usage),
                    "metrics": {},
                    "trace": {},
                }});
            }
            Event::Exception(_) | Event::Error(_) => break,
            _ => {}
        }
        payloads.push(payload.to_string());
    }
    payloads
}

/// Token counts under Nova's names.
pub(super) fn nova_usage(usage: &Value) -> Value {
    json!({
        "inputTokens": usage["inputTokens"],
        "outputTokens": usage["outputTokens"],
        "cacheReadInputTokenCount": usage["cacheReadInputTokens"].as_u64().unwrap_or(0),
        "cacheWriteInputTokenCount": usage["cacheWriteInputTokens"].as_u64().unwrap_or(0),
    })
}

/// The dialects that have only text, and Cohere's, which also has tool calls; Chat is DeepSeek's text. Reasoning is left out.
pub(super) fn simple(dialect: Dialect, chunks: &[Chunk], done: Option<&Done>, is_chat: bool) -> Vec<String> {
    let usage = done.and_then(|done| done.usage.as_ref());
    let input_tokens = usage.and_then(|usage| usage.input_tokens).unwrap_or(0);
    let output_tokens = usage.and_then(|usage| usage.output_tokens).unwrap_or(0);
    let mut payloads = Vec::new();
    let (mut text, mut calls) = (String::new(), Vec::new());
    for chunk in chunks {
        let payload = match chunk {
            Chunk::Text { text: piece, .. } => {
                text.push_str(piece);
                let count = payloads.len() as u64 + 1;
                let input_tokens = payloads.is_empty().then_some(input_tokens);
                match dialect {
                    Dialect::Titan => json!({
                        "outputText": piece, "index": 0, "totalOutputTextTokenCount": null,
                        "completionReason": null, "inputTextTokenCount": input_tokens,
                    }),
                    Dialect::Llama => json!({
                        "generation": piece, "prompt_token_count": input_tokens,
                        "generation_token_count": count, "stop_reason": null,
                    }),
                    Dialect::Mistral => json!({"outputs": [{"text": piece, "stop_reason": null}]}),
                    Dialect::Chat => json!({"choices": [{"index": 0, "text": piece, "stop_reason": null}]}),
                    Dialect::Completion => json!({
                        "type": "completion", "completion": piece, "stop_reason": null, "stop": null,
                    }),
                    Dialect::Cohere if is_chat => {
                        json!({"event_type": "text-generation", "text": piece, "is_finished": false})
                    }
                    Dialect::Cohere => json!({"text": piece, "is_finished": false, "index": 0}),
                    _ => not_here(dialect),
                }
            }
            Chunk::ToolCallEnd { name, input, .. } => {
                let parameters: Value = serde_json::from_str(input.as_str()).unwrap_or_default();
                calls.push(json!({"name": &**name, "parameters": parameters}));
                continue;
            }
            _ => continue,
        };
        payloads.push(payload);
    }
    if let Some(done) = done {
        let reason = stop_reason(dialect, &done.stop_reason);
        if dialect == Dialect::Cohere && is_chat && !calls.is_empty() {
            payloads.push(
                json!({"event_type": "tool-calls-generation", "tool_calls": calls, "is_finished": false}),
            );
        }
        payloads.push(match dialect {
            Dialect::Titan => json!({
                "outputText": "", "index": 0, "totalOutputTextTokenCount": output_tokens,
                "completionReason": reason, "inputTextTokenCount": payloads.is_empty().then_some(input_tokens),
            }),
            Dialect::Llama => json!({
                "generation": "", "prompt_token_count": payloads.is_empty().then_some(input_tokens),
                "generation_token_count": output_tokens, "stop_reason": reason,
            }),
            Dialect::Mistral => json!({"outputs": [{"text": "", "stop_reason": reason}]}),
            Dialect::Chat => json!({"choices": [{"index": 0, "text": "", "stop_reason": reason}]}),
            Dialect::Completion => completion("", &done.stop_reason),
            Dialect::Cohere if is_chat => json!({
                "event_type": "stream-end", "is_finished": true, "finish_reason": reason,
                "response": {
                    "text": text, "finish_reason": reason, "chat_history": [], "tool_calls": calls,
                    "meta": {"tokens": {"input_tokens": input_tokens, "output_tokens": output_tokens}},
                },
            }),
            Dialect::Cohere => json!({"is_finished": true, "finish_reason": reason}),
            _ => not_here(dialect),
        });
    }
    payloads.iter().map(Value::to_string).collect()
}

/// The whole answer of a model that is invoked without a stream.
pub(super) fn whole(dialect: Dialect, response: &Response, is_chat: bool) -> Value {
    let count = |name: fn(&bedrock_stream_core::answer::Usage) -> Option<u64>| {
        response.usage.as_ref().and_then(name).unwrap_or(0)
    };
    let (input_tokens, output_tokens) =
        (count(|usage| usage.input_tokens), count(|usage| usage.output_tokens));
    let text = response.text();
    let stopped = response.stop_reason.clone().unwrap_or_default();
    let reason = stop_reason(dialect, &stopped);
    match dialect {
        Dialect::Nova => {
            let response = serde_json::to_value(response).unwrap_or_default();
            json!({
                "output": response["output"],
                "stopReason": response["stopReason"],
                "usage": nova_usage(&response["usage"]),
            })
        }
        Dialect::Titan => json!({
            "inputTextTokenCount": input_tokens,
            "results": [{"tokenCount": output_tokens, "outputText": text, "completionReason": reason}],
        }),
        Dialect::Llama => json!({
            "generation": text, "prompt_token_count": input_tokens,
            "generation_token_count": output_tokens, "stop_reason": reason,
        }),
        Dialect::Mistral => json!({"outputs": [{"text": text, "stop_reason": reason}]}),
        Dialect::Chat => json!({"choices": [{"index": 0, "text": text, "stop_reason": reason}]}),
        Dialect::Completion => completion(&text, &stopped),
        Dialect::Cohere if is_chat => {
            let calls: Vec<Value> = response
                .tool_calls()
                .map(|call| {
                    let parameters: Value = serde_json::from_str(call.input.as_str()).unwrap_or_default();
                    json!({"name": call.name, "parameters": parameters})
                })
                .collect();
            json!({
                "response_id": "response", "generation_id": "generation", "text": text, "chat_history": [],
                "tool_calls": calls, "finish_reason": reason,
            })
        }
        Dialect::Cohere => json!({
            "id": "answer", "prompt": "",
            "generations": [{"id": "generation", "text": text, "finish_reason": reason}],
        }),
        _ => not_here(dialect),
    }
}

/// `Dialect` is non-exhaustive, so the compiler does not ask for one that was added.
fn not_here(dialect: Dialect) -> ! {
    unreachable!("the payloads of {dialect} are written elsewhere, or must be added here")
}

/// The last payload of Claude's text completions, or the whole answer. One that was not cut short stops at the next turn's marker.
fn completion(text: &str, reason: &StopReason) -> Value {
    let (reason, stop) = match reason {
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => ("max_tokens", None),
        StopReason::StopSequence => ("stop_sequence", None),
        _ => ("stop_sequence", Some("\n\nHuman:")),
    };
    json!({"type": "completion", "completion": text, "stop_reason": reason, "stop": stop})
}

/// The vendor's name for a stop reason.
fn stop_reason(dialect: Dialect, reason: &StopReason) -> &'static str {
    let [end, limit, full, filter] = match dialect {
        Dialect::Titan => ["FINISH", "LENGTH", "LENGTH", "CONTENT_FILTERED"],
        Dialect::Cohere => ["COMPLETE", "MAX_TOKENS", "ERROR_LIMIT", "ERROR_TOXIC"],
        Dialect::Llama => ["stop", "length", "length", "stop"],
        Dialect::Mistral | Dialect::Chat => ["stop", "length", "model_length", "stop"],
        // Not written from here: `completion` has Claude's words, and Nova's are Converse's.
        _ => ["", "", "", ""],
    };
    match reason {
        StopReason::MaxTokens => limit,
        StopReason::ModelContextWindowExceeded => full,
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => filter,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Titan, Cohere, the other vendors and Claude's text completions say, in that order.
    ///
    /// `StopReason` is non-exhaustive, so the functions above need an arm for reasons to come, and the compiler does not ask for a
    /// decision about a new one. This table does.
    const DECIDED: [(StopReason, [&str; 4]); 9] = [
        (StopReason::EndTurn, ["FINISH", "COMPLETE", "stop", "stop_sequence"]),
        (StopReason::ToolUse, ["FINISH", "COMPLETE", "stop", "stop_sequence"]),
        (StopReason::MaxTokens, ["LENGTH", "MAX_TOKENS", "length", "max_tokens"]),
        (StopReason::StopSequence, ["FINISH", "COMPLETE", "stop", "stop_sequence"]),
        (StopReason::GuardrailIntervened, ["CONTENT_FILTERED", "ERROR_TOXIC", "stop", "stop_sequence"]),
        (StopReason::ContentFiltered, ["CONTENT_FILTERED", "ERROR_TOXIC", "stop", "stop_sequence"]),
        (StopReason::MalformedModelOutput, ["FINISH", "COMPLETE", "stop", "stop_sequence"]),
        (StopReason::MalformedToolUse, ["FINISH", "COMPLETE", "stop", "stop_sequence"]),
        (StopReason::ModelContextWindowExceeded, ["LENGTH", "ERROR_LIMIT", "model_length", "max_tokens"]),
    ];

    #[test]
    fn every_known_stop_reason_has_a_word_decided_for_every_vendor() {
        for reason in StopReason::KNOWN {
            let decided = DECIDED.iter().find(|(decided, _)| decided == reason);
            let (_, words) = decided.unwrap_or_else(|| {
                panic!("decide how each vendor's model writes {reason}, and add that to DECIDED")
            });
            let [titan, cohere, other] = [Dialect::Titan, Dialect::Cohere, Dialect::Mistral];
            let completion = completion("", reason);
            let written = [
                stop_reason(titan, reason),
                stop_reason(cohere, reason),
                stop_reason(other, reason),
                completion["stop_reason"].as_str().expect("it is a word"),
            ];
            assert_eq!(written, *words, "{reason}");
        }
    }
}
