//! One row per constraint: a valid request, an invalid one, and the violation found in the latter.

use bedrock_stream_core::converse::Constraint as C;
use serde_json::{Value, json};

use super::{assistant, blocks, call, called, lint, result, text, tool, tools, user};

type Row = (Value, Value, &'static str, C);

#[test]
fn each_row_has_exactly_its_violation() {
    let rows = [tool_rows(), config_rows(), metadata_rows(), document_rows(), message_rows()].concat();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(good, bad, path, reason)| {
            let expected = [((*path).to_owned(), reason.clone())];
            (!lint(good).is_empty() || lint(bad) != expected)
                .then(|| format!("{path}, {reason}:\n  {good}: {:?}\n  {bad}: {:?}", lint(good), lint(bad)))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    assert_eq!(rows.len(), 38);
}

fn tool_rows() -> Vec<Row> {
    let allowed = "ASCII letters, digits, `_` and `-`";
    let config = |tools: Value| json!({"toolConfig": {"tools": tools}});
    let named = |name: &str| config(json!([tool(name)]));
    let called = |name: &str| called(json!({"toolUseId": "a", "name": name, "input": {}}));
    let system = |name: &str| config(json!([{"systemTool": {"name": name}}]));
    let chosen =
        |name: &str| json!({"toolConfig": {"tools": [tool("f")], "toolChoice": {"tool": {"name": name}}}});
    let point = json!({"cachePoint": {"type": "default"}});
    let any = |tools: Value| json!({"toolConfig": {"tools": tools, "toolChoice": {"any": {}}}});
    let described = |description: &str| {
        let mut tool = tool("a");
        tool["toolSpec"]["description"] = description.into();
        config(json!([tool]))
    };
    let added = |len| {
        let tool = json!({"toolAddition": {"tool": {"name": "a".repeat(len)}}});
        json!({"messages": [text("user"), {"role": "system", "content": [tool]}]})
    };
    let history = json!([text("user"), assistant(json!([call("a")])), user(json!([result("a")]))]);
    let name = "toolConfig.tools[0].toolSpec.name";
    vec![
        (named(&"a".repeat(64)), named(&"a".repeat(65)), name, C::too_long(65, 64)),
        (named("get_Weather-2"), named("get.weather"), name, C::character('.', allowed)),
        (named("a"), named(""), name, C::Empty),
        (called("f"), called("f g"), "messages[1].content[0].toolUse.name", C::character(' ', allowed)),
        (system("nova_grounding"), system(""), "toolConfig.tools[0].systemTool.name", C::Empty),
        (chosen("f"), chosen("é"), "toolConfig.toolChoice.tool.name", C::character('é', allowed)),
        (
            config(json!([tool("a"), point, tool("b")])),
            config(json!([tool("a"), point, tool("a")])),
            "toolConfig.tools[2].toolSpec.name",
            C::duplicate_tool_name(0),
        ),
        (any(json!([tool("a")])), any(json!([])), "toolConfig.tools", C::Empty),
        (described("a"), described(""), "toolConfig.tools[0].toolSpec.description", C::Empty),
        (added(128), added(129), "messages[1].content[0].toolAddition.tool.name", C::too_long(129, 128)),
        (tools(history.clone()), json!({"messages": history}), "toolConfig", C::ToolConfigMissing),
    ]
}

fn config_rows() -> Vec<Row> {
    let path = "additionalModelResponseFieldPaths";
    let first = "additionalModelResponseFieldPaths[0]";
    let paths = |paths: Vec<String>| json!({path: paths});
    let good = paths(vec![format!("/{}", "é".repeat(255)); 10]);
    let variable = |value: Value| json!({"promptVariables": {"a": value}});
    let format = |schema: Value| json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}});
    let effort = |effort: &str| json!({"outputConfig": {"effort": effort}});
    let guardrail = |len| json!({"guardrailConfig": {"guardrailIdentifier": "a".repeat(len)}});
    let project = |id: &str| json!({"projectIdentifier": id});
    let schema = "outputConfig.textFormat.structure.jsonSchema.schema";
    vec![
        (good.clone(), paths(vec!["/a".into(); 11]), path, C::too_many(11, 10)),
        (good.clone(), paths(vec!["/".repeat(257)]), first, C::too_long(257, 256)),
        (good, paths(vec![String::new()]), first, C::Empty),
        (variable(json!({"text": "b"})), variable(json!({})), "promptVariables.a", C::not_one_member(0)),
        (format(json!({"schema": "{}"})), format(json!({"name": "a"})), schema, C::Empty),
        (effort("unheard-of"), effort(&"a".repeat(17)), "outputConfig.effort", C::too_long(17, 16)),
        (guardrail(2048), guardrail(2049), "guardrailConfig.guardrailIdentifier", C::too_long(2049, 2048)),
        (project("p-1"), project(""), "projectIdentifier", C::Empty),
        (
            project(&"a".repeat(2048)),
            project(&"a".repeat(2049)),
            "projectIdentifier",
            C::too_long(2049, 2048),
        ),
    ]
}

fn metadata_rows() -> Vec<Row> {
    let metadata = |key: &str, value: &str| json!({"requestMetadata": {key: value}});
    let good = metadata("team:_@$#=/+,-. 1", "");
    let allowed = "ASCII letters, digits, white space and `:_@$#=/+,-.`";
    let long = "a".repeat(257);
    let long_path = format!("requestMetadata.{long}").leak();
    let many: Value = (0..17).map(|n| (n.to_string(), Value::from("a"))).collect();
    vec![
        (good.clone(), metadata("a", &long), "requestMetadata.a", C::too_long(257, 256)),
        (good.clone(), metadata(&long, "a"), long_path, C::too_long(257, 256)),
        (good.clone(), metadata("a", "{}"), "requestMetadata.a", C::character('{', allowed)),
        (good.clone(), json!({"requestMetadata": {}}), "requestMetadata", C::Empty),
        (good, json!({"requestMetadata": many}), "requestMetadata", C::too_many(17, 16)),
    ]
}

fn document_rows() -> Vec<Row> {
    let named = |name: &str| {
        blocks(json!([{"text": "a"}, {"document": {"name": name, "source": {"bytes": "AA=="}}}]))
    };
    let good = named("My report_2 (final) [a-b] 報告");
    let allowed = "letters, digits, white space, hyphens, parentheses, square brackets and `_`";
    let path = "messages[0].content[1].document.name";
    let document = |name: &str| json!({"document": {"name": name, "source": {"text": "b"}}});
    let second = |name: &str| {
        let first = user(json!([{"text": "a"}, document("a")]));
        json!({"messages": [first, text("assistant"), user(json!([document(name), {"text": "a"}]))]})
    };
    vec![
        (good.clone(), named("report.pdf"), path, C::character('.', allowed)),
        (good.clone(), named("a  b"), path, C::ConsecutiveWhitespace),
        (good.clone(), named(""), path, C::Empty),
        (good, named(&"a".repeat(201)), path, C::too_long(201, 200)),
        (
            blocks(json!([document("a"), {"text": "a"}])),
            blocks(json!([document("a")])),
            "messages[0].content",
            C::DocumentWithoutText,
        ),
        (second("b"), second("a"), "messages[2].content[0].document.name", C::DuplicateDocumentName),
    ]
}

fn message_rows() -> Vec<Row> {
    let good = blocks(json!([{"text": "a"}]));
    let texts = |second: &str| blocks(json!([{"text": "a"}, {"text": second}]));
    let system = |text: &str| json!({"system": [{"text": text}]});
    let both = json!([{"text": "a", "cachePoint": {"type": "default"}}]);
    let first = "messages[0].content[0]";
    vec![
        (texts(" b "), texts(""), "messages[0].content[1].text", C::Blank),
        (texts(" b "), texts(" \n\t"), "messages[0].content[1].text", C::Blank),
        (system(" "), system(""), "system[0].text", C::Empty),
        (good.clone(), blocks(json!([])), "messages[0].content", C::Empty),
        (good.clone(), blocks(json!([{}])), first, C::not_one_member(0)),
        (good.clone(), blocks(both), first, C::not_one_member(2)),
        (good, json!({"messages": [{"content": [{"text": "a"}]}]}), "messages[0].role", C::Missing),
    ]
}
