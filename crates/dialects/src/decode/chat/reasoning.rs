use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::BlockKind;
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_core::object;

use super::reasoning_tags::ReasoningTags;
use crate::decode::chunk_writer::ChunkWriter;

object! {
    /// A piece of reasoning, with the data that must be sent back with it (OpenRouter's `reasoning_details`).
    struct ReasoningDetail {
        /// `reasoning.text`, `reasoning.summary` or `reasoning.encrypted`.
        "type" => kind: Option<String>,
        /// A piece of the reasoning.
        "text" => text: Option<String>,
        /// A piece of the reasoning's summary.
        "summary" => summary: Option<String>,
        /// Reasoning that only its provider can read.
        "data" => data: Option<String>,
        /// The signature of the reasoning so far.
        "signature" => signature: Option<String>,
        /// The provider's format.
        "format" => format: Option<Json>,
        /// The item's number.
        "index" => index: Option<Json>,
        /// The item's id.
        "id" => id: Option<Json>,
    }
}

object! {
    /// An object with text.
    struct TextObject {
        /// The text.
        "text" => text: Option<String>,
    }
}

/// A delta's reasoning. Servers use several names for it, some of them two at once.
pub(super) struct Reasoning {
    pub(super) reasoning: Option<Json>,
    pub(super) reasoning_content: Option<Json>,
    pub(super) reasoning_details: Option<Json>,
}

impl Reasoning {
    /// Writes it. The same text in several members counts as one piece.
    pub(super) fn write(self, tags: &mut ReasoningTags, chunks: &mut ChunkWriter) {
        let reasoning = text_of("reasoning", self.reasoning, chunks);
        let content = text_of("reasoning_content", self.reasoning_content, chunks);
        let details = self.reasoning_details.map_or_else(Vec::new, |json| details_of(json, chunks));
        let detailed: String = details.iter().filter_map(ReasoningDetail::piece).collect();
        let is_empty =
            reasoning.is_empty() && content.is_empty() && details.iter().all(ReasoningDetail::is_empty);
        if !is_empty {
            tags.flush(chunks);
        }
        if content != reasoning && content != detailed {
            chunks.reasoning(content);
        }
        if reasoning != detailed {
            chunks.reasoning(reasoning);
        }
        details.into_iter().for_each(|detail| detail.write(chunks));
    }
}

impl ReasoningDetail {
    fn is_empty(&self) -> bool {
        let texts = [&self.text, &self.summary, &self.data, &self.signature];
        texts.into_iter().flatten().all(String::is_empty)
    }

    fn piece(&self) -> Option<&str> {
        self.text.as_deref().or(self.summary.as_deref())
    }

    fn write(self, chunks: &mut ChunkWriter) {
        chunks.reasoning(self.text.or(self.summary).unwrap_or_default());
        if let Some(signature) = self.signature.filter(|signature| !signature.is_empty()) {
            let block = chunks.counted(BlockKind::Reasoning);
            chunks.signature_in(block, signature);
        }
        if let Some(data) = self.data.filter(|data| !data.is_empty()) {
            // Each item is complete, so it becomes a block of its own. It may not be base64, so its text is kept.
            let block = chunks.new_block();
            chunks.redacted_in(block, Blob(data.into_bytes()));
            chunks.end_block(block);
        }
        chunks.unknown_members(self.other);
    }
}

/// The items of a list; anything else is written as unknown.
fn details_of(json: Json, chunks: &mut ChunkWriter) -> Vec<ReasoningDetail> {
    let Ok(items) = json.parse::<Vec<Json>>() else {
        chunks.unknown_member(None, "reasoning_details".into(), json);
        return Vec::new();
    };
    let mut details = Vec::new();
    for item in items.into_iter().filter(|item| *item != Json::default()) {
        match item.parse::<ReasoningDetail>() {
            Ok(detail) if detail.kind.as_deref().is_none_or(is_known) => details.push(detail),
            _ => chunks.unknown_member(None, "reasoning_details".into(), item),
        }
    }
    details
}

fn is_known(kind: &str) -> bool {
    matches!(kind, "reasoning.text" | "reasoning.summary" | "reasoning.encrypted")
}

/// A string, or the text of an object; anything else is written as unknown.
fn text_of(name: &str, json: Option<Json>, chunks: &mut ChunkWriter) -> String {
    let Some(json) = json else { return String::new() };
    let text = super::content::string(&json)
        .or_else(|| json.parse::<TextObject>().ok().filter(|object| object.other.is_empty())?.text);
    text.unwrap_or_else(|| {
        chunks.unknown_member(None, name.into(), json);
        String::new()
    })
}
