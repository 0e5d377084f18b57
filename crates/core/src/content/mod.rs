//! The content of a conversation: messages, their content blocks, and the parts of those.
//!
//! Members that the API requires are plain and always written; the others are `Option`. Source: the Amazon Bedrock
//! Runtime API, `Message` and `ContentBlock`.

mod cache_point;
mod citation;
mod citations;
mod content_block;
mod document;
mod guard_content;
mod image;
mod media;
mod media_source;
mod message;
mod reasoning;
mod search_result;
mod tool_change;
mod tool_input;
mod tool_result;
mod tool_use;

pub use cache_point::{CachePointBlock, CachePointType, CacheTtl};
pub use citation::{
    Citation, CitationLocation, CitationSourceContent, DocumentLocation, SearchResultLocation, WebLocation,
};
pub use citations::{CitationGeneratedContent, CitationsBlock};
pub use content_block::ContentBlock;
pub use document::{CitationsConfig, DocumentBlock, DocumentContent, DocumentFormat, DocumentSource};
pub use guard_content::{
    GuardContent, GuardImage, GuardImageFormat, GuardImageSource, GuardQualifier, GuardText,
};
pub use image::{ImageBlock, ImageError, ImageFormat};
pub use media::{AudioBlock, AudioFormat, VideoBlock, VideoFormat};
pub use media_source::{ImageDelta, MediaError, MediaSource, S3Location};
pub use message::{Message, Role};
pub use reasoning::{ReasoningBlock, ReasoningText};
pub use search_result::{SearchResultBlock, SearchResultContent};
pub use tool_change::{ToolAdditionBlock, ToolReference, ToolRemovalBlock};
pub use tool_input::ToolInput;
pub use tool_result::{ToolResultBlock, ToolResultContent, ToolResultDelta, ToolResultStatus};
pub(crate) use tool_use::CUSTOM_TOOL_CALL;
pub use tool_use::ToolUseBlock;
