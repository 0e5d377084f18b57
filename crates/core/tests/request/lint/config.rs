//! Everything beside the messages: tools, inference, metadata.

use bedrock_stream_core::converse::{Constraint, Request};
use serde_json::{Value, json};

use super::{called, refused, tool};

#[test]
fn tool_names_out_of_range() {
    let named = |name: &str| json!({"toolConfig": {"tools": [tool(name)]}});
    let path = "toolConfig.tools[0].toolSpec.name";
    let allowed = "ASCII letters, digits, `_` and `-`";
    refused(named(&"a".repeat(64)), named(&"a".repeat(65)), path, Constraint::too_long(65, 64));
    refused(named("get_Weather-2"), named("get.weather"), path, Constraint::character('.', allowed));
    refused(named("a"), named(""), path, Constraint::Empty);

    let called = |name: &str| called(json!({"toolUseId": "a", "name": name, "input": {}}));
    refused(
        called("f"),
        called("f g"),
        "messages[1].content[0].toolUse.name",
        Constraint::character(' ', allowed),
    );
    let system = |name: &str| json!({"toolConfig": {"tools": [{"systemTool": {"name": name}}]}});
    refused(system("nova_grounding"), system(""), "toolConfig.tools[0].systemTool.name", Constraint::Empty);
    let chosen =
        |name: &str| json!({"toolConfig": {"tools": [tool("f")], "toolChoice": {"tool": {"name": name}}}});
    refused(chosen("f"), chosen("é"), "toolConfig.toolChoice.tool.name", Constraint::character('é', allowed));
}

#[test]
fn duplicate_tool_names() {
    refused(
        json!({"toolConfig": {"tools": [tool("a"), {"cachePoint": {"type": "default"}}, tool("b")]}}),
        json!({"toolConfig": {"tools": [tool("a"), {"cachePoint": {"type": "default"}}, tool("a")]}}),
        "toolConfig.tools[2].toolSpec.name",
        Constraint::duplicate_tool_name(0),
    );
}

#[test]
fn no_tools() {
    refused(
        json!({"toolConfig": {"tools": [tool("a")], "toolChoice": {"any": {}}}}),
        json!({"toolConfig": {"tools": [], "toolChoice": {"any": {}}}}),
        "toolConfig.tools",
        Constraint::Empty,
    );
}

#[test]
fn an_empty_description() {
    let described = |description: &str| {
        let mut tool = tool("a");
        tool["toolSpec"]["description"] = description.into();
        json!({"toolConfig": {"tools": [tool]}})
    };
    refused(described("a"), described(""), "toolConfig.tools[0].toolSpec.description", Constraint::Empty);
}

#[test]
fn a_schema_of_no_object() {
    let schema = |schema: Value| json!({"toolConfig": {"tools": [{"toolSpec": {"name": "a", "inputSchema": {"json": schema}}}]}});
    let good = schema(json!({"type": "object"}));
    let path = "toolConfig.tools[0].toolSpec.inputSchema.json";
    for wrong in [json!({"type": "string"}), json!({"type": ["object"]}), json!({"oneOf": []}), json!({})] {
        refused(good.clone(), schema(wrong), &format!("{path}.type"), Constraint::SchemaNotObject);
    }
    for wrong in [json!("{\"type\": \"object\"}"), json!([]), json!(true)] {
        refused(good.clone(), schema(wrong), path, Constraint::NotAnObject);
    }
    refused(
        good,
        json!({"toolConfig": {"tools": [{"toolSpec": {"name": "a"}}]}}),
        "toolConfig.tools[0].toolSpec.inputSchema",
        Constraint::not_one_member(0),
    );
}

#[test]
fn inference_out_of_range() {
    let config = |name: &str, value: Value| json!({"inferenceConfig": {name: value}});
    refused(
        config("maxTokens", json!(1)),
        config("maxTokens", json!(0)),
        "inferenceConfig.maxTokens",
        Constraint::Zero,
    );
    for name in ["temperature", "topP"] {
        for wrong in [1.5, -0.5] {
            for right in [json!(0), json!(0.5), json!(1.0)] {
                refused(
                    config(name, right),
                    config(name, json!(wrong)),
                    &format!("inferenceConfig.{name}"),
                    Constraint::out_of_range(wrong, 0.0, 1.0),
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
        Constraint::too_many(2501, 2500),
    );
    refused(
        config("stopSequences", json!(["a", " "])),
        config("stopSequences", json!(["a", ""])),
        "inferenceConfig.stopSequences[1]",
        Constraint::Empty,
    );
}

#[test]
fn response_field_paths_out_of_range() {
    let paths = |paths: Vec<String>| json!({"additionalModelResponseFieldPaths": paths});
    let path = "additionalModelResponseFieldPaths";
    let good = paths(vec![format!("/{}", "é".repeat(255)); 10]);
    refused(good.clone(), paths(vec!["/a".into(); 11]), path, Constraint::too_many(11, 10));
    refused(
        good.clone(),
        paths(vec!["/".repeat(257)]),
        &format!("{path}[0]"),
        Constraint::too_long(257, 256),
    );
    refused(good, paths(vec![String::new()]), &format!("{path}[0]"), Constraint::Empty);
}

#[test]
fn metadata_out_of_range() {
    let metadata = |key: &str, value: &str| json!({"requestMetadata": {key: value}});
    let long = "a".repeat(257);
    let good = metadata("team:_@$#=/+,-. 1", "");
    let allowed = "ASCII letters, digits, white space and `:_@$#=/+,-.`";
    refused(good.clone(), metadata("a", &long), "requestMetadata.a", Constraint::too_long(257, 256));
    refused(
        good.clone(),
        metadata(&long, "a"),
        &format!("requestMetadata.{long}"),
        Constraint::too_long(257, 256),
    );
    refused(good.clone(), metadata("a", "{}"), "requestMetadata.a", Constraint::character('{', allowed));
    refused(good.clone(), json!({"requestMetadata": {}}), "requestMetadata", Constraint::Empty);
    let many: Value = (0..17).map(|n| (n.to_string(), Value::from("a"))).collect();
    refused(good, json!({"requestMetadata": many}), "requestMetadata", Constraint::too_many(17, 16));
}

#[test]
fn configs_of_one_member() {
    refused(
        json!({"promptVariables": {"a": {"text": "b"}}}),
        json!({"promptVariables": {"a": {}}}),
        "promptVariables.a",
        Constraint::not_one_member(0),
    );
    let format = |structure: Value| json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": structure}}});
    refused(
        format(json!({"jsonSchema": {"schema": "{}"}})),
        format(json!({"jsonSchema": {"name": "a"}})),
        "outputConfig.textFormat.structure.jsonSchema.schema",
        Constraint::Empty,
    );
    refused(
        json!({"outputConfig": {"effort": "unheard-of"}}),
        json!({"outputConfig": {"effort": "a".repeat(17)}}),
        "outputConfig.effort",
        Constraint::too_long(17, 16),
    );
    let guardrail = |id: String| json!({"guardrailConfig": {"guardrailIdentifier": id}});
    refused(
        guardrail("a".repeat(2048)),
        guardrail("a".repeat(2049)),
        "guardrailConfig.guardrailIdentifier",
        Constraint::too_long(2049, 2048),
    );
}

#[test]
fn a_longer_cache_ttl_after_a_shorter_one() {
    let point = |ttl: Option<&str>| match ttl {
        Some(ttl) => json!({"cachePoint": {"type": "default", "ttl": ttl}}),
        None => json!({"cachePoint": {"type": "default"}}),
    };
    let request = |tools: Option<&str>, system: Option<&str>, message: Option<&str>| {
        json!({
            "messages": [{"role": "user", "content": [{"text": "a"}, point(message)]}],
            "system": [{"text": "a"}, point(system)],
            "toolConfig": {"tools": [tool("f"), point(tools)]},
        })
    };
    let longer = |after: &str| Constraint::longer_cache_ttl(after.to_owned());
    let (tools, system) = ("toolConfig.tools[1].cachePoint", "system[1].cachePoint");
    refused(
        request(Some("1h"), Some("1h"), None),
        request(None, Some("1h"), None),
        "system[1].cachePoint.ttl",
        longer(tools),
    );
    refused(
        request(Some("1h"), Some("5m"), Some("5m")),
        request(Some("1h"), Some("5m"), Some("1h")),
        "messages[0].content[1].cachePoint.ttl",
        longer(system),
    );
    // The first that lives shorter is named, wherever the others stand.
    refused(
        request(Some("1h"), Some("1h"), Some("1h")),
        request(Some("5m"), None, Some("1h")),
        "messages[0].content[1].cachePoint.ttl",
        longer(tools),
    );
    // How long an unknown time is, is not known.
    assert_eq!(super::lint(&request(None, Some("1d"), None)), []);

    let within = |first: &str, second: &str| {
        json!({"messages": [
            {"role": "user", "content": [{"text": "a"}, point(Some(first)), {"text": "b"}, point(Some(second))]},
        ]})
    };
    refused(
        within("1h", "5m"),
        within("5m", "1h"),
        "messages[0].content[3].cachePoint.ttl",
        longer("messages[0].content[1].cachePoint"),
    );
}

#[test]
fn a_project_out_of_range() {
    let project = |id: &str| json!({"projectIdentifier": id});
    let path = "projectIdentifier";
    refused(project("p-1"), project(""), path, Constraint::Empty);
    refused(project(&"a".repeat(2048)), project(&"a".repeat(2049)), path, Constraint::too_long(2049, 2048));
}
