//! The request, and what Bedrock is known to refuse.
//!
//! Members that the API requires are plain and always written; the others are `Option`. Source: the Amazon Bedrock
//! Runtime API, `ConverseStream`, request body.

mod builder;
mod guardrail_config;
mod inference_config;
mod lint;
mod output_config;
mod prompt_variable;
mod request;
#[cfg(feature = "schemars")]
mod schema;
#[cfg(feature = "schemars")]
mod strict_schema;
mod system_block;
mod tool_choice;
mod tool_config;

pub use guardrail_config::{GuardrailConfig, GuardrailTraceMode, StreamProcessingMode};
pub use inference_config::InferenceConfig;
pub use lint::{Constraint, ConstraintViolation};
pub use output_config::{
    Effort, JsonSchema, OutputConfig, OutputFormat, OutputFormatStructure, OutputFormatType,
};
pub use prompt_variable::PromptVariable;
pub use request::Request;
pub use system_block::SystemBlock;
pub use tool_choice::{AnyToolChoice, AutoToolChoice, SpecificToolChoice, ToolChoice};
pub use tool_config::{SystemTool, Tool, ToolConfig, ToolInputSchema, ToolSpec};
