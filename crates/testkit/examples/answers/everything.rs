//! What the SDKs are to read field by field: the answers of the example `every_field`, which the tests of the AWS SDK for
//! Rust use too.

use bedrock_stream_testkit::{Answer, Event, ExceptionKind, answer};
use serde_json::{Error, Value, from_value, json};

/// An answer with a member of every kind that the API's model has.
pub(crate) fn everything() -> Result<Answer, Error> {
    let mut answer = answer()
        .reasoning("Hm, \"quoted\", ünïcödé and \u{1f600}.")
        .signature("c2lnbmF0dXJl")
        .redacted([0, 1, 254, 255])
        .text("It rains in Paris.\n");
    for citation in citations() {
        answer = answer.citation(from_value(citation)?);
    }
    Ok(answer
        .tool_with_id("tooluse_1", "get_weather", json!({"city": "Paris", "days": 2}))
        .tool_with_id("tooluse_2", "get_time", json!({}))
        .start(from_value(
            json!({"toolUse": {"toolUseId": "server_1", "name": "web_search", "type": "server_tool_use"}}),
        )?)
        .delta(from_value(json!({"toolUse": {"input": "{}"}}))?)
        .start(from_value(
            json!({"toolResult": {"toolUseId": "server_1", "type": "web_result", "status": "success"}}),
        )?)
        .delta(from_value(
            json!({"toolResult": [{"text": "found"}, {"json": {"hits": 3, "of": [true, null]}}]}),
        )?)
        .start(from_value(json!({"image": {"format": "png"}}))?)
        .delta(from_value(json!({"image": {"source": {"bytes": "iVBORw0KGgo="}}}))?)
        .delta(from_value(json!({"image": {"error": {"message": "The rest was filtered."}}}))?)
        .additional_fields(json!({"stop_sequence": null, "score": 0.5, "deep": [{"a": {"b": -7}}]}))
        .metadata(from_value(metadata())?))
}

/// Every exception with every member that it may have: its name, which is the model id too, and its payload.
pub(crate) fn exceptions() -> impl Iterator<Item = (&'static str, Value)> {
    ExceptionKind::ALL.iter().map(|kind| {
        let mut payload = json!({"message": format!("{kind}: “wait”, please.")});
        if *kind == ExceptionKind::ModelStreamError {
            payload["originalStatusCode"] = json!(529);
            payload["originalMessage"] = json!("Overloaded");
        }
        (kind.name(), payload)
    })
}

/// An answer that ends with this exception.
pub(crate) fn excepted(name: &str, payload: &Value) -> Answer {
    let exception = bedrock_stream_core::answer::Exception::new(name, payload.to_string());
    answer().text("So far.").event(Event::Exception(exception))
}

fn citations() -> [Value; 6] {
    [
        json!({
            "title": "Almanac", "source": "almanac.txt", "sourceContent": [{"text": "It rains."}],
            "location": {"documentChar": {"documentIndex": 0, "start": 3, "end": 12}},
        }),
        json!({"location": {"documentPage": {"documentIndex": 1, "start": 4, "end": 5}}}),
        json!({"location": {"documentChunk": {"documentIndex": 2, "start": 6, "end": 7}}}),
        json!({"location": {"searchResultLocation": {"searchResultIndex": 3, "start": 8, "end": 9}}}),
        json!({"location": {"web": {"url": "https://example.com/a", "domain": "example.com"}}}),
        json!({"title": "No place"}),
    ]
}

fn metadata() -> Value {
    json!({
        "usage": {
            "inputTokens": 10, "outputTokens": 20, "totalTokens": 37, "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 4, "cacheDetails": [{"ttl": "1h", "inputTokens": 4}],
        },
        "metrics": {"latencyMs": 5_000_000_000_u64},
        "trace": {
            "guardrail": {
                "actionReason": "Guardrail blocked.",
                "modelOutput": ["It rains."],
                "inputAssessment": {"gr-1": assessment()},
                "outputAssessments": {"gr-1": [assessment()]},
            },
            "promptRouter": {"invokedModelId": "amazon.nova-lite-v1:0"},
        },
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "priority"},
    })
}

fn assessment() -> Value {
    json!({
        "topicPolicy": {"topics": [{"name": "Weather", "type": "DENY", "action": "BLOCKED", "detected": true}]},
        "contentPolicy": {"filters": [
            {"type": "INSULTS", "confidence": "LOW", "filterStrength": "HIGH", "action": "NONE", "detected": false},
        ]},
        "wordPolicy": {
            "customWords": [{"match": "drizzle", "action": "BLOCKED", "detected": true}],
            "managedWordLists": [{"match": "damp", "type": "PROFANITY", "action": "NONE", "detected": false}],
        },
        "sensitiveInformationPolicy": {
            "piiEntities": [{"match": "Ann", "type": "NAME", "action": "ANONYMIZED", "detected": true}],
            "regexes": [{"name": "id", "match": "42", "regex": "[0-9]+", "action": "NONE", "detected": true}],
        },
        "contextualGroundingPolicy": {"filters": [
            {"type": "GROUNDING", "threshold": 0.75, "score": 0.5, "action": "BLOCKED", "detected": true},
        ]},
        "invocationMetrics": {
            "guardrailProcessingLatency": 123,
            "usage": {
                "topicPolicyUnits": 1, "contentPolicyUnits": 2, "wordPolicyUnits": 3,
                "sensitiveInformationPolicyUnits": 4, "sensitiveInformationPolicyFreeUnits": 5,
                "contextualGroundingPolicyUnits": 6,
            },
            "guardrailCoverage": {"textCharacters": {"guarded": 7, "total": 8}},
        },
    })
}
