use std::fmt;

use bedrock_stream_core::answer::{Error, Response, Tail};
use bedrock_stream_core::json::Json;
use bedrock_stream_core::{ErrorKind, frame};
use bedrock_stream_dialects::{encode, sse};
use bedrock_stream_reqwest::Error as HttpError;
use serde::{Serialize, Serializer};

use crate::advice::advice;

/// A failure, as a line among the results: `{"failure":{"kind":"..","message":"..",..}}`. The kind and the other members
/// are those of the error.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: ErrorKind,
    message: String,
    cause: Cause,
    /// Where in the stream the message of a skipped event starts.
    offset: Option<u64>,
    /// A hint for the user.
    advice: Option<&'static str>,
    partial: Option<Json>,
}

/// The source of the members.
#[derive(Debug)]
enum Cause {
    Frame(frame::Error),
    Answer(Box<Error>),
    Request(HttpError),
    /// A server-sent event that is not whole: where it starts, and how much of it there is.
    Event {
        offset: u64,
        have: usize,
    },
    /// The line number in a file, if known.
    Line(Option<u64>),
}

impl Failure {
    /// A file that cannot be read or written, or has the wrong content; `message` names it.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Input, Cause::Line(None), message)
    }

    /// The same, with a line number, counted from 1.
    pub(crate) fn input_line(line: u64, message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Input, Cause::Line(Some(line)), message)
    }

    /// No connection, or no way to make one.
    pub(crate) fn transport(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Transport, Cause::Line(None), message)
    }

    /// Ctrl-C came before the end of the answer.
    pub(crate) fn interrupted(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Interrupted, Cause::Line(None), message)
    }

    /// Adds the offset of the message whose event was skipped.
    pub(crate) fn with_offset(mut self, offset: u64) -> Self {
        self.message = format!("at byte {offset}, {}", self.message);
        self.offset = Some(offset);
        self
    }

    /// Adds the part of the answer that had arrived.
    pub(crate) fn with_partial(mut self, response: &Response) -> Self {
        self.partial = Json::from_value(response).ok();
        self
    }

    /// Converts a failure after the end of the answer to the tail of `Done`.
    pub(crate) fn into_tail(self) -> Tail {
        Tail::new(self.kind, self.message)
    }

    /// The failure in the form that the dialect's clients receive.
    pub(crate) fn for_client(&self) -> encode::Failure {
        match &self.cause {
            Cause::Answer(error) => encode::Failure::from(&**error),
            _ => encode::Failure::new(self.kind, &*self.message),
        }
    }

    /// A hint for the user, if there is one.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.advice
    }

    /// The failure in one sentence.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The failure of a request; `by_proxy`: whether it goes through a proxy set in the environment.
    pub(crate) fn of_request(error: &HttpError, by_proxy: bool) -> Self {
        let failure = Self::new(error.kind(), Cause::Request(error.clone()), error.with_causes());
        Self { advice: advice(error, by_proxy), ..failure }
    }

    fn new(kind: ErrorKind, cause: Cause, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), cause, offset: None, advice: None, partial: None }
    }

    fn write<S: Serializer>(&self, detail: impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<T> {
            failure: T,
        }
        #[derive(Serialize)]
        struct Members<'a, T> {
            kind: ErrorKind,
            message: &'a str,
            #[serde(flatten)]
            detail: T,
            #[serde(skip_serializing_if = "Option::is_none")]
            offset: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            advice: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            partial: Option<&'a Json>,
        }
        let request_id = match &self.cause {
            Cause::Request(error) => error.request_id(),
            _ => None,
        };
        let Self { kind, message, cause: _, offset, advice, partial } = self;
        let partial = partial.as_ref();
        let failure =
            Members { kind: *kind, message, detail, offset: *offset, request_id, advice: *advice, partial };
        Line { failure }.serialize(serializer)
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line {
            #[serde(skip_serializing_if = "Option::is_none")]
            line: Option<u64>,
        }
        #[derive(Serialize)]
        struct Event {
            offset: u64,
            have: usize,
        }
        match &self.cause {
            Cause::Frame(error) => self.write(error.detail(), serializer),
            Cause::Answer(error) => self.write(error.detail(), serializer),
            // The numbers of a timeout are in its message.
            Cause::Request(_) if self.kind == ErrorKind::Timeout => {
                self.write(Line { line: None }, serializer)
            }
            Cause::Request(error) => self.write(error.detail(), serializer),
            Cause::Event { offset, have } => self.write(Event { offset: *offset, have: *have }, serializer),
            Cause::Line(line) => self.write(Line { line: *line }, serializer),
        }
    }
}

impl From<&frame::Error> for Failure {
    fn from(error: &frame::Error) -> Self {
        Self::new(error.kind(), Cause::Frame(*error), error)
    }
}

impl From<&sse::Error> for Failure {
    fn from(error: &sse::Error) -> Self {
        match *error {
            sse::Error::TooLong(too_long) => Self::from(&Error::from(too_long)),
            sse::Error::Truncated { offset, have } => {
                Self::new(error.kind(), Cause::Event { offset, have }, error)
            }
            _ => Self::new(error.kind(), Cause::Line(None), error),
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self::new(error.kind(), Cause::Answer(Box::new(error.clone())), error)
    }
}

impl From<&HttpError> for Failure {
    fn from(error: &HttpError) -> Self {
        Self::of_request(error, false)
    }
}
