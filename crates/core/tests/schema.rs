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

/// Bedrock answers 400 to each of these: the bounds of numbers (amplify-genai-backend#383), of lists (vercel/ai#17197), and
/// objects with other members (future-agi#412).
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Recipe {
    /// How long it takes.
    minutes: u32,
    #[schemars(length(min = 1, max = 9))]
    name: String,
    #[schemars(length(min = 1))]
    steps: Vec<Step>,
    #[schemars(length(min = 2))]
    tags: Option<Vec<String>>,
    kind: Kind,
}

#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Step {
    text: String,
    #[schemars(range(min = 0.5))]
    hours: f64,
    #[schemars(email)]
    cook: String,
}

#[derive(schemars::JsonSchema)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only its schema is used")]
enum Kind {
    Soup {
        #[schemars(range(max = 100))]
        heat: i64,
    },
    Cake,
}

#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Open {
    any: serde_json::Map<String, Value>,
    #[serde(flatten)]
    kind: Kind,
}

/// Every schema within one, and itself.
fn schemas(schema: &Value) -> Vec<&Value> {
    let mut found = vec![schema];
    for keyword in ["properties", "$defs"] {
        found.extend(
            schema[keyword].as_object().into_iter().flatten().flat_map(|(_, schema)| schemas(schema)),
        );
    }
    for keyword in ["anyOf", "allOf", "oneOf"] {
        found.extend(schema[keyword].as_array().into_iter().flatten().flat_map(schemas));
    }
    found.extend(schema.get("items").into_iter().flat_map(schemas));
    found
}

#[test]
fn a_schema_that_the_model_must_follow_has_only_keywords_that_bedrock_accepts() {
    let schema = JsonSchema::of::<Recipe>().schema;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let all = schemas(&schema);
    assert!(all.len() > 12, "{schema:#}");
    for schema in all {
        for keyword in
            ["minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "maxItems", "oneOf"]
        {
            assert!(schema.get(keyword).is_none(), "{keyword} in {schema:#}");
        }
        if schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{schema:#}");
        }
    }
    let members = &schema["properties"];
    assert_eq!(
        members["minutes"],
        json!({"type": "integer", "description": "How long it takes. (minimum: 0)"})
    );
    assert_eq!(members["name"], json!({"type": "string", "description": "minLength: 1, maxLength: 9"}));
    assert_eq!(members["steps"]["minItems"], 1);
    assert_eq!(members["tags"]["description"], "minItems: 2");
    assert_eq!(members["tags"].get("minItems"), None);
    let step = &members["steps"]["items"]["properties"];
    assert_eq!(step["hours"], json!({"type": "number", "description": "minimum: 0.5"}));
    assert_eq!(step["cook"], json!({"type": "string", "format": "email"}));
    assert_eq!(members["kind"]["anyOf"].as_array().map(Vec::len), Some(2));

    let tool = ToolSpec::strict_of::<Recipe>();
    assert_eq!((tool.strict, tool.name.as_str()), (Some(true), "Recipe"));
    let tool = serde_json::to_value(tool).unwrap();
    assert_eq!(tool["inputSchema"]["json"], schema);
    // A tool of the ordinary kind keeps them: models read them, and nothing refuses them.
    let tool = serde_json::to_value(ToolSpec::of::<Recipe>()).unwrap();
    assert_eq!(tool["inputSchema"]["json"]["properties"]["minutes"]["minimum"], 0);
}

/// Closed, these would accept nothing but `{}`, or nothing at all.
#[test]
fn an_open_object_stays_open() {
    let schema = JsonSchema::of::<Open>().schema;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["properties"]["any"]["additionalProperties"], true);
    assert_eq!(schema.get("additionalProperties"), None, "{schema:#}");
    assert_eq!(schema["anyOf"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_answer_is_read_as_a_type() {
    let parse = |text: &str| Response::from(Message::assistant(text)).parse::<GetWeather>();
    let oslo = GetWeather { city: "Oslo".to_owned(), unit: None };
    let mut whole = Response::from(Message::assistant(" {\"city\":\"Oslo\"}\n"));
    whole.stop_reason = Some(StopReason::EndTurn);
    assert_eq!(whole.parse(), Ok(oslo));
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

/// `12` may be the beginning of `1200`, and `{NAME}` a mask.
#[test]
fn an_answer_that_did_not_end_well_is_not_read_although_it_fits() {
    let parse = |text: &str, reason| {
        let mut response = Response::from(Message::assistant(text));
        response.stop_reason = Some(reason);
        response.parse::<Value>()
    };
    for reason in StopReason::KNOWN.iter().filter(|reason| !reason.is_finished()) {
        let Err(ParseTextError::Stopped { stop_reason, .. }) = parse("12", reason.clone()) else {
            panic!("{reason}")
        };
        assert_eq!(stop_reason.as_ref(), Some(reason));
        assert!(matches!(parse("12 {", reason.clone()), Err(ParseTextError::NotJson { .. })));
    }
    for reason in [StopReason::EndTurn, StopReason::StopSequence, StopReason::ToolUse] {
        assert_eq!(parse("12", reason), Ok(json!(12)));
    }
    // What a broken stream left has none.
    let left = Response::from(Message::assistant("12")).parse::<Value>();
    assert!(matches!(left, Err(ParseTextError::Stopped { stop_reason: None, .. })), "{left:?}");
    // Nor is one good that this version does not know.
    assert!(matches!(parse("12", StopReason::from("bored")), Err(ParseTextError::Stopped { .. })));
}
