//! Answers: what the fake says when nobody scripted it.

mod request;
mod text;
mod tool_input;

use std::time::Duration;

use bedrock_stream_core::frame::EncodeError;
use serde_json::{Value, json};

pub(crate) use self::request::ConverseRequest;
pub use self::request::InvalidRequest;
use crate::message::{Event, WireMessage};
use crate::rng::{Rng, digest};

/// A whole answer, built from a request: reasoning with a signature, text in deltas of about a token, and a tool call
/// where the request offers tools and does not bring a tool's result.
///
/// The same request and seed give the same answer, on every machine.
///
/// ```
/// use bedrock_stream_testkit::Answer;
///
/// let request = br#"{"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}]}"#;
/// let answer = Answer::from_request(request, 0)?;
/// let text: String = answer
///     .events()
///     .iter()
///     .filter_map(|event| event.members.get("delta")?.get("text")?.as_str())
///     .collect();
/// assert!(text.contains("Why is the sky blue?"));
/// # Ok::<(), bedrock_stream_testkit::InvalidRequest>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    blocks: Vec<Block>,
    input_tokens: u64,
    max_tokens: Option<u64>,
    latency: Duration,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Block {
    Reasoning { text: String, signature: String },
    Text { text: String },
    ToolUse { id: String, name: String, input: Value },
}

impl Answer {
    /// Answers a ConverseStream request, given as the JSON of its body. The seed decides padding, signature and tool
    /// call id.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`]: what Bedrock would refuse with a `ValidationException`, as far as the fake looks.
    pub fn from_request(body: &[u8], seed: u64) -> Result<Self, InvalidRequest> {
        Ok(Self::to(&ConverseRequest::parse(body)?, seed ^ digest(body)))
    }

    pub(crate) fn to(request: &ConverseRequest, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let signature = rng.text(BASE64, SIGNATURE_LEN);
        let mut blocks = vec![
            Block::Reasoning { text: text::reasoning(request), signature },
            Block::Text { text: text::answer(request) },
        ];
        if let Some(tool) = &request.tool {
            blocks.push(Block::ToolUse {
                id: format!("tooluse_{}", rng.text(ALPHANUMERIC, 22)),
                name: tool.name.clone(),
                input: tool_input::for_schema(&tool.schema, &request.prompt),
            });
        }
        Self {
            blocks,
            input_tokens: request.input_tokens,
            max_tokens: request.max_tokens,
            latency: Duration::ZERO,
            seed: rng.next_u64(),
        }
    }

    /// The events, in the order in which Bedrock sends them: `messageStart`, the blocks, `messageStop`, `metadata`.
    ///
    /// A request's `maxTokens` cuts the answer short after so many deltas, with the stop reason `max_tokens`.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = vec![Event::new("messageStart", json!({"role": "assistant"}))];
        let mut left = self.max_tokens.unwrap_or(u64::MAX);
        let mut spent = 0_u64;
        let mut stop_reason = "end_turn";
        for (index, block) in self.blocks.iter().enumerate() {
            if left == 0 {
                stop_reason = "max_tokens";
                break;
            }
            if let Block::ToolUse { id, name, .. } = block {
                let start = json!({"toolUse": {"name": name, "toolUseId": id}});
                events.push(Event::new(
                    "contentBlockStart",
                    json!({"contentBlockIndex": index, "start": start}),
                ));
                events.push(delta(index, json!({"toolUse": {"input": ""}})));
                stop_reason = "tool_use";
            }
            let deltas = block.deltas();
            let fitting = deltas.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let whole = fitting == deltas.len();
            left -= fitting as u64;
            spent += fitting as u64;
            events.extend(deltas.into_iter().take(fitting).map(|value| delta(index, value)));
            match block {
                Block::Reasoning { signature, .. } if whole => {
                    events.push(delta(index, json!({"reasoningContent": {"signature": signature}})));
                }
                _ => {}
            }
            events.push(Event::new("contentBlockStop", json!({"contentBlockIndex": index})));
            if !whole {
                stop_reason = "max_tokens";
                break;
            }
        }
        events.push(Event::new("messageStop", json!({"stopReason": stop_reason})));
        events.push(self.metadata(spent));
        events
    }

    /// The events as the bytes of a whole response body, padded as Bedrock pads.
    ///
    /// # Errors
    ///
    /// [`EncodeError`]: the request made a payload that no message may have.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        Ok(self.messages()?.into_iter().flat_map(|message| message.bytes).collect())
    }

    pub(crate) fn messages(&self) -> Result<Vec<WireMessage>, EncodeError> {
        let mut rng = Rng::new(self.seed);
        self.events().iter().map(|event| event.encode(&mut rng)).collect()
    }

    /// Says that the answer takes that long, in `metrics.latencyMs`, when `delay` passes before each delta.
    #[must_use]
    pub(crate) fn paced(mut self, delay: Duration) -> Self {
        let deltas = self.events().iter().filter(|event| event.event_type == "contentBlockDelta").count();
        self.latency = delay.saturating_mul(u32::try_from(deltas.saturating_sub(1)).unwrap_or(u32::MAX));
        self
    }

    fn metadata(&self, output_tokens: u64) -> Event {
        let latency = u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX);
        Event::new(
            "metadata",
            json!({
                "metrics": {"latencyMs": latency},
                "usage": {
                    "cacheReadInputTokens": 0,
                    "cacheWriteInputTokens": 0,
                    "inputTokens": self.input_tokens,
                    "outputTokens": output_tokens,
                    "serverToolUsage": {},
                    "totalTokens": self.input_tokens + output_tokens,
                },
            }),
        )
    }
}

impl Block {
    /// The block's content, a piece of about a token at a time.
    fn deltas(&self) -> Vec<Value> {
        match self {
            Self::Reasoning { text, .. } => {
                text::tokens(text).map(|piece| json!({"reasoningContent": {"text": piece}})).collect()
            }
            Self::Text { text } => text::tokens(text).map(|piece| json!({"text": piece})).collect(),
            Self::ToolUse { input, .. } => text::fragments(&input.to_string())
                .map(|piece| json!({"toolUse": {"input": piece}}))
                .collect(),
        }
    }
}

fn delta(index: usize, delta: Value) -> Event {
    Event::new("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}))
}

/// Of a length that is a multiple of four, so that the signature is base64 without padding.
const SIGNATURE_LEN: usize = 184;
const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
