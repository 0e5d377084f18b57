//! What a request says, whatever its dialect.

mod conversation;
mod said;

pub use self::conversation::{Conversation, ToolResult};
