//! The events of a content block.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::content::{Citation, ImageDelta, ImageFormat, ToolResultDelta, ToolResultStatus};
use crate::json::Blob;

object! {
    /// A content block starts (`ContentBlockStartEvent`). Text and reasoning have no such event.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{ContentBlockStart, Event, ToolUseStart};
    ///
    /// let event = Event::from(ContentBlockStart::new(1, ToolUseStart::new("tooluse_1", "weather")));
    /// assert_eq!(serde_json::to_string(&event)?, concat!(
    ///     r#"{"contentBlockStart":{"contentBlockIndex":1,"#,
    ///     r#""start":{"toolUse":{"toolUseId":"tooluse_1","name":"weather"}}}}"#,
    /// ));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ContentBlockStart: padded {
        /// The block's index, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
        /// What kind of block it is.
        "start" => start: Option<BlockStart>,
    }
}

impl ContentBlockStart {
    /// The start of the block with this index.
    pub fn new(content_block_index: u32, start: impl Into<BlockStart>) -> Self {
        Self { content_block_index: Some(content_block_index), start: Some(start.into()), ..Self::default() }
    }
}

union! {
    /// The kind of a content block (the union `ContentBlockStart`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{BlockStart, ContentBlockStart, ToolUseStart};
    ///
    /// let event = ContentBlockStart::new(1, ToolUseStart::new("tooluse_1", "weather"));
    /// let Some(BlockStart::ToolUse(call)) = event.start else { panic!("it is a tool call") };
    /// assert_eq!(call.name.as_deref(), Some("weather"));
    /// ```
    pub enum BlockStart {
        /// A tool call.
        "toolUse" => ToolUse(ToolUseStart),
        /// The result of a tool that Bedrock ran.
        "toolResult" => ToolResult(ToolResultStart),
        /// An image that the model generates.
        "image" => Image(ImageStart),
    }
}

impl BlockStart {
    /// Whether a tool call or a tool result starts without an id, which later events need.
    pub(crate) fn is_anonymous(&self) -> bool {
        let is_empty = |name: &Option<String>| name.as_ref().is_none_or(String::is_empty);
        match self {
            Self::ToolUse(start) => is_empty(&start.tool_use_id),
            Self::ToolResult(start) => is_empty(&start.tool_use_id),
            _ => false,
        }
    }

    /// The length of the names that a block keeps until it ends, in bytes.
    pub(crate) fn names_len(&self) -> usize {
        let len = |name: &Option<String>| name.as_ref().map_or(0, String::len);
        match self {
            Self::ToolUse(start) => len(&start.tool_use_id) + len(&start.name),
            Self::ToolResult(start) => len(&start.tool_use_id),
            _ => 0,
        }
    }
}

impl From<ToolUseStart> for BlockStart {
    fn from(start: ToolUseStart) -> Self {
        Self::ToolUse(start)
    }
}

impl From<ToolResultStart> for BlockStart {
    fn from(start: ToolResultStart) -> Self {
        Self::ToolResult(start)
    }
}

impl From<ImageStart> for BlockStart {
    fn from(start: ImageStart) -> Self {
        Self::Image(start)
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

impl ToolUseStart {
    /// The start of a call to the tool with this name.
    pub fn new(tool_use_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { tool_use_id: Some(tool_use_id.into()), name: Some(name.into()), ..Self::default() }
    }
}

setters! {
    ToolUseStart {
        /// Sets its kind, if it is not a call to one of the caller's tools.
        kind: impl Into<String>,
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

impl ToolResultStart {
    /// The start of the result for the call with this id.
    pub fn new(tool_use_id: impl Into<String>) -> Self {
        Self { tool_use_id: Some(tool_use_id.into()), ..Self::default() }
    }
}

setters! {
    ToolResultStart {
        /// Sets what kind of result it is.
        kind: impl Into<String>,
        /// Sets whether the tool succeeded.
        status: ToolResultStatus,
    }
}

object! {
    /// An image begins (`ImageBlockStart`).
    pub struct ImageStart {
        /// Its format.
        "format" => format: Option<ImageFormat>,
    }
}

impl ImageStart {
    /// The start of an image with this format.
    #[must_use]
    pub fn new(format: ImageFormat) -> Self {
        Self { format: Some(format), ..Self::default() }
    }
}

object! {
    /// A piece of a content block (`ContentBlockDeltaEvent`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{ContentBlockDelta, Event};
    ///
    /// let event = Event::from(ContentBlockDelta::new(0, "Hello"));
    /// assert_eq!(
    ///     serde_json::to_string(&event)?,
    ///     r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hello"}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ContentBlockDelta: padded {
        /// The block's index, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
        /// The piece.
        "delta" => delta: Option<Delta>,
    }
}

impl ContentBlockDelta {
    /// A piece of the block with this index.
    pub fn new(content_block_index: u32, delta: impl Into<Delta>) -> Self {
        Self { content_block_index: Some(content_block_index), delta: Some(delta.into()), ..Self::default() }
    }

    /// Whether it has neither a block index nor content.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { content_block_index, delta, other } = self;
        let brings_nothing = delta.as_ref().is_none_or(|delta| delta.members().is_empty());
        content_block_index.is_none() && brings_nothing && other.is_empty()
    }

    /// Whether it holds a piece of a tool's arguments.
    pub(crate) fn has_arguments(&self) -> bool {
        self.deltas().iter().any(|delta| matches!(delta, Delta::ToolUse(_)))
    }

    /// The length of the tool arguments in it, in bytes.
    pub(crate) fn arguments_len(&self) -> usize {
        let len = |delta: &Delta| match delta {
            Delta::ToolUse(delta) => delta.input.as_ref().map_or(0, String::len),
            _ => 0,
        };
        self.deltas().iter().map(len).sum()
    }

    /// The members of its delta.
    pub(crate) fn deltas(&self) -> &[Delta] {
        self.delta.as_ref().map_or(&[], Delta::members)
    }
}

union! {
    /// A piece of a content block (the union `ContentBlockDelta`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{Delta, Event};
    ///
    /// let event: Event = serde_json::from_str(
    ///     r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\":"}}}}"#,
    /// )?;
    /// let Event::ContentBlockDelta(event) = event else { panic!("it is a delta") };
    /// let Some(Delta::ToolUse(piece)) = event.delta else { panic!("of a tool call") };
    /// assert_eq!(piece.input.as_deref(), Some(r#"{"city":"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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

macro_rules! from_pieces {
    ($($Piece:ty => $Member:ident,)*) => {$(
        impl From<$Piece> for Delta {
            fn from(piece: $Piece) -> Self {
                Self::$Member(piece.into())
            }
        }
    )*};
}
from_pieces! {
    &str => Text,
    String => Text,
    ToolUseDelta => ToolUse,
    Vec<ToolResultDelta> => ToolResult,
    ReasoningDelta => Reasoning,
    Citation => Citation,
    ImageDelta => Image,
}

object! {
    /// A piece of a tool call's arguments (`ToolUseBlockDelta`).
    pub struct ToolUseDelta {
        /// The next characters of the arguments' JSON text.
        "input" => input: Option<String>,
    }
}

impl ToolUseDelta {
    /// The next characters of the arguments' JSON text.
    pub fn new(input: impl Into<String>) -> Self {
        Self { input: Some(input.into()), ..Self::default() }
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
        /// The block's index, from 0.
        "contentBlockIndex" => content_block_index: Option<u32>,
    }
}

impl ContentBlockStop {
    /// The end of the block with this index.
    #[must_use]
    pub fn new(content_block_index: u32) -> Self {
        Self { content_block_index: Some(content_block_index), ..Self::default() }
    }
}
