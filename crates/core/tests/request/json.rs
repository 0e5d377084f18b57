use bedrock_stream_core::answer::ServiceTierType;
use bedrock_stream_core::content::{ContentBlock, ImageFormat, MediaSource, Message, Role, ToolInput};
use bedrock_stream_core::converse::Request;
use serde_json::{Value, json};

/// Every request member of the API reference, section 1.1, and every member of each union.
fn full() -> Value {
    let bytes = "AAEC";
    let s3 = json!({"s3Location": {"uri": "s3://bucket/key", "bucketOwner": "123456789012"}});
    let image = json!({"format": "png", "source": {"bytes": bytes}, "error": {"message": "too dark"}});
    let video = json!({"format": "three_gp", "source": s3});
    let document = json!({
        "format": "pdf", "name": "Report", "source": {"bytes": bytes}, "context": "Last year's",
        "citations": {"enabled": true},
    });
    let search_result = json!({
        "source": "https://example.com", "title": "Example", "content": [{"text": "Found"}],
        "citations": {"enabled": false},
    });
    let guard_text = json!({
        "text": {"text": "Guard me", "qualifiers": ["grounding_source", "query", "guard_content"]},
    });
    let guard_image = json!({"image": {"format": "jpeg", "source": {"bytes": bytes}}});
    let cache_point = json!({"cachePoint": {"type": "default", "ttl": "1h"}});
    let range = json!({"documentIndex": 0, "start": 1, "end": 2});
    let citation = |location: Value| {
        json!({
            "title": "Report", "source": "report.pdf", "sourceContent": [{"text": "Cited"}], "location": location,
        })
    };
    let tool = json!({"type": "mcp", "name": "search", "serverName": "files"});
    json!({
        "messages": [
            {"role": "user", "content": [
                {"text": "Hello"},
                {"image": image},
                {"image": {"format": "webp", "source": s3}},
                {"document": document},
                {"document": {"name": "In S3", "source": s3}},
                {"document": {"name": "Text", "source": {"text": "Plain"}}},
                {"document": {"name": "Pieces", "source": {"content": [{"text": "One"}, {"text": "Two"}]}}},
                {"video": video},
                {"audio": {"format": "x-aac", "source": {"bytes": bytes}, "error": {"message": "silent"}}},
                {"guardContent": guard_text},
                {"guardContent": guard_image},
                cache_point,
                {"searchResult": search_result},
            ]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": bytes}},
                {"citationsContent": {
                    "content": [{"text": "So it says."}],
                    "citations": [
                        citation(json!({"web": {"url": "https://example.com", "domain": "example.com"}})),
                        citation(json!({"documentChar": range})),
                        citation(json!({"documentPage": range})),
                        citation(json!({"documentChunk": range})),
                        citation(json!({
                            "searchResultLocation": {"searchResultIndex": 0, "start": 1, "end": 2},
                        })),
                    ],
                }},
                {"toolUse": {
                    "toolUseId": "t-1", "name": "search", "input": {"q": [1, null]}, "type": "server_tool_use",
                }},
            ]},
            {"role": "user", "content": [
                {"toolResult": {
                    "toolUseId": "t-1",
                    "content": [
                        {"json": {"a": null}},
                        {"text": "Found"},
                        {"image": image},
                        {"document": document},
                        {"video": video},
                        {"searchResult": search_result},
                    ],
                    "status": "success",
                    "type": "nova_grounding_result",
                }},
            ]},
            {"role": "system", "content": [
                {"toolAddition": {"tool": tool}},
                {"toolRemoval": {"tool": tool}},
            ]},
        ],
        "system": [{"text": "Be brief."}, {"guardContent": guard_text}, cache_point],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.7, "topP": 0.9, "stopSequences": ["END"]},
        "toolConfig": {
            "tools": [
                {"toolSpec": {
                    "name": "search", "description": "Searches", "strict": true,
                    "inputSchema": {"json": {"type": "object", "properties": {"q": {"type": "array"}}}},
                }},
                {"systemTool": {"name": "nova_grounding"}},
                cache_point,
            ],
            "toolChoice": {"tool": {"name": "search"}},
        },
        "guardrailConfig": {
            "guardrailIdentifier": "g1", "guardrailVersion": "DRAFT", "trace": "enabled_full",
            "streamProcessingMode": "async",
        },
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        "promptVariables": {"name": {"text": "Ada"}},
        "additionalModelResponseFieldPaths": ["/delta/stop_sequence"],
        "requestMetadata": {"team": "search"},
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "priority"},
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"schema": "{}", "name": "answer", "description": "The answer"}},
            },
            "effort": "xhigh",
        },
    })
}

#[test]
fn every_member_is_modeled_and_survives() {
    let request = Request::from_json(&full().to_string()).unwrap();

    let debug = format!("{request:?}");
    assert!(!debug.contains("Member {"), "a member has no field: {debug}");
    assert!(!debug.contains("Unknown("), "a name has no variant: {debug}");
    assert_eq!(serde_json::to_value(&request).unwrap(), full());
    assert_eq!(Request::from_json(&request.to_json().unwrap()).unwrap(), request);
}

#[test]
fn every_enum_value_has_a_variant() {
    type Set = (fn(Value) -> Value, &'static [&'static str]);
    let sets: [Set; 12] = [
        (|name| json!({"messages": [{"role": name, "content": []}]}), &["user", "assistant", "system"]),
        (|name| in_block("image", json!({"format": name})), &["png", "jpeg", "gif", "webp"]),
        (
            |name| in_block("document", json!({"format": name})),
            &["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"],
        ),
        (
            |name| in_block("video", json!({"format": name})),
            &["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"],
        ),
        (
            |name| in_block("audio", json!({"format": name})),
            &[
                "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg",
                "mpga", "pcm", "webm",
            ],
        ),
        (|name| in_block("toolResult", json!({"status": name})), &["success", "error"]),
        (|name| in_block("cachePoint", json!({"type": "default", "ttl": name})), &["5m", "1h"]),
        (|name| json!({"guardrailConfig": {"trace": name}}), &["enabled", "disabled", "enabled_full"]),
        (|name| json!({"guardrailConfig": {"streamProcessingMode": name}}), &["sync", "async"]),
        (|name| json!({"performanceConfig": {"latency": name}}), &["standard", "optimized"]),
        (|name| json!({"serviceTier": {"type": name}}), &["priority", "default", "flex", "reserved"]),
        (|name| json!({"outputConfig": {"effort": name}}), &["low", "medium", "high", "xhigh", "max"]),
    ];
    for (request, names) in sets {
        for &name in names {
            let json = request(name.into());
            let parsed = Request::from_json(&json.to_string()).unwrap();
            let debug = format!("{parsed:?}");
            assert!(!debug.contains(&format!("Unknown({name:?})")), "{json}");
            assert!(serde_json::to_string(&parsed).unwrap().contains(&format!("{name:?}")), "{json}");
        }
        let parsed = Request::from_json(&request("next_year".into()).to_string()).unwrap();
        assert!(format!("{parsed:?}").contains("Unknown(\"next_year\")"));
        assert!(serde_json::to_string(&parsed).unwrap().contains("\"next_year\""));
    }
}

fn in_block(member: &str, value: Value) -> Value {
    json!({"messages": [{"role": "user", "content": [{member: value}]}]})
}

#[test]
fn unknown_members_are_kept_at_every_depth() {
    for json in [
        r#"{"hologram":{"b":1,"a":[1.0,null]}}"#,
        r#"{"messages":[{"role":"user","content":[{"text":"a"}],"mood":"calm"}]}"#,
        r#"{"messages":[{"role":"user","content":[{"hologram":{"depth":3}}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"toolUse":{"toolUseId":"a","name":"b","input":{},"x":1e2}}]}]}"#,
        r#"{"system":[{"scent":"rose"}]}"#,
        r#"{"inferenceConfig":{"maxTokens":5,"topK":250}}"#,
        r#"{"toolConfig":{"tools":[{"robot":{}}],"toolChoice":{"none":{}}}}"#,
        r#"{"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"yaml":"a: 1"}}}],"toolChoice":{"auto":{"x":1}}}}"#,
        r#"{"outputConfig":{"textFormat":{"type":"xml","structure":{"xsd":"<a/>"}}}}"#,
        r#"{"messages":[{"role":"user","content":[{"text":"a","cachePoint":{"type":"default"}}]}]}"#,
    ] {
        let request = Request::from_json(json).unwrap();
        assert_eq!(request.to_json().unwrap(), json);
    }
}

#[test]
fn free_json_keeps_its_exact_text() {
    for json in [
        r#"{"additionalModelRequestFields":{"z":1.0, "a":1e400,"n":null,"big":123456789012345678901234567890}}"#,
        r#"{"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"b","input":{"z": 1.50,"a":null}}}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"json":{"z":1.0 ,"a":2}}]}}]}]}"#,
        r#"{"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object","maximum":1.0}}}}]}}"#,
    ] {
        assert_eq!(Request::from_json(json).unwrap().to_json().unwrap(), json);
    }
}

#[test]
fn an_empty_request_is_an_empty_object() {
    assert_eq!(Request::new().to_json().unwrap(), "{}");
    assert_eq!(Request::from_json("{}").unwrap(), Request::new());
    // An empty list is not the same as none.
    let json = r#"{"messages":[],"system":[]}"#;
    assert_eq!(Request::from_json(json).unwrap().to_json().unwrap(), json);
}

#[test]
fn what_the_api_requires_is_always_written() {
    let message = serde_json::to_value(Message::new(Role::User, [])).unwrap();
    assert_eq!(message, json!({"role": "user", "content": []}));
    let call: ContentBlock = serde_json::from_value(json!({"toolUse": {}})).unwrap();
    assert_eq!(
        serde_json::to_value(&call).unwrap(),
        json!({"toolUse": {"toolUseId": "", "name": "", "input": {}}})
    );
}

#[test]
fn a_value_of_the_wrong_type_is_an_error() {
    for json in [
        r#"{"messages":{}}"#,
        r#"{"messages":[{"role":1}]}"#,
        r#"{"inferenceConfig":{"maxTokens":-1}}"#,
        r#"{"inferenceConfig":{"temperature":"hot"}}"#,
        r#"{"messages":[{"role":"user","content":[{"image":{"source":{"bytes":"no base64!"}}}]}]}"#,
        "[]",
        "{",
        "",
    ] {
        assert!(Request::from_json(json).is_err(), "{json}");
    }
}

#[test]
fn members_read_as_their_types() {
    let request = Request::from_json(&full().to_string()).unwrap();
    let messages = request.messages.unwrap();
    assert_eq!(messages[0].role, Role::User);
    let ContentBlock::Image(image) = &messages[0].content[1] else { panic!("{:?}", messages[0].content[1]) };
    assert_eq!(image.format, Some(ImageFormat::Png));
    assert_eq!(image.source, Some(MediaSource::Bytes(vec![0, 1, 2].into())));
    let ContentBlock::ToolUse(call) = &messages[1].content[3] else { panic!("{:?}", messages[1].content[3]) };
    let ToolInput::Json(input) = &call.input else { panic!("{:?}", call.input) };
    assert_eq!(input.as_str(), r#"{"q":[1,null]}"#);
    assert_eq!(request.inference_config.unwrap().temperature, Some(0.7));
    assert_eq!(request.service_tier.unwrap().tier, Some(ServiceTierType::Priority));
}
