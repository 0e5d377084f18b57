//! Bugs of other gateways that concern requests, one test each; the numbers are those of the list in the documents. 17 and 18, lost
//! signatures, are also in `round_trip`; 27 and 28 also beside `ToolNames` and the names of documents.

use bedrock_stream_dialects::Dialect::{self, Chat, Messages, Responses};
use bedrock_stream_dialects::request::{self, LeftOutReason, Options};
use serde_json::{Value, json};

use super::ask::{CLAUDE, converse, incoming, left_out, refused, to_json, unsupported, with};

/// A call with these arguments, in OpenAI's dialects.
fn history(dialect: Dialect, arguments: &str) -> Value {
    match dialect {
        Chat => with(
            Chat,
            json!({"messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "r"},
            ]}),
        ),
        _ => with(
            Responses,
            json!({"input": [
                {"role": "user", "content": "a"},
                {"type": "function_call", "call_id": "c1", "name": "f", "arguments": arguments},
                {"type": "function_call_output", "call_id": "c1", "output": "r"},
            ]}),
        ),
    }
}

/// bedrock-access-gateway#258: empty arguments in a history crashed; bad ones became `{}`.
#[test]
fn bug_12_bedrock_access_gateway_258_empty_arguments_are_an_object_and_bad_ones_an_error() {
    for (dialect, field) in
        [(Chat, "messages[1].tool_calls[0].function.arguments"), (Responses, "input[1].arguments")]
    {
        for arguments in ["", " ", "{}"] {
            let read = converse(dialect, &history(dialect, arguments));
            assert_eq!(read["messages"][1]["content"][0]["toolUse"]["input"], json!({}), "{arguments:?}");
        }
        for arguments in ["{\"a\":", "[]", "null", "\"a\"", "1", "{} x"] {
            assert_eq!(refused(dialect, &history(dialect, arguments)).0, field, "{arguments:?}");
        }
    }
}

/// Numbers 17 and 18, litellm#38809 and langchain-aws#844, of a request: what a client sends back.
#[test]
fn bugs_17_18_litellm_38809_signature_only_and_redacted_reasoning_is_not_lost() {
    let signature_only = json!({"reasoningContent": {"reasoningText": {"text": "", "signature": "c2ln"}}});
    let redacted = json!({"reasoningContent": {"redactedContent": "AAEC"}});
    let messages = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "AAEC"},
                {"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "r"}]},
        ]}),
    );
    let chat = with(
        Chat,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": null, "reasoning_details": [
                {"index": 0, "type": "reasoning.text", "text": "", "signature": "c2ln"},
                {"index": 1, "type": "reasoning.encrypted", "data": "AAEC"}],
             "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "r"},
        ]}),
    );
    for (dialect, body) in [(Messages, messages), (Chat, chat)] {
        let content = &converse(dialect, &body)["messages"][1]["content"];
        assert_eq!((&content[0], &content[1]), (&signature_only, &redacted), "{dialect}");
        assert!(content[2]["toolUse"].is_object());
    }
}

/// mlflow#24296, agno#6694, opencode#41780.
#[test]
fn bug_21_mlflow_24296_all_results_of_a_turn_are_in_one_message() {
    let chat = with(
        Chat,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "c2", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
            {"role": "tool", "tool_call_id": "c2", "content": "2"},
            {"role": "user", "content": "b"},
        ]}),
    );
    let messages = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "c1", "name": "f", "input": {}},
                {"type": "tool_use", "id": "c2", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "1"}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c2", "content": "2"}]},
            {"role": "user", "content": "b"},
        ]}),
    );
    for (dialect, body) in [(Chat, chat), (Messages, messages)] {
        let read = converse(dialect, &body);
        assert_eq!(read["messages"].as_array().map(Vec::len), Some(3), "{dialect}");
        assert_eq!(
            read["messages"][2]["content"],
            json!([
                {"toolResult": {"toolUseId": "c1", "content": [{"text": "1"}]}},
                {"toolResult": {"toolUseId": "c2", "content": [{"text": "2"}]}},
                {"text": "b"},
            ])
        );
    }
}

/// agentgateway#2192, experiential#399.
#[test]
fn bug_22_agentgateway_2192_a_conversation_with_calls_has_tools() {
    for dialect in [Chat, Responses] {
        let read = converse(dialect, &history(dialect, "{}"));
        assert_eq!(
            read["toolConfig"],
            json!({"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object", "properties": {}}}}}]})
        );
        // Converse cannot forbid tools that it must be told.
        let mut body = history(dialect, "{}");
        body["tool_choice"] = json!("none");
        let read = incoming(dialect, &body);
        assert!(to_json(&read)["toolConfig"]["tools"].is_array());
        assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["tool_choice"]);
    }
}

/// litellm#34420, litellm#36536.
#[test]
fn bug_23_litellm_34420_a_choice_without_tools_is_dropped() {
    for (dialect, choice) in
        [(Chat, json!("required")), (Responses, json!("required")), (Messages, json!({"type": "any"}))]
    {
        let read = incoming(dialect, &with(dialect, json!({"tool_choice": choice, "tools": []})));
        assert_eq!(to_json(&read)["toolConfig"], Value::Null);
        assert_eq!(left_out(&read, LeftOutReason::NoEffect), ["tool_choice"]);
    }
    let flag = incoming(Chat, &with(Chat, json!({"parallel_tool_calls": false})));
    assert_eq!(to_json(&flag)["additionalModelRequestFields"], Value::Null);
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let both = json!({"tools": tools, "tool_choice": "required", "parallel_tool_calls": false});
    let read = converse(Chat, &with(Chat, both));
    assert_eq!(read["additionalModelRequestFields"], Value::Null);
    assert_eq!(read["toolConfig"]["toolChoice"], json!({"any": {}}));
}

/// hermes-agent#41985, req_llm#534.
#[test]
fn bug_24_hermes_41985_blank_text_is_dropped() {
    for blank in ["", " ", "\n\t"] {
        let chat = with(
            Chat,
            json!({"messages": [
                {"role": "system", "content": blank},
                {"role": "user", "content": [{"type": "text", "text": blank}, {"type": "text", "text": "a"}]},
                {"role": "assistant", "content": blank},
                {"role": "user", "content": "b"},
            ]}),
        );
        let read = converse(Chat, &chat);
        assert_eq!(read["system"], Value::Null);
        assert_eq!(read["messages"], json!([{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}]));
        assert_eq!(
            refused(Chat, &with(Chat, json!({"messages": [{"role": "user", "content": blank}]}))).0,
            "messages"
        );
        assert_eq!(refused(Responses, &with(Responses, json!({"input": blank}))).0, "input");
    }
}

/// envoy#2546: errors in Bedrock's own shape; here those of a request that is refused before Bedrock sees it.
#[test]
fn bug_26_envoy_2546_errors_are_in_the_dialects_own_shape() {
    for dialect in [Chat, Responses, Messages] {
        let error = super::ask::read(dialect, b"{\"model\": 5}", &Options::new()).unwrap_err();
        let body: Value = serde_json::from_str(&error.body(Some("r1"))).unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(error.http_status(), 400);
        if dialect == Messages {
            assert_eq!((&body["type"], &body["request_id"]), (&json!("error"), &json!("r1")));
        } else {
            assert_eq!(
                (&body["error"]["param"], &body["error"]["code"]),
                (&json!("model"), &json!("invalid_type"))
            );
        }
    }
}

/// agentgateway#2384, kagent#1730.
#[test]
fn bug_27_agentgateway_2384_odd_tool_names_are_mapped_everywhere() {
    let long = "n".repeat(80);
    for name in ["server.tool", "a b", &long] {
        let body = with(
            Messages,
            json!({
                "tools": [{"name": name, "input_schema": {"type": "object"}}],
                "tool_choice": {"type": "tool", "name": name},
                "messages": [
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": name, "input": {}}]},
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c"}]},
                ],
            }),
        );
        let read = incoming(Messages, &body);
        let at_bedrock = read.answer.tools.bedrock_name(None, name).unwrap();
        let json = to_json(&read);
        assert_eq!(json["toolConfig"]["tools"][0]["toolSpec"]["name"], at_bedrock);
        assert_eq!(json["toolConfig"]["toolChoice"]["tool"]["name"], at_bedrock);
        assert_eq!(json["messages"][1]["content"][0]["toolUse"]["name"], at_bedrock);
    }
}

#[test]
fn long_ids_of_calls_are_mapped_with_their_results() {
    let id = "call/".repeat(30);
    let body = with(
        Chat,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [{"id": id, "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": id, "content": "1"},
        ]}),
    );
    let read = converse(Chat, &body);
    let call = &read["messages"][1]["content"][0]["toolUse"]["toolUseId"];
    assert_eq!(call, &read["messages"][2]["content"][0]["toolResult"]["toolUseId"]);
    assert_eq!(call.as_str().map(str::len), Some(64));
}

/// bifrost#7003, vercel/ai#20365, simonw/llm-bedrock#8.
#[test]
fn bug_28_bifrost_7003_document_names_are_legal() {
    let document =
        |name: &str| json!({"type": "file", "file": {"filename": name, "file_data": super::ask::PDF}});
    let body = with(
        Chat,
        json!({"messages": [{"role": "user", "content": [
            {"type": "text", "text": "a"}, document("../My_Report (v1.2)!.pdf"), document("../My_Report (v1.2)!.pdf")]}]}),
    );
    let read = converse(Chat, &body);
    let names: Vec<_> = (1..3).map(|i| &read["messages"][0]["content"][i]["document"]["name"]).collect();
    assert_eq!(names, ["My-Report (v1-2)", "My-Report (v1-2) (2)"]);
}

/// Portkey#1547, litellm#39070, stdapi.ai#96.
#[test]
fn bug_29_portkey_1547_a_schema_is_never_dropped() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false});
    for (dialect, members) in [
        (
            Chat,
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}),
        ),
        (Responses, json!({"text": {"format": {"type": "json_schema", "name": "n", "schema": schema}}})),
        (Messages, json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})),
    ] {
        let read = converse(dialect, &with(dialect, members));
        let text = read["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), schema);
    }
    let object = with(Chat, json!({"response_format": {"type": "json_object"}}));
    assert_eq!(unsupported(Chat, &object), "response_format.type");
}

/// vercel/ai#21207: settings were lost in silence. What is not known is in the list; see also `unknown`.
#[test]
fn bug_31_vercel_21207_nothing_is_lost_in_silence() {
    let read = incoming(Chat, &with(Chat, json!({"min_p": 0.1, "reasoning": {"effort": "high"}})));
    assert_eq!(left_out(&read, LeftOutReason::Unknown), ["min_p", "reasoning"]);
    let effort = converse(Chat, &with(Chat, json!({"reasoning_effort": "high"})));
    assert_eq!(effort["outputConfig"]["effort"], "high");
}

/// envoy#1332. How it is written in a path: see the gateway's tests.
#[test]
fn bug_33_envoy_1332_an_arn_is_a_model() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6";
    let mut body = with(Chat, json!({"reasoning_effort": "low"}));
    body["model"] = json!(arn);
    assert_eq!(request::model(Chat, body.to_string().as_bytes()).as_deref(), Ok(arn));
    assert_eq!(
        converse(Chat, &body)["additionalModelRequestFields"],
        json!({"thinking": {"type": "adaptive"}})
    );
    assert_ne!(arn, CLAUDE);
}

/// bifrost#4378.
#[test]
fn bug_34_bifrost_4378_the_time_to_live_is_kept() {
    for (ttl, expected) in [
        (json!({"type": "ephemeral", "ttl": "1h"}), json!({"type": "default", "ttl": "1h"})),
        (json!({"type": "ephemeral", "ttl": "5m"}), json!({"type": "default", "ttl": "5m"})),
        (json!({"type": "ephemeral"}), json!({"type": "default"})),
    ] {
        let part = json!([{"type": "text", "text": "a", "cache_control": ttl}]);
        for dialect in [Chat, Messages] {
            let body = with(dialect, json!({"messages": [{"role": "user", "content": part}]}));
            assert_eq!(converse(dialect, &body)["messages"][0]["content"][1]["cachePoint"], expected);
        }
    }
}

/// Beyond others' bugs: numbers that are spelled anew.
#[test]
fn free_json_is_never_spelled_anew() {
    let input = r#"{"b":1.0,"a":12345678901234567890123,"c":1e400,"d":"\u00e9"}"#;
    let body = format!(
        r#"{{"model":"{CLAUDE}","max_tokens":1,"tools":[{{"name":"f","input_schema":{{"type":"object","x":{input}}}}}],"messages":[
            {{"role":"user","content":"a"}},
            {{"role":"assistant","content":[{{"type":"tool_use","id":"c","name":"f","input":{input}}}]}},
            {{"role":"user","content":[{{"type":"tool_result","tool_use_id":"c"}}]}}]}}"#
    );
    let read = request::messages(body.as_bytes(), &Options::new()).unwrap().request.to_json().unwrap();
    assert_eq!(read.matches(input).count(), 2, "{read}");
}
