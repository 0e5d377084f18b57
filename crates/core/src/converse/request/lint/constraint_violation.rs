use alloc::string::String;

/// Something in a request that Bedrock is known to refuse.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: {reason}")]
#[non_exhaustive]
pub struct ConstraintViolation {
    /// Where it stands in the request's JSON, such as `messages[2].content[0].toolResult.toolUseId`.
    pub path: String,
    /// What is wrong with it.
    pub reason: Constraint,
}

/// Why Bedrock refuses a part of a request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Constraint {
    /// A member that the API requires is not there.
    #[error("it is required")]
    Missing,
    /// A union has no member, or several.
    #[error("it must have exactly one member, not {members}")]
    NotOneMember {
        /// How many it has.
        members: usize,
    },
    /// A text is nothing but white space.
    #[error("its text is blank")]
    Blank,
    /// A text, a list or a blob has nothing in it.
    #[error("it must not be empty")]
    Empty,
    /// A text has too many characters.
    #[error("it has {length} characters, and may have {max}")]
    TooLong {
        /// How many it has.
        length: usize,
        /// How many it may have.
        max: usize,
    },
    /// A list or a map has too many items.
    #[error("it has {count} items, and may have {max}")]
    TooMany {
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
    /// A text has a character that may not stand in it.
    #[error("`{character}` may not stand in it, only {allowed}")]
    Character {
        /// The first such character.
        character: char,
        /// What may stand in it, for a person.
        allowed: &'static str,
    },
    /// A document's name has white space after white space.
    #[error("it has more than one white space character in a row")]
    ConsecutiveWhitespace,
    /// A number is outside its range.
    #[error("it is {value}, and must be from {min} to {max}")]
    OutOfRange {
        /// The number.
        value: f64,
        /// The least it may be.
        min: f64,
        /// The most it may be.
        max: f64,
    },
    /// A number is 0 and must be at least 1.
    #[error("it must be at least 1")]
    Zero,
    /// The conversation starts with a message of the model's.
    #[error("a conversation must start with a user message")]
    FirstNotUser,
    /// Two messages of the same role follow each other.
    #[error("user and assistant messages must alternate")]
    RoleRepeated,
    /// The messages hold tool calls or results, and the request has no `toolConfig`.
    #[error("it is required, because the messages hold tool calls or tool results")]
    ToolConfigMissing,
    /// A tool's result answers no call of the message before.
    #[error("no tool call of the message before has this id")]
    AnswersNoToolUse,
    /// The next message has no result for a tool call.
    #[error("the next message must hold a result for this tool call")]
    Unanswered,
    /// Two tool calls, or two results, of one message have the same id.
    #[error("content[{first}] of the same message has this id already")]
    DuplicateId {
        /// The index of the block that had it first.
        first: usize,
    },
    /// Two tools have the same name.
    #[error("tools[{first}] has this name already")]
    DuplicateToolName {
        /// The index of the tool that had it first.
        first: usize,
    },
    /// Two documents have the same name.
    #[error("another document has this name already")]
    DuplicateDocumentName,
    /// A message with a document has no text.
    #[error("a message with a document must hold a text too")]
    DocumentWithoutText,
    /// A cache point's entry lives longer than that of one before it; one that does not say lives for five minutes.
    #[error(
        "it must not be longer than that of {after}: what lives longest comes first, in the order tools, system, messages"
    )]
    LongerCacheTtl {
        /// Where the first of those with a shorter life stands, such as `system[1].cachePoint`.
        after: String,
    },
    /// A failed tool's result says nothing.
    #[error("it must not be empty when the status is error")]
    EmptyError,
    /// Free JSON is no object.
    #[error("it must be a JSON object")]
    NotAnObject,
    /// The root of a tool's schema has another type than `object`, or none.
    #[error("a tool's schema must have the type `object`")]
    SchemaNotObject,
    /// A tool call's arguments arrived broken; see [`ToolInput`](crate::converse::ToolInput).
    #[error("the arguments are not JSON")]
    MalformedInput,
}
