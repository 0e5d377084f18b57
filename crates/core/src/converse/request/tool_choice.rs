use alloc::string::String;

union! {
    /// Whether the model must call a tool, and which.
    pub enum ToolChoice {
        /// As it likes.
        "auto" => Auto(AutoToolChoice),
        /// At least one.
        "any" => Any(AnyToolChoice),
        /// This one.
        "tool" => Tool(SpecificToolChoice),
    }
}

impl ToolChoice {
    /// As it likes.
    #[must_use]
    pub fn auto() -> Self {
        Self::Auto(AutoToolChoice::default())
    }

    /// At least one.
    #[must_use]
    pub fn any() -> Self {
        Self::Any(AnyToolChoice::default())
    }

    /// The tool of this name.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::Tool(SpecificToolChoice { name: name.into(), ..SpecificToolChoice::default() })
    }
}

object! {
    /// The model calls tools as it likes. It has no members yet.
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
