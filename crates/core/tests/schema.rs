//! JSON Schemas of Rust types, and answers that follow them.

use bedrock_stream_core::answer::{Chunk, ParseTextError, Response, ResponseBuilder, StopReason};
use bedrock_stream_core::content::{Message, ToolInput};
use bedrock_stream_core::converse::{JsonSchema, OutputConfig, OutputFormat, Request, ToolConfig, ToolSpec};
use serde::Deserialize;
use serde_json::{Value, json};

/// The weather in a city.
#[derive(schemars::JsonSchema, Deserialize, Debug, PartialEq)]
#[schemars(rename = "get_weather")]
struct GetWeather {
    /// Its name.
    city: String,
    unit: Option<Unit>,
}

#[derive(schemars::JsonSchema, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Celsius,
    Kelvin,
}

#[derive(schemars::JsonSchema, Deserialize, Debug, PartialEq)]
struct Tree {
    branches: Vec<Self>,
}

#[test]
fn a_tool_of_a_type() {
    let tool = serde_json::to_value(ToolSpec::of::<GetWeather>()).unwrap();
    assert_eq!(
        (&tool["name"], &tool["description"]),
        (&json!("get_weather"), &json!("The weather in a city."))
    );
    let schema = &tool["inputSchema"]["json"];
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["required"], json!(["city"]));
    assert_eq!(schema["properties"]["city"], json!({"type": "string", "description": "Its name."}));
    let text = schema.to_string();
    assert!(text.contains("celsius") && text.contains("kelvin"), "{text}");
    for absent in ["$schema", "$ref", "$defs", "title"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    let request = Request::new().user("Oslo?").tool_config(ToolConfig::new([ToolSpec::of::<GetWeather>()]));
    assert_eq!(request.lint(), []);
    let input = ToolInput::from(json!({"city": "Oslo", "unit": "kelvin"}));
    let arguments: GetWeather = input.parse().unwrap();
    assert_eq!(arguments, GetWeather { city: "Oslo".to_owned(), unit: Some(Unit::Kelvin) });
}

#[test]
fn a_type_that_contains_itself() {
    let tool = serde_json::to_value(ToolSpec::of::<Tree>()).unwrap();
    assert_eq!((&tool["name"], tool.get("description")), (&json!("Tree"), None));
    let text = tool["inputSchema"]["json"].to_string();
    assert!(text.contains("$ref") && text.len() < 1000, "{text}");
}

#[test]
fn an_output_format_of_a_type() {
    let format = OutputFormat::json_schema(JsonSchema::of::<GetWeather>());
    let config = serde_json::to_value(OutputConfig::new().text_format(format)).unwrap();
    let schema = &config["textFormat"]["structure"]["jsonSchema"];
    assert_eq!(schema["name"], "get_weather");
    let text: Value = serde_json::from_str(schema["schema"].as_str().unwrap()).unwrap();
    assert_eq!(text["properties"]["city"]["type"], "string");
}

#[test]
fn an_answer_is_read_as_a_type() {
    let parse = |text: &str| Response::from(Message::assistant(text)).parse::<GetWeather>();
    let oslo = GetWeather { city: "Oslo".to_owned(), unit: None };
    assert_eq!(parse(" {\"city\":\"Oslo\"}\n"), Ok(oslo));
    assert!(matches!(parse("{\"city\":\"Os"), Err(ParseTextError::NotJson { stop_reason: None, .. })));
    assert!(matches!(parse("{\"town\":\"Oslo\"}"), Err(ParseTextError::Shape { .. })));
    assert!(matches!(parse(" "), Err(ParseTextError::NoText { .. })));
    assert!(matches!(Response::default().parse::<Value>(), Err(ParseTextError::NoText { .. })));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = Response::from(Message::assistant(deep)).parse::<Value>();
    assert!(matches!(error, Err(ParseTextError::Shape { .. })));
}

#[test]
fn an_answer_that_was_cut_off_says_so() {
    let mut builder = ResponseBuilder::new();
    builder.extend([&Chunk::text(0, "{\"city\""), &Chunk::block_end(0), &Chunk::stop(StopReason::MaxTokens)]);
    let error = builder.into_partial().parse::<GetWeather>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer's text is not JSON: EOF while parsing an object at line 1 column 7 (the model stopped with `max_tokens`)"
    );
    let ParseTextError::NotJson { stop_reason, .. } = error else { panic!("{error}") };
    assert_eq!(stop_reason, Some(StopReason::MaxTokens));
}
