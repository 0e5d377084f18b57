//! Schemas that Bedrock makes a model follow.

use alloc::format;
use alloc::vec::Vec;

use schemars::Schema;
use schemars::transform::transform_subschemas;
use serde_json::Value;

/// The bounds that Bedrock refuses.
const BOUNDS: [&str; 10] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// The formats of texts that it knows.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// Changes a schema of schemars into one that Bedrock accepts for an answer or a strict tool: objects have no other members,
/// bounds stand in the descriptions, and `oneOf` is `anyOf`. What means another value than before is left as it is, for Bedrock to
/// refuse: an object with any members, and one whose members depend on an `anyOf` beside them. Source: the user guide of Amazon
/// Bedrock, "Get validated JSON results from models"
/// (<https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html>).
pub(super) fn make_strict(schema: &mut Schema) {
    if schema.get("anyOf").is_none() {
        if let Some(alternatives) = schema.remove("oneOf") {
            schema.insert("anyOf".into(), alternatives);
        }
    }
    if is_closable(schema) {
        schema.insert("additionalProperties".into(), false.into());
    }
    describe_bounds(schema);
    transform_subschemas(&mut make_strict, schema);
}

/// Whether the schema is an object's, and lists all of its members.
fn is_closable(schema: &Schema) -> bool {
    let is_object = match schema.get("type") {
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
        _ => false,
    };
    is_object
        && ["additionalProperties", "anyOf", "allOf", "oneOf"]
            .iter()
            .all(|keyword| schema.get(*keyword).is_none())
}

/// Moves what Bedrock refuses of a number, a text or a list to its description.
fn describe_bounds(schema: &mut Schema) {
    let mut bounds = Vec::new();
    for keyword in BOUNDS {
        // Whether a list may be empty can be said.
        if keyword == "minItems"
            && schema.get(keyword).and_then(Value::as_u64).is_some_and(|count| count <= 1)
        {
            continue;
        }
        if let Some(value) = schema.remove(keyword) {
            bounds.push(format!("{keyword}: {value}"));
        }
    }
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| !FORMATS.contains(&format)) {
        let format = schema.remove("format");
        // Of a number it is Rust's name of the type.
        if let (Some(format), Some("string")) = (format, schema.get("type").and_then(Value::as_str)) {
            bounds.push(format!("format: {format}"));
        }
    }
    if bounds.is_empty() {
        return;
    }
    let bounds = bounds.join(", ");
    let description = match schema.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text} ({bounds})"),
        None => bounds,
    };
    schema.insert("description".into(), Value::from(description));
}

#[cfg(test)]
mod tests {
    use schemars::Schema;
    use serde_json::json;

    use super::make_strict;

    /// A model may only give what fits both unions, so neither may take the other's place.
    #[test]
    fn both_unions_of_a_schema_stay() {
        let (any, one) =
            (json!([{"type": "string"}, {"type": "null"}]), json!([{"minLength": 1}, {"type": "null"}]));
        let mut schema = Schema::try_from(json!({"anyOf": any, "oneOf": one})).unwrap();
        make_strict(&mut schema);
        assert_eq!(schema.get("anyOf"), Some(&any));
        assert!(schema.get("oneOf").is_some());
    }

    #[test]
    fn an_object_whose_members_stand_elsewhere_is_not_closed() {
        for keyword in ["anyOf", "allOf", "oneOf"] {
            let part = json!([{"properties": {"city": {"type": "string"}}}]);
            let mut schema = Schema::try_from(json!({"type": "object", keyword: part})).unwrap();
            make_strict(&mut schema);
            assert_eq!(schema.get("additionalProperties"), None, "{keyword}");
        }
    }
}
