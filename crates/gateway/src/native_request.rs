use std::collections::HashMap;

use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_dialects::request::{self, Options};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::api::Api;
use crate::guardrail;
use crate::native_models::is_native;
use crate::raw_member::with_value;
use crate::state::State;

/// A request that is passed to Bedrock's own endpoint of its dialect: as it came, but for the model's name and some headers.
#[derive(Debug)]
pub(crate) struct NativeRequest {
    pub(crate) api: Api,
    /// The model that Bedrock is asked for.
    pub(crate) model: String,
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) is_streaming: bool,
    /// The names of what is not passed on.
    pub(crate) left_out: Vec<String>,
}

impl NativeRequest {
    /// `None`: it must be converted. So must one that names no model, which is refused there.
    pub(crate) fn of(state: &State, api: Api, parts: &Parts, body: &Bytes) -> Option<Self> {
        let dialect = api.dialect();
        let name = request::model(dialect, body).ok()?;
        let alias = state.options.aliases.get(&name);
        let model = alias.map_or(name.as_str(), Alias::model);
        let by_table = || state.options.is_native && is_native(model, dialect);
        if !alias.and_then(|alias| alias.is_native(dialect)).unwrap_or_else(by_table) {
            return None;
        }
        let text = std::str::from_utf8(body).ok()?;
        let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        let mut options = Options::new().model_id(model);
        if let Some(alias) = alias {
            options = alias.apply(options);
        }
        let (headers, left_out) = headers(&parts.headers, state.options.guardrail.as_ref(), &options)?;
        // Nothing says that Bedrock's Messages have guardrails; Converse's do.
        if api == Api::Messages && guardrail::is_in_headers(&headers) {
            return None;
        }
        Some(Self {
            api,
            body: if model == name { body.clone() } else { with_model(text, members.get("model")?, model) },
            is_streaming: members.get("stream").is_some_and(|value| value.get() == "true"),
            model: model.to_owned(),
            headers,
            left_out,
        })
    }
}

/// The same JSON, with another model in the place of this member.
fn with_model(text: &str, member: &RawValue, model: &str) -> Bytes {
    with_value(text, member, &serde_json::Value::from(model).to_string()).into()
}

/// The client's headers that mean something to Bedrock, and the betas that it does not know. `None`: the configured guardrail
/// cannot be said in a header.
fn headers(
    from: &HeaderMap,
    configured: Option<&GuardrailConfig>,
    options: &Options,
) -> Option<(HeaderMap, Vec<String>)> {
    let mut headers = HeaderMap::new();
    for (name, value) in from {
        if name.as_str().starts_with("x-amzn-bedrock-") {
            headers.insert(name.clone(), value.clone());
        }
    }
    guardrail::add_to_headers(&mut headers, configured)?;
    let betas = from.get_all(ANTHROPIC_BETA).iter().filter_map(|value| value.to_str().ok());
    let betas = betas.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let (known, unknown): (Vec<&str>, Vec<&str>) = betas.partition(|name| options.is_allowed_beta(name));
    if !known.is_empty() {
        headers.insert(ANTHROPIC_BETA, HeaderValue::from_str(&known.join(",")).ok()?);
    }
    Some((headers, unknown.into_iter().map(|name| format!("{ANTHROPIC_BETA}.{name}")).collect()))
}

const ANTHROPIC_BETA: &str = "anthropic-beta";

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use bedrock_stream_core::converse::GuardrailConfig;
    use http::{HeaderMap, HeaderValue};
    use serde_json::value::RawValue;

    use bedrock_stream_dialects::request::Options;

    use super::{headers, with_model};

    const GUARDRAIL: &str = "x-amzn-bedrock-guardrailidentifier";

    #[test]
    fn only_the_models_name_changes() {
        for (before, after) in [
            (r#"{"model":"a","n": 1.50}"#, r#"{"model":"us.x-v1:0","n": 1.50}"#),
            (
                r#" { "z" :{"model":"a"}, "mod\u0065l" : "a" } "#,
                r#" { "z" :{"model":"a"}, "mod\u0065l" : "us.x-v1:0" } "#,
            ),
        ] {
            let members: HashMap<String, &RawValue> = serde_json::from_str(before).unwrap();
            assert_eq!(with_model(before, members["model"], "us.x-v1:0"), after);
        }
    }

    #[test]
    fn headers_for_bedrock_are_passed_on() {
        let mut from = HeaderMap::new();
        for (name, value) in [
            ("x-amzn-bedrock-trace", "ENABLED"),
            ("authorization", "Bearer sk-1"),
            ("x-api-key", "sk-1"),
            ("x-amz-date", "20260101T000000Z"),
            ("anthropic-beta", "context-1m-2025-08-07, made-up-2020-01-01"),
        ] {
            from.append(name, HeaderValue::from_static(value));
        }
        let (passed, left_out) =
            headers(&from, Some(&GuardrailConfig::new("gr-1", "2")), &Options::new()).unwrap();
        let mut passed: Vec<_> =
            passed.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        passed.sort_unstable();
        assert_eq!(
            passed,
            [
                ("anthropic-beta", "context-1m-2025-08-07"),
                ("x-amzn-bedrock-guardrailidentifier", "gr-1"),
                ("x-amzn-bedrock-guardrailversion", "2"),
                ("x-amzn-bedrock-trace", "ENABLED"),
            ]
        );
        assert_eq!(left_out, ["anthropic-beta.made-up-2020-01-01"]);
        // The client's own guardrail counts, and a configured one that no header can hold is not forgotten.
        from.insert(GUARDRAIL, HeaderValue::from_static("gr-2"));
        let (passed, _) = headers(&from, Some(&GuardrailConfig::new("gr-1", "2")), &Options::new()).unwrap();
        assert_eq!(passed[GUARDRAIL], "gr-2");
        assert_eq!(passed["x-amzn-bedrock-guardrailversion"], "DRAFT");
        assert!(
            headers(&HeaderMap::new(), Some(&GuardrailConfig::new("gr\n1", "2")), &Options::new()).is_none()
        );
    }
}
