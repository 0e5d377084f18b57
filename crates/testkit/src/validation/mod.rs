//! What of a request Bedrock would refuse.

mod shapes;

use std::fmt;

use bedrock_stream_core::converse::{Finding, Reason, Request, Role};
use serde_json::Value;

/// Why a request's body is not one that Bedrock would answer: each becomes a `ValidationException`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The body is not JSON.
    #[error("The request body is not JSON: {reason}.")]
    NotJson {
        /// What is wrong, and where.
        reason: String,
    },
    /// A member has a value of the wrong kind.
    #[error("The request body does not fit the operation: {reason}.")]
    Shape {
        /// What is wrong, and where.
        reason: String,
    },
    /// A member that the operation does not have.
    #[error("extraneous key [{name}] is not permitted at {at}")]
    UnknownMember {
        /// Where: `messages[0].content[0]`; empty at the top.
        at: String,
        /// The member's name.
        name: String,
    },
    /// A message is from nobody that there is.
    #[error("The role {role:?} of the message at messages[{message}] is none of user, assistant, system.")]
    UnknownRole {
        /// Which message, counted from 0.
        message: usize,
        /// The role.
        role: String,
    },
    /// There is no message, and no prompt to take messages from.
    #[error("{FIRST_NOT_USER}")]
    NoMessages,
    /// What [`Request::lint`] finds.
    #[error("{}", Sentence(.0))]
    Finding(Finding),
}

/// Reads a request's body as Bedrock does: strictly.
pub(crate) fn validated(body: &[u8]) -> Result<Request, InvalidRequest> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| InvalidRequest::NotJson { reason: error.to_string() })?;
    let request: Request =
        serde_json::from_slice(body).map_err(|error| InvalidRequest::Shape { reason: error.to_string() })?;
    shapes::check(&value)?;
    let messages = request.messages.as_deref().unwrap_or_default();
    if messages.is_empty() && request.prompt_variables.is_none() {
        return Err(InvalidRequest::NoMessages);
    }
    for (message, of) in messages.iter().enumerate() {
        match &of.role {
            Role::Unknown(role) if !role.is_empty() => {
                return Err(InvalidRequest::UnknownRole { message, role: role.clone() });
            }
            _ => {}
        }
    }
    match request.lint().into_iter().next() {
        Some(finding) => Err(InvalidRequest::Finding(finding)),
        None => Ok(request),
    }
}

/// A finding in Bedrock's own words, where a refusal with them was recorded.
struct Sentence<'a>(&'a Finding);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, reason, .. } = self.0;
        let within = |member: &str| path.strip_suffix(member).filter(|_| path.starts_with("messages"));
        match (reason, within(".content"), within(".text")) {
            (Reason::FirstNotUser, _, _) => f.write_str(FIRST_NOT_USER),
            (Reason::Empty, Some(message), _) => write!(
                f,
                "The content field in the Message object at {message} is empty. Add a ContentBlock object to the \
                 content field and try again."
            ),
            (Reason::Blank, _, Some(block)) => write!(
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
