use http::HeaderMap;
use serde_json::Value;

use super::bad_request::BadRequest;

/// Checks the guardrail of a request that invokes a model: in its headers, and in its body.
pub(crate) fn check_guardrail(headers: &HeaderMap, body: &Value) -> Result<(), BadRequest> {
    let has = |name: &str| headers.contains_key(format!("x-amzn-bedrock-guardrail{name}"));
    let message = if has("identifier") != has("version") {
        "Both guardrailIdentifier and guardrailVersion must be given, or neither."
    } else if body.get("amazon-bedrock-guardrailConfig").is_some() && !has("identifier") {
        "The body has amazon-bedrock-guardrailConfig, so guardrailIdentifier must be given."
    } else {
        return Ok(());
    };
    Err(BadRequest::new(message))
}
