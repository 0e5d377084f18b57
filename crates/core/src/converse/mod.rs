//! Bedrock's ConverseStream: messages to [`Event`]s, events to [`Chunk`]s, chunks to a [`Response`], and the [`Request`]
//! that asks for it.
//!
//! Three layers, each usable alone:
//!
//! 1. [`Event::decode`] reads what one message says: every member, also those that this version does not know.
//! 2. [`Chunker`] turns events into what an application wants, and holds every rule about their order.
//! 3. [`ChunkDecoder`] is a [`Decoder`](crate::frame::Decoder) and both of these: bytes in, chunks out. Transports hold
//!    one.
//!
//! [`Chunk::Done`] is the proof that an answer is complete. A stream that ends without it ends in an error.
//!
//! Source: the Amazon Bedrock Runtime API, `ConverseStream`.

#[macro_use]
mod wire;
mod blob;
mod block_events;
mod chunk;
mod chunk_decoder;
mod chunk_queue;
mod chunker;
mod citation;
mod delta_scan;
mod error;
mod event;
mod event_encoder;
mod exception;
mod fields;
mod image;
mod incomplete;
mod json;
mod live_input;
mod message_events;
mod metadata;
mod open_block;
mod request;
mod response;
mod response_builder;
mod spoiled;
mod stop_reason;
mod tool_input;
mod usage;

pub use blob::Blob;
pub use block_events::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, ImageStart, ReasoningDelta,
    ToolResultStart, ToolUseDelta, ToolUseStart,
};
pub use chunk::{BlockKind, Chunk, Done, Tail};
pub use chunk_decoder::ChunkDecoder;
pub use chunker::Chunker;
pub use citation::{
    Citation, CitationLocation, CitationSourceContent, DocumentLocation, SearchResultLocation, WebLocation,
};
pub use error::Error;
pub use event::{ErrorMessage, Event, UnknownEvent};
pub use event_encoder::{EncodeEventError, EventEncoder};
pub use exception::Exception;
pub use fields::{Fields, Iter, Member};
pub use image::{ImageDelta, ImageFormat, MediaError, MediaSource, S3Location};
pub use incomplete::{Incomplete, Position};
pub use json::Json;
pub use live_input::LiveInput;
pub use message_events::{MessageStart, MessageStop};
pub use metadata::{
    GuardrailTrace, Latency, Metadata, Metrics, PerformanceConfig, PromptRouterTrace, ServiceTier,
    ServiceTierType, Trace,
};
pub use request::{
    AnyToolChoice, AudioBlock, AudioFormat, AutoToolChoice, CachePointBlock, CachePointType, CacheTtl,
    CitationGeneratedContent, CitationsBlock, CitationsConfig, ContentBlock, DocumentBlock, DocumentContent,
    DocumentFormat, DocumentSource, Effort, Finding, GuardContent, GuardImage, GuardImageFormat,
    GuardImageSource, GuardQualifier, GuardText, GuardrailConfig, GuardrailTraceMode, ImageBlock,
    InferenceConfig, JsonSchema, Message, OutputConfig, OutputFormat, OutputFormatStructure,
    OutputFormatType, PromptVariable, Reason, ReasoningBlock, ReasoningText, Request, Role,
    SearchResultBlock, SearchResultContent, SpecificToolChoice, StreamProcessingMode, SystemBlock,
    SystemTool, Tool, ToolAdditionBlock, ToolChoice, ToolConfig, ToolInputSchema, ToolReference,
    ToolRemovalBlock, ToolResultBlock, ToolResultContent, ToolResultDelta, ToolResultStatus, ToolSpec,
    ToolUseBlock, VideoBlock, VideoFormat,
};
pub use response::{IntoMessageError, Output, Response, UnusableToolInput};
pub use response_builder::ResponseBuilder;
pub use spoiled::{Misplaced, SpoiledEvent};
pub use stop_reason::StopReason;
pub use tool_input::ToolInput;
pub use usage::{CacheDetail, NormalizedUsage, Usage};
