use alloc::string::String;
use alloc::vec::Vec;

use super::tool_choice::ToolChoice;
use crate::content::CachePointBlock;
use crate::json::Json;

object! {
    /// The tools that the model may call (`ToolConfiguration`).
    ///
    /// ```
    /// use bedrock_stream_core::content::CachePointBlock;
    /// use bedrock_stream_core::converse::{Request, ToolChoice, ToolConfig, ToolSpec};
    /// use serde_json::json;
    ///
    /// let weather = ToolSpec::new("weather", json!({"type": "object"})).description("The weather in a city.");
    /// let tools = ToolConfig::new([weather]).tool(CachePointBlock::new()).tool_choice(ToolChoice::any());
    /// let mut request = Request::new().user("Do I need an umbrella?");
    /// request.tool_config = Some(tools);
    /// assert!(request.lint().is_empty());
    /// ```
    pub struct ToolConfig {
        /// The tools.
        "tools" => tools: Vec<Tool>,
        /// Whether the model must call a tool, and which one.
        "toolChoice" => tool_choice: Option<ToolChoice>,
    }
}

impl ToolConfig {
    /// A configuration with these tools.
    pub fn new<T: Into<Tool>>(tools: impl IntoIterator<Item = T>) -> Self {
        Self { tools: tools.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a tool, or a cache point after the tools added so far.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tools.push(tool.into());
        self
    }
}

setters! {
    ToolConfig {
        /// Sets whether the model must call a tool, and which one.
        tool_choice: ToolChoice,
    }
}

union! {
    /// A tool, or a cache point between tools.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{SystemTool, Tool, ToolSpec};
    ///
    /// let own: Tool = ToolSpec::new("weather", serde_json::json!({"type": "object"})).into();
    /// let at_bedrock: Tool = SystemTool::new("nova_grounding").into();
    /// assert!(matches!((own, at_bedrock), (Tool::Spec(_), Tool::System(_))));
    /// ```
    pub enum Tool {
        /// One of the caller's tools.
        "toolSpec" => Spec(ToolSpec),
        /// A tool that Bedrock runs.
        "systemTool" => System(SystemTool),
        /// Everything before it may be cached.
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
    /// One of the caller's tools (`ToolSpecification`): what the model is told about it. To run it, read the
    /// [`tool_calls`](crate::answer::Response::tool_calls) of the answer.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{Request, ToolSpec};
    /// use serde_json::json;
    ///
    /// let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    /// let weather = ToolSpec::new("weather", schema).description("The weather in a city, now.");
    /// assert_eq!(weather.name, "weather");
    /// let request = Request::new().user("Do I need an umbrella in Paris?").tool(weather);
    /// assert!(request.lint().is_empty());
    /// ```
    pub struct ToolSpec {
        /// Its name.
        "name" => name: String,
        /// A description of what it does, for the model.
        "description" => description: Option<String>,
        /// The schema of its arguments.
        "inputSchema" => input_schema: ToolInputSchema,
        /// Whether the arguments must follow the schema strictly.
        "strict" => strict: Option<bool>,
    }
}

impl ToolSpec {
    /// A tool with this name, whose arguments follow this JSON Schema. The schema's type must be `object`.
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
        /// Sets the description of what it does, for the model.
        description: impl Into<String>,
        /// Sets whether the arguments must follow the schema strictly.
        strict: bool,
    }
}

union! {
    /// The schema of a tool's arguments.
    pub enum ToolInputSchema {
        /// A JSON Schema.
        "json" => Json(Json),
    }
}

object! {
    /// A tool that Bedrock runs, such as `nova_grounding`.
    pub struct SystemTool {
        /// Its name.
        "name" => name: String,
    }
}

impl SystemTool {
    /// The tool with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
