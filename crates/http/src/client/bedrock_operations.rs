use http::header::{HeaderName, HeaderValue};

use crate::client::media_type::MediaType;
use crate::client::operation::{LabelError, ModelIdError, Operation};
use crate::client::route::{Api, Route};
use crate::config::endpoint::RUNTIME;

/// Bedrock's operations.
///
/// Source: Bedrock Runtime's service model (botocore, `bedrock-runtime/2023-09-30`); for those with a [`Route`], the Amazon
/// Bedrock user guide.
impl Operation {
    /// `Converse`: the next message of a conversation, without streaming.
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN; it must not be percent-encoded.
    ///
    /// # Errors
    ///
    /// [`ModelIdError`] for an id that cannot be part of a path.
    pub fn converse(model_id: &str) -> Result<Self, ModelIdError> {
        Self::of_model(model_id, "converse", MediaType::Json)
    }

    /// `ConverseStream`: the next message of a conversation, as an event stream.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub fn converse_stream(model_id: &str) -> Result<Self, ModelIdError> {
        Self::of_model(model_id, "converse-stream", MediaType::EventStream)
    }

    /// `InvokeModel`: a model's native answer, without streaming.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub fn invoke(model_id: &str) -> Result<Self, ModelIdError> {
        Self::of_model(model_id, "invoke", MediaType::Json)
    }

    /// `InvokeModelWithResponseStream`: a model's native answer, as an event stream of `chunk` events.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub fn invoke_stream(model_id: &str) -> Result<Self, ModelIdError> {
        Self::of_model(model_id, "invoke-with-response-stream", MediaType::EventStream)
    }

    /// `CountTokens`: how many tokens a request has for a model.
    ///
    /// # Errors
    ///
    /// As [`converse`](Self::converse).
    pub fn count_tokens(model_id: &str) -> Result<Self, ModelIdError> {
        Self::of_model(model_id, "count-tokens", MediaType::Json)
    }

    /// `ApplyGuardrail`: assesses a text with a guardrail. `guardrail` is its id or ARN, `version` its version or `DRAFT`.
    ///
    /// # Errors
    ///
    /// [`LabelError`] for an id or a version that cannot be part of a path.
    pub fn apply_guardrail(guardrail: &str, version: &str) -> Result<Self, LabelError> {
        let operation =
            Self::new(RUNTIME, MediaType::Json, ["guardrail", guardrail, "version", version, "apply"])?;
        Ok(operation.signing_name(Route::Runtime.signing_name()))
    }

    /// `InvokeGuardrailChecks`: individual safeguards chosen by the request, without a guardrail.
    #[must_use]
    pub fn invoke_guardrail_checks() -> Self {
        let path = "/guardrail-checks/invoke".to_owned();
        Self::of_path(RUNTIME.into(), MediaType::Json, path).signing_name(Route::Runtime.signing_name())
    }

    /// OpenAI's Chat Completions, without streaming.
    #[must_use]
    pub fn chat() -> Self {
        Self::of_api(Api::ChatCompletions, MediaType::Json)
    }

    /// OpenAI's Chat Completions as server-sent events. The body must have `"stream": true`.
    #[must_use]
    pub fn chat_stream() -> Self {
        Self::of_api(Api::ChatCompletions, MediaType::ServerSentEvents)
    }

    /// OpenAI's Responses, without streaming.
    #[must_use]
    pub fn responses() -> Self {
        Self::of_api(Api::Responses, MediaType::Json)
    }

    /// OpenAI's Responses as server-sent events. The body must have `"stream": true`.
    #[must_use]
    pub fn responses_stream() -> Self {
        Self::of_api(Api::Responses, MediaType::ServerSentEvents)
    }

    /// Anthropic's Messages, without streaming, with the header `anthropic-version: 2023-06-01`.
    #[must_use]
    pub fn messages() -> Self {
        Self::of_api(Api::Messages, MediaType::Json).version_of_anthropic()
    }

    /// Anthropic's Messages as server-sent events, with the header `anthropic-version: 2023-06-01`. The body must have
    /// `"stream": true`.
    #[must_use]
    pub fn messages_stream() -> Self {
        Self::of_api(Api::Messages, MediaType::ServerSentEvents).version_of_anthropic()
    }

    fn version_of_anthropic(self) -> Self {
        self.with_header(
            HeaderName::from_static(ANTHROPIC_VERSION),
            HeaderValue::from_static(DEFAULT_ANTHROPIC_VERSION),
        )
    }
}

/// The header with the version of Anthropic's API.
pub(crate) const ANTHROPIC_VERSION: &str = "anthropic-version";
/// The only version for Messages; Anthropic's own SDKs also send it to Bedrock.
const DEFAULT_ANTHROPIC_VERSION: &str = "2023-06-01";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_the_path_of_the_service_model() {
        let arn = "arn:aws:bedrock:us-east-1:1:guardrail/abc";
        for (operation, path, media_type) in [
            (Operation::invoke("a:b").unwrap(), "/model/a%3Ab/invoke", MediaType::Json),
            (
                Operation::invoke_stream("a:b").unwrap(),
                "/model/a%3Ab/invoke-with-response-stream",
                MediaType::EventStream,
            ),
            (Operation::count_tokens("a:b").unwrap(), "/model/a%3Ab/count-tokens", MediaType::Json),
            (
                Operation::apply_guardrail(arn, "DRAFT").unwrap(),
                "/guardrail/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aguardrail%2Fabc/version/DRAFT/apply",
                MediaType::Json,
            ),
            (Operation::invoke_guardrail_checks(), "/guardrail-checks/invoke", MediaType::Json),
        ] {
            assert_eq!((operation.path(), operation.media_type()), (path, media_type));
            assert_eq!((operation.service(), operation.scope_name()), ("bedrock-runtime", "bedrock"));
        }
        assert!(Operation::apply_guardrail("..", "1").is_err());
    }

    #[test]
    fn each_route_has_its_path_and_its_signing_name() {
        for (operation, route, path) in [
            (Operation::chat(), Route::Runtime, "/openai/v1/chat/completions"),
            (Operation::chat(), Route::Mantle, "/v1/chat/completions"),
            (Operation::chat_stream(), Route::MantleOpenAi, "/openai/v1/chat/completions"),
            (Operation::responses(), Route::Runtime, "/openai/v1/responses"),
            (Operation::responses_stream(), Route::Mantle, "/v1/responses"),
            (Operation::responses_stream(), Route::MantleOpenAi, "/openai/v1/responses"),
            (Operation::messages(), Route::Runtime, "/anthropic/v1/messages"),
            (Operation::messages_stream(), Route::Mantle, "/anthropic/v1/messages"),
            (Operation::messages_stream(), Route::MantleOpenAi, "/anthropic/v1/messages"),
        ] {
            let operation = operation.route(route).query("a", "b");
            assert_eq!(operation.path(), path);
            assert_eq!(operation.path_and_query(), format!("{path}?a=b"));
            assert_eq!(operation.service(), route.service());
            assert_eq!(operation.scope_name(), route.signing_name());
            let version = operation.headers().get(ANTHROPIC_VERSION);
            assert_eq!(version.is_some(), path.ends_with("messages"));
        }
        let other = Operation::invoke("m").unwrap();
        assert_eq!(other.clone().route(Route::Mantle), other, "it has only one route");
    }
}
