//! The events of a content block.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::content::{Citation, ImageDelta, ImageFormat, ToolResultDelta, ToolResultStatus};
use crate::json::Blob;

object! {
    /// A content block starts (`ContentBlockStartEvent`). Text and reasoning have no such event.
    pub struct ContentBlockStart: padded {
        /// Which block, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
        /// What it is.
        "start" => start: Option<BlockStart>,
    }
}

union! {
    /// What a content block is (the union `ContentBlockStart`).
    pub enum BlockStart {
        /// A tool call.
        "toolUse" => ToolUse(ToolUseStart),
        /// The result of a tool that Bedrock ran.
        "toolResult" => ToolResult(ToolResultStart),
        /// An image that the model generates.
        "image" => Image(ImageStart),
    }
}

object! {
    /// A tool call begins (`ToolUseBlockStart`).
    pub struct ToolUseStart {
        /// The call's id, which its result must name.
        "toolUseId" => tool_use_id: Option<String>,
        /// The tool's name.
        "name" => name: Option<String>,
        /// `server_tool_use` for a tool that Bedrock runs; other values have been seen.
        "type" => kind: Option<String>,
    }
}

object! {
    /// A tool's result begins (`ToolResultBlockStart`).
    pub struct ToolResultStart {
        /// The id of the call it answers.
        "toolUseId" => tool_use_id: Option<String>,
        /// What kind of result it is, such as `nova_grounding_result`.
        "type" => kind: Option<String>,
        /// Whether the tool succeeded.
        "status" => status: Option<ToolResultStatus>,
    }
}

object! {
    /// An image begins (`ImageBlockStart`).
    pub struct ImageStart {
        /// Its format.
        "format" => format: Option<ImageFormat>,
    }
}

object! {
    /// A piece of a content block (`ContentBlockDeltaEvent`).
    pub struct ContentBlockDelta: padded {
        /// Which block, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
        /// The piece.
        "delta" => delta: Option<Delta>,
    }
}

impl ContentBlockDelta {
    /// Whether it has neither an index nor content.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { content_block_index, delta, other } = self;
        let brings_nothing = delta.as_ref().is_none_or(|delta| delta.members().is_empty());
        content_block_index.is_none() && brings_nothing && other.is_empty()
    }
}

union! {
    /// A piece of a content block (the union `ContentBlockDelta`).
    pub enum Delta {
        /// Text.
        "text" => Text(String),
        /// A piece of a tool call's arguments.
        "toolUse" => ToolUse(ToolUseDelta),
        /// Pieces of a tool's result.
        "toolResult" => ToolResult(Vec<ToolResultDelta>),
        /// Reasoning.
        "reasoningContent" => Reasoning(ReasoningDelta),
        /// A source for the block's text.
        "citation" => Citation(Box<Citation>),
        /// A piece of an image.
        "image" => Image(Box<ImageDelta>),
    }
}

object! {
    /// A piece of a tool call's arguments (`ToolUseBlockDelta`).
    pub struct ToolUseDelta {
        /// The next characters of the arguments' JSON text.
        "input" => input: Option<String>,
    }
}

union! {
    /// A piece of reasoning (`ReasoningContentBlockDelta`).
    pub enum ReasoningDelta {
        /// Text.
        "text" => Text(String),
        /// The signature that proves the text when it is sent back.
        "signature" => Signature(String),
        /// Reasoning that only the provider can read.
        "redactedContent" => RedactedContent(Blob),
    }
}

object! {
    /// A content block ends (`ContentBlockStopEvent`).
    pub struct ContentBlockStop: padded {
        /// Which block, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
    }
}
