use std::time::Duration;

use bedrock_stream_core::answer::{Error, Metrics, Response, ResponseBuilder, StopReason};
use bedrock_stream_core::converse::{Chunker, EncodeEventError, Event, MessageStop, Metadata};
use bedrock_stream_core::json::Json;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::content::Content;
use super::transcript::Transcript;
use crate::byte_stream::ByteStream;
use crate::event;

/// A whole answer: the events of one stream, and their bytes.
///
/// Build it by hand, starting with [`answer`], or generate it from a request with [`Answer::from_request`].
///
/// ```
/// use bedrock_stream_testkit::answer;
/// use serde_json::json;
///
/// let answer = answer()
///     .reasoning("They want to know the weather.")
///     .signature("c2lnbmVk")
///     .text("Let me look.")
///     .tool("get_weather", json!({"city": "Paris"}))
///     .usage(40, 25);
/// assert_eq!(answer.events().first().map(|event| event.name()), Some("messageStart"));
///
/// let response = answer.response()?;
/// assert_eq!(response.text(), "Let me look.");
/// assert_eq!(response.stop_reason.as_ref().map(|reason| reason.as_str()), Some("tool_use"));
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Answer {
    pub(super) content: Content,
    stop_reason: Option<StopReason>,
    additional_fields: Option<Json>,
    metadata: Metadata,
    /// The event that ends the stream instead of its last two events.
    failure: Option<Event>,
    seed: u64,
}

/// An empty answer: `messageStart`, `messageStop`, `metadata`.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, answer};
/// use serde_json::json;
///
/// // A model that calls a tool, and then answers.
/// let builder = FakeBedrock::builder()
///     .reply("*", answer().text("Let me look.").tool("weather", json!({"city": "Paris"})))
///     .reply("*", answer().text("It is sunny in Paris."));
/// # let _ = builder;
/// assert_eq!(answer().text("It is sunny.").response()?.text(), "It is sunny.");
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
pub fn answer() -> Answer {
    Answer::default()
}

impl Answer {
    /// Sets the stop reason. The default is `tool_use` if a tool is called, otherwise `end_turn`.
    pub fn stop(mut self, stop_reason: StopReason) -> Self {
        self.stop_reason = Some(stop_reason);
        self
    }

    /// Sets `additionalModelResponseFields` of `messageStop`.
    pub fn additional_fields(mut self, fields: impl Into<Json>) -> Self {
        self.additional_fields = Some(fields.into());
        self
    }

    /// Sets the token counts of the request and the answer. By default the answer has one token per delta, and the request has
    /// none: [`FakeBedrock`](crate::FakeBedrock) then counts about one per four bytes of it.
    pub fn usage(mut self, input_tokens: u64, output_tokens: u64) -> Self {
        self.metadata.usage = Some(event::tokens(input_tokens, output_tokens));
        self
    }

    /// Sets the whole `metadata`. Missing `usage` and `metrics` are filled in.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Ends the stream here with an exception, such as `throttlingException`: open blocks stay open.
    ///
    /// ```
    /// use bedrock_stream_core::answer::Error;
    /// use bedrock_stream_testkit::answer;
    ///
    /// let answer = answer().text("The sky is").exception("throttlingException", "Too many tokens.");
    /// assert_eq!(answer.events().last().map(|event| event.name()), Some("throttlingException"));
    /// assert!(matches!(answer.response(), Err(Error::Exception(_))));
    /// ```
    pub fn exception(self, name: impl Into<String>, message: &str) -> Self {
        self.failure(event::exception(name, message))
    }

    /// Ends the stream here with a message of type `error`.
    pub fn error(self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.failure(event::error(code, message))
    }

    /// Sets the seed for the padding. The same seed gives the same bytes.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The events, in the order in which Bedrock sends them: `messageStart`, the blocks, `messageStop`, `metadata`.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = vec![event::message_start()];
        events.extend(self.content.events());
        if let Some(failure) = &self.failure {
            events.push(failure.clone());
            return events;
        }
        events.extend(self.content.end());
        let stop_reason = self.stop_reason.clone().unwrap_or_else(|| self.content.stop_reason());
        let stop = MessageStop::new(stop_reason);
        events.push(Event::from(match &self.additional_fields {
            Some(fields) => stop.additional_model_response_fields(fields.clone()),
            None => stop,
        }));
        let mut metadata = self.metadata.clone();
        metadata.usage.get_or_insert_with(|| event::tokens(0, self.content.deltas()));
        metadata.metrics.get_or_insert_with(|| latency(Duration::ZERO));
        events.push(Event::Metadata(Box::new(metadata)));
        events
    }

    /// The events as encoded messages, padded as Bedrock pads them.
    ///
    /// # Errors
    ///
    /// [`EncodeEventError`]: an event is longer than a message may be.
    pub fn messages(&self) -> Result<Vec<Bytes>, EncodeEventError> {
        let messages = self.transcript().encoded_messages()?;
        Ok(messages.into_iter().map(|message| message.bytes).collect())
    }

    /// The bytes of the whole body.
    ///
    /// # Errors
    ///
    /// The same errors as [`messages`](Self::messages).
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeEventError> {
        Ok(self.messages()?.concat())
    }

    /// The bytes in pieces of `len`, regardless of message boundaries; the last may be shorter. A `len` of 0 counts as 1.
    ///
    /// # Errors
    ///
    /// The same errors as [`messages`](Self::messages).
    ///
    /// Without a server: a decoder gets the bytes in pieces that end anywhere.
    ///
    /// ```
    /// use bedrock_stream_core::converse::ChunkDecoder;
    /// use bedrock_stream_testkit::answer;
    ///
    /// let mut decoder = ChunkDecoder::new();
    /// let mut text = String::new();
    /// for piece in answer().text("Hello to you.").split_every(7)? {
    ///     decoder.push(&piece);
    ///     while let Some(chunk) = decoder.next_chunk()? {
    ///         text.push_str(chunk.as_text().unwrap_or_default());
    ///     }
    /// }
    /// assert!(decoder.is_done());
    /// assert_eq!(text, "Hello to you.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split_every(&self, len: usize) -> Result<Vec<Bytes>, EncodeEventError> {
        let mut rest = Bytes::from(self.to_bytes()?);
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            pieces.push(rest.split_to(len.clamp(1, rest.len())));
        }
        Ok(pieces)
    }

    /// The messages as a stream of bytes and an HTTP body, one message at a time. For other pieces, convert those of
    /// [`split_every`](Self::split_every) to a [`ByteStream`].
    ///
    /// # Errors
    ///
    /// The same errors as [`messages`](Self::messages).
    pub fn stream(&self) -> Result<ByteStream, EncodeEventError> {
        Ok(self.messages()?.into())
    }

    /// The response that carries the stream over HTTP: status 200 and Bedrock's content type.
    ///
    /// # Errors
    ///
    /// The same errors as [`messages`](Self::messages).
    pub fn http_response(&self) -> Result<http::Response<ByteStream>, EncodeEventError> {
        let mut response = http::Response::new(self.stream()?);
        response.headers_mut().insert(CONTENT_TYPE, EVENT_STREAM);
        Ok(response)
    }

    /// The same answer as returned by the Converse operation.
    ///
    /// # Errors
    ///
    /// [`Error`]: the events contain an exception, or something invalid in an answer.
    pub fn response(&self) -> Result<Response, Error> {
        let mut chunker = Chunker::new();
        let mut builder = ResponseBuilder::new();
        for event in self.events() {
            chunker.apply(event)?;
            while let Some(chunk) = chunker.next_chunk() {
                builder.push(&chunk);
            }
        }
        while let Some(chunk) = chunker.finish()? {
            builder.push(&chunk);
        }
        Ok(builder.into_partial())
    }

    /// The same answer as it is written in any dialect.
    pub(crate) fn transcript(&self) -> Transcript {
        let mut transcript = Transcript::of_events(self.events(), self.seed);
        transcript.usage = self.metadata.usage.clone();
        transcript
    }

    /// Sets `metrics.latencyMs` to the time that the answer takes with this `delay` before each delta except the first.
    pub(crate) fn with_latency(mut self, delay: Duration) -> Self {
        let pauses = u32::try_from(self.content.deltas().saturating_sub(1)).unwrap_or(u32::MAX);
        self.metadata.metrics.get_or_insert_with(|| latency(delay.saturating_mul(pauses)));
        self
    }

    /// Sets the token counts, unless they are set already.
    pub(crate) fn with_input_tokens(mut self, input_tokens: u64) -> Self {
        let output_tokens = self.content.deltas();
        self.metadata.usage.get_or_insert_with(|| event::tokens(input_tokens, output_tokens));
        self
    }

    fn failure(mut self, failure: Event) -> Self {
        self.failure.get_or_insert(failure);
        self
    }
}

fn latency(latency: Duration) -> Metrics {
    Metrics::new(i64::try_from(latency.as_millis()).unwrap_or(i64::MAX))
}

/// The content type of a streamed answer.
pub(crate) const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");
