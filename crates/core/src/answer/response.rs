use alloc::string::{String, ToString};
use serde::de::DeserializeOwned;

use super::metrics::{Metrics, PerformanceConfig};
use super::parse_text_error::ParseTextError;
use super::service_tier::ServiceTier;
use super::stop_reason::StopReason;
use super::trace::Trace;
use super::usage::Usage;
use crate::content::{CitationGeneratedContent, ContentBlock, Message, ToolInput, ToolUseBlock};
use crate::json::Json;

object! {
    /// A whole answer, as the `Converse` operation returns it, or as assembled from a stream.
    ///
    /// A [`ResponseBuilder`](super::ResponseBuilder) builds it from chunks; its JSON is that of `Converse`.
    /// [`text`](Self::text), [`tool_calls`](Self::tool_calls) and [`parse`](Self::parse) read it, and
    /// [`into_message`](Self::into_message) makes it the next turn of the conversation.
    ///
    /// JSON is read leniently, so that parts of answers can be saved and read again: every member may be absent. Only
    /// [`stop_reason`](Self::stop_reason), which `Converse` always sends, proves a whole answer complete; the client's
    /// `converse` fails without it.
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Response, StopReason};
    /// use bedrock_stream_core::converse::Request;
    ///
    /// let json = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Because of the air."}]}},
    ///     "stopReason":"max_tokens","usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14}}"#;
    /// let response: Response = serde_json::from_str(json)?;
    /// assert_eq!(response.text(), "Because of the air.");
    /// // It is all that the model sent, but the model did not finish.
    /// assert_eq!(response.stop_reason, Some(StopReason::MaxTokens));
    ///
    /// let conversation = Request::new().user("Why is the sky blue?").message(response.into_message()?).user("Go on.");
    /// assert_eq!(conversation.messages.unwrap_or_default().len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct Response {
        /// The message, in the operation's union.
        "output" => output: Output,
        /// Why the model stopped; absent until that is known.
        "stopReason" => stop_reason: Option<StopReason>,
        /// The tokens used.
        "usage" => usage: Option<Usage>,
        /// The time it took.
        "metrics" => metrics: Option<Metrics>,
        /// The fields requested by `additionalModelResponseFieldPaths`.
        "additionalModelResponseFields" => additional_model_response_fields: Option<Json>,
        /// What guardrails and prompt routers did.
        "trace" => trace: Option<Trace>,
        /// The requested latency.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// The tier that the request was served in.
        "serviceTier" => service_tier: Option<ServiceTier>,
    }
}

union! {
    /// The output of the operation (`ConverseOutput`).
    pub enum Output {
        /// A message.
        "message" => Message(Message),
    }
}

impl Response {
    /// The message.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        self.output.members().iter().find_map(|output| match output {
            Output::Message(message) => Some(message),
            _ => None,
        })
    }

    /// The content blocks of the message.
    #[must_use]
    pub fn content(&self) -> &[ContentBlock] {
        self.message().map_or(&[], |message| &message.content)
    }

    /// All of the text, cited or not, joined.
    #[must_use]
    pub fn text(&self) -> String {
        let mut joined = String::new();
        for block in self.content().iter().flat_map(ContentBlock::members) {
            match block {
                ContentBlock::Text(text) => joined.push_str(text),
                ContentBlock::Citations(block) => {
                    for content in block.content.iter().flatten().flat_map(CitationGeneratedContent::members)
                    {
                        if let CitationGeneratedContent::Text(text) = content {
                            joined.push_str(text);
                        }
                    }
                }
                _ => {}
            }
        }
        joined
    }

    /// Deserializes the [`text`](Self::text) as JSON: the answer to a request with an
    /// [`OutputConfig::text_format`](crate::converse::OutputConfig::text_format).
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Response, StopReason};
    /// use bedrock_stream_core::content::Message;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Capital {
    ///     city: String,
    /// }
    ///
    /// let mut response = Response::from(Message::assistant(r#"{"city":"Paris"}"#));
    /// response.stop_reason = Some(StopReason::EndTurn);
    /// let capital: Capital = response.parse()?;
    /// assert_eq!(capital.city, "Paris");
    /// # Ok::<(), bedrock_stream_core::answer::ParseTextError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ParseTextError`]: there is no text, it is not JSON, it does not fit the type, or the model did not
    /// [finish](StopReason::is_finished): its stop reason says whether the answer was cut off, by its token limit for example. A response
    /// without a stop reason is not known to be complete.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ParseTextError> {
        let text = self.text();
        let stop_reason = self.stop_reason.clone();
        if text.trim_ascii().is_empty() {
            return Err(ParseTextError::NoText { stop_reason });
        }
        match Json::from_text(&text) {
            Ok(json) => match (json.parse(), stop_reason) {
                (Ok(value), Some(stop_reason)) if stop_reason.is_finished() => Ok(value),
                (Ok(_), stop_reason) => Err(ParseTextError::Stopped { stop_reason }),
                (Err(error), stop_reason) => {
                    Err(ParseTextError::Shape { reason: error.to_string(), stop_reason })
                }
            },
            Err(error) => Err(ParseTextError::NotJson { reason: error.to_string(), stop_reason }),
        }
    }

    /// The tool calls that the caller must answer, in order. Calls to tools that [Bedrock
    /// runs](ToolUseBlock::runs_at_bedrock) are only in the [`content`](Self::content).
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content().iter().flat_map(ContentBlock::members).filter_map(|block| match block {
            ContentBlock::ToolUse(call) if !call.runs_at_bedrock() => Some(call),
            _ => None,
        })
    }

    /// The message, ready to be sent back as the next turn. Blocks of blank text are left out, because Bedrock refuses them, and so is
    /// reasoning at the end, with which a message of Claude may not end: the answer was cut off while the model thought.
    ///
    /// # Errors
    ///
    /// [`IntoMessageError`]: Bedrock would refuse the message, because it has no content or because the arguments of
    /// a tool call are not usable.
    pub fn into_message(self) -> Result<Message, IntoMessageError> {
        self.into_message_with(|_| None)
    }

    /// Like [`into_message`](Self::into_message), but repairs tool calls whose arguments are not a JSON object, as Bedrock demands: `repair`
    /// receives the call and returns the arguments to send instead, or `None` if it cannot repair them.
    ///
    /// # Errors
    ///
    /// [`IntoMessageError`]: the message has no content, or the arguments of a tool call are not usable and `repair` gave no object
    /// for them.
    pub fn into_message_with(
        self,
        mut repair: impl FnMut(&ToolUseBlock) -> Option<Json>,
    ) -> Result<Message, IntoMessageError> {
        let mut message = self
            .output
            .into_members()
            .into_iter()
            .find_map(|output| match output {
                Output::Message(message) => Some(message),
                _ => None,
            })
            .unwrap_or_default();
        for (block, content) in message.content.iter_mut().enumerate() {
            for member in content.members_mut() {
                let ContentBlock::ToolUse(call) = member else { continue };
                // A list or a number is usable, but Bedrock refuses it in a request.
                let is_accepted = match &call.input {
                    ToolInput::Json(json) => is_object(json),
                    input => input.is_usable(),
                };
                if is_accepted {
                    continue;
                }
                match repair(call).filter(is_object) {
                    Some(input) => call.input = ToolInput::Json(input),
                    None => {
                        return Err(IntoMessageError::ToolInput(UnusableToolInput {
                            block,
                            id: call.tool_use_id.clone(),
                            name: call.name.clone(),
                            input: call.input.clone(),
                        }));
                    }
                }
            }
        }
        // Some models write a line break before a tool call, or nothing else at all.
        message.content.retain(|block| !matches!(block, ContentBlock::Text(text) if text.trim().is_empty()));
        let last = message.content.iter().rposition(|block| !matches!(block, ContentBlock::Reasoning(_)));
        message.content.truncate(last.map_or(0, |last| last + 1));
        if message.content.is_empty() {
            return Err(IntoMessageError::Empty);
        }
        Ok(message)
    }
}

fn is_object(json: &Json) -> bool {
    json.as_str().trim_ascii_start().starts_with('{')
}

/// Why an answer cannot be sent back as the next turn.
///
/// ```
/// use bedrock_stream_core::answer::{IntoMessageError, Response};
/// use bedrock_stream_core::content::{Message, ToolInput, ToolUseBlock};
///
/// let mut call = ToolUseBlock::new("tooluse_1", "weather", serde_json::json!({}));
/// call.input = ToolInput::truncated(r#"{"city":"Par"#);
/// let response = Response::from(Message::assistant(call));
///
/// let error = response.clone().into_message().unwrap_err();
/// assert!(matches!(error, IntoMessageError::ToolInput(unusable) if unusable.name == "weather"));
/// // Or the program completes the arguments itself.
/// let message = response.into_message_with(|_| Some(serde_json::json!({"city": "Paris"}).into()))?;
/// assert_eq!(message.content.len(), 1);
/// # Ok::<(), IntoMessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntoMessageError {
    /// The answer has no content, or nothing but reasoning and blank text, and Bedrock refuses an empty message.
    #[error("the message cannot be sent back: the model has said nothing in it, and called no tool")]
    Empty,
    /// The arguments of a tool call are not usable.
    #[error(transparent)]
    ToolInput(#[from] UnusableToolInput),
}

/// A message cannot be sent back, because the arguments of a tool call in it are not a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the message cannot be sent back: content block {block} calls `{name}` ({id}) with arguments that are not a JSON object"
)]
#[non_exhaustive]
pub struct UnusableToolInput {
    /// The call's index in the message's content, from 0.
    pub block: usize,
    /// The call's id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments that arrived.
    pub input: ToolInput,
}

/// [`Response::into_message`]: fails if the answer has no content, or arguments that are not a JSON object.
impl TryFrom<Response> for Message {
    type Error = IntoMessageError;

    fn try_from(response: Response) -> Result<Self, IntoMessageError> {
        response.into_message()
    }
}

impl From<Message> for Response {
    fn from(message: Message) -> Self {
        Self { output: Output::Message(message), ..Self::default() }
    }
}
