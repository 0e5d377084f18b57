use alloc::string::String;
use alloc::vec::Vec;

use super::tool_choice::ToolChoice;
use crate::content::CachePointBlock;
use crate::json::Json;

object! {
    /// The tools that the model may call (`ToolConfiguration`).
    pub struct ToolConfig {
        /// The tools.
        "tools" => tools: Vec<Tool>,
        /// Whether it must call one, and which.
        "toolChoice" => tool_choice: Option<ToolChoice>,
    }
}

impl ToolConfig {
    /// These tools.
    pub fn new<T: Into<Tool>>(tools: impl IntoIterator<Item = T>) -> Self {
        Self { tools: tools.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a tool, or a cache point after those added so far.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tools.push(tool.into());
        self
    }
}

setters! {
    ToolConfig {
        /// Says whether the model must call a tool, and which.
        tool_choice: ToolChoice,
    }
}

union! {
    /// A tool, or a cache point between tools.
    pub enum Tool {
        /// A tool of the caller's.
        "toolSpec" => Spec(ToolSpec),
        /// A tool that runs at Bedrock's side.
        "systemTool" => System(SystemTool),
        /// What stands before it may be cached.
        "cachePoint" => CachePoint(CachePointBlock),
    }
}

impl From<ToolSpec> for Tool {
    fn from(tool: ToolSpec) -> Self {
        Self::Spec(tool)
    }
}

impl From<SystemTool> for Tool {
    fn from(tool: SystemTool) -> Self {
        Self::System(tool)
    }
}

impl From<CachePointBlock> for Tool {
    fn from(cache_point: CachePointBlock) -> Self {
        Self::CachePoint(cache_point)
    }
}

object! {
    /// A tool of the caller's (`ToolSpecification`).
    pub struct ToolSpec {
        /// Its name.
        "name" => name: String,
        /// What it does, for the model.
        "description" => description: Option<String>,
        /// What arguments it takes.
        "inputSchema" => input_schema: ToolInputSchema,
        /// Whether the arguments must follow the schema to the letter.
        "strict" => strict: Option<bool>,
    }
}

impl ToolSpec {
    /// A tool of this name, whose arguments follow this JSON Schema; its type must be `object`.
    pub fn new(name: impl Into<String>, input_schema: impl Into<Json>) -> Self {
        Self {
            name: name.into(),
            input_schema: ToolInputSchema::Json(input_schema.into()),
            ..Self::default()
        }
    }
}

setters! {
    ToolSpec {
        /// Says what it does.
        description: impl Into<String>,
        /// Says whether the arguments must follow the schema to the letter.
        strict: bool,
    }
}

union! {
    /// What arguments a tool takes.
    pub enum ToolInputSchema {
        /// A JSON Schema.
        "json" => Json(Json),
    }
}

object! {
    /// A tool that runs at Bedrock's side, such as `nova_grounding`.
    pub struct SystemTool {
        /// Its name.
        "name" => name: String,
    }
}

impl SystemTool {
    /// The tool of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
