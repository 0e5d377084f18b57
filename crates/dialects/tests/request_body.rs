//! A request of Converse's in other dialects: everything is in the body, or the error names what is not.

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request_body::{
    Destination, RequestBodyError, RequestBodyErrorReason, chat_body, messages_body, responses_body,
};
use serde_json::{Value, json};

const OPERATION: Destination<'_> = Destination::Operation { model: "m", stream: true };

/// The body of that request, in that dialect.
fn body(dialect: Dialect, request: &Value) -> Result<Json, RequestBodyError> {
    let request = Request::from_json(&request.to_string()).unwrap();
    match dialect {
        Dialect::Messages => messages_body(&request, OPERATION),
        Dialect::Chat => chat_body(&request, OPERATION),
        _ => responses_body(&request, "m", true),
    }
}

fn value(body: &Json) -> Value {
    serde_json::from_str(body.as_str()).unwrap()
}

#[track_caller]
fn assert_refused(dialect: Dialect, request: &Value, field: &str, reason: RequestBodyErrorReason) {
    let error = body(dialect, request).expect_err(field);
    assert_eq!((&*error.field, error.reason), (field, reason), "{request}");
    assert_eq!(error.dialect, dialect);
    assert!(error.to_string().contains(field), "{error}");
}

/// A request with everything that Messages has a place for.
fn for_messages() -> Value {
    json!({
        "system": [{"text": "S"}, {"cachePoint": {"type": "default", "ttl": "1h"}}, {"text": "T"}],
        "messages": [
            {"role": "user", "content": [
                {"text": "Look."},
                {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
                {"document": {"format": "pdf", "name": "D", "source": {"bytes": "JVBE"}, "context": "C", "citations": {"enabled": true}}},
                {"document": {"name": "E", "source": {"text": "plain"}}},
                {"document": {"format": "txt", "name": "F", "source": {"bytes": "aGk="}}},
                {"document": {"name": "G", "source": {"content": [{"text": "a"}, {"text": "b"}]}}},
                {"searchResult": {"source": "s", "title": "t", "content": [{"text": "r"}], "citations": {"enabled": true}}},
                {"cachePoint": {"type": "default"}}
            ]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": "EmwK"}},
                {"citationsContent": {"content": [{"text": "a"}, {"text": "b"}]}},
                {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"x": 1}}}
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "t1", "status": "error", "content": [
                    {"text": "no"}, {"json": {"a": 1}}, {"image": {"format": "jpeg", "source": {"bytes": "/9j/"}}}
                ]}}
            ]}
        ],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": 0.25, "stopSequences": ["END"]},
        "toolConfig": {
            "tools": [
                {"toolSpec": {"name": "f", "description": "d", "strict": true, "inputSchema": {"json": {"type": "object"}}}},
                {"cachePoint": {"type": "default"}}
            ],
            "toolChoice": {"tool": {"name": "f"}}
        },
        "outputConfig": {
            "effort": "low",
            "textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{\"type\":\"object\"}", "name": "n", "description": "d"}}}
        },
        "additionalModelRequestFields": {"top_k": 5}
    })
}

/// A request with everything that Chat Completions and Responses both have a place for.
fn for_openai() -> Value {
    json!({
        "system": [{"text": "S"}, {"text": "T"}],
        "messages": [
            {"role": "user", "content": [
                {"text": "Look."},
                {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
                {"document": {"format": "pdf", "name": "D", "source": {"bytes": "JVBE"}}}
            ]},
            {"role": "assistant", "content": [
                {"text": "Well."},
                {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"x": 1}}}
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "t1", "status": "success", "content": [{"json": {"a": 1}}]}},
                {"text": "And?"}
            ]},
            {"role": "system", "content": [{"text": "Be brief."}]}
        ],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": 0.25},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "f", "description": "d", "strict": true, "inputSchema": {"json": {"type": "object"}}}}],
            "toolChoice": {"any": {}}
        },
        "outputConfig": {
            "effort": "low",
            "textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
                "schema": "{\"type\":\"object\"}", "name": "n", "description": "e"
            }}}
        },
        "serviceTier": {"type": "flex"},
        "additionalModelRequestFields": {"seed": 7}
    })
}

#[test]
fn messages_has_a_place_for_nearly_everything() {
    assert_eq!(
        value(&body(Dialect::Messages, &for_messages()).unwrap()),
        json!({
            "model": "m", "stream": true, "max_tokens": 9, "temperature": 0.5, "top_p": 0.25, "stop_sequences": ["END"],
            "system": [
                {"type": "text", "text": "S", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "text", "text": "T"}
            ],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "Look."},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
                    {"type": "document", "title": "D", "context": "C", "citations": {"enabled": true},
                        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}},
                    {"type": "document", "title": "E", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
                    {"type": "document", "title": "F", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
                    {"type": "document", "title": "G", "source": {"type": "content", "content": [
                        {"type": "text", "text": "a"}, {"type": "text", "text": "b"}
                    ]}},
                    {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "r"}],
                        "citations": {"enabled": true}, "cache_control": {"type": "ephemeral"}}
                ]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "EmwK"},
                    {"type": "text", "text": "ab"},
                    {"type": "tool_use", "id": "t1", "name": "f", "input": {"x": 1}}
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": [
                        {"type": "text", "text": "no"}, {"type": "text", "text": "{\"a\":1}"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9j/"}}
                    ]}
                ]}
            ],
            "tools": [{
                "name": "f", "description": "d", "strict": true, "input_schema": {"type": "object"},
                "cache_control": {"type": "ephemeral"}
            }],
            "tool_choice": {"type": "tool", "name": "f"},
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
            "top_k": 5
        })
    );
}

#[test]
fn an_invocation_has_a_version_and_no_model() {
    let request = Request::new()
        .user("Hi")
        .max_tokens(9)
        .additional_model_request_fields(json!({"anthropic_beta": ["b"], "thinking": null}));
    let body = messages_body(&request, Destination::Invoke).unwrap();
    assert_eq!(
        body.as_str(),
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"anthropic_beta":["b"],"thinking":null}"#
    );
    let error = messages_body(&request, OPERATION).unwrap_err();
    assert_eq!(
        (&*error.field, error.reason),
        ("additionalModelRequestFields.anthropic_beta", RequestBodyErrorReason::Header)
    );
    let chat = chat_body(&Request::new().user("Hi"), Destination::Invoke).unwrap();
    assert_eq!(chat.as_str(), r#"{"messages":[{"role":"user","content":"Hi"}]}"#);
    let whole =
        chat_body(&Request::new().user("Hi"), Destination::Operation { model: "m", stream: false }).unwrap();
    assert_eq!(whole.as_str(), r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#);
}

#[test]
fn chat_has_a_message_for_each_result() {
    assert_eq!(
        value(&body(Dialect::Chat, &for_openai()).unwrap()),
        json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true},
            "max_completion_tokens": 9, "temperature": 0.5, "top_p": 0.25,
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "S"}, {"type": "text", "text": "T"}]},
                {"role": "user", "content": [
                    {"type": "text", "text": "Look."},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
                    {"type": "file", "file": {"filename": "D.pdf", "file_data": "data:application/pdf;base64,JVBE"}}
                ]},
                {"role": "assistant", "content": "Well.", "tool_calls": [
                    {"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}
                ]},
                {"role": "tool", "tool_call_id": "t1", "content": "{\"a\":1}"},
                {"role": "user", "content": "And?"},
                {"role": "system", "content": "Be brief."}
            ],
            "tools": [{"type": "function", "function": {
                "name": "f", "description": "d", "strict": true, "parameters": {"type": "object"}
            }}],
            "tool_choice": "required",
            "reasoning_effort": "low",
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "n", "description": "e", "schema": {"type": "object"}
            }},
            "service_tier": "flex",
            "seed": 7
        })
    );
}

#[test]
fn responses_has_an_item_for_each_call_and_result() {
    assert_eq!(
        value(&body(Dialect::Responses, &for_openai()).unwrap()),
        json!({
            "model": "m", "stream": true, "max_output_tokens": 9, "temperature": 0.5, "top_p": 0.25,
            "input": [
                {"role": "system", "content": [
                    {"type": "input_text", "text": "S"}, {"type": "input_text", "text": "T"}
                ]},
                {"role": "user", "content": [
                    {"type": "input_text", "text": "Look."},
                    {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,iVBO"},
                    {"type": "input_file", "filename": "D.pdf", "file_data": "data:application/pdf;base64,JVBE"}
                ]},
                {"role": "assistant", "content": "Well."},
                {"type": "function_call", "call_id": "t1", "name": "f", "arguments": "{\"x\":1}"},
                {"type": "function_call_output", "call_id": "t1", "output": "{\"a\":1}"},
                {"role": "user", "content": "And?"},
                {"role": "system", "content": "Be brief."}
            ],
            "tools": [{
                "type": "function", "name": "f", "description": "d", "strict": true, "parameters": {"type": "object"}
            }],
            "tool_choice": "required",
            "reasoning": {"effort": "low"},
            "text": {"format": {
                "type": "json_schema", "name": "n", "description": "e", "schema": {"type": "object"}
            }},
            "service_tier": "flex",
            "seed": 7
        })
    );
    let one = Request::new().system("S").user("Hi");
    assert_eq!(
        responses_body(&one, "m", false).unwrap().as_str(),
        r#"{"model":"m","instructions":"S","input":[{"role":"user","content":"Hi"}]}"#
    );
}

/// The places of all objects of a request, as JSON Pointers, but those of JSON that is free, and of unions: what is beside the
/// member of a union is another member of it.
fn objects(json: &Value, at: &str, found: &mut Vec<String>) {
    let free = ["/input", "/json", "/schema", "/additionalModelRequestFields"];
    if free.iter().any(|free| at.ends_with(free)) {
        return;
    }
    match json {
        Value::Object(members) => {
            found.push(at.to_owned());
            members.iter().for_each(|(name, value)| objects(value, &format!("{at}/{name}"), found));
        }
        Value::Array(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(index, value)| objects(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Whatever this version does not know, wherever it stands, is named.
#[test]
fn nothing_is_lost_without_being_named() {
    for (dialect, request) in [
        (Dialect::Messages, for_messages()),
        (Dialect::Chat, for_openai()),
        (Dialect::Responses, for_openai()),
    ] {
        let mut places = Vec::new();
        objects(&request, "", &mut places);
        assert!(places.len() > 25, "{places:?}");
        for place in places {
            let mut changed = request.clone();
            let object = changed.pointer_mut(&place).unwrap();
            object.as_object_mut().unwrap().insert("zz_odd".to_owned(), json!({"a": 1}));
            let Ok(changed) = Request::from_json(&changed.to_string()) else { continue };
            let changed: Value = serde_json::from_str(&changed.to_json().unwrap()).unwrap();
            let given = body(dialect, &changed);
            // A member that is free in Messages itself.
            if place.ends_with("/citations") && dialect == Dialect::Messages {
                continue;
            }
            let error = given.expect_err(&place);
            assert!(error.field.ends_with("zz_odd") || error.field.contains("odd"), "{place}: {error}");
        }
    }
}

#[test]
fn an_unsupported_member_is_named() {
    use RequestBodyErrorReason::{Missing, Order, Repeated, Unsupported};
    let user = |block: Value| json!({"messages": [{"role": "user", "content": [block]}], "inferenceConfig": {"maxTokens": 1}});
    let model = |block: Value| json!({"messages": [{"role": "assistant", "content": [block]}], "inferenceConfig": {"maxTokens": 1}});
    let with = |name: &str, value: Value| {
        let mut request = user(json!({"text": "Hi"}));
        request[name] = value;
        request
    };
    let all = [Dialect::Messages, Dialect::Chat, Dialect::Responses];
    for (request, field) in [
        (
            with("guardrailConfig", json!({"guardrailIdentifier": "g", "guardrailVersion": "1"})),
            "guardrailConfig",
        ),
        (with("performanceConfig", json!({"latency": "optimized"})), "performanceConfig"),
        (with("requestMetadata", json!({"a": "b"})), "requestMetadata"),
        (with("additionalModelResponseFieldPaths", json!(["/a"])), "additionalModelResponseFieldPaths"),
        (with("serviceTier", json!({"type": "reserved"})), "serviceTier"),
        (with("laterConfig", json!({"a": 1})), "laterConfig"),
        (with("system", json!([{"guardContent": {"text": {"text": "a"}}}])), "system[0].guardContent"),
        (
            with("toolConfig", json!({"tools": [{"systemTool": {"name": "nova_grounding"}}]})),
            "toolConfig.tools[0].systemTool",
        ),
        (
            user(json!({"video": {"format": "mp4", "source": {"bytes": "AAAA"}}})),
            "messages[0].content[0].video",
        ),
        (user(json!({"later": {"a": 1}})), "messages[0].content[0].later"),
        (
            user(json!({"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}})),
            "messages[0].content[0].image.source.s3Location",
        ),
        (
            user(json!({"document": {"format": "csv", "name": "D", "source": {"bytes": "AAAA"}}})),
            "messages[0].content[0].document.format",
        ),
        (
            model(json!({"toolUse": {"toolUseId": "t", "name": "f", "input": "{\"x"}})),
            "messages[0].content[0].toolUse.input",
        ),
        (
            model(
                json!({"toolUse": {"toolUseId": "t", "name": "f", "input": {}, "type": "server_tool_use"}}),
            ),
            "messages[0].content[0].toolUse.type",
        ),
    ] {
        for dialect in all {
            // OpenAI's dialects have the tiers, without this one.
            let field = match field {
                "serviceTier" if dialect != Dialect::Messages => "serviceTier.type",
                field => field,
            };
            assert_refused(dialect, &request, field, Unsupported);
        }
    }
    for (dialect, request, field, reason) in [
        (Dialect::Messages, json!({"messages": []}), "inferenceConfig.maxTokens", Missing),
        (
            Dialect::Messages,
            model(json!({"reasoningContent": {"reasoningText": {"text": "Hm"}}})),
            "messages[0].content[0].reasoningContent.reasoningText.signature",
            Missing,
        ),
        (
            Dialect::Messages,
            model(json!({"citationsContent": {"content": [{"text": "a"}], "citations": [{"title": "t"}]}})),
            "messages[0].content[0].citationsContent.citations",
            Unsupported,
        ),
        (
            Dialect::Messages,
            user(json!({"cachePoint": {"type": "default"}})),
            "messages[0].content[0].cachePoint",
            Unsupported,
        ),
        (
            Dialect::Messages,
            with("additionalModelRequestFields", json!({"max_tokens": 2})),
            "additionalModelRequestFields.max_tokens",
            Repeated,
        ),
        (
            Dialect::Chat,
            user(json!({"cachePoint": {"type": "default"}})),
            "messages[0].content[0].cachePoint",
            Unsupported,
        ),
        (
            Dialect::Chat,
            model(json!({"reasoningContent": {"reasoningText": {"text": "Hm"}}})),
            "messages[0].content[0].reasoningContent",
            Unsupported,
        ),
        (
            Dialect::Chat,
            user(json!({"toolResult": {"toolUseId": "t", "content": [], "status": "error"}})),
            "messages[0].content[0].toolResult.status",
            Unsupported,
        ),
        (
            Dialect::Chat,
            json!({"messages": [{"role": "user", "content": [
                {"text": "a"}, {"toolResult": {"toolUseId": "t", "content": [{"text": "b"}]}}
            ]}]}),
            "messages[0].content[1].toolResult",
            Order,
        ),
        (
            Dialect::Chat,
            json!({"messages": [{"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}, {"text": "a"}
            ]}]}),
            "messages[0].content[1].text",
            Order,
        ),
        (
            Dialect::Chat,
            with(
                "outputConfig",
                json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}),
            ),
            "outputConfig.textFormat.structure.jsonSchema.name",
            Missing,
        ),
        (
            Dialect::Responses,
            with("inferenceConfig", json!({"stopSequences": ["END"]})),
            "inferenceConfig.stopSequences",
            Unsupported,
        ),
    ] {
        assert_refused(dialect, &request, field, reason);
    }
}

#[test]
fn free_json_keeps_its_text() {
    let text = r#"{"b":1.0,"a":12345678901234567890,"n":null}"#;
    let request = format!(
        r#"{{"messages":[{{"role":"assistant","content":[{{"toolUse":{{"toolUseId":"t","name":"f","input":{text}}}}}]}}],"inferenceConfig":{{"maxTokens":1}},"toolConfig":{{"tools":[{{"toolSpec":{{"name":"f","inputSchema":{{"json":{text}}}}}}}]}}}}"#
    );
    let request = Request::from_json(&request).unwrap();
    let messages = messages_body(&request, OPERATION).unwrap();
    assert_eq!(messages.as_str().matches(text).count(), 2, "{messages}");
    let escaped = serde_json::to_string(text).unwrap();
    for body in [chat_body(&request, OPERATION).unwrap(), responses_body(&request, "m", true).unwrap()] {
        assert_eq!(
            (body.as_str().matches(text).count(), body.as_str().matches(&escaped).count()),
            (1, 1),
            "{body}"
        );
    }
}
