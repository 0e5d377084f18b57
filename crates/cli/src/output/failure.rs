use std::fmt;

use bedrock_stream_core::answer::{Error, Incomplete, Response, SkippedEvent, StreamPosition, Tail};
use bedrock_stream_core::json::Json;
use bedrock_stream_core::{ErrorKind, frame};
use bedrock_stream_reqwest::Error as HttpError;
use serde::{Serialize, Serializer};

use crate::advice::advice;

/// What went wrong, as a line among the results: `{"failure":{"kind":"..","message":"..",..}}`.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Box<Kind>,
    message: String,
    /// Where in the stream the message of a spoiled event starts.
    offset: Option<u64>,
    request_id: Option<String>,
    /// What a person can do about it.
    advice: Option<&'static str>,
    partial: Option<Json>,
}

/// The kinds, with the members that each has. A payload is shown as text: what is not UTF-8 reads as U+FFFD.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Kind {
    PreludeChecksum {
        offset: u64,
        wire: u32,
        computed: u32,
    },
    MessageChecksum {
        offset: u64,
        wire: u32,
        computed: u32,
    },
    Length {
        offset: u64,
        total: u32,
        headers: u32,
    },
    TooLong {
        offset: u64,
        need: u32,
        limit: u32,
    },
    Header {
        offset: u64,
        at: u32,
    },
    Truncated {
        offset: u64,
        have: u32,
        need: u32,
    },
    Message {},
    Payload {
        event_type: String,
        payload: String,
    },
    Unexpected {
        event: Json,
    },
    Incomplete {
        position: &'static str,
        open_blocks: Vec<u32>,
        /// Where in a message the stream ended, if it ended in one.
        #[serde(flatten)]
        within: Option<Within>,
    },
    #[serde(rename_all = "camelCase")]
    Exception {
        exception: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        original_status_code: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        original_message: Option<String>,
        payload: String,
    },
    /// An exception too: an `error` message, which has a code where an exception has a name.
    UnmodeledError {
        code: Option<String>,
    },
    Refusal {
        status: u16,
        code: Option<String>,
    },
    Transport {},
    Timeout {},
    Interrupted {},
    Input {
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
    },
}

#[derive(Debug, Serialize)]
struct Within {
    offset: u64,
    have: u32,
    need: u32,
}

impl Failure {
    /// A file that cannot be read, or is not what it should be; `message` names it.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self::new(Kind::Input { line: None }, message)
    }

    /// The same, in a line of it, counted from 1.
    pub(crate) fn input_line(line: u64, message: impl fmt::Display) -> Self {
        Self::new(Kind::Input { line: Some(line) }, message)
    }

    /// No connection, or none of the means to make one.
    pub(crate) fn transport(message: impl fmt::Display) -> Self {
        Self::new(Kind::Transport {}, message)
    }

    /// Ctrl-C came before the end of the answer.
    pub(crate) fn interrupted(message: impl fmt::Display) -> Self {
        Self::new(Kind::Interrupted {}, message)
    }

    /// With the place of the message whose event is spoiled: where in the stream it starts.
    pub(crate) fn with_offset(mut self, offset: u64) -> Self {
        self.message = format!("at byte {offset}, {}", self.message);
        self.offset = Some(offset);
        self
    }

    /// With the part of the answer that had arrived.
    pub(crate) fn with_partial(mut self, response: &Response) -> Self {
        self.partial = Json::from_value(response).ok();
        self
    }

    /// The same as what broke the rest of an answer that was complete before.
    pub(crate) fn into_tail(self) -> Tail {
        Tail::new(self.kind.word(), self.message)
    }

    /// What a person can do about it, if that is not said already.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.advice
    }

    /// One sentence for a person.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn new(kind: Kind, message: impl fmt::Display) -> Self {
        Self {
            kind: Box::new(kind),
            message: message.to_string(),
            offset: None,
            request_id: None,
            advice: None,
            partial: None,
        }
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            failure: Members<'a>,
        }
        #[derive(Serialize)]
        struct Members<'a> {
            kind: ErrorKind,
            message: &'a str,
            #[serde(flatten)]
            members: &'a Kind,
            #[serde(skip_serializing_if = "Option::is_none")]
            offset: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            advice: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            partial: Option<&'a Json>,
        }
        let Self { kind, message, offset, request_id, advice, partial } = self;
        let failure = Members {
            kind: kind.word(),
            message,
            members: kind,
            offset: *offset,
            request_id: request_id.as_deref(),
            advice: *advice,
            partial: partial.as_ref(),
        };
        Line { failure }.serialize(serializer)
    }
}

impl Kind {
    const fn word(&self) -> ErrorKind {
        match self {
            Self::PreludeChecksum { .. } => ErrorKind::PreludeChecksum,
            Self::MessageChecksum { .. } => ErrorKind::MessageChecksum,
            Self::Length { .. } => ErrorKind::Length,
            Self::TooLong { .. } => ErrorKind::TooLong,
            Self::Header { .. } => ErrorKind::Header,
            Self::Truncated { .. } => ErrorKind::Truncated,
            Self::Message {} => ErrorKind::Message,
            Self::Payload { .. } => ErrorKind::Payload,
            Self::Unexpected { .. } => ErrorKind::Unexpected,
            Self::Incomplete { .. } => ErrorKind::Incomplete,
            Self::Exception { .. } | Self::UnmodeledError { .. } => ErrorKind::Exception,
            Self::Refusal { .. } => ErrorKind::Refusal,
            Self::Transport {} => ErrorKind::Transport,
            Self::Timeout {} => ErrorKind::Timeout,
            Self::Interrupted {} => ErrorKind::Interrupted,
            Self::Input { .. } => ErrorKind::Input,
        }
    }
}

impl From<&frame::Error> for Failure {
    fn from(error: &frame::Error) -> Self {
        let kind = match *error {
            frame::Error::PreludeChecksum { offset, wire, computed, .. } => {
                Kind::PreludeChecksum { offset, wire, computed }
            }
            frame::Error::MessageChecksum { offset, wire, computed } => {
                Kind::MessageChecksum { offset, wire, computed }
            }
            frame::Error::Length { offset, total, headers, .. } => Kind::Length { offset, total, headers },
            frame::Error::TooLong { offset, len, limit } => Kind::TooLong { offset, need: len, limit },
            frame::Error::Header { offset, at, .. } => Kind::Header { offset, at },
            frame::Error::Truncated { offset, have, need } => Kind::Truncated { offset, have, need },
            // Of a kind that this program does not know yet: the sentence says what it is.
            _ => Kind::Message {},
        };
        Self::new(kind, error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let kind = match error {
            Error::Frame(error) => return error.into(),
            Error::Skipped(SkippedEvent::Payload { event, payload, .. }) => {
                Kind::Payload { event_type: event.clone(), payload: lossy(payload) }
            }
            Error::Skipped(SkippedEvent::Unexpected { event, .. }) => {
                Kind::Unexpected { event: event.clone() }
            }
            Error::Incomplete(incomplete) => Kind::incomplete(incomplete),
            Error::Exception(exception) => Kind::Exception {
                exception: exception.name.clone(),
                original_status_code: exception.original_status_code,
                original_message: exception.original_message.clone(),
                payload: lossy(&exception.payload),
            },
            Error::UnmodeledError(error) => Kind::UnmodeledError { code: error.code.clone() },
            // The rest of the spoiled events is messages that do not say what they are.
            _ => Kind::Message {},
        };
        Self::new(kind, error)
    }
}

impl Failure {
    /// What went wrong with a request; `by_proxy`: whether it was to go through a proxy that the environment names.
    pub(crate) fn of_request(error: &HttpError, by_proxy: bool) -> Self {
        let kind = match error {
            HttpError::Frame { error: cause, .. } => *Self::from(cause).kind,
            HttpError::Stream { error: cause, .. } => *Self::from(&**cause).kind,
            HttpError::Refused(refusal) => {
                Kind::Refusal { status: refusal.status.as_u16(), code: refusal.code.clone() }
            }
            // It is the answer's status that makes the next reader look twice.
            HttpError::UnexpectedBody(_) => Kind::Refusal { status: 200, code: None },
            HttpError::Deadline { .. } => Kind::Timeout {},
            _ => Kind::Transport {},
        };
        let request_id = error.request_id().map(str::to_owned);
        Self { request_id, advice: advice(error, by_proxy), ..Self::new(kind, error.with_causes()) }
    }
}

impl From<&HttpError> for Failure {
    fn from(error: &HttpError) -> Self {
        Self::of_request(error, false)
    }
}

impl Kind {
    fn incomplete(incomplete: &Incomplete) -> Self {
        let within = match incomplete.position {
            StreamPosition::InsideMessage(frame::Error::Truncated { offset, have, need }) => {
                Some(Within { offset, have, need })
            }
            _ => None,
        };
        let position = match incomplete.position {
            StreamPosition::BeforeStart => "before_start",
            StreamPosition::InsideBlocks => "inside_blocks",
            StreamPosition::BeforeMessageStop => "before_message_stop",
            StreamPosition::InsideMessage(_) => "inside_message",
            _ => "unknown",
        };
        Self::Incomplete { position, open_blocks: incomplete.open_blocks.clone(), within }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
