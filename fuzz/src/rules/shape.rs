//! The shapes that the service model gives to JSON (bedrock-api.md 1.2), as tables.

use super::expected_json::ExpectedJson;
use super::json::{Json, Value};

/// The type of a value in the service model.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string, including enum values, since every enum is open.
    Text,
    /// base64.
    Blob,
    /// An integer up to this value.
    Integer(i128, i128),
    /// Any JSON.
    Free,
    List(&'static Shape),
    Map(&'static Shape),
    /// An object: members that are not listed here are data.
    Object(&'static [(&'static str, Shape)]),
    /// An object of one member. Where there are more, none is lost, even if they have one name.
    Union(&'static [(&'static str, Shape)]),
}

/// The JSON does not match the service model.
#[derive(Debug)]
pub(crate) struct ShapeMismatch;

const COUNT: Shape = Shape::Integer(0, u64::MAX as i128);
const INDEX: Shape = Shape::Integer(0, u32::MAX as i128);
const LIST_OF_TEXT_UNIONS: Shape = Shape::List(&Shape::Union(&[("text", Shape::Text)]));
const DOCUMENT: Shape = Shape::Object(&[("documentIndex", INDEX), ("start", INDEX), ("end", INDEX)]);

pub(crate) const MESSAGE_START: Shape = Shape::Object(&[("role", Shape::Text)]);

pub(crate) const BLOCK_START: Shape = Shape::Object(&[
    ("contentBlockIndex", INDEX),
    (
        "start",
        Shape::Union(&[
            (
                "toolUse",
                Shape::Object(&[("toolUseId", Shape::Text), ("name", Shape::Text), ("type", Shape::Text)]),
            ),
            (
                "toolResult",
                Shape::Object(&[("toolUseId", Shape::Text), ("type", Shape::Text), ("status", Shape::Text)]),
            ),
            ("image", Shape::Object(&[("format", Shape::Text)])),
        ]),
    ),
]);

pub(crate) const CITATION: Shape = Shape::Object(&[
    ("title", Shape::Text),
    ("source", Shape::Text),
    ("sourceContent", LIST_OF_TEXT_UNIONS),
    (
        "location",
        Shape::Union(&[
            ("web", Shape::Object(&[("url", Shape::Text), ("domain", Shape::Text)])),
            ("documentChar", DOCUMENT),
            ("documentPage", DOCUMENT),
            ("documentChunk", DOCUMENT),
            (
                "searchResultLocation",
                Shape::Object(&[("searchResultIndex", INDEX), ("start", INDEX), ("end", INDEX)]),
            ),
        ]),
    ),
]);

pub(crate) const IMAGE: Shape = Shape::Object(&[
    (
        "source",
        Shape::Union(&[
            ("bytes", Shape::Blob),
            ("s3Location", Shape::Object(&[("uri", Shape::Text), ("bucketOwner", Shape::Text)])),
        ]),
    ),
    ("error", Shape::Object(&[("message", Shape::Text)])),
]);

pub(crate) const TOOL_RESULT: Shape =
    Shape::List(&Shape::Union(&[("text", Shape::Text), ("json", Shape::Free)]));

pub(crate) const BLOCK_DELTA: Shape = Shape::Object(&[
    ("contentBlockIndex", INDEX),
    (
        "delta",
        Shape::Union(&[
            ("text", Shape::Text),
            ("toolUse", Shape::Object(&[("input", Shape::Text)])),
            ("toolResult", TOOL_RESULT),
            (
                "reasoningContent",
                Shape::Union(&[
                    ("text", Shape::Text),
                    ("signature", Shape::Text),
                    ("redactedContent", Shape::Blob),
                ]),
            ),
            ("citation", CITATION),
            ("image", IMAGE),
        ]),
    ),
]);

pub(crate) const BLOCK_STOP: Shape = Shape::Object(&[("contentBlockIndex", INDEX)]);

pub(crate) const MESSAGE_STOP: Shape =
    Shape::Object(&[("stopReason", Shape::Text), ("additionalModelResponseFields", Shape::Free)]);

pub(crate) const METADATA: Shape = Shape::Object(&[
    (
        "usage",
        Shape::Object(&[
            ("inputTokens", COUNT),
            ("outputTokens", COUNT),
            ("totalTokens", COUNT),
            ("cacheReadInputTokens", COUNT),
            ("cacheWriteInputTokens", COUNT),
            ("cacheDetails", Shape::List(&Shape::Object(&[("ttl", Shape::Text), ("inputTokens", COUNT)]))),
        ]),
    ),
    ("metrics", Shape::Object(&[("latencyMs", Shape::Integer(i64::MIN as i128, i64::MAX as i128))])),
    (
        "trace",
        Shape::Object(&[
            (
                "guardrail",
                Shape::Object(&[
                    ("modelOutput", Shape::List(&Shape::Text)),
                    ("inputAssessment", Shape::Map(&Shape::Free)),
                    ("outputAssessments", Shape::Map(&Shape::List(&Shape::Free))),
                    ("actionReason", Shape::Text),
                ]),
            ),
            ("promptRouter", Shape::Object(&[("invokedModelId", Shape::Text)])),
        ]),
    ),
    ("performanceConfig", Shape::Object(&[("latency", Shape::Text)])),
    ("serviceTier", Shape::Object(&[("type", Shape::Text)])),
]);

impl Shape {
    /// The value as it is serialized again: numbers normalized, absent members left out, unknown members unchanged.
    pub(crate) fn echo(&self, json: &Json<'_>) -> Result<ExpectedJson, ShapeMismatch> {
        match (self, &json.value) {
            (Self::Free, _) => Ok(ExpectedJson::exact(json)),
            (Self::Text, Value::String(text)) => Ok(ExpectedJson::text(text.clone())),
            (Self::Blob, Value::String(text)) => base64(text).map(ExpectedJson::Text).ok_or(ShapeMismatch),
            (Self::Integer(least, most), Value::Number) => match json.as_integer() {
                Some(number) if (*least..=*most).contains(&number) => Ok(ExpectedJson::Integer(number)),
                _ => Err(ShapeMismatch),
            },
            (Self::List(shape), Value::Array(items)) => {
                items.iter().map(|item| shape.echo(item)).collect::<Result<_, _>>().map(ExpectedJson::List)
            }
            (Self::Map(shape), Value::Object(members)) => members
                .iter()
                .map(|(name, value)| Ok((name.clone(), shape.echo(value)?)))
                .collect::<Result<_, _>>()
                .map(ExpectedJson::Object),
            (Self::Object(shapes) | Self::Union(shapes), Value::Object(members)) => {
                let mut echoed: Vec<(String, ExpectedJson)> = Vec::new();
                for (name, value) in members {
                    let tree = match shapes.iter().find(|(known, _)| known == name) {
                        // "A `null` member is an absent one" (C2); one that is not known is data.
                        Some(_)
                            if value.is_null()
                                && (matches!(self, Self::Union(_))
                                    || echoed.iter().all(|(earlier, _)| earlier != name)) =>
                        {
                            continue;
                        }
                        // Only one of the two can be used, and the other would be lost.
                        Some(_)
                            if matches!(self, Self::Object(_))
                                && echoed.iter().any(|(earlier, _)| earlier == name) =>
                        {
                            return Err(ShapeMismatch);
                        }
                        Some((_, shape)) => shape.echo(value)?,
                        None => ExpectedJson::exact(value),
                    };
                    echoed.push((name.clone(), tree));
                }
                Ok(ExpectedJson::Object(echoed))
            }
            _ => Err(ShapeMismatch),
        }
    }

    /// Whether the service model has a member of this name here.
    pub(crate) fn knows(&self, name: &str) -> bool {
        matches!(self, Self::Object(shapes) | Self::Union(shapes) if shapes.iter().any(|(known, _)| *known == name))
    }
}

/// Base64. The design does not say whether padding may be missing: it may.
fn base64(text: &str) -> Option<String> {
    let digits = text.trim_end_matches('=');
    let padded = format!("{digits}{}", ["", "=", "==", "="][(4 - digits.len() % 4) % 4]);
    let valid = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    (valid && digits.len() % 4 != 1 && (text == padded || text == digits)).then_some(padded)
}
