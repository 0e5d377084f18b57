use alloc::string::String;
use alloc::vec::Vec;

use super::content_block::ContentBlock;
use super::tool_result::{ToolResultBlock, ToolResultContent};

object! {
    /// One turn of a conversation (`Message`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{Message, ToolResultBlock};
    ///
    /// let question = Message::user("Is it raining?");
    /// let results = Message::tool_results([ToolResultBlock::new("tooluse_1", "Yes.")]);
    /// assert_eq!(question.role, results.role);
    /// ```
    pub struct Message {
        /// Its author.
        "role" => role: Role,
        /// Its content.
        "content" => content: Vec<ContentBlock>,
    }
}

impl Message {
    /// A message with these blocks.
    pub fn new(role: Role, content: impl IntoIterator<Item = ContentBlock>) -> Self {
        Self { role, content: content.into_iter().collect(), ..Self::default() }
    }

    /// A user message: text, or any other block.
    pub fn user(content: impl Into<ContentBlock>) -> Self {
        Self::new(Role::User, [content.into()])
    }

    /// An assistant message.
    pub fn assistant(content: impl Into<ContentBlock>) -> Self {
        Self::new(Role::Assistant, [content.into()])
    }

    /// Instructions in the middle of a conversation.
    pub fn system(content: impl Into<ContentBlock>) -> Self {
        Self::new(Role::System, [content.into()])
    }

    /// A user message that answers one tool call, with the call's id and the tool's result.
    pub fn tool_result(tool_use_id: impl Into<String>, content: impl Into<ToolResultContent>) -> Self {
        Self::user(ToolResultBlock::new(tool_use_id, content))
    }

    /// A user message that answers several tool calls. The results for the calls of one message must be sent back in
    /// one message.
    pub fn tool_results(results: impl IntoIterator<Item = ToolResultBlock>) -> Self {
        Self::new(Role::User, results.into_iter().map(ContentBlock::ToolResult))
    }

    /// Adds a block at the end.
    #[must_use]
    pub fn with(mut self, content: impl Into<ContentBlock>) -> Self {
        self.content.push(content.into());
        self
    }
}

/// Converts to a user message.
impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::user(text)
    }
}

/// Converts to a user message.
impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::user(text)
    }
}

string_enum! {
    /// The author of a message.
    ///
    /// ```
    /// use bedrock_stream_core::content::{Message, Role};
    ///
    /// assert_eq!(Message::user("Hello").role, Role::User);
    /// assert_eq!(Role::Assistant.as_str(), "assistant");
    /// ```
    pub enum Role {
        /// The user.
        "user" => User,
        /// The model.
        "assistant" => Assistant,
        /// Instructions in the middle of a conversation.
        "system" => System,
    }
}
