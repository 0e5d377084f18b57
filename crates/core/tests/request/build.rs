use bedrock_stream_core::answer::{Latency, ServiceTierType};
use bedrock_stream_core::content::{
    AudioBlock, AudioFormat, CachePointBlock, CacheTtl, CitationsBlock, ContentBlock, DocumentBlock,
    DocumentFormat, GuardContent, GuardImage, GuardImageFormat, GuardText, ImageBlock, ImageFormat, Message,
    ReasoningBlock, ReasoningText, S3Location, SearchResultBlock, ToolAdditionBlock, ToolReference,
    ToolRemovalBlock, ToolResultBlock, ToolResultStatus, ToolUseBlock, VideoBlock, VideoFormat,
};
use bedrock_stream_core::converse::{
    Effort, GuardrailConfig, GuardrailTraceMode, JsonSchema, OutputFormat, Request, StreamProcessingMode,
    SystemTool, ToolChoice, ToolSpec,
};
use bedrock_stream_core::json::Json;
use serde_json::{Value, json};

#[test]
fn the_common_path() {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let request = Request::new()
        .system("Be brief.")
        .user("How is the weather in Paris?")
        .assistant(ToolUseBlock::new("t1", "get_weather", json!({"city": "Paris"})))
        .message(Message::tool_result("t1", json!({"celsius": 21})))
        .tool(ToolSpec::new("get_weather", schema.clone()).description("The weather").strict(true))
        .tool_choice(ToolChoice::auto())
        .max_tokens(100)
        .temperature(0.5)
        .top_p(0.9)
        .stop_sequence("END")
        .stop_sequence("STOP");
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        json!({
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "How is the weather in Paris?"}]},
                {"role": "assistant", "content": [
                    {"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": {"city": "Paris"}}},
                ]},
                {"role": "user", "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"json": {"celsius": 21}}]}},
                ]},
            ],
            "toolConfig": {
                "tools": [{"toolSpec": {
                    "name": "get_weather", "description": "The weather", "inputSchema": {"json": schema},
                    "strict": true,
                }}],
                "toolChoice": {"auto": {}},
            },
            "inferenceConfig": {
                "maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END", "STOP"],
            },
        })
    );
    assert_eq!(request.lint(), []);
}

#[test]
fn the_other_members() {
    let mut request = Request::new()
        .user("Hi")
        .tool(SystemTool::new("nova_grounding"))
        .tool(CachePointBlock::new())
        .tool_choice(ToolChoice::tool("nova_grounding"))
        .guardrail(
            GuardrailConfig::new("g1", "2")
                .trace(GuardrailTraceMode::Enabled)
                .stream_processing_mode(StreamProcessingMode::Sync),
        )
        .additional_model_request_fields(json!({"top_k": 5}))
        .prompt_variable("name", "Ada")
        .additional_model_response_field_path("/delta/stop_sequence")
        .request_metadata("team", "search")
        .latency(Latency::Optimized)
        .service_tier(ServiceTierType::Flex)
        .text_format(OutputFormat::json_schema(JsonSchema::new("{}").name("answer").description("It")))
        .effort(Effort::ExtraHigh);
    request.other.set("hologram", Json::from_text("{\"depth\": 3.0}").unwrap());
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        json!({
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "toolConfig": {
                "tools": [{"systemTool": {"name": "nova_grounding"}}, {"cachePoint": {"type": "default"}}],
                "toolChoice": {"tool": {"name": "nova_grounding"}},
            },
            "guardrailConfig": {
                "guardrailIdentifier": "g1", "guardrailVersion": "2", "trace": "enabled",
                "streamProcessingMode": "sync",
            },
            "additionalModelRequestFields": {"top_k": 5},
            "promptVariables": {"name": {"text": "Ada"}},
            "additionalModelResponseFieldPaths": ["/delta/stop_sequence"],
            "requestMetadata": {"team": "search"},
            "performanceConfig": {"latency": "optimized"},
            "serviceTier": {"type": "flex"},
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{}", "name": "answer", "description": "It"}},
                },
                "effort": "xhigh",
            },
            "hologram": {"depth": 3.0},
        })
    );
    assert_eq!(request.lint(), []);
}

#[test]
fn messages() {
    let results = [
        ToolResultBlock::new("a", "fine").with(json!({"b": 1})).status(ToolResultStatus::Success),
        ToolResultBlock::error("b", String::from("broken")),
    ];
    assert_eq!(
        serde_json::to_value([
            Message::user("One").with(String::from("two")),
            Message::assistant("Three"),
            Message::tool_results(results),
            Message::system("Four"),
        ])
        .unwrap(),
        json!([
            {"role": "user", "content": [{"text": "One"}, {"text": "two"}]},
            {"role": "assistant", "content": [{"text": "Three"}]},
            {"role": "user", "content": [
                {"toolResult": {
                    "toolUseId": "a", "content": [{"text": "fine"}, {"json": {"b": 1}}], "status": "success",
                }},
                {"toolResult": {"toolUseId": "b", "content": [{"text": "broken"}], "status": "error"}},
            ]},
            {"role": "system", "content": [{"text": "Four"}]},
        ])
    );
}

#[test]
fn content_blocks() {
    let bytes = vec![0, 1, 2];
    let s3 = json!({"s3Location": {"uri": "s3://bucket/key"}});
    let cases: [(ContentBlock, Value); 15] = [
        (
            ImageBlock::new(ImageFormat::Png, bytes.clone()).into(),
            json!({"image": {"format": "png", "source": {"bytes": "AAEC"}}}),
        ),
        (
            VideoBlock::new(VideoFormat::ThreeGp, S3Location::new("s3://bucket/key")).into(),
            json!({"video": {"format": "three_gp", "source": s3}}),
        ),
        (
            AudioBlock::new(AudioFormat::XAac, bytes.clone()).into(),
            json!({"audio": {"format": "x-aac", "source": {"bytes": "AAEC"}}}),
        ),
        (
            DocumentBlock::new("Report", bytes.clone()).format(DocumentFormat::Pdf).cited().into(),
            json!({"document": {
                "name": "Report", "format": "pdf", "source": {"bytes": "AAEC"}, "citations": {"enabled": true},
            }}),
        ),
        (
            DocumentBlock::new("Note", "Plain").into(),
            json!({"document": {"name": "Note", "source": {"text": "Plain"}}}),
        ),
        (
            SearchResultBlock::new("here", "This", ["a", "b"]).cited().into(),
            json!({"searchResult": {
                "source": "here", "title": "This", "content": [{"text": "a"}, {"text": "b"}],
                "citations": {"enabled": true},
            }}),
        ),
        (
            GuardContent::Text(GuardText::new("Guard")).into(),
            json!({"guardContent": {"text": {"text": "Guard"}}}),
        ),
        (
            GuardContent::Image(GuardImage::new(GuardImageFormat::Jpeg, bytes.clone())).into(),
            json!({"guardContent": {"image": {"format": "jpeg", "source": {"bytes": "AAEC"}}}}),
        ),
        (
            CachePointBlock::new().ttl(CacheTtl::OneHour).into(),
            json!({"cachePoint": {"type": "default", "ttl": "1h"}}),
        ),
        (
            ReasoningBlock::Text(ReasoningText::new("Hm", Some("sig".into()))).into(),
            json!({"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "sig"}}}),
        ),
        (
            ReasoningBlock::Redacted(bytes.into()).into(),
            json!({"reasoningContent": {"redactedContent": "AAEC"}}),
        ),
        (CitationsBlock::default().into(), json!({"citationsContent": {}})),
        (
            ToolAdditionBlock::new(ToolReference::new("a")).into(),
            json!({"toolAddition": {"tool": {"name": "a"}}}),
        ),
        (
            ToolRemovalBlock::new(ToolReference::new("a")).into(),
            json!({"toolRemoval": {"tool": {"name": "a"}}}),
        ),
        (
            ToolUseBlock::new("a", "b", Json::from_text("{\"c\": 1.0}").unwrap()).into(),
            json!({"toolUse": {"toolUseId": "a", "name": "b", "input": {"c": 1.0}}}),
        ),
    ];
    for (block, json) in cases {
        assert_eq!(serde_json::to_value(&block).unwrap(), json);
    }
}
