use std::collections::BTreeMap;

use http::header::{ACCEPT, HeaderName, HeaderValue};

use crate::client::bedrock_operations::ANTHROPIC_VERSION;
use crate::client::media_type::MediaType;
use crate::client::request_builder::RequestBuilder;
use crate::error::error_detail::ErrorDetail;

/// The headers of `InvokeModel` and `InvokeModelWithResponseStream`, which are signed if the request is. Bedrock
/// Runtime also reads the guardrail headers for Chat Completions.
///
/// Source: `InvokeModelRequest` and `InvokeModelWithResponseStreamRequest` in Bedrock Runtime's service model.
impl<T, O> RequestBuilder<'_, T, O> {
    /// Sets the media type of the model's answer, `application/json` by default: `X-Amzn-Bedrock-Accept` for a
    /// streaming operation, `Accept` for any other.
    pub fn accept(self, media_type: impl TryInto<HeaderValue>) -> Self {
        let streams = self.operation().is_some_and(|it| it.media_type() != MediaType::Json);
        self.header(
            if streams { HeaderName::from_static("x-amzn-bedrock-accept") } else { ACCEPT },
            media_type,
        )
    }

    /// Sets `X-Amzn-Bedrock-Trace`, which determines whether the answer contains Bedrock's trace: `ENABLED`, `DISABLED`
    /// or `ENABLED_FULL`.
    pub fn trace(self, trace: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-trace", trace)
    }

    /// Sets `X-Amzn-Bedrock-GuardrailIdentifier`, a guardrail's id or ARN. Bedrock refuses one without a
    /// [version](Self::guardrail_version).
    pub fn guardrail_identifier(self, guardrail: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-guardrailidentifier", guardrail)
    }

    /// Sets `X-Amzn-Bedrock-GuardrailVersion`, a number or `DRAFT`.
    pub fn guardrail_version(self, version: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-guardrailversion", version)
    }

    /// Sets `X-Amzn-Bedrock-PerformanceConfig-Latency`: `standard` or `optimized`.
    pub fn performance_latency(self, latency: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-performanceconfig-latency", latency)
    }

    /// Sets `X-Amzn-Bedrock-Service-Tier`: `default`, `priority`, `flex` or `reserved`.
    pub fn service_tier(self, service_tier: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-service-tier", service_tier)
    }

    /// Sets `X-Amzn-Bedrock-Request-Metadata` to a JSON object of these names and values, by which invocation logs can
    /// be filtered.
    pub fn request_metadata<K: Into<String>, V: Into<String>>(
        self,
        metadata: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let metadata: BTreeMap<String, String> =
            metadata.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        match serde_json::to_string(&metadata) {
            Ok(json) => self.header("x-amzn-bedrock-request-metadata", escaped(&json)),
            Err(error) => self.failed(ErrorDetail::Request(error.to_string())),
        }
    }

    /// Sets `X-Amzn-Bedrock-ProjectIdentifier`.
    pub fn project_identifier(self, project: impl TryInto<HeaderValue>) -> Self {
        self.header("x-amzn-bedrock-projectidentifier", project)
    }

    /// Sets `anthropic-version` of Anthropic's Messages, instead of `2023-06-01`.
    pub fn anthropic_version(self, version: impl TryInto<HeaderValue>) -> Self {
        self.header(ANTHROPIC_VERSION, version)
    }

    /// Sets `anthropic-beta` of Anthropic's Messages to the names of these beta features. `InvokeModel` accepts them as
    /// `anthropic_beta` in its body instead.
    pub fn anthropic_beta<S: AsRef<str>>(self, features: impl IntoIterator<Item = S>) -> Self {
        let features: Vec<String> = features.into_iter().map(|name| name.as_ref().to_owned()).collect();
        self.header("anthropic-beta", features.join(","))
    }
}

/// JSON in which every non-ASCII character is escaped, since headers are ASCII.
fn escaped(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn escaped_json_is_ascii_with_the_same_value() {
        let json = r#"{"name":"Ümläut 𝄞 \" \n"}"#;
        let ascii = escaped(json);
        assert!(ascii.is_ascii(), "{ascii}");
        let [before, after] = [json, &ascii].map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap());
        assert_eq!(before, after);
    }
}
