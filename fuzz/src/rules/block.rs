use super::json::Json;
use super::tree::Tree;

/// An open content block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    /// Whether a chunk said that it begins.
    pub(crate) begun: bool,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// A block that no chunk of its own starts.
    Plain,
    Tool(Call),
    ToolResult {
        id: String,
    },
    Image,
}

/// A tool call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
    /// Whether a piece of the arguments may be missing, or be another call's.
    pub(crate) doubtful: bool,
}

impl Call {
    /// `ToolCallEnd`; `stopped`: a `contentBlockStop` ended it, rather than the message.
    pub(crate) fn end(self, block: u32, stopped: bool) -> Tree {
        let json = Json::read(&self.arguments);
        let (input, error) = match json {
            _ if self.doubtful => (Tree::text(&*self.arguments), Some("malformed")),
            Some(json) => (Tree::exact(&json), None),
            None if self.arguments.is_empty() && stopped => (Tree::Object(Vec::new()), None),
            None if stopped => (Tree::text(&*self.arguments), Some("malformed")),
            None => (Tree::text(&*self.arguments), Some("truncated")),
        };
        Tree::chunk("tool_call_end")
            .with("block", Tree::Integer(block.into()))
            .with("id", Tree::text(self.id))
            .with("name", Tree::text(self.name))
            .with("input", input)
            .with_some("input_error", error.map(Tree::text))
    }
}
