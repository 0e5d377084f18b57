use super::expected_json::ExpectedJson;
use super::json::Json;

/// An open content block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    /// Whether a chunk reported its start.
    pub(crate) started: bool,
    /// Whether a delta of another kind was reported.
    pub(crate) mismatch_reported: bool,
}

impl Block {
    /// A block whose start has a chunk of its own.
    pub(crate) fn started(kind: Kind) -> Self {
        Self { kind, started: true, mismatch_reported: false }
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
    /// Whether the arguments may lack a piece, or contain one of another call.
    pub(crate) may_lack_input: bool,
}

impl Call {
    /// `ToolCallEnd`.
    pub(crate) fn end(self, block: u32, by: EndedBy) -> ExpectedJson {
        let json = Json::read(&self.arguments);
        let (input, error) = match json {
            _ if self.may_lack_input => (ExpectedJson::text(&*self.arguments), Some("malformed")),
            Some(json) => (ExpectedJson::exact(&json), None),
            None if self.arguments.is_empty() && by != EndedBy::Other => {
                (ExpectedJson::Object(Vec::new()), None)
            }
            None if by == EndedBy::BlockStop => (ExpectedJson::text(&*self.arguments), Some("malformed")),
            None => (ExpectedJson::text(&*self.arguments), Some("truncated")),
        };
        ExpectedJson::chunk("tool_call_end")
            .with("block", ExpectedJson::Integer(block.into()))
            .with("id", ExpectedJson::text(self.id))
            .with("name", ExpectedJson::text(self.name))
            .with("input", input)
            .with_some("input_error", error.map(ExpectedJson::text))
    }
}

/// What ended a block.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum EndedBy {
    BlockStop,
    /// `messageStop` with the reason `tool_use`. The design does not say so, but then a call without arguments is
    /// complete too.
    ToolUse,
    Other,
}
