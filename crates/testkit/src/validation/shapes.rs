//! The members that a ConverseStream request may have. They are listed here again, and not taken from the types of the core,
//! so that a wrong name there is noticed.
//!
//! Source: the Amazon Bedrock Runtime API, `ConverseStream`, request body.

use serde_json::Value;

use super::invalid_request::InvalidRequest;
use crate::excerpt::excerpt;

/// An unknown member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownMember {
    /// The path of its parent: `messages[0].content[0]`; empty at the top.
    at: String,
    name: String,
}

impl UnknownMember {
    /// Its path: `messages[0].content[0].cache_control`.
    pub(crate) fn path(&self) -> String {
        path(&self.at, &self.name)
    }
}

impl From<UnknownMember> for InvalidRequest {
    fn from(UnknownMember { at, name }: UnknownMember) -> Self {
        Self::UnknownMember { at, name }
    }
}

/// Removes unknown members at any depth, and returns them; the first ones if there are very many. An object with only unknown
/// members keeps them, so that it can be told what it lacks. A `null` member counts as absent.
pub(super) fn take_unknown(request: &mut Value) -> Vec<UnknownMember> {
    let mut unknown = Vec::new();
    take(request, REQUEST, "", &mut unknown);
    unknown
}

/// The members of a shape.
pub(super) type Shape = &'static [(&'static str, Inside)];

/// The type of a member, or of each item of a list.
#[derive(Clone, Copy)]
pub(super) enum Inside {
    /// A value without members, or free-form JSON.
    Any,
    Of(&'static Shape),
    /// A map with arbitrary keys.
    MapOf(&'static Shape),
}
use Inside::{Any, MapOf, Of};

fn take(value: &mut Value, shape: Shape, at: &str, unknown: &mut Vec<UnknownMember>) {
    let inside = |name: &str| shape.iter().find(|(known, _)| *known == name).map(|(_, inside)| *inside);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                take(item, shape, &format!("{at}[{index}]"), unknown);
            }
        }
        Value::Object(members) => {
            let knows_one = members.iter().any(|(name, value)| !value.is_null() && inside(name).is_some());
            members.retain(|name, value| match inside(name) {
                _ if value.is_null() => true,
                None => {
                    note(at, name, unknown);
                    !knows_one
                }
                Some(Any) => true,
                Some(Of(shape)) => {
                    take(value, shape, &path(at, name), unknown);
                    true
                }
                Some(MapOf(shape)) => {
                    for (key, value) in value.as_object_mut().into_iter().flatten() {
                        take(value, shape, &path(&path(at, name), key), unknown);
                    }
                    true
                }
            });
        }
        _ => {}
    }
}

fn note(at: &str, name: &str, unknown: &mut Vec<UnknownMember>) {
    if unknown.len() < MAX_UNKNOWN {
        let (at, name) = (excerpt(at, MAX_PATH_CHARS), excerpt(name, MAX_NAME_CHARS));
        unknown.push(UnknownMember { at, name });
    }
}

fn path(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

static REQUEST: Shape = &[
    ("messages", Of(&MESSAGE)),
    ("system", Of(&SYSTEM_CONTENT_BLOCK)),
    ("inferenceConfig", Of(&INFERENCE_CONFIG)),
    ("toolConfig", Of(&TOOL_CONFIG)),
    ("guardrailConfig", Of(&GUARDRAIL_CONFIG)),
    ("projectIdentifier", Any),
    ("additionalModelRequestFields", Any),
    ("promptVariables", MapOf(&TEXT)),
    ("additionalModelResponseFieldPaths", Any),
    ("requestMetadata", Any),
    ("performanceConfig", Of(&PERFORMANCE_CONFIG)),
    ("serviceTier", Of(&SERVICE_TIER)),
    ("outputConfig", Of(&OUTPUT_CONFIG)),
];
static MESSAGE: Shape = &[("role", Any), ("content", Of(&CONTENT_BLOCK))];
pub(super) static CONTENT_BLOCK: Shape = &[
    ("text", Any),
    ("image", Of(&MEDIUM)),
    ("document", Of(&DOCUMENT)),
    ("video", Of(&VIDEO)),
    ("audio", Of(&MEDIUM)),
    ("toolUse", Of(&TOOL_USE)),
    ("toolResult", Of(&TOOL_RESULT)),
    ("guardContent", Of(&GUARD_CONTENT)),
    ("cachePoint", Of(&CACHE_POINT)),
    ("reasoningContent", Of(&REASONING)),
    ("citationsContent", Of(&CITATIONS_CONTENT)),
    ("searchResult", Of(&SEARCH_RESULT)),
    ("toolAddition", Of(&TOOL_CHANGE)),
    ("toolRemoval", Of(&TOOL_CHANGE)),
];
static TEXT: Shape = &[("text", Any)];
static MEDIUM: Shape = &[("format", Any), ("source", Of(&MEDIA_SOURCE)), ("error", Of(&ERROR))];
static VIDEO: Shape = &[("format", Any), ("source", Of(&MEDIA_SOURCE))];
static MEDIA_SOURCE: Shape = &[("bytes", Any), ("s3Location", Of(&S3_LOCATION))];
static S3_LOCATION: Shape = &[("uri", Any), ("bucketOwner", Any)];
static ERROR: Shape = &[("message", Any)];
static DOCUMENT: Shape = &[
    ("format", Any),
    ("name", Any),
    ("source", Of(&DOCUMENT_SOURCE)),
    ("context", Any),
    ("citations", Of(&CITATIONS_CONFIG)),
];
static DOCUMENT_SOURCE: Shape =
    &[("bytes", Any), ("s3Location", Of(&S3_LOCATION)), ("text", Any), ("content", Of(&TEXT))];
static CITATIONS_CONFIG: Shape = &[("enabled", Any)];
static TOOL_USE: Shape = &[("toolUseId", Any), ("name", Any), ("input", Any), ("type", Any)];
static TOOL_RESULT: Shape =
    &[("toolUseId", Any), ("content", Of(&TOOL_RESULT_CONTENT)), ("status", Any), ("type", Any)];
pub(super) static TOOL_RESULT_CONTENT: Shape = &[
    ("json", Any),
    ("text", Any),
    ("image", Of(&MEDIUM)),
    ("document", Of(&DOCUMENT)),
    ("video", Of(&VIDEO)),
    ("searchResult", Of(&SEARCH_RESULT)),
];
static SEARCH_RESULT: Shape =
    &[("source", Any), ("title", Any), ("content", Of(&TEXT)), ("citations", Of(&CITATIONS_CONFIG))];
static GUARD_CONTENT: Shape = &[("text", Of(&GUARD_TEXT)), ("image", Of(&GUARD_IMAGE))];
static GUARD_TEXT: Shape = &[("text", Any), ("qualifiers", Any)];
static GUARD_IMAGE: Shape = &[("format", Any), ("source", Of(&GUARD_IMAGE_SOURCE))];
static GUARD_IMAGE_SOURCE: Shape = &[("bytes", Any)];
static CACHE_POINT: Shape = &[("type", Any), ("ttl", Any)];
static REASONING: Shape = &[("reasoningText", Of(&REASONING_TEXT)), ("redactedContent", Any)];
static REASONING_TEXT: Shape = &[("text", Any), ("signature", Any)];
static CITATIONS_CONTENT: Shape = &[("content", Of(&TEXT)), ("citations", Of(&CITATION))];
static CITATION: Shape =
    &[("title", Any), ("source", Any), ("sourceContent", Of(&TEXT)), ("location", Of(&CITATION_LOCATION))];
static CITATION_LOCATION: Shape = &[
    ("web", Of(&WEB_LOCATION)),
    ("documentChar", Of(&DOCUMENT_LOCATION)),
    ("documentPage", Of(&DOCUMENT_LOCATION)),
    ("documentChunk", Of(&DOCUMENT_LOCATION)),
    ("searchResultLocation", Of(&SEARCH_RESULT_LOCATION)),
];
static WEB_LOCATION: Shape = &[("url", Any), ("domain", Any)];
static DOCUMENT_LOCATION: Shape = &[("documentIndex", Any), ("start", Any), ("end", Any)];
static SEARCH_RESULT_LOCATION: Shape = &[("searchResultIndex", Any), ("start", Any), ("end", Any)];
static TOOL_CHANGE: Shape = &[("tool", Of(&TOOL_REFERENCE))];
static TOOL_REFERENCE: Shape = &[("type", Any), ("name", Any), ("serverName", Any)];
pub(super) static SYSTEM_CONTENT_BLOCK: Shape =
    &[("text", Any), ("guardContent", Of(&GUARD_CONTENT)), ("cachePoint", Of(&CACHE_POINT))];
static INFERENCE_CONFIG: Shape =
    &[("maxTokens", Any), ("temperature", Any), ("topP", Any), ("stopSequences", Any)];
static TOOL_CONFIG: Shape = &[("tools", Of(&TOOL)), ("toolChoice", Of(&TOOL_CHOICE))];
static TOOL: Shape =
    &[("toolSpec", Of(&TOOL_SPEC)), ("systemTool", Of(&NAME)), ("cachePoint", Of(&CACHE_POINT))];
static TOOL_SPEC: Shape =
    &[("name", Any), ("description", Any), ("inputSchema", Of(&INPUT_SCHEMA)), ("strict", Any)];
static INPUT_SCHEMA: Shape = &[("json", Any)];
static TOOL_CHOICE: Shape = &[("auto", Of(&NOTHING)), ("any", Of(&NOTHING)), ("tool", Of(&NAME))];
static NOTHING: Shape = &[];
static NAME: Shape = &[("name", Any)];
static GUARDRAIL_CONFIG: Shape =
    &[("guardrailIdentifier", Any), ("guardrailVersion", Any), ("trace", Any), ("streamProcessingMode", Any)];
static PERFORMANCE_CONFIG: Shape = &[("latency", Any)];
static SERVICE_TIER: Shape = &[("type", Any)];
static OUTPUT_CONFIG: Shape = &[("textFormat", Of(&OUTPUT_FORMAT)), ("effort", Any)];
static OUTPUT_FORMAT: Shape = &[("type", Any), ("structure", Of(&OUTPUT_FORMAT_STRUCTURE))];
static OUTPUT_FORMAT_STRUCTURE: Shape = &[("jsonSchema", Of(&JSON_SCHEMA))];
static JSON_SCHEMA: Shape = &[("schema", Any), ("name", Any), ("description", Any)];

/// More than a reasonable request has, and few enough to report.
const MAX_UNKNOWN: usize = 20;
const MAX_PATH_CHARS: usize = 200;
const MAX_NAME_CHARS: usize = 100;
