//! `InvokeGuardrailChecks`: safeguards that the request chooses.
//!
//! Source: `InvokeGuardrailChecks` of the Amazon Bedrock Runtime API.

use serde_json::{Map, Value, json};

use super::bad_request::BadRequest;

/// The answer of checks that find nothing.
pub(crate) fn guardrail_checks(body: &[u8]) -> Result<Value, BadRequest> {
    let json: Value = serde_json::from_slice(body).map_err(|error| BadRequest::not_json(&error))?;
    let mut len = 0;
    for (at, message) in list(&json, "messages", None)?.iter().enumerate() {
        len += check_message(&format!("messages.{}.member", at + 1), message)?;
    }
    let checks = &json["checks"];
    if !checks.is_object() {
        return Err(BadRequest::not_member("checks", checks, "an object"));
    }
    let units = len.div_ceil(TEXT_UNIT_CHARS);
    let (mut results, mut usage) = (Map::new(), Map::new());
    for Check { name, list: chosen, member, words, has_scores } in &CHECKS {
        let check = &checks[*name];
        if check.is_null() {
            continue;
        }
        let mut scores = Vec::new();
        let path = format!("checks.{name}.{chosen}");
        for (at, of) in list(check, &path, Some(words.len()))?.iter().enumerate() {
            let word = enumerated(&format!("{path}.{}.member.{member}", at + 1), &of[*member], words)?;
            scores.push(json!({*member: word, "severityScore": 0.0}));
        }
        results.insert((*name).to_owned(), json!({"results": if *has_scores { scores } else { Vec::new() }}));
        usage.insert((*name).to_owned(), json!({"textUnits": units}));
    }
    Ok(json!({"results": results, "usage": usage}))
}

/// A safeguard: its member of `checks`, the list in it and what the items may be, and whether each has a score if nothing is found.
struct Check {
    name: &'static str,
    list: &'static str,
    member: &'static str,
    words: &'static [&'static str],
    has_scores: bool,
}

/// The number of characters in a message.
fn check_message(at: &str, message: &Value) -> Result<usize, BadRequest> {
    enumerated(&format!("{at}.role"), &message["role"], &["user", "assistant", "system"])?;
    let mut len = 0;
    let content = format!("{at}.content");
    for (block, of) in list(message, &content, None)?.iter().enumerate() {
        let at = format!("{content}.{}.member.text", block + 1);
        let text = of["text"].as_str().ok_or_else(|| BadRequest::not_member(&at, &of["text"], "a string"))?;
        if text.is_empty() {
            return Err(invalid(&at, "Member must have length greater than or equal to 1"));
        }
        len += text.chars().count();
    }
    Ok(len)
}

/// The list in the last member of a path: not empty, and not longer than this.
fn list<'b>(parent: &'b Value, path: &str, most: Option<usize>) -> Result<&'b Vec<Value>, BadRequest> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let value = &parent[name];
    let items = value.as_array().ok_or_else(|| BadRequest::not_member(path, value, "a list"))?;
    match most {
        _ if items.is_empty() => Err(invalid(path, "Member must have length greater than or equal to 1")),
        Some(most) if items.len() > most => {
            Err(invalid(path, &format!("Member must have length less than or equal to {most}")))
        }
        _ => Ok(items),
    }
}

fn enumerated<'b>(path: &str, value: &'b Value, words: &[&str]) -> Result<&'b str, BadRequest> {
    let word = value.as_str().ok_or_else(|| BadRequest::not_member(path, value, "a string"))?;
    if words.contains(&word) {
        return Ok(word);
    }
    Err(invalid(path, &format!("Member must satisfy enum value set: [{}]", words.join(", "))))
}

fn invalid(path: &str, constraint: &str) -> BadRequest {
    BadRequest::new(format!(
        "1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"
    ))
}

const CHECKS: [Check; 3] = [
    Check {
        name: "contentFilter",
        list: "categories",
        member: "category",
        words: &["VIOLENCE", "HATE", "SEXUAL", "MISCONDUCT", "INSULTS"],
        has_scores: true,
    },
    Check {
        name: "promptAttack",
        list: "categories",
        member: "category",
        words: &["JAILBREAK", "PROMPT_INJECTION", "PROMPT_LEAKAGE"],
        has_scores: true,
    },
    Check {
        name: "sensitiveInformation",
        list: "entities",
        member: "type",
        words: &ENTITIES,
        has_scores: false,
    },
];
const ENTITIES: [&str; 31] = [
    "ADDRESS",
    "AGE",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "CA_HEALTH_NUMBER",
    "CA_SOCIAL_INSURANCE_NUMBER",
    "CREDIT_DEBIT_CARD_CVV",
    "CREDIT_DEBIT_CARD_EXPIRY",
    "CREDIT_DEBIT_CARD_NUMBER",
    "DRIVER_ID",
    "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "IP_ADDRESS",
    "LICENSE_PLATE",
    "MAC_ADDRESS",
    "NAME",
    "PASSWORD",
    "PHONE",
    "PIN",
    "SWIFT_CODE",
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
    "UK_NATIONAL_INSURANCE_NUMBER",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
    "URL",
    "USERNAME",
    "US_BANK_ACCOUNT_NUMBER",
    "US_BANK_ROUTING_NUMBER",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    "US_PASSPORT_NUMBER",
    "US_SOCIAL_SECURITY_NUMBER",
    "VEHICLE_IDENTIFICATION_NUMBER",
];
/// The number of characters that Bedrock bills as one unit.
const TEXT_UNIT_CHARS: usize = 1_000;
