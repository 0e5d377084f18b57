//! The content of a request, in any dialect.

mod conversation;
mod said;
mod tool_result;

pub use self::conversation::Conversation;
pub use self::tool_result::ToolResult;
