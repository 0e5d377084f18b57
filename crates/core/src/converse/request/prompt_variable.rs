use alloc::string::String;

union! {
    /// The value of a prompt's variable (the union `PromptVariableValues`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{PromptVariable, Request};
    ///
    /// // For a prompt of Prompt management, whose ARN is the model id.
    /// let mut request = Request::new();
    /// let city = PromptVariable::Text("Paris".to_owned());
    /// request.prompt_variables.get_or_insert_default().insert("city".to_owned(), city);
    /// assert_eq!(request.to_json()?, r#"{"promptVariables":{"city":{"text":"Paris"}}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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
