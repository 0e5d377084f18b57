use alloc::string::String;

union! {
    /// Whether the model must call a tool, and which one.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{Request, ToolChoice, ToolSpec};
    /// use serde_json::json;
    ///
    /// let tool = ToolSpec::new("recipe", json!({"type": "object"}));
    /// let request = Request::new().user("Rice?").tool(tool).tool_choice(ToolChoice::tool("recipe"));
    /// assert!(request.to_json()?.contains(r#""toolChoice":{"tool":{"name":"recipe"}}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum ToolChoice {
        /// The model decides.
        "auto" => Auto(AutoToolChoice),
        /// The model must call at least one tool.
        "any" => Any(AnyToolChoice),
        /// The model must call this tool.
        "tool" => Tool(SpecificToolChoice),
    }
}

impl ToolChoice {
    /// The model decides.
    #[must_use]
    pub fn auto() -> Self {
        Self::Auto(AutoToolChoice::default())
    }

    /// The model must call at least one tool.
    #[must_use]
    pub fn any() -> Self {
        Self::Any(AnyToolChoice::default())
    }

    /// The model must call the tool with this name.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::Tool(SpecificToolChoice { name: name.into(), ..SpecificToolChoice::default() })
    }
}

object! {
    /// The model decides whether to call tools. It has no members yet.
    pub struct AutoToolChoice {}
}

object! {
    /// The model must call at least one tool. It has no members yet.
    pub struct AnyToolChoice {}
}

object! {
    /// The model must call this tool.
    pub struct SpecificToolChoice {
        /// Its name.
        "name" => name: String,
    }
}
