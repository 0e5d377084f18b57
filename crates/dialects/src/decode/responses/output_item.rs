use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use super::event::Skipped;
use crate::decode::members::shape_of;

object! {
    /// An item of a response's output: a message, reasoning, a call, or the activity of a tool that the service runs.
    ///
    /// Source: the union `ResponseOutputItem` of OpenAI's API.
    pub(super) struct OutputItem {
        /// Its type.
        "type" => kind: Option<String>,
        /// Its own id, which later events may not repeat.
        "id" => id: Skipped,
        /// The role: always the assistant.
        "role" => role: Skipped,
        /// `in_progress`, `completed` or `incomplete`.
        "status" => status: Option<String>,
        /// The id of a call, which its result must name.
        "call_id" => call_id: Option<String>,
        /// The tool's name.
        "name" => name: Option<String>,
        /// A function's arguments: JSON as text.
        "arguments" => arguments: Option<String>,
        /// A custom tool's input: free text.
        "input" => input: Option<String>,
        /// The parts of a message, or of reasoning.
        "content" => content: Option<Vec<Json>>,
        /// The parts of a reasoning summary.
        "summary" => summary: Option<Vec<Json>>,
        /// Reasoning that only the provider can read.
        "encrypted_content" => encrypted_content: Option<String>,
    }
}

object! {
    /// A part of a message or of reasoning.
    pub(super) struct ContentPart {
        /// Its type.
        "type" => kind: Option<String>,
        /// Its text.
        "text" => text: Option<String>,
        /// The text of a refusal.
        "refusal" => refusal: Option<String>,
        /// The sources that the text cites.
        "annotations" => annotations: Option<Vec<Json>>,
        /// The probabilities of the text's tokens.
        "logprobs" => logprobs: Option<Vec<Json>>,
    }
}

/// The kind of an item, as far as its blocks depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// Text and refusals.
    Message,
    /// Reasoning, in any parts.
    Reasoning,
    /// A call to one of the caller's functions.
    FunctionCall,
    /// A call to one of the caller's custom tools, which accept free text.
    CustomToolCall,
    /// Anything else, which is kept as unknown data.
    Other,
}

impl From<&OutputItem> for ItemKind {
    fn from(item: &OutputItem) -> Self {
        match item.kind.as_deref() {
            Some("message") => Self::Message,
            Some("reasoning") => Self::Reasoning,
            Some("function_call") => Self::FunctionCall,
            Some("custom_tool_call") => Self::CustomToolCall,
            _ => Self::Other,
        }
    }
}

impl ItemKind {
    pub(super) const fn is_call(self) -> bool {
        matches!(self, Self::FunctionCall | Self::CustomToolCall)
    }
}

object! {
    /// The type of any item, whatever the types of its other members.
    struct TypedItem {
        /// The type.
        "type" => kind: Option<String>,
    }
}

impl OutputItem {
    /// Reads an item. The members of an item that is kept as unknown data may have any type.
    pub(super) fn read(json: &Json) -> Result<Self, serde_json::Error> {
        shape_of(json).or_else(|error| {
            let TypedItem { kind, .. } = shape_of(json)?;
            let item = Self { kind, ..Self::default() };
            if ItemKind::from(&item) == ItemKind::Other { Ok(item) } else { Err(error) }
        })
    }

    /// The whole input of a call, if it has one.
    pub(super) fn input(&self) -> Option<&str> {
        match ItemKind::from(self) {
            ItemKind::CustomToolCall => self.input.as_deref(),
            _ => self.arguments.as_deref(),
        }
    }

    /// Its parts, summaries first.
    pub(super) fn parts(&self) -> impl Iterator<Item = (PartKey, &Json)> {
        keyed(self.summary.as_deref(), PartKey::Summary)
            .chain(keyed(self.content.as_deref(), PartKey::Content))
    }
}

fn keyed(parts: Option<&[Json]>, key: fn(u32) -> PartKey) -> impl Iterator<Item = (PartKey, &Json)> {
    (0..).map(key).zip(parts.unwrap_or_default())
}

impl ContentPart {
    /// Whether it is a kind of part that has text.
    pub(super) fn is_known(&self) -> bool {
        matches!(
            self.kind.as_deref(),
            Some("refusal" | "output_text" | "text" | "reasoning_text" | "summary_text")
        )
    }

    /// Its text, or the text of its refusal; `None` if it is another kind of part.
    pub(super) fn words(&self) -> Option<&str> {
        match self.kind.as_deref() {
            Some("refusal") => self.refusal.as_deref(),
            Some("output_text" | "text" | "reasoning_text" | "summary_text") => self.text.as_deref(),
            _ => None,
        }
    }
}

/// Identifies a part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartKey {
    /// By `summary_index`.
    Summary(u32),
    /// By `content_index`.
    Content(u32),
}
