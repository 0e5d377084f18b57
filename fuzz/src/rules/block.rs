use super::json::Json;
use super::tree::Tree;

/// An open content block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    /// Whether a chunk said that it begins.
    pub(crate) begun: bool,
    /// Whether a delta of another kind was told.
    pub(crate) misplaced_told: bool,
}

impl Block {
    /// A block whose start is told by a chunk of its own.
    pub(crate) fn begun(kind: Kind) -> Self {
        Self { kind, begun: true, misplaced_told: false }
    }
}

#[derive(Debug, Default)]
pub(crate) enum Kind {
    /// A block without a start of its own.
    #[default]
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
    /// `ToolCallEnd`.
    pub(crate) fn end(self, block: u32, by: EndedBy) -> Tree {
        let json = Json::read(&self.arguments);
        let (input, error) = match json {
            _ if self.doubtful => (Tree::text(&*self.arguments), Some("malformed")),
            Some(json) => (Tree::exact(&json), None),
            None if self.arguments.is_empty() && by != EndedBy::Other => (Tree::Object(Vec::new()), None),
            None if by == EndedBy::BlockStop => (Tree::text(&*self.arguments), Some("malformed")),
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

/// What ended a block.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum EndedBy {
    BlockStop,
    /// `messageStop` with the reason `tool_use`. The design is silent: a call without arguments is whole then, too.
    ToolUse,
    Other,
}
