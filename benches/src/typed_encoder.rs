use std::hint::black_box;

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, MessagesEncoder, ResponsesEncoder};
use bedrock_stream_dialects::{Dialect, SseDecoder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::corpus::Corpus;

/// An answer to be written in one of the three dialects: its chunks, and the events that an encoder writes for them, as the
/// typed objects that a program has which writes them with serde.
#[derive(Debug)]
pub struct Encoded {
    dialect: Dialect,
    chunks: Vec<Chunk>,
    events: Vec<Event>,
}

/// An event: its name, and the object that is its data; none of `[DONE]`.
#[derive(Debug)]
struct Event {
    name: Option<String>,
    object: Option<Object>,
}

#[derive(Debug)]
enum Object {
    Chat(ChatChunk),
    Messages(MessagesDelta),
    Responses(ResponsesDelta),
    /// One of the few that are no delta.
    Other(Value),
}

impl Encoded {
    /// The answer of a corpus of Messages, to be written in `dialect`.
    ///
    /// # Panics
    ///
    /// The typed objects would not be written as the encoder writes them: then the two could not be compared.
    #[must_use]
    pub fn new(corpus: &Corpus, dialect: Dialect) -> Self {
        let chunks = chunks_of(corpus);
        let mut encoder = encoder(dialect);
        let events = chunks.iter().flat_map(|chunk| encoder.events(chunk));
        let events: Vec<Event> =
            events.map(|event| Event { name: event.name, object: object(dialect, &event.data) }).collect();
        let this = Self { dialect, chunks, events };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        this.each_of_ours(|bytes| ours.extend_from_slice(bytes));
        this.each_of_theirs(|bytes| theirs.extend_from_slice(bytes));
        assert_eq!(data(&ours), data(&theirs), "the same objects");
        this
    }

    /// Its chunks.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Writes the chunks with the encoder, each to an empty buffer; returns the number of bytes.
    #[must_use]
    pub fn write(&self) -> usize {
        let mut count = 0;
        self.each_of_ours(|bytes| count += black_box(bytes).len());
        count
    }

    /// Writes the objects with `serde_json`, each to an empty buffer; returns the number of bytes.
    #[must_use]
    pub fn write_typed(&self) -> usize {
        let mut count = 0;
        self.each_of_theirs(|bytes| count += black_box(bytes).len());
        count
    }

    fn each_of_ours(&self, mut take: impl FnMut(&[u8])) {
        // As who has one encoder: without dynamic calls.
        match self.dialect {
            Dialect::Chat => each(chat(), &self.chunks, &mut take),
            Dialect::Responses => each(responses(), &self.chunks, &mut take),
            _ => each(messages(), &self.chunks, &mut take),
        }
    }

    fn each_of_theirs(&self, mut take: impl FnMut(&[u8])) {
        let mut out = Vec::with_capacity(CAPACITY);
        for Event { name, object } in &self.events {
            out.clear();
            if let Some(name) = name {
                out.extend_from_slice(b"event: ");
                out.extend_from_slice(name.as_bytes());
                out.push(b'\n');
            }
            out.extend_from_slice(b"data: ");
            let written = match object {
                Some(Object::Chat(object)) => serde_json::to_writer(&mut out, object),
                Some(Object::Messages(object)) => serde_json::to_writer(&mut out, object),
                Some(Object::Responses(object)) => serde_json::to_writer(&mut out, object),
                Some(Object::Other(object)) => serde_json::to_writer(&mut out, object),
                None => {
                    out.extend_from_slice(b"[DONE]");
                    Ok(())
                }
            };
            written.expect("it can be written");
            out.extend_from_slice(b"\n\n");
            take(&out);
        }
    }
}

/// The chunks of a corpus of Messages.
///
/// # Panics
///
/// The corpus is another one.
#[must_use]
pub fn chunks_of(corpus: &Corpus) -> Vec<Chunk> {
    let mut decoder = SseDecoder::new(Some(Dialect::Messages));
    decoder.push(&corpus.bytes);
    let mut chunks = Vec::new();
    while let Some(chunk) = decoder.next_chunk().expect("a good stream") {
        chunks.push(chunk);
    }
    assert!(decoder.is_done(), "the answer is complete");
    chunks
}

/// Writes chunks with any encoder, each to an empty buffer; returns the number of bytes.
#[must_use]
pub fn written(encoder: impl Encode, chunks: &[Chunk]) -> usize {
    let mut count = 0;
    each(encoder, chunks, &mut |bytes: &[u8]| count += black_box(bytes).len());
    count
}

fn each(mut encoder: impl Encode, chunks: &[Chunk], take: &mut impl FnMut(&[u8])) {
    let mut out = Vec::with_capacity(CAPACITY);
    for chunk in chunks {
        out.clear();
        encoder.encode(chunk, &mut out);
        take(&out);
    }
}

fn encoder(dialect: Dialect) -> Box<dyn Encode> {
    match dialect {
        Dialect::Chat => Box::new(chat()),
        Dialect::Responses => Box::new(responses()),
        _ => Box::new(messages()),
    }
}

fn chat() -> ChatEncoder {
    ChatEncoder::new("chatcmpl-DuLdov3Qna0hmlIwzwWCG9FRhpJh7", MODEL, 1_782_321_928).include_usage(true)
}

fn responses() -> ResponsesEncoder {
    ResponsesEncoder::new("resp_xk6l63oaoqbapz5kikx3sm3ptssqjxa6", MODEL, 1_784_247_619)
}

fn messages() -> MessagesEncoder {
    MessagesEncoder::new("msg_bdrk_0168eu1vDnnMFBoGzuvgAG5p", MODEL)
}

/// The typed form of an event's data, if it has one with the same members.
fn object(dialect: Dialect, data: &str) -> Option<Object> {
    let value: Value = serde_json::from_str(data).ok()?;
    let typed = match dialect {
        Dialect::Chat => same(&value).map(Object::Chat),
        Dialect::Responses => same(&value).map(Object::Responses),
        _ => same(&value).map(Object::Messages),
    };
    Some(typed.unwrap_or(Object::Other(value)))
}

fn same<T: Serialize + DeserializeOwned>(value: &Value) -> Option<T> {
    let typed = T::deserialize(value).ok()?;
    (serde_json::to_value(&typed).ok()? == *value).then_some(typed)
}

/// The data of events.
fn data(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("it is text");
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap_or_default())
        .collect()
}

/// Members in the order in which OpenAI's server has them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChatChunk {
    id: String,
    object: String,
    created: u64,
    model: String,
    system_fingerprint: Option<String>,
    choices: Vec<ChatChoice>,
    usage: Option<ChatUsage>,
}

impl ChatChunk {
    /// A chunk whose delta is a piece of text.
    pub(crate) fn of_text() -> Self {
        let delta = ChatDelta {
            role: None,
            content: None,
            reasoning_content: None,
            reasoning_details: None,
            tool_calls: None,
        };
        Self {
            id: "chatcmpl-DuLdov3Qna0hmlIwzwWCG9FRhpJh7".to_owned(),
            object: "chat.completion.chunk".to_owned(),
            created: 1_782_321_928,
            model: MODEL.to_owned(),
            system_fingerprint: None,
            choices: vec![ChatChoice { index: 0, delta, logprobs: None, finish_reason: None }],
            usage: None,
        }
    }

    /// Replaces the text.
    pub(crate) fn set_text(&mut self, text: String) {
        self.choices[0].delta.content = Some(text);
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ChatChoice {
    index: u32,
    delta: ChatDelta,
    logprobs: Option<Value>,
    finish_reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ChatUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct ChatDelta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<Vec<ReasoningDetail>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Vec<ChatCall>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReasoningDetail {
    index: u32,
    r#type: String,
    text: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ChatCall {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    function: ChatFunction,
}

#[derive(Debug, Serialize, Deserialize)]
struct ChatFunction {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    arguments: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct MessagesDelta {
    r#type: String,
    index: u32,
    delta: BlockDelta,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
enum BlockDelta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct ResponsesDelta {
    r#type: String,
    sequence_number: u64,
    item_id: String,
    output_index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary_index: Option<u32>,
    delta: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Vec<Value>>,
}

const MODEL: &str = "us.anthropic.claude-sonnet-4-6";
/// Room for any delta.
const CAPACITY: usize = 16 * 1024;
