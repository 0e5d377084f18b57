use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_stream_core::converse::Request;
use serde_json::Value;

/// Real requests are reproduced unchanged. Bedrock accepted them, so no violation may be found in them.
#[test]
fn recorded_requests_survive_and_have_no_violations() {
    let Some(dir) = bedrock_stream_tests::shared("recordings") else { return };

    let mut requests = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("converse-") || !name.ends_with(".json") {
            continue;
        }
        let recording: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let Some(body) = recording["request_body"].as_str().and_then(body) else { continue };

        let request = Request::from_json(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = serde_json::to_value(&request).unwrap();
        assert_eq!(
            numbers_as_floats(written),
            numbers_as_floats(serde_json::from_str(&body).unwrap()),
            "{name}"
        );
        let debug = format!("{request:?}");
        assert!(!debug.contains("Member {") && !debug.contains("Unknown("), "{name}: {debug}");
        assert_eq!(request.lint(), [], "{name}");
        requests += 1;
    }
    assert_eq!(requests, REQUESTS);
}

/// The text of a request, without what the recorder wrapped it in; `None` if the recorder cut it off.
fn body(recorded: &str) -> Option<String> {
    let json: Value = serde_json::from_str(recorded).ok()?;
    let wrapped = if let Some(base64) = json["b64"].as_str() {
        String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
    } else if let Some(text) = json["string"].as_str().or_else(|| json[0]["equalToJson"].as_str()) {
        text.to_owned()
    } else {
        recorded.to_owned()
    };
    Some(wrapped)
}

/// `1` and `1.0` are the same number to Bedrock.
fn numbers_as_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(numbers_as_floats).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, numbers_as_floats(value))).collect()
        }
        value => value,
    }
}

/// The number of recordings that contain a whole request.
const REQUESTS: usize = 30;
