//! Everything except the messages: tools, inference, metadata.

use bedrock_stream_core::converse::{Constraint, Request};
use serde_json::{Value, json};

use super::{refused, tool};

#[test]
fn a_schema_whose_type_is_not_object() {
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
        assert_eq!(nan.lint().len(), 1, "a number written as null would silently change the request");
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
    // The error names the first cache point with a shorter time to live, wherever the others are.
    refused(
        request(Some("1h"), Some("1h"), Some("1h")),
        request(Some("5m"), None, Some("1h")),
        "messages[0].content[1].cachePoint.ttl",
        longer(tools),
    );
    // The length of an unknown time to live is unknown.
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
