use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_stream_core::frame::{Header, encode};
use bytes::Bytes;

use crate::corpus::{Corpus, words};

/// Long answers in the dialects other than Converse, event for event as their servers write them.
impl Corpus {
    /// Anthropic's Messages as server-sent events: `deltas` pieces of text.
    #[must_use]
    pub fn messages_text(deltas: usize) -> Self {
        Self::of_events("messages, text", &messages(&[Part::Text(words(deltas))]), named)
    }

    /// The same, with `rounds` repetitions of reasoning, text and a tool call.
    #[must_use]
    pub fn messages_mixed(rounds: usize) -> Self {
        Self::of_events("messages, mixed", &messages(&mixed(rounds)), named)
    }

    /// The same answers from InvokeModel: an event stream of base64 payloads, padded as Bedrock pads.
    #[must_use]
    pub fn invoked_text(deltas: usize) -> Self {
        Self::of_events("invoked, text", &messages(&[Part::Text(words(deltas))]), chunk_message)
    }

    /// The same, with `rounds` repetitions of reasoning, text and a tool call.
    #[must_use]
    pub fn invoked_mixed(rounds: usize) -> Self {
        Self::of_events("invoked, mixed", &messages(&mixed(rounds)), chunk_message)
    }

    /// OpenAI's Chat Completions.
    #[must_use]
    pub fn chat_text(deltas: usize) -> Self {
        Self::of_events("chat, text", &chat(&[Part::Text(words(deltas))]), unnamed)
    }

    /// The same, with `rounds` repetitions of reasoning, text and a tool call.
    #[must_use]
    pub fn chat_mixed(rounds: usize) -> Self {
        Self::of_events("chat, mixed", &chat(&mixed(rounds)), unnamed)
    }

    /// OpenAI's Responses.
    #[must_use]
    pub fn responses_text(deltas: usize) -> Self {
        Self::of_events("responses, text", &responses(&[Part::Text(words(deltas))]), named)
    }

    /// The same, with `rounds` repetitions of reasoning, text and a tool call.
    #[must_use]
    pub fn responses_mixed(rounds: usize) -> Self {
        Self::of_events("responses, mixed", &responses(&mixed(rounds)), named)
    }

    fn of_events(name: &str, payloads: &[(String, String)], carry: fn(usize, &str, &str) -> Vec<u8>) -> Self {
        let events = payloads.iter().enumerate().map(|(at, (kind, payload))| carry(at, kind, payload));
        let messages: Vec<Bytes> = events.map(Bytes::from).collect();
        Self { name: name.to_owned(), bytes: messages.concat().into(), messages }
    }
}

/// A part of an answer; each word is a delta.
enum Part {
    Reasoning(String),
    Text(String),
    Call(usize),
}

fn mixed(rounds: usize) -> Vec<Part> {
    let round = || [Part::Reasoning(words(30)), Part::Text(words(50)), Part::Call(20)];
    (0..rounds).flat_map(|_| round()).collect()
}

impl Part {
    fn deltas(&self) -> Vec<String> {
        match self {
            Self::Reasoning(text) | Self::Text(text) => {
                text.split_inclusive(' ').map(ToOwned::to_owned).collect()
            }
            Self::Call(deltas) => {
                let delta = |at| if at == 0 { r#"{"list":["ab""# } else { r#", "ab""# };
                let mut deltas: Vec<String> = (0..*deltas).map(|at| delta(at).to_owned()).collect();
                deltas.push("]}".to_owned());
                deltas
            }
        }
    }
}

/// An event with a name.
fn named(_: usize, kind: &str, payload: &str) -> Vec<u8> {
    format!("event: {kind}\ndata: {payload}\n\n").into_bytes()
}

/// An event without a name.
fn unnamed(_: usize, _: &str, payload: &str) -> Vec<u8> {
    format!("data: {payload}\n\n").into_bytes()
}

/// A message of `InvokeModelWithResponseStream`.
fn chunk_message(at: usize, _: &str, payload: &str) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", "chunk"),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let chunk = format!(r#"{{"bytes":"{}","p":"{}"}}"#, STANDARD.encode(payload), padding(at));
    let mut bytes = Vec::new();
    encode(&headers, chunk.as_bytes(), &mut bytes).expect("the payload has a legal length");
    bytes
}

/// Padding of varying length, as Bedrock writes it.
fn padding(at: usize) -> &'static str {
    const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    &ALPHABET[..at * 31 % ALPHABET.len()]
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

fn messages(parts: &[Part]) -> Vec<(String, String)> {
    let mut events = Vec::new();
    let mut push = |kind: &str, rest: String| {
        events.push((kind.to_owned(), format!(r#"{{"type":"{kind}"{rest}}}"#)));
    };
    push(
        "message_start",
        r#","message":{"model":"claude-sonnet-4-6","id":"msg_bdrk_0168eu1vDnnMFBoGzuvgAG5p","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":596,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}}"#.to_owned(),
    );
    for (index, part) in parts.iter().enumerate() {
        let (block, kind, member) = match part {
            Part::Reasoning(_) => {
                (r#"{"type":"thinking","thinking":"","signature":""}"#, "thinking_delta", "thinking")
            }
            Part::Text(_) => (r#"{"type":"text","text":""}"#, "text_delta", "text"),
            Part::Call(_) => (
                r#"{"type":"tool_use","id":"toolu_bdrk_01J3qB12vH7tghDJ74pNzgp8","name":"get_weather","input":{}}"#,
                "input_json_delta",
                "partial_json",
            ),
        };
        push("content_block_start", format!(r#","index":{index},"content_block":{block}"#));
        for delta in part.deltas() {
            let delta = json(&delta);
            push(
                "content_block_delta",
                format!(r#","index":{index},"delta":{{"type":"{kind}","{member}":{delta}}}"#),
            );
        }
        push("content_block_stop", format!(r#","index":{index}"#));
    }
    push(
        "message_delta",
        r#","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2011}"#
            .to_owned(),
    );
    push("message_stop", String::new());
    events
}

fn chat(parts: &[Part]) -> Vec<(String, String)> {
    let mut events = Vec::new();
    let mut push = |choices: &str, usage: &str| {
        let padding = padding(events.len());
        let payload = format!(
            r#"{{"id":"chatcmpl-DuLdov3Qna0hmlIwzwWCG9FRhpJh7","object":"chat.completion.chunk","created":1782321928,"model":"openai.gpt-oss-120b","service_tier":"default","system_fingerprint":null,"choices":[{choices}],"usage":{usage},"obfuscation":"{padding}"}}"#
        );
        events.push((String::new(), payload));
    };
    let choice =
        |delta: &str, reason: &str| format!(r#"{{"index":0,"delta":{{{delta}}},"finish_reason":{reason}}}"#);
    push(&choice(r#""role":"assistant","content":"","refusal":null"#, "null"), "null");
    let mut calls = 0;
    for part in parts {
        if matches!(part, Part::Call(_)) {
            let call = format!(
                r#""tool_calls":[{{"index":{calls},"id":"call_{calls}","type":"function","function":{{"name":"get_weather","arguments":""}}}}]"#
            );
            push(&choice(&call, "null"), "null");
            calls += 1;
        }
        for delta in part.deltas() {
            let delta = json(&delta);
            let delta = match part {
                Part::Reasoning(_) => format!(r#""reasoning":{delta}"#),
                Part::Text(_) => format!(r#""content":{delta}"#),
                Part::Call(_) => {
                    let index = calls - 1;
                    format!(r#""tool_calls":[{{"index":{index},"function":{{"arguments":{delta}}}}}]"#)
                }
            };
            push(&choice(&delta, "null"), "null");
        }
    }
    push(&choice("", r#""stop""#), "null");
    push("", r#"{"prompt_tokens":17,"completion_tokens":2011,"total_tokens":2028}"#);
    events.push((String::new(), "[DONE]".to_owned()));
    events
}

fn responses(parts: &[Part]) -> Vec<(String, String)> {
    let mut events = Vec::new();
    let mut push = |kind: &str, rest: String| {
        let number = events.len();
        events.push((kind.to_owned(), format!(r#"{{"type":"{kind}","sequence_number":{number}{rest}}}"#)));
    };
    let response = |status: &str, usage: &str| {
        format!(
            r#","response":{{"id":"resp_xk6l63oaoqbapz5kikx3sm3ptssqjxa6","object":"response","created_at":1784247619,"status":"{status}","model":"openai.gpt-oss-120b","output":[],"usage":{usage}}}"#
        )
    };
    push("response.created", response("in_progress", "null"));
    for (index, part) in parts.iter().enumerate() {
        let id = format!("item_6866d2df1c0c819c885ca369ba853e7f0847a84b87aa{index:04}");
        let deltas = part.deltas();
        let whole = json(&deltas.concat());
        let (added, kind, place, done) = match part {
            Part::Reasoning(_) => (
                format!(r#"{{"id":"{id}","type":"reasoning","summary":[]}}"#),
                "response.reasoning_text.delta",
                r#","content_index":0"#,
                format!(
                    r#"{{"id":"{id}","type":"reasoning","summary":[],"content":[{{"type":"reasoning_text","text":{whole}}}]}}"#
                ),
            ),
            Part::Text(_) => (
                format!(
                    r#"{{"id":"{id}","type":"message","status":"in_progress","content":[],"role":"assistant"}}"#
                ),
                "response.output_text.delta",
                r#","content_index":0"#,
                format!(
                    r#"{{"id":"{id}","type":"message","status":"completed","content":[{{"type":"output_text","annotations":[],"logprobs":[],"text":{whole}}}],"role":"assistant"}}"#
                ),
            ),
            Part::Call(_) => (
                format!(
                    r#"{{"id":"{id}","type":"function_call","status":"in_progress","arguments":"","call_id":"call_{index}","name":"get_weather"}}"#
                ),
                "response.function_call_arguments.delta",
                "",
                format!(
                    r#"{{"id":"{id}","type":"function_call","status":"completed","arguments":{whole},"call_id":"call_{index}","name":"get_weather"}}"#
                ),
            ),
        };
        push("response.output_item.added", format!(r#","output_index":{index},"item":{added}"#));
        let logprobs = if matches!(part, Part::Text(_)) { r#","logprobs":[]"# } else { "" };
        for (padding_at, delta) in (index..).zip(deltas) {
            let (delta, padding) = (json(&delta), padding(padding_at));
            push(
                kind,
                format!(
                    r#","item_id":"{id}","output_index":{index}{place},"delta":{delta}{logprobs},"obfuscation":"{padding}""#
                ),
            );
        }
        push("response.output_item.done", format!(r#","output_index":{index},"item":{done}"#));
    }
    let usage = r#"{"input_tokens":17,"input_tokens_details":{"cached_tokens":0},"output_tokens":2011,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":2028}"#;
    push("response.completed", response("completed", usage));
    events
}
