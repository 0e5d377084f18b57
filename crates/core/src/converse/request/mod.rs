//! The request, its content, and what Bedrock is known to refuse.
//!
//! Members that the API requires are plain and always written; the others are `Option`. Source: the Amazon Bedrock
//! Runtime API, `ConverseStream`, request body.

mod body;
mod builder;
pub(super) mod cache_point;
mod citations;
mod content_block;
mod document;
mod guard_content;
mod guardrail_config;
mod inference_config;
mod lint;
mod media;
pub(super) mod message;
mod output_config;
mod prompt_variable;
mod reasoning;
mod search_result;
mod system_block;
mod tool_change;
mod tool_choice;
mod tool_config;
pub(super) mod tool_result;
mod tool_use;

pub use body::Request;
pub use cache_point::{CachePointBlock, CachePointType, CacheTtl};
pub use citations::{CitationGeneratedContent, CitationsBlock};
pub use content_block::ContentBlock;
pub use document::{CitationsConfig, DocumentBlock, DocumentContent, DocumentFormat, DocumentSource};
pub use guard_content::{
    GuardContent, GuardImage, GuardImageFormat, GuardImageSource, GuardQualifier, GuardText,
};
pub use guardrail_config::{GuardrailConfig, GuardrailTraceMode, StreamProcessingMode};
pub use inference_config::InferenceConfig;
pub use lint::{Finding, Reason};
pub use media::{AudioBlock, AudioFormat, ImageBlock, VideoBlock, VideoFormat};
pub use message::{Message, Role};
pub use output_config::{
    Effort, JsonSchema, OutputConfig, OutputFormat, OutputFormatStructure, OutputFormatType,
};
pub use prompt_variable::PromptVariable;
pub use reasoning::{ReasoningBlock, ReasoningText};
pub use search_result::{SearchResultBlock, SearchResultContent};
pub use system_block::SystemBlock;
pub use tool_change::{ToolAdditionBlock, ToolReference, ToolRemovalBlock};
pub use tool_choice::{AnyToolChoice, AutoToolChoice, SpecificToolChoice, ToolChoice};
pub use tool_config::{SystemTool, Tool, ToolConfig, ToolInputSchema, ToolSpec};
pub use tool_result::{ToolResultBlock, ToolResultContent, ToolResultDelta, ToolResultStatus};
pub use tool_use::ToolUseBlock;
