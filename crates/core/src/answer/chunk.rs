use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::ser::{SerializeMap, Serializer};

use super::done::Done;
use super::stop_reason::StopReason;
use crate::content::{Citation, ImageDelta, ImageFormat, Role, ToolInput, ToolResultDelta, ToolResultStatus};
use crate::json::{Blob, Json};

/// One piece of an answer, in the form that an application uses. `block` is the index of the content block.
///
/// What a program does with the chunks of an answer:
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Error};
/// use bedrock_stream_core::converse::ChunkDecoder;
///
/// fn show(decoder: &mut ChunkDecoder) -> Result<(), Error> {
///     while let Some(chunk) = decoder.next_chunk()? {
///         match chunk {
///             Chunk::Text { text, .. } => print!("{text}"),
///             // Whole, but perhaps not JSON: `is_usable` says so.
///             Chunk::ToolCallEnd { name, input, .. } => println!("{name}({})", input.as_str()),
///             // The proof that all has arrived.
///             Chunk::Done(done) => println!("\n[{}]", done.stop_reason),
///             // There are more kinds, and later versions may add some.
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// # show(&mut ChunkDecoder::new()).unwrap();
/// ```
///
/// Its JSON is an object with a `type`: the variant's name in snake case. Free-form JSON in it, such as a tool call's
/// arguments, stays as the model wrote it, line breaks included; code that writes JSON lines must remove those.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Chunk {
    /// The message begins.
    #[non_exhaustive]
    Start {
        /// The role of the message: the assistant, unless Bedrock says otherwise.
        role: Role,
    },
    /// A block begins. Tool calls, tool results and images have start chunks of their own instead. This comes just
    /// before the block's first chunk, so an empty block has neither this nor a [`BlockEnd`](Self::BlockEnd).
    #[non_exhaustive]
    BlockStart {
        /// The block.
        block: u32,
        /// The kind of its first piece.
        kind: BlockKind,
    },
    /// A piece of text, never empty.
    #[non_exhaustive]
    Text {
        /// The block.
        block: u32,
        /// The piece.
        text: String,
    },
    /// A piece of reasoning, never empty.
    #[non_exhaustive]
    Reasoning {
        /// The block.
        block: u32,
        /// The piece.
        text: String,
    },
    /// The signature of the block's reasoning, which must be sent back with it.
    #[non_exhaustive]
    ReasoningSignature {
        /// The block.
        block: u32,
        /// The signature, or a piece of it.
        signature: String,
    },
    /// Reasoning that only the provider can read, and which must be sent back.
    #[non_exhaustive]
    ReasoningRedacted {
        /// The block.
        block: u32,
        /// The bytes, or a piece of them; base64 in JSON.
        data: Blob,
    },
    /// A tool call begins.
    #[non_exhaustive]
    ToolCallStart {
        /// The block.
        block: u32,
        /// The call's id, which its result must name.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// `server_tool_use` for a tool that Bedrock runs; other values have been seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
    },
    /// A piece of a tool call's arguments, never empty.
    #[non_exhaustive]
    ToolCallDelta {
        /// The block.
        block: u32,
        /// The call's id.
        id: Arc<str>,
        /// The next characters of the arguments' JSON text.
        arguments_delta: String,
    },
    /// A tool call is finished.
    #[non_exhaustive]
    ToolCallEnd {
        /// The block.
        block: u32,
        /// The call's id.
        id: Arc<str>,
        /// The tool's name.
        name: Arc<str>,
        /// All of its arguments. In JSON, `input_error` is added if they are not usable: `malformed` or `truncated`.
        #[serde(flatten, serialize_with = "serialize_input")]
        input: ToolInput,
    },
    /// The result of a tool that Bedrock ran begins.
    #[non_exhaustive]
    ToolResultStart {
        /// The block.
        block: u32,
        /// The id of the call it answers.
        id: Arc<str>,
        /// What kind of result it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// Whether the tool worked.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<ToolResultStatus>,
    },
    /// Complete parts of a tool's result.
    #[non_exhaustive]
    ToolResult {
        /// The block.
        block: u32,
        /// The id of the call it answers.
        id: Arc<str>,
        /// The parts.
        content: Vec<ToolResultDelta>,
    },
    /// An image begins.
    #[non_exhaustive]
    ImageStart {
        /// The block.
        block: u32,
        /// Its format.
        #[serde(skip_serializing_if = "Option::is_none")]
        format: Option<ImageFormat>,
    },
    /// A piece of an image.
    #[non_exhaustive]
    Image {
        /// The block.
        block: u32,
        /// The piece.
        image: Box<ImageDelta>,
    },
    /// A source for the block's text, which may come before the text.
    #[non_exhaustive]
    Citation {
        /// The block.
        block: u32,
        /// The source.
        citation: Box<Citation>,
    },
    /// A block that is not a tool call is finished.
    #[non_exhaustive]
    BlockEnd {
        /// The block.
        block: u32,
    },
    /// The content is proven complete and every block has ended. Only usage can follow, so an application may act on
    /// the answer now.
    #[non_exhaustive]
    Stop {
        /// Why the model stopped; `Unknown("")` if Bedrock did not say.
        stop_reason: StopReason,
    },
    /// Something that this version does not know: an event, or a member of one that it knows.
    #[non_exhaustive]
    Unknown {
        /// The event's name, if the whole event is unknown.
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<String>,
        /// The member's name, if the event is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        member: Option<String>,
        /// The block, if it belongs to one.
        #[serde(skip_serializing_if = "Option::is_none")]
        block: Option<u32>,
        /// Its value; `null` if the event has no payload.
        value: Json,
    },
    /// The last chunk: the answer is complete, which means that all that the model sent has arrived, and nothing more comes.
    /// Whether the model finished is its [`stop_reason`](Done::stop_reason).
    Done(Box<Done>),
}

/// One constructor per variant, for decoders of other dialects and for tests.
impl Chunk {
    /// The message begins, with this role.
    #[must_use]
    pub const fn start(role: Role) -> Self {
        Self::Start { role }
    }

    /// A block without a start of its own begins.
    #[must_use]
    pub const fn block_start(block: u32, kind: BlockKind) -> Self {
        Self::BlockStart { block, kind }
    }

    /// A piece of text.
    #[must_use]
    pub fn text(block: u32, text: impl Into<String>) -> Self {
        Self::Text { block, text: text.into() }
    }

    /// A piece of reasoning.
    #[must_use]
    pub fn reasoning(block: u32, text: impl Into<String>) -> Self {
        Self::Reasoning { block, text: text.into() }
    }

    /// The signature of the block's reasoning, or a piece of it.
    #[must_use]
    pub fn reasoning_signature(block: u32, signature: impl Into<String>) -> Self {
        Self::ReasoningSignature { block, signature: signature.into() }
    }

    /// Reasoning that only the provider can read.
    #[must_use]
    pub fn reasoning_redacted(block: u32, data: impl Into<Blob>) -> Self {
        Self::ReasoningRedacted { block, data: data.into() }
    }

    /// A tool call begins; `kind` is `None` for a call of the caller's own tool.
    #[must_use]
    pub fn tool_call_start(
        block: u32,
        id: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
        kind: Option<String>,
    ) -> Self {
        Self::ToolCallStart { block, id: id.into(), name: name.into(), kind }
    }

    /// A piece of a tool call's arguments.
    #[must_use]
    pub fn tool_call_delta(block: u32, id: impl Into<Arc<str>>, arguments_delta: impl Into<String>) -> Self {
        Self::ToolCallDelta { block, id: id.into(), arguments_delta: arguments_delta.into() }
    }

    /// A tool call is finished, with these arguments.
    #[must_use]
    pub fn tool_call_end(
        block: u32,
        id: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
        input: impl Into<ToolInput>,
    ) -> Self {
        Self::ToolCallEnd { block, id: id.into(), name: name.into(), input: input.into() }
    }

    /// The result of a tool that Bedrock ran begins.
    #[must_use]
    pub fn tool_result_start(
        block: u32,
        id: impl Into<Arc<str>>,
        kind: Option<String>,
        status: Option<ToolResultStatus>,
    ) -> Self {
        Self::ToolResultStart { block, id: id.into(), kind, status }
    }

    /// Complete parts of a tool's result.
    #[must_use]
    pub fn tool_result(block: u32, id: impl Into<Arc<str>>, content: Vec<ToolResultDelta>) -> Self {
        Self::ToolResult { block, id: id.into(), content }
    }

    /// An image begins.
    #[must_use]
    pub const fn image_start(block: u32, format: Option<ImageFormat>) -> Self {
        Self::ImageStart { block, format }
    }

    /// A piece of an image.
    #[must_use]
    pub fn image(block: u32, image: impl Into<Box<ImageDelta>>) -> Self {
        Self::Image { block, image: image.into() }
    }

    /// A source for the block's text.
    #[must_use]
    pub fn citation(block: u32, citation: impl Into<Box<Citation>>) -> Self {
        Self::Citation { block, citation: citation.into() }
    }

    /// A block that is not a tool call is finished.
    #[must_use]
    pub const fn block_end(block: u32) -> Self {
        Self::BlockEnd { block }
    }

    /// The content is proven complete.
    #[must_use]
    pub const fn stop(stop_reason: StopReason) -> Self {
        Self::Stop { stop_reason }
    }

    /// An event that this version does not know; its `value` is `null` if it has no payload.
    #[must_use]
    pub fn unknown_event(event: impl Into<String>, value: Json) -> Self {
        Self::Unknown { event: Some(event.into()), member: None, block: None, value }
    }

    /// A member that this version does not know of an event that it knows.
    #[must_use]
    pub fn unknown_member(block: Option<u32>, member: impl Into<String>, value: Json) -> Self {
        Self::Unknown { event: None, member: Some(member.into()), block, value }
    }

    /// The last chunk.
    #[must_use]
    pub fn done(done: impl Into<Box<Done>>) -> Self {
        Self::Done(done.into())
    }
}

impl Chunk {
    /// The text to show, if the chunk is a piece of text; `None` for anything else, reasoning included.
    ///
    /// ```
    /// # use bedrock_stream_core::answer::Chunk;
    /// assert_eq!(Chunk::text(0, "Hello").as_text(), Some("Hello"));
    /// ```
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// The kind of a content block that has no start event, known from its first piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BlockKind {
    /// Text, or a citation of the text to come.
    Text,
    /// Reasoning, or its signature.
    Reasoning,
    /// Reasoning that only the provider can read.
    ReasoningRedacted,
    /// Something that this version does not know.
    Unknown,
}

/// A call's `input`, and `input_error` if it is not usable.
fn serialize_input<S: Serializer>(input: &ToolInput, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("input", input)?;
    match input {
        ToolInput::Malformed { .. } => map.serialize_entry("input_error", "malformed")?,
        ToolInput::Truncated { .. } => map.serialize_entry("input_error", "truncated")?,
        ToolInput::Json(_) | ToolInput::Empty | ToolInput::Text { .. } => {}
    }
    map.end()
}
