use bedrock_stream_core::answer::{BlockKind, Chunk};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::Event;
use serde_json::Value;

/// The effect of a message on the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A content block starts.
    BlockStart { block: u32, kind: &'static str },
    /// A chunk: its name, its block, and its content.
    Chunk { chunk: String, block: Option<u32>, detail: String },
    /// A content block ends.
    BlockStop { block: u32 },
    /// The event was skipped.
    Skipped(String),
    /// The stream failed.
    Error(String),
    /// No chunk, and why.
    NoChunk(String),
}

impl Outcome {
    /// The outcome for a chunk.
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

/// Why an event produced no chunk.
pub(crate) fn no_chunk_reason(event: &Event) -> String {
    match event {
        Event::MessageStop(stop) => {
            let reason =
                stop.stop_reason.as_ref().map_or("no stop reason received", |reason| reason.as_str());
            format!("the message stops, {reason}; its usage may follow")
        }
        Event::Metadata(_) => "no chunk: its content becomes part of `done`".to_owned(),
        Event::ContentBlockStart(_) => "no chunk: this block opens with its first delta".to_owned(),
        Event::ContentBlockStop(_) => "no chunk: no such block is open".to_owned(),
        Event::ContentBlockDelta(_) => "no chunk: the delta is empty".to_owned(),
        _ => "no chunk".to_owned(),
    }
}

/// Why a payload of a dialect other than Converse produced no chunk; `name` is that of its event.
pub(crate) fn no_chunk_reason_of_payload(name: &str) -> String {
    match name {
        "[DONE]" => "no chunk: it ends the stream, but proves nothing by itself",
        "ping" => "no chunk: it keeps the connection open",
        "content_block_start" | "response.output_item.added" | "response.content_part.added" => {
            "no chunk: the block opens with its first delta"
        }
        "message_delta" => "no chunk: its content becomes part of `done`",
        _ => "no chunk",
    }
    .to_owned()
}

/// The type of a chunk, as in its JSON.
pub(crate) fn name(chunk: &Chunk) -> String {
    // A fast path for frequent chunks.
    match chunk {
        Chunk::Text { .. } => "text".to_owned(),
        Chunk::ToolCallDelta { .. } => "tool_call_delta".to_owned(),
        other => match serde_json::to_value(other).map(|mut json| json["type"].take()) {
            Ok(Value::String(name)) => name,
            _ => "chunk".to_owned(),
        },
    }
}

/// The block of a chunk, the kind of block if the chunk determines it, and whether the block ends.
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

/// The block of a chunk, and its other members as JSON.
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
