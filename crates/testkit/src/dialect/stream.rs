use std::borrow::Cow;

use bedrock_stream_core::answer::{BlockKind, Chunk, Done};
use bedrock_stream_core::converse::{EncodeEventError, EventEncoder, PADDING};
use bedrock_stream_core::json::{Blob, Fields, Json};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{
    ChatEncoder, Encode, MessagesEncoder, ReasoningMember, ResponsesEncoder,
};
use serde_json::{Value, json};

use super::carrier::Carrier;
use super::native;
use super::request::Asked;
use super::vendor::Vendor;
use crate::answer::Transcript;
use crate::encoded_message::EncodedMessage;
use crate::event;
use crate::rng::Rng;

/// The format in which an answer is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) carrier: Carrier,
    pub(crate) dialect: Dialect,
    /// The vendor, if the model is invoked.
    pub(crate) vendor: Option<Vendor>,
    pub(crate) model: &'a str,
    pub(crate) asked: &'a Asked,
    pub(crate) seed: u64,
}

impl Target<'_> {
    /// The messages of a stream.
    pub(crate) fn messages(&self, answer: &Transcript) -> Result<Vec<EncodedMessage>, EncodeEventError> {
        let mut messages = match self.carrier {
            Carrier::Sse(_) => self.server_sent_events(answer),
            Carrier::EventStream => {
                let mut rng = Rng::new(self.seed);
                let payloads = self.payloads(answer);
                payloads.iter().map(|payload| chunk(payload, &mut rng)).collect::<Result<_, _>>()?
            }
        };
        if let Some(failure) = answer.failure() {
            messages.push(self.carrier.encode_failure(failure, messages.len())?);
        }
        Ok(messages)
    }

    /// How many tool calls of an answer the format has no place for.
    pub(crate) fn lost_tool_calls(&self, answer: &Transcript) -> usize {
        let is_text = match self.dialect {
            Dialect::Titan | Dialect::Llama | Dialect::Mistral | Dialect::Completion => true,
            Dialect::Cohere => !self.asked.is_chat,
            Dialect::Chat => self.vendor == Some(Vendor::DeepSeek),
            _ => false,
        };
        let calls = answer.chunks.iter().filter(|chunk| matches!(chunk, Chunk::ToolCallStart { .. }));
        if is_text { calls.count() } else { 0 }
    }

    fn server_sent_events(&self, answer: &Transcript) -> Vec<EncodedMessage> {
        let mut encoder: Box<dyn Encode> = match self.dialect {
            Dialect::Messages => Box::new(self.messages_stream_encoder(answer).pings(true)),
            Dialect::Responses => Box::new(self.responses_encoder()),
            // An answer that is not streamed is read from here if it has a fault, and always has its usage.
            _ => {
                let includes_usage = self.asked.includes_usage || !self.asked.is_streamed;
                Box::new(self.chat_encoder().include_usage(includes_usage))
            }
        };
        let mut out = Vec::new();
        for (at, chunk) in answer.chunks.iter().enumerate() {
            encoder.encode(chunk, &mut out);
            if at == 0 && self.dialect == Dialect::Messages {
                encoder.keep_alive(&mut out);
            }
        }
        EncodedMessage::split(&out.into())
    }

    /// The payloads of an invoked model.
    fn payloads(&self, answer: &Transcript) -> Vec<String> {
        let chunks = &*answer.chunks;
        let done =
            chunks.iter().find_map(|chunk| if let Chunk::Done(done) = chunk { Some(&**done) } else { None });
        let mut payloads = match self.dialect {
            Dialect::Messages => {
                encoded(self.messages_stream_encoder(answer), chunks.iter().map(Cow::Borrowed))
            }
            Dialect::Chat if self.vendor != Some(Vendor::DeepSeek) => {
                let encoder = self.chat_encoder().reasoning_member(ReasoningMember::None);
                let encoder = encoder.reasoning_details(false).include_usage(true);
                encoded(encoder, chunks.iter().map(tagged))
            }
            Dialect::Nova => native::nova(&answer.events),
            dialect => native::simple(dialect, chunks, done, self.asked.is_chat),
        };
        payloads.retain(|payload| payload != "[DONE]");
        if let Some(done) = done.filter(|_| answer.failure().is_none()) {
            let metrics = json!({"amazon-bedrock-invocationMetrics": invocation_metrics(done)}).to_string();
            match payloads.last_mut().filter(|_| self.vendor != Some(Vendor::Jamba)) {
                Some(last) => {
                    last.truncate(last.len() - 1);
                    last.push(',');
                    last.push_str(&metrics[1..]);
                }
                None => payloads.push(metrics),
            }
        }
        payloads
    }

    pub(super) fn chat_encoder(&self) -> ChatEncoder {
        ChatEncoder::new(self.id("chatcmpl-"), self.model, CREATED)
            .reasoning_member(ReasoningMember::Reasoning)
    }

    pub(super) fn messages_encoder(&self) -> MessagesEncoder {
        MessagesEncoder::new(self.id("msg_bdrk_"), self.model)
    }

    /// With the counts of the request at the start, where Bedrock has them, too, and one token of the answer.
    fn messages_stream_encoder(&self, answer: &Transcript) -> MessagesEncoder {
        let encoder = self.messages_encoder();
        match answer.usage() {
            Some(mut usage) => {
                usage.output_tokens = Some(1);
                encoder.start_usage(usage)
            }
            None => encoder,
        }
    }

    pub(super) fn responses_encoder(&self) -> ResponsesEncoder {
        let mut members = Fields::new();
        for (name, value) in self.asked.body.as_object().into_iter().flatten() {
            members.set(name, Json::from(value.clone()));
        }
        ResponsesEncoder::new(self.id("resp_"), self.model, CREATED).request_members(members)
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}{}", Rng::new(self.seed).text(BASE32, 52))
    }
}

fn encoded<'c>(mut encoder: impl Encode, chunks: impl Iterator<Item = Cow<'c, Chunk>>) -> Vec<String> {
    chunks.flat_map(|chunk| encoder.events(&chunk)).map(|event| event.data).collect()
}

/// A chunk as written by an invoked gpt-oss: within the text, with each piece of reasoning in its own tags.
fn tagged(chunk: &Chunk) -> Cow<'_, Chunk> {
    Cow::Owned(match chunk {
        Chunk::Reasoning { block, text, .. } => Chunk::text(*block, format!("<reasoning>{text}</reasoning>")),
        Chunk::BlockStart { block, kind: BlockKind::Reasoning, .. } => {
            Chunk::block_start(*block, BlockKind::Text)
        }
        chunk => return Cow::Borrowed(chunk),
    })
}

/// A `chunk` message, padded as by Bedrock.
fn chunk(payload: &str, rng: &mut Rng) -> Result<EncodedMessage, EncodeEventError> {
    let bytes = Blob::from(payload.as_bytes().to_vec()).to_base64();
    let padding = PADDING.get(..=rng.below(PADDING.len())).unwrap_or_default();
    let event = event::unknown("chunk", json!({"bytes": bytes, "p": padding}));
    let mut message = EncodedMessage::encode(&event, &mut EventEncoder::new())?;
    message.event_type = serde_json::from_str(payload).ok().and_then(|json| super::payload_type(&json));
    Ok(message)
}

pub(super) fn invocation_metrics(done: &Done) -> Value {
    let latency = done.metrics.as_ref().and_then(|metrics| metrics.latency_ms).unwrap_or(0);
    let usage = done.usage.as_ref();
    json!({
        "inputTokenCount": usage.and_then(|usage| usage.input_tokens).unwrap_or(0),
        "outputTokenCount": usage.and_then(|usage| usage.output_tokens).unwrap_or(0),
        "invocationLatency": latency,
        "firstByteLatency": latency.min(FIRST_BYTE_MS),
    })
}

const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
/// 2026-01-01. The clock is not read, so that the same request always gets the same bytes.
const CREATED: u64 = 1_767_225_600;
const FIRST_BYTE_MS: i64 = 100;
