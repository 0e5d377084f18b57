use alloc::string::String;

/// Something in a request that Bedrock is known to refuse.
///
/// ```
/// use bedrock_stream_core::converse::Request;
///
/// // A conversation must begin with the user.
/// let request = Request::new().assistant("Hello.");
/// for violation in request.lint() {
///     println!("{violation}");
/// }
/// assert!(!request.lint().is_empty());
/// assert!(Request::new().user("Hello").lint().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: {reason}")]
#[non_exhaustive]
pub struct ConstraintViolation {
    /// Its path in the request's JSON, such as `messages[2].content[0].toolResult.toolUseId`.
    pub path: String,
    /// What is wrong with it.
    pub reason: Constraint,
}

/// Why Bedrock refuses a part of a request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Constraint {
    /// A required member is missing.
    #[error("it is required")]
    Missing,
    /// A union has no member or several.
    #[error("it must have exactly one member, not {members}")]
    #[non_exhaustive]
    NotOneMember {
        /// The number found.
        members: usize,
    },
    /// A text is only white space.
    #[error("its text is blank")]
    Blank,
    /// A text, a list or a blob is empty.
    #[error("it must not be empty")]
    Empty,
    /// A text has too many characters.
    #[error("it has {length} characters, but at most {max} are allowed")]
    #[non_exhaustive]
    TooLong {
        /// The number found.
        length: usize,
        /// The maximum.
        max: usize,
    },
    /// A list or a map has too many items.
    #[error("it has {count} items, but at most {max} are allowed")]
    #[non_exhaustive]
    TooMany {
        /// The number found.
        count: usize,
        /// The maximum.
        max: usize,
    },
    /// A text has a character that is not allowed.
    #[error("it contains `{character}`, but only {allowed} are allowed")]
    #[non_exhaustive]
    Character {
        /// The first such character.
        character: char,
        /// The allowed characters, in words.
        allowed: &'static str,
    },
    /// A document's name has consecutive white space.
    #[error("it has more than one white space character in a row")]
    ConsecutiveWhitespace,
    /// A number is outside its range.
    #[error("it is {value}, but must be from {min} to {max}")]
    #[non_exhaustive]
    OutOfRange {
        /// The number.
        value: f64,
        /// The minimum.
        min: f64,
        /// The maximum.
        max: f64,
    },
    /// A number is 0 and must be at least 1.
    #[error("it must be at least 1")]
    Zero,
    /// The conversation starts with an assistant message.
    #[error("a conversation must start with a user message")]
    FirstNotUser,
    /// Two messages of the same role follow each other.
    #[error("user and assistant messages must alternate")]
    RoleRepeated,
    /// The messages contain tool calls or results, but the request has no `toolConfig`.
    #[error("it is required, because the messages contain tool calls or tool results")]
    ToolConfigMissing,
    /// A tool result answers no call of the previous message.
    #[error("no tool call of the previous message has this id")]
    AnswersNoToolUse,
    /// The next message has no result for a tool call, or there is none.
    #[error("the next message must contain a result for this tool call")]
    Unanswered,
    /// Two tool calls, or two results, of one message have the same id.
    #[error("content[{first}] of the same message already has this id")]
    #[non_exhaustive]
    DuplicateId {
        /// The index of the block that had it first.
        first: usize,
    },
    /// Two tools have the same name.
    #[error("tools[{first}] already has this name")]
    #[non_exhaustive]
    DuplicateToolName {
        /// The index of the tool that had it first.
        first: usize,
    },
    /// Two documents have the same name.
    #[error("another document already has this name")]
    DuplicateDocumentName,
    /// A message with a document has no text.
    #[error("a message with a document must also have text")]
    DocumentWithoutText,
    /// A cache point has a longer time to live than one before it; the default is five minutes.
    #[error(
        "it must not be longer than that of {after}: in the order tools, system, messages, longer ones come first"
    )]
    #[non_exhaustive]
    LongerCacheTtl {
        /// The path of the first cache point with a shorter time to live, such as `system[1].cachePoint`.
        after: String,
    },
    /// The result of a failed tool is empty.
    #[error("it must not be empty when the status is error")]
    EmptyError,
    /// Free-form JSON is not an object.
    #[error("it must be a JSON object")]
    NotAnObject,
    /// The root of a tool's schema does not have the type `object`.
    #[error("a tool's schema must have the type `object`")]
    SchemaNotObject,
    /// A tool call's arguments are malformed or truncated; see [`ToolInput`](crate::content::ToolInput).
    #[error("the arguments are not JSON")]
    MalformedInput,
}

constructors! {
    impl Constraint {
        not_one_member => NotOneMember { members: usize },
        too_long => TooLong { length: usize, max: usize },
        too_many => TooMany { count: usize, max: usize },
        character => Character { character: char, allowed: &'static str },
        out_of_range => OutOfRange { value: f64, min: f64, max: f64 },
        duplicate_id => DuplicateId { first: usize },
        duplicate_tool_name => DuplicateToolName { first: usize },
        longer_cache_ttl => LongerCacheTtl { after: String },
    }
}
