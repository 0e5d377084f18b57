use alloc::string::String;

use super::tool_input::ToolInput;

/// The kind of a call to a custom tool, whose input is free text. Only OpenAI's dialects have such calls.
pub(crate) const CUSTOM_TOOL_CALL: &str = "custom_tool_call";

object! {
    /// A tool call (`ToolUseBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::ToolUseBlock;
    /// use serde_json::json;
    ///
    /// let call = ToolUseBlock::new("tooluse_1", "weather", json!({"city": "Paris"}));
    /// assert!(!call.runs_at_bedrock(), "it is the caller's own tool");
    /// ```
    pub struct ToolUseBlock {
        /// The call's id, which its result must name.
        "toolUseId" => tool_use_id: String,
        /// The tool's name.
        "name" => name: String,
        /// The arguments.
        "input" => input: ToolInput,
        /// `server_tool_use` for a tool that Bedrock ran; other values have been seen.
        "type" => kind: Option<String>,
    }
}

impl ToolUseBlock {
    /// A call to this tool with these arguments.
    pub fn new(tool_use_id: impl Into<String>, name: impl Into<String>, input: impl Into<ToolInput>) -> Self {
        Self { tool_use_id: tool_use_id.into(), name: name.into(), input: input.into(), ..Self::default() }
    }

    /// Whether Bedrock ran the tool. The results of such calls are in the same message; the caller does not answer
    /// them.
    #[must_use]
    pub fn runs_at_bedrock(&self) -> bool {
        self.kind.as_deref() == Some("server_tool_use")
    }
}

setters! {
    ToolUseBlock {
        /// Sets its kind, if it is not a call to one of the caller's tools.
        kind: impl Into<String>,
    }
}
