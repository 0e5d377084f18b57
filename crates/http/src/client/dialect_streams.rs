use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use crate::client::client::Client;
use crate::client::into_body::IntoBody;
use crate::client::operation::Operation;
use crate::client::request_builder::RequestBuilder;
use crate::client::transport::Transport;
use crate::error::error::Error;
use crate::stream::chunk_stream::ChunkStream;

/// Operations whose answer streams in a dialect other than Converse, decoded into the same chunks. A body is
/// [serialized or sent byte for byte](IntoBody); [`request_body`](bedrock_stream_dialects::request_body) makes one from a
/// `converse::Request`, which must not be passed itself. Each operation resolves, retries and is cancelled like
/// [`converse_stream`](Client::converse_stream).
impl<T: Transport> Client<T> {
    /// `InvokeModelWithResponseStream`: a model's native answer. `body` is the vendor's JSON. Anthropic's must have
    /// `"anthropic_version": "bedrock-2023-05-31"` and neither `model` nor `stream`.
    ///
    /// The [`Dialect`] is detected from the first payload that identifies it, unless it is set with
    /// [`dialect`](RequestBuilder::dialect).
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request, dialects::request_body::{Destination, messages_body}};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let mut request = Request::new().user("How many moons has Mars?");
    /// request.inference_config.get_or_insert_default().max_tokens = Some(100);
    /// let body = messages_body(&request, Destination::Invoke)?;
    /// let mut text = client.invoke_stream("anthropic.claude-3-haiku-20240307-v1:0", &body).await?.text_stream();
    /// let mut whole = String::new();
    /// while let Some(piece) = text.next().await {
    ///     whole.push_str(&piece?);
    /// }
    /// assert_eq!(whole, "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub fn invoke_stream(
        &self,
        model_id: &str,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body, InvokeDecoder>> {
        let operation = Operation::invoke_stream(model_id).map_err(Error::from);
        RequestBuilder::chunks(self.parts(), operation, body, |limits, options| {
            InvokeDecoder::with_limits(options.dialect, limits).with_choice(options.choice)
        })
    }

    /// OpenAI's Chat Completions. `body` must have `"stream": true` and, to receive the usage, `"stream_options":
    /// {"include_usage": true}`. A `converse::Request` is accepted here, since it is JSON, and refused by Bedrock (400):
    /// [`chat_body`](bedrock_stream_dialects::request_body::chat_body) writes it in this dialect.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request, dialects::request_body::{Destination, chat_body}};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.").usage(12, 3)).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// let to = Destination::Operation { model: "openai.gpt-oss-20b-1:0", stream: true };
    /// // The same chunks as from `converse_stream`, and so the same whole answer.
    /// let answer = client.chat_stream(&chat_body(&request, to)?).await?.collect().await?;
    /// assert_eq!(answer.text(), "Two.");
    /// assert_eq!(answer.usage.as_ref().and_then(|usage| usage.output_tokens), Some(3));
    /// # Ok(())
    /// # }
    /// ```
    pub fn chat_stream(
        &self,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body, SseDecoder>> {
        self.server_sent_events(Operation::chat_stream(), Dialect::Chat, body)
    }

    /// OpenAI's Responses. `body` must have `"stream": true`. A `converse::Request` is accepted here, since it is JSON, and refused
    /// by Bedrock (400): [`responses_body`](bedrock_stream_dialects::request_body::responses_body) writes it in this dialect.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config, converse::Request};
    /// # use bedrock_stream_http::dialects::request_body::responses_body;
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let request = Request::new().user("How many moons has Mars?");
    /// let body = responses_body(&request, "openai.gpt-oss-20b-1:0", true)?;
    /// assert_eq!(client.responses_stream(&body).await?.collect().await?.text(), "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub fn responses_stream(
        &self,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body, SseDecoder>> {
        self.server_sent_events(Operation::responses_stream(), Dialect::Responses, body)
    }

    /// Anthropic's Messages. `body` must have `"stream": true`. A `converse::Request` is accepted here, since it is JSON, and
    /// refused by Bedrock (400): [`messages_body`](bedrock_stream_dialects::request_body::messages_body) writes it in this dialect.
    ///
    /// ```
    /// # use bedrock_stream_http::{Auth, Config};
    /// # use bedrock_stream_reqwest::Client;
    /// # use bedrock_stream_testkit::{FakeBedrock, answer};
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).start().await?;
    /// # let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
    /// let body = json!({
    ///     "model": "anthropic.claude-3-haiku-20240307-v1:0",
    ///     "max_tokens": 100,
    ///     "stream": true,
    ///     "messages": [{"role": "user", "content": "How many moons has Mars?"}],
    /// });
    /// assert_eq!(client.messages_stream(&body).await?.collect().await?.text(), "Two.");
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages_stream(
        &self,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body, SseDecoder>> {
        self.server_sent_events(Operation::messages_stream(), Dialect::Messages, body)
    }

    fn server_sent_events(
        &self,
        operation: Operation,
        dialect: Dialect,
        body: impl IntoBody,
    ) -> RequestBuilder<'_, T, ChunkStream<T::Body, SseDecoder>> {
        RequestBuilder::chunks(self.parts(), Ok(operation), body, move |limits, options| {
            SseDecoder::with_limits(Some(dialect), limits).with_choice(options.choice)
        })
    }
}

impl<T: Transport> RequestBuilder<'_, T, ChunkStream<T::Body, InvokeDecoder>> {
    /// Sets the dialect in which the model answers, instead of detecting it from the payloads.
    pub const fn dialect(mut self, dialect: Dialect) -> Self {
        self.options.dialect = Some(dialect);
        self
    }

    /// Selects which choice to read, 0 by default, if the request asks for several. What the others say is told as
    /// [`Chunk::Unknown`](bedrock_stream_core::answer::Chunk::Unknown); see
    /// [`PayloadDecoder::with_choice`](bedrock_stream_dialects::PayloadDecoder::with_choice).
    pub const fn choice(mut self, choice: u32) -> Self {
        self.options.choice = choice;
        self
    }
}

impl<T: Transport> RequestBuilder<'_, T, ChunkStream<T::Body, SseDecoder>> {
    /// Selects which choice to read, 0 by default, if the request asks for several. What the others say is told as
    /// [`Chunk::Unknown`](bedrock_stream_core::answer::Chunk::Unknown); see
    /// [`PayloadDecoder::with_choice`](bedrock_stream_dialects::PayloadDecoder::with_choice).
    pub const fn choice(mut self, choice: u32) -> Self {
        self.options.choice = choice;
        self
    }
}
