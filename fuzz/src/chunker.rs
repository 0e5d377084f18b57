use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use bedrock_stream_core::answer::{Chunk, Error, ResponseBuilder, SkippedEvent};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::{Chunker, Event};
use bedrock_stream_core::frame::{EnvelopeError, Header, Message, encode};
use serde_json::{Value as Json, json};

/// Any events in any order: there is no panic; `Done` comes at most once, last, and only after a `messageStop`; a final
/// error is permanent; every tool call is reported from its start to its end, with all of its arguments.
pub fn chunker(data: &[u8]) {
    let Ok(steps) = Vec::<Step>::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let mut session = Session::default();
    for step in &steps {
        session.apply(step);
        session.take();
    }
    session.finish();
    // Events after the end change nothing.
    for step in steps.iter().take(4) {
        session.apply(step);
        session.take();
    }
    session.finish();
}

#[derive(Default)]
struct Session {
    chunker: Chunker,
    builder: ResponseBuilder,
    message_stopped: bool,
    skipped: u64,
    done: bool,
    failure: Option<Error>,
    /// The tool calls that are open: id, name and the arguments so far, by block.
    calls: BTreeMap<u32, (Arc<str>, Arc<str>, String)>,
}

impl Session {
    fn apply(&mut self, step: &Step) {
        let Some(event) = step.event() else {
            if !self.done && self.failure.is_none() {
                self.chunker.skip(&SkippedEvent::message(EnvelopeError::missing(":message-type")));
                self.skipped += 1;
            }
            return;
        };
        let stops = matches!(event, Event::MessageStop(_));
        match self.chunker.apply(event) {
            Ok(()) => {
                assert_eq!(self.failure, None, "an event is accepted after a final error");
                self.message_stopped |= stops;
            }
            Err(error) if error.is_final() => self.fail(error),
            Err(_) => {
                assert!(!self.done, "an event was skipped after Done");
                assert_eq!(self.failure, None);
                self.skipped += 1;
            }
        }
    }

    fn take(&mut self) {
        while let Some(chunk) = self.chunker.next_chunk() {
            self.see(&chunk);
        }
    }

    fn finish(&mut self) {
        loop {
            match self.chunker.finish() {
                Ok(Some(chunk)) => self.see(&chunk),
                Ok(None) => break assert!(self.done, "an end without Done"),
                Err(error) => {
                    assert!(error.is_final());
                    break self.fail(error);
                }
            }
        }
        assert_eq!(self.done, self.failure.is_none());
        assert_eq!(self.chunker.is_done(), self.done);
        assert_eq!(self.chunker.failure(), self.failure.as_ref());
        assert_eq!(self.builder.is_complete(), self.done);
        serde_json::to_string(&self.builder.response()).unwrap();
    }

    fn fail(&mut self, error: Error) {
        assert!(!self.done, "{error:?} after Done");
        if let Some(first) = &self.failure {
            assert_eq!(error, *first, "another final error");
        }
        self.failure = Some(error);
    }

    fn see(&mut self, chunk: &Chunk) {
        assert!(!self.done, "{chunk:?} after Done");
        serde_json::to_string(chunk).unwrap();
        self.builder.push(chunk);
        match chunk {
            Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => assert!(!text.is_empty()),
            Chunk::ToolCallStart { block, id, name, .. } => {
                assert!(!id.is_empty());
                let before = self.calls.insert(*block, (id.clone(), name.clone(), String::new()));
                assert_eq!(before, None, "a tool call begins inside another");
            }
            Chunk::ToolCallDelta { block, id, arguments_delta, .. } => {
                assert!(!arguments_delta.is_empty());
                let call = self.calls.get_mut(block).expect("a delta has its start");
                assert_eq!(call.0, *id);
                call.2.push_str(arguments_delta);
            }
            Chunk::ToolCallEnd { block, id, name, input, .. } => {
                let (first_id, first_name, arguments) =
                    self.calls.remove(block).expect("an end has its start");
                assert_eq!((&first_id, &first_name), (id, name));
                match input {
                    ToolInput::Empty => assert_eq!(arguments, ""),
                    ToolInput::Json(json) => assert_eq!(json.as_str(), arguments.trim()),
                    other => {
                        assert_eq!(other.as_str(), arguments);
                        // Arguments that may lack a piece must not be used, even if the rest is JSON.
                        let may_lack = self.skipped > 0 && matches!(other, ToolInput::Malformed { .. });
                        assert!(may_lack || serde_json::from_str::<Json>(&arguments).is_err());
                    }
                }
            }
            Chunk::BlockEnd { block, .. } => assert!(!self.calls.contains_key(block)),
            Chunk::Done(done) => {
                assert!(self.message_stopped, "Done without messageStop");
                assert!(self.calls.is_empty(), "Done inside a tool call");
                // Further events of the same loss are counted but not reported.
                assert!(done.skipped_events >= self.skipped);
                assert_eq!(done.skipped_events > 0, self.skipped > 0);
                self.done = true;
            }
            _ => {}
        }
    }
}

/// The next action.
#[derive(Arbitrary, Debug)]
enum Step {
    MessageStart {
        role: bool,
    },
    BlockStart {
        index: Index,
        start: Start,
    },
    Delta {
        index: Index,
        delta: Delta,
    },
    /// This is listed twice, so that most steps are deltas, as in real streams.
    AnotherDelta {
        index: Index,
        delta: Delta,
    },
    BlockStop {
        index: Index,
    },
    MessageStop {
        reason: bool,
    },
    Metadata {
        usage: bool,
    },
    Exception,
    Error,
    Unknown {
        name: u8,
    },
    Skip,
}

/// A block's index, one of a few that are frequent; missing one time in eight.
#[derive(Arbitrary, Debug)]
struct Index(u8);

#[derive(Arbitrary, Debug)]
enum Start {
    None,
    Empty,
    ToolUse { id: u8, name: u8 },
    ToolResult { id: u8 },
    Image,
    Unknown,
    Several { id: u8 },
}

#[derive(Arbitrary, Debug)]
enum Delta {
    None,
    Empty,
    Text { piece: u8 },
    ToolUse { piece: u8 },
    ToolResult,
    Reasoning { piece: u8 },
    Signature,
    Redacted,
    Citation,
    Image,
    Unknown,
    Several { piece: u8 },
}

impl Step {
    /// The event, decoded from a message as in a stream; `None` if it was skipped.
    fn event(&self) -> Option<Event> {
        let (name, payload) = match self {
            Self::MessageStart { role } => {
                ("messageStart", if *role { json!({"role": "assistant"}) } else { json!({}) })
            }
            Self::BlockStart { index, start } => ("contentBlockStart", index.with("start", start.json())),
            Self::Delta { index, delta } | Self::AnotherDelta { index, delta } => {
                ("contentBlockDelta", index.with("delta", delta.json()))
            }
            Self::BlockStop { index } => ("contentBlockStop", index.with("more", None)),
            Self::MessageStop { reason } => {
                ("messageStop", if *reason { json!({"stopReason": "end_turn"}) } else { json!({}) })
            }
            Self::Metadata { usage: true } => {
                ("metadata", json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}}))
            }
            Self::Metadata { usage: false } => ("metadata", json!({"metrics": {"latencyMs": 7}})),
            Self::Exception => return Some(event(EXCEPTION, &json!({"message": "slow down"}))),
            Self::Error => return Some(event(ERROR, &json!({}))),
            Self::Unknown { name } => (pick(*name, &["news", "", "contentBlock"]), json!({"a": [1, null]})),
            Self::Skip => return None,
        };
        Some(event(
            &[Header::string(":message-type", "event"), Header::string(":event-type", name)],
            &payload,
        ))
    }
}

impl Index {
    /// A payload with the index and one more member.
    fn with(&self, name: &str, value: Option<Json>) -> Json {
        let mut payload = serde_json::Map::new();
        if self.0 % 8 != 7 {
            let index = pick(self.0, &[0_u32, 1, 2, 3, 0, 1, u32::MAX]);
            payload.insert("contentBlockIndex".into(), index.into());
        }
        payload.extend(value.map(|value| (name.to_owned(), value)));
        Json::Object(payload)
    }
}

impl Start {
    fn json(&self) -> Option<Json> {
        Some(match self {
            Self::None => return None,
            Self::Empty => json!({}),
            Self::ToolUse { id, name } => {
                json!({"toolUse": {"toolUseId": pick(*id, IDS), "name": pick(*name, &["a", "b", "a", ""])}})
            }
            Self::ToolResult { id } => json!({"toolResult": {"toolUseId": pick(*id, IDS)}}),
            Self::Image => json!({"image": {"format": "png"}}),
            Self::Unknown => json!({"video": {"format": "mp4"}}),
            Self::Several { id } => {
                json!({"toolUse": {"toolUseId": pick(*id, IDS), "name": "a"}, "image": {"format": "png"}})
            }
        })
    }
}

impl Delta {
    fn json(&self) -> Option<Json> {
        Some(match self {
            Self::None => return None,
            Self::Empty => json!({}),
            Self::Text { piece } => json!({"text": pick(*piece, PIECES)}),
            Self::ToolUse { piece } => json!({"toolUse": {"input": pick(*piece, PIECES)}}),
            Self::ToolResult => json!({"toolResult": [{"text": "r"}, {"json": {"a": 1}}]}),
            Self::Reasoning { piece } => json!({"reasoningContent": {"text": pick(*piece, PIECES)}}),
            Self::Signature => json!({"reasoningContent": {"signature": "s"}}),
            Self::Redacted => json!({"reasoningContent": {"redactedContent": "AQID"}}),
            Self::Citation => json!({"citation": {"title": "t"}}),
            Self::Image => json!({"image": {"source": {"bytes": "AQID"}}}),
            Self::Unknown => json!({"audio": {"bytes": "AQID"}}),
            Self::Several { piece } => {
                json!({"text": pick(*piece, PIECES), "toolUse": {"input": pick(*piece, PIECES)}})
            }
        })
    }
}

fn event(headers: &[Header<'_>], payload: &Json) -> Event {
    let mut bytes = Vec::new();
    encode(headers, payload.to_string().as_bytes(), &mut bytes).unwrap();
    let (message, _) = Message::parse(&bytes).unwrap().unwrap();
    Event::decode(&message).unwrap()
}

fn pick<T: Copy>(choice: u8, of: &[T]) -> T {
    of[usize::from(choice) % of.len()]
}

const EXCEPTION: &[Header<'_>] =
    &[Header::string(":message-type", "exception"), Header::string(":exception-type", "throttlingException")];
const ERROR: &[Header<'_>] = &[Header::string(":message-type", "error"), Header::string(":error-code", "E")];
const IDS: &[&str] = &["x", "y", "z", ""];
const PIECES: &[&str] = &["{", "}", "\"a\":1", "", "[]", "{}", " ", "x"];
