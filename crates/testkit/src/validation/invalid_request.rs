use std::fmt;

use bedrock_stream_core::converse::{Constraint, ConstraintViolation};

/// Why Bedrock would refuse the body of a request. Each becomes a `ValidationException`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The body is not JSON.
    #[error("The request body is not JSON: {reason}.")]
    NotJson {
        /// What is wrong, and where.
        reason: String,
    },
    /// A member has a value of the wrong type.
    #[error("The request body does not fit the operation: {reason}.")]
    Shape {
        /// What is wrong, and where.
        reason: String,
    },
    /// An unknown member. Only a strict fake refuses it; Bedrock ignores it.
    #[error("extraneous key [{name}] is not permitted at {at}")]
    UnknownMember {
        /// Where: `messages[0].content[0]`; empty at the top.
        at: String,
        /// The member's name.
        name: String,
    },
    /// A union has none of the members that it may have.
    #[error("The {shape} object at {at} must set one of the following keys: {}.", keys.join(", "))]
    EmptyUnion {
        /// What kind of object: `ContentBlock`.
        shape: &'static str,
        /// Where: `messages.0.content.0`.
        at: String,
        /// The members.
        keys: Vec<&'static str>,
    },
    /// A message has an unknown role.
    #[error("The role {role:?} of the message at messages[{message}] is none of user, assistant, system.")]
    UnknownRole {
        /// Which message, counted from 0.
        message: usize,
        /// The role.
        role: String,
    },
    /// There are no messages, and no prompt variables.
    #[error("{FIRST_NOT_USER}")]
    NoMessages,
    /// A message has more tool results than the one before it has tool calls.
    #[error(
        "The number of toolResult blocks at messages.{message}.content exceeds the number of toolUse blocks of previous \
         turn."
    )]
    TooManyToolResults {
        /// Which message, counted from 0.
        message: usize,
    },
    /// A message lacks results for tool calls in the one before it.
    #[error("Expected toolResult blocks at messages.{message}.content for the following Ids: {}", ids.join(", "))]
    MissingToolResults {
        /// Which message, counted from 0.
        message: usize,
        /// The ids of the calls.
        ids: Vec<String>,
    },
    /// The output schema is not JSON.
    #[error("The text at outputConfig.textFormat.structure.jsonSchema.schema is not JSON: {reason}.")]
    OutputSchema {
        /// What is wrong, and where in the text.
        reason: String,
    },
    /// A violation that [`Request::lint`](bedrock_stream_core::converse::Request::lint) finds.
    #[error("{}", Sentence(.0))]
    ConstraintViolation(ConstraintViolation),
}

/// A violation in Bedrock's own words, if such a refusal was recorded.
struct Sentence<'a>(&'a ConstraintViolation);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConstraintViolation { path, reason, .. } = self.0;
        let within = |member: &str| path.strip_suffix(member).filter(|_| path.starts_with("messages"));
        match (reason, within(".content"), within(".text")) {
            (Constraint::FirstNotUser, _, _) => f.write_str(FIRST_NOT_USER),
            (Constraint::RoleRepeated, _, _) => f.write_str(ROLE_REPEATED),
            (Constraint::ToolConfigMissing, _, _) => f.write_str(TOOL_CONFIG_MISSING),
            (Constraint::Empty, Some(message), _) => write!(
                f,
                "The content field in the Message object at {message} is empty. Add a ContentBlock object to the \
                 content field and try again."
            ),
            (Constraint::Blank, _, Some(block)) => write!(
                f,
                "The text field in the ContentBlock object at {block} is blank. Add text to the text field, and try \
                 again."
            ),
            _ => self.0.fmt(f),
        }
    }
}

const FIRST_NOT_USER: &str = "A conversation must start with a user message. Try again with a conversation that \
                              starts with a user message.";
const ROLE_REPEATED: &str = "A conversation must alternate between user and assistant roles. Make sure the conversation \
                             alternates between user and assistant roles and try again.";
const TOOL_CONFIG_MISSING: &str =
    "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
