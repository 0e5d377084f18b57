use alloc::string::String;

union! {
    /// The value of a prompt's variable (the union `PromptVariableValues`).
    pub enum PromptVariable {
        /// Text.
        "text" => Text(String),
    }
}

impl From<&str> for PromptVariable {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for PromptVariable {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
