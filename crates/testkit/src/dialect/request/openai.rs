//! What the requests of OpenAI's dialects have in common: the parts of a content, tool choices and required members.

use serde_json::Value;

use super::bad_request::BadRequest;

/// The types that an object may have, each with its members that are required and what they must be.
pub(super) type Types = &'static [(&'static str, &'static [(&'static str, Expected)])];

/// What a required member must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Text,
    Object,
    /// A text, or a list of parts.
    Content,
}

/// A required member that is a text.
pub(super) fn text<'b>(parent: &'b Value, at: &str, name: &str) -> Result<&'b str, BadRequest> {
    let path = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match &parent[name] {
        Value::Null => Err(BadRequest::missing_parameter(&path)),
        Value::String(text) => Ok(text),
        other => Err(BadRequest::wrong_type(&path, "a string", other)),
    }
}

/// The `model`, which must not be empty.
pub(super) fn model(body: &Value) -> Result<(), BadRequest> {
    match text(body, "", "model")? {
        "" => Err(BadRequest::missing_parameter("model")),
        _ => Ok(()),
    }
}

/// Checks an object by its `type`, which is one of these; `default` if it has none.
pub(super) fn check_typed(
    value: &Value,
    at: &str,
    types: Types,
    default: Option<&'static str>,
) -> Result<(), BadRequest> {
    if !value.is_object() {
        return Err(BadRequest::wrong_type(at, "an object", value));
    }
    let kind = match default {
        Some(default) if value["type"].is_null() => default,
        _ => text(value, at, "type")?,
    };
    let Some((_, members)) = types.iter().find(|(known, _)| *known == kind) else {
        let names: Vec<&str> = types.iter().map(|(name, _)| *name).collect();
        return Err(unknown_value(&format!("{at}.type"), kind, &names));
    };
    for (name, expected) in *members {
        let member = &value[*name];
        let path = || format!("{at}.{name}");
        let (fits, words) = match expected {
            Expected::Text => (member.is_string(), "a string"),
            Expected::Object => (member.is_object(), "an object"),
            Expected::Content => (member.is_string() || member.is_array(), CONTENT),
        };
        match member {
            Value::Null => return Err(BadRequest::missing_parameter(&path())),
            member if !fits => return Err(BadRequest::wrong_type(&path(), words, member)),
            _ => {}
        }
    }
    Ok(())
}

/// Checks a content: a text, or a list of parts of these types.
pub(super) fn check_content(content: &Value, at: &str, types: Types) -> Result<(), BadRequest> {
    match content {
        Value::String(_) => Ok(()),
        Value::Array(parts) if parts.is_empty() => Err(empty(at)),
        Value::Array(parts) => parts
            .iter()
            .enumerate()
            .try_for_each(|(part, of)| check_typed(of, &format!("{at}[{part}]"), types, None)),
        other => Err(BadRequest::wrong_type(at, CONTENT, other)),
    }
}

/// An array that must not be empty.
pub(super) fn empty(at: &str) -> BadRequest {
    let message = format!(
        "Invalid '{at}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    );
    BadRequest::parameter(at, message)
}

/// Checks `tool_choice`: one of these words, or an object with a type.
pub(super) fn check_tool_choice(choice: &Value, words: &[&str]) -> Result<(), BadRequest> {
    match choice {
        Value::Null => Ok(()),
        Value::String(word) if words.contains(&&**word) => Ok(()),
        Value::String(word) => Err(unknown_value("tool_choice", word, words)),
        Value::Object(_) => text(choice, "tool_choice", "type").map(drop),
        other => Err(BadRequest::wrong_type("tool_choice", "one of a string or object", other)),
    }
}

/// A word that is none of those that are known.
pub(super) fn unknown_value(param: &str, value: &str, known: &[&str]) -> BadRequest {
    let (last, others) = known.split_last().unwrap_or((&"", &[]));
    let others: String = others.iter().map(|name| format!("'{name}', ")).collect();
    BadRequest::parameter(
        param,
        format!("Invalid value: '{value}'. Supported values are: {others}and '{last}'."),
    )
}

const CONTENT: &str = "one of an array of objects or string";
pub(super) const TOOL_CHOICES: [&str; 3] = ["none", "auto", "required"];
