use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bedrock_stream_core::json::Json;
use bedrock_stream_core::{object, open_json_by_serde};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor};
use serde::ser::{Serialize, Serializer};

use super::response_object::ResponseObject;

object! {
    /// All events that this decoder reads, as one object with the members of all of them.
    pub(super) struct ResponsesEvent {
        /// The type of the event.
        "type" => kind: EventType,
        /// The number of the event, one more than that of the previous event.
        "sequence_number" => sequence_number: Option<Json>,
        /// The index of the item in the response.
        "output_index" => output_index: Option<u32>,
        /// The index of the part of a message, or of an item's reasoning text.
        "content_index" => content_index: Option<u32>,
        /// The index of the part of an item's reasoning summary.
        "summary_index" => summary_index: Option<u32>,
        /// The index of a part's annotation.
        "annotation_index" => annotation_index: Option<u32>,
        /// The item's id. It may change within an item, so items are identified by their index.
        "item_id" => item_id: Skipped,
        /// The next piece of a text, of arguments or of a tool's input.
        "delta" => delta: Option<String>,
        /// A whole text.
        "text" => text: Option<String>,
        /// A whole refusal.
        "refusal" => refusal: Option<String>,
        /// A function's whole arguments.
        "arguments" => arguments: Option<String>,
        /// A custom tool's whole input.
        "input" => input: Option<String>,
        /// The function's name, which is also in its item.
        "name" => name: Skipped,
        /// The status of a part, which is also in its item.
        "status" => status: Skipped,
        /// The item.
        "item" => item: Option<Json>,
        /// The part.
        "part" => part: Option<Json>,
        /// A source that the text cites.
        "annotation" => annotation: Option<Json>,
        /// The probabilities of a text's tokens.
        "logprobs" => logprobs: Option<Vec<Json>>,
        /// The response so far.
        "response" => response: Option<ResponseObject>,
        /// What went wrong.
        "error" => error: Option<Json>,
        /// Padding, which hides the length of the text.
        "obfuscation" => obfuscation: Skipped,
    }
}

/// The type of an event: the value of `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventType {
    Created,
    Queued,
    InProgress,
    Completed,
    Incomplete,
    Failed,
    Cancelled,
    Error,
    OutputItemAdded,
    OutputItemDone,
    ContentPartAdded,
    ContentPartDone,
    OutputTextDelta,
    OutputTextDone,
    AnnotationAdded,
    RefusalDelta,
    RefusalDone,
    ReasoningSummaryPartAdded,
    ReasoningSummaryPartDone,
    ReasoningSummaryTextDelta,
    ReasoningSummaryTextDone,
    ReasoningTextDelta,
    ReasoningTextDone,
    FunctionCallArgumentsDelta,
    FunctionCallArgumentsDone,
    CustomToolCallInputDelta,
    CustomToolCallInputDone,
    /// Any other type, or none: the event is kept as unknown data.
    Unknown(String),
}

impl EventType {
    /// The name as sent.
    fn as_str(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            known => NAMES.iter().find(|(_, kind)| kind == known).map_or("", |(name, _)| name),
        }
    }
}

/// The types that are read, by name. All others are kept as unknown data: the progress of tools that the service itself
/// runs, and audio.
static NAMES: [(&str, EventType); 27] = [
    ("response.created", EventType::Created),
    ("response.queued", EventType::Queued),
    ("response.in_progress", EventType::InProgress),
    ("response.completed", EventType::Completed),
    ("response.incomplete", EventType::Incomplete),
    ("response.failed", EventType::Failed),
    ("response.cancelled", EventType::Cancelled),
    ("error", EventType::Error),
    ("response.output_item.added", EventType::OutputItemAdded),
    ("response.output_item.done", EventType::OutputItemDone),
    ("response.content_part.added", EventType::ContentPartAdded),
    ("response.content_part.done", EventType::ContentPartDone),
    ("response.output_text.delta", EventType::OutputTextDelta),
    ("response.output_text.done", EventType::OutputTextDone),
    ("response.output_text.annotation.added", EventType::AnnotationAdded),
    ("response.refusal.delta", EventType::RefusalDelta),
    ("response.refusal.done", EventType::RefusalDone),
    ("response.reasoning_summary_part.added", EventType::ReasoningSummaryPartAdded),
    ("response.reasoning_summary_part.done", EventType::ReasoningSummaryPartDone),
    ("response.reasoning_summary_text.delta", EventType::ReasoningSummaryTextDelta),
    ("response.reasoning_summary_text.done", EventType::ReasoningSummaryTextDone),
    ("response.reasoning_text.delta", EventType::ReasoningTextDelta),
    ("response.reasoning_text.done", EventType::ReasoningTextDone),
    ("response.function_call_arguments.delta", EventType::FunctionCallArgumentsDelta),
    ("response.function_call_arguments.done", EventType::FunctionCallArgumentsDone),
    ("response.custom_tool_call_input.delta", EventType::CustomToolCallInputDelta),
    ("response.custom_tool_call_input.done", EventType::CustomToolCallInputDone),
];

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| Self::Unknown(name.to_owned()), |(_, kind)| kind.clone())
    }
}

/// No type.
impl Default for EventType {
    fn default() -> Self {
        Self::Unknown(String::new())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = EventType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the type of an event")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<EventType, E> {
                Ok(name.into())
            }
        }
        deserializer.deserialize_str(Name)
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

open_json_by_serde!(EventType, heap => |kind| kind.as_str().len());

/// A member that is ignored, whatever its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for Skipped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

open_json_by_serde!(Skipped, heap => |_| 0);

object! {
    /// The type of any event, whatever the types of its other members.
    pub(super) struct TypedEvent {
        /// The type.
        "type" => kind: EventType,
        /// What went wrong.
        "error" => error: Option<Json>,
        /// The number of the event.
        "sequence_number" => sequence_number: Option<Json>,
    }
}

#[cfg(test)]
mod tests {
    use super::{EventType, NAMES};

    /// The types of the official Python SDK's union `ResponseStreamEvent` (openai 3.57.0) that are deliberately kept as
    /// unknown data. `interop/responses_events.py` compares them with the newest SDK.
    const KEPT_AS_UNKNOWN: [&str; 33] = [
        "response.audio.delta",
        "response.audio.done",
        "response.audio.transcript.delta",
        "response.audio.transcript.done",
        "response.code_interpreter_call_code.delta",
        "response.code_interpreter_call_code.done",
        "response.code_interpreter_call.completed",
        "response.code_interpreter_call.in_progress",
        "response.code_interpreter_call.interpreting",
        "response.compaction.compacting",
        "response.file_search_call.completed",
        "response.file_search_call.in_progress",
        "response.file_search_call.searching",
        "response.shell_call_command.added",
        "response.shell_call_command.delta",
        "response.shell_call_command.done",
        "response.shell_call_output_content.delta",
        "response.shell_call_output_content.done",
        "response.web_search_call.completed",
        "response.web_search_call.in_progress",
        "response.web_search_call.searching",
        "response.image_generation_call.completed",
        "response.image_generation_call.generating",
        "response.image_generation_call.in_progress",
        "response.image_generation_call.partial_image",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.completed",
        "response.mcp_call.failed",
        "response.mcp_call.in_progress",
        "response.mcp_list_tools.completed",
        "response.mcp_list_tools.failed",
        "response.mcp_list_tools.in_progress",
    ];

    #[test]
    fn every_type_of_the_sdk_is_read_or_kept() {
        for (name, kind) in &NAMES {
            assert_eq!(EventType::from(*name), *kind);
            assert_eq!(kind.as_str(), *name);
        }
        for name in KEPT_AS_UNKNOWN {
            assert_eq!(EventType::from(name), EventType::Unknown(name.into()));
        }
        // The union has 59 types, and `response.cancelled` is not one of them.
        assert_eq!(NAMES.len() - 1 + KEPT_AS_UNKNOWN.len(), 59);
    }
}
