//! What the values of a request's members may be.

use serde_json::Value;

use super::bad_request::BadRequest;
use crate::excerpt::excerpt;

/// What a member's value must be. `null` counts as absent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Checked elsewhere, or of several types.
    Any,
    Text,
    Flag,
    List,
    Object,
    /// A number in this range.
    Number(f64, f64),
    /// A whole number of at least this.
    Count(u64),
}
use Kind::{Any, Count, Flag, List, Number, Object, Text};

pub(super) type Members = &'static [(&'static str, Kind)];

/// Whose wording a refusal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    OpenAi,
    Anthropic,
    /// Bedrock's, for a violation of a JSON schema.
    Schema,
}

/// Checks the members that are known, and gives the names of the others; the first ones if there are very many.
pub(super) fn check(body: &Value, members: Members, words: Words) -> Result<Vec<String>, BadRequest> {
    let mut unknown = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        match members.iter().find(|(known, _)| known == name) {
            Some((name, kind)) => check_value(name, *kind, value, words)?,
            None if unknown.len() < MAX_UNKNOWN => unknown.push(excerpt(name, MAX_NAME_CHARS)),
            None => {}
        }
    }
    Ok(unknown)
}

fn check_value(name: &str, kind: Kind, value: &Value, words: Words) -> Result<(), BadRequest> {
    let (fits, number, bounds) = match kind {
        Any => return Ok(()),
        Text => (value.is_string(), None, (f64::MIN, f64::MAX)),
        Flag => (value.is_boolean(), None, (f64::MIN, f64::MAX)),
        List => (value.is_array(), None, (f64::MIN, f64::MAX)),
        Object => (value.is_object(), None, (f64::MIN, f64::MAX)),
        Number(least, most) => (value.is_number(), value.as_f64(), (least, most)),
        // `28.0` is a whole number.
        Count(least) => {
            let whole = value.as_f64().filter(|number| number.fract() == 0.0);
            (whole.is_some(), whole, (least as f64, f64::MAX))
        }
    };
    if !fits {
        return Err(wrong_type(name, kind, value, words));
    }
    match number {
        Some(number) if number < bounds.0 => Err(out_of_range(name, kind, value, ("below", bounds.0), words)),
        Some(number) if number > bounds.1 => Err(out_of_range(name, kind, value, ("above", bounds.1), words)),
        _ => Ok(()),
    }
}

fn wrong_type(name: &str, kind: Kind, value: &Value, words: Words) -> BadRequest {
    let [openai, anthropic, schema] = match kind {
        Text | Any => ["a string", "string", "String"],
        Flag => ["a boolean", "boolean", "Boolean"],
        List => ["an array", "list", "JSONArray"],
        Object => ["an object", "dictionary", "JSONObject"],
        Number(..) => ["a decimal", "number", "Number"],
        Count(_) => ["an integer", "integer", "Integer"],
    };
    match words {
        Words::OpenAi => BadRequest::wrong_type(name, openai, value),
        Words::Anthropic => BadRequest::new(format!("{name}: Input should be a valid {anthropic}")),
        Words::Schema => BadRequest::malformed(format_args!(
            "#/{name}: expected type: {schema}, found: {}",
            schema_type(value)
        )),
    }
}

fn out_of_range(
    name: &str,
    kind: Kind,
    value: &Value,
    (side, bound): (&str, f64),
    words: Words,
) -> BadRequest {
    let (sign, comparison, extreme) = match side {
        "below" => (">=", "greater", "minimum"),
        _ => ("<=", "less", "maximum"),
    };
    let number = if matches!(kind, Count(_)) { "integer" } else { "decimal" };
    match words {
        Words::OpenAi => BadRequest::parameter(
            name,
            format!(
                "Invalid '{name}': {number} {side} {extreme} value. Expected a value {sign} {bound}, but got {value} instead."
            ),
        ),
        Words::Anthropic => {
            BadRequest::new(format!("{name}: Input should be {comparison} than or equal to {bound}"))
        }
        Words::Schema => {
            BadRequest::malformed(format_args!("#/{name}: {value} is not {comparison} or equal to {bound}"))
        }
    }
}

/// A value's type, as Bedrock's schema checks name it.
pub(super) const fn schema_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "JSONArray",
        Value::Object(_) => "JSONObject",
    }
}

/// How many are reported per request.
const MAX_UNKNOWN: usize = 20;
const MAX_NAME_CHARS: usize = 100;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::known_members::{CHAT, LLAMA, MESSAGES, RESPONSES};
    use super::*;

    #[test]
    fn each_has_its_words() {
        for (body, members, words, message) in [
            (
                json!({"temperature": "hot"}),
                CHAT,
                Words::OpenAi,
                "Invalid type for 'temperature': expected a decimal, but got a string instead.",
            ),
            (
                json!({"temperature": 3}),
                CHAT,
                Words::OpenAi,
                "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
            ),
            (
                json!({"max_output_tokens": 0}),
                RESPONSES,
                Words::OpenAi,
                "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            ),
            (json!({"stream": 1}), MESSAGES, Words::Anthropic, "stream: Input should be a valid boolean"),
            (
                json!({"temperature": 1.5}),
                MESSAGES,
                Words::Anthropic,
                "temperature: Input should be less than or equal to 1",
            ),
            (
                json!({"top_p": "x"}),
                LLAMA,
                Words::Schema,
                "Malformed input request: #/top_p: expected type: Number, found: String, please reformat your input and try again.",
            ),
            (
                json!({"max_gen_len": 0}),
                LLAMA,
                Words::Schema,
                "Malformed input request: #/max_gen_len: 0 is not greater or equal to 1, please reformat your input and try again.",
            ),
            (
                json!({"max_gen_len": 0.5}),
                LLAMA,
                Words::Schema,
                "Malformed input request: #/max_gen_len: expected type: Integer, found: Number, please reformat your input and try again.",
            ),
        ] {
            let bad = check(&body, members, words).expect_err("it is wrong");
            assert_eq!(bad.message, message, "{body}");
        }
    }

    #[test]
    fn null_is_absent_and_others_are_named() {
        let body = json!({"temperature": null, "n": 1.0, "mine": null, "yours": 1, "stop": ["x"]});
        assert_eq!(check(&body, CHAT, Words::OpenAi), Ok(vec!["yours".to_owned()]));
        let many: serde_json::Map<_, _> =
            (0..1_000).map(|n| (format!("{n}{}", "x".repeat(200)), json!(1))).collect();
        let unknown = check(&many.into(), CHAT, Words::OpenAi).expect("nothing is wrong");
        assert_eq!((unknown.len(), unknown[0].chars().count()), (MAX_UNKNOWN, MAX_NAME_CHARS + 3));
    }
}
