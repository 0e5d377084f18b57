use bedrock_stream_core::converse::Constraint;
use bedrock_stream_dialects::Dialect::Chat;
use bedrock_stream_dialects::request::{LeftOutReason, Options, RequestErrorReason};
use serde_json::{Value, json};

use super::ask::{
    CLAUDE, PDF, PNG, converse, incoming, left_out, lenient, refused, to_json, try_read, unsupported, with,
};

fn messages(messages: Value) -> Value {
    with(Chat, json!({"messages": messages}))
}

#[test]
fn a_request_says_what_the_gateway_must_know() {
    let body = with(
        Chat,
        json!({"stream": true, "stream_options": {"include_usage": true, "include_obfuscation": false},
               "temperature": 0, "top_p": 0.9, "max_completion_tokens": 10, "max_tokens": 10, "stop": "END", "n": 1}),
    );
    let read = incoming(Chat, &body);
    assert_eq!((read.model.as_str(), read.stream, read.answer.include_usage), (CLAUDE, true, true));
    assert_eq!(left_out(&read, LeftOutReason::NoEffect), ["stream_options.include_obfuscation"]);
    assert_eq!(
        to_json(&read)["inferenceConfig"],
        json!({"maxTokens": 10, "temperature": 0.0, "topP": 0.9, "stopSequences": ["END"]})
    );
    let plain = incoming(Chat, &with(Chat, json!({"stop": ["a", "b"]})));
    assert!(!plain.stream && !plain.answer.include_usage);
    assert_eq!(to_json(&plain)["inferenceConfig"], json!({"stopSequences": ["a", "b"]}));
}

#[test]
fn two_limits_that_differ_are_refused() {
    let body = with(Chat, json!({"max_completion_tokens": 10, "max_tokens": 11}));
    assert_eq!(refused(Chat, &body).0, "max_tokens");
    let zero = with(Chat, json!({"max_tokens": 0}));
    let reason = RequestErrorReason::constraint(Constraint::Zero);
    assert_eq!(refused(Chat, &zero), ("max_tokens".into(), reason));
    assert_eq!(refused(Chat, &with(Chat, json!({"temperature": 1.5}))).0, "temperature");
}

#[test]
fn instructions_of_both_roles_are_the_system_prompt() {
    let body = messages(json!([
        {"role": "system", "content": "One."},
        {"role": "user", "content": "Hi", "name": "bob"},
        {"role": "developer", "content": [{"type": "text", "text": "Two."}, {"type": "text", "text": " "}]},
        {"role": "user", "content": [{"type": "text", "text": "there"}]},
    ]));
    let read = incoming(Chat, &body);
    let json = to_json(&read);
    assert_eq!(json["system"], json!([{"text": "One."}, {"text": "Two."}]));
    assert_eq!(json["messages"], json!([{"role": "user", "content": [{"text": "Hi"}, {"text": "there"}]}]));
    assert_eq!(left_out(&read, LeftOutReason::Blank), ["messages[2].content[1]"]);
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["messages[1].name", "messages[2].role"]);
}

#[test]
fn images_files_and_audio_are_bytes() {
    let body = messages(json!([{"role": "user", "content": [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG}"), "detail": "high"}},
        {"type": "image_url", "image_url": format!("data:image/png;base64,{PNG}")},
        {"type": "file", "file": {"filename": "a_b.pdf", "file_data": format!("data:application/pdf;base64,{PDF}")}},
        {"type": "file", "file": {"filename": "a_b.pdf", "file_data": PDF}},
        {"type": "input_audio", "input_audio": {"format": "wav", "data": "AAEC"}},
    ]}]));
    assert_eq!(
        converse(Chat, &body)["messages"][0]["content"],
        json!([
            {"text": "Look"},
            {"image": {"format": "png", "source": {"bytes": PNG}}},
            {"image": {"format": "png", "source": {"bytes": PNG}}},
            {"document": {"format": "pdf", "name": "a-b", "source": {"bytes": PDF}}},
            {"document": {"format": "pdf", "name": "a-b (2)", "source": {"bytes": PDF}}},
            {"audio": {"format": "wav", "source": {"bytes": "AAEC"}}},
        ])
    );
}

#[test]
fn what_would_have_to_be_fetched_is_refused() {
    for (part, field) in [
        (json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}), "image_url.url"),
        (json!({"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}), "image_url.url"),
        (json!({"type": "file", "file": {"file_id": "f"}}), "file.file_id"),
        (json!({"type": "file", "file": {"file_data": "https://example.com/a.pdf"}}), "file.file_data"),
    ] {
        let body = messages(json!([{"role": "user", "content": [part]}]));
        assert_eq!(unsupported(Chat, &body), format!("messages[0].content[0].{field}"));
    }
    let text = messages(json!([{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,AAAA"}}]}]));
    assert_eq!(refused(Chat, &text).0, "messages[0].content[0].image_url.url");
}

#[test]
fn tool_calls_and_their_results() {
    let body = with(
        Chat,
        json!({
            "tools": [
                {"type": "function", "function": {"name": "f", "description": "d", "strict": true,
                 "parameters": {"type": "object", "properties": {}, "additionalProperties": false}}},
                {"type": "function", "function": {"name": "g", "strict": false}, "cache_control": {"type": "ephemeral"}},
            ],
            "tool_choice": {"type": "function", "function": {"name": "g"}},
            "messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1.0}"}},
                    {"id": "call_2", "index": 1, "function": {"name": "g", "arguments": ""}},
                ]},
                {"role": "tool", "tool_call_id": "call_2", "content": ""},
                {"role": "tool", "tool_call_id": "call_1", "content": [
                    {"type": "text", "text": "r"},
                    {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG}")}}]},
                {"role": "user", "content": "b"},
            ],
        }),
    );
    let read = incoming(Chat, &body);
    assert!(read.request.to_json().unwrap().contains(r#""input":{"n":1.0}"#));
    let read = to_json(&read);
    assert_eq!(
        read["messages"],
        json!([
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "call_1", "name": "f", "input": {"n": 1.0}}},
                {"toolUse": {"toolUseId": "call_2", "name": "g", "input": {}}},
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "call_2", "content": [{"text": "(empty)"}]}},
                {"toolResult": {"toolUseId": "call_1", "content": [
                    {"text": "r"}, {"image": {"format": "png", "source": {"bytes": PNG}}}]}},
                {"text": "b"},
            ]},
        ])
    );
    assert_eq!(
        read["toolConfig"],
        json!({
            "tools": [
                {"toolSpec": {"name": "f", "description": "d", "strict": true, "inputSchema": {"json":
                    {"type": "object", "properties": {}, "additionalProperties": false}}}},
                {"toolSpec": {"name": "g", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
                {"cachePoint": {"type": "default"}},
            ],
            "toolChoice": {"tool": {"name": "g"}},
        })
    );
}

#[test]
fn custom_tools_are_functions_with_one_string() {
    let body = with(
        Chat,
        json!({
            "tools": [{"type": "custom", "custom": {"name": "apply.patch", "description": "Patches",
                "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: X"}}}}],
            "tool_choice": {"type": "custom", "custom": {"name": "apply.patch"}},
            "messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "tool_calls": [
                    {"id": "c1", "type": "custom", "custom": {"name": "apply.patch", "input": "*** \"é\"\n"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "ok"},
            ],
        }),
    );
    let read = incoming(Chat, &body);
    let json = to_json(&read);
    let spec = &json["toolConfig"]["tools"][0]["toolSpec"];
    let name = spec["name"].as_str().unwrap();
    assert!(name.starts_with("apply_patch_"));
    assert_eq!(spec["description"], "Patches\n\nThe input must match this lark grammar:\nstart: X");
    assert_eq!(spec["inputSchema"]["json"]["required"], json!(["input"]));
    assert_eq!(json["toolConfig"]["toolChoice"], json!({"tool": {"name": name}}));
    let call = &json["messages"][1]["content"][0]["toolUse"];
    assert_eq!((&call["name"], &call["input"]), (&json!(name), &json!({"input": "*** \"é\"\n"})));
    let tool = read.answer.tools.client_tool(name).unwrap();
    assert_eq!((tool.name.as_str(), tool.is_custom), ("apply.patch", true));
    assert!(!read.answer.tools.is_trivial());
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["tools[0].custom.format"]);
}

#[test]
fn tool_choice_is_converses() {
    let body = |choice: Value| {
        with(Chat, json!({"tools": [{"type": "function", "function": {"name": "t"}}], "tool_choice": choice}))
    };
    assert_eq!(converse(Chat, &body(json!("auto")))["toolConfig"]["toolChoice"], Value::Null);
    assert_eq!(converse(Chat, &body(json!("required")))["toolConfig"]["toolChoice"], json!({"any": {}}));
    assert_eq!(converse(Chat, &body(json!("none")))["toolConfig"], Value::Null);
    assert_eq!(refused(Chat, &body(json!("any"))).0, "tool_choice");
    let allowed = body(json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}));
    assert_eq!(unsupported(Chat, &allowed), "tool_choice.type");
}

#[test]
fn reasoning_goes_back_as_it_came() {
    let expected = json!([
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
        {"reasoningContent": {"redactedContent": "AAEC"}},
        {"text": "b"},
    ]);
    for members in [
        json!({"reasoning_content": "hm", "reasoning_details": [
            {"index": 0, "type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": null},
            {"index": 1, "type": "reasoning.encrypted", "data": "AAEC", "id": null}]}),
        json!({"reasoning_content": "hm", "thinking_blocks": [
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "AAEC"}]}),
    ] {
        let mut assistant =
            json!({"role": "assistant", "content": "b", "refusal": null, "function_call": null});
        for (name, value) in members.as_object().unwrap() {
            assistant[name] = value.clone();
        }
        let body =
            messages(json!([{"role": "user", "content": "a"}, assistant, {"role": "user", "content": "c"}]));
        let read = incoming(Chat, &body);
        assert_eq!(to_json(&read)["messages"][1]["content"], expected);
        assert!(read.left_out.is_empty(), "{:?}", read.left_out);
    }
    let signed = json!({"role": "assistant", "content": "b", "reasoning_content": "hm", "reasoning_signature": "c2ln"});
    let body = messages(json!([{"role": "user", "content": "a"}, signed, {"role": "user", "content": "c"}]));
    assert_eq!(converse(Chat, &body)["messages"][1]["content"], json!([expected[0], expected[2]]));
}

/// Claude refuses for good what it did not sign; gpt-oss signs nothing.
#[test]
fn unsigned_reasoning_goes_only_where_it_is_taken() {
    let body = messages(json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "reasoning_content": "hm"},
        {"role": "user", "content": "c"},
    ]));
    let read = incoming(Chat, &body);
    assert_eq!(to_json(&read)["messages"][1]["content"], json!([{"text": "b"}]));
    assert_eq!(left_out(&read, LeftOutReason::Unsigned), ["messages[1].reasoning_content"]);
    let read = try_read(Chat, &body, &Options::new().model_id("openai.gpt-oss-20b-1:0")).unwrap();
    assert_eq!(
        to_json(&read)["messages"][1]["content"],
        json!([{"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": "b"}])
    );
    // An empty one is none for any model.
    let body = messages(json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "reasoning_details": [{"type": "reasoning.text", "text": ""}]},
        {"role": "user", "content": "c"},
    ]));
    let read = try_read(Chat, &body, &Options::new().model_id("openai.gpt-oss-20b-1:0")).unwrap();
    assert_eq!(to_json(&read)["messages"][1]["content"], json!([{"text": "b"}]));
}

#[test]
fn structured_output_is_converses() {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let body = with(
        Chat,
        json!({"response_format": {"type": "json_schema", "json_schema":
        {"name": "answer", "description": "d", "strict": true, "schema": schema}}}),
    );
    assert_eq!(
        converse(Chat, &body)["outputConfig"],
        json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema":
            {"schema": schema.to_string(), "name": "answer", "description": "d"}}}})
    );
    let text = with(Chat, json!({"response_format": {"type": "text"}}));
    assert_eq!(converse(Chat, &text), converse(Chat, &with(Chat, json!({}))));
    let object = with(Chat, json!({"response_format": {"type": "json_object"}}));
    assert_eq!(unsupported(Chat, &object), "response_format.type");
    let none = with(Chat, json!({"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}));
    assert_eq!(
        refused(Chat, &none),
        ("response_format.json_schema.schema".into(), RequestErrorReason::Missing)
    );
}

#[test]
fn what_has_no_effect_is_left_out_and_told() {
    let body = with(
        Chat,
        json!({"user": "u", "seed": 7, "store": true, "metadata": {"a": "b"}, "safety_identifier": "s",
               "prompt_cache_key": "k", "prompt_cache_retention": "24h", "service_tier": "auto",
               "logprobs": false, "top_logprobs": 0, "frequency_penalty": 0, "presence_penalty": 0.0, "logit_bias": {},
               "modalities": ["text"], "verbosity": "medium", "parallel_tool_calls": true, "n": 1}),
    );
    let read = incoming(Chat, &body);
    let mut told = left_out(&read, LeftOutReason::NoEffect);
    told.sort();
    assert_eq!(
        told,
        [
            "metadata",
            "prompt_cache_key",
            "prompt_cache_retention",
            "safety_identifier",
            "seed",
            "store",
            "user"
        ]
    );
    assert_eq!(read.left_out.fields.len(), told.len());
    assert_eq!(to_json(&read), converse(Chat, &with(Chat, json!({}))));
}

#[test]
fn what_nobody_can_be_lenient_about_is_refused() {
    for (members, field) in [
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_logprobs": 3}), "top_logprobs"),
        (json!({"functions": []}), "functions"),
        (json!({"function_call": "auto"}), "function_call"),
        (json!({"audio": {"voice": "a"}}), "audio"),
        (json!({"modalities": ["text", "audio"]}), "modalities[1]"),
        (json!({"messages": [{"role": "function", "name": "f", "content": "a"}]}), "messages[0].role"),
    ] {
        let body = with(Chat, members);
        assert_eq!(unsupported(Chat, &body), field);
        assert!(try_read(Chat, &body, &Options::new().lenient(true)).is_err(), "{field}");
    }
}

#[test]
fn what_bedrock_has_nothing_for_is_refused_or_left_out() {
    for (members, field) in [
        (json!({"frequency_penalty": 0.5}), "frequency_penalty"),
        (json!({"presence_penalty": -1}), "presence_penalty"),
        (json!({"logit_bias": {"1": 5}}), "logit_bias"),
        (json!({"verbosity": "low"}), "verbosity"),
        (json!({"prediction": {"type": "content", "content": "a"}}), "prediction"),
        (json!({"moderation": {"model": "m"}}), "moderation"),
        (json!({"web_search_options": {}}), "web_search_options"),
        (json!({"service_tier": "scale"}), "service_tier"),
        (json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (json!({"response_format": {"type": "json_object"}}), "response_format.type"),
    ] {
        let body = with(Chat, members);
        assert_eq!(unsupported(Chat, &body), field);
        let (left_out, read) = lenient(Chat, &body);
        assert_eq!(left_out, [field]);
        assert_eq!(read, converse(Chat, &with(Chat, json!({}))));
    }
}

#[test]
fn an_answer_may_be_begun() {
    let body = messages(json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "The "}]));
    assert_eq!(
        converse(Chat, &body)["messages"][1],
        json!({"role": "assistant", "content": [{"text": "The"}]})
    );
    let refusal = messages(json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "assistant", "content": null, "refusal": "Never."},
    ]));
    assert_eq!(
        converse(Chat, &refusal)["messages"][1]["content"],
        json!([{"text": "No."}, {"text": "Never."}])
    );
}

#[test]
fn cache_marks_of_all_kinds_become_cache_points() {
    let body = messages(json!([
        {"role": "system", "content": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
        {"role": "user", "content": [
            {"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}}]},
    ]));
    let read = incoming(Chat, &body);
    let json = to_json(&read);
    assert_eq!(json["system"][1], json!({"cachePoint": {"type": "default", "ttl": "1h"}}));
    assert_eq!(json["messages"][0]["content"], json!([{"text": "a"}, {"cachePoint": {"type": "default"}}]));
    let field = "messages[1].content[0].prompt_cache_breakpoint.ttl";
    assert_eq!(left_out(&read, LeftOutReason::NoEffect), [field]);
    let plain = try_read(Chat, &body, &Options::new().model_id("meta.llama3-3-70b-instruct-v1:0")).unwrap();
    assert_eq!(to_json(&plain)["messages"][0]["content"], json!([{"text": "a"}]));
}
