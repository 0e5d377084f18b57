//! What a request says, whatever its dialect.

mod conversation;
mod said;
mod tool_result;

pub use self::conversation::Conversation;
pub use self::tool_result::ToolResult;
