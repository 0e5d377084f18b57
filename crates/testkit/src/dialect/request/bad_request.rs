use std::fmt::Display;

use serde_json::Value;

/// Why a request is refused with status 400, with a message in the style of its dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadRequest {
    pub(crate) message: String,
    /// The member that is wrong, as OpenAI's errors name it.
    pub(crate) param: Option<String>,
}

impl BadRequest {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), param: None }
    }

    /// Any other message in OpenAI's style.
    pub(super) fn parameter(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), param: Some(param.into()) }
    }

    /// OpenAI's message for a missing parameter.
    pub(super) fn missing_parameter(param: &str) -> Self {
        Self::parameter(param, format!("Missing required parameter: '{param}'."))
    }

    /// OpenAI's message for a wrong type.
    pub(super) fn wrong_type(param: &str, expected: &str, value: &Value) -> Self {
        let got = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::parameter(
            param,
            format!("Invalid type for '{param}': expected {expected}, but got {got} instead."),
        )
    }

    /// Anthropic's message for a missing member.
    pub(super) fn required(path: &str) -> Self {
        Self::new(format!("{path}: Field required"))
    }

    /// Anthropic's for a value of another type than `expected`: a string, an integer, a list or a dictionary.
    pub(super) fn not_a(path: &str, expected: &str) -> Self {
        Self::new(format!("{path}: Input should be a valid {expected}"))
    }

    /// Anthropic's for an object whose `type` is none of these.
    pub(super) fn unknown_tag(path: &str, tag: &str, known: &[&str]) -> Self {
        let known: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
        Self::new(format!(
            "{path}: Input tag '{tag}' found using 'type' does not match any of the expected tags: {}",
            known.join(", ")
        ))
    }

    /// Bedrock's for a member that the model does not know.
    pub(super) fn extraneous(name: &str) -> Self {
        Self::malformed(format_args!("#: extraneous key [{name}] is not permitted"))
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        Self::new(format!("The request body is not valid JSON: {error}"))
    }

    /// Bedrock's for a member at `path` that is absent, or not `expected`: a string, a list or an object.
    pub(super) fn not_member(path: &str, value: &Value, expected: &str) -> Self {
        let (found, constraint) = match value {
            Value::Null => ("null ", "Member must not be null".to_owned()),
            _ => ("", format!("Member must be {expected}")),
        };
        Self::new(format!(
            "1 validation error detected: Value {found}at '{path}' failed to satisfy constraint: {constraint}"
        ))
    }

    /// Bedrock's message for a body that does not fit the model.
    pub(super) fn malformed(reason: impl Display) -> Self {
        Self::new(format!("Malformed input request: {reason}, please reformat your input and try again."))
    }
}
