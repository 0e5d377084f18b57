use bedrock_stream_core::converse::{ContentBlock, Reason, Request, ToolInput, ToolUseBlock};
use serde_json::{Value, json};

/// What is found in a request, as paths and reasons.
fn lint(request: &Value) -> Vec<(String, Reason)> {
    let request = Request::from_json(&request.to_string()).unwrap();
    request.lint().into_iter().map(|finding| (finding.path, finding.reason)).collect()
}

/// `good` is clean, and in `bad` there is this finding and no other.
#[track_caller]
fn refused(good: Value, bad: Value, path: &str, reason: Reason) {
    assert_eq!(lint(&good), [], "{good}");
    assert_eq!(lint(&bad), [(path.to_owned(), reason)], "{bad}");
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn assistant(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn text(role: &str) -> Value {
    json!({"role": role, "content": [{"text": "a"}]})
}

/// One user message of these blocks.
fn blocks(content: Value) -> Value {
    json!({"messages": [user(content)]})
}

fn call(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}})
}

fn result(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": "a"}]}})
}

/// A conversation with a tool.
fn tools(messages: Value) -> Value {
    json!({"messages": messages, "toolConfig": {"tools": [tool("f")]}})
}

fn tool(name: &str) -> Value {
    json!({"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}})
}

/// A call with these members, and its result.
fn called(tool_use: Value) -> Value {
    let id = tool_use["toolUseId"].as_str().unwrap().to_owned();
    tools(json!([text("user"), assistant(json!([{"toolUse": tool_use}])), user(json!([result(&id)]))]))
}

/// A call, and a result with these members.
fn answered(tool_result: Value) -> Value {
    tools(json!([text("user"), assistant(json!([call("a")])), user(json!([{"toolResult": tool_result}]))]))
}

#[test]
fn blank_text() {
    for blank in ["", " \n\t"] {
        refused(
            blocks(json!([{"text": "a"}, {"text": " b "}])),
            blocks(json!([{"text": "a"}, {"text": blank}])),
            "messages[0].content[1].text",
            Reason::Blank,
        );
    }
    refused(
        json!({"system": [{"text": " "}]}),
        json!({"system": [{"text": ""}]}),
        "system[0].text",
        Reason::Empty,
    );
}

#[test]
fn empty_content() {
    refused(blocks(json!([{"text": "a"}])), blocks(json!([])), "messages[0].content", Reason::Empty);
}

#[test]
fn not_one_member() {
    let good = blocks(json!([{"text": "a"}]));
    refused(good.clone(), blocks(json!([{}])), "messages[0].content[0]", Reason::NotOneMember { members: 0 });
    refused(
        good,
        blocks(json!([{"text": "a", "cachePoint": {"type": "default"}}])),
        "messages[0].content[0]",
        Reason::NotOneMember { members: 2 },
    );
}

#[test]
fn a_missing_role() {
    refused(
        json!({"messages": [text("user")]}),
        json!({"messages": [{"content": [{"text": "a"}]}]}),
        "messages[0].role",
        Reason::Missing,
    );
}

#[test]
fn roles_out_of_turn() {
    refused(
        json!({"messages": [text("system"), text("user")]}),
        json!({"messages": [text("system"), text("assistant"), text("user")]}),
        "messages[1].role",
        Reason::FirstNotUser,
    );
    for (first, second, third) in [("user", "user", "assistant"), ("user", "system", "user")] {
        let bad = [text(first), text(second), text(third)];
        let at = if second == "system" { 2 } else { 1 };
        refused(
            json!({"messages": [text("user"), text("system"), text("assistant"), text("system"), text("user")]}),
            json!({"messages": bad}),
            &format!("messages[{at}].role"),
            Reason::RoleRepeated,
        );
    }
    refused(
        json!({"messages": [text("user"), text("assistant")]}),
        json!({"messages": [text("user"), text("assistant"), text("assistant")]}),
        "messages[2].role",
        Reason::RoleRepeated,
    );
    // The messages of a prompt come first, and nobody here knows them.
    assert_eq!(lint(&json!({"promptVariables": {"a": {"text": "b"}}, "messages": [text("assistant")]})), []);
}

#[test]
fn tool_history_without_tool_config() {
    let messages = json!([text("user"), assistant(json!([call("a")])), user(json!([result("a")]))]);
    refused(tools(messages.clone()), json!({"messages": messages}), "toolConfig", Reason::ToolConfigMissing);
}

#[test]
fn a_result_that_answers_no_call() {
    refused(
        tools(json!([text("user"), assistant(json!([call("a")])), user(json!([result("a")]))])),
        tools(json!([text("user"), assistant(json!([call("a")])), user(json!([result("a"), result("b")]))])),
        "messages[2].content[1].toolResult.toolUseId",
        Reason::AnswersNoToolUse,
    );
    // Only the message before counts.
    refused(
        tools(json!([
            text("user"),
            assistant(json!([call("a")])),
            text("system"),
            user(json!([result("a")]))
        ])),
        tools(json!([
            text("user"),
            assistant(json!([call("a")])),
            user(json!([result("a")])),
            text("assistant"),
            user(json!([result("a")])),
        ])),
        "messages[4].content[0].toolResult.toolUseId",
        Reason::AnswersNoToolUse,
    );
    assert_eq!(
        lint(&tools(json!([user(json!([result("a")]))]))),
        [("messages[0].content[0].toolResult.toolUseId".to_owned(), Reason::AnswersNoToolUse)]
    );
}

#[test]
fn a_call_without_a_result() {
    refused(
        tools(json!([
            text("user"),
            assistant(json!([call("a"), call("b")])),
            user(json!([result("b"), result("a")]))
        ])),
        tools(json!([text("user"), assistant(json!([call("a"), call("b")])), user(json!([result("a")]))])),
        "messages[1].content[1].toolUse.toolUseId",
        Reason::Unanswered,
    );
    // Nothing says yet that the last message's calls will not be answered.
    assert_eq!(lint(&tools(json!([text("user"), assistant(json!([call("a")]))]))), []);
}

#[test]
fn tools_that_run_at_bedrock_are_answered_where_they_are_called() {
    let server_call = json!({
        "toolUse": {"toolUseId": "s", "name": "nova_grounding", "input": {}, "type": "server_tool_use"},
    });
    let messages =
        json!([text("user"), assistant(json!([server_call, result("s"), {"text": "a"}])), text("user")]);
    assert_eq!(lint(&json!({"messages": messages})), []);
}

#[test]
fn duplicate_ids() {
    let turn = |calls: Value, results: Value| tools(json!([text("user"), assistant(calls), user(results)]));
    refused(
        turn(json!([call("a"), call("b")]), json!([result("a"), result("b")])),
        turn(json!([call("a"), call("a")]), json!([result("a")])),
        "messages[1].content[1].toolUse.toolUseId",
        Reason::DuplicateId { first: 0 },
    );
    assert_eq!(
        lint(&turn(json!([call("a")]), json!([result("a"), result("a")]))),
        [("messages[2].content[1].toolResult.toolUseId".to_owned(), Reason::DuplicateId { first: 0 })]
    );
}

#[test]
fn tool_names_out_of_range() {
    let named = |name: &str| json!({"toolConfig": {"tools": [tool(name)]}});
    let path = "toolConfig.tools[0].toolSpec.name";
    let allowed = "ASCII letters, digits, `_` and `-`";
    refused(named(&"a".repeat(64)), named(&"a".repeat(65)), path, Reason::TooLong { length: 65, max: 64 });
    refused(
        named("get_Weather-2"),
        named("get.weather"),
        path,
        Reason::Character { character: '.', allowed },
    );
    refused(named("a"), named(""), path, Reason::Empty);

    let called = |name: &str| called(json!({"toolUseId": "a", "name": name, "input": {}}));
    refused(
        called("f"),
        called("f g"),
        "messages[1].content[0].toolUse.name",
        Reason::Character { character: ' ', allowed },
    );
    let system = |name: &str| json!({"toolConfig": {"tools": [{"systemTool": {"name": name}}]}});
    refused(system("nova_grounding"), system(""), "toolConfig.tools[0].systemTool.name", Reason::Empty);
    let chosen =
        |name: &str| json!({"toolConfig": {"tools": [tool("f")], "toolChoice": {"tool": {"name": name}}}});
    refused(
        chosen("f"),
        chosen("é"),
        "toolConfig.toolChoice.tool.name",
        Reason::Character { character: 'é', allowed },
    );
}

#[test]
fn tool_use_ids_out_of_range() {
    let allowed = "ASCII letters, digits, `_`, `.`, `:` and `-`";
    let wrong = [
        ("a b".to_owned(), Reason::Character { character: ' ', allowed }),
        ("a".repeat(65), Reason::TooLong { length: 65, max: 64 }),
        (String::new(), Reason::Empty),
    ];
    for (id, reason) in wrong {
        assert_eq!(lint(&called(json!({"toolUseId": "aZ0_.:-", "name": "f", "input": {}}))), []);
        assert_eq!(
            lint(&called(json!({"toolUseId": id, "name": "f", "input": {}}))),
            [
                ("messages[1].content[0].toolUse.toolUseId".to_owned(), reason.clone()),
                ("messages[2].content[0].toolResult.toolUseId".to_owned(), reason),
            ]
        );
    }
}

#[test]
fn duplicate_tool_names() {
    refused(
        json!({"toolConfig": {"tools": [tool("a"), {"cachePoint": {"type": "default"}}, tool("b")]}}),
        json!({"toolConfig": {"tools": [tool("a"), {"cachePoint": {"type": "default"}}, tool("a")]}}),
        "toolConfig.tools[2].toolSpec.name",
        Reason::DuplicateToolName { first: 0 },
    );
}

#[test]
fn no_tools() {
    refused(
        json!({"toolConfig": {"tools": [tool("a")], "toolChoice": {"any": {}}}}),
        json!({"toolConfig": {"tools": [], "toolChoice": {"any": {}}}}),
        "toolConfig.tools",
        Reason::Empty,
    );
}

#[test]
fn an_empty_description() {
    let described = |description: &str| {
        let mut tool = tool("a");
        tool["toolSpec"]["description"] = description.into();
        json!({"toolConfig": {"tools": [tool]}})
    };
    refused(described("a"), described(""), "toolConfig.tools[0].toolSpec.description", Reason::Empty);
}

#[test]
fn a_schema_of_no_object() {
    let schema = |schema: Value| json!({"toolConfig": {"tools": [{"toolSpec": {"name": "a", "inputSchema": {"json": schema}}}]}});
    let good = schema(json!({"type": "object"}));
    let path = "toolConfig.tools[0].toolSpec.inputSchema.json";
    for wrong in [json!({"type": "string"}), json!({"type": ["object"]}), json!({"oneOf": []}), json!({})] {
        refused(good.clone(), schema(wrong), &format!("{path}.type"), Reason::SchemaNotObject);
    }
    for wrong in [json!("{\"type\": \"object\"}"), json!([]), json!(true)] {
        refused(good.clone(), schema(wrong), path, Reason::NotAnObject);
    }
    refused(
        good,
        json!({"toolConfig": {"tools": [{"toolSpec": {"name": "a"}}]}}),
        "toolConfig.tools[0].toolSpec.inputSchema",
        Reason::NotOneMember { members: 0 },
    );
}

#[test]
fn inference_out_of_range() {
    let config = |name: &str, value: Value| json!({"inferenceConfig": {name: value}});
    refused(
        config("maxTokens", json!(1)),
        config("maxTokens", json!(0)),
        "inferenceConfig.maxTokens",
        Reason::Zero,
    );
    for name in ["temperature", "topP"] {
        for wrong in [1.5, -0.5] {
            for right in [json!(0), json!(0.5), json!(1.0)] {
                refused(
                    config(name, right),
                    config(name, json!(wrong)),
                    &format!("inferenceConfig.{name}"),
                    Reason::OutOfRange { value: wrong, min: 0.0, max: 1.0 },
                );
            }
        }
        let nan = Request::new().temperature(f64::NAN);
        assert_eq!(nan.lint().len(), 1, "written as null, it would silently be another request");
    }
    refused(
        config("stopSequences", json!(vec!["a"; 2500])),
        config("stopSequences", json!(vec!["a"; 2501])),
        "inferenceConfig.stopSequences",
        Reason::TooMany { count: 2501, max: 2500 },
    );
    refused(
        config("stopSequences", json!(["a", " "])),
        config("stopSequences", json!(["a", ""])),
        "inferenceConfig.stopSequences[1]",
        Reason::Empty,
    );
}

#[test]
fn response_field_paths_out_of_range() {
    let paths = |paths: Vec<String>| json!({"additionalModelResponseFieldPaths": paths});
    let path = "additionalModelResponseFieldPaths";
    let good = paths(vec![format!("/{}", "é".repeat(255)); 10]);
    refused(good.clone(), paths(vec!["/a".into(); 11]), path, Reason::TooMany { count: 11, max: 10 });
    refused(
        good.clone(),
        paths(vec!["/".repeat(257)]),
        &format!("{path}[0]"),
        Reason::TooLong { length: 257, max: 256 },
    );
    refused(good, paths(vec![String::new()]), &format!("{path}[0]"), Reason::Empty);
}

#[test]
fn metadata_out_of_range() {
    let metadata = |key: &str, value: &str| json!({"requestMetadata": {key: value}});
    let long = "a".repeat(257);
    let good = metadata("team:_@$#=/+,-. 1", "");
    let allowed = "ASCII letters, digits, white space and `:_@$#=/+,-.`";
    refused(
        good.clone(),
        metadata("a", &long),
        "requestMetadata.a",
        Reason::TooLong { length: 257, max: 256 },
    );
    refused(
        good.clone(),
        metadata(&long, "a"),
        &format!("requestMetadata.{long}"),
        Reason::TooLong { length: 257, max: 256 },
    );
    refused(
        good.clone(),
        metadata("a", "{}"),
        "requestMetadata.a",
        Reason::Character { character: '{', allowed },
    );
    refused(good.clone(), json!({"requestMetadata": {}}), "requestMetadata", Reason::Empty);
    let many: Value = (0..17).map(|n| (n.to_string(), Value::from("a"))).collect();
    refused(
        good,
        json!({"requestMetadata": many}),
        "requestMetadata",
        Reason::TooMany { count: 17, max: 16 },
    );
}

#[test]
fn malformed_tool_input() {
    let path = "messages[1].content[0].toolUse.input";
    let with = |input: Value| called(json!({"toolUseId": "a", "name": "f", "input": input}));
    for wrong in [json!("{\"a\":"), json!([]), json!(1)] {
        refused(with(json!({"a": 1})), with(wrong), path, Reason::NotAnObject);
    }

    let request = Request::from_json(&with(json!({})).to_string()).unwrap();
    let text = "{\"a\":".to_owned();
    for input in [ToolInput::Malformed { text: text.clone() }, ToolInput::Truncated { text }] {
        let mut request = request.clone();
        request.messages.as_mut().unwrap()[1].content[0] =
            ContentBlock::ToolUse(ToolUseBlock::new("a", "f", input));
        let findings = request.lint();
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), &findings[0].reason), (path, &Reason::MalformedInput));
    }
}

#[test]
fn tool_results() {
    let path = "messages[2].content[0].toolResult";
    for wrong in [json!([1]), json!("a"), json!(1)] {
        refused(
            answered(json!({"toolUseId": "a", "content": [{"json": {}}]})),
            answered(json!({"toolUseId": "a", "content": [{"json": wrong}]})),
            &format!("{path}.content[0].json"),
            Reason::NotAnObject,
        );
    }
    // Bedrock takes an empty result and a blank one, unless the tool failed and nobody says how.
    assert_eq!(lint(&answered(json!({"toolUseId": "a", "content": [{"text": " "}]}))), []);
    refused(
        answered(json!({"toolUseId": "a", "content": []})),
        answered(json!({"toolUseId": "a", "content": [], "status": "error"})),
        &format!("{path}.content"),
        Reason::EmptyError,
    );
    refused(
        answered(
            json!({"toolUseId": "a", "content": [{"image": {"format": "png", "source": {"bytes": "AA=="}}}]}),
        ),
        answered(
            json!({"toolUseId": "a", "content": [{"image": {"format": "png", "source": {"bytes": ""}}}]}),
        ),
        &format!("{path}.content[0].image.source.bytes"),
        Reason::Empty,
    );
}

#[test]
fn media() {
    let good = json!({"format": "png", "source": {"s3Location": {"uri": "s3://bucket/key"}}});
    let wrong = [
        (json!({"source": {"bytes": "AA=="}}), "format", Reason::Missing),
        (json!({"format": "png", "source": {"bytes": ""}}), "source.bytes", Reason::Empty),
        (json!({"format": "png", "source": {}}), "source", Reason::NotOneMember { members: 0 }),
        (json!({"format": "png", "source": {"s3Location": {}}}), "source.s3Location.uri", Reason::Empty),
        (
            json!({"format": "png", "source": {"s3Location": {"uri": "s".repeat(1025)}}}),
            "source.s3Location.uri",
            Reason::TooLong { length: 1025, max: 1024 },
        ),
    ];
    for kind in ["image", "audio", "video"] {
        for (bad, path, reason) in &wrong {
            refused(
                blocks(json!([{kind: good}])),
                blocks(json!([{kind: bad}])),
                &format!("messages[0].content[0].{kind}.{path}"),
                reason.clone(),
            );
        }
    }
    refused(
        blocks(json!([{"image": {"error": {"message": "not made"}}}])),
        blocks(json!([{"image": {"format": "png"}}])),
        "messages[0].content[0].image.source",
        Reason::Missing,
    );
    refused(
        blocks(json!([{"guardContent": {"image": {"format": "png", "source": {"bytes": "AA=="}}}}])),
        blocks(json!([{"guardContent": {"image": {"format": "png", "source": {"bytes": ""}}}}])),
        "messages[0].content[0].guardContent.image.source.bytes",
        Reason::Empty,
    );
}

#[test]
fn documents() {
    let named = |name: &str| {
        blocks(json!([{"text": "a"}, {"document": {"name": name, "source": {"bytes": "AA=="}}}]))
    };
    let path = "messages[0].content[1].document.name";
    let allowed = "letters, digits, white space, hyphens, parentheses, square brackets and `_`";
    let good = named("My report_2 (final) [a-b] 報告");
    refused(good.clone(), named("report.pdf"), path, Reason::Character { character: '.', allowed });
    refused(good.clone(), named("a  b"), path, Reason::ConsecutiveWhitespace);
    refused(good.clone(), named(""), path, Reason::Empty);
    refused(good, named(&"a".repeat(201)), path, Reason::TooLong { length: 201, max: 200 });

    let document = json!({"document": {"name": "a", "source": {"text": "b"}}});
    refused(
        blocks(json!([document, {"text": "a"}])),
        blocks(json!([document])),
        "messages[0].content",
        Reason::DocumentWithoutText,
    );
    let other = json!({"document": {"name": "b", "source": {"text": "b"}}});
    let twice = |second: &Value| {
        json!({"messages": [
            user(json!([{"text": "a"}, document])), text("assistant"), user(json!([second, {"text": "a"}])),
        ]})
    };
    refused(
        twice(&other),
        twice(&document),
        "messages[2].content[0].document.name",
        Reason::DuplicateDocumentName,
    );
}

#[test]
fn tool_references() {
    let added = |name: &str| {
        json!({"messages": [
            text("user"),
            {"role": "system", "content": [{"toolAddition": {"tool": {"name": name}}}]},
        ]})
    };
    refused(
        added(&"a".repeat(128)),
        added(&"a".repeat(129)),
        "messages[1].content[0].toolAddition.tool.name",
        Reason::TooLong { length: 129, max: 128 },
    );
}

#[test]
fn configs_of_one_member() {
    refused(
        json!({"promptVariables": {"a": {"text": "b"}}}),
        json!({"promptVariables": {"a": {}}}),
        "promptVariables.a",
        Reason::NotOneMember { members: 0 },
    );
    let format = |structure: Value| json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": structure}}});
    refused(
        format(json!({"jsonSchema": {"schema": "{}"}})),
        format(json!({"jsonSchema": {"name": "a"}})),
        "outputConfig.textFormat.structure.jsonSchema.schema",
        Reason::Empty,
    );
    refused(
        json!({"outputConfig": {"effort": "unheard-of"}}),
        json!({"outputConfig": {"effort": "a".repeat(17)}}),
        "outputConfig.effort",
        Reason::TooLong { length: 17, max: 16 },
    );
    let guardrail = |id: String| json!({"guardrailConfig": {"guardrailIdentifier": id}});
    refused(
        guardrail("a".repeat(2048)),
        guardrail("a".repeat(2049)),
        "guardrailConfig.guardrailIdentifier",
        Reason::TooLong { length: 2049, max: 2048 },
    );
}

#[test]
fn what_this_version_does_not_know_is_not_judged() {
    for request in [
        json!({}),
        json!({"hologram": 1}),
        blocks(json!([{"hologram": {}}])),
        json!({"messages": [text("narrator"), text("narrator")]}),
        json!({"system": [{"hologram": {}}], "toolConfig": {"tools": [{"robot": {}}], "toolChoice": {"none": {}}}}),
    ] {
        assert_eq!(lint(&request), [], "{request}");
    }
}

#[test]
fn a_finding_says_where_and_why() {
    let findings = Request::new().user(" ").max_tokens(0).lint();
    let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "messages[0].content[0].text: its text is blank",
            "inferenceConfig.maxTokens: it must be at least 1"
        ]
    );
}
