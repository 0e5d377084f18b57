use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures_core::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Decodes server-sent events of Messages with `eventsource-stream` and typed serde; returns the number of events.
#[must_use]
pub fn typed_messages(pieces: &[Bytes]) -> usize {
    events::<MessagesEvent>(pieces)
}

/// The same for Chat Completions.
#[must_use]
pub fn typed_chat(pieces: &[Bytes]) -> usize {
    events::<ChatCompletionChunk>(pieces)
}

/// The same for Responses.
#[must_use]
pub fn typed_responses(pieces: &[Bytes]) -> usize {
    events::<ResponseEvent>(pieces)
}

/// Reads to the end, like a program that awaits each event of a response's body.
fn events<T: DeserializeOwned>(pieces: &[Bytes]) -> usize {
    let mut stream = pin!(Pieces(pieces.iter()).eventsource());
    let mut context = Context::from_waker(Waker::noop());
    let mut count = 0;
    while let Poll::Ready(Some(event)) = stream.as_mut().poll_next(&mut context) {
        let event = event.expect("a good stream");
        if event.data != "[DONE]" {
            black_box(serde_json::from_str::<T>(&event.data).expect("a good stream"));
        }
        count += 1;
    }
    count
}

/// A body that has already arrived.
struct Pieces<'a>(std::slice::Iter<'a, Bytes>);

impl Stream for Pieces<'_> {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().cloned().map(Ok))
    }
}

/// The events as crates that speak Anthropic's API declare them.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(dead_code, reason = "they are deserialized, but never read")]
enum MessagesEvent {
    MessageStart { message: Value },
    ContentBlockStart { index: u32, content_block: Value },
    ContentBlockDelta { index: u32, delta: MessagesDelta },
    ContentBlockStop { index: u32 },
    MessageDelta { delta: Value, usage: Option<Value> },
    MessageStop,
    Ping,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "the same")]
enum MessagesDelta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
}

/// The chunk as crates that speak OpenAI's API declare it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ChatCompletionChunk {
    id: String,
    object: String,
    created: u32,
    model: String,
    service_tier: Option<String>,
    system_fingerprint: Option<String>,
    choices: Vec<ChatChoice>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ChatChoice {
    index: u32,
    delta: ChatDelta,
    finish_reason: Option<String>,
    logprobs: Option<Value>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ChatDelta {
    role: Option<String>,
    content: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<ChatCall>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ChatCall {
    index: u32,
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    function: Option<ChatFunction>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ChatFunction {
    name: Option<String>,
    arguments: Option<String>,
}

/// The events as crates that speak OpenAI's API declare them, limited to the kinds in the corpus.
#[derive(Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "the same")]
enum ResponseEvent {
    #[serde(rename = "response.created")]
    Created { sequence_number: u64, response: Value },
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded { sequence_number: u64, output_index: u32, item: Value },
    #[serde(rename = "response.output_text.delta")]
    OutputTextDelta(ResponseDelta),
    #[serde(rename = "response.reasoning_text.delta")]
    ReasoningTextDelta(ResponseDelta),
    #[serde(rename = "response.function_call_arguments.delta")]
    FunctionCallArgumentsDelta(ResponseDelta),
    #[serde(rename = "response.output_item.done")]
    OutputItemDone { sequence_number: u64, output_index: u32, item: Value },
    #[serde(rename = "response.completed")]
    Completed { sequence_number: u64, response: Value },
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the same")]
struct ResponseDelta {
    sequence_number: u64,
    item_id: String,
    output_index: u32,
    content_index: Option<u32>,
    delta: String,
    logprobs: Option<Vec<Value>>,
}
