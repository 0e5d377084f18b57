use alloc::string::String;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::Fields;

use super::left_out::LeftOutFields;
use super::model_family::ModelFamily;
use super::tool_names::ToolNames;

/// A client's request, converted for Bedrock.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{"model":"claude","stream":true,"seed":7,"messages":[{"role":"user","content":"Hi"}]}"#;
/// let converted = request::chat(body, &Options::new().model_id("us.anthropic.claude-sonnet-4-5-20250929-v1:0"))?;
/// assert_eq!((&*converted.model, converted.stream), ("claude", true));
/// assert_eq!(converted.request.messages.map(|messages| messages.len()), Some(1));
/// assert!(!converted.left_out.is_empty(), "Bedrock has no `seed`");
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConvertedRequest {
    /// The request to Bedrock. [`Request::lint`] finds nothing in it.
    pub request: Request,
    /// The model, as the client calls it.
    pub model: String,
    /// Whether the client wants the answer as a stream.
    pub stream: bool,
    /// What Bedrock does not get.
    pub left_out: LeftOutFields,
    /// What the answer must be written by.
    pub answer: AnswerOptions,
}

/// What a request says about the form of its answer.
///
/// From a request to the encoder of its answer:
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_dialects::encode::{ChatEncoder, Encode as _};
/// use bedrock_stream_dialects::request::{self, Options, ToolCallRestorer};
///
/// let body = br#"{"model":"nova","stream":true,"stream_options":{"include_usage":true},
///     "messages":[{"role":"user","content":"Hello"}]}"#;
/// let options = request::chat(body, &Options::new())?.answer;
/// let mut encoder = ChatEncoder::new("chatcmpl-1", "nova", 1_700_000_000)
///     .include_usage(options.include_usage)
///     .cache_in_input_tokens(options.family.has_cache_in_input_tokens());
/// let mut restorer = ToolCallRestorer::new(options.tools);
/// let mut out = Vec::new();
/// for chunk in [Chunk::text(0, "Hello."), Chunk::done(Done::new(StopReason::EndTurn))] {
///     if let Some(chunk) = restorer.restore(&chunk) {
///         encoder.encode(&chunk, &mut out);
///     }
/// }
/// assert!(String::from_utf8_lossy(&out).ends_with("data: [DONE]\n\n"));
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AnswerOptions {
    /// The model's family.
    pub family: ModelFamily,
    /// What the tools are called, at Bedrock and by the client. The answer's chunks must pass through a
    /// [`ToolCallRestorer`](super::ToolCallRestorer) unless [`ToolNames::is_trivial`].
    pub tools: ToolNames,
    /// Whether the stream reports its usage: `stream_options.include_usage` of Chat Completions, for
    /// [`ChatEncoder::include_usage`](crate::encode::ChatEncoder::include_usage). Always `true` in the other dialects.
    pub include_usage: bool,
    /// Whether the client asked the model to reason.
    pub asks_for_reasoning: bool,
    /// The members that a response repeats, for
    /// [`ResponsesEncoder::request_members`](crate::encode::ResponsesEncoder::request_members). Empty in the other dialects.
    pub request_members: Fields,
}
