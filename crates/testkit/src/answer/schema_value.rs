//! Generates values that fit a JSON Schema.

use serde_json::{Map, Value};

use super::prompt_values::PromptValues;

/// A tool's input: a value that fits its schema, or an empty object.
pub(super) fn tool_input(schema: &Value, prompt: &str) -> Value {
    match of(schema, prompt) {
        Value::Object(input) => Value::Object(input),
        _ => Value::Object(Map::new()),
    }
}

/// A value that fits a schema: every property by its type, with strings and numbers from the prompt if it has any. An empty
/// schema gives an empty object. Patterns, conditions and `uniqueItems` are not supported.
pub(super) fn of(schema: &Value, prompt: &str) -> Value {
    let demands_nothing = schema.as_object().is_none_or(Map::is_empty);
    if demands_nothing {
        return Value::Object(Map::new());
    }
    let mut generator = Generator {
        root: schema,
        values: PromptValues::of(prompt),
        left: MAX_VALUES,
        depth: 0,
        references: 0,
    };
    generator.value(schema)
}

/// Generates a value.
struct Generator<'s> {
    root: &'s Value,
    values: PromptValues,
    /// How many more values may be generated.
    left: usize,
    /// The current depth.
    depth: usize,
    /// How many references were followed to it.
    references: usize,
}

impl<'s> Generator<'s> {
    fn value(&mut self, schema: &'s Value) -> Value {
        // A recursive schema may require an infinite value.
        if self.depth == MAX_DEPTH || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        self.depth += 1;
        let value = self.value_inside(schema);
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self, schema: &'s Value) -> Value {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.referred_to(reference);
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
            return first.clone();
        }
        if schema.get("properties").is_none() {
            if let Some(chosen) = self.alternative(schema) {
                return self.value(chosen);
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(schema, parts);
        }
        let named = schema.get("type").map(|named| named.get(0).unwrap_or(named)).and_then(Value::as_str);
        match named {
            Some("integer") => Value::from(self.number_within(schema).trunc() as i64),
            Some("number") => Value::from(self.number_within(schema)),
            Some("boolean") => Value::Bool(true),
            Some("null") => Value::Null,
            Some("array") => Value::Array(self.items(schema)),
            Some("object") => Value::Object(self.object(schema)),
            None if schema.get("properties").is_some() => Value::Object(self.object(schema)),
            _ => Value::from(self.string(schema)),
        }
    }

    /// Resolves a reference such as `#/$defs/Name`; other documents are not known.
    fn referred_to(&mut self, reference: &str) -> Value {
        let root = self.root;
        let Some(schema) = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) else {
            return Value::from(self.values.name.as_str());
        };
        self.references += 1;
        let value = self.value(schema);
        self.references -= 1;
        value
    }

    /// Whether so many references were followed that the schema may be recursive: then only required values are generated.
    const fn is_far(&self) -> bool {
        self.references > MAX_REFERENCES
    }

    /// The first alternative; in a recursive schema, the first that is not a reference.
    fn alternative(&self, schema: &'s Value) -> Option<&'s Value> {
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(*name)?.as_array())?;
        let ends = |schema: &&Value| schema.get("$ref").is_none();
        let near_end = if self.is_far() { alternatives.iter().find(ends) } else { None };
        near_end.or_else(|| alternatives.first())
    }

    /// The members of the schema and of all parts; if a part is not an object, that part.
    fn all_of(&mut self, schema: &'s Value, parts: &'s [Value]) -> Value {
        let mut all = self.object(schema);
        for part in parts {
            match self.value(part) {
                Value::Object(object) => all.extend(object),
                other => return other,
            }
        }
        Value::Object(all)
    }

    fn object(&mut self, schema: &'s Value) -> Map<String, Value> {
        let required = || schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut object = Map::new();
        for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if self.left == 0 {
                break;
            }
            if !self.is_far() || required().any(|required| required == name) {
                object.insert(name.clone(), self.value(schema));
            }
        }
        for name in required().filter_map(Value::as_str) {
            if self.left > 0 && !object.contains_key(name) {
                let value = match schema.get("additionalProperties") {
                    Some(schema @ Value::Object(_)) => self.value(schema),
                    _ => Value::from(self.values.name.as_str()),
                };
                object.insert(name.to_owned(), value);
            }
        }
        object
    }

    /// The minimum number of items, or one if that is allowed.
    fn items(&mut self, schema: &'s Value) -> Vec<Value> {
        let count = |name: &str| schema.get(name).and_then(Value::as_u64);
        let prefix = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let usual = if self.is_far() { 0 } else { prefix.len().max(1) as u64 };
        let len = count("minItems").unwrap_or(0).max(usual).min(count("maxItems").unwrap_or(u64::MAX));
        let rest = schema.get("items").filter(|items| **items != Value::Bool(false));
        let schemas = prefix.iter().map(Some).chain(std::iter::repeat(rest));
        let mut items = Vec::new();
        for (_, schema) in (0..len).zip(schemas) {
            let Some(schema) = schema.filter(|_| self.left > 0) else { break };
            items.push(self.value(schema));
        }
        items
    }

    fn string(&self, schema: &Value) -> String {
        // If not every text is valid, an example is more likely to be.
        let example =
            || schema.get("examples").and_then(|examples| examples.get(0)).or(schema.get("default"));
        if let Some(example) = schema.get("pattern").and_then(|_| example()).and_then(Value::as_str) {
            return example.to_owned();
        }
        let format = schema.get("format").and_then(Value::as_str);
        if let Some((_, text)) = FORMATS.iter().find(|(name, _)| Some(*name) == format) {
            return (*text).to_owned();
        }
        let count = |name: &str| {
            schema.get(name).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
        };
        let (min, max) = (count("minLength").unwrap_or(0), count("maxLength").unwrap_or(usize::MAX));
        let len = self.values.name.chars().count();
        let padding = std::iter::repeat_n('x', min.min(MAX_LENGTH).saturating_sub(len));
        self.values.name.chars().chain(padding).take(max).collect()
    }

    /// A number within the schema's bounds, if it has any.
    fn number_within(&self, schema: &Value) -> f64 {
        let (least, most) = bounds(schema);
        let number = self.values.number.unwrap_or(1.0).max(least).min(most);
        match schema.get("multipleOf").and_then(Value::as_f64) {
            Some(step) if step > 0.0 => {
                let above = (number / step).ceil() * step;
                if above <= most { above } else { (number / step).floor() * step }
            }
            _ => number,
        }
    }
}

/// The minimum and maximum of a number. An exclusive bound is moved by one, or half-way to the other bound if there is
/// no room for that. The bounds of an integer are integers.
fn bounds(schema: &Value) -> (f64, f64) {
    let is_integer = schema.get("type").is_some_and(|named| named == "integer");
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (above, below) = (limit("exclusiveMinimum"), limit("exclusiveMaximum"));
    let step = match (above.or(limit("minimum")), below.or(limit("maximum"))) {
        (Some(least), Some(most)) if most - least <= 1.0 && !is_integer => (most - least) / 2.0,
        _ => 1.0,
    };
    let least = limit("minimum").unwrap_or(f64::MIN).max(above.map_or(f64::MIN, |above| above + step));
    let most = limit("maximum").unwrap_or(f64::MAX).min(below.map_or(f64::MAX, |below| below - step));
    if is_integer { (least.ceil(), most.floor()) } else { (least, most) }
}

/// A text for each format defined by JSON Schema.
const FORMATS: [(&str, &str); 14] = [
    ("date", "2026-01-31"),
    ("date-time", "2026-01-31T12:00:00Z"),
    ("duration", "PT1H"),
    ("email", "someone@example.com"),
    ("hostname", "example.com"),
    ("idn-email", "someone@example.com"),
    ("idn-hostname", "example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("iri", "https://example.com/"),
    ("time", "12:00:00Z"),
    ("uri", "https://example.com/"),
    ("url", "https://example.com/"),
    ("uuid", "123e4567-e89b-42d3-a456-426614174000"),
];
/// More than any tool needs, but few enough that a hostile schema does not produce a huge answer.
const MAX_VALUES: usize = 1_000;
/// Less deep than clients can read.
const MAX_DEPTH: usize = 60;
/// More than a schema without cycles has.
const MAX_REFERENCES: usize = 4;
/// A schema may demand a text of any length.
const MAX_LENGTH: usize = 1_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            tool_input(&schema, "What will the weather be in Paris for 5 days?"),
            json!({
                "city": "Paris", "days": 5, "far": 2, "radius": 5.0, "detailed": true, "unit": "celsius",
                "tags": ["Paris"], "maybe": "Paris", "place": {"zip": 5}, "either": true,
            })
        );
    }

    #[test]
    fn keeps_within_bounds() {
        for (schema, value) in [
            (json!({"type": "integer", "exclusiveMinimum": 5}), json!(6)),
            (json!({"type": "integer", "minimum": 5.5}), json!(6)),
            (json!({"type": "integer", "maximum": -1.5}), json!(-2)),
            (json!({"type": "integer", "minimum": 6, "multipleOf": 4}), json!(8)),
            (json!({"type": "integer", "maximum": 7, "multipleOf": 5}), json!(5)),
            (json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}), json!(0.5)),
            (json!({"type": "number", "minimum": 0, "maximum": 1}), json!(1.0)),
            (json!({"type": "string", "maxLength": 2}), json!("Pa")),
            (json!({"type": "string", "minLength": 7}), json!("Parisxx")),
            (json!({"type": "string", "pattern": "^p-[0-9]$", "examples": ["p-1"]}), json!("p-1")),
            (json!({"type": "string", "format": "email"}), json!("someone@example.com")),
            (
                json!({"type": "array", "items": {"type": "boolean"}, "minItems": 3}),
                json!([true, true, true]),
            ),
            (json!({"type": "array", "items": {"type": "boolean"}, "maxItems": 0}), json!([])),
            (
                json!({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": false}),
                json!([1, 2]),
            ),
            (json!({"type": "object", "required": ["a"]}), json!({"a": "Paris"})),
            (
                json!({"type": "object", "properties": {"a": {"const": 1}}, "oneOf": [{"required": ["a"]}]}),
                json!({"a": 1}),
            ),
            (
                json!({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}),
                json!({"a": 1, "b": 2}),
            ),
        ] {
            assert_eq!(of(&schema, "go to Paris"), value, "{schema}");
        }
    }

    #[test]
    fn follows_references_and_ends_where_they_do_not() {
        let schema = json!({
            "$defs": {"Node": {"type": "object", "required": ["name", "next"], "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            }}},
            "$ref": "#/$defs/Node",
        });
        let value = of(&schema, "go to Paris");
        assert_eq!(value["name"], "Paris");
        assert_eq!(value["children"][0]["next"]["name"], "Paris");
        let mut last = &value;
        while !last["next"].is_null() {
            assert_eq!(last["name"], "Paris");
            last = &last["next"];
        }
        assert_eq!(last, &json!({"name": "Paris", "next": null}));

        for endless in [
            json!({"$ref": "#"}),
            json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}),
            json!({"type": "array", "minItems": 9, "items": {"$ref": "#"}}),
            json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        ] {
            assert!(of(&endless, "go").to_string().len() < 100_000, "{endless}");
        }
        assert_eq!(of(&json!({"$ref": "elsewhere.json"}), "go"), json!("go"));
    }

    #[test]
    fn a_tools_input_is_an_object_whatever_the_schema_is() {
        for schema in
            [json!(null), json!({}), json!(true), json!([1]), json!({"type": "string"}), json!({"enum": [7]})]
        {
            assert_eq!(tool_input(&schema, "go"), json!({}), "{schema}");
        }
    }
}
