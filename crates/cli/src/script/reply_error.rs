use std::io;
use std::path::PathBuf;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::EncodeEventError;
use bedrock_stream_testkit::{ParseTimesError, RefusalKind, UnknownFault};

use super::place::Place;

/// What is wrong with a part of a script.
pub(super) struct Wrong {
    pub(super) place: Place,
    /// The members that lead there, each with a dot before it.
    pub(super) at: String,
    pub(super) error: ReplyError,
}

/// What is wrong with a reply of a script.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplyError {
    #[error("the list has no reply")]
    NoReplies,
    #[error("it needs \"when\"")]
    WithoutCondition,
    #[error("a reply has no such member; its members are {MEMBERS}")]
    UnknownMember,
    #[error("it cannot be combined with {beside:?}: a reply is an answer, events, a recording or a refusal")]
    Beside { beside: String },
    #[error("it needs \"refuse\"")]
    WithoutRefusal,
    #[error("{}", without_line(.0))]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Fault(#[from] UnknownFault),
    #[error("there is no refusal {name:?}; there are {}", refusals())]
    Refusal { name: String },
    #[error("cannot read {}: {source}", path.display())]
    Recording { path: PathBuf, source: io::Error },
    #[error("{} does not hold the times of a recording: {source}", path.display())]
    Times { path: PathBuf, source: ParseTimesError },
    #[error(
        "there is no event {name:?}; there are {EVENTS}, and exceptions such as throttlingException; any other can be sent \
             from a recording that `bedrock-stream encode` wrote"
    )]
    Event { name: String },
    #[error(transparent)]
    Encode(#[from] EncodeEventError),
    #[error("the list is empty")]
    EmptyList,
    #[error("it must be an object")]
    NoObject,
    #[error("it is not base64")]
    NoBase64,
    #[error("it needs \"text\"")]
    WithoutText,
    #[error("there is no stop reason {name:?}; there are {}", stop_reasons())]
    StopReason { name: String },
}

/// A refusal's name without `Exception`.
pub(super) fn short_name(kind: RefusalKind) -> &'static str {
    kind.name().strip_suffix("Exception").unwrap_or(kind.name())
}

fn refusals() -> String {
    RefusalKind::ALL.iter().map(|kind| short_name(*kind)).collect::<Vec<_>>().join(", ")
}

fn stop_reasons() -> String {
    StopReason::KNOWN.iter().map(StopReason::as_str).collect::<Vec<_>>().join(", ")
}

/// A JSON error without its line and column, which are relative to the member.
pub(super) fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

const MEMBERS: &str = "text, reasoning, signature, redacted, citations, tool, stop, usage; or events; or recording; or refuse, retry_after, message; and fault, when";
const EVENTS: &str =
    "messageStart, contentBlockStart, contentBlockDelta, contentBlockStop, messageStop, metadata";
