//! The operations that analyze a request and answer with one JSON object.
//!
//! Source: `CountTokens` and `ApplyGuardrail` of the Amazon Bedrock Runtime API; "Count tokens in a Message" of Anthropic's.

use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::Dialect;
use http::HeaderMap;
use serde_json::{Value, json};

use super::asked::Asked;
use super::bad_request::BadRequest;
use super::message_blocks::required_text;
use super::messages;
use crate::dialect::vendor::Vendor;
use crate::validation::validate;

/// `CountTokens`; of Messages, if that is the dialect. About one token per four bytes.
pub(crate) fn count_tokens(
    dialect: Option<Dialect>,
    model_id: &str,
    body: &[u8],
    headers: &HeaderMap,
) -> Result<Value, BadRequest> {
    let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::not_json(&error))?;
    if dialect == Some(Dialect::Messages) {
        messages::check_version(&json, headers)?;
        required_text(&json, "", "model")?;
        messages::conversation(&json)?;
        return Ok(json!({"input_tokens": tokens(body.len())}));
    }
    let input = &json["input"];
    let len = match (input.get("converse"), input.get("invokeModel")) {
        (Some(converse), None) => {
            let converse = converse.to_string();
            validate(converse.as_bytes()).map_err(|invalid| BadRequest::new(invalid.to_string()))?;
            converse.len()
        }
        (None, Some(invoke)) => {
            let bytes = invoke["body"].as_str().and_then(Blob::from_base64);
            let bytes =
                bytes.ok_or_else(|| BadRequest::new("The body at input.invokeModel.body is not base64."))?;
            let bytes: &[u8] = bytes.as_ref();
            match Vendor::of(model_id) {
                Some(vendor) => drop(Asked::parse_invoke(vendor, model_id, None, bytes)?),
                None => drop(serde_json::from_slice::<Value>(bytes).map_err(BadRequest::malformed)?),
            }
            bytes.len()
        }
        _ => return Err(BadRequest::new("The input must have either converse or invokeModel.")),
    };
    Ok(json!({"inputTokens": tokens(len)}))
}

/// `ApplyGuardrail` with a guardrail that never intervenes.
pub(crate) fn guardrail(body: &[u8]) -> Result<Value, BadRequest> {
    let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::not_json(&error))?;
    if !matches!(json["source"].as_str(), Some("INPUT" | "OUTPUT")) {
        let message = "1 validation error detected: Value at 'source' failed to satisfy constraint: Member must satisfy \
                       enum value set: [INPUT, OUTPUT]";
        return Err(BadRequest::new(message));
    }
    let content = &json["content"];
    let Some(content) = content.as_array() else {
        return Err(BadRequest::not_member("content", content, "a list"));
    };
    for (at, block) in content.iter().enumerate() {
        check_guarded(at + 1, block)?;
    }
    let texts = content.iter().filter_map(|block| block["text"]["text"].as_str());
    let len: usize = texts.map(|text| text.chars().count()).sum();
    let units = len.div_ceil(TEXT_UNIT_CHARS);
    Ok(json!({
        "usage": {
            "topicPolicyUnits": units, "contentPolicyUnits": units, "wordPolicyUnits": units,
            "sensitiveInformationPolicyUnits": units, "sensitiveInformationPolicyFreeUnits": 0,
            "contextualGroundingPolicyUnits": 0,
        },
        "action": "NONE",
        "outputs": [],
        "assessments": [{}],
        "guardrailCoverage": {"textCharacters": {"guarded": len, "total": len}},
    }))
}

/// Checks a block of content, counted from 1 as Bedrock does.
fn check_guarded(at: usize, block: &Value) -> Result<(), BadRequest> {
    let not_string = |member: &str, value: &Value| {
        BadRequest::not_member(&format!("content.{at}.member.{member}"), value, "a string")
    };
    match (block.get("text"), block.get("image")) {
        (Some(text), None) if text["text"].is_string() => Ok(()),
        (Some(text), None) => Err(not_string("text.text", &text["text"])),
        (None, Some(image)) if !matches!(image["format"].as_str(), Some("png" | "jpeg")) => {
            Err(BadRequest::new(format!(
                "1 validation error detected: Value at 'content.{at}.member.image.format' failed to satisfy constraint: Member \
                 must satisfy enum value set: [png, jpeg]"
            )))
        }
        (None, Some(image)) if !image["source"]["bytes"].is_string() => {
            Err(not_string("image.source.bytes", &image["source"]["bytes"]))
        }
        (None, Some(_)) => Ok(()),
        _ => {
            Err(BadRequest::new(format!("The content block at content.{at} must have either text or image.")))
        }
    }
}

const fn tokens(len: usize) -> usize {
    len.div_ceil(4)
}

/// The number of characters that Bedrock bills as one unit.
const TEXT_UNIT_CHARS: usize = 1_000;
