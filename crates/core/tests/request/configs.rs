//! Every config can be built from outside the crate, and serializes what was set.

use bedrock_stream_core::answer::{
    CacheDetail, GuardrailTrace, Latency, Metrics, PerformanceConfig, PromptRouterTrace, ServiceTier,
    ServiceTierType, StopReason, Trace, UnmodeledError, Usage,
};
use bedrock_stream_core::content::{
    CacheTtl, Citation, CitationLocation, CitationSourceContent, CitationsBlock, DocumentBlock,
    DocumentLocation, GuardQualifier, GuardText, ImageDelta, ImageFormat, MediaError, Role, S3Location,
    SearchResultLocation, ToolReference, ToolResultBlock, ToolResultDelta, ToolResultStatus, ToolUseBlock,
    WebLocation,
};
use bedrock_stream_core::converse::{
    ContentBlockDelta, ContentBlockStart, ContentBlockStop, Effort, Event, ImageStart, InferenceConfig,
    JsonSchema, MessageStart, MessageStop, Metadata, OutputConfig, OutputFormat, ReasoningDelta, Request,
    SystemTool, ToolChoice, ToolConfig, ToolResultStart, ToolSpec, ToolUseDelta, ToolUseStart, UnknownEvent,
};
use serde::Serialize;
use serde_json::{Value, json};

fn check(cases: impl IntoIterator<Item = (Value, Value)>) {
    for (is, expected) in cases {
        assert_eq!(is, expected);
    }
}

fn value(shape: impl Serialize) -> Value {
    serde_json::to_value(shape).unwrap()
}

#[test]
fn a_request_of_whole_configs() {
    let by_parts = Request::new()
        .max_tokens(9)
        .temperature(0.5)
        .top_p(0.1)
        .stop_sequence("END")
        .tool(SystemTool::new("a"))
        .tool(ToolSpec::new("b", json!({"type": "object"})))
        .tool_choice(ToolChoice::any())
        .effort(Effort::Low)
        .text_format(OutputFormat::json_schema(JsonSchema::new("{}")));
    let whole = Request::new()
        .top_p(0.9)
        .inference_config(
            InferenceConfig::new().max_tokens(9).temperature(0.5).top_p(0.1).stop_sequence("END"),
        )
        .tool_config(
            ToolConfig::new([SystemTool::new("a")])
                .tool(ToolSpec::new("b", json!({"type": "object"})))
                .tool_choice(ToolChoice::any()),
        )
        .output_config(
            OutputConfig::new()
                .effort(Effort::Low)
                .text_format(OutputFormat::json_schema(JsonSchema::new("{}"))),
        );
    assert_eq!(whole, by_parts);
    assert_eq!(value(Request::new().project_identifier("p-1")), json!({"projectIdentifier": "p-1"}));
}

#[test]
fn the_parts_of_content() {
    check([
        (
            value(S3Location::new("s3://b/k").bucket_owner("1234")),
            json!({"uri": "s3://b/k", "bucketOwner": "1234"}),
        ),
        (value(MediaError::new("gone")), json!({"message": "gone"})),
        (value(ImageDelta::new(vec![0, 1, 2])), json!({"source": {"bytes": "AAEC"}})),
        (
            value(
                Citation::new()
                    .title("T")
                    .source("S")
                    .source_content(vec![CitationSourceContent::Text("c".into())])
                    .location(CitationLocation::Web(WebLocation::new("https://a/b").domain("a"))),
            ),
            json!({
                "title": "T", "source": "S", "sourceContent": [{"text": "c"}],
                "location": {"web": {"url": "https://a/b", "domain": "a"}},
            }),
        ),
        (value(DocumentLocation::new(1, 2..3)), json!({"documentIndex": 1, "start": 2, "end": 3})),
        (value(SearchResultLocation::new(1, 2..3)), json!({"searchResultIndex": 1, "start": 2, "end": 3})),
        (
            value(CitationsBlock::new("t", [Citation::new().title("T")])),
            json!({"content": [{"text": "t"}], "citations": [{"title": "T"}]}),
        ),
        (
            value(
                GuardText::new("t").qualifier(GuardQualifier::Query).qualifier(GuardQualifier::GuardContent),
            ),
            json!({"text": "t", "qualifiers": ["query", "guard_content"]}),
        ),
        (
            value(DocumentBlock::new("n", "t").context("the contract")),
            json!({"name": "n", "source": {"text": "t"}, "context": "the contract"}),
        ),
        (
            value(ToolReference::new("n").kind("mcp").server_name("s")),
            json!({"type": "mcp", "name": "n", "serverName": "s"}),
        ),
        (
            value(ToolUseBlock::new("1", "n", json!({})).kind("server_tool_use")),
            json!({"toolUseId": "1", "name": "n", "input": {}, "type": "server_tool_use"}),
        ),
        (
            value(ToolResultBlock::new("1", "fine").kind("nova_grounding_result")),
            json!({"toolUseId": "1", "content": [{"text": "fine"}], "type": "nova_grounding_result"}),
        ),
    ]);
}

#[test]
fn every_event() {
    let metadata = Metadata::new()
        .usage(
            Usage::new(1, 2)
                .total_tokens(10)
                .cache_read_input_tokens(3)
                .cache_write_input_tokens(4)
                .cache_details(vec![CacheDetail::new(CacheTtl::OneHour, 4)]),
        )
        .metrics(Metrics::new(5))
        .trace(
            Trace::default()
                .guardrail(GuardrailTrace::default().action_reason("r").model_output(vec!["m".into()]))
                .prompt_router(PromptRouterTrace::new("id")),
        )
        .performance_config(PerformanceConfig::new(Latency::Optimized))
        .service_tier(ServiceTier::new(ServiceTierType::Flex));
    let delta = |piece: ContentBlockDelta| Event::from(piece);
    let cases: [(Event, Value); 15] = [
        (MessageStart::new(Role::Assistant).into(), json!({"messageStart": {"role": "assistant"}})),
        (
            ContentBlockStart::new(1, ToolUseStart::new("t", "n").kind("server_tool_use")).into(),
            json!({"contentBlockStart": {"contentBlockIndex": 1, "start": {
                "toolUse": {"toolUseId": "t", "name": "n", "type": "server_tool_use"},
            }}}),
        ),
        (
            ContentBlockStart::new(1, ToolResultStart::new("t").kind("k").status(ToolResultStatus::Error))
                .into(),
            json!({"contentBlockStart": {"contentBlockIndex": 1, "start": {
                "toolResult": {"toolUseId": "t", "type": "k", "status": "error"},
            }}}),
        ),
        (
            ContentBlockStart::new(0, ImageStart::new(ImageFormat::Png)).into(),
            json!({"contentBlockStart": {"contentBlockIndex": 0, "start": {"image": {"format": "png"}}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, "a")),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a"}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, ToolUseDelta::new("{"))),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{"}}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, ReasoningDelta::Text("r".into()))),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "r"}}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, vec![ToolResultDelta::Text("r".into())])),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"toolResult": [{"text": "r"}]}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, Citation::new().title("T"))),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"citation": {"title": "T"}}}}),
        ),
        (
            delta(ContentBlockDelta::new(0, ImageDelta::new(vec![0]))),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"image": {"source": {"bytes": "AA=="}}}}}),
        ),
        (ContentBlockStop::new(3).into(), json!({"contentBlockStop": {"contentBlockIndex": 3}})),
        (
            MessageStop::new(StopReason::EndTurn).additional_model_response_fields(json!({"a": 1})).into(),
            json!({"messageStop": {"stopReason": "end_turn", "additionalModelResponseFields": {"a": 1}}}),
        ),
        (
            metadata.into(),
            json!({"metadata": {
                "usage": {
                    "inputTokens": 1, "outputTokens": 2, "totalTokens": 10, "cacheReadInputTokens": 3,
                    "cacheWriteInputTokens": 4, "cacheDetails": [{"ttl": "1h", "inputTokens": 4}],
                },
                "metrics": {"latencyMs": 5},
                "trace": {
                    "guardrail": {"modelOutput": ["m"], "actionReason": "r"},
                    "promptRouter": {"invokedModelId": "id"},
                },
                "performanceConfig": {"latency": "optimized"},
                "serviceTier": {"type": "flex"},
            }}),
        ),
        (
            UnmodeledError::new("InternalError", "m").into(),
            json!({"error": {"code": "InternalError", "message": "m"}}),
        ),
        (UnknownEvent::new("hologram", json!({"a": 1})).into(), json!({"hologram": {"a": 1}})),
    ];
    for (event, json) in cases {
        assert_eq!(value(&event), json);
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
