//! What the AWS SDK for Rust read, converted back to JSON: every member that the SDK has a field for.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::types::{
    CitationLocation, CitationsDelta, ContentBlockDelta, ContentBlockStart, ConverseStreamMetadataEvent,
    ConverseStreamOutput, ConverseStreamTrace, GuardrailAssessment, GuardrailTraceAssessment,
    ImageBlockDelta, ImageSource, ReasoningContentBlockDelta, TokenUsage, ToolResultBlockDelta,
};
use aws_smithy_types::{Document, Number, base64};
use serde_json::{Map, Value, json};

/// One event as `{"name": {..}}`.
pub(crate) fn event(event: &ConverseStreamOutput) -> Value {
    match event {
        ConverseStreamOutput::MessageStart(start) => json!({"messageStart": {"role": start.role.as_str()}}),
        ConverseStreamOutput::ContentBlockStart(start) => json!({"contentBlockStart": object([
            ("contentBlockIndex", some(start.content_block_index)),
            ("start", start.start.as_ref().map(block_start)),
        ])}),
        ConverseStreamOutput::ContentBlockDelta(delta) => json!({"contentBlockDelta": object([
            ("contentBlockIndex", some(delta.content_block_index)),
            ("delta", delta.delta.as_ref().map(block_delta)),
        ])}),
        ConverseStreamOutput::ContentBlockStop(stop) => {
            json!({"contentBlockStop": {"contentBlockIndex": stop.content_block_index}})
        }
        ConverseStreamOutput::MessageStop(stop) => json!({"messageStop": object([
            ("stopReason", some(stop.stop_reason.as_str())),
            ("additionalModelResponseFields", stop.additional_model_response_fields.as_ref().map(document)),
        ])}),
        ConverseStreamOutput::Metadata(event) => json!({"metadata": metadata(event)}),
        event => json!({"unread": format!("{event:?}")}),
    }
}

fn block_start(start: &ContentBlockStart) -> Value {
    match start {
        ContentBlockStart::ToolUse(tool) => json!({"toolUse": object([
            ("toolUseId", some(tool.tool_use_id())),
            ("name", some(tool.name())),
            ("type", tool.r#type().map(|of| json!(of.as_str()))),
        ])}),
        ContentBlockStart::ToolResult(result) => json!({"toolResult": object([
            ("toolUseId", some(result.tool_use_id())),
            ("type", result.r#type().map(|of| json!(of))),
            ("status", result.status().map(|status| json!(status.as_str()))),
        ])}),
        ContentBlockStart::Image(image) => json!({"image": {"format": image.format.as_str()}}),
        start => json!({"unread": format!("{start:?}")}),
    }
}

fn block_delta(delta: &ContentBlockDelta) -> Value {
    match delta {
        ContentBlockDelta::Text(text) => json!({ "text": text }),
        ContentBlockDelta::ToolUse(tool) => json!({"toolUse": {"input": tool.input}}),
        ContentBlockDelta::ToolResult(parts) => {
            json!({"toolResult": parts.iter().map(|part| match part {
                ToolResultBlockDelta::Text(text) => json!({ "text": text }),
                ToolResultBlockDelta::Json(value) => json!({"json": document(value)}),
                part => json!({"unread": format!("{part:?}")}),
            }).collect::<Vec<_>>()})
        }
        ContentBlockDelta::ReasoningContent(reasoning) => json!({"reasoningContent": match reasoning {
            ReasoningContentBlockDelta::Text(text) => json!({ "text": text }),
            ReasoningContentBlockDelta::Signature(signature) => json!({ "signature": signature }),
            ReasoningContentBlockDelta::RedactedContent(bytes) => json!({"redactedContent": base64::encode(bytes)}),
            reasoning => json!({"unread": format!("{reasoning:?}")}),
        }}),
        ContentBlockDelta::Citation(delta) => json!({"citation": citation(delta)}),
        ContentBlockDelta::Image(delta) => json!({"image": image(delta)}),
        delta => json!({"unread": format!("{delta:?}")}),
    }
}

fn image(image: &ImageBlockDelta) -> Value {
    object([
        (
            "source",
            image.source.as_ref().map(|source| match source {
                ImageSource::Bytes(bytes) => json!({"bytes": base64::encode(bytes)}),
                source => json!({"unread": format!("{source:?}")}),
            }),
        ),
        (
            "error",
            image.error.as_ref().map(|error| object([("message", error.message().map(|text| json!(text)))])),
        ),
    ])
}

fn citation(citation: &CitationsDelta) -> Value {
    let content = citation.source_content.as_ref().map(|content| {
        json!(
            content
                .iter()
                .map(|part| object([("text", part.text().map(|text| json!(text)))]))
                .collect::<Vec<_>>()
        )
    });
    object([
        ("title", citation.title().map(|title| json!(title))),
        ("source", citation.source().map(|source| json!(source))),
        ("sourceContent", content),
        ("location", citation.location.as_ref().map(location)),
    ])
}

fn location(location: &CitationLocation) -> Value {
    let span = |name: &str, index_name: &str, index: Option<i32>, start: Option<i32>, end: Option<i32>| {
        let members = [(index_name, index), ("start", start), ("end", end)];
        json!({name: object(members.map(|(name, value)| (name, value.map(|value| json!(value)))))})
    };
    match location {
        CitationLocation::DocumentChar(at) => {
            span("documentChar", "documentIndex", at.document_index, at.start, at.end)
        }
        CitationLocation::DocumentPage(at) => {
            span("documentPage", "documentIndex", at.document_index, at.start, at.end)
        }
        CitationLocation::DocumentChunk(at) => {
            span("documentChunk", "documentIndex", at.document_index, at.start, at.end)
        }
        CitationLocation::SearchResultLocation(at) => {
            span("searchResultLocation", "searchResultIndex", at.search_result_index, at.start, at.end)
        }
        CitationLocation::Web(at) => json!({"web": object([
            ("url", at.url().map(|url| json!(url))),
            ("domain", at.domain().map(|domain| json!(domain))),
        ])}),
        location => json!({"unread": format!("{location:?}")}),
    }
}

fn metadata(metadata: &ConverseStreamMetadataEvent) -> Value {
    object([
        ("usage", metadata.usage.as_ref().map(usage)),
        ("metrics", metadata.metrics.as_ref().map(|metrics| json!({"latencyMs": metrics.latency_ms}))),
        ("trace", metadata.trace.as_ref().map(trace)),
        (
            "performanceConfig",
            metadata.performance_config.as_ref().map(|config| json!({"latency": config.latency.as_str()})),
        ),
        ("serviceTier", metadata.service_tier.as_ref().map(|tier| json!({"type": tier.r#type().as_str()}))),
    ])
}

fn usage(usage: &TokenUsage) -> Value {
    let details = usage.cache_details.as_ref().map(|details| {
        let detail = details
            .iter()
            .map(|detail| json!({"ttl": detail.ttl.as_str(), "inputTokens": detail.input_tokens}));
        json!(detail.collect::<Vec<_>>())
    });
    object([
        ("inputTokens", some(usage.input_tokens)),
        ("outputTokens", some(usage.output_tokens)),
        ("totalTokens", some(usage.total_tokens)),
        ("cacheReadInputTokens", usage.cache_read_input_tokens.map(|tokens| json!(tokens))),
        ("cacheWriteInputTokens", usage.cache_write_input_tokens.map(|tokens| json!(tokens))),
        ("cacheDetails", details),
    ])
}

fn trace(trace: &ConverseStreamTrace) -> Value {
    let router = trace.prompt_router.as_ref();
    object([
        ("guardrail", trace.guardrail.as_ref().map(guardrail)),
        (
            "promptRouter",
            router.map(|router| object([("invokedModelId", router.invoked_model_id().map(|id| json!(id)))])),
        ),
    ])
}

fn guardrail(guardrail: &GuardrailTraceAssessment) -> Value {
    let by_id = |assessments: &HashMap<String, GuardrailAssessment>| {
        assessments.iter().map(|(id, of)| (id.clone(), assessment(of))).collect::<Map<_, _>>()
    };
    let lists_by_id = |assessments: &HashMap<String, Vec<GuardrailAssessment>>| {
        assessments
            .iter()
            .map(|(id, of)| (id.clone(), of.iter().map(assessment).collect::<Value>()))
            .collect::<Map<_, _>>()
    };
    object([
        ("actionReason", guardrail.action_reason().map(|reason| json!(reason))),
        ("modelOutput", guardrail.model_output.as_ref().map(|output| json!(output))),
        ("inputAssessment", guardrail.input_assessment().map(|of| json!(by_id(of)))),
        ("outputAssessments", guardrail.output_assessments().map(|of| json!(lists_by_id(of)))),
    ])
}

fn assessment(assessment: &GuardrailAssessment) -> Value {
    let topics = assessment.topic_policy.as_ref().map(|policy| {
        json!({"topics": policy.topics().iter().map(|topic| object([
            ("name", some(topic.name())),
            ("type", some(topic.r#type().as_str())),
            ("action", some(topic.action().as_str())),
            ("detected", topic.detected().map(|detected| json!(detected))),
        ])).collect::<Value>()})
    });
    let content = assessment.content_policy.as_ref().map(|policy| {
        json!({"filters": policy.filters().iter().map(|filter| object([
            ("type", some(filter.r#type().as_str())),
            ("confidence", some(filter.confidence().as_str())),
            ("filterStrength", filter.filter_strength().map(|strength| json!(strength.as_str()))),
            ("action", some(filter.action().as_str())),
            ("detected", filter.detected().map(|detected| json!(detected))),
        ])).collect::<Value>()})
    });
    let words = assessment.word_policy.as_ref().map(|policy| {
        json!({
            "customWords": policy.custom_words().iter().map(|word| object([
                ("match", some(word.r#match())),
                ("action", some(word.action().as_str())),
                ("detected", word.detected().map(|detected| json!(detected))),
            ])).collect::<Value>(),
            "managedWordLists": policy.managed_word_lists().iter().map(|word| object([
                ("match", some(word.r#match())),
                ("type", some(word.r#type().as_str())),
                ("action", some(word.action().as_str())),
                ("detected", word.detected().map(|detected| json!(detected))),
            ])).collect::<Value>(),
        })
    });
    let sensitive = assessment.sensitive_information_policy.as_ref().map(|policy| {
        json!({
            "piiEntities": policy.pii_entities().iter().map(|entity| object([
                ("match", some(entity.r#match())),
                ("type", some(entity.r#type().as_str())),
                ("action", some(entity.action().as_str())),
                ("detected", entity.detected().map(|detected| json!(detected))),
            ])).collect::<Value>(),
            "regexes": policy.regexes().iter().map(|regex| object([
                ("name", regex.name().map(|name| json!(name))),
                ("match", regex.r#match().map(|found| json!(found))),
                ("regex", regex.regex().map(|regex| json!(regex))),
                ("action", some(regex.action().as_str())),
                ("detected", regex.detected().map(|detected| json!(detected))),
            ])).collect::<Value>(),
        })
    });
    let grounding = assessment.contextual_grounding_policy.as_ref().map(|policy| {
        json!({"filters": policy.filters().iter().map(|filter| object([
            ("type", some(filter.r#type().as_str())),
            ("threshold", some(filter.threshold())),
            ("score", some(filter.score())),
            ("action", some(filter.action().as_str())),
            ("detected", filter.detected().map(|detected| json!(detected))),
        ])).collect::<Value>()})
    });
    let metrics = assessment.invocation_metrics.as_ref().map(|metrics| {
        let usage = metrics.usage().map(|usage| {
            json!({
                "topicPolicyUnits": usage.topic_policy_units,
                "contentPolicyUnits": usage.content_policy_units,
                "wordPolicyUnits": usage.word_policy_units,
                "sensitiveInformationPolicyUnits": usage.sensitive_information_policy_units,
                "sensitiveInformationPolicyFreeUnits": usage.sensitive_information_policy_free_units,
                "contextualGroundingPolicyUnits": usage.contextual_grounding_policy_units,
            })
        });
        let characters = metrics.guardrail_coverage().and_then(|coverage| coverage.text_characters());
        object([
            ("guardrailProcessingLatency", metrics.guardrail_processing_latency().map(|took| json!(took))),
            ("usage", usage),
            (
                "guardrailCoverage",
                characters.map(|of| json!({"textCharacters": {"guarded": of.guarded, "total": of.total}})),
            ),
        ])
    });
    object([
        ("topicPolicy", topics),
        ("contentPolicy", content),
        ("wordPolicy", words),
        ("sensitiveInformationPolicy", sensitive),
        ("contextualGroundingPolicy", grounding),
        ("invocationMetrics", metrics),
    ])
}

fn document(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => json!(value),
        Document::Number(Number::PosInt(number)) => json!(number),
        Document::Number(Number::NegInt(number)) => json!(number),
        Document::Number(Number::Float(number)) => json!(number),
        Document::String(text) => json!(text),
        Document::Array(values) => values.iter().map(self::document).collect(),
        Document::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), self::document(value))).collect()
        }
    }
}

/// Leaves out absent members.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn some(value: impl Into<Value>) -> Option<Value> {
    Some(value.into())
}
