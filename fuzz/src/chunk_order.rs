use std::collections::BTreeMap;

use bedrock_stream_core::answer::Chunk;
use serde_json::Value;
use serde_json::value::RawValue;

/// The members of a chunk's JSON. Free JSON keeps its exact text, and may have a number that no `Value` holds; it is `null`
/// here, since only the members beside it matter.
fn members(chunk: &Chunk) -> Value {
    let text = serde_json::to_string(chunk).expect("every chunk has JSON");
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(&text).expect("a chunk is an object");
    let value = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
    members.into_iter().map(|(name, raw)| (name, value(raw))).collect()
}

/// The order of chunks that any answer has, whatever its dialect (C3), checked chunk by chunk from their JSON.
#[derive(Debug, Default)]
pub(crate) struct ChunkOrder {
    is_started: bool,
    /// The open blocks and their kinds.
    open: BTreeMap<u64, String>,
    is_stopped: bool,
    is_done: bool,
}

impl ChunkOrder {
    /// Asserts that the chunk may come next.
    pub(crate) fn take(&mut self, chunk: &Chunk) {
        let json = members(chunk);
        let kind = json["type"].as_str().expect("every chunk has a type");
        assert!(!self.is_done, "{json} after Done");
        assert!(self.is_started || kind == "start", "{json} before Start");
        assert!(!self.is_stopped || matches!(kind, "unknown" | "done"), "{json} after Stop");
        let block = json["block"].as_u64();
        match kind {
            "start" => assert!(!std::mem::replace(&mut self.is_started, true), "a second {json}"),
            "block_start" => self.begin(&json, json["kind"].as_str().expect("a kind")),
            "tool_call_start" | "tool_result_start" | "image_start" => {
                self.begin(&json, kind.trim_end_matches("_start"));
            }
            // In dialects whose payloads number their blocks, a block may have members of several kinds, as in
            // Converse.
            "text" | "citation" | "reasoning" | "reasoning_signature" | "reasoning_redacted" | "image" => {
                assert!(
                    block.is_some_and(|block| self.open.contains_key(&block)),
                    "{json} is for a block that is not open"
                );
            }
            "tool_call_delta" => self.assert_open(&json, "tool_call"),
            "tool_result" => self.assert_open(&json, kind),
            "tool_call_end" => {
                self.assert_open(&json, "tool_call");
                self.open.remove(&block.expect("a block"));
            }
            "block_end" => {
                let kind = block.and_then(|block| self.open.remove(&block));
                assert!(
                    kind.is_some_and(|kind| kind != "tool_call"),
                    "{json} is for a block that is not open"
                );
            }
            "stop" => {
                assert!(self.open.is_empty(), "Stop while {:?} are open", self.open);
                self.is_stopped = true;
            }
            "unknown" => {}
            "done" => {
                assert!(self.is_stopped, "Done without Stop");
                self.is_done = true;
            }
            kind => panic!("a chunk of the unknown type {kind}"),
        }
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.is_done
    }

    fn begin(&mut self, json: &Value, kind: &str) {
        let block = json["block"].as_u64().expect("a block");
        let before = self.open.insert(block, kind.to_owned());
        assert_eq!(before, None, "{json} is for a block that is already open");
    }

    fn assert_open(&self, json: &Value, kind: &str) {
        let open = json["block"].as_u64().and_then(|block| self.open.get(&block));
        assert!(open.is_some_and(|open| open == kind), "{json} is for a block of kind {open:?}");
    }
}
