use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::BlockKind;
use bedrock_stream_core::json::{Json, Lenient};
use bedrock_stream_core::object;

use super::reasoning_tags::ReasoningTags;
use crate::decode::chunk_writer::ChunkWriter;

object! {
    /// A part of a list-valued content.
    struct ContentPart {
        /// `text`, `refusal` or `thinking`.
        "type" => kind: Option<String>,
        /// The text.
        "text" => text: Option<String>,
        /// The text of a refusal.
        "refusal" => refusal: Option<String>,
        /// Reasoning: a text, or a list of text parts.
        "thinking" => thinking: Option<Json>,
        /// The signature of the reasoning.
        "signature" => signature: Option<String>,
        /// Whether the reasoning ends here.
        "closed" => closed: Option<Json>,
    }
}

/// The text of a JSON string.
pub(super) fn string(json: &Json) -> Option<String> {
    json.parse::<Lenient<String>>().ok().map(|Lenient(text)| text)
}

/// Writes a delta's content: text, which may contain reasoning between tags, or a list of parts.
pub(super) fn write(content: Json, tags: &mut ReasoningTags, chunks: &mut ChunkWriter) {
    if let Some(text) = string(&content) {
        tags.read(&text, chunks);
    } else if let Ok(parts) = content.parse::<Vec<Json>>() {
        let parts = parts.into_iter().filter(|part| *part != Json::default());
        parts.for_each(|part| write_part(part, tags, chunks));
    } else {
        chunks.unknown_member(None, "content".into(), content);
    }
}

fn write_part(json: Json, tags: &mut ReasoningTags, chunks: &mut ChunkWriter) {
    let part: ContentPart = json.parse().unwrap_or_default();
    match part.kind.as_deref() {
        Some("text") => tags.read(&part.text.unwrap_or_default(), chunks),
        Some("refusal") => {
            tags.flush(chunks);
            chunks.text(part.refusal.unwrap_or_default());
        }
        Some("thinking") => {
            tags.flush(chunks);
            write_thinking(part.thinking.unwrap_or_default(), chunks);
            if let Some(signature) = part.signature.filter(|signature| !signature.is_empty()) {
                let block = chunks.counted(BlockKind::Reasoning);
                chunks.signature_in(block, signature);
            }
        }
        _ => return chunks.unknown_member(None, "content".into(), json),
    }
    chunks.unknown_members(part.other);
}

fn write_thinking(thinking: Json, chunks: &mut ChunkWriter) {
    if let Some(text) = string(&thinking) {
        return chunks.reasoning(text);
    }
    for item in thinking.parse::<Vec<Json>>().unwrap_or_default() {
        match item.parse::<ContentPart>() {
            Ok(ContentPart { kind: Some(kind), text: Some(text), .. }) if kind == "text" => {
                chunks.reasoning(text);
            }
            _ => chunks.unknown_member(None, "thinking".into(), item),
        }
    }
}
