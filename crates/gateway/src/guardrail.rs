//! The guardrail of a request: the client's, else the configured one.

use std::fmt;

use bedrock_stream_core::converse::GuardrailConfig;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde::Deserializer as _;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::problem::Problem;
use crate::raw_member::with_value;

/// The guardrail that the headers name, as AWS's own endpoints of these dialects read them.
pub(crate) fn named(headers: &HeaderMap) -> Option<GuardrailConfig> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    Some(GuardrailConfig::new(text(IDENTIFIER)?, text(VERSION).unwrap_or("DRAFT")))
}

/// Adds the configured guardrail to headers that name none. `None`: it cannot be said in headers.
pub(crate) fn add_to_headers(headers: &mut HeaderMap, configured: Option<&GuardrailConfig>) -> Option<()> {
    let Some(guardrail) = named(headers).or_else(|| configured.cloned()) else { return Some(()) };
    let value = |text: Option<String>| HeaderValue::from_str(&text?).ok();
    headers.insert(IDENTIFIER, value(guardrail.guardrail_identifier)?);
    headers.insert(VERSION, value(guardrail.guardrail_version)?);
    Some(())
}

/// Whether the headers name a guardrail.
pub(crate) fn is_in_headers(headers: &HeaderMap) -> bool {
    headers.contains_key(IDENTIFIER)
}

/// Adds the configured guardrail to a request of Converse that names none, and changes nothing else in it.
pub(crate) fn add_to_body(body: &Bytes, configured: &GuardrailConfig) -> Result<Bytes, Box<Problem>> {
    let refused = |why: &dyn fmt::Display| {
        let message = format!("the gateway's guardrail cannot be added to the request: {why}");
        Box::new(Problem::refused(400, message))
    };
    let text = std::str::from_utf8(body).map_err(|error| refused(&error))?;
    let mut object = serde_json::Deserializer::from_str(text);
    let member = object.deserialize_map(GuardrailMember).map_err(|error| match error.classify() {
        // The error would quote the value, and the log has no contents.
        Category::Data => refused(&format_args!("it must be a JSON object, with `{MEMBER}` at most once")),
        _ => refused(&error),
    })?;
    object.end().map_err(|error| refused(&error))?;
    let guardrail = serde_json::to_string(configured).map_err(|error| refused(&error))?;
    if let Some(member) = member {
        let named: Value = serde_json::from_str(member.get()).unwrap_or_default();
        let is_named = named["guardrailIdentifier"].as_str().is_some_and(|identifier| !identifier.is_empty());
        return Ok(if is_named { body.clone() } else { with_value(text, member, &guardrail).into() });
    }
    let (before, rest) = text.split_once('{').ok_or_else(|| refused(&"it is no object"))?;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    Ok(format!("{before}{{\"{MEMBER}\":{guardrail}{comma}{rest}").into())
}

/// Finds the guardrail in a request of Converse. Of two, Bedrock might read the other one.
struct GuardrailMember;

impl<'de> Visitor<'de> for GuardrailMember {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if name == MEMBER && found.replace(value).is_some() {
                return Err(A::Error::duplicate_field(MEMBER));
            }
        }
        Ok(found)
    }
}

const IDENTIFIER: &str = "x-amzn-bedrock-guardrailidentifier";
const VERSION: &str = "x-amzn-bedrock-guardrailversion";
const MEMBER: &str = "guardrailConfig";
