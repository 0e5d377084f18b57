use bedrock_stream_core::answer::{BlockKind, Chunk};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::Event;
use serde_json::Value;

/// What a message did to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A content block is open from here on.
    BlockStart { block: u32, kind: &'static str },
    /// A chunk: its name, its block, and what is in it.
    Chunk { chunk: String, block: Option<u32>, detail: String },
    /// A content block is finished.
    BlockStop { block: u32 },
    /// The event cannot be used.
    Skipped(String),
    /// The stream is over, and the answer is not complete.
    Error(String),
    /// Nothing that shows: why.
    NoChunk(String),
}

impl Outcome {
    /// What a chunk is, for a person.
    pub(crate) fn of(chunk: &Chunk) -> Self {
        let (block, detail) = match chunk {
            Chunk::Start { role, .. } => (None, role.as_str().to_owned()),
            Chunk::Text { block, text, .. } | Chunk::Reasoning { block, text, .. } => {
                (Some(*block), quoted(text))
            }
            Chunk::ReasoningSignature { block, signature, .. } => (Some(*block), quoted(signature)),
            Chunk::ToolCallStart { block, id, name, .. } => (Some(*block), format!("{name}, id {id}")),
            Chunk::ToolCallDelta { block, arguments_delta, .. } => (Some(*block), quoted(arguments_delta)),
            Chunk::ToolCallEnd { block, name, input, .. } => {
                (Some(*block), format!("{name} {}", arguments(input)))
            }
            Chunk::Stop { stop_reason, .. } => (None, stop_reason.as_str().to_owned()),
            Chunk::Done(done) => (None, done.stop_reason.as_str().to_owned()),
            other => other_members(other),
        };
        Self::Chunk { chunk: name(chunk), block, detail }
    }
}

/// What comes of an event that gives no chunk.
pub(crate) fn no_chunk_reason(event: &Event) -> String {
    match event {
        Event::MessageStop(stop) => {
            let reason =
                stop.stop_reason.as_ref().map_or("no stop reason received", |reason| reason.as_str());
            format!("noted: the message ends, {reason}; its usage may follow")
        }
        Event::Metadata(_) => "noted: what it tells comes with the end".to_owned(),
        Event::ContentBlockStart(_) => "nothing: this block opens with its first delta".to_owned(),
        Event::ContentBlockStop(_) => "nothing: no such block is open".to_owned(),
        Event::ContentBlockDelta(_) => "nothing: the delta is empty".to_owned(),
        _ => "nothing".to_owned(),
    }
}

/// A chunk's name, as its JSON has it.
pub(crate) fn name(chunk: &Chunk) -> String {
    // What is frequent costs no JSON.
    match chunk {
        Chunk::Text { .. } => "text".to_owned(),
        Chunk::ToolCallDelta { .. } => "tool_call_delta".to_owned(),
        other => match serde_json::to_value(other).map(|mut json| json["type"].take()) {
            Ok(Value::String(name)) => name,
            _ => "chunk".to_owned(),
        },
    }
}

/// The block that a chunk belongs to, what kind of block it is as far as the chunk tells, and whether the block ends.
pub(crate) fn block(chunk: &Chunk) -> Option<(u32, &'static str, bool)> {
    Some(match chunk {
        Chunk::BlockStart { block, kind, .. } => (*block, kind_of(*kind), false),
        Chunk::Text { block, .. } => (*block, "text", false),
        Chunk::Citation { block, .. } => (*block, "text with citations", false),
        Chunk::Reasoning { block, .. }
        | Chunk::ReasoningSignature { block, .. }
        | Chunk::ReasoningRedacted { block, .. } => (*block, "reasoning", false),
        Chunk::ToolCallStart { block, .. } | Chunk::ToolCallDelta { block, .. } => {
            (*block, "tool call", false)
        }
        Chunk::ToolCallEnd { block, .. } => (*block, "tool call", true),
        Chunk::ToolResultStart { block, .. } | Chunk::ToolResult { block, .. } => {
            (*block, "tool result", false)
        }
        Chunk::ImageStart { block, .. } | Chunk::Image { block, .. } => (*block, "image", false),
        Chunk::BlockEnd { block, .. } => (*block, "unknown", true),
        Chunk::Unknown { block: Some(block), .. } => (*block, "unknown", false),
        _ => return None,
    })
}

const fn kind_of(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Text => "text",
        BlockKind::Reasoning | BlockKind::ReasoningRedacted => "reasoning",
        _ => "unknown",
    }
}

fn arguments(input: &ToolInput) -> String {
    let json = serde_json::to_string(input).unwrap_or_default();
    if input.is_usable() { json } else { format!("with arguments that are not JSON: {json}") }
}

/// The members of a chunk's JSON that are not shown by themselves.
fn other_members(chunk: &Chunk) -> (Option<u32>, String) {
    let Ok(Value::Object(mut members)) = serde_json::to_value(chunk) else { return (None, String::new()) };
    members.remove("type");
    let block =
        members.remove("block").and_then(|block| block.as_u64()).and_then(|block| block.try_into().ok());
    let detail = if members.is_empty() { String::new() } else { Value::Object(members).to_string() };
    (block, detail)
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
