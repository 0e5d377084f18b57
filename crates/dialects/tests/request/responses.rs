use std::borrow::Cow;

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::json::Json;
use bedrock_stream_dialects::Dialect::Responses;
use bedrock_stream_dialects::encode::{Encode, EncryptedReasoning, ResponsesEncoder};
use bedrock_stream_dialects::request::{LeftOutReason, Options, ToolCallRestorer};
use serde_json::{Value, json};

use super::ask::{
    CLAUDE, PDF, PNG, converse, incoming, left_out, lenient, refused, to_json, try_read, unsupported, with,
};

fn input(input: Value) -> Value {
    with(Responses, json!({"input": input}))
}

#[test]
fn a_request_says_what_the_gateway_must_know() {
    let body = with(
        Responses,
        json!({"stream": true, "instructions": "Be brief.", "max_output_tokens": 10, "temperature": 0.5, "top_p": 1,
               "metadata": {"a": "b"}, "parallel_tool_calls": true, "store": false, "truncation": "disabled",
               "include": ["reasoning.encrypted_content"], "reasoning": {"summary": "auto"},
               "text": {"format": {"type": "text"}, "verbosity": "medium"}}),
    );
    let read = incoming(Responses, &body);
    assert_eq!((read.model.as_str(), read.stream), (CLAUDE, true));
    assert_eq!(left_out(&read, LeftOutReason::NoEffect), ["metadata"]);
    assert_eq!(read.left_out.fields.len(), 1);
    let members = &read.answer.request_members;
    assert_eq!(members.value("instructions").map(Json::as_str), Some("\"Be brief.\""));
    assert_eq!(members.value("metadata").map(Json::as_str), Some(r#"{"a":"b"}"#));
    assert_eq!(members.len(), 9);
    assert_eq!(
        to_json(&read),
        json!({
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"maxTokens": 10, "temperature": 0.5, "topP": 1.0},
        })
    );
}

#[test]
fn messages_may_have_no_type() {
    let body = input(json!([
        {"role": "developer", "content": "One."},
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "a"},
            {"type": "input_image", "detail": "auto", "image_url": format!("data:image/png;base64,{PNG}")},
            {"type": "input_file", "filename": "a.pdf", "file_data": format!("data:application/pdf;base64,{PDF}")}]},
        {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "phase": "final_answer", "content": [
            {"type": "output_text", "text": "b", "annotations": [], "logprobs": []},
            {"type": "refusal", "refusal": "c"}]},
        {"role": "system", "content": [{"type": "input_text", "text": "Two."}]},
        {"role": "user", "content": "d"},
    ]));
    let read = incoming(Responses, &body);
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["input[3].role"]);
    let json = to_json(&read);
    assert_eq!(json["system"], json!([{"text": "One."}, {"text": "Two."}]));
    assert_eq!(
        json["messages"],
        json!([
            {"role": "user", "content": [
                {"text": "a"},
                {"image": {"format": "png", "source": {"bytes": PNG}}},
                {"document": {"format": "pdf", "name": "a", "source": {"bytes": PDF}}}]},
            {"role": "assistant", "content": [{"text": "b"}, {"text": "c"}]},
            {"role": "user", "content": [{"text": "d"}]},
        ])
    );
}

#[test]
fn calls_and_outputs_of_every_kind() {
    let body = with(
        Responses,
        json!({
            "tools": [
                {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true, "description": null},
                {"type": "custom", "name": "patch", "description": "p", "format": {"type": "text"}},
                {"type": "namespace", "name": "crm", "description": "d", "tools": [
                    {"type": "function", "name": "find", "parameters": {"type": "object"}, "strict": null}]},
            ],
            "tool_choice": {"type": "function", "name": "f"},
            "input": [
                {"role": "user", "content": "a"},
                {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{\"n\": 1.0}", "status": "completed"},
                {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c2", "name": "patch", "input": "text"},
                {"type": "function_call", "call_id": "c3", "name": "find", "namespace": "crm", "arguments": ""},
                {"type": "function_call_output", "call_id": "c1", "output": "r", "id": "o", "status": "completed"},
                {"type": "custom_tool_call_output", "call_id": "c2", "output": [
                    {"type": "input_text", "text": "s"},
                    {"type": "input_image", "image_url": format!("data:image/png;base64,{PNG}")}]},
                {"type": "function_call_output", "call_id": "c3", "output": ""},
            ],
        }),
    );
    let read = incoming(Responses, &body);
    let json = to_json(&read);
    assert_eq!(
        json["messages"],
        json!([
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "c1", "name": "f", "input": {"n": 1.0}}},
                {"toolUse": {"toolUseId": "c2", "name": "patch", "input": {"input": "text"}}},
                {"toolUse": {"toolUseId": "c3", "name": "crm__find", "input": {}}}]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "c1", "content": [{"text": "r"}]}},
                {"toolResult": {"toolUseId": "c2", "content": [
                    {"text": "s"}, {"image": {"format": "png", "source": {"bytes": PNG}}}]}},
                {"toolResult": {"toolUseId": "c3", "content": [{"text": "(empty)"}]}}]},
        ])
    );
    let names: Vec<_> = (0..3).map(|index| &json["toolConfig"]["tools"][index]["toolSpec"]["name"]).collect();
    assert_eq!(names, ["f", "patch", "crm__find"]);
    assert_eq!(json["toolConfig"]["tools"][0]["toolSpec"]["strict"], true);
    assert_eq!(json["toolConfig"]["tools"][2]["toolSpec"]["strict"], Value::Null);
    assert_eq!(json["toolConfig"]["toolChoice"], json!({"tool": {"name": "f"}}));
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["tools[2].description"]);
}

#[test]
fn a_call_in_a_namespace_is_answered_with_it() {
    let body = with(
        Responses,
        json!({"tools": [{"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "find"}]}]}),
    );
    let names = incoming(Responses, &body).answer.tools;
    let mut encoder = ResponsesEncoder::new("resp_1", "m", 1).tool_names(&names);
    let mut restorer = ToolCallRestorer::new(names);
    let chunks = [
        Chunk::tool_call_start(0, "c", "crm__find", None),
        Chunk::tool_call_end(0, "c", "crm__find", ToolInput::Empty),
    ];
    let mut out = Vec::new();
    for chunk in &chunks {
        encoder.encode(&restorer.restore(chunk).unwrap(), &mut out);
    }
    encoder.encode(&Chunk::text(1, "a"), &mut out);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.matches(r#""namespace":"crm","name":"find""#).count(), 2, "{out}");
    assert!(out.contains(r#""name":"find","arguments":"{}"}"#), "{out}");
    assert!(!out.contains("crm__find"));
}

/// Whatever the tools of a request are called, and in whatever order, a call of each is answered with the client's names: also if
/// the name of one is what another is called at Bedrock.
#[test]
fn every_call_is_answered_with_the_clients_names() {
    let function = |name: &str| json!({"type": "function", "name": name});
    let namespace = |name: &str, tools: &[&str]| {
        let tools: Vec<_> = tools.iter().map(|tool| function(tool)).collect();
        json!({"type": "namespace", "name": name, "tools": tools})
    };
    // What `a.b` is called at Bedrock, given first to another tool.
    let odd = incoming(Responses, &with(Responses, json!({"tools": [function("a.b")]}))).answer.tools;
    let made = odd.bedrock_name(None, "a.b").unwrap().to_owned();
    let mut tools = vec![
        namespace("crm", &["find", "a.b"]),
        function("crm__find"),
        function("find"),
        function("a.b"),
        function(&made),
        json!({"type": "custom", "name": "crm__patch"}),
        json!({"type": "namespace", "name": "crm__", "tools": [{"type": "custom", "name": "patch"}, function("find")]}),
    ];
    for _ in 0..tools.len() {
        tools.rotate_left(1);
        let names = incoming(Responses, &with(Responses, json!({"tools": tools}))).answer.tools;
        assert_eq!(names.iter().count(), 9);
        for (at_bedrock, tool) in names.iter() {
            let mut restorer = ToolCallRestorer::new(names.clone());
            let input = ToolInput::from_arguments(r#"{"input":"x"}"#, true);
            let chunks = [
                Chunk::tool_call_start(0, "c", at_bedrock, None),
                Chunk::tool_call_end(0, "c", at_bedrock, input),
                Chunk::done(Done::new(StopReason::ToolUse)),
            ];
            let chunks: Vec<_> =
                chunks.iter().filter_map(|chunk| restorer.restore(chunk)).map(Cow::into_owned).collect();
            let whole = ResponsesEncoder::new("resp_1", "m", 1).tool_names(&names).whole(&chunks).unwrap();
            let item = serde_json::from_str::<Value>(&whole).unwrap()["output"][0].clone();
            let namespace = tool.namespace.clone().map_or(Value::Null, Value::from);
            assert_eq!(
                (&item["name"], &item["namespace"]),
                (&json!(tool.name), &namespace),
                "{at_bedrock}: {item}"
            );
            let kind = if tool.is_custom { "custom_tool_call" } else { "function_call" };
            assert_eq!(item["type"], kind);
        }
    }
}

/// As Codex sends them.
#[test]
fn tools_may_come_in_the_input() {
    let body = input(json!([
        {"type": "additional_tools", "role": "developer", "tools": [{"type": "function", "name": "f", "parameters": null}]},
        {"role": "user", "content": "a"},
    ]));
    let read = incoming(Responses, &body);
    assert!(read.left_out.is_empty(), "{:?}", read.left_out);
    assert_eq!(to_json(&read)["toolConfig"]["tools"][0]["toolSpec"]["name"], "f");
}

#[test]
fn reasoning_goes_back_by_its_encrypted_content() {
    let text = EncryptedReasoning::text("hm", "c2ln").to_encrypted_content();
    let redacted = EncryptedReasoning::Redacted(vec![0, 1, 2].into()).to_encrypted_content();
    let body = input(json!([
        {"role": "user", "content": "a"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "edited"}], "encrypted_content": text},
        {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": redacted, "status": null},
        {"type": "reasoning", "id": "rs_3", "summary": []},
        {"type": "reasoning", "id": "rs_4", "summary": [], "encrypted_content": "gAAAA"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]));
    let read = incoming(Responses, &body);
    assert_eq!(
        to_json(&read)["messages"][1]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"reasoningContent": {"redactedContent": "AAEC"}},
            {"text": "b"},
        ])
    );
    assert_eq!(left_out(&read, LeftOutReason::Unsigned), ["input[3]", "input[4]"]);
}

#[test]
fn structured_output_is_converses() {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let body = with(
        Responses,
        json!({"text": {"format": {"type": "json_schema", "name": "answer", "strict": true, "schema": schema}}}),
    );
    assert_eq!(
        converse(Responses, &body)["outputConfig"],
        json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema":
            {"schema": schema.to_string(), "name": "answer"}}}})
    );
}

#[test]
fn nothing_is_stored() {
    for (members, field) in [
        (json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (json!({"conversation": "conv_1"}), "conversation"),
        (json!({"prompt": {"id": "p"}}), "prompt"),
        (json!({"background": true}), "background"),
        (json!({"input": [{"type": "item_reference", "id": "msg_1"}]}), "input[0]"),
        (json!({"input": [{"id": "msg_1"}]}), "input[0]"),
        (json!({"top_logprobs": 1}), "top_logprobs"),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}),
            "input[0].content[0].file_id",
        ),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://x"}]}]}),
            "input[0].content[0].image_url",
        ),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_file", "file_url": "https://x"}]}]}),
            "input[0].content[0].file_url",
        ),
    ] {
        let body = with(Responses, members);
        assert_eq!(unsupported(Responses, &body), field);
        assert!(try_read(Responses, &body, &Options::new().lenient(true)).is_err(), "{field}");
    }
    let body = with(Responses, json!({"store": true, "background": false}));
    assert_eq!(left_out(&incoming(Responses, &body), LeftOutReason::NoEffect), ["store"]);
    let none = with(Responses, json!({"input": []}));
    assert_eq!(refused(Responses, &none).0, "input");
}

#[test]
fn what_bedrock_has_nothing_for_is_refused_or_left_out() {
    for (members, field) in [
        (json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (json!({"tools": [{"type": "mcp", "server_label": "a"}]}), "tools[0].type"),
        (json!({"tools": [{"type": "local_shell"}]}), "tools[0].type"),
        (json!({"tool_choice": {"type": "file_search"}}), "tool_choice.type"),
        (json!({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}), "tool_choice.type"),
        (json!({"truncation": "auto"}), "truncation"),
        (json!({"text": {"verbosity": "high"}}), "text.verbosity"),
        (json!({"text": {"format": {"type": "json_object"}}}), "text.format.type"),
        (json!({"context_management": []}), "context_management"),
        (json!({"reasoning": {"mode": "pro"}}), "reasoning.mode"),
        (
            json!({"input": [
            {"role": "user", "content": "Hi"},
            {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}}]}),
            "input[1].type",
        ),
    ] {
        let body = with(Responses, members);
        assert_eq!(unsupported(Responses, &body), field);
        let (left_out, read) = lenient(Responses, &body);
        assert_eq!(left_out, [field]);
        assert_eq!(read, converse(Responses, &with(Responses, json!({}))));
    }
}
