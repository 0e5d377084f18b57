use serde_json::{Map, Value, json};

use super::text::excerpt;

/// An input that fits a tool's JSON schema: every property filled by its type, strings and numbers from the prompt where
/// it has any. Without a schema, an empty object.
pub(super) fn for_schema(schema: &Value, prompt: &str) -> Value {
    let mut filler = Filler { name: name(prompt), number: number(prompt), left: MAX_VALUES };
    match filler.value(schema) {
        Value::Object(input) => Value::Object(input),
        _ => Value::Object(Map::new()),
    }
}

/// What there is to fill values with, found in the prompt once.
struct Filler {
    name: String,
    number: Option<f64>,
    /// How many more values there may be.
    left: usize,
}

impl Filler {
    /// Recursion ends where the schema does, and `serde_json` read no schema deeper than 128.
    fn value(&mut self, schema: &Value) -> Value {
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
            return first.clone();
        }
        if let Some(first) = ["anyOf", "oneOf", "allOf"].iter().find_map(|name| schema.get(*name)?.get(0)) {
            return self.value(first);
        }
        let named = schema.get("type").map(|named| named.get(0).unwrap_or(named)).and_then(Value::as_str);
        match named {
            Some("integer") => Value::from(self.number_within(schema).trunc() as i64),
            Some("number") => Value::from(self.number_within(schema)),
            Some("boolean") => Value::Bool(true),
            Some("null") => Value::Null,
            Some("array") => {
                schema.get("items").map_or_else(|| json!([]), |items| json!([self.value(items)]))
            }
            Some("object") => self.object(schema),
            None if schema.get("properties").is_some() => self.object(schema),
            _ => Value::from(self.name.as_str()),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let mut object = Map::new();
        for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let Some(left) = self.left.checked_sub(1) else { break };
            self.left = left;
            object.insert(name.clone(), self.value(schema));
        }
        Value::Object(object)
    }

    /// A number between the schema's `minimum` and `maximum`, so far as it has them.
    fn number_within(&self, schema: &Value) -> f64 {
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        let number = self.number.unwrap_or(1.0);
        number.max(limit("minimum").unwrap_or(f64::MIN)).min(limit("maximum").unwrap_or(f64::MAX))
    }
}

/// The last capitalized word after the first one, which in a question is often the thing asked about; else the prompt.
fn name(prompt: &str) -> String {
    let is_name = |word: &&str| word.chars().count() > 1 && word.starts_with(char::is_uppercase);
    let words =
        prompt.split_whitespace().skip(1).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    excerpt(words.filter(is_name).last().unwrap_or(prompt), NAME_CHARS)
}

fn number(prompt: &str) -> Option<f64> {
    prompt
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()))
        .find_map(|word| word.parse().ok())
        .filter(|number| *number <= MAX_NUMBER)
}

const NAME_CHARS: usize = 80;
/// Up to here, every integer is a float too.
const MAX_NUMBER: f64 = 9_007_199_254_740_992.0;
/// More than any tool has, and few enough for a hostile schema not to become a huge answer.
const MAX_VALUES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_each_property_by_its_type() {
        let schema = json!({"type": "object", "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "far": {"type": "integer", "maximum": 2},
            "radius": {"type": "number"},
            "detailed": {"type": "boolean"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "maybe": {"type": ["string", "null"]},
            "place": {"type": "object", "properties": {"zip": {"type": "integer"}}},
            "either": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        }});
        assert_eq!(
            for_schema(&schema, "What will the weather be in Paris for 5 days?"),
            json!({
                "city": "Paris", "days": 5, "far": 2, "radius": 5.0, "detailed": true, "unit": "celsius",
                "tags": ["Paris"], "maybe": "Paris", "place": {"zip": 5}, "either": true,
            })
        );
    }

    #[test]
    fn is_an_object_whatever_the_schema_is() {
        for schema in
            [json!(null), json!({}), json!(true), json!([1]), json!({"type": "string"}), json!({"enum": [7]})]
        {
            assert_eq!(for_schema(&schema, "go"), json!({}), "{schema}");
        }
    }

    #[test]
    fn a_name_is_the_prompt_where_it_names_nothing() {
        assert_eq!(name("weather please"), "weather please");
        assert_eq!(name("Weather"), "Weather");
    }
}
