//! Tools that are added or removed in the middle of a conversation.

use alloc::string::String;

object! {
    /// A tool may be used from here on (`ToolAdditionBlock`).
    pub struct ToolAdditionBlock {
        /// The tool.
        "tool" => tool: ToolReference,
    }
}

impl ToolAdditionBlock {
    /// Allows the use of this tool.
    #[must_use]
    pub fn new(tool: ToolReference) -> Self {
        Self { tool, ..Self::default() }
    }
}

object! {
    /// A tool may no longer be used from here on (`ToolRemovalBlock`).
    pub struct ToolRemovalBlock {
        /// The tool.
        "tool" => tool: ToolReference,
    }
}

impl ToolRemovalBlock {
    /// Ends the use of this tool.
    #[must_use]
    pub fn new(tool: ToolReference) -> Self {
        Self { tool, ..Self::default() }
    }
}

object! {
    /// A reference to a tool by name (`ToolReference`).
    pub struct ToolReference {
        /// What kind of tool it is.
        "type" => kind: Option<String>,
        /// Its name.
        "name" => name: Option<String>,
        /// The server that provides it.
        "serverName" => server_name: Option<String>,
    }
}

impl ToolReference {
    /// A reference to the tool with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

setters! {
    ToolReference {
        /// Sets what kind of tool it is.
        kind: impl Into<String>,
        /// Sets the server that provides it.
        server_name: impl Into<String>,
    }
}
