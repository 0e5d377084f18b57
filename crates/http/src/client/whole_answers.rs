use crate::client::client::Client;
use crate::client::into_body::IntoBody;
use crate::client::json_response::JsonResponse;
use crate::client::operation::Operation;
use crate::client::request_builder::RequestBuilder;
use crate::client::transport::Transport;
use crate::error::error::Error;

/// Operations whose answer is one JSON document, which is returned unchanged. A body is [serialized or sent byte for
/// byte](IntoBody).
///
/// Only refusals and failed connections are retried: once the request has been sent, the model may be working, which is billed.
impl<T: Transport> Client<T> {
    /// `InvokeModel`: a model's native answer. `body` is the vendor's JSON. Anthropic's must have `"anthropic_version":
    /// "bedrock-2023-05-31"` and neither `model` nor `stream`.
    pub fn invoke(&self, model_id: &str, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        let operation = Operation::invoke(model_id).map_err(Error::from);
        RequestBuilder::json(self.parts(), operation, body)
    }

    /// OpenAI's Chat Completions.
    pub fn chat(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::chat()), body)
    }

    /// OpenAI's Responses.
    pub fn responses(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::responses()), body)
    }

    /// Anthropic's Messages.
    pub fn messages(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::messages()), body)
    }

    /// `CountTokens`: how many tokens a request has. `body` is `{"input":{"converse":{..}}}` or
    /// `{"input":{"invokeModel":{"body":"<base64>"}}}`, the answer `{"inputTokens":..}`.
    pub fn count_tokens(&self, model_id: &str, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        let operation = Operation::count_tokens(model_id).map_err(Error::from);
        RequestBuilder::json(self.parts(), operation, body)
    }

    /// `ApplyGuardrail`: assesses a text with a guardrail. `body` is
    /// `{"source":"INPUT","content":[{"text":{"text":".."}}]}`, `guardrail` an id or an ARN, `version` a number or
    /// `DRAFT`.
    pub fn apply_guardrail(
        &self,
        guardrail: &str,
        version: &str,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, JsonResponse> {
        let operation = Operation::apply_guardrail(guardrail, version).map_err(Error::from);
        RequestBuilder::json(self.parts(), operation, body)
    }

    /// `InvokeGuardrailChecks`: assesses messages with individual safeguards. `body` is
    /// `{"messages":[..],"checks":{..}}`.
    pub fn invoke_guardrail_checks(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::invoke_guardrail_checks()), body)
    }
}
