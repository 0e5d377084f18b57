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
/// The document is not read, so nothing says that it is the model's answer, or a complete one: see [`JsonResponse`].
///
/// Only refusals and failed connections are retried: once the request has been sent, the model may be working, which is billed.
///
/// None is cancel safe: dropping the future before it resolves closes the connection or stream, and the answer is lost; the
/// service may still finish it, and bill it.
impl<T: Transport> Client<T> {
    /// `InvokeModel`: a model's native answer. `body` is the vendor's JSON. Anthropic's must have `"anthropic_version":
    /// "bedrock-2023-05-31"` and neither `model` nor `stream`.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let body = json!({
    ///     "anthropic_version": "bedrock-2023-05-31",
    ///     "max_tokens": 100,
    ///     "messages": [{"role": "user", "content": "How many moons has Mars?"}],
    /// });
    /// let response = client.invoke("anthropic.claude-3-haiku-20240307-v1:0", &body).await?;
    /// assert_eq!(response.json::<Value>()?["content"][0]["text"], "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub fn invoke(&self, model_id: &str, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        let operation = Operation::invoke(model_id).map_err(Error::from);
        RequestBuilder::json(self.parts(), operation, body)
    }

    /// OpenAI's Chat Completions.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let messages = json!([{"role": "user", "content": "How many moons has Mars?"}]);
    /// let response = client.chat(&json!({"model": "openai.gpt-oss-20b-1:0", "messages": messages})).await?;
    /// assert_eq!(response.json::<Value>()?["choices"][0]["message"]["content"], "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub fn chat(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::chat()), body)
    }

    /// OpenAI's Responses.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let body = json!({"model": "openai.gpt-oss-20b-1:0", "input": "How many moons has Mars?"});
    /// let response = client.responses(&body).await?;
    /// assert_eq!(response.json::<Value>()?["status"], "completed");
    /// # Ok(())
    /// # }
    /// ```
    pub fn responses(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::responses()), body)
    }

    /// Anthropic's Messages.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let messages = json!([{"role": "user", "content": "How many moons has Mars?"}]);
    /// let body = json!({"model": "anthropic.claude-3-haiku-20240307-v1:0", "max_tokens": 100, "messages": messages});
    /// let response = client.messages(&body).await?;
    /// assert_eq!(response.json::<Value>()?["stop_reason"], "end_turn");
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages(&self, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        RequestBuilder::json(self.parts(), Ok(Operation::messages()), body)
    }

    /// `CountTokens`: how many tokens a request has. `body` is `{"input":{"converse":{..}}}` or
    /// `{"input":{"invokeModel":{"body":"<base64>"}}}`, the answer `{"inputTokens":..}`.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer()).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// let body = json!({"input": {"converse": &request}});
    /// let count = client.count_tokens("anthropic.claude-3-haiku-20240307-v1:0", &body).await?;
    /// assert!(count.json::<Value>()?["inputTokens"].as_u64() > Some(0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn count_tokens(&self, model_id: &str, body: impl IntoBody) -> RequestBuilder<'_, T, JsonResponse> {
        let operation = Operation::count_tokens(model_id).map_err(Error::from);
        RequestBuilder::json(self.parts(), operation, body)
    }

    /// `ApplyGuardrail`: assesses a text with a guardrail. `body` is
    /// `{"source":"INPUT","content":[{"text":{"text":".."}}]}`, `guardrail` an id or an ARN, `version` a number or
    /// `DRAFT`.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer()).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let body = json!({"source": "INPUT", "content": [{"text": {"text": "How many moons has Mars?"}}]});
    /// let assessment = client.apply_guardrail("gr-1", "DRAFT", &body).await?;
    /// assert_eq!(assessment.json::<Value>()?["action"], "NONE");
    /// # Ok(())
    /// # }
    /// ```
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
