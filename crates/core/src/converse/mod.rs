//! Bedrock's ConverseStream: messages to [`Event`]s, events to [`Chunk`](crate::answer::Chunk)s, and the [`Request`]
//! type.
//!
//! Three layers, each usable alone:
//!
//! 1. [`Event::decode`] reads one message: every member, even those that this version does not know.
//! 2. [`Chunker`] turns events into chunks for applications, and contains every rule about their order.
//! 3. [`ChunkDecoder`] combines a [`Decoder`](crate::frame::Decoder) with both of these: bytes in, chunks out.
//!    Transports use this one.
//!
//! Source: the Amazon Bedrock Runtime API, `ConverseStream`.

mod decode;
mod event;
mod request;

pub use decode::{ChunkDecoder, Chunker};
pub use event::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, EncodeEventError, Event,
    EventEncoder, ImageStart, MessageStart, MessageStop, Metadata, ReasoningDelta, ToolResultStart,
    ToolUseDelta, ToolUseStart, UnknownEvent,
};
// For the decoders of other dialects; not part of the public interface.
#[doc(hidden)]
pub use event::{PADDING, TextDelta, TextDeltaKind};
pub use request::{
    AnyToolChoice, AutoToolChoice, Constraint, ConstraintViolation, Effort, GuardrailConfig,
    GuardrailTraceMode, InferenceConfig, JsonSchema, OutputConfig, OutputFormat, OutputFormatStructure,
    OutputFormatType, PromptVariable, Request, SpecificToolChoice, StreamProcessingMode, SystemBlock,
    SystemTool, Tool, ToolChoice, ToolConfig, ToolInputSchema, ToolSpec,
};
